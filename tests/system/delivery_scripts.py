"""Transports that misbehave on purpose: a scripted one, and one that loses acknowledgements."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from shared.messaging.transport import Batch, Record, Resume, Subscription, Transport


@dataclass
class Scripted:
    """Delivers the given batches, each again until it is acknowledged."""

    script: Sequence[Sequence[Record]]

    def subscribe(self, group: str, topics: Collection[str], resume: Resume) -> "Reading":  # noqa: ARG002  the port
        return Reading([Batch(tuple(records), {}) for records in self.script])


@dataclass
class Reading:
    batches: list[Batch]

    async def receive(self, wait: float) -> Batch | None:  # noqa: ARG002  the port
        return self.batches[0] if self.batches else None

    async def ack(self, batch: Batch) -> None:
        self.batches.remove(batch)

    async def heads(self) -> Mapping[str, int | None]:
        return {}

    def nudge(self) -> None: ...

    async def close(self) -> None: ...


class CrashedError(Exception):
    """Stands for the end of the process."""


@dataclass
class Crashing:
    """A transport under a process that dies before every n-th acknowledgement, with everything committed or not."""

    inner: Transport
    every: int
    crashes: int = 0
    acks: int = 0

    def subscribe(self, group: str, topics: Collection[str], resume: Resume) -> "CrashingReading":
        return CrashingReading(self, self.inner.subscribe(group, topics, resume))


@dataclass
class CrashingReading:
    owner: Crashing
    inner: Subscription
    seen: list[Batch] = field(default_factory=list)

    async def receive(self, wait: float) -> Batch | None:
        return await self.inner.receive(wait)

    async def ack(self, batch: Batch) -> None:
        self.owner.acks += 1
        if self.owner.acks % self.owner.every == 0:
            self.owner.crashes += 1
            raise CrashedError
        await self.inner.ack(batch)

    async def heads(self) -> Mapping[str, int | None]:
        return await self.inner.heads()

    def nudge(self) -> None:
        self.inner.nudge()

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class Held:
    """A transport under a process that falls asleep with its first batch in its hands."""

    inner: Transport
    holds: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    reading: Subscription | None = None

    def subscribe(self, group: str, topics: Collection[str], resume: Resume) -> "HeldReading":
        self.reading = self.inner.subscribe(group, topics, resume)
        return HeldReading(self, self.reading)

    async def lose_sources(self) -> None:
        """As when a process is stopped for so long that it counts as dead."""
        assert self.reading is not None
        await self.reading.close()


@dataclass
class HeldReading:
    owner: Held
    inner: Subscription

    async def receive(self, wait: float) -> Batch | None:
        batch = await self.inner.receive(wait)
        if batch is not None and not self.owner.go_on.is_set():
            self.owner.holds.set()
            await self.owner.go_on.wait()
        return batch

    async def ack(self, batch: Batch) -> None:
        await self.inner.ack(batch)

    async def heads(self) -> Mapping[str, int | None]:
        return await self.inner.heads()

    def nudge(self) -> None:
        self.inner.nudge()

    async def close(self) -> None:
        await self.inner.close()
