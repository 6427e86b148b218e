"""One service in processes of its own (独立进程): what an API and a worker have in common."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from shared.kernel.clock import Clock, SystemClock
from shared.runtime.assemble import Assembled, assemble
from shared.runtime.clock import OffsetClock
from shared.runtime.readiness import until_prepared
from shared.runtime.service import Service
from shared.runtime.settings import Mode, Settings
from shared.runtime.supervisor import Task
from shared.runtime.surroundings import calendar_of
from shared.vault.keys import KeyRing
from shared.vault.ring_file import load_ring

_log = structlog.get_logger("start")


@dataclass(frozen=True, slots=True)
class Node:
    """A service on its prepared database, in one of its processes."""

    assembled: Assembled
    keys: KeyRing
    clock: Clock
    app_dsn: str

    def clock_tasks(self) -> dict[str, Task]:
        """In a demo somebody turns the clock elsewhere."""
        if isinstance(self.clock, OffsetClock):
            return {"clock": partial(self.clock.follow, self.app_dsn)}
        return {}

    async def until_clock_is_right(self) -> None:
        """Return when the clock task has begun; nobody is served by a clock that stands elsewhere."""
        if isinstance(self.clock, OffsetClock):
            await self.clock.follows.wait()


@asynccontextmanager
async def node(service: Service, settings: Settings) -> AsyncIterator[Node]:
    """`service` as the settings name it, until the block ends.

    Raises BrokenRing, NotPrepared, NewerDatabase, BrokenDeclaration.
    """
    keys = load_ring(settings.key_ring)
    app_dsn = settings.database.app_dsn.get_secret_value()
    await until_prepared(app_dsn, service.name)
    clock: Clock = OffsetClock() if settings.mode is Mode.DEMO else SystemClock()
    made = assemble(
        service,
        app_dsn,
        clock=clock,
        calendar=await calendar_of(app_dsn),
        keys=keys,
        pool_size=settings.database.pool_size,
    )
    try:
        if isinstance(clock, OffsetClock):
            await clock.keep_in(made.database)
            warn_of_demo(service.name)
        yield Node(made, keys, clock, app_dsn)
    finally:
        await made.database.close()


def warn_of_demo(process: str) -> None:
    """Say once that this is no place for real data."""
    _log.warning("demo mode: whoever reaches this can be anybody and turn the clock", process=process)
