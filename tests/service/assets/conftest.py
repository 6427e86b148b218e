"""The service assets on a database of its own, in the autumn of 2023."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest_asyncio

from services.assets.service import SERVICE
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.prepare import prepare
from shared.testing.clocks import SetClock
from shared.testing.services import bench
from shared.vault.keys import KeyRing
from tests.service.assets.village import Village


@pytest_asyncio.fixture
async def village(fresh_database: Callable[..., Awaitable[ServiceDatabase]]) -> AsyncIterator[Village]:
    names = await fresh_database("assets", lambda owner_dsn: prepare(owner_dsn, SERVICE))
    clock = SetClock(datetime(2023, 11, 1, 2, tzinfo=UTC))
    async with bench(SERVICE, names, clock, KeyRing.fresh()) as it:
        yield Village(it)
