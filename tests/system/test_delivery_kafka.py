"""What only Kafka can do to us: members that come and go, brokers that stop or die, topics that others have touched."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from structlog.testing import capture_logs

from deploy.kafka.cluster import Cluster
from shared.contracts.funds import IndicatorAdjusted
from shared.delivery import parked
from shared.delivery.order import Reason
from shared.kernel.actors import Actor, Grant
from shared.kernel.areas import NATION
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.messaging.kafka import Broker, KafkaSender, KafkaTransport, create_topics
from shared.messaging.topics import DECLARED
from shared.runtime.postgres_server import Server
from shared.runtime.supervisor import Supervisor
from shared.testing.bus import drain
from shared.testing.postgres import Clones
from tests.system.delivery_kit import World, open_world, record

pytestmark = [pytest.mark.asyncio, pytest.mark.commit, pytest.mark.kafka]

OPERATOR = Actor(new_id(), (Grant(Role.OPERATOR, NATION),))
TOPIC = IndicatorAdjusted.TOPIC


@pytest_asyncio.fixture
async def world(broker: str, postgres_server: Server, template_for: Callable[..., Clones]) -> AsyncIterator[World]:
    async with open_world(postgres_server, template_for, bootstrap=broker) as world:
        yield world


async def until_noted(world: World, events: int) -> None:
    async with asyncio.timeout(90):
        while sum(map(len, (await world.assets.notes()).values())) < events:
            await asyncio.sleep(0.05)


async def write_until(world: World, tallies: list[UUID], done: Awaitable[object]) -> dict[UUID, list[int]]:
    """Count on all tallies until `done`; what must be noted in the end."""
    counted = dict.fromkeys(tallies, 0)
    waiting = asyncio.ensure_future(done)
    while not waiting.done():
        await asyncio.gather(*(world.count(tally) for tally in tallies))
        counted = {tally: n + 1 for tally, n in counted.items()}
        await asyncio.sleep(0.05)
    await waiting
    return {tally: list(range(1, n + 1)) for tally, n in counted.items()}


async def test_consumers_come_and_go_under_load(world: World) -> None:
    """Each of them may be cut off in the middle of a batch; in the end everything was done once and in order."""
    assert world.kafka
    chance = random.Random(5)
    tallies = [new_id() for _ in range(12)]
    dispatches = []

    async def member(name: str | None) -> None:
        for _ in range(5):
            assert world.kafka
            transport = KafkaTransport(replace(world.kafka, instance=name, session_seconds=2), batch=10)
            dispatch = world.dispatch(transport=transport)
            dispatches.append(dispatch)
            running = asyncio.create_task(dispatch.run())
            await asyncio.sleep(chance.uniform(0.3, 1.5))
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    relay = asyncio.create_task(world.relay().run())
    expected = await write_until(world, tallies, asyncio.gather(member("a"), member("b"), member(None), member(None)))
    relay.cancel()
    await asyncio.gather(relay, return_exceptions=True)
    last = world.dispatch(transport=KafkaTransport(replace(world.kafka, instance="a")))
    await drain(replace(world.bus(last), patience=15))
    assert await world.assets.notes() == expected
    assert await world.assets.parked() == []
    counts = [dispatch.counts for dispatch in (*dispatches, last)]
    assert sum(count.duplicates + count.replayed for count in counts) > 0  # the windows were hit
    assert sum(count.applied > 0 for count in counts) > 5


async def run_through(world: World, trouble: Callable[[], Awaitable[None]]) -> dict[str, int]:
    """Write, send and consume while `trouble` takes its course; how often relay and dispatch had to be restarted."""
    tallies = [new_id() for _ in range(9)]
    dispatch, relay = world.dispatch(batch=20), world.relay(batch=30)
    supervisor = Supervisor({"dispatch": dispatch.run, "relay": relay.run})
    running = asyncio.create_task(supervisor.run())
    try:
        await world.count(new := new_id())
        await until_noted(world, 1)
        expected = await write_until(world, tallies, trouble()) | {new: [1]}
        await until_noted(world, sum(map(len, expected.values())))
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert await world.assets.notes() == expected
    assert await world.assets.parked() == []
    return {name: health.restarts for name, health in supervisor.health.items()}


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_broker_that_is_stopped_for_a_while_loses_nothing(
    own_cluster: Callable[..., Awaitable[Cluster]], postgres_server: Server, template_for: Callable[..., Clones]
) -> None:
    cluster = await own_cluster()
    async with open_world(postgres_server, template_for, bootstrap=cluster.bootstrap) as world:
        unsent = 0

        async def stop_and_start() -> None:
            nonlocal unsent
            await cluster.stop_node(1)
            await asyncio.sleep(4)
            backlog = await world.relay_backlog()
            unsent = backlog.unsent
            assert backlog.unnumbered < unsent  # numbering goes on
            await cluster.start_node(1)

        with capture_logs() as logs:
            restarts = await run_through(world, stop_and_start)
        assert unsent > 0
        assert restarts == {"dispatch": 0, "relay": 0}
        told = [entry["event"] for entry in logs]
        assert told.count("log not readable") == told.count("log readable again") == 1


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_leaders_of_three_brokers_are_killed(
    own_cluster: Callable[..., Awaitable[Cluster]], postgres_server: Server, template_for: Callable[..., Clones]
) -> None:
    """Each of two brokers in turn, so that leaders of partitions and the group's coordinator are among the dead."""
    cluster = await own_cluster(3)
    async with open_world(postgres_server, template_for, bootstrap=cluster.bootstrap, replication=3) as world:
        killed = []

        async def kill_two() -> None:
            for _ in range(2):
                leader = await leader_of(world)
                killed.append(leader)
                await cluster.kill_node(leader)
                await asyncio.sleep(9)
                assert await leader_of(world) != leader
                await cluster.start_node(leader)

        assert await run_through(world, kill_two) == {"dispatch": 0, "relay": 0}
        assert len(set(killed)) == 2


