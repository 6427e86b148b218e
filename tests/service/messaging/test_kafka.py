"""The Kafka transport by itself: positions, what comes again, who reads, and what becomes of half a sending."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from uuid import UUID

import pytest
import pytest_asyncio

from shared.contracts.catalogue import TOPICS
from shared.contracts.funds import IndicatorAdjusted
from shared.kernel.ids import new_id
from shared.messaging.kafka import Broker, KafkaSender, KafkaTransport, TopicsFault, create_topics
from shared.messaging.kafka_reader import KafkaSubscription
from shared.messaging.topics import DECLARED, Topic, produced_by
from shared.messaging.transport import Record, SendFailed
from tests.system.delivery_kit import fresh_topics, record

pytestmark = pytest.mark.asyncio

TOPIC = IndicatorAdjusted.TOPIC
TALLY = new_id()
SERVICES = ("funds", "monitoring", "assets")


@pytest_asyncio.fixture
async def kafka(broker: str) -> AsyncIterator[Broker]:
    async with fresh_topics(broker, 1) as kafka:
        yield kafka


@pytest_asyncio.fixture
async def sender(kafka: Broker) -> AsyncIterator[KafkaSender]:
    sender = KafkaSender(kafka)
    yield sender
    await sender.close()


def subscribe(kafka: Broker, *, batch: int = 500, after: Mapping[str, int] | None = None) -> KafkaSubscription:
    async def resume() -> Mapping[str, int]:
        return after or {}

    return KafkaTransport(kafka, batch=batch).subscribe("assets", [TOPIC], resume)


async def read(reading: KafkaSubscription, events: int) -> list[Record]:
    """So many, acknowledged."""
    found: list[Record] = []
    async with asyncio.timeout(20):
        while len(found) < events:
            if batch := await reading.receive(1):
                found += batch.records
                await reading.ack(batch)
    assert len(found) == events
    return found


async def test_every_topic_of_the_catalogue_is_declared_once() -> None:
    assert set(DECLARED) == set(TOPICS)
    assert sorted(topic.name for service in SERVICES for topic in produced_by(service)) == sorted(TOPICS)
    for topic in DECLARED.values():
        assert topic.partitions > 0
        assert topic.settings(3)["min.insync.replicas"] == "2"
        assert topic.settings(1)["min.insync.replicas"] == "1"
        assert topic.settings(1)["retention.ms"] == str(topic.retention_days * 24 * 3600 * 1000)


@pytest.mark.kafka
async def test_creating_topics_again_changes_nothing_and_tells_what_differs(broker: str) -> None:
    async with fresh_topics(broker, 1) as kafka:
        declared = DECLARED[TOPIC]
        assert await create_topics(kafka, [declared]) == ()
        grown = Topic(TOPIC, declared.partitions + 4, 30)
        with pytest.raises(TopicsFault, match=rf"{TOPIC}: {declared.partitions} partitions, declared are 7"):
            await create_topics(kafka, [grown])
        assert await create_topics(kafka, [declared]) == ()
        with pytest.raises(TopicsFault, match="InvalidReplicationFactor"):
            await create_topics(kafka, [DECLARED["funds.plan.v1"]], replication=7)
    nowhere = replace(kafka, bootstrap="127.0.0.1:9")
    with pytest.raises(TopicsFault, match=r"127\.0\.0\.1:9 does not answer"):
        await create_topics(nowhere, [declared])


@pytest.mark.kafka
async def test_what_is_sent_is_what_is_read(kafka: Broker, sender: KafkaSender) -> None:
    sent = [record(new_id(), 1) for _ in range(50)]
    await sender.append(sent)
    reading = subscribe(kafka, batch=7)
    found = await read(reading, 50)
    assert {event.id: event.body for event in found} == {event.id: event.body for event in sent}
    assert {(event.key, event.sequence, event.type) for event in found} == {
        (event.key, event.sequence, event.type) for event in sent
    }
    assert len({event.source for event in found}) == DECLARED[TOPIC].partitions
    heads = await reading.heads()
    assert sum(head or 0 for head in heads.values()) == 50
    assert set(heads) == {f"{TOPIC}/{n}" for n in range(DECLARED[TOPIC].partitions)}
    await reading.close()


@pytest.mark.kafka
async def test_it_goes_on_behind_the_stored_position(kafka: Broker, sender: KafkaSender) -> None:
    key = new_id()
    await sender.append([record(key, n) for n in range(1, 8)])
    first = subscribe(kafka)
    found = await read(first, 7)
    await first.close()
    again = subscribe(kafka, after={found[0].source: 5})
    assert [event.sequence for event in await read(again, 2)] == [6, 7]
    await again.close()


@pytest.mark.kafka
async def test_kafka_knowing_more_than_the_database_hides_nothing(kafka: Broker, sender: KafkaSender) -> None:
    """After the database was restored from an older copy."""
    await sender.append([record(new_id(), 1) for _ in range(9)])
    first = subscribe(kafka)
    await read(first, 9)
    await first.close()
    again = subscribe(kafka)
    assert len(await read(again, 9)) == 9
    await again.close()


@pytest.mark.kafka
async def test_what_is_not_acknowledged_comes_again(kafka: Broker, sender: KafkaSender) -> None:
    await sender.append([record(TALLY, n) for n in range(1, 4)])
    reading = subscribe(kafka)
    first = None
    while first is None:
        first = await reading.receive(1)
    assert await reading.receive(2) == first
    await reading.close()


@pytest.mark.kafka
async def test_two_readers_share_the_partitions_and_one_takes_all_when_the_other_goes(
    kafka: Broker, sender: KafkaSender
) -> None:
    first, second = subscribe(kafka), subscribe(kafka)
    async with asyncio.timeout(20):
        while not (first._next and second._next and len(first._next) + len(second._next) == 3):
            await asyncio.gather(first.receive(0.1), second.receive(0.1))
        await first.close()
        while len(second._next) < 3:
            await second.receive(0.1)
    await sender.append([record(new_id(), 1) for _ in range(20)])
    assert len(await read(second, 20)) == 20
    await second.close()


@pytest.mark.kafka
async def test_waiting_ends_soon_after_an_event_is_sent(kafka: Broker, sender: KafkaSender) -> None:
    reading = subscribe(kafka)
    while not reading._next:
        await reading.receive(0.1)
    waiting = asyncio.create_task(reading.receive(10))
    await asyncio.sleep(0.5)
    await sender.append([record(new_id(), 1)])
    assert await asyncio.wait_for(waiting, 3) is not None
    await reading.close()


@pytest.mark.kafka
async def test_events_of_one_topic_are_sent_though_another_is_missing(kafka: Broker) -> None:
    """What is on the log is told, so that only the rest is sent again."""
    impatient = KafkaSender(kafka, patience=3)
    lost = replace(record(new_id(), 1, pos=2), topic="funds.plan.v1")
    sent = [record(new_id(), 1, pos=1), lost, record(new_id(), 1, pos=3)]
    with pytest.raises(SendFailed) as failed:
        await impatient.append(sent)
    assert failed.value.taken == {1, 3}
    reading = subscribe(kafka)
    await read(reading, 2)
    await reading.close()
    await impatient.append(sent[:1])
    await impatient.close()


@pytest.mark.kafka
async def test_a_batch_larger_than_a_message_set_keeps_its_order(kafka: Broker, sender: KafkaSender) -> None:
    key: UUID = new_id()
    events = [replace(each, body=each.body + b" " * 2000) for each in (record(key, n) for n in range(1, 1201))]
    await sender.append(events)
    reading = subscribe(kafka)
    assert [event.sequence for event in await read(reading, 1200)] == list(range(1, 1201))
    await reading.close()


async def test_a_cluster_that_is_not_there_is_told_once() -> None:
    nowhere = Broker("127.0.0.1:9", namespace="test")
    reading = subscribe(nowhere)
    assert await reading.receive(0.5) is None
    assert await reading.heads() == {TOPIC: None}
    await reading.close()
    sender = KafkaSender(nowhere)
    with pytest.raises(SendFailed, match="KafkaConnectionError"):
        await sender.append([record(new_id(), 1)])
    await sender.close()


async def test_a_broker_does_not_tell_its_password() -> None:
    assert "secret" not in repr(Broker("127.0.0.1:9", username="u", password="secret"))
