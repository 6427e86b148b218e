"""The embedded transport: reads the log and nothing else, each source in one process, none held up by another."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import asyncpg
import pytest
import pytest_asyncio

from shared.contracts.funds import AlertClosed, IndicatorAdjusted
from shared.contracts.monitoring import RiskDetected
from shared.kernel.ids import new_id
from shared.messaging.pglog import LogSubscription, PgLog
from shared.runtime.postgres_server import Server
from shared.testing.bus import drain
from shared.testing.postgres import Clones
from tests.system.delivery_kit import World, open_world

pytestmark = [pytest.mark.asyncio, pytest.mark.commit]

TOPIC = IndicatorAdjusted.TOPIC


@pytest_asyncio.fixture
async def world(postgres_server: Server, template_for: Callable[..., Clones]) -> AsyncIterator[World]:
    async with open_world(postgres_server, template_for, consumers=()) as world:
        yield world


def subscribe(world: World, *topics: str, batch: int = 500, after: int = 0, **others: str) -> LogSubscription:
    async def resume() -> Mapping[str, int]:
        return {"funds": after}

    log = PgLog({"funds": world.funds.names.log_reader_dsn, **others}, batch=batch)
    return log.subscribe("assets", topics or (TOPIC,), resume)


async def positions(reading: LogSubscription) -> list[int]:
    """Everything up to the end, acknowledged."""
    found: list[int] = []
    while batch := await reading.receive(0):
        found += [record.pos for record in batch.records]
        await reading.ack(batch)
    return found


async def test_it_reads_on_from_where_the_consumer_stands(world: World) -> None:
    await world.count(new_id(), 7)
    await drain(world.bus())
    reading = subscribe(world, batch=3, after=2)
    assert await positions(reading) == [3, 4, 5, 6, 7]
    assert await reading.heads() == {"funds": 7}
    await reading.close()


async def test_what_is_not_acknowledged_comes_again(world: World) -> None:
    await world.count(new_id(), 2)
    await drain(world.bus())
    reading = subscribe(world)
    assert await reading.receive(0) == await reading.receive(0) is not None
    await reading.close()


async def test_events_of_other_topics_only_move_the_position(world: World) -> None:
    await world.count(new_id(), 5)
    await drain(world.bus())
    reading = subscribe(world, AlertClosed.TOPIC)
    batch = await reading.receive(0)
    assert batch is not None
    assert (batch.records, batch.upto) == ((), {"funds": 5})
    await reading.close()


async def test_a_source_is_read_by_one_process_per_consumer(world: World) -> None:
    await world.count(new_id())
    await drain(world.bus())
    first, second = subscribe(world), subscribe(world)
    assert await first.receive(0) is not None
    assert await second.receive(0) is None
    await first.close()
    assert await second.receive(5) is not None
    await second.close()


async def test_a_source_that_cannot_be_reached_holds_up_no_other(world: World) -> None:
    await world.count(new_id(), 3)
    await drain(world.bus())
    gone = world.funds.names.log_reader_dsn.replace(world.funds.names.name, "gone")
    reading = subscribe(world, TOPIC, RiskDetected.TOPIC, monitoring=gone)
    assert await positions(reading) == [1, 2, 3]
    assert await reading.heads() == {"funds": 3, "monitoring": None}
    await reading.close()


async def test_waiting_ends_soon_after_an_event_is_numbered(world: World) -> None:
    reading = subscribe(world)
    assert await reading.receive(0) is None
    waiting = asyncio.create_task(reading.receive(10))
    await world.count(new_id())
    await drain(world.bus())
    assert await asyncio.wait_for(waiting, 2) is not None
    await reading.close()


async def test_the_log_reader_may_read_the_log_and_nothing_else(world: World) -> None:
    await world.count(new_id())
    connection = await asyncpg.connect(world.funds.names.log_reader_dsn)
    assert await connection.fetch("SELECT * FROM outbox_log") == []  # nothing is visible without a scope
    for refused in ("SELECT * FROM outbox", "SELECT * FROM journal", "SELECT * FROM tally", "DELETE FROM outbox_log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(refused)
    await connection.close()


async def test_it_goes_through_a_long_log_by_its_index(world: World) -> None:
    """Row-level security makes the planner blind; a scan of everything at each look would be the end of it."""
    await world.count_many([new_id() for _ in range(100)], 30)
    await drain(world.bus())
    reading = subscribe(world, batch=50, after=2900)
    await reading.receive(0)
    connection = reading._sources[0]._connection
    assert connection is not None
    plan = await connection.fetch("EXPLAIN SELECT * FROM outbox_log WHERE pos > 2900 ORDER BY pos LIMIT 50")
    text = "\n".join(row[0] for row in plan)
    assert "Index Scan using outbox_pos_key" in text
    assert "Sort" not in text
    await reading.close()
