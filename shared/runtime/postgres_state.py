"""What an installation remembers about its server, and the locks that keep two starts apart."""

import asyncio
import fcntl
import json
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from shared.runtime.postgres_account import PostgresUnavailable


class StateFile:
    """Port and passwords (口令) in one file that only its owner can read (0600)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def port(self) -> int | None:
        """The port of the last start, or None."""
        port: int | None = self._read().get("port")
        return port

    def remember_port(self, port: int) -> None:
        """Keep the port for the next start."""
        with self._changing() as state:
            state["port"] = port

    def outside_home(self) -> Path | None:
        """Where the cluster lies when its account cannot enter the state directory."""
        home: str | None = self._read().get("home")
        return Path(home) if home else None

    def remember_outside_home(self, home: Path) -> None:
        """Keep the cluster's place, whatever becomes of the state directory's mode."""
        with self._changing() as state:
            state["home"] = str(home)

    def password(self, role: str, *, first: str | None = None) -> str:
        """The password of `role`, made at the first asking: `first`, else a random one."""
        with self._changing() as state:
            password: str = state.setdefault("passwords", {}).setdefault(role, first or secrets.token_urlsafe(24))
        return password

    def remove(self) -> None:
        """Forget everything."""
        self.path.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        return state

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        descriptor = _open(self.path.with_suffix(".lock"))
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            state = self._read()
            before = json.dumps(state)
            yield state
            if json.dumps(state) != before:
                self._write(state)
        finally:
            os.close(descriptor)

    def _write(self, state: dict[str, Any]) -> None:
        scratch = self.path.with_suffix(".new")
        scratch.unlink(missing_ok=True)
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(state, file, indent=1)
            file.flush()
            os.fsync(descriptor)  # data whose password is lost cannot be opened again
        scratch.replace(self.path)


class Users:
    """Who uses the server: each process shares one lock, which the system lets go even after kill -9."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def join(self) -> None:
        """Count this process as a user."""
        if self._descriptor is None:
            self._descriptor = _open(self._path)
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Do not count this process any more; True when no other is left."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        descriptor = _open(self._path)
        try:
            return _try_lock(descriptor)
        finally:
            os.close(descriptor)

    def wait_until_none(self) -> None:
        """Block until no process uses the server."""
        descriptor = _open(self._path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        finally:
            os.close(descriptor)


@asynccontextmanager
async def exclusive(path: Path, *, seconds: float) -> AsyncIterator[None]:
    """Hold a file lock between processes and tasks; raises PostgresUnavailable after `seconds` of waiting."""
    descriptor = _open(path)
    try:
        await _wait_for_lock(descriptor, path, seconds)
        yield
    finally:
        os.close(descriptor)


async def _wait_for_lock(descriptor: int, path: Path, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not _try_lock(descriptor):
                await asyncio.sleep(0.05)
    except TimeoutError as problem:
        raise PostgresUnavailable(
            f"另一进程占用 {path} 超过 {seconds:.0f} 秒。 / Another process holds {path} for more than {seconds:.0f} s.",
        ) from problem


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
