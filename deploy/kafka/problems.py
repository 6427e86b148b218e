"""Why the broker cannot run here."""


class KafkaUnavailable(RuntimeError):
    """Kafka (消息代理) cannot run on this machine; the message says why and what to do, Chinese first."""
