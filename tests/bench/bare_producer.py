"""The limit of the relay: aiokafka's own producer, used as its documentation shows, with the guarantees that ours has."""

from collections.abc import Sequence

from aiokafka import AIOKafkaProducer

from shared.messaging.kafka import Broker
from shared.messaging.transport import Record


class BareProducer:
    """Sends records that are ready, one `send` each, and waits once for all."""

    def __init__(self, broker: Broker, topic: str) -> None:
        """`topic`: without the namespace."""
        self._topic = broker.wire(topic)
        self._producer = AIOKafkaProducer(**broker.connection(), enable_idempotence=True, acks="all")

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()

    async def send(self, records: Sequence[Record]) -> None:
        """Return when all are on the log."""
        for record in records:
            await self._producer.send(
                self._topic,
                record.body,
                key=str(record.key).encode(),
                headers=[
                    ("content-type", b"application/cloudevents+json; charset=UTF-8"),
                    ("ce_id", str(record.id).encode()),
                    ("ce_type", record.type.encode()),
                    ("ce_sequence", b"%012d" % (record.sequence or 0)),
                ],
            )
        await self._producer.flush()

    async def stop(self) -> None:
        """Disconnect."""
        await self._producer.stop()
