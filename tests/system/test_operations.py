"""docs/operations.md tells the truth: its blocks are run, in order, on processes of docker-compose.yml with a real Kafka."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from aiokafka import AIOKafkaProducer

from deploy.env import complete
from deploy.native.variables import read_env_file

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
KAFKA_LISTENERS = 30  # the stand-in takes the ports ten and twenty above, too
PORTS = {
    "FRONT_PORT": 8000,
    "FUNDS_PORT": 8001,
    "MONITORING_PORT": 8002,
    "ASSETS_PORT": 8003,
    "FUNDS_WORKER_PORT": 8011,
    "MONITORING_WORKER_PORT": 8012,
    "ASSETS_WORKER_PORT": 8013,
    "POSTGRES_PORT": 15432,
    "KAFKA_PORT": 19092,
}


class Station:
    """A native system of its own: own variables, own ports, own state."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        complete(folder / ".env")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SHOUWANG_")},
            "COMPOSE_ENV_FILES": str(folder / ".env"),
            "NATIVE_STATE_DIR": str(self.state),
            **{name: str(port) for name, port in self.ports.items()},
        }
        self.variables = read_env_file(folder / ".env")

    def run(self, script: str) -> str:
        """What a script of the document prints; the addresses in it are ours."""
        for name, port in PORTS.items():
            script = re.sub(rf"127\.0\.0\.1:{port}\b", f"127.0.0.1:{self.ports[name]}", script)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],  # noqa: S607  as an operator has it
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def url(self, name: str) -> str:
        """Where something of ours listens."""
        return f"http://127.0.0.1:{self.ports[name]}"


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    folder = tmp_path_factory.mktemp("native")
    made = Station(folder)
    try:
        yield made
    finally:
        made.run("make down REMOVE=1")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, with room above each."""
    found: list[int] = []
    first = 32_000 - (os.getpid() % 40) * 100 - count * KAFKA_LISTENERS
    for candidate in range(first, first - 4000, -KAFKA_LISTENERS):
        if all(is_free(candidate + above) for above in (0, 10, 20)):
            found.append(candidate)
        if len(found) == count:
            break
    return found


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_document_is_run(station: Station) -> None:
    """Every block, from the start to the stop; beside it a command, an event through Kafka, a poison, a kill."""
    assert len(BLOCKS) >= 6
    first, *middle, last = BLOCKS
    assert "ready" in station.run(first)
    assert "已在运行" in station.run(first)
    a_command_has_one_effect(station)
    asyncio.run(poison(station))
    told = "".join(station.run(block) for block in middle)
    assert "healthy" in told
    assert "UNREADABLE" in told
    assert "handled=0" in told
    assert "discarded" in told
    a_killed_process_comes_back(station)
    station.run(last)
    assert "未运行" in station.run(".venv/bin/python -m deploy.native status || test $? = 3")
    for port in station.ports.values():
        assert is_free(port)


def a_command_has_one_effect(station: Station) -> None:
    clue = {
        "area_code": "230606100205",
        "source": "CADRE",
        "item": "house_damaged",
        "event_on": "2023-01-10",
        "name": "张三",
        "born_on": "1970-01-01",
    }
    with httpx.Client(base_url=station.url("FRONT_PORT"), timeout=30) as client:
        token = client.post("/dev/token", json={"persona": "grid_worker"}).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "operations-0001"}
        first = client.post("/monitoring/v1/clues", json=clue, headers=headers)
        again = client.post("/monitoring/v1/clues", json=clue, headers=headers)
    assert first.status_code == 201, first.text
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"


async def poison(station: Station) -> None:
    """Something on a topic that monitoring reads and that is no event."""
    producer = AIOKafkaProducer(bootstrap_servers=f"127.0.0.1:{station.ports['KAFKA_PORT']}")
    await producer.start()
    try:
        await producer.send_and_wait("shouwang.funds.household.v1", b"no event", partition=0)
    finally:
        await producer.stop()
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        while not (await client.get(f"{station.url('MONITORING_PORT')}/readyz")).json()["backlog"]["parked"]:
            await asyncio.sleep(0.2)


def a_killed_process_comes_back(station: Station) -> None:
    def told() -> dict[str, Any]:
        found: dict[str, Any] = json.loads((station.state / "status.json").read_text("utf-8"))["services"]["assets-api"]
        return found

    before = told()
    os.kill(before["pid"], signal.SIGKILL)
    end = time.monotonic() + 60
    while (now := told())["state"] != "healthy" or now["pid"] == before["pid"]:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert now["restarts"] == before["restarts"] + 1


def test_every_block_says_who_runs_it() -> None:
    kinds = re.findall(r"^```(.+)$", TEXT, re.MULTILINE)
    assert set(kinds) <= {"sh", "sh container", "text"}
