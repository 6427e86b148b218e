"""The configuration of one node."""

from collections.abc import Sequence
from pathlib import Path

from deploy.kafka.ports import HOST, NodePorts

CLUSTER_ID = "c2hvdXdhbmcta2Fma2EtMQ"
"""Sixteen bytes in base64 without padding, as Kafka wants it."""
MECHANISMS = ("SCRAM-SHA-256", "SCRAM-SHA-512")
"""How clients with a password may prove it."""
_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
_SAFE = 3
"""From this many nodes on, what one node holds alone counts as lost."""


def server_properties(number: int, nodes: Sequence[NodePorts], data: Path) -> str:
    """The text of server.properties for node `number`, from 1: broker and controller in one process."""
    own = nodes[number - 1]
    copies = min(len(nodes), _SAFE)
    least = 2 if copies >= _SAFE else 1
    settings = {
        "process.roles": "broker,controller",
        "node.id": number,
        "controller.quorum.voters": ",".join(f"{n}@{HOST}:{each.controller}" for n, each in enumerate(nodes, 1)),
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listeners": f"PLAINTEXT://{HOST}:{own.plain},SASL://{HOST}:{own.sasl},CONTROLLER://{HOST}:{own.controller}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{own.plain},SASL://{HOST}:{own.sasl}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
        "listener.name.sasl.sasl.enabled.mechanisms": ",".join(MECHANISMS),
        **{f"listener.name.sasl.{each.lower()}.sasl.jaas.config": _LOGIN for each in MECHANISMS},
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        "unclean.leader.election.enable": "false",
        "default.replication.factor": copies,
        "min.insync.replicas": least,
        "offsets.topic.replication.factor": copies,
        "offsets.topic.num.partitions": 3,  # as many nodes and groups as a test has
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": least,
        "transaction.state.log.num.partitions": 3,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": least,
        "broker.session.timeout.ms": 6000,  # how long a killed node keeps its place, and its successor waits
        "broker.heartbeat.interval.ms": 1000,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 1000,  # a test does not wait six seconds for a dead consumer
        "log.index.size.max.bytes": 1 << 20,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())
