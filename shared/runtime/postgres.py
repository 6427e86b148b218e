"""The embedded PostgreSQL server (内嵌数据库): start or adopt, watch, restart, stop. POSIX only."""

import asyncio
import logging
import secrets
import shlex
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from shared.runtime.postgres_account import PostgresUnavailable
from shared.runtime.postgres_home import HOST, SUPERUSER, Home, data_of, home_of, prepare_home
from shared.runtime.postgres_process import Postmaster, end_leftovers, end_postmaster, find_postmaster
from shared.runtime.postgres_server import Server
from shared.runtime.postgres_state import StateFile, Users, exclusive

_PORTS = range(20_000, 32_000)  # below the ports that the system gives to outgoing connections
_ATTEMPTS = 7
_PORT_SECONDS = 3.0
_SILENT_SECONDS = 20.0
_RECOVERY_SECONDS = 600.0
_LOCK_SECONDS = 120.0
_LONGEST_PAUSE = 5.0

_log = logging.getLogger(__name__)


class EmbeddedPostgres:
    """The server of one state directory, shared by all processes that start it; the last one to stop ends it.

    A user killed with -9 counts no more; the server it leaves behind is adopted by the next start.
    """

    def __init__(self, state_dir: Path, *, port: int | None = None, settings: Mapping[str, str] | None = None) -> None:
        """`port`: fixed, else a free one that is remembered; `settings`: PostgreSQL's, over ours, for a fresh start."""
        self.state_dir = state_dir.absolute()
        self._port = port
        self._settings = dict(settings or {})
        self._state = StateFile(self.state_dir / "postgres.json")
        self._users = Users(self.state_dir / "users.lock")
        self._is_stopping = False
        self._server: Server | None = None

    async def __aenter__(self) -> Server:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> Server:
        """The running server: adopted if it lives, recovered if it was killed, set up at first use.

        Raises PostgresUnavailable. Cancelled in the middle, it leaves no server behind.
        """
        self._is_stopping = False
        self.hold()
        task = asyncio.create_task(self._ensure_running())
        try:
            return await asyncio.shield(task)
        except BaseException:
            await asyncio.wait([task])
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop using the server, and end it unless another process uses it."""
        self._is_stopping = True
        if not self.state_dir.is_dir():
            return
        async with self._alone():
            if self._users.leave():
                await end_postmaster(self._data)

    async def remove(self) -> None:
        """Stop, and delete the data and the passwords; nothing happens while another process uses the server."""
        self._is_stopping = True
        if not self.state_dir.is_dir():
            return
        async with self._alone():
            if self._users.leave():
                await end_postmaster(self._data)
                await asyncio.to_thread(shutil.rmtree, home_of(self.state_dir, self._state), ignore_errors=True)
                await asyncio.to_thread(self._state.remove)

    def hold(self) -> None:
        """Count this process as a user, started or not: the server then outlives other users."""
        self.state_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._users.join()

    def wait_until_unused(self) -> None:
        """Block until no process uses the server."""
        self._users.wait_until_none()

    def pid(self) -> int | None:
        """The postmaster's process number, None when it does not run."""
        postmaster = self._postmaster()
        return postmaster.pid if postmaster else None

    async def is_alive(self) -> bool:
        """Whether the server runs and answers."""
        postmaster = await asyncio.to_thread(self._postmaster)
        return postmaster is not None and await self._answers(postmaster.port)

    async def wait_dead(self) -> None:
        """Return when the postmaster no longer runs."""
        while await asyncio.to_thread(self._postmaster) is not None:
            await asyncio.sleep(0.1)

    async def supervise(self) -> None:
        """Restart a server that died, on the same port, until `stop`; runs beside the services as a task."""
        pause = 0.1
        while True:
            await self.wait_dead()
            if self._is_stopping:
                return
            _log.warning("postgres died, restarting")
            try:
                await self._ensure_running()
                pause = 0.1
            except PostgresUnavailable:
                _log.exception("postgres does not restart")
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    @property
    def _data(self) -> Path:
        return data_of(home_of(self.state_dir, self._state))
