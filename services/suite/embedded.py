"""Embedded mode (单机模式): Postgres of our own, three databases, all services and the front page on one port."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.suite import front, services
from services.suite.calm_clock import CalmClock
from services.suite.people import PERSONAS
from services.suite.system import System, assembled_system
from shared.http.dev_app import dev_app
from shared.http.dev_issuer import DevIssuer
from shared.http.tokens import Verifier
from shared.runtime.clock import OffsetClock
from shared.runtime.postgres import EmbeddedPostgres
from shared.runtime.postgres_account import default_state_dir
from shared.runtime.postgres_server import ServiceDatabase, ensure_database
from shared.runtime.prepare import prepare
from shared.runtime.settings import Mode, Settings
from shared.runtime.supervisor import Supervisor, Task
from shared.runtime.surroundings import Surroundings, limits_of
from shared.runtime.sweeping import keep_sweeping
from shared.vault.ring_file import load_or_create_ring

ROOT = Path(__file__).resolve().parents[2]
DIVISIONS = Path(__file__).parent / "data" / "divisions" / "demo.csv"
AUDIENCE = "shouwang"
CLEAN_EXIT_SECONDS = 8


def state_dir(settings: Settings) -> Path:
    """Where keys, evidence and data lie: as configured, or where the server's account can reach them."""
    configured = settings.state_dir
    return configured if configured.is_absolute() else default_state_dir(ROOT)


def issuer_of(settings: Settings, port: int) -> DevIssuer:
    """The dev issuer; its key outlives restarts, so that a token from another terminal is good."""
    key_file = state_dir(settings) / "dev-issuer.json"
    address = settings.oidc.issuer if settings.mode is Mode.DEMO else f"http://{settings.http.host}:{port}/dev"
    return DevIssuer(settings.mode, address, AUDIENCE, PERSONAS, key_file=key_file)


@dataclass(frozen=True, slots=True)
class Running:
    """The system behind its one port."""

    system: System
    app: FastAPI
    supervisor: Supervisor
    postgres: EmbeddedPostgres
    sweeping: asyncio.Event
    """Set it, and sweeps begin."""


@asynccontextmanager
async def embedded(settings: Settings, port: int, *, deliver: bool = True) -> AsyncIterator[Running]:
    """Start the server, migrate, put everything together; with `deliver`, relays and dispatches run until the end."""
    home = state_dir(settings)
    postgres = EmbeddedPostgres(home)
    try:
        databases = await _databases(postgres)
        clock = OffsetClock()
        issuer = issuer_of(settings, port)
        around = Surroundings(
            clock=clock,
            keys=load_or_create_ring(home / "keys.json"),
            verifier=Verifier(issuer.issuer, AUDIENCE, issuer.keys),
            evidence_dir=home / "evidence",
            limits=limits_of(settings.http),
        )
        async with assembled_system(services.SERVICES, databases, around) as system:
            await clock.keep_in(*(made.database for made in system.assembled.values()))
            app = front.create({name: made.database for name, made in system.assembled.items()})
            app.mount("/dev", dev_app(issuer, CalmClock(clock, system.assembled)))
            for part in system.parts.values():
                app.mount(f"/{part.name}", part.app)
            sweeping = asyncio.Event()
            supervisor = _supervisor(system, postgres, sweeping, settings.checks_hour, deliver=deliver)
            running = asyncio.create_task(supervisor.run())
            try:
                yield Running(system, app, supervisor, postgres, sweeping)
            finally:
                supervisor.stop()
                await running
    finally:
        await postgres.stop()


async def _databases(postgres: EmbeddedPostgres) -> Mapping[str, ServiceDatabase]:
    server = await postgres.start()
    names = {service.name: await ensure_database(server, service.name) for service in services.SERVICES}
    for service in services.SERVICES:
        own = names[service.name]
        await prepare(own.owner_dsn, service, log_reader=own.log_reader, divisions=[DIVISIONS])
    return names


def _supervisor(
    system: System, postgres: EmbeddedPostgres, begin: asyncio.Event, hour: int, *, deliver: bool
) -> Supervisor:
    tasks: dict[str, Task] = {"postgres": postgres.supervise}
    for name, part in system.parts.items():
        tasks[f"{name} sweeps"] = partial(keep_sweeping, part.assembled, hour, begin.wait)
        if deliver:
            tasks[f"{name} relay"] = part.relay.run
            tasks[f"{name} dispatch"] = part.dispatch.run
    return Supervisor(tasks, grace=CLEAN_EXIT_SECONDS)
