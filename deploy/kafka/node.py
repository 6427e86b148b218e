"""One Kafka node, broker and controller in one process: its files, its start and its end."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.kafka import tied
from deploy.kafka.ports import HOST, NodePorts
from deploy.kafka.probe import brokers_seen
from deploy.kafka.problems import KafkaUnavailable
from deploy.kafka.properties import server_properties
from deploy.kafka.runtime import Runtime

USER = "shouwang"
_ENDINGS = ((signal.SIGTERM, 20.0), (signal.SIGKILL, 5.0))
_PROC = Path("/proc")


class Node:
    """A node of a cluster by number, from 1; its process may be a child of ours or left by an earlier start."""

    def __init__(self, number: int, directory: Path, ports: NodePorts) -> None:
        self.number = number
        self.directory = directory
        self.ports = ports
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def properties(self) -> Path:
        """The node's configuration."""
        return self.directory / "server.properties"

    def furnish(self, runtime: Runtime, nodes: Sequence[NodePorts], password: str) -> None:
        """Write the configuration, and make the store if there is none; blocks for a second. Raises KafkaUnavailable."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.properties.write_text(server_properties(self.number, nodes, self.directory / "data"), "utf-8")
        if not (self.directory / "data" / "meta.properties").exists():
            runtime.format(self.properties, self.directory / "format", USER, password)

    def launch(self, runtime: Runtime, *, tied_to_us: bool, quick: bool) -> None:
        """Start the process; `tied_to_us`: it dies with this process, on Linux, however that ends."""
        command = runtime.broker(self.properties, self.directory / "logs", quick=quick)
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


def _command_of(pid: int) -> str:
    if _PROC.is_dir():
        try:
            return (_PROC / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace")  # empty for a zombie
        except OSError:
            return ""
    command = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False).stdout
