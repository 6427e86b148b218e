"""Figures (c) and (d) over Kafka: delivery as over the outbox, and the relay against a bare producer of the same bytes."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from deploy.kafka.cluster import Cluster
from shared.kernel.ids import new_id
from shared.messaging.kafka import Broker, create_topics
from shared.messaging.log import READ, to_records
from shared.messaging.relay import Relay
from shared.messaging.topics import DECLARED
from shared.messaging.transport import Record
from tests.bench import events
from tests.bench.bare_producer import BareProducer
from tests.bench.event_services import TOPIC, open_pair
from tests.bench.figure import Figure, Gate
from tests.bench.stage import Stage

BARE_TOPIC = "funds.household.v1"
"""As many partitions as the topic of the events; nobody reads it here."""
_EVENTS = 30_000
_LAST = f"{READ} ORDER BY pos DESC LIMIT $1"


async def measure(stage: Stage) -> Sequence[Figure]:
    """All figures that need a broker."""
    async with _broker(stage) as bootstrap:
        broker = Broker(bootstrap, namespace=f"bench-{new_id().hex[-12:]}")
        await create_topics(broker, [DECLARED[TOPIC], DECLARED[BARE_TOPIC]])
        delivered = await events.figures(stage, broker, "-kafka")
        return [*delivered, await _relay(stage, broker)]


@asynccontextmanager
async def _broker(stage: Stage) -> AsyncIterator[str]:
    """KAFKA_BOOTSTRAP, or one broker of this run's own."""
    if given := os.environ.get("KAFKA_BOOTSTRAP"):
        yield given
        return
    async with Cluster(stage.directory / "kafka") as cluster:
        yield cluster.bootstrap


async def _relay(stage: Stage, broker: Broker) -> Figure:
    """Events a second from the outbox to the log, and the same records handed to a producer directly."""
    count = stage.size.of(_EVENTS)
    ours, bare = [], []
    async with (
        open_pair(stage, broker) as pair,
        stage.server.admin(pair.funds_names.name) as connection,
        stage.system_connection(pair.funds_names.app_dsn) as reader,
    ):
        await pair.tell()
        relay = pair.relay()
        producer = BareProducer(broker, BARE_TOPIC)
        await producer.start()
        try:
            while await relay.step():
                pass
            for _ in range(stage.size.rounds):
                await pair.backlog(connection, count)
                ours.append(await events.rate(count, _send_all(relay)))
                records = await _sent(reader, count)
                bare.append(await events.rate(count, producer.send(records)))
        finally:
            await producer.stop()
            await relay.close()
    return Figure(
        "relay-kafka",
        "events/s",
        ours,
        bare,
        "aiokafka producer, the same bytes, acks=all, idempotent",
        Gate(at_least=0.5),
        "numbering, reading, sending and marking, against sending alone",
    )


async def _send_all(relay: Relay) -> None:
    while await relay.step():
        pass


async def _sent(reader: asyncpg.Connection, count: int) -> tuple[Record, ...]:
    """The newest records of the log, as they went out."""
    return to_records("funds", list(reversed(await reader.fetch(_LAST, count))))
