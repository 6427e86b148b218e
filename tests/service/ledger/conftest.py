"""A database with the small book's ledger: one transaction that is rolled back, and sessions that commit."""

from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest_asyncio

from shared.db.sessions import Database
from shared.kernel.actors import SYSTEM
from shared.runtime.postgres_server import ServiceDatabase
from shared.testing.postgres import Clones
from tests.service.ledger.book import Within, build, enter


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def ledger(template_for: Callable[..., Clones]) -> AsyncIterator[ServiceDatabase]:
    async with template_for("book", build).borrow() as database:
        yield database


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def app_connection(ledger: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(ledger.app_dsn)
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def tx(app_connection: asyncpg.Connection) -> AsyncIterator[Within]:
    """A transaction of the app role with the whole country in scope."""
    transaction = app_connection.transaction()
    await transaction.start()
    await enter(app_connection, SYSTEM)
    yield Within(app_connection)
    await transaction.rollback()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def database(ledger: ServiceDatabase) -> AsyncIterator[Database]:
    """Sessions as the pipeline opens them; what they commit stays, so each test uses sources of its own."""
    database = Database(ledger.app_dsn, pool_size=32)
    yield database
    await database.close()
