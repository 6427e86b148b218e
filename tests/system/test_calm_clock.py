"""The demo's clock does not turn while an event is on its way: the event would be handled on another day."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from services.assets.service import SERVICE
from services.suite.calm_clock import CalmClock
from shared.kernel.actors import SYSTEM
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id
from shared.runtime.clock import OffsetClock
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.prepare import prepare
from shared.testing.clocks import SetClock
from shared.testing.services import Bench, bench
from shared.vault.keys import KeyRing

pytestmark = pytest.mark.asyncio
DAY = 86_400
_COMMITTED = """
INSERT INTO outbox(id, topic, key, type, area_code, envelope, at)
VALUES ($1, 'assets.asset.v1', $1, 'assets.asset.registered.v1', 230606000000, '{}', '2023-11-01')"""
_SENT = "UPDATE outbox SET pos = 1, sequence = 1, published_at = '2023-11-01'"


@pytest_asyncio.fixture
async def assets(fresh_database: Callable[..., Awaitable[ServiceDatabase]]) -> AsyncIterator[Bench]:
    names = await fresh_database("assets", lambda owner_dsn: prepare(owner_dsn, SERVICE))
    async with bench(SERVICE, names, SetClock(datetime(2023, 11, 1, 2, tzinfo=UTC)), KeyRing.fresh()) as made:
        yield made


async def test_it_turns_when_nothing_is_on_its_way_and_not_before(assets: Bench) -> None:
    clock = OffsetClock()
    await clock.keep_in(assets.database)
    calm = CalmClock(clock, {"assets": assets.assembled}, patience=0.2)
    await calm.turn(DAY)
    assert (calm.seconds, clock.seconds) == (DAY, DAY)

    await written(assets, _COMMITTED, new_id())
    with pytest.raises(Unavailable, match="EVENTS_ON_THEIR_WAY"):
        await calm.turn(2 * DAY)
    assert clock.seconds == DAY

    await written(assets, _SENT)
    await calm.turn(2 * DAY)
    assert clock.seconds == 2 * DAY


async def written(assets: Bench, statement: str, *values: object) -> None:
    """What command and relay would write, and no more of it."""
    async with assets.database.write(SYSTEM) as tx:
        await tx.raw.execute(statement, *values)
        await tx.session.commit()
