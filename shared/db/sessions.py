"""Sessions of one service's database: reading and writing are different types, and both carry the actor's scope.

The first statement of a transaction goes through SQLAlchemy and sets the scope that row-level security compares
with; only then may floor code use the driver's connection, which would otherwise run outside the transaction.
On that connection json comes decoded and goes in as text: SQLAlchemy has set its codecs.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session

from shared.kernel.actors import Actor

_SCOPE = (
    "SELECT set_config('app.actor', $1, true), set_config('app.low', $2, true), set_config('app.high', $3, true),"
    " set_config('app.scope', $4, true), set_config('lock_timeout', $5, true),"
    " set_config('transaction_read_only', $6, true)"
)


@dataclass(frozen=True, slots=True)
class ReadSession:
    """A read-only transaction within one actor's scope."""

    session: AsyncSession
    raw: asyncpg.Connection


@dataclass(frozen=True, slots=True)
class WriteSession:
    """A transaction that may change rows within one actor's scope; only the pipeline ends it."""

    session: AsyncSession
    raw: asyncpg.Connection


def scope_settings(actor: Actor) -> dict[str, str]:
    """The session settings that state what `actor` may see."""
    spans = actor.spans
    return {
        "actor": str(actor.id),
        "low": str(min((low for low, _ in spans), default=1)),
        "high": str(max((high for _, high in spans), default=0)),
        "scope": "{" + ",".join(f"[{low},{high}]" for low, high in spans) + "}",
    }


def session_settings(actor: Actor) -> dict[str, str]:
    """The same as settings of a whole session, for connections that belong to no pool."""
    return {f"app.{name}": value for name, value in scope_settings(actor).items()}


class Database:
    """One service's database, reached with the app role."""

    def __init__(self, app_dsn: str, *, pool_size: int = 8, lock_timeout: str = "5s") -> None:
        """`app_dsn`: `postgresql://…`; the pool never grows beyond `pool_size`."""
        self.app_dsn = app_dsn
        self._lock_timeout = lock_timeout
        self.engine: AsyncEngine = create_async_engine(
            app_dsn.replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=15,
            hide_parameters=True,
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)

    @asynccontextmanager
    async def read(self, actor: Actor) -> AsyncIterator[ReadSession]:
        """A read-only transaction; rolled back at the end."""
        async with self._sessions() as session:
            yield ReadSession(session, await self._enter(session, actor, read_only="on"))

    @asynccontextmanager
    async def write(self, actor: Actor) -> AsyncIterator[WriteSession]:
        """A writing transaction; what was not committed inside is rolled back."""
        async with self._sessions() as session:
            yield WriteSession(session, await self._enter(session, actor, read_only="off"))

    async def _enter(self, session: AsyncSession, actor: Actor, *, read_only: str) -> asyncpg.Connection:
        raw: asyncpg.Connection = await session.run_sync(
            _begin, (*scope_settings(actor).values(), self._lock_timeout, read_only)
        )
        assert raw.is_in_transaction(), "floor code outside the transaction would survive a rollback"
        return raw

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


def _begin(session: Session, settings: tuple[str, ...]) -> Any:
    """The first statement, with one switch to SQLAlchemy's side and back."""
    connection = session.connection()
    connection.exec_driver_sql(_SCOPE, settings)
    return connection.connection.driver_connection
