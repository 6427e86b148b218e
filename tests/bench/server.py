"""Starts a server process of a run and tells how to reach it."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.machine import ROOT
from tests.bench.stage import Stage

_START_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Served:
    """A server process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """The processor time it has used; 0 where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mib(self) -> float:
        """The most memory it ever held, in MiB; 0 where the system does not tell."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return 0.0
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


@asynccontextmanager
async def server(stage: Stage, which: str) -> AsyncIterator[Served]:
    """A server process, once it listens; `which` as `tests.bench.http_server` takes it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.http_server", which, str(port), str(stage.directory)),
        stdout=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        await _listening(port, process)
        yield Served(port, process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _listening(port: int, process: asyncio.subprocess.Process) -> None:
    for _ in range(_START_SECONDS * 10):
        if process.returncode is not None:
            raise RuntimeError("the server did not start")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise RuntimeError("the server does not listen")
