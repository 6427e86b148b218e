"""Runs the migrations of one service: the floor's branch and the service's own, as the owner role."""

import asyncio
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import to_tuple
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from shared.db.sessions import session_settings
from shared.kernel.actors import SYSTEM

ROOT = Path(__file__).resolve().parents[2]
_alembic_is_process_global = asyncio.Lock()


class NewerDatabase(Exception):
    """The database was migrated by a later build; this one would misread it."""


def alembic_config(service: str) -> Config:
    """Alembic's settings for `service`: floor and service are two branches of one history."""
    config = Config()
    floor = ROOT / "shared" / "migrations"
    config.set_main_option("script_location", str(floor))
    locations = [floor / "versions", ROOT / "services" / service / "migrations" / "versions"]
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(location) for location in locations if location.exists()))
    return config


def expected_heads(service: str) -> frozenset[str]:
    """The revisions that the database of `service` names when it is up to date with this build.

    One that another depends on goes without saying: its name leaves the database when the other one is applied.
    """
    directory = ScriptDirectory.from_config(alembic_config(service))
    implied = {name for version in directory.walk_revisions() for name in to_tuple(version.dependencies, default=())}
    return frozenset(directory.get_heads()) - implied


async def applied(dsn: str) -> frozenset[str]:
    """The revisions that a database names; none before its first migration. The app role may ask, too."""
    connection = await asyncpg.connect(dsn, timeout=20)
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return frozenset()
        return frozenset(
            row["version_num"] for row in await connection.fetch("SELECT version_num FROM alembic_version")
        )
    finally:
        await connection.close()


def refuse_newer(service: str, revisions: frozenset[str]) -> None:
    """Raise NewerDatabase when this build does not know one of `revisions`."""
    known = {version.revision for version in ScriptDirectory.from_config(alembic_config(service)).walk_revisions()}
    if unknown := ", ".join(sorted(revisions - known)):
        raise NewerDatabase(
            f"{service} 的数据库已由更新的版本升级（{unknown}），请使用该版本或更新的程序。 / "
            f"The database of {service} was migrated by a later build ({unknown}); run that build or a later one.",
        )


async def migrate(owner_dsn: str, service: str, *, log_reader: str = "", revision: str = "heads") -> None:
    """Bring the database of `service` to `revision`; `log_reader` names the role that may read the event log.

    Raises NewerDatabase.
    """
    refuse_newer(service, await applied(owner_dsn))
    await _with_connection(owner_dsn, service, lambda config: command.upgrade(config, revision))
    if log_reader:
        await _grant_log(owner_dsn, log_reader)


async def check(owner_dsn: str, service: str, metadata: MetaData) -> None:
    """Raise when the mapped tables differ from the migrated database."""
    await _with_connection(owner_dsn, service, command.check, metadata=metadata)


async def downgrade(owner_dsn: str, service: str, revision: str) -> None:
    """Take back migrations down to `revision`."""
    await _with_connection(owner_dsn, service, lambda config: command.downgrade(config, revision))


async def _with_connection(owner_dsn: str, service: str, act: object, metadata: MetaData | None = None) -> None:
    """The owner, too, stands behind the wall: a migration that copies rows must see them all."""
    engine = create_async_engine(
        owner_dsn.replace("postgresql://", "postgresql+asyncpg://", 1),
        connect_args={"server_settings": session_settings(SYSTEM)},
    )
    config = alembic_config(service)
    config.attributes["target_metadata"] = metadata

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        act(config)  # type: ignore[operator]

    try:
        async with _alembic_is_process_global, engine.connect() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


async def _grant_log(owner_dsn: str, log_reader: str) -> None:
    connection = await asyncpg.connect(owner_dsn)
    try:
        name = '"' + log_reader.replace('"', '""') + '"'
        await connection.execute(f"GRANT USAGE ON SCHEMA public TO {name}; GRANT SELECT ON outbox_log TO {name}")
    finally:
        await connection.close()
