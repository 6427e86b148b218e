"""A stand-in does what the image would do, or says that it cannot."""

import re
from pathlib import Path
from typing import Any

import pytest

from deploy.kafka.ports import free_ports
from deploy.native.problems import BadCompose
from deploy.native.stand_ins import server_settings, stand_in
from shared.runtime.postgres_state import StateFile
from tests.unit.deploy.compose_text import read

POSTGRES: dict[str, Any] = {
    "image": "postgres:18",
    "command": ["postgres", "-c", "max_connections=200", "-c", "work_mem=8MB"],
    "environment": {
        "POSTGRES_PASSWORD": "x",
        "POSTGRES_INITDB_ARGS": "--locale=C.UTF-8 --encoding=UTF8 --data-checksums --auth-host=scram-sha-256",
    },
    "ports": ["127.0.0.1:15432:5432"],
}


def nothing() -> None:
    """Nobody listens."""


def spoiled(**more: Any) -> dict[str, Any]:
    return POSTGRES | {
        key: (POSTGRES[key] | value if isinstance(value, dict) else value) for key, value in more.items()
    }


def test_server_settings_are_those_of_the_command(tmp_path: Path) -> None:
    service = read(tmp_path, {"postgres": POSTGRES}, {})["postgres"]
    assert server_settings(service) == {"max_connections": "200", "work_mem": "8MB"}
    stand_in(service, tmp_path, nothing)


@pytest.mark.asyncio
async def test_data_are_not_opened_with_another_password(tmp_path: Path) -> None:
    state_dir = tmp_path / "postgres"
    state_dir.mkdir()
    kept = StateFile(state_dir / "postgres.json")
    assert kept.password("postgres", first="of the first start") == "of the first start"
    port = free_ports(1)[0].plain
    own = POSTGRES | {"ports": [f"127.0.0.1:{port}:5432"]}
    made = stand_in(read(tmp_path, {"postgres": own}, {})["postgres"], tmp_path, nothing)
    with pytest.raises(BadCompose, match="POSTGRES_PASSWORD"):
        await made.run()
    await made.stop()
    assert kept.password("postgres") == "of the first start"


@pytest.mark.parametrize(
    "says, service",
    [
        ("nothing stands for", {"image": "redis:8"}),
        ("PGDATA", spoiled(environment={"PGDATA": "/x"})),
        ("POSTGRES_INITDB_ARGS", spoiled(environment={"POSTGRES_INITDB_ARGS": "--locale=zh_CN"})),
        ("postgres -c", spoiled(command=["postgres", "--single"])),
        ("exactly one port", spoiled(ports=[])),
        ("is not deploy/kafka's", {"image": "apache/kafka:3.9.0", "ports": ["127.0.0.1:1:1"]}),
    ],
)
def test_what_it_cannot_keep_is_refused(tmp_path: Path, says: str, service: dict[str, Any]) -> None:
    found = read(tmp_path, {"one": service}, {})["one"]
    with pytest.raises(BadCompose, match=re.escape(says)):
        stand_in(found, tmp_path, nothing)


@pytest.mark.parametrize(
    "name, value",
    [
        ("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "true"),
        ("KAFKA_LOG_RETENTION_MS", "1"),
        ("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "3"),
    ],
)
def test_a_broker_set_otherwise_is_another_broker(tmp_path: Path, name: str, value: str, real: dict[str, Any]) -> None:
    kafka = real["services"]["kafka"]
    spoilt = kafka | {"environment": kafka["environment"] | {name: value}, "volumes": []}
    with pytest.raises(BadCompose, match="kafka"):
        stand_in(read(tmp_path, {"kafka": spoilt}, {})["kafka"], tmp_path, nothing)
    unspoilt = kafka | {"volumes": []}
    stand_in(read(tmp_path, {"kafka": unspoilt}, {})["kafka"], tmp_path, nothing)
