"""A Kafka cluster of one or three nodes on the loopback address, kept in one directory."""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from deploy.kafka.node import USER, Node
from deploy.kafka.ports import HOST, NodePorts, free_ports, ports_from, taken
from deploy.kafka.problems import KafkaUnavailable
from deploy.kafka.runtime import Runtime

_START_SECONDS = 90.0


class Cluster:
    """The brokers of one directory; start and stop may happen in different processes.

    As a context manager the nodes are children of this process and die with it; `start(detached=True)` lets them live on.
    """

    def __init__(self, directory: Path, *, brokers: int = 1, port: int | None = None, quick: bool = False) -> None:
        """`port`: of the first node, else free ones that are remembered; `quick`: cheaper start, slower work."""
        self.directory = directory.absolute()
        self.brokers = brokers
        self._port = port
        self._quick = quick
        self._state: dict[str, Any] = {}
        self._runtime: Runtime | None = None
        self.nodes: list[Node] = []

    @classmethod
    def at(cls, directory: Path) -> "Cluster | None":
        """The cluster that an earlier start left in this directory, running or not."""
        state = _read(directory.absolute())
        if not state:
            return None
        cluster = cls(directory, brokers=len(state["ports"]))
        cluster._prepare(state)
        return cluster

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def bootstrap(self) -> str:
        """Addresses for clients without password, all nodes, comma between."""
        return ",".join(f"{HOST}:{node.ports.plain}" for node in self.nodes)

    @property
    def sasl_bootstrap(self) -> str:
        """Addresses for clients with SASL_PLAINTEXT and SCRAM, as `user` with `password`."""
        return ",".join(f"{HOST}:{node.ports.sasl}" for node in self.nodes)

    @property
    def user(self) -> str:
        """The one user who has a password."""
        return USER

    @property
    def password(self) -> str:
        """The password of `user`, made at the first start."""
        return str(self._state["password"])

    @property
    def is_running(self) -> bool:
        """Whether every node has a living process."""
        return bool(self.nodes) and all(node.pid() for node in self.nodes)

    async def start(self, *, detached: bool = False) -> None:
        """Start what does not run yet, and return when every node serves with all others.

        Raises KafkaUnavailable: no Java, no Maven, a jar refused, a port taken, another number of brokers.
        """
        runtime = await self._found()
        self._prepare(await asyncio.to_thread(self._decide))
        resting = [node for node in self.nodes if node.pid() is None]
        if busy := taken([node.ports for node in resting]):
            raise KafkaUnavailable(
                f"端口已被占用：{busy}。 / Ports are taken: {', '.join(map(str, busy))}.",
            )
        ports = [node.ports for node in self.nodes]
        for node in resting:
            await asyncio.to_thread(node.furnish, runtime, ports, self.password)
        try:
            for node in resting:
                node.launch(runtime, tied_to_us=not detached, quick=self._quick)
            await self.ready()
        except BaseException:
            await self.stop()
            raise

    async def ready(self) -> None:
        """Return when every node sees all others serve."""
        await asyncio.gather(*(node.ready(self.brokers, _START_SECONDS) for node in self.nodes))

    async def stop(self) -> None:
        """End every node, cleanly first."""
        await asyncio.gather(*(node.stop() for node in self.nodes))

    async def remove(self) -> None:
        """Stop and delete everything, the data too."""
        await self.stop()
        await asyncio.to_thread(shutil.rmtree, self.directory, ignore_errors=True)

    def node(self, number: int) -> Node:
        """The node with this number, from 1, as Kafka's metadata tell it."""
        return self.nodes[number - 1]

    async def kill_node(self, number: int) -> None:
        """End one node by SIGKILL."""
        await self.node(number).kill()

    async def stop_node(self, number: int) -> None:
        """Stop one node cleanly."""
        await self.node(number).stop()

    async def start_node(self, number: int) -> None:
        """Start one node again on its data and its ports, as a child of ours; returns when it serves with all others."""
        self.node(number).launch(await self._found(), tied_to_us=True, quick=self._quick)
        await self.node(number).ready(sum(node.pid() is not None for node in self.nodes), _START_SECONDS)

    async def _found(self) -> Runtime:
        if self._runtime is None:
            self._runtime = await asyncio.to_thread(Runtime.find)
        return self._runtime

    def _decide(self) -> dict[str, Any]:
        state = _read(self.directory)
        if state and len(state["ports"]) != self.brokers:
            raise KafkaUnavailable(
                f"{self.directory} 中的数据属于 {len(state['ports'])} 个节点，不是 {self.brokers} 个。 / "
                f"The data in {self.directory} are of {len(state['ports'])} nodes, not {self.brokers}.",
            )
        ports = [NodePorts(*each) for each in state.get("ports", ())]
        if self._port is not None and not any(node.pid() for node in self._nodes_at(ports)):
            ports = ports_from(self._port, self.brokers)
        ports = ports or free_ports(self.brokers)
        state = {
            "ports": [(each.plain, each.sasl, each.controller) for each in ports],
            "password": state.get("password") or secrets.token_urlsafe(24),
        }
        _write(self.directory, state)
        return state

    def _prepare(self, state: dict[str, Any]) -> None:
        self._state = state
        if not self.nodes:
            self.nodes = self._nodes_at([NodePorts(*each) for each in state["ports"]])

    def _nodes_at(self, ports: Sequence[NodePorts]) -> list[Node]:
        return [Node(number, self.directory / f"node-{number}", each) for number, each in enumerate(ports, 1)]


def _read(directory: Path) -> dict[str, Any]:
    with contextlib.suppress(FileNotFoundError):
        state: dict[str, Any] = json.loads((directory / "cluster.json").read_bytes())
        return state
    return {}


def _write(directory: Path, state: dict[str, Any]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    scratch = directory / "cluster.new"
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(state, file)
    scratch.replace(directory / "cluster.json")
