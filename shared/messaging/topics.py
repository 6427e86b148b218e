"""The topics (主题) of the event catalogue on Kafka: the one place that says how many partitions and how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.contracts.catalogue import TOPICS, producer


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; the count of partitions is fixed at its creation, for the keys' order hangs on it."""

    name: str
    partitions: int
    retention_days: int

    @property
    def producer(self) -> str:
        """The service that alone writes it."""
        return producer(TOPICS[self.name][0])

    def settings(self, replication: int) -> dict[str, str]:
        """The topic's configuration on a cluster that keeps `replication` copies."""
        return {
            "retention.ms": str(self.retention_days * 86_400_000),
            "cleanup.policy": "delete",
            # Whatever a producer uses, a reader without the library of that format must be able to read on.
            "compression.type": "uncompressed",
            "min.insync.replicas": str(max(replication - 1, 1)),
            "unclean.leader.election.enable": "false",
        }


_ALL = (
    Topic("assets.asset.v1", 12, 90),
    Topic("assets.count.v1", 1, 90),
    Topic("assets.household.v1", 12, 90),
    Topic("funds.alert.v1", 12, 30),
    Topic("funds.disclosure.v1", 3, 30),
    Topic("funds.household.v1", 12, 90),
    Topic("funds.indicator.v1", 3, 90),
    Topic("funds.plan.v1", 1, 90),
    Topic("funds.project.v1", 12, 90),
    Topic("monitoring.case.v1", 12, 30),
    Topic("monitoring.clue.v1", 12, 30),
    Topic("monitoring.county.v1", 1, 90),
    Topic("monitoring.finding.v1", 3, 30),
    Topic("monitoring.household.v1", 24, 90),
    Topic("monitoring.posting.v1", 3, 30),
)

DECLARED: Mapping[str, Topic] = MappingProxyType({topic.name: topic for topic in _ALL})
"""Every topic of the catalogue by its name without namespace."""


def produced_by(service: str) -> tuple[Topic, ...]:
    """What `service` has to create."""
    return tuple(topic for topic in _ALL if topic.producer == service)
