"""Runs the demo: play the story through HTTP against a system started here or running elsewhere, and count."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import httpx2

from services.suite.demo import story
from services.suite.demo.client import Client, StoryBroken
from services.suite.demo.teller import Teller
from services.suite.distributed import connected
from services.suite.embedded import embedded
from services.suite.people import PERSONAS
from services.suite.settings import SuiteSettings
from services.suite.stillness import NeverStill, Tally, tally, until_still
from shared.runtime.api import supervised
from shared.runtime.assemble import Assembled
from shared.runtime.clock import OffsetClock
from shared.runtime.serving import listening, serving, stopped_by_signal

_INTERRUPTED = 130


async def play(settings: SuiteSettings, port: int, *, once: bool) -> int:
    """Start everything in this process and play the story; 0 when every step and every invariant held."""
    asked_to_stop = stopped_by_signal()
    print("守望演示：准备数据库与服务 …… / Shouwang demo: preparing the databases and services …", flush=True)
    listener = listening(settings.http.host, port)
    performance = Performance(f"http://{settings.http.host}:{port}", shows_where=not once)
    if port != settings.http.port:
        performance.option = f" PORT={port}"
    async with embedded(settings, port) as running, serving(running.app, listener):
        outcome = await performance.give(running.system.assembled, asked_to_stop)
        if outcome or once:
            return outcome
        print("Ctrl-C 停止 / stops", flush=True)
        running.sweeping.set()
        await asked_to_stop.wait()
    return 0


async def play_at(settings: SuiteSettings, target: str, *, once: bool) -> int:
    """Play the story against the system whose front is at `target`; it goes on running."""
    asked_to_stop = stopped_by_signal()
    print(f"守望演示：{target} / Shouwang demo at {target}", flush=True)
    performance = Performance(target, shows_where=not once, option=" TARGET=…")
    clock = OffsetClock()
    async with connected(settings, clock) as services, supervised({"clock": partial(clock.follow, _any(settings))}):
        return await performance.give(services, asked_to_stop)


def _any(settings: SuiteSettings) -> str:
    """A database that tells how the clock is turned: each does."""
    return next(iter(settings.app_dsns.values()))


@dataclass(slots=True)
class Performance:
    """The story told once, and the line that says how it went. Its seconds count from here."""

    base: str
    shows_where: bool
    option: str = ""
    """What `make` must be told to find it."""
    teller: Teller = field(default_factory=Teller)
    started: float = field(default_factory=monotonic)

    async def give(self, services: Mapping[str, Assembled], asked_to_stop: asyncio.Event) -> int:
        """Tell, wait until all events have arrived, count; the exit code."""
        telling = asyncio.create_task(_tell(self.teller, self.base, services))
        stopping = asyncio.create_task(asked_to_stop.wait())
        await asyncio.wait({telling, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not telling.done():
            telling.cancel()
            await asyncio.wait({telling})
            return _INTERRUPTED
        stopping.cancel()
        try:
            counted = telling.result()
        except (StoryBroken, NeverStill) as broken:
            print(f"demo failed: {broken}", flush=True)
            return 1
        if self.shows_where:
            self._where_to_look()
        return self._sum_up(counted)

    def _sum_up(self, counted: Tally) -> int:
        holds = not counted.parked and not counted.violations
        print(
            f"demo {'ok' if holds else 'failed'}: steps={self.teller.steps} commands={counted.commands}"
            f" events={counted.events} parked={counted.parked} violations={counted.violations}"
            f" seconds={round(monotonic() - self.started)}",
            flush=True,
        )
        return 0 if holds else 1

    def _where_to_look(self) -> None:
        base = self.base
        print(f"\n首页 / front page: {base}/")
        print(f"接口文档 / API docs: {base}/funds/docs  {base}/monitoring/docs  {base}/assets/docs  {base}/dev/docs")
        names = "、".join(persona.name for persona in PERSONAS)
        print(f"演示角色 / logins: make token ROLE=…{self.option}  （{names}）")


async def _tell(teller: Teller, base: str, services: Mapping[str, Assembled]) -> Tally:
    async with httpx2.AsyncClient(base_url=base, timeout=60, trust_env=False) as http:
        await story.tell(Client(http), teller)
    await until_still(services)
    return await tally(services)
