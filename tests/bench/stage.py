"""The database server of a run: embedded, durable as in production, with settings that keep checkpoints out of a round."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import asyncpg

from shared.db.sessions import session_settings
from shared.kernel.actors import SYSTEM
from shared.runtime.postgres import EmbeddedPostgres
from shared.runtime.postgres_account import Account
from shared.runtime.postgres_binaries import find_binaries
from shared.runtime.postgres_server import Server, ServiceDatabase, ensure_database
from shared.runtime.prepare import prepare
from shared.runtime.service import Service
from tests.bench.figure import Size

SETTINGS = {
    "shared_buffers": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "track_commit_timestamp": "on",  # commit → effect is measured by the server's own clock
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A running server, a place for files, and how much to measure."""

    server: Server
    directory: Path
    size: Size

    @asynccontextmanager
    async def database(self, service: Service) -> AsyncIterator[ServiceDatabase]:
        """The migrated and prepared database of `service`, dropped at the end."""
        made = await ensure_database(self.server, service.name)
        try:
            await prepare(made.owner_dsn, service, log_reader=made.log_reader)
            yield made
        finally:
            async with self.server.admin() as connection:
                await connection.execute(f"DROP DATABASE {made.name} WITH (FORCE)")

    @asynccontextmanager
    async def system_connection(self, dsn: str) -> AsyncIterator[asyncpg.Connection]:
        """A connection that sees every area."""
        connection = await asyncpg.connect(dsn, server_settings=session_settings(SYSTEM))
        try:
            yield connection
        finally:
            await connection.close()

    @property
    def pgbench(self) -> Path | None:
        """PostgreSQL's own load generator, where the installation has it."""
        found = find_binaries(Account.choose()).program("pgbench")
        return found if found.is_file() else None


@asynccontextmanager
async def open_stage(size: Size) -> AsyncIterator[Stage]:
    """A server of this run's own; nothing of it stays."""
    directory = await asyncio.to_thread(_make_directory)
    embedded = EmbeddedPostgres(directory, settings=SETTINGS)
    try:
        yield Stage(await embedded.start(), directory, size)
    finally:
        await embedded.remove()
        await asyncio.to_thread(rmtree, directory, ignore_errors=True)


def _make_directory() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="shouwang_bench_"))
    directory.chmod(0o755)  # as root, the server's account has to enter
    return directory
