"""Migrated databases of every service: one that is only looked at, and copies to take apart."""

from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest
import pytest_asyncio

from shared.db.migrate import migrate
from shared.runtime.postgres_server import Server, ServiceDatabase
from shared.testing.postgres import Clones, RunServer
from tests.migrations.catalogue import SERVICES


@pytest.fixture(scope="session", params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def clones(template_for: Callable[..., Clones], run_server: RunServer, service: str) -> Clones:
    """Copies of a database that was migrated from nothing."""
    log_reader = f"{run_server.prefix}_log_reader"
    return template_for(service, lambda owner_dsn: migrate(owner_dsn, service, log_reader=log_reader), "migrated")


@pytest_asyncio.fixture
async def copy(clones: Clones) -> AsyncIterator[ServiceDatabase]:
    """To take apart."""
    async with clones.borrow() as names:
        yield names


@pytest_asyncio.fixture(scope="session")
async def migrated(clones: Clones) -> AsyncIterator[ServiceDatabase]:
    """To look at; nobody commits here."""
    async with clones.borrow() as names:
        yield names


@pytest_asyncio.fixture
async def admin(migrated: ServiceDatabase, postgres_server: Server) -> AsyncIterator[asyncpg.Connection]:
    """The superuser's connection, for looking at everything."""
    async with postgres_server.admin(migrated.name) as connection:
        yield connection


@pytest_asyncio.fixture
async def app(migrated: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    """The app role's connection, without any scope."""
    connection = await asyncpg.connect(migrated.app_dsn)
    yield connection
    await connection.close()
