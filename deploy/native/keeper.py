"""Keeps one service of ours: starts its command, asks its health, restarts it by its policy, ends it in time."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.kafka import tied
from deploy.native.compose import Service
from deploy.native.fields import Healthcheck
from deploy.native.places import ROOT
from deploy.native.problems import NativeUnavailable
from deploy.native.state import Told

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.1, 60.0
_STEADY_SECONDS = 10.0
"""A process that lived so long starts again at once."""


class Keeper:
    """One service's process; `changed` is called whenever something is new in `told`."""

    def __init__(
        self, service: Service, environment: Mapping[str, str], log: Path, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.service = service
        self.told = Told()
        self._environment = environment
        self._log = log
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Return when the service has done its work or `stop` was called.

        Raises NativeUnavailable for a one-shot that failed, or a service that its policy gives up.
        """
        loop, pause = asyncio.get_running_loop(), _SHORTEST_PAUSE
        while not self._stopping.is_set():
            started = loop.time()
            code = await self._once()
            if not self._stopping.is_set() and not self.service.restart.wants(code, self.told.restarts):
                self._ended(code)
                break
            self.told.restarts += 1
            pause = _SHORTEST_PAUSE if loop.time() - started > _STEADY_SECONDS else min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def stop(self) -> None:
        """End the process: SIGTERM, and after the grace SIGKILL; it does not start again."""
        self._stopping.set()
        if (process := self._process) is None:
            return
        for number, patience in ((signal.SIGTERM, self.service.grace), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError, TimeoutError):
                os.killpg(process.pid, number)
                await asyncio.wait_for(process.wait(), patience)
            if process.returncode is not None:
                break

    def _ended(self, code: int) -> None:
        if code:
            self._tell("failed")
            raise NativeUnavailable(f"{self.service.name} 以 {code} 结束。 / {self.service.name} ended with {code}.")
        self._tell("done")

    async def _once(self) -> int:
        """One life of the process; its exit code."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        output = await asyncio.to_thread(self._log.open, "ab")
        with output:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", str(Path(tied.__file__)), str(os.getpid())),
                *(program(self.service.command[0], self._environment), *self.service.command[1:]),
                env=dict(self._environment),
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.told.pid = self._process.pid
        self._tell("starting" if self.service.healthcheck else "running")
        asking = asyncio.create_task(self._ask(self.service.healthcheck))
        try:
            self.told.code = await self._process.wait()
        finally:
            asking.cancel()
        self.told.pid = None
        self._tell("stopped")
        return self.told.code

    async def _ask(self, check: Healthcheck | None) -> None:
        """Ask again and again: often at first, and failures count only after the start period or the first success."""
        if check is None:
            return
        loop = asyncio.get_running_loop()
        started, failures = loop.time(), 0
        while True:
            is_young = self.told.state == "starting" and loop.time() - started < check.start_period
            await asyncio.sleep(check.start_interval if is_young else check.interval)
            if await passes(check, self._environment):
                failures = 0
                self._tell("healthy")
            elif not is_young and (failures := failures + 1) >= check.retries:
                self._tell("unhealthy")

    def _tell(self, state: str) -> None:
        if self.told.state != state:
            self.told.state = state
            self._changed()


async def passes(check: Healthcheck, environment: Mapping[str, str]) -> bool:
    """Whether the health check's command, run as the file has it, ends well in its time."""
    process = await asyncio.create_subprocess_exec(
        *(program(check.test[0], environment), *check.test[1:]),
        env=dict(environment),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        return await asyncio.wait_for(process.wait(), check.timeout) == 0
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def program(name: str, environment: Mapping[str, str]) -> str:
    """The full path of a program as the service would find it; raises NativeUnavailable."""
    for directory in environment["PATH"].split(os.pathsep):
        found = Path(directory) / name
        if found.is_file() and os.access(found, os.X_OK):
            return str(found)
    raise NativeUnavailable(f"找不到程序 {name} / the program {name} is not found")


def exec_as(environment: Mapping[str, str], words: Sequence[str]) -> None:
    """Become `words`, with the environment of a service."""
    os.chdir(ROOT)
    os.execve(program(words[0], environment), [*words], dict(environment))  # noqa: S606  the caller's own command
