"""A database with the floor's tables and one thing to check: wells with their yield."""

from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest_asyncio

from shared.db.migrate import migrate
from shared.runtime.postgres_server import ServiceDatabase
from shared.testing.postgres import Clones


async def _build(owner_dsn: str) -> None:
    await migrate(owner_dsn, "wells", revision="floor@head")
    connection = await asyncpg.connect(owner_dsn)
    await connection.execute(
        "CREATE TABLE well(id uuid PRIMARY KEY, litres int NOT NULL, area_code bigint NOT NULL);"
        " SELECT floor_protect('well', 'rows')",
    )
    await connection.close()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def wells(template_for: Callable[..., Clones]) -> AsyncIterator[ServiceDatabase]:
    async with template_for("wells", _build).borrow() as database:
        yield database


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def app_connection(wells: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(wells.app_dsn)
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def raw(app_connection: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    """A transaction of the app role without a scope; the test enters one."""
    transaction = app_connection.transaction()
    await transaction.start()
    yield app_connection
    await transaction.rollback()
