"""The reading side on Kafka: the group shares out the partitions, the consumer's own database says where to go on."""

import asyncio
import contextlib
from collections.abc import Collection, Mapping
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from shared.messaging.kafka_broker import Broker, to_the_end
from shared.messaging.kafka_records import to_record
from shared.messaging.transport import Batch, Record, Resume

_FAULTS = (KafkaError, OSError)
_SHORTEST_PAUSE = 0.25
_LONGEST_PAUSE = 15.0
_START_SECONDS = 15.0
_ANSWER_SECONDS = 5.0
_SLICE = 0.25
_SLICE_BEFORE_ASSIGNMENT = 0.05
_QUIET_SECONDS = 5.0
_COMMIT_SECONDS = 1.0
_log = structlog.get_logger("kafka")


class KafkaSubscription(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    """One process among the readers of one consumer's group."""

    def __init__(self, broker: Broker, group: str, topics: Collection[str], resume: Resume, batch: int) -> None:
        self._broker = broker
        self._group = group
        self._topics = sorted(topics)
        self._resume = resume
        self._batch = batch
        self._connecting = asyncio.Lock()
        self._consumer: AIOKafkaConsumer | None = None
        self._fresh: set[TopicPartition] = set()
        """Assigned, and not yet read because the position is not known."""
        self._next: dict[TopicPartition, int] = {}
        """What is to be read next of each partition that is ours: behind the last acknowledged."""
        self._assignments = 0
        self._open: Batch | None = None
        self._settled = asyncio.Event()
        self._uncommitted: dict[TopicPartition, int] = {}
        self._commit_at = 0.0
        self._probe_at = 0.0
        self._pause = 0.0
        self._pause_until = 0.0

    async def receive(self, wait: float) -> Batch | None:
        loop = asyncio.get_running_loop()
        end = loop.time() + wait
        while True:
            await asyncio.sleep(0)
            left = max(end - loop.time(), 0.0)
            try:
                batch = await self._read(left)
            except _FAULTS as fault:
                await self._leave_alone(fault)
                batch = None
            if batch is not None or loop.time() >= end:
                return batch
            if self._consumer is None:
                await asyncio.sleep(min(_SLICE, max(end - loop.time(), 0.0)))

    async def ack(self, batch: Batch) -> None:
        for source, pos in batch.upto.items():
            place = self._place_of(source)
            if place in self._next:
                self._next[place] = self._uncommitted[place] = pos
        self._open = None
        self._settled.set()
        if asyncio.get_running_loop().time() >= self._commit_at:
            await self._commit()

    async def heads(self) -> Mapping[str, int | None]:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                consumer = await self._connected()
                if consumer is not None:
                    places = await self._places(consumer)
                    ends = await consumer.end_offsets(places)
                    return {self._source(place): ends[place] for place in places}
        except _FAULTS:
            pass  # told by `receive`, which asks again and again
        return dict.fromkeys(self._topics)

    def nudge(self) -> None:
        """Nothing to do: the broker answers a waiting reader at once."""

    async def close(self) -> None:
        self._settled.set()
        if self._consumer is not None:
            await self._commit()
            await self._disconnect()

    # ── what the group tells ────────────────────────────────────────────────

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:  # noqa: ARG002  all, always
        """Others will have them: let the batch under way be stored first, unless that takes too long."""
        if self._open is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._settled.wait(), _ANSWER_SECONDS)
        await self._commit()
        self._assignments += 1
        self._fresh, self._next = set(), {}

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Hold back what came until `receive` has asked for the positions."""
        assert self._consumer is not None
        self._consumer.pause(*assigned)
        self._assignments += 1
        self._fresh, self._next = set(assigned), {}

    # ── reading ─────────────────────────────────────────────────────────────

    async def _read(self, wait: float) -> Batch | None:
        consumer = await self._connected()
        if consumer is None:
            return None
        if self._open is not None:
            self._take_back(consumer, self._open)
        if self._fresh:
            await self._find_positions(consumer)
        slice_ = _SLICE if self._next else _SLICE_BEFORE_ASSIGNMENT
        fetched = await self._fetch(consumer, min(wait, slice_))
        if not fetched:
            await self._while_quiet(consumer)
            return None
        self._probe_at = asyncio.get_running_loop().time() + _QUIET_SECONDS
        return self._to_batch(fetched)

    async def _fetch(self, consumer: AIOKafkaConsumer, wait: float) -> dict[TopicPartition, list[Any]]:
        try:
            async with asyncio.timeout(wait + _SLICE_BEFORE_ASSIGNMENT):  # it would wait out a whole rebalance
                fetched: dict[TopicPartition, list[Any]] = await consumer.getmany(
                    timeout_ms=int(wait * 1000), max_records=self._batch
                )
        except TimeoutError:
            return {}
        return {place: records for place, records in fetched.items() if place in self._next}

    def _to_batch(self, fetched: dict[TopicPartition, list[Any]]) -> Batch:
        for place, found in fetched.items():
            if found[0].offset != self._next[place]:
                self._tell_jump(place, found[0].offset)
        records: list[Record] = []
        for place, found in fetched.items():
            topic, source = self._broker.topic(place.topic), self._source(place)
            records.extend(to_record(topic, source, raw) for raw in found)
        upto = {self._source(place): found[-1].offset + 1 for place, found in fetched.items()}
        batch = Batch(tuple(records), upto)
        self._open = batch
        self._settled.clear()
        return batch

    def _tell_jump(self, place: TopicPartition, found: int) -> None:
        expected = self._next[place]
        if found < expected:
            _log.error("log begins anew", source=self._source(place), consumer=self._group, expected=expected)
        elif expected:
            _log.error("log has lost events", source=self._source(place), consumer=self._group, events=found - expected)

    def _take_back(self, consumer: AIOKafkaConsumer, batch: Batch) -> None:
        """What was not acknowledged comes again."""
        self._open = None
        for source in batch.upto:
            place = self._place_of(source)
            if place in self._next and place in consumer.assignment():
                consumer.seek(place, self._next[place])

    async def _find_positions(self, consumer: AIOKafkaConsumer) -> None:
        """Go on from where the consumer's database stands, unless Kafka knows of less.

        Either may be ahead of what was done: Kafka's own note after the database was restored from a copy, the
        database's after the topic was made anew, for that deletes Kafka's note.
        """
        assignment, fresh = self._assignments, sorted(self._fresh)
        stored = await self._resume()
        async with asyncio.timeout(_START_SECONDS):
            noted = [await consumer.committed(place) if stored.get(self._source(place)) else 0 for place in fresh]
            ends = await consumer.end_offsets(fresh)
        if assignment != self._assignments:
            return
        for place, note in zip(fresh, noted, strict=True):
            known = stored.get(self._source(place), 0)
            if known > ends[place]:
                _log.error("log begins anew", source=self._source(place), consumer=self._group, expected=known)
            start = min(known, note or 0)
            self._next[place] = start if start <= ends[place] else 0
            consumer.seek(place, self._next[place])
        consumer.resume(*fresh)
        self._fresh.clear()
        if self._pause:
            _log.info("log readable again", consumer=self._group)
            self._pause = 0.0

    async def _while_quiet(self, consumer: AIOKafkaConsumer) -> None:
        now = asyncio.get_running_loop().time()
        if self._uncommitted and now >= self._commit_at:
            await self._commit()
        if now >= self._probe_at:
            self._probe_at = now + _QUIET_SECONDS
            async with asyncio.timeout(_ANSWER_SECONDS):
                await consumer.topics()  # a lost cluster looks like one without events

    async def _commit(self) -> None:
        """Note on Kafka what is done, for the operators' tools; only of partitions that are still ours."""
        now = asyncio.get_running_loop().time()
        self._commit_at = now + _COMMIT_SECONDS
        consumer, done = self._consumer, self._uncommitted
        self._uncommitted = {}
        if consumer is None:
            return
        held = {place: pos for place, pos in done.items() if place in consumer.assignment()}
        if held:
            with contextlib.suppress(*_FAULTS):
                async with asyncio.timeout(_COMMIT_SECONDS):
                    await consumer.commit(held)

    # ── the connection ──────────────────────────────────────────────────────

    async def _connected(self) -> AIOKafkaConsumer | None:
        async with self._connecting:
            if self._consumer is None and asyncio.get_running_loop().time() >= self._pause_until:
                self._consumer = await self._connect()
                self._consumer.subscribe([self._broker.wire(topic) for topic in self._topics], listener=self)
            return self._consumer

    async def _connect(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            **self._broker.connection(),
            group_id=f"{self._broker.namespace}.{self._group}",
            group_instance_id=self._broker.instance,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(self._broker.session_seconds * 1000),
            heartbeat_interval_ms=int(self._broker.session_seconds * 1000 / 4),
            fetch_max_wait_ms=int(_SLICE * 1000),
        )
        try:
            async with asyncio.timeout(_START_SECONDS):
                await to_the_end(consumer.start())
        except BaseException:
            await _abandon(consumer)
            raise
        self._probe_at = asyncio.get_running_loop().time() + _QUIET_SECONDS
        return consumer

    async def _disconnect(self) -> None:
        consumer, self._consumer = self._consumer, None
        self._fresh, self._next, self._uncommitted, self._open = set(), {}, {}, None
        if consumer is not None:
            await _abandon(consumer)

    async def _leave_alone(self, fault: Exception) -> None:
        """Come back to the cluster after a while, and say so once."""
        if not self._pause:
            _log.warning("log not readable", consumer=self._group, why=type(fault).__name__)
        self._pause = min(max(self._pause * 2, _SHORTEST_PAUSE), _LONGEST_PAUSE)
        self._pause_until = asyncio.get_running_loop().time() + self._pause
        self._settled.set()
        await self._disconnect()

    async def _places(self, consumer: AIOKafkaConsumer) -> list[TopicPartition]:
        """Every partition of the topics, whoever reads it; waits until the cluster has told them."""
        while True:
            known = {topic: consumer.partitions_for_topic(self._broker.wire(topic)) for topic in self._topics}
            if all(known.values()):
                return [
                    TopicPartition(self._broker.wire(topic), n) for topic, found in known.items() for n in sorted(found)
                ]
            await asyncio.sleep(_SLICE_BEFORE_ASSIGNMENT)

    def _source(self, place: TopicPartition) -> str:
        return f"{self._broker.topic(place.topic)}/{place.partition}"

    def _place_of(self, source: str) -> TopicPartition:
        topic, _, partition = source.rpartition("/")
        return TopicPartition(self._broker.wire(topic), int(partition))


async def _abandon(consumer: AIOKafkaConsumer) -> None:
    """End a consumer; on a cluster that does not answer, without saying goodbye.

    In a task of its own: `stop` may fail with the cancellation of its own parts, which would look like ours.
    """
    ending = asyncio.ensure_future(consumer.stop())
    await asyncio.wait([ending], timeout=_ANSWER_SECONDS)
    if not ending.done():
        ending.cancel()
    await consumer._client.close()  # noqa: SLF001  there is no public way
