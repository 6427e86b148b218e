"""The funds service on a fresh database with the demo's divisions, and a clock that the test sets."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio

from services.funds.service import SERVICE
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.prepare import prepare
from shared.testing.clocks import SetClock
from shared.testing.services import bench
from shared.vault.keys import KeyRing
from tests.service.funds.county import County

DIVISIONS = Path(__file__).resolve().parents[3] / "services" / "suite" / "data" / "divisions" / "demo.csv"


async def build(owner_dsn: str) -> None:
    await prepare(owner_dsn, SERVICE, divisions=[DIVISIONS])


@pytest_asyncio.fixture
async def county(fresh_database: Callable[..., Awaitable[ServiceDatabase]]) -> AsyncIterator[County]:
    """Datong in January 2023, with its own database."""
    names = await fresh_database("funds", build)
    clock = SetClock(datetime(2023, 1, 3, 2, tzinfo=UTC))
    async with bench(SERVICE, names, clock, KeyRing.fresh()) as it:
        yield County(it)