async def leader_of(world: World) -> int:
    """Who leads the first partition."""
    assert world.kafka
    admin = AIOKafkaAdminClient(**world.kafka.connection())
    await admin.start()
    try:
        (about,) = await admin.describe_topics([world.kafka.wire(TOPIC)])
    finally:
        await admin.close()
    return next(int(each["leader"]) for each in about["partitions"] if each["partition"] == 0)


async def test_bytes_of_others_are_parked_and_stop_nobody(world: World) -> None:
    """Garbage, a wrong key, no headers, nothing at all: each is parked alone, the keys' own events take their places."""
    tally, stranger = new_id(), new_id()
    event = record(tally, 1)
    good = [("ce_id", str(event.id).encode()), ("ce_type", event.type.encode()), ("ce_sequence", b"000000000001")]
    key, other = str(tally).encode(), str(stranger).encode()
    await append_raw(
        world,
        [
            (None, b"\xff\xfe{", []),
            (b"no uuid", event.body, good),
            (b"\xff\xff", event.body, good),
            (key, event.body, []),
            (key, event.body, [("ce_id", b"1"), *good[1:]]),
            (key, event.body, [*good[:2], ("ce_sequence", b"\xb2")]),
            (key, b'{"partitionkey":1}', good),
            (other, event.body, good),
            (key, None, good),
        ],
    )
    await world.count(tally, 3)
    await world.count(stranger, 3)
    dispatch = world.dispatch(batch=2)
    await drain(world.bus(dispatch))
    assert await world.assets.notes() == {tally: [1, 2, 3], stranger: [1, 2, 3]}
    rows = await parked.list_parked(world.assets.database, "assets", OPERATOR)
    assert [(row.key, row.reason) for row in rows] == [(None, Reason.UNREADABLE)] * 9
    await dispatch.close()
    await world.assets.execute("DELETE FROM delivery_cursor")
    await drain(world.bus(world.dispatch()))
    assert len(await parked.list_parked(world.assets.database, "assets", OPERATOR)) == 9


async def append_raw(world: World, messages: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]]) -> None:
    """Past our sender, as anybody could who may write to the topic; all to one partition."""
    assert world.kafka
    producer = AIOKafkaProducer(**world.kafka.connection(), compression_type="gzip")
    await producer.start()
    for key, value, headers in messages:
        await producer.send_and_wait(world.kafka.wire(TOPIC), value, key=key or b"", headers=headers, partition=0)
    await producer.stop()


async def test_what_arrives_out_of_order_is_put_in_order(world: World) -> None:
    assert world.kafka
    tallies = [new_id() for _ in range(10)]
    events = {(tally, n): record(tally, n) for tally in tallies for n in range(1, 9)}
    sender = KafkaSender(world.kafka)
    for n in (1, 3, 2, 5, 2, 8, 7, 4, 6, 8):
        await sender.append([events[tally, n] for tally in tallies])
    await sender.close()
    dispatch = world.dispatch(batch=7)
    await drain(world.bus(dispatch))
    assert await world.assets.notes() == {tally: list(range(1, 9)) for tally in tallies}
    assert await world.assets.parked() == []
    assert dispatch.counts.parked > 0
    assert dispatch.counts.duplicates > 0


async def test_a_topic_made_anew_is_told_and_read_from_its_beginning(world: World) -> None:
    """Its positions begin at zero again; what the consumer has stored of the old ones must hide nothing."""
    assert world.kafka
    old, new = [new_id() for _ in range(6)], [new_id() for _ in range(6)]
    for tally in old:
        await world.count(tally, 5)
    await drain(world.bus(first := world.dispatch()))
    await first.close()
    admin = AIOKafkaAdminClient(**world.kafka.connection())
    await admin.start()
    await admin.delete_topics([world.kafka.wire(TOPIC)])
    await admin.close()
    async with asyncio.timeout(20):
        while not await create_topics(world.kafka, [DECLARED[TOPIC]]):
            await asyncio.sleep(0.1)
    for n, upto in ((3, 3), (9, 12)):
        for tally in new:
            await world.count(tally, n)
        await drain(world.bus())
        reader = world.dispatch()
        with capture_logs() as logs:
            async with asyncio.timeout(30):
                while (await world.assets.notes()).get(new[0], [0])[-1] < upto:
                    await reader.step(0.1)
        await reader.close()
        if n == 3:  # some partition is now shorter than it was
            assert "log begins anew" in [entry["event"] for entry in logs]
    await drain(world.bus(world.dispatch()))
    notes = await world.assets.notes()
    assert {tally: notes[tally] for tally in new} == {tally: list(range(1, 13)) for tally in new}
    assert await world.assets.parked() == []


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_with_a_password(
    own_cluster: Callable[..., Awaitable[Cluster]], postgres_server: Server, template_for: Callable[..., Clones]
) -> None:
    cluster = await own_cluster()
    async with open_world(postgres_server, template_for, bootstrap=cluster.bootstrap) as world:
        assert world.kafka
        secured = Broker(
            cluster.sasl_bootstrap,
            namespace=world.kafka.namespace,
            security="SASL_PLAINTEXT",
            username="shouwang",
            password=cluster.password,
        )
        tally = new_id()
        await world.count(tally, 3)
        world.kafka = secured
        await drain(world.bus(world.dispatch()))
        assert await world.assets.notes() == {tally: [1, 2, 3]}
        assert cluster.password not in repr(secured)
