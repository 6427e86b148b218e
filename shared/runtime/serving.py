"""A process that serves and can be asked to end: its port, its HTTP server, and signals (进程的启动与退出)."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI


class QuietServer(uvicorn.Server):
    """Uvicorn without signal handlers: the process decides what Ctrl-C ends, and in which order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


class PortTaken(Exception):
    """Somebody else listens there."""


def listening(host: str, port: int) -> socket.socket:
    """A socket of ours on the port; raises PortTaken before anything else is started."""
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(2048)
    except OSError as fault:
        taken.close()
        raise PortTaken(
            f"端口 {port} 已被占用，请另选（PORT=… 或 SHOUWANG_HTTP__PORT）。 / "
            f"Port {port} is taken ({fault.strerror}); choose another by PORT=… or SHOUWANG_HTTP__PORT.",
        ) from fault
    taken.setblocking(False)
    return taken


@asynccontextmanager
async def serving(app: FastAPI, listener: socket.socket) -> AsyncIterator[None]:
    """Serve `app` on `listener` until the block ends."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=3)
    server = QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            if task.done():
                await task
                raise RuntimeError("the HTTP server did not start")
            await asyncio.sleep(0.02)
        yield
    finally:
        server.should_exit = True
        await task


def stopped_by_signal() -> asyncio.Event:
    """Set when somebody asks the process to end."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    return asked


async def until_stopped(work: Coroutine[Any, Any, None]) -> bool:
    """Run `work` until it ends or somebody asks the process to end; it is then cancelled, wherever it stands.

    Gives whether it came to its own end.
    """
    asked = asyncio.create_task(stopped_by_signal().wait())
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({asked, task}, return_when=asyncio.FIRST_COMPLETED)
        has_ended = task.done()
        if has_ended:
            task.result()
        return has_ended
    finally:
        asked.cancel()
        task.cancel()
        await asyncio.wait({task})
