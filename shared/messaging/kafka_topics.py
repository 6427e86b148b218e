"""Creates the declared topics; what exists is never changed, but told when it differs."""

import asyncio
from collections.abc import Collection

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.messaging.kafka_broker import Broker
from shared.messaging.topics import DECLARED, Topic

_SECONDS = 30.0
_LOOK_AGAIN = 0.1
_log = structlog.get_logger("topics")


class TopicsFault(Exception):
    """The cluster's topics are not as declared; each line of the message names one and why."""


async def create_topics(
    broker: Broker, topics: Collection[Topic] = tuple(DECLARED.values()), *, replication: int = 1
) -> tuple[str, ...]:
    """Create those of `topics` that are missing and return their names; may be repeated.

    Raises TopicsFault when one exists with another count of partitions or cannot be created, and when the cluster
    cannot be reached.
    """
    admin = AIOKafkaAdminClient(**broker.connection())
    try:
        async with asyncio.timeout(_SECONDS):
            await admin.start()
            created, faults = await _create(admin, broker, topics, replication)
            faults += await _differing(admin, broker, [topic for topic in topics if topic.name not in created])
            await _served(admin, {broker.wire(name) for name in created})
    except (KafkaError, OSError) as fault:
        raise TopicsFault(f"the cluster at {broker.bootstrap} does not answer: {type(fault).__name__}") from fault
    finally:
        await admin.close()
    if faults:
        raise TopicsFault("\n".join(faults))
    return tuple(created)


async def _create(
    admin: AIOKafkaAdminClient, broker: Broker, topics: Collection[Topic], replication: int
) -> tuple[list[str], list[str]]:
    new = [
        NewTopic(broker.wire(topic.name), topic.partitions, replication, topic_configs=topic.settings(replication))
        for topic in topics
    ]
    answer = await admin.create_topics(new)
    created, faults = [], []
    for wire, code, message, *_ in answer.topic_errors:
        fault = for_code(code)
        if code == 0:
            created.append(broker.topic(wire))
            _log.info("topic created", topic=wire)
        elif fault is not TopicAlreadyExistsError:
            faults.append(f"{wire}: {fault.__name__} {message or ''}".rstrip())
    return created, faults


async def _served(admin: AIOKafkaAdminClient, wires: set[str]) -> None:
    """Return when the cluster tells of them: a reader that comes earlier would find nothing to read for a while."""
    while wires:
        known = await admin.describe_topics(sorted(wires))
        wires = wires - {about["topic"] for about in known if about["error_code"] == 0 and about["partitions"]}
        await asyncio.sleep(_LOOK_AGAIN if wires else 0)


async def _differing(admin: AIOKafkaAdminClient, broker: Broker, topics: Collection[Topic]) -> list[str]:
    if not topics:
        return []
    known = await admin.describe_topics([broker.wire(topic.name) for topic in topics])
    found = {about["topic"]: len(about["partitions"]) for about in known if about["error_code"] == 0}
    return [
        f"{broker.wire(topic.name)}: {found[broker.wire(topic.name)]} partitions, declared are {topic.partitions}"
        for topic in topics
        if found.get(broker.wire(topic.name), topic.partitions) != topic.partitions
    ]
