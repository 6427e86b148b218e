"""Ports of the loopback address for the nodes of one cluster."""

import random
import socket
from dataclasses import dataclass

from deploy.kafka.problems import KafkaUnavailable

HOST = "127.0.0.1"
_FREE = range(20_000, 32_000)
"""Below the ports that systems give to outgoing connections: a node finds its own free again after a restart."""
_STEP = 10
_TRIES = 200


@dataclass(frozen=True, slots=True)
class NodePorts:
    """Where one node listens: to clients, to clients with a password, to the other nodes."""

    plain: int
    sasl: int
    controller: int


def ports_from(first: int, nodes: int) -> list[NodePorts]:
    """Clients meet the nodes at `first`, `first + 1`, …; the other listeners lie ten and twenty above."""
    return [NodePorts(first + node, first + _STEP + node, first + 2 * _STEP + node) for node in range(nodes)]


def free_ports(nodes: int) -> list[NodePorts]:
    """Ports that nobody listens on now; raises KafkaUnavailable when there are none."""
    for _ in range(_TRIES):
        first = random.randrange(_FREE.start, _FREE.stop - 3 * _STEP)  # noqa: S311 - no secret
        found = ports_from(first, nodes)
        if not taken(found):
            return found
    raise KafkaUnavailable("没有空闲端口。 / No free ports.")


def taken(ports: list[NodePorts]) -> list[int]:
    """Those of the ports that something listens on."""
    every = [port for node in ports for port in (node.plain, node.sasl, node.controller)]
    return [port for port in every if not _is_free(port)]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
