"""Before a process of a service begins: its database answers and has the schema of this build (启动前检查)."""

import asyncio

import asyncpg
import structlog

from shared.db.migrate import applied, expected_heads, refuse_newer

_PAUSE_SECONDS = 0.5
_log = structlog.get_logger("start")


class NotPrepared(Exception):
    """The database is not there or not migrated; the message says which, Chinese first."""


async def until_prepared(app_dsn: str, service: str, *, seconds: float = 60.0) -> None:
    """Return when the database of `service` can be used.

    Raises NotPrepared when it cannot for so many seconds, and NewerDatabase at once.
    """
    expected = expected_heads(service)
    end = asyncio.get_running_loop().time() + seconds
    told = ""
    while lacks := await _lacking(app_dsn, service, expected):
        if asyncio.get_running_loop().time() > end:
            raise NotPrepared(lacks)
        if lacks != told:
            _log.warning("waiting for the database", why=lacks)
        told = lacks
        await asyncio.sleep(_PAUSE_SECONDS)


async def _lacking(app_dsn: str, service: str, expected: frozenset[str]) -> str:
    try:
        revisions = await applied(app_dsn)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
        why = f"{type(fault).__name__}: {fault}"
        return f"{service} 的数据库无法连接（{why}）。 / The database of {service} does not let us in ({why})."
    refuse_newer(service, revisions)
    if revisions == expected:
        return ""
    return (
        f"{service} 的数据库尚未升级，请先运行 python -m services.{service} migrate。 / "
        f"The database of {service} is not migrated; run python -m services.{service} migrate first."
    )
