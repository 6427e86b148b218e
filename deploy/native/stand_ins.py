"""Stand-ins for the images that are not ours: the embedded PostgreSQL and Kafka from Maven artifacts, same door, same words."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from deploy.kafka import jars
from deploy.kafka.cluster import Cluster
from deploy.native.compose import Service, only
from deploy.native.places import published
from deploy.native.problems import BadCompose
from deploy.native.state import Told
from shared.runtime.postgres import EmbeddedPostgres
from shared.runtime.postgres_home import SUPERUSER
from shared.runtime.postgres_state import StateFile

_INITDB = "--locale=C.UTF-8 --encoding=UTF8 --data-checksums --auth-host=scram-sha-256"
"""How the embedded server lays out a cluster (shared/runtime/postgres_home.py)."""
_KAFKA_LAYOUT = frozenset(
    {
        *("CLUSTER_ID", "KAFKA_NODE_ID", "KAFKA_PROCESS_ROLES", "KAFKA_CONTROLLER_QUORUM_VOTERS"),
        *("KAFKA_CONTROLLER_LISTENER_NAMES", "KAFKA_INTER_BROKER_LISTENER_NAME", "KAFKA_LISTENERS"),
        *("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "KAFKA_ADVERTISED_LISTENERS", "KAFKA_LOG_DIRS", "KAFKA_HEAP_OPTS"),
    }
)
"""Where one node lies and listens: the stand-in has its own answers to these."""
_KAFKA_KEPT = {
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
}
"""What the stand-in does as well; with any other value it would be another system."""
_LOOK_SECONDS = 1.0


class StandIn(Protocol):
    """Runs in place of an image until it is stopped."""

    told: Told

    async def run(self) -> None: ...

    async def stop(self) -> None: ...


class PostgresStandIn:
    """The embedded server on the published port, with the superuser's password of the file."""

    def __init__(self, service: Service, directory: Path, changed: Callable[[], None]) -> None:
        """Raises BadCompose for what the embedded server cannot keep."""
        only(service.environment, {"POSTGRES_PASSWORD", "POSTGRES_INITDB_ARGS"}, f"{service.name}.environment")
        if service.environment.get("POSTGRES_INITDB_ARGS") != _INITDB:
            raise BadCompose(f"{service.name}：POSTGRES_INITDB_ARGS 应为 / must be {_INITDB}")
        self.told = Told()
        self._changed = changed
        self._password = service.environment["POSTGRES_PASSWORD"]
        self._state = StateFile(directory / "postgres.json")
        self._server = EmbeddedPostgres(directory, port=published(service), settings=server_settings(service))

    async def run(self) -> None:
        """Start, watch and restart; raises PostgresUnavailable when it does not start, BadCompose for another password."""
        self._server.hold()
        if await asyncio.to_thread(self._state.password, SUPERUSER, first=self._password) != self._password:
            raise BadCompose(
                "POSTGRES_PASSWORD 与已有数据的口令不同；请改回，或 make down REMOVE=1 清除数据。 / "
                "POSTGRES_PASSWORD is not that of the data; put it back, or clear the data: make down REMOVE=1.",
            )
        await self._server.start()
        self.told.state, self.told.pid = "healthy", self._server.pid()
        self._changed()
        await self._server.supervise()

    async def stop(self) -> None:
        """End the server."""
        await self._server.stop()
        self.told.state, self.told.pid = "stopped", None


class KafkaStandIn:
    """One broker on the published port."""

    def __init__(self, service: Service, directory: Path, changed: Callable[[], None]) -> None:
        """Raises BadCompose for another version, or for settings that the stand-in does not have."""
        wanted = service.image.partition(":")[2]
        if wanted != jars.version():
            raise BadCompose(f"{service.image} 与 deploy/kafka 的版本不同 / is not deploy/kafka's: {jars.version()}")
        rest = {name: value for name, value in service.environment.items() if name not in _KAFKA_LAYOUT}
        if rest != _KAFKA_KEPT or service.command:
            raise BadCompose(f"{service.name} 的设置应为 / must be set as {_KAFKA_KEPT}")
        self.told = Told()
        self._changed = changed
        self._cluster = Cluster(directory, port=published(service))
        self._is_stopping = False

    async def run(self) -> None:
        """Start, watch and restart; raises KafkaUnavailable when it does not start."""
        while not self._is_stopping:
            await self._cluster.start()
            self.told.state, self.told.pid = "healthy", self._cluster.node(1).pid()
            self._changed()
            while self._cluster.is_running:
                await asyncio.sleep(_LOOK_SECONDS)
            self.told.restarts += not self._is_stopping

    async def stop(self) -> None:
        """End the broker."""
        self._is_stopping = True
        await self._cluster.stop()
        self.told.state, self.told.pid = "stopped", None


def server_settings(service: Service) -> dict[str, str]:
    """The server settings of `postgres -c name=value …`; raises BadCompose for any other command."""
    words = service.command
    if words[:1] != ("postgres",) or set(words[1::2]) - {"-c"} or any("=" not in word for word in words[2::2]):
        raise BadCompose(f"{service.name}.command 应为 postgres -c 名称=值 … / must be postgres -c name=value …")
    return dict(word.split("=", 1) for word in words[2::2])


KINDS: dict[str, tuple[str, Callable[[Service, Path, Callable[[], None]], StandIn]]] = {
    "postgres": ("postgres", PostgresStandIn),
    "apache/kafka": ("kafka", KafkaStandIn),
}
"""Image name to the directory of its data and what stands for it."""


def stand_in(service: Service, directory: Path, changed: Callable[[], None]) -> StandIn:
    """What runs for an image that is not built here; raises BadCompose when nothing can."""
    found = KINDS.get(service.image.partition(":")[0])
    if found is None:
        raise BadCompose(f"{service.name}：没有 {service.image} 的替代 / nothing stands for {service.image}")
    return found[1](service, directory / found[0], changed)
