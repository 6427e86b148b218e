"""The system in one process as a process of its own, as people start and stop it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx2

from services.suite.embedded import ROOT

START_SECONDS, END_SECONDS = 60, 10


@asynccontextmanager
async def started(state_dir: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command line as a process of its own; killed at the end if it still runs."""
    environment = os.environ | {"SHOUWANG_STATE_DIR": str(state_dir), "SHOUWANG_LOG_LEVEL": "ERROR"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.suite", "serve", "--port", str(port)),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@asynccontextmanager
async def serving(state_dir: Path, port: int) -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx2.AsyncClient]]:
    """A process that says that it serves, and a client for it."""
    async with started(state_dir, port) as process:
        assert process.stdout
        async with asyncio.timeout(START_SECONDS):
            address = (await process.stdout.readline()).decode().strip()
        assert address == f"http://127.0.0.1:{port}", (await process.communicate())[1].decode()
        async with httpx2.AsyncClient(base_url=address, timeout=20, trust_env=False) as http:
            yield process, http


async def ended(process: asyncio.subprocess.Process, number: signal.Signals = signal.SIGINT) -> int:
    """Exit code after a signal; raises TimeoutError when it takes too long."""
    process.send_signal(number)
    async with asyncio.timeout(END_SECONDS):
        return await process.wait()
