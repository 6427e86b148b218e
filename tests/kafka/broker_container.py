"""A broker in a container, when an engine answers on this machine."""

import asyncio
import secrets
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deploy.kafka import jars
from deploy.kafka.ports import HOST, free_ports
from deploy.kafka.probe import brokers_seen

_READY_SECONDS = 60
_PULL_SECONDS = 60  # a test does not wait for a slow registry; Java is next


class NoContainer(RuntimeError):
    """No engine answers, or it cannot run the image."""


@asynccontextmanager
async def container() -> AsyncIterator[tuple[str, str]]:
    """Address and image of a running broker; raises NoContainer."""
    engine = await asyncio.to_thread(_engine)
    name, image = f"shouwang-test-{secrets.token_hex(4)}", f"apache/kafka:{jars.version()}"
    port = free_ports(1)[0].plain
    try:
        await asyncio.to_thread(_ask, [engine, "run", "-d", "--rm", "--name", name, *_options(port), image])
        await _ready(port)
    except NoContainer:
        await asyncio.to_thread(subprocess.run, [engine, "rm", "-f", name], capture_output=True, check=False)
        raise
    try:
        yield f"{HOST}:{port}", f"{image} ({engine})"
    finally:
        await asyncio.to_thread(subprocess.run, [engine, "rm", "-f", name], capture_output=True, check=False)


def _engine() -> str:
    for engine in ("docker", "podman"):
        if shutil.which(engine):
            _ask([engine, "info"])
            return engine
    raise NoContainer("no container engine")


def _ask(command: list[str]) -> None:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PULL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as problem:
        raise NoContainer(f"{command[0]} {command[1]} takes too long") from problem
    if done.returncode:
        raise NoContainer(f"{command[0]} {command[1]}: {done.stderr[-1000:]}")


async def _ready(port: int) -> None:
    try:
        async with asyncio.timeout(_READY_SECONDS):
            while not await brokers_seen(HOST, port):
                await asyncio.sleep(0.2)
    except TimeoutError as problem:
        raise NoContainer("the container's broker does not get ready") from problem


def _options(port: int) -> list[str]:
    settings = {
        "NODE_ID": 1,
        "PROCESS_ROLES": "broker,controller",
        "LISTENERS": f"PLAINTEXT://:{port},CONTROLLER://:9093",
        "ADVERTISED_LISTENERS": f"PLAINTEXT://{HOST}:{port}",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": 1,
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": 1,
        "TRANSACTION_STATE_LOG_MIN_ISR": 1,
        "AUTO_CREATE_TOPICS_ENABLE": "false",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": 0,
        "GROUP_MIN_SESSION_TIMEOUT_MS": 1000,
    }
    given = [word for name, value in settings.items() for word in ("-e", f"KAFKA_{name}={value}")]
    return ["-p", f"{HOST}:{port}:{port}", *given]
