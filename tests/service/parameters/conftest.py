"""One connection as the app role, on a database with the floor's tables; each test is rolled back."""

from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest_asyncio

from shared.db.migrate import migrate
from shared.testing.postgres import Clones


async def _floor(owner_dsn: str) -> None:
    await migrate(owner_dsn, "funds", revision="floor@head")


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def connection_to_floor(template_for: Callable[..., Clones]) -> AsyncIterator[asyncpg.Connection]:
    async with template_for("funds", _floor, "floor").borrow() as database:
        connection = await asyncpg.connect(database.app_dsn)
        yield connection
        await connection.close()


@pytest_asyncio.fixture
async def connection(connection_to_floor: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    transaction = connection_to_floor.transaction()
    await transaction.start()
    yield connection_to_floor
    await transaction.rollback()
