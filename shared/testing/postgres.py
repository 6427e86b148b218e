"""One PostgreSQL server per test run, and databases copied from a template that is migrated once."""

import asyncio
import contextlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from shared.runtime.postgres import EmbeddedPostgres
from shared.runtime.postgres_server import (
    Server,
    ServiceDatabase,
    close_to_others,
    ensure_database,
    external,
    service_database,
)

Build = Callable[[str], Awaitable[None]]
"""Fills an empty database, given the owner's address; runs once per test run."""

_ROOT = Path(__file__).resolve().parents[2]
_DIRECTORY = "SHOUWANG_TEST_RUN"  # the environment carries it from the first process to the workers
_FAST = {  # what a power cut would lose; tests that kill a server start their own
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "300",
}
_PATIENCE = 100  # tenths of a second
_numbers = itertools.count(1)


class RunServer:
    """The server of one test run: embedded in a directory of its own, or DATABASE_URL's."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._url = os.environ.get("DATABASE_URL")
        self._embedded = EmbeddedPostgres(directory, settings=_FAST)

    @classmethod
    def create(cls) -> "RunServer":
        """Open the run, in the process that starts and outlives the workers; the server starts when it is needed."""
        directory = Path(tempfile.mkdtemp(prefix="shouwang_test_"))
        directory.chmod(0o755)  # as root, the server's account has to enter
        os.environ[_DIRECTORY] = str(directory)
        run = cls(directory)
        run._embedded.hold()
        return run

    @classmethod
    def current(cls) -> "RunServer":
        """The run that this process belongs to."""
        return cls(Path(os.environ[_DIRECTORY]))

    @property
    def prefix(self) -> str:
        """How the run's databases and roles begin: as in production, but apart from others on a given server."""
        return self._directory.name.lower() if self._url else "shouwang"

    @asynccontextmanager
    async def server(self) -> AsyncIterator[Server]:
        """The running server, for the time of one process."""
        if self._url:
            yield await external(self._url, self._directory / "roles.json")
            return
        self._embedded.hold()
        _start_guard(self._directory)
        try:
            yield await self._embedded.start()
        finally:
            await self._embedded.stop()

    async def end(self) -> None:
        """Close the run: nothing of it stays, neither process nor file nor database."""
        os.environ.pop(_DIRECTORY, None)
        if self._url and (self._directory / "roles.json").exists():
            await _drop_all(await external(self._url, self._directory / "roles.json"), self.prefix)
        for _ in range(_PATIENCE):  # a worker, or the guard, may hold the server a moment longer
            if await self._embedded.remove():
                await asyncio.to_thread(shutil.rmtree, self._directory, ignore_errors=True)
                return
            await asyncio.sleep(0.1)


class Clones:
    """Copies of one service's database: filled once per run, copied in about a tenth of a second."""

    def __init__(
        self,
        server: Server,
        service: str,
        build: Build,
        *,
        prefix: str = "shouwang",
        variant: str = "",
    ) -> None:
        """`variant` tells templates of one service apart, when they are built differently."""
        self._server = server
        self._service = service
        self._build = build
        self._prefix = prefix
        self._template = "_".join(part for part in (prefix, service, variant) if part)

    async def fresh(self) -> ServiceDatabase:
        """A new copy; the caller drops it."""
        await self._ensure_template()
        name = f"{self._template}_{os.getpid()}_{next(_numbers)}"
        copy = await service_database(self._server, self._service, prefix=self._prefix, name=name)
        async with self._server.admin() as connection:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {self._template} OWNER {copy.owner}")
            await close_to_others(connection, copy)
        return copy

    async def drop(self, copy: ServiceDatabase) -> None:
        """Remove a copy, whoever is still connected to it."""
        async with self._server.admin() as connection:
            await connection.execute(f"DROP DATABASE IF EXISTS {copy.name} WITH (FORCE)")

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[ServiceDatabase]:
        """A copy that is dropped at the end."""
        copy = await self.fresh()
        try:
            yield copy
        finally:
            await self.drop(copy)

    async def _ensure_template(self) -> None:
        finished = "SELECT datistemplate FROM pg_database WHERE datname = $1"
        async with self._server.admin() as connection:
            if await connection.fetchval(finished, self._template):
                return
            await connection.execute("SELECT pg_advisory_lock(1, hashtext($1))", self._template)
            if await connection.fetchval(finished, self._template):
                return  # another worker was faster
            await connection.execute(f"DROP DATABASE IF EXISTS {self._template} WITH (FORCE)")
            database = await ensure_database(self._server, self._service, prefix=self._prefix, name=self._template)
            await self._build(database.owner_dsn)
            await connection.execute(f"ALTER DATABASE {self._template} IS_TEMPLATE true ALLOW_CONNECTIONS false")


async def _drop_all(server: Server, prefix: str) -> None:
    async with server.admin() as connection:
        for name in await connection.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", prefix):
            await connection.execute(f"ALTER DATABASE {name[0]} IS_TEMPLATE false")
            await connection.execute(f"DROP DATABASE {name[0]} WITH (FORCE)")
        for name in await connection.fetch("SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1)", prefix):
            await connection.execute(f"DROP ROLE {name[0]}")


def _start_guard(directory: Path) -> None:
    """A process that cleans up when this run is killed; the shell lets it go, so that it outlives us."""
    command = [sys.executable, "-m", "shared.testing.postgres_guard", str(directory)]
    subprocess.run(
        ["/bin/sh", "-c", '"$@" &', "sh", *command],
        cwd=_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=True,
    )


def guard(directory: Path) -> None:
    """Wait until no process of a run is left, then stop its server and delete its files."""
    embedded = EmbeddedPostgres(directory)
    with contextlib.suppress(FileNotFoundError):  # the run has ended well and left nothing
        embedded.wait_until_unused()
        asyncio.run(embedded.remove())
        shutil.rmtree(directory)
