"""What the transport asks of broker and library, shown with bare clients: topics, producer, positions."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic
from aiokafka.errors import KafkaError, KafkaTimeoutError

from tests.kafka.clients import admin_of, every_value, make_topic, producer_of, put

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio]

ALREADY_THERE = 36


async def test_topics_are_made_by_request(broker: str, kafka_namespace: str) -> None:
    topic = f"{kafka_namespace}.asked"
    async with admin_of(broker) as admin:
        made = await admin.create_topics([NewTopic(topic, 3, 1)])
        again = await admin.create_topics([NewTopic(topic, 3, 1)])
        [described] = await admin.describe_topics([topic])
    assert made.topic_errors[0][1] == 0
    assert again.topic_errors[0][1] == ALREADY_THERE
    assert len(described["partitions"]) == 3


async def test_no_topic_comes_into_being_by_itself(broker: str, kafka_namespace: str) -> None:
    topic = f"{kafka_namespace}.unasked"
    producer = AIOKafkaProducer(bootstrap_servers=broker, request_timeout_ms=2000)
    await producer.start()
    try:
        with pytest.raises(KafkaError):
            await producer.send_and_wait(topic, b"lost")
    finally:
        await producer.stop()
    async with admin_of(broker) as admin:
        assert topic not in await admin.list_topics()


async def test_an_idempotent_producer_keeps_the_order_of_each_partition(broker: str, kafka_namespace: str) -> None:
    topic = await make_topic(broker, f"{kafka_namespace}.order", 3)
    async with producer_of(broker) as producer:
        await put(producer, topic, range(3000))
    assert await every_value(broker, topic) == {n: list(range(n, 3000, 3)) for n in range(3)}


async def test_a_batch_of_our_own_is_confirmed_as_one(broker: str, kafka_namespace: str) -> None:
    topic = await make_topic(broker, f"{kafka_namespace}.batch", 1)
    async with producer_of(broker) as producer:
        batch = producer.create_batch()
        for number in range(100):
            assert batch.append(key=b"k", value=str(number).encode(), timestamp=None) is not None
        confirmed = await (await producer.send_batch(batch, topic, partition=0))
    assert confirmed.offset == 0
    assert await every_value(broker, topic) == {0: list(range(100))}


async def test_headers_and_key_arrive_as_sent(broker: str, kafka_namespace: str) -> None:
    topic = await make_topic(broker, f"{kafka_namespace}.headers", 1)
    headers = [("ce_type", b"funds.payment.disbursed.v1"), ("ce_sequence", b"000000000001")]
    async with producer_of(broker) as producer:
        await producer.send_and_wait(topic, "守望".encode(), key=b"k", headers=headers)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=broker, auto_offset_reset="earliest")
    await consumer.start()
    try:
        record = await asyncio.wait_for(consumer.getone(), 20)
    finally:
        await consumer.stop()
    assert (record.key, record.value.decode(), list(record.headers)) == (b"k", "守望", headers)


async def test_reading_goes_on_from_a_position_kept_elsewhere(broker: str, kafka_namespace: str) -> None:
    topic = await make_topic(broker, f"{kafka_namespace}.seek", 1)
    place = TopicPartition(topic, 0)
    async with producer_of(broker) as producer:
        await put(producer, topic, range(10))
    consumer = AIOKafkaConsumer(bootstrap_servers=broker, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([place])
        consumer.seek(place, 7)
        assert int((await asyncio.wait_for(consumer.getone(), 20)).value) == 7
        assert await consumer.end_offsets([place]) == {place: 10}
    finally:
        await consumer.stop()


async def test_only_what_is_committed_counts_as_read(broker: str, kafka_namespace: str) -> None:
    topic = await make_topic(broker, f"{kafka_namespace}.commit", 1)
    place, group = TopicPartition(topic, 0), f"{kafka_namespace}.group"
    async with producer_of(broker) as producer:
        await put(producer, topic, range(10))
    for first, committed in ((0, 4), (4, 9)):
        consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=broker,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            assert int((await asyncio.wait_for(consumer.getone(), 30)).value) == first
            await consumer.commit({place: committed})
        finally:
            await consumer.stop()
    async with admin_of(broker) as admin:
        offsets = await admin.list_consumer_group_offsets(group)
    assert offsets[place].offset == 9


async def test_a_producer_without_a_broker_says_so_in_its_time() -> None:
    producer = AIOKafkaProducer(bootstrap_servers="127.0.0.1:9", request_timeout_ms=1000)
    with pytest.raises((KafkaError, KafkaTimeoutError)):
        await asyncio.wait_for(producer.start(), 20)
    await producer.stop()
