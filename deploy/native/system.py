"""All services of the file as processes: started when their conditions are met, kept, and ended in the opposite order."""

import asyncio
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from deploy.kafka.problems import KafkaUnavailable
from deploy.native.compose import Service
from deploy.native.fields import LOOPBACK
from deploy.native.keeper import Keeper
from deploy.native.places import Places, published
from deploy.native.problems import NativeUnavailable
from deploy.native.stand_ins import stand_in
from deploy.native.state import State, Status, Told
from shared.runtime.postgres_account import PostgresUnavailable

_MET = {
    "service_started": {"starting", "running", "healthy", "done"},
    "service_healthy": {"healthy"},
    "service_completed_successfully": {"done"},
}
FRONT = "front"
_LOOK_SECONDS = 0.05


class Kept(Protocol):
    """A process of ours, or what stands for an image."""

    told: Told

    async def run(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class System:
    """The services by name, and what keeps each."""

    services: Mapping[str, Service]
    kept: Mapping[str, Kept]
    state: State
    status: Status

    @classmethod
    def of(cls, services: Mapping[str, Service], places: Places, state: State) -> "System":
        """Put everything together, nothing runs yet; raises BadCompose for what cannot be kept."""
        status = Status()
        if FRONT in services:
            status.front = f"http://{LOOPBACK}:{published(services[FRONT])}"
        kept: dict[str, Kept] = {}
        system = cls(services, kept, state, status)
        for name, service in services.items():
            kept[name] = system._kept_of(service, places)
            status.services[name] = kept[name].told
        return system

    async def run(self) -> None:
        """Start, tell when all is ready, and keep everything until a signal; raises when the start fails."""
        self.state.tell(self.status)
        asked = asyncio.create_task(_signalled())
        work = [asyncio.create_task(self._bring(name), name=name) for name in self.services]
        watch = asyncio.create_task(self._tell_ready())
        pending: set[asyncio.Task[None]] = {asked, watch, *work}
        try:
            while asked in pending and (set(work) & pending):
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in (asked, watch):
                task.cancel()
            await self._end()
            for task in work:
                task.cancel()
            await asyncio.wait(work)

    def changed(self) -> None:
        """Something is new: tell it to other commands."""
        self.state.tell(self.status)

    def _kept_of(self, service: Service, places: Places) -> Kept:
        if not service.is_ours:
            return stand_in(service, self.state.directory, self.changed)
        for volume in service.volumes.values():
            places.directory(volume).mkdir(parents=True, exist_ok=True)
        return Keeper(service, places.environment(service), self.state.log(service.name), self.changed)

    async def _bring(self, name: str) -> None:
        for other, condition in self.services[name].depends_on.items():
            await self._until(other, _MET[condition])
        await self.kept[name].run()

    async def _until(self, name: str, states: set[str]) -> None:
        while self.kept[name].told.state not in states:
            await asyncio.sleep(_LOOK_SECONDS)

    async def _tell_ready(self) -> None:
        for name, service in self.services.items():
            wanted = "done" if service.is_once else "healthy" if service.healthcheck else "running"
            await self._until(name, {wanted, "unhealthy"})
            if self.kept[name].told.state == "unhealthy":
                raise NativeUnavailable(f"{name} 启动后不健康。 / {name} does not become healthy.")
        self.status.state = "ready"
        self.changed()

    async def _end(self) -> None:
        """Stop those that nobody needs any more, then what they needed."""
        left = set(self.services)
        while left:
            wave = {name for name in left if not any(name in self.services[other].depends_on for other in left)}
            await asyncio.gather(*(self.kept[name].stop() for name in wave))
            left -= wave


async def keep(system: System) -> int:
    """Run the system in this process; the exit code. What went wrong stands in the status."""
    try:
        await system.run()
    except (NativeUnavailable, PostgresUnavailable, KafkaUnavailable, OSError) as problem:
        system.status.state, system.status.why = "failed", str(problem)
        return 1
    else:
        system.status.state = "stopped"
        return 0
    finally:
        system.state.tell(system.status)


async def _signalled() -> None:
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    await asked.wait()
