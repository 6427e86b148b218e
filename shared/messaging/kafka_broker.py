"""Where Kafka is and how to speak to it: the facts of the connection, and the names that things have there."""

import asyncio
import logging
import ssl
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from shared.messaging.topics import DECLARED

_REQUEST_SECONDS = 10.0
_METADATA_SECONDS = 10.0

# The client tells each failed attempt of each of its tasks; what an operator must know is told by sender and reader.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Broker:
    """A Kafka cluster as one process sees it (事件总线)."""

    bootstrap: str
    """`host:port`, several separated by commas."""
    namespace: str = "shouwang"
    """Set before every topic and group, so that installations may share a cluster."""
    security: str = "PLAINTEXT"
    """PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL; SASL is SCRAM-SHA-256."""
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    """Who signed the brokers' certificates; empty for those that the system trusts."""
    instance: str | None = None
    """The name of this process among the readers of its group: under the same name it gets the same partitions back."""
    session_seconds: float = 10.0
    """After so long without a sign of life a reader's partitions go to others."""

    def wire(self, topic: str) -> str:
        """The topic's name on the cluster."""
        return f"{self.namespace}.{topic}"

    def topic(self, wire: str) -> str:
        """The topic of a name on the cluster."""
        return wire.removeprefix(f"{self.namespace}.")

    def connection(self) -> dict[str, Any]:
        """What every client of the library has to be told."""
        facts: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap.split(","),
            "security_protocol": self.security,
            "request_timeout_ms": int(_REQUEST_SECONDS * 1000),
            "metadata_max_age_ms": int(_METADATA_SECONDS * 1000),
        }
        if self.security.endswith("SSL"):
            facts["ssl_context"] = ssl.create_default_context(cafile=self.ca_file or None)
        if self.security.startswith("SASL"):
            facts["sasl_mechanism"] = "SCRAM-SHA-256"
            facts["sasl_plain_username"] = self.username
            facts["sasl_plain_password"] = self.password
        return facts


def partitions(topic: str) -> int:
    """Into how many partitions the keys of `topic` are spread."""
    return DECLARED[topic].partitions


async def to_the_end(start: Coroutine[Any, Any, None]) -> None:
    """Let a client's `start` finish even when we are cancelled: one broken off leaves its connection open."""
    starting = asyncio.ensure_future(start)
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait([starting])
        if not starting.cancelled():
            starting.exception()
        raise
