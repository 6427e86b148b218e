"""The producing side on Kafka: what `append` returns from is on every replica, in the order of each key."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias
from uuid import UUID

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from shared.messaging.kafka_broker import Broker, partitions, to_the_end
from shared.messaging.transport import Record, SendFailed

_Place: TypeAlias = tuple[str, int]

_PATIENCE = 20.0
_END_SECONDS = 3.0
# One batch has to fit into one message set, of which a broker takes 1 MiB unless told otherwise.
_BATCH_BYTES = 900_000
_CONTENT_TYPE = ("content-type", b"application/cloudevents+json; charset=UTF-8")


class KafkaSender:
    """Appends to Kafka what the relay of one service has numbered."""

    def __init__(self, broker: Broker, *, patience: float = _PATIENCE) -> None:
        """`patience`: seconds after which an `append` that is not answered has failed."""
        self._broker = broker
        self._patience = patience
        self._producer: AIOKafkaProducer | None = None
        self._turn = asyncio.Lock()

    async def append(self, records: Sequence[Record]) -> None:
        """Return when all are on the log. Raises SendFailed that tells which are on it for certain."""
        taken: set[int] = set()
        async with self._turn:
            try:
                async with asyncio.timeout(self._patience):
                    producer = await self._started()
                    await self._send(producer, records, taken)
            except (KafkaError, OSError, ValueError, AssertionError) as fault:
                # A producer that has failed once counts its batches wrongly from then on, or tries for ever.
                await self.close()
                raise SendFailed(type(fault).__name__, taken=taken) from fault

    async def close(self) -> None:
        """Give up the connection; what is under way may still arrive."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _abandon(producer)

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                **self._broker.connection(), enable_idempotence=True, max_batch_size=_BATCH_BYTES, linger_ms=0
            )
            try:
                await to_the_end(producer.start())
            except BaseException:
                await _abandon(producer)
                raise
            self._producer = producer
        return self._producer

    async def _send(self, producer: AIOKafkaProducer, records: Sequence[Record], taken: set[int]) -> None:
        by_place: dict[_Place, list[Record]] = {}
        for record in records:
            assert record.key is not None, "the relay knows every key"
            place = (record.topic, _partition(record.key, partitions(record.topic)))
            by_place.setdefault(place, []).append(record)
        chains = (self._chain(producer, place, mine, taken) for place, mine in by_place.items())
        for outcome in await asyncio.gather(*chains, return_exceptions=True):
            if outcome is not None:
                raise outcome

    async def _chain(
        self, producer: AIOKafkaProducer, place: _Place, records: Sequence[Record], taken: set[int]
    ) -> None:
        """Batch after batch: a later event of a key leaves only when the earlier one has arrived."""
        topic, partition = place
        done = 0
        while done < len(records):
            batch = producer.create_batch()
            upto = _fill(batch, records, done)
            await (await producer.send_batch(batch, self._broker.wire(topic), partition=partition))
            taken.update(record.pos for record in records[done:upto])
            done = upto


def _fill(batch: Any, records: Sequence[Record], start: int) -> int:
    """Put as many into `batch` as there is room for; the place of the first that is left."""
    for at in range(start, len(records)):
        record = records[at]
        added = batch.append(
            key=str(record.key).encode(),
            value=record.body,
            timestamp=None,
            headers=[
                _CONTENT_TYPE,
                ("ce_id", str(record.id).encode()),
                ("ce_type", record.type.encode()),
                ("ce_sequence", b"%012d" % (record.sequence or 0)),
            ],
        )
        if added is None:
            return at
    batch.close()
    return len(records)


@lru_cache(maxsize=50_000)
def _partition(key: UUID, count: int) -> int:
    """As every client of Kafka places a key; the declared count, for a topic grown by hand must not move keys."""
    return int(murmur2(str(key).encode()) & 0x7FFFFFFF) % count


async def _abandon(producer: AIOKafkaProducer) -> None:
    """End a producer without waiting for what it cannot deliver, which its own `stop` would do for ever."""
    producer._closed = True  # noqa: SLF001  there is no public way
    task = producer._sender.sender_task  # noqa: SLF001
    if task is not None:
        task.cancel()
        await asyncio.wait([task], timeout=_END_SECONDS)  # first the requests under way, else they connect again
    await producer.client.close()
    if task is not None and not task.done():
        await asyncio.wait([task], timeout=_END_SECONDS)
        await producer.client.close()
