"""What the transport asks of broker and client, shown with the client alone: topics, producer, groups."""

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio]


async def test_topics_are_made_by_request(broker: str, kafka_namespace: str) -> None:
    topic = f"{kafka_namespace}.asked"
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    try:
        made = await admin.create_topics([NewTopic(topic, 3, 1)])
        again = await admin.create_topics([NewTopic(topic, 3, 1)])
        described = await admin.describe_topics([topic])
    finally:
        await admin.close()
    assert made.topic_errors[0][1] == 0
    assert again.topic_errors[0][1] == 36  # TOPIC_ALREADY_EXISTS, told and harmless
    assert len(described[0]["partitions"]) == 3
