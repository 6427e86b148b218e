"""The whole system in one process: each service on its own database, its relay and dispatch, and one door for all."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from shared.delivery.dispatch import Dispatch
from shared.http.app import create_app
from shared.messaging.pglog import PgLog
from shared.messaging.relay import Relay
from shared.runtime.assemble import Assembled, assemble
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.service import Service
from shared.runtime.surroundings import Surroundings, calendar_of, edge_on
from shared.testing.bus import Bus


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
class System:
    """The services by name."""

    parts: Mapping[str, Part]

    @property
    def bus(self) -> Bus:
        """What moves the events, for tests that do not wait."""
        return Bus([part.relay for part in self.parts.values()], [part.dispatch for part in self.parts.values()])

    @property
    def assembled(self) -> Mapping[str, Assembled]:
        """The services without what moves their events."""
        return {name: part.assembled for name, part in self.parts.items()}


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
    calendar = await calendar_of(databases[services[0].name].app_dsn)
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
