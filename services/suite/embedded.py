"""Embedded mode (单机模式): Postgres of our own, three databases, all services and the front page on one port."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from services.suite import front, services
from services.suite.people import PERSONAS
from services.suite.sweeping import keep_sweeping
from services.suite.system import Surroundings, System, assembled_system
from shared.http.dev_app import dev_app
from shared.http.dev_issuer import DevIssuer
from shared.http.tokens import Verifier
from shared.runtime.clock import OffsetClock
from shared.runtime.postgres import EmbeddedPostgres
from shared.runtime.postgres_account import default_state_dir
from shared.runtime.postgres_server import ServiceDatabase, ensure_database
from shared.runtime.prepare import prepare
from shared.runtime.settings import Settings
from shared.runtime.supervisor import Supervisor, Task
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
    address = f"http://{settings.http.host}:{port}/dev"
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
        )
        async with assembled_system(services.SERVICES, databases, around) as system:
            await clock.keep_in(*(part.assembled.database for part in system.parts.values()))
            app = front.create(system)
            app.mount("/dev", dev_app(issuer, clock))
            for part in system.parts.values():
                app.mount(f"/{part.name}", part.app)
            sweeping = asyncio.Event()
            supervisor = _supervisor(system, postgres, sweeping, deliver=deliver)
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


def _supervisor(system: System, postgres: EmbeddedPostgres, sweeping: asyncio.Event, *, deliver: bool) -> Supervisor:
    tasks: dict[str, Task] = {"postgres": postgres.supervise, "sweeps": partial(keep_sweeping, system, sweeping)}
    for name, part in system.parts.items() if deliver else ():
        tasks[f"{name} relay"] = part.relay.run
        tasks[f"{name} dispatch"] = part.dispatch.run
    return Supervisor(tasks, grace=CLEAN_EXIT_SECONDS)


class QuietServer(uvicorn.Server):
    """Uvicorn without signal handlers: the process decides what Ctrl-C ends, and in which order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


class PortTaken(Exception):
    """Somebody else listens there."""


def listening(host: str, port: int) -> socket.socket:
    """A socket of ours on the port; raises PortTaken before anything else is started."""
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(2048)
    except OSError as fault:
        taken.close()
        raise PortTaken(
            f"端口 {port} 已被占用，请用 PORT=… 另选。 / Port {port} is taken; choose another with PORT=… ({fault.strerror})",
        ) from fault
    taken.setblocking(False)
    return taken


@asynccontextmanager
async def serving(app: FastAPI, listener: socket.socket) -> AsyncIterator[None]:
    """Serve `app` on `listener` until the block ends."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=3)
    server = QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            if task.done():
                await task
                raise RuntimeError("the HTTP server did not start")
            await asyncio.sleep(0.02)
        yield
    finally:
        server.should_exit = True
        await task


def stopped_by_signal() -> asyncio.Event:
    """Set when somebody asks the process to end."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    return asked


async def until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` until it ends or somebody asks the process to end; it is then cancelled, wherever it stands."""
    asked = asyncio.create_task(stopped_by_signal().wait())
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({asked, task}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
    finally:
        asked.cancel()
        task.cancel()
        await asyncio.wait({task})
