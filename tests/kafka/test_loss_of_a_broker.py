"""Brokers that stop, are killed and come back, and clients with a password, on clusters of the test's own."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from deploy.kafka.cluster import Cluster
from deploy.kafka.properties import MECHANISMS
from tests.kafka.broker_plugin import running
from tests.kafka.clients import Member, every_value, group_of, leader_of, make_topic, producer_of, put, until

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.asyncio]


@pytest_asyncio.fixture(scope="module")
async def one(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    async with running(tmp_path_factory.mktemp("one")) as cluster:
        yield cluster


@pytest_asyncio.fixture(scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    async with running(tmp_path_factory.mktemp("three"), brokers=3) as cluster:
        yield cluster


@pytest.mark.parametrize("how", ["stopped", "killed"])
async def test_clients_outlive_a_broker_that_comes_back(one: Cluster, how: str) -> None:
    topic = await make_topic(one.bootstrap, how, 3)
    reader = Member(one.bootstrap, f"readers-{how}", topic, "one")
    async with producer_of(one.bootstrap) as producer, group_of(reader):
        await put(producer, topic, range(300))
        await until(lambda: len(reader.got) == 300)
        await (one.stop_node(1) if how == "stopped" else one.kill_node(1))
        late = asyncio.create_task(put(producer, topic, range(300, 600)))
        await asyncio.sleep(1)
        assert not late.done()
        await one.start_node(1)
        await late
        await until(lambda: {*reader.got} == set(range(600)))
    assert await every_value(one.bootstrap, topic) == {n: list(range(n, 600, 3)) for n in range(3)}


async def test_of_three_brokers_the_leader_may_die(three: Cluster) -> None:
    topic = await make_topic(three.bootstrap, "led", 1, copies=3)
    reader = Member(three.bootstrap, "readers", topic)
    async with producer_of(three.bootstrap) as producer, group_of(reader):
        await put(producer, topic, range(200))
        leader = await leader_of(three.bootstrap, topic)
        rest = asyncio.create_task(put(producer, topic, range(200, 2000)))
        await three.kill_node(leader)
        await rest
        assert await leader_of(without(three, leader), topic) not in {leader, -1}
        await until(lambda: {*reader.got} == set(range(2000)))
        await three.start_node(leader)
    assert await every_value(three.bootstrap, topic) == {0: list(range(2000))}


async def test_what_only_one_of_three_could_hold_is_not_confirmed(three: Cluster) -> None:
    topic = await make_topic(three.bootstrap, "numbers", 1, copies=3)
    async with producer_of(three.bootstrap) as producer:
        await put(producer, topic, range(10))
        leader = await leader_of(three.bootstrap, topic)
        others = [node.number for node in three.nodes if node.number != leader]
        for number in others:
            await three.kill_node(number)
        late = asyncio.create_task(put(producer, topic, [10]))
        assert not (await asyncio.wait([late], timeout=10))[0]
        for number in others:
            await three.start_node(number)
        await late
    assert await every_value(three.bootstrap, topic) == {0: list(range(11))}


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_clients_log_in_with_a_password(one: Cluster, mechanism: str) -> None:
    topic = await make_topic(one.bootstrap, mechanism, 1)
    facts: dict[str, Any] = {
        "bootstrap_servers": one.sasl_bootstrap,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": mechanism,
        "sasl_plain_username": one.user,
    }
    producer = AIOKafkaProducer(**facts, sasl_plain_password=one.password, enable_idempotence=True)
    await producer.start()
    try:
        await put(producer, topic, [7])
    finally:
        await producer.stop()
    consumer = AIOKafkaConsumer(
        topic,
        **facts,
        sasl_plain_password=one.password,
        group_id=f"readers-{mechanism}",
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        assert int((await asyncio.wait_for(consumer.getone(), 30)).value) == 7
    finally:
        await consumer.stop()
    stranger = AIOKafkaProducer(**facts, sasl_plain_password="guessed")
    with pytest.raises(KafkaError):
        await asyncio.wait_for(stranger.start(), 30)
    await stranger.stop()


def without(cluster: Cluster, dead: int) -> str:
    return ",".join(each for number, each in enumerate(cluster.bootstrap.split(","), 1) if number != dead)
