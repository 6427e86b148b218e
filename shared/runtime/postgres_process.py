"""Looks at and ends the processes of one data directory."""

import asyncio
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_ENDINGS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))  # fast, immediate, by force


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The parent process of a running server, as its own pid file tells."""

    pid: int
    port: int
    socket_dir: str
    is_ready: bool


def find_postmaster(data: Path) -> Postmaster | None:
    """The living postmaster of a data directory; None when the pid file is missing, stale or names another process."""
    try:
        lines = [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return None
    if not lines or not lines[0].isdigit() or not _is_postmaster(int(lines[0]), data):
        return None
    # pid, directory, start time, port, socket, address, memory, status; written little by little
    pid, _, _, port, socket_dir, _, _, status = (*lines, *[""] * 8)[:8]
    return Postmaster(int(pid), int(port or 0), socket_dir, is_ready=status == "ready")


def _is_postmaster(pid: int, data: Path) -> bool:
    if _PROC.is_dir():
        try:
            command = (_PROC / str(pid) / "cmdline").read_bytes()  # empty for a zombie
        except OSError:
            return False
        return os.fsencode(data) in command.split(b"\0")
    found = subprocess.run(
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return os.fsencode(data) in found.stdout


async def end_postmaster(data: Path) -> None:
    """Stop the server: fast first, by force at last."""
    for number, seconds in _ENDINGS:
        postmaster = await asyncio.to_thread(find_postmaster, data)
        if postmaster is None:
            break
        _signal(postmaster.pid, number)
        await _gone(data, seconds)
    await asyncio.to_thread(end_leftovers, data)


async def _gone(data: Path, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            while await asyncio.to_thread(find_postmaster, data) is not None:
                await asyncio.sleep(0.02)
    except TimeoutError:
        return


def end_leftovers(data: Path) -> None:
    """Clear what a killed postmaster left and what would keep the next one from starting.

    Only for a data directory without a living postmaster. Without /proc the leftovers have to end by themselves.
    """
    if find_postmaster(data) is not None or not _PROC.is_dir():
        return
    for process in _PROC.glob("[0-9]*"):
        try:
            is_left = (process / "cwd").samefile(data) and (process / "exe").readlink().name.startswith("postgres")
        except OSError:  # not ours to look at, or gone
            continue
        if is_left:
            _signal(int(process.name), signal.SIGKILL)  # a backend in the middle of a long statement
    pid_file = data / "postmaster.pid"
    if pid_file.exists() and _is_taken(pid_file.read_text().split("\n", 1)[0]):
        pid_file.unlink()


def _is_taken(pid: str) -> bool:
    """Whether the number lives on as a zombie or as another's process; PostgreSQL would take it for a postmaster."""
    return pid.isdigit() and (_PROC / pid).exists()


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
