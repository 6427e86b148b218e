"""The embedded PostgreSQL server (内嵌数据库): start or adopt, watch, restart, stop. POSIX only."""

import asyncio
import logging
import secrets
import shlex
import shutil
import socket
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import TracebackType

import asyncpg

from shared.runtime.postgres_account import PostgresUnavailable
from shared.runtime.postgres_home import HOST, SUPERUSER, Home, data_of, home_of, make_state_dir, prepare_home, unusable
from shared.runtime.postgres_process import Postmaster, end_leftovers, end_postmaster, find_postmaster
from shared.runtime.postgres_server import Server
from shared.runtime.postgres_state import StateFile, Users, exclusive

_PORTS = range(20_000, 32_000)  # below the ports that the system gives to outgoing connections
_ATTEMPTS = 7
_FIRST_PAUSE = 0.1
_START_SECONDS = 30
_PORT_SECONDS = 3.0
_SILENT_SECONDS = 20.0
_RECOVERY_SECONDS = 600.0
_LOCK_SECONDS = 120.0
_LONGEST_PAUSE = 5.0

# Starting, stopping or gone; a connection that breaks at the wrong moment ends in one of the last two.
_NOT_THERE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

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
        try:
            self.hold()
        except OSError as problem:
            raise unusable(self.state_dir, problem) from problem
        task = asyncio.create_task(self._start())
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

    async def remove(self) -> bool:
        """Stop, and delete the data and the passwords; False when another process still uses the server."""
        self._is_stopping = True
        if not self.state_dir.is_dir():
            return True
        async with self._alone():
            if not self._users.leave():
                return False
            await end_postmaster(self._data)
            await asyncio.to_thread(shutil.rmtree, home_of(self.state_dir, self._state), ignore_errors=True)
            await asyncio.to_thread(self._state.remove)
        return True

    def hold(self) -> None:
        """Count this process as a user, started or not: the server then outlives other users."""
        make_state_dir(self.state_dir)
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
        pause = _FIRST_PAUSE
        while True:
            await self.wait_dead()
            if self._is_stopping:
                return
            _log.warning("postgres died, restarting")
            try:
                async with self._alone():
                    if not self._is_stopping:
                        self._server = await self._bring_up()
                pause = _FIRST_PAUSE
            except (PostgresUnavailable, OSError):
                _log.exception("postgres does not restart")
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    @property
    def _data(self) -> Path:
        return data_of(home_of(self.state_dir, self._state))

    def _postmaster(self) -> Postmaster | None:
        return find_postmaster(self._data)

    def _alone(self) -> AbstractAsyncContextManager[None]:
        return exclusive(self.state_dir / "start.lock", seconds=_LOCK_SECONDS)

    async def _start(self) -> Server:
        async with self._alone():
            try:
                self._server = await self._bring_up()
            except OSError as problem:
                raise unusable(self.state_dir, problem) from problem
        return self._server

    async def _bring_up(self) -> Server:
        if server := await self._adopt():
            return server
        durable = self._settings.get("fsync") != "off"
        home = await asyncio.to_thread(prepare_home, self.state_dir, self._state, durable=durable)
        pause, output = _FIRST_PAUSE, ""
        for _ in range(_ATTEMPTS):
            await asyncio.to_thread(end_leftovers, home.data)
            output = await asyncio.to_thread(_launch, home, await self._choose_port(), self._settings)
            if server := await self._adopt():
                await asyncio.to_thread(self._state.remember_port, server.port)
                return server
            await asyncio.sleep(pause)
            pause *= 2
        raise PostgresUnavailable(f"数据库未能启动。 / PostgreSQL does not start.\n{output}\n{home.log_tail()}")

    async def _adopt(self) -> Server | None:
        """The living server once it answers; one that says it is ready and yet keeps silent is ended."""
        now = asyncio.get_running_loop().time
        give_up, silent_until = now() + _RECOVERY_SECONDS, None
        while postmaster := await asyncio.to_thread(self._postmaster):
            if postmaster.is_ready:
                if await self._answers(postmaster.port):
                    return await asyncio.to_thread(self._describe, postmaster)
                silent_until = silent_until or now() + _SILENT_SECONDS
            if silent_until and now() > silent_until:
                _log.warning("postgres keeps silent, ending it")
                await end_postmaster(self._data)
            elif now() > give_up:
                raise PostgresUnavailable("数据库恢复时间过长。 / PostgreSQL takes too long to recover.")
            await asyncio.sleep(0.05)
        return None

    def _describe(self, postmaster: Postmaster) -> Server:
        return Server(
            host=HOST,
            port=postmaster.port,
            socket_dir=Path(postmaster.socket_dir) if postmaster.socket_dir else None,
            superuser=SUPERUSER,
            password=self._state.password(SUPERUSER),
            data_dir=self._data,
            state_file=self._state.path,
        )

    async def _answers(self, port: int) -> bool:
        password = await asyncio.to_thread(self._state.password, SUPERUSER)
        try:
            connection = await asyncpg.connect(
                host=HOST, port=port, user=SUPERUSER, password=password, database="postgres", ssl=False, timeout=3
            )
            await connection.close(timeout=3)
        except asyncpg.TooManyConnectionsError:
            return True
        except asyncpg.InvalidAuthorizationSpecificationError as problem:
            raise PostgresUnavailable(
                f"{self._state.path} 中的口令与数据库不符；请恢复该文件，或清除数据重新开始。 / "
                f"The passwords in {self._state.path} do not fit the data; bring that file back, or clear the data.",
            ) from problem
        except _NOT_THERE:
            return False
        return True

    async def _choose_port(self) -> int:
        """The fixed port, or that of the last start if it is free again soon, or a free one."""
        wanted = self._port or await asyncio.to_thread(self._state.port)
        if wanted is not None:
            for _ in range(int(_PORT_SECONDS / 0.1)):
                if _is_free(wanted):
                    return wanted
                await asyncio.sleep(0.1)
            if self._port or self._server:  # the services know this address
                raise PostgresUnavailable(
                    f"端口 {wanted} 已被别的程序占用。 / Another program uses port {wanted}.",
                )
        return next(port for port in iter(lambda: secrets.choice(_PORTS), None) if _is_free(port))


def _launch(home: Home, port: int, settings: Mapping[str, str]) -> str:
    home.make_ready(port, settings)
    return home.account.run(
        home.binaries.program("pg_ctl"),
        *("start", "-s", "-w", "-t", str(_START_SECONDS), "-D", str(home.data), "-l", str(home.log)),
        *("-o", f"-c config_file={shlex.quote(str(home.settings_file))}"),
        seconds=_START_SECONDS + 10,
    )[1]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
