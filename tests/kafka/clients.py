"""Bare clients for the tests of the broker: what they do is the library's and the broker's doing, not ours."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

SESSION_SECONDS = 6


@asynccontextmanager
async def admin_of(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap.split(","))
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def make_topic(bootstrap: str, name: str, partitions: int, copies: int = 1) -> str:
    async with admin_of(bootstrap) as admin:
        made = await admin.create_topics([NewTopic(name, partitions, copies)])
    assert [error for _, error, _ in made.topic_errors] == [0]
    return name


async def leader_of(bootstrap: str, topic: str, partition: int = 0) -> int:
    """The number of the node that leads a partition; -1 while there is none."""
    async with admin_of(bootstrap) as admin:
        [described] = await admin.describe_topics([topic])
    return next(int(each["leader"]) for each in described["partitions"] if each["partition"] == partition)


@asynccontextmanager
async def producer_of(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """A producer with the settings of the transport: idempotent, every replica in sync confirms."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap.split(","),
        enable_idempotence=True,
        acks="all",
        request_timeout_ms=90_000,  # what waits for a broker to come back is not given up
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def put(producer: AIOKafkaProducer, topic: str, numbers: Iterable[int]) -> None:
    """Send the numbers in order, spread over the partitions by number."""
    count = len(await producer.partitions_for(topic))
    sent = [await producer.send(topic, str(number).encode(), partition=number % count) for number in numbers]
    await asyncio.gather(*sent)


async def every_value(bootstrap: str, topic: str) -> dict[int, list[int]]:
    """All that the topic holds, by partition, in the order of the log; reads without a group."""
    async with admin_of(bootstrap) as admin:
        [described] = await admin.describe_topics([topic])
    places = [TopicPartition(topic, each["partition"]) for each in described["partitions"]]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap.split(","), enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        for place in places:
            consumer.seek(place, 0)  # seek_to_beginning is lost when the first look-up of positions is still under way
        values: dict[int, list[int]] = {place.partition: [] for place in places}
        while any([await consumer.position(place) < ends[place] for place in places]):
            for place, records in (await consumer.getmany(timeout_ms=200)).items():
                values[place.partition] += [int(record.value) for record in records]
        return values
    finally:
        await consumer.stop()


class Member(ConsumerRebalanceListener):  # type: ignore[misc]
    """A reader of a group that notes what it got and how often its partitions changed."""

    def __init__(self, bootstrap: str, group: str, topic: str, instance: str | None = None) -> None:
        self.got: list[int] = []
        self.held: set[int] = set()
        self.assignments = 0
        self.consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap.split(","),
            group_id=group,
            group_instance_id=instance,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_SECONDS * 1000,
            heartbeat_interval_ms=300,
        )
        self.consumer.subscribe([topic], listener=self)
        self._task: asyncio.Task[None] | None = None

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        self.held -= {place.partition for place in revoked}

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self.held = {place.partition for place in assigned}
        self.assignments += 1

    async def start(self) -> None:
        await self.consumer.start()
        self._task = asyncio.create_task(self._read())

    async def stop(self) -> None:
        """End the reading and the membership."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self.consumer.stop()

    async def _read(self) -> None:
        while True:
            batch = await self.consumer.getmany(timeout_ms=100)
            for records in batch.values():
                self.got += [int(record.value) for record in records]
            held = self.consumer.assignment()
            if done := {place: records[-1].offset + 1 for place, records in batch.items() if place in held}:
                with contextlib.suppress(
                    KafkaError
                ):  # raised where the broker dies meanwhile: the next commit tells more
                    await self.consumer.commit(done)


@asynccontextmanager
async def group_of(*members: Member) -> AsyncIterator[None]:
    """The members read meanwhile."""
    running: list[Member] = []
    try:
        for member in members:
            running.append(member)
            await member.start()
        yield
    finally:
        for member in running:
            await member.stop()


async def until(holds: Callable[[], bool], seconds: float = 40) -> None:
    """Return when it holds; raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.05)
