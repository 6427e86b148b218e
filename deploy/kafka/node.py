"""One Kafka node, broker and controller in one process: its files, its start and its end."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from deploy.kafka import tied
from deploy.kafka.ports import HOST, NodePorts
from deploy.kafka.probe import brokers_seen
from deploy.kafka.problems import KafkaUnavailable

_LOG4J = Path(__file__).with_name("log4j2.properties")
_JVM = ("-Xms64m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true")
_TOOL_JVM = ("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_ENDINGS = ((signal.SIGTERM, 20.0), (signal.SIGKILL, 5.0))
_PROC = Path("/proc")


class Node:
    """A node of a cluster by number, from 1; its process may be a child of ours or left by an earlier start."""

    def __init__(self, number: int, directory: Path, ports: NodePorts, java: Path, classpath: str) -> None:
        self.number = number
        self.directory = directory
        self.ports = ports
        self._java = java
        self._classpath = classpath
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def properties(self) -> Path:
        """The node's configuration."""
        return self.directory / "server.properties"

    @property
    def is_formatted(self) -> bool:
        """Whether the node has a store already."""
        return (self.directory / "data" / "meta.properties").exists()

    def format(self, cluster_id: str, scram: str) -> None:
        """Make the store, with one SCRAM user in it; blocks for about a second. Raises KafkaUnavailable."""
        self.directory.joinpath("data").mkdir(parents=True, exist_ok=True)
        command = [
            str(self._java),
            *_TOOL_JVM,
            *self._logging("format"),
            "-cp",
            self._classpath,
            "kafka.tools.StorageTool",
        ]
        command += ["format", "--cluster-id", cluster_id, "--config", str(self.properties), "--add-scram", scram]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise KafkaUnavailable(f"无法建立存储。 / Cannot make the store.\n{done.stdout}{done.stderr}")

    def launch(self, *, tied_to_us: bool) -> None:
        """Start the process; `tied_to_us`: it dies with this process, on Linux, however that ends."""
        command = [str(self._java), *_JVM, *self._logging("logs"), "-cp", self._classpath, "kafka.Kafka"]
        command.append(str(self.properties))
        if tied_to_us:
            command = [sys.executable, "-I", str(Path(tied.__file__)), str(os.getpid()), *command]
        with (self.directory / "output.log").open("ab") as output:
            self._child = subprocess.Popen(
                command,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for us; we end the node
            )
        (self.directory / "pid").write_text(str(self._child.pid), "ascii")

    def pid(self) -> int | None:
        """The living process of this node; None when its pid file is missing, stale or names another process."""
        if self._child and self._child.poll() is None:
            return self._child.pid  # its command line cannot be read in the moment it becomes java
        try:
            pid = int((self.directory / "pid").read_text("ascii"))
        except (FileNotFoundError, ValueError):
            return None
        return pid if str(self.properties) in _command_of(pid) else None

    async def ready(self, brokers: int, seconds: float) -> None:
        """Return when this node sees that many brokers serve; raises KafkaUnavailable when it died or takes too long."""
        try:
            async with asyncio.timeout(seconds):
                while await brokers_seen(HOST, self.ports.plain) < brokers:
                    if self.pid() is None:
                        raise KafkaUnavailable(f"Kafka 未能启动。 / Kafka does not start.\n{self.log_tail()}")
                    await asyncio.sleep(0.1)
        except TimeoutError as problem:
            raise KafkaUnavailable(
                f"Kafka 在 {seconds:.0f} 秒内未就绪。 / Kafka is not ready after {seconds:.0f} s.\n{self.log_tail()}",
            ) from problem

    async def stop(self) -> None:
        """End the process: cleanly first, by force at last."""
        for number, seconds in _ENDINGS:
            self.send(number)
            if await self._gone(seconds):
                break
        (self.directory / "pid").unlink(missing_ok=True)

    async def kill(self) -> None:
        """End the process by SIGKILL, and wait until it is gone."""
        self.send(signal.SIGKILL)
        await self._gone(5.0)

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if the process lives."""
        if pid := self.pid():
            os.kill(pid, number)

    def log_tail(self) -> str:
        """The last lines that the node wrote."""
        files = (self.directory / "output.log", self.directory / "logs" / "server.log")
        texts = (file.read_text("utf-8", "replace")[-1500:] for file in files if file.exists())
        return "\n".join(texts)

    async def _gone(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                while self.pid() is not None:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            return False
        return True

    def _logging(self, folder: str) -> tuple[str, str]:
        return f"-Dlog4j2.configurationFile={_LOG4J}", f"-Dkafka.logs.dir={self.directory / folder}"


def _command_of(pid: int) -> str:
    if _PROC.is_dir():
        try:
            return (_PROC / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace")  # empty for a zombie
        except OSError:
            return ""
    command = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False).stdout
