"""Checks run once a night (夜间检查): not before their hour in Shanghai, not twice, also not by two workers at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from services.funds.service import SERVICE
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.prepare import prepare
from shared.runtime.sweeping import check_by_night
from shared.testing.clocks import SetClock
from shared.testing.services import bench
from shared.vault.keys import KeyRing

pytestmark = pytest.mark.asyncio

HOUR = 2


async def _build(owner_dsn: str) -> None:
    await prepare(owner_dsn, SERVICE)


async def test_once_a_night_from_its_hour_on(fresh_database: Callable[..., Awaitable[ServiceDatabase]]) -> None:
    names = await fresh_database(SERVICE.name, _build, "by_night")
    clock = SetClock(datetime(2023, 6, 8, 17, 59, tzinfo=UTC))  # 01:59 of the 9th in Shanghai
    async with bench(SERVICE, names, clock, KeyRing.fresh()) as it:
        assert not await check_by_night(it.assembled, HOUR)
        clock.forward(seconds=60)
        assert sorted(await asyncio.gather(*(check_by_night(it.assembled, HOUR) for _ in range(2)))) == [False, True]
        clock.forward(seconds=20 * 3600)
        assert not await check_by_night(it.assembled, HOUR)
        clock.forward(seconds=4 * 3600)
        assert await check_by_night(it.assembled, HOUR)
