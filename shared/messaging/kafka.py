"""Kafka as the log between the services, behind the same port as the embedded one (architecture.md D5, D19)."""

from collections.abc import Collection

from shared.messaging.kafka_broker import Broker
from shared.messaging.kafka_reader import KafkaSubscription
from shared.messaging.kafka_sender import KafkaSender
from shared.messaging.kafka_topics import TopicsFault, create_topics
from shared.messaging.transport import Resume

__all__ = ["Broker", "KafkaSender", "KafkaTransport", "TopicsFault", "create_topics"]


class KafkaTransport:
    """A transport for services in processes of their own."""

    def __init__(self, broker: Broker, *, batch: int = 500) -> None:
        self._broker = broker
        self._batch = batch

    def subscribe(self, group: str, topics: Collection[str], resume: Resume) -> KafkaSubscription:
        """Read `topics` together with the other processes of `group`."""
        return KafkaSubscription(self._broker, group, topics, resume, self._batch)
