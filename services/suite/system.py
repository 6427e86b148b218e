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

    async def drain(self) -> None:
        """Number and deliver until nothing is unsent and unread."""
        quiet = 0
        while quiet < len(self.parts) + 1:
            moved = 0
            for part in self.parts.values():
                moved += await part.relay.step()
            for part in self.parts.values():
                moved += await part.dispatch.step(0)
            quiet = 0 if moved else quiet + 1

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
    parts = {
        service.name: _part(service, databases[service.name], around, calendar, transport, pool_size)
        for service in services
    }
    try:
        yield System(parts)
    finally:
        for part in parts.values():
            await part.dispatch.close()
            await part.relay.close()
            await part.assembled.database.close()


def _part(
    service: Service,
    names: ServiceDatabase,
    around: Surroundings,
    calendar: WorkdayCalendar,
    transport: PgLog,
    pool_size: int,
) -> Part:
    made = assemble(
        service, names.app_dsn, clock=around.clock, calendar=calendar, keys=around.keys, pool_size=pool_size
    )
    edge = Edge(
        pipeline=made.pipeline,
        database=made.database,
        verifier=around.verifier,
        cursors=Cursors.of(around.keys),
        evidence_dir=around.evidence_dir,
        heads=expected_heads(service.name),
        limits=around.limits,
    )
    return Part(
        assembled=made,
        names=names,
        app=create_app(service, edge),
        relay=Relay(service.name, names.app_dsn, around.clock),
        dispatch=Dispatch(service.name, made.pipeline, service.reactions, transport),
    )


async def _calendar(names: ServiceDatabase) -> WorkdayCalendar:
    connection = await asyncpg.connect(names.app_dsn)
    try:
        return await WorkdayCalendar.from_connection(connection)
    finally:
        await connection.close()
