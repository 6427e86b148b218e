"""Killed with -9 in the middle, and a database that goes away: nothing is lost, nothing is done twice (G3, G4)."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from shared.delivery.attempt import Patience
from shared.kernel.ids import new_id
from shared.messaging.transport import Record
from shared.runtime.postgres_server import Server
from shared.runtime.supervisor import Supervisor
from shared.testing.bus import drain
from shared.testing.postgres import Clones
from tests.system import delivery_child
from tests.system.delivery_kit import TRANSPORTS, World, bootstrap_for, open_world, record

pytestmark = [pytest.mark.asyncio, pytest.mark.commit]

_AHEAD = """
SELECT count(*) FROM note LEFT JOIN delivery_key ON key = tally_id WHERE n > coalesce(last_sequence, 0)"""


@pytest_asyncio.fixture
async def world(postgres_server: Server, template_for: Callable[..., Clones]) -> AsyncIterator[World]:
    async with open_world(postgres_server, template_for) as world:
        yield world


@pytest_asyncio.fixture
async def kafka_world(
    broker: str, postgres_server: Server, template_for: Callable[..., Clones]
) -> AsyncIterator[World]:
    async with open_world(postgres_server, template_for, bootstrap=broker) as world:
        yield world


@pytest_asyncio.fixture(params=TRANSPORTS)
async def any_world(
    request: pytest.FixtureRequest, postgres_server: Server, template_for: Callable[..., Clones]
) -> AsyncIterator[World]:
    async with open_world(postgres_server, template_for, bootstrap=bootstrap_for(request)) as world:
        if world.kafka:  # as each process has it: killed and started again, it gets its partitions back
            world.kafka = replace(world.kafka, instance="worker")
        yield world


async def noted(world: World) -> int:
    (row,) = await world.assets.fetch("SELECT count(*) FROM note")
    return int(row["count"])


def lines_of(log: Path) -> list[list[str]]:
    return [line.split() for line in log.read_text().splitlines()]


async def test_a_consumer_killed_in_the_middle_of_its_batches(any_world: World) -> None:
    """T01, ten kills; effects that were committed before their progress are met again and not repeated."""
    chance, world = random.Random(1), any_world
    log = world.kafka or world.funds.names.log_reader_dsn
    tallies = [new_id() for _ in range(50)]
    await world.count_many(tallies, 40)
    await drain(world.bus())
    kills = redelivered = 0
    while kills < 10:
        before = await noted(world)
        process = delivery_child.start(delivery_child.consume, world.assets.names.app_dsn, log)
        async with asyncio.timeout(20):
            while await noted(world) == before:
                await asyncio.sleep(0.01)
        await asyncio.sleep(chance.uniform(0, 0.12))
        process.kill()
        await asyncio.to_thread(process.join)
        kills += 1
        redelivered += (await world.assets.fetch(_AHEAD))[0]["count"]
    left = 2000 - await noted(world)
    dispatch = world.dispatch(parallel=8)
    await drain(world.bus(dispatch))
    assert await world.assets.notes() == {tally: list(range(1, 41)) for tally in tallies}
    assert await world.assets.parked() == []
    assert redelivered > 0
    assert 0 < left == dispatch.counts.applied


async def test_a_relay_killed_between_sending_and_marking(world: World, tmp_path: Path) -> None:
    """T02, ten kills: every event is on the log at least once, without a gap, in the order of its key."""
    chance = random.Random(2)
    tallies = [new_id() for _ in range(10)]
    log = tmp_path / "log"
    log.touch()
    await world.count_many(tallies, 50)
    for _ in range(10):
        size = log.stat().st_size
        process = delivery_child.start(delivery_child.send, world.funds.names.app_dsn, str(log))
        async with asyncio.timeout(20):
            while log.stat().st_size == size and (await world.relay_backlog()).unsent:
                await asyncio.sleep(0.002)
        await asyncio.sleep(chance.uniform(0, 0.04))
        process.kill()
        await asyncio.to_thread(process.join)
        await world.count(tallies[0])
    process = delivery_child.start(delivery_child.send, world.funds.names.app_dsn, str(log))
    async with asyncio.timeout(20):
        while (await world.relay_backlog()).unsent:
            await asyncio.sleep(0.02)
    process.kill()
    await asyncio.to_thread(process.join)

    sent = lines_of(log)
    first: dict[int, tuple[UUID, int]] = {}
    for pos, key, sequence, _ in sent:
        first.setdefault(int(pos), (UUID(key), int(sequence)))
    assert list(first) == list(range(1, 511))
    for tally in tallies:
        in_order = [sequence for key, sequence in first.values() if key == tally]
        assert in_order == list(range(1, len(in_order) + 1))
    assert len({event_id for *_, event_id in sent}) == 510
    assert len(sent) > 510  # some came again: the window was hit


@pytest.mark.kafka
async def test_a_relay_killed_between_sending_and_marking_on_kafka(kafka_world: World) -> None:
    """T02 on the real log, ten kills."""
    chance, world = random.Random(2), kafka_world
    tallies = [new_id() for _ in range(10)]
    await world.count_many(tallies, 200)
    await world.number_all()
    for _ in range(10):
        before = (await world.relay_backlog()).unsent
        process = delivery_child.start(delivery_child.send, world.funds.names.app_dsn, world.kafka)
        async with asyncio.timeout(20):
            while before and (await world.relay_backlog()).unsent == before:
                await asyncio.sleep(0.002)
        await asyncio.sleep(chance.uniform(0, 0.03))
        process.kill()
        await asyncio.to_thread(process.join)
        await world.count_many([new_id()], 40)
    await drain(world.bus())
    sent = await world.on_the_log()
    first: dict[UUID | None, Record] = {}
    for event in sent:
        first.setdefault(event.id, event)
    assert len(first) == 10 * 200 + 10 * 40
    for key in {event.key for event in first.values()}:
        in_order = [event.sequence for event in first.values() if event.key == key]
        assert in_order == list(range(1, len(in_order) + 1))
    assert len(sent) > len(first)  # some came again: the window was hit


async def test_a_database_that_fails_for_a_while_loses_nothing(any_world: World) -> None:
    """Peers #1: what was read while the database was gone is read again, and is not taken for poison."""
    world = any_world
    tallies = [new_id() for _ in range(10)]
    await world.count_many(tallies, 30)
    await drain(world.bus())
    dispatch = world.dispatch(batch=40)
    supervisor = Supervisor({"dispatch": dispatch.run})
    running = asyncio.create_task(supervisor.run())
    async with asyncio.timeout(20):
        while await noted(world) < 60:
            await asyncio.sleep(0.005)
        await world.break_off(world.assets)
        await asyncio.sleep(0.4)
        await world.restore(world.assets)
        while (await dispatch.lag()).events:
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert dispatch.counts.retries + supervisor.health["dispatch"].restarts > 0
    assert await world.assets.notes() == {tally: list(range(1, 31)) for tally in tallies}
    assert await world.assets.parked() == []


async def test_an_outage_does_not_use_up_the_tries(world: World) -> None:
    tally = new_id()
    dispatch = world.dispatch(patience=Patience(tries=2, first_pause=0.002))
    await world.break_off(world.assets)
    handling = asyncio.create_task(dispatch._attempts.handle(record(tally, 1)))
    await asyncio.sleep(0.4)
    assert not handling.done()
    await world.restore(world.assets)
    assert await handling is None
    assert await world.assets.notes() == {tally: [1]}


async def test_a_producer_that_is_away_does_not_end_the_consumer(world: World) -> None:
    tally = new_id()
    dispatch = world.dispatch()
    supervisor = Supervisor({"dispatch": dispatch.run})
    running = asyncio.create_task(supervisor.run())
    await world.break_off(world.funds)
    await asyncio.sleep(0.1)
    assert (await dispatch.lag()).unreachable == ("funds",)
    await world.restore(world.funds)
    await world.count(tally, 2)
    relay = world.relay()
    await relay.step()
    async with asyncio.timeout(10):
        while await world.assets.notes() != {tally: [1, 2]}:
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await relay.close()
    assert supervisor.health["dispatch"].restarts == 0
