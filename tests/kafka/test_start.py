"""`python -m deploy.kafka`: checked jars, one start and one end, nothing left when the starter dies."""

import asyncio
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.kafka import jars
from deploy.kafka.cluster import Cluster
from deploy.kafka.ports import HOST, free_ports
from deploy.kafka.problems import KafkaUnavailable
from deploy.kafka.runtime import Runtime
from tests.kafka.broker_plugin import missing
from tests.kafka.broker_run import ROOT
from tests.kafka.clients import until

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module", autouse=True)
def runtime() -> Runtime:
    try:
        return Runtime.find()
    except KafkaUnavailable as problem:
        missing(str(problem))


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with the same jars, by link, and no Maven on the path."""
    with jars.ensured() as paths:
        place = tmp_path / "cache" / paths[0].parent.name
        place.mkdir(parents=True)
        for path in paths:
            place.joinpath(path.name).symlink_to(path)
    monkeypatch.setenv("KAFKA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    return place


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "kafka"
    if cluster := Cluster.at(tmp_path / "kafka"):
        asyncio.run(cluster.remove())


def kafka(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.kafka", "--data", str(directory), *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@contextmanager
def foreground(directory: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "deploy.kafka", "--data", str(directory), "up", "--port", "0", "--foreground"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        while "pid" not in (line := started.stdout.readline()):
            assert line, "ended before it was up"
        yield started


def test_a_filled_cache_needs_no_maven(copied: Path) -> None:
    with jars.ensured() as paths:
        assert paths == sorted(copied.glob("*.jar"))


def test_a_refused_jar_is_deleted_and_told(copied: Path) -> None:
    [jar] = copied.glob("kafka-clients-*.jar")
    jar.unlink()
    jar.write_bytes(b"not what Maven brought")
    with pytest.raises(jars.JarRefused, match=jar.name), jars.ensured():
        pass
    assert not jar.exists()
    with pytest.raises(KafkaUnavailable, match="Maven"), jars.ensured():  # it is fetched anew, not done without
        pass


def test_a_jar_that_nobody_named_is_refused(copied: Path) -> None:
    copied.joinpath("added.jar").write_bytes(b"more classes")
    with pytest.raises(jars.JarRefused, match=r"added\.jar"), jars.ensured():
        pass


def test_up_status_down(directory: Path) -> None:
    assert kafka(directory, "status").returncode == 3
    port = str(free_ports(1)[0].plain)
    started = kafka(directory, "up", "--port", port)
    assert started.returncode == 0, started.stderr
    assert f"{HOST}:{port}" in started.stdout
    assert kafka(directory, "up", "--port", "0").stdout == started.stdout  # the same broker, found running
    assert kafka(directory, "status").stdout == started.stdout
    other = kafka(directory, "up", "--brokers", "3")
    assert (other.returncode, "1 nodes, not 3" in other.stderr) == (1, True)
    assert kafka(directory, "down").returncode == 0
    assert kafka(directory, "status").returncode == 3
    assert directory.is_dir()
    kafka(directory, "down", "--remove")
    assert not directory.exists()


def test_a_taken_port_is_told(directory: Path) -> None:
    ports = free_ports(1)[0]
    with socket.create_server((HOST, ports.controller)):
        refused = kafka(directory, "up", "--port", str(ports.plain))
    assert refused.returncode == 1
    assert str(ports.controller) in refused.stderr


def test_in_the_foreground_it_ends_with_the_starter(directory: Path) -> None:
    with foreground(directory) as started:
        started.send_signal(signal.SIGTERM)
        assert started.wait(60) == 0
    cluster = Cluster.at(directory)
    assert cluster is not None
    assert not cluster.is_running


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_nothing_is_left_when_the_starter_is_killed(directory: Path) -> None:
    with foreground(directory) as killed:
        cluster = Cluster.at(directory)
        assert cluster is not None
        assert cluster.is_running
        killed.kill()
    asyncio.run(until(lambda: not cluster.is_running))


def test_without_java_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("java") is None
    with pytest.raises(KafkaUnavailable, match="Java 17"):
        Runtime.find()
