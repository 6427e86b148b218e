"""The whole system in one process: each service on its own database, its relay and dispatch, and one door for all."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from fastapi import FastAPI

from shared.db.migrate import expected_heads
from shared.db.paging import Cursors
from shared.delivery.dispatch import Dispatch
from shared.http.app import create_app
from shared.http.edge import Edge, Limits
from shared.http.tokens import Verifier
from shared.kernel.clock import Clock
from shared.messaging.pglog import PgLog
from shared.messaging.relay import Relay
from shared.parameters.workdays import WorkdayCalendar
from shared.runtime.assemble import Assembled, assemble
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.service import Service
from shared.testing.bus import Bus
from shared.vault.keys import KeyRing


@dataclass(frozen=True, slots=True)
class Part:
    """One service at work."""

    assembled: Assembled
    names: ServiceDatabase
    app: FastAPI
    relay: Relay
    dispatch: Dispatch

    @property
    def name(self) -> str:
        """The service's name and the prefix of its addresses."""
        return self.assembled.service.name


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all services of one deployment share."""

    clock: Clock
    keys: KeyRing
    verifier: Verifier
    evidence_dir: Path
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class System:
    """The services by name."""

    parts: Mapping[str, Part]

    @property
    def bus(self) -> Bus:
        """What moves the events, for tests that do not wait."""
        return Bus([part.relay for part in self.parts.values()], [part.dispatch for part in self.parts.values()])

    async def parked(self) -> int:
        """How many events wait for an operator, in all services."""
        lags = await asyncio.gather(*(part.dispatch.lag() for part in self.parts.values()))
        return sum(lag.parked for lag in lags)


@asynccontextmanager
async def assembled_system(
    services: Sequence[Service],
    databases: Mapping[str, ServiceDatabase],
    around: Surroundings,
    *,
    pool_size: int = 10,
) -> AsyncIterator[System]:
    """The services on their prepared databases; relays and dispatches are not running yet."""
    transport = PgLog({name: names.log_reader_dsn for name, names in databases.items()})
    calendar = await _calendar(databases[services[0].name])
    parts: dict[str, Part] = {}

    def wake_readers() -> None:
        for part in parts.values():
            part.dispatch.nudge()

    for service in services:
        names = databases[service.name]
        made = assemble(
            service, names.app_dsn, clock=around.clock, calendar=calendar, keys=around.keys, pool_size=pool_size
        )
        relay = Relay(service.name, names.app_dsn, around.clock, then=[wake_readers])
        dispatch = Dispatch(service.name, made.pipeline, service.reactions, transport)
        parts[service.name] = Part(made, names, create_app(service, edge_on(made, around)), relay, dispatch)
    try:
        yield System(parts)
    finally:
        for part in parts.values():
            await part.dispatch.close()
            await part.relay.close()
            await part.assembled.database.close()


def edge_on(made: Assembled, around: Surroundings) -> Edge:
    """What the door of an assembled service works with."""
    return Edge(
        pipeline=made.pipeline,
        database=made.database,
        verifier=around.verifier,
        cursors=Cursors.of(around.keys),
        evidence_dir=around.evidence_dir,
        heads=expected_heads(made.service.name),
        limits=around.limits,
    )


async def _calendar(names: ServiceDatabase) -> WorkdayCalendar:
    connection = await asyncpg.connect(names.app_dsn)
    try:
        return await WorkdayCalendar.from_connection(connection)
    finally:
        await connection.close()
