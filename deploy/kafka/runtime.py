"""What every node is started with: java, the jars, and an archive of loaded classes that saves most of a start.

Loading Kafka's classes takes four of the six processor seconds of a start. Java can keep them loaded in a file;
that file is made once per cache, by a broker that starts and stops in a scratch directory.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.kafka import jars, java
from deploy.kafka.ports import free_ports
from deploy.kafka.problems import KafkaUnavailable
from deploy.kafka.properties import CLUSTER_ID, MECHANISMS, server_properties

LOG4J = Path(__file__).with_name("log4j2.properties")
_HEAP = ("-Xms64m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true")
_SHORT_LIVED = ("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_QUICK = ("-XX:TieredStopAtLevel=1",)
_STARTED = "Kafka Server started"
_START_SECONDS, _DUMP_SECONDS = 90, 90


@dataclass(frozen=True, slots=True)
class Runtime:
    """How to start a Kafka program on this machine."""

    program: Path
    classpath: str
    archive: Path | None = None

    @classmethod
    def find(cls) -> "Runtime":
        """Java and the jars, fetched when they are lacking; raises KafkaUnavailable. Blocks, at first for a minute."""
        found = java.find()
        with jars.ensured() as paths:
            bare = cls(found.program, os.pathsep.join(map(str, paths)))
            archive = paths[0].with_name(f"classes-{found.version}.jsa")
            if not archive.exists():
                bare.write_archive(archive)
        return cls(bare.program, bare.classpath, archive if archive.exists() else None)

    def broker(self, properties: Path, logs: Path, *, quick: bool) -> list[str]:
        """The command of a node; `quick` spares the optimising compiler, for brokers that live for minutes."""
        shared = [f"-XX:SharedArchiveFile={self.archive}"] if self.archive else []
        return self._command([*_HEAP, *(_QUICK if quick else ()), *shared], logs, "kafka.Kafka", str(properties))

    def format(self, properties: Path, logs: Path, user: str, password: str) -> None:
        """Make the store of a node with one user in it; raises KafkaUnavailable."""
        words = ["format", "--cluster-id", CLUSTER_ID, "--config", str(properties)]
        for mechanism in MECHANISMS:
            words += ["--add-scram", f"{mechanism}=[name={user},password={password}]"]
        shared = [f"-XX:SharedArchiveFile={self.archive}"] if self.archive else []
        command = self._command([*_SHORT_LIVED, *shared], logs, "kafka.tools.StorageTool", *words)
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise KafkaUnavailable(f"无法建立存储。 / Cannot make the store.\n{done.stdout}{done.stderr}")

    def write_archive(self, archive: Path) -> None:
        """Start and stop a broker that writes its loaded classes; without effect when that fails."""
        scratch = Path(tempfile.mkdtemp(prefix="shouwang_kafka_"))
        made = archive.with_suffix(".new")
        try:
            properties = scratch / "server.properties"
            properties.write_text(server_properties(1, free_ports(1), scratch / "data"), "utf-8")
            self.format(properties, scratch, "nobody", "nothing")
            command = self._command(
                [*_HEAP, f"-XX:ArchiveClassesAtExit={made}"], scratch, "kafka.Kafka", str(properties)
            )
            if _start_and_stop(command, scratch / "server.log"):
                made.rename(archive)
        except OSError:
            return  # a start without it is only slower
        finally:
            made.unlink(missing_ok=True)
            shutil.rmtree(scratch, ignore_errors=True)

    def _command(self, options: Sequence[str], logs: Path, *program: str) -> list[str]:
        logging = (f"-Dlog4j2.configurationFile={LOG4J}", f"-Dkafka.logs.dir={logs}")
        return [str(self.program), *options, *logging, "-cp", self.classpath, *program]


def _start_and_stop(command: list[str], log: Path) -> bool:
    broker = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + _START_SECONDS
        while broker.poll() is None and time.monotonic() < end:
            if log.exists() and _STARTED in log.read_text("utf-8", "replace"):
                broker.send_signal(signal.SIGTERM)
                broker.wait(_DUMP_SECONDS)
                return True
            time.sleep(0.2)
    except subprocess.TimeoutExpired:
        return False
    finally:
        broker.kill()
        broker.wait()
    return False
