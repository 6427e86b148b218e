"""Runs the named tasks of a process together: a failed one is restarted, all stop together."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

Task = Callable[[], Awaitable[None]]
"""Runs until cancelled, or returns when there is nothing more to do."""

_SHORTEST_PAUSE = 0.1
_LONGEST_PAUSE = 30.0
_HEALTHY_SECONDS = 60.0
_log = structlog.get_logger("supervisor")


@dataclass(slots=True)
class Health:
    """What health checks show of one task."""

    restarts: int = 0
    fault: str = ""
    """The class of the last fault, while the task waits for its restart or has just been restarted."""


class Supervisor:
    """Keeps tasks running until it is stopped or cancelled."""

    def __init__(self, tasks: Mapping[str, Task], *, grace: float = 10.0) -> None:
        """`grace`: seconds that all tasks together get to end (T23)."""
        self.health: dict[str, Health] = {name: Health() for name in tasks}
        self._tasks = dict(tasks)
        self._grace = grace
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Return after `stop`, or when all tasks have returned."""
        running = {asyncio.create_task(self._keep(name, task), name=name) for name, task in self._tasks.items()}
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({stop, asyncio.ensure_future(_all(running))}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            await self._end(running)

    def stop(self) -> None:
        """End all tasks."""
        self._stopping.set()

    async def _end(self, running: set[asyncio.Task[None]]) -> None:
        for task in running:
            task.cancel()
        _, late = await asyncio.wait(running, timeout=self._grace) if running else (set(), set())
        for task in late:
            _log.error("does not stop", task=task.get_name())

    async def _keep(self, name: str, task: Task) -> None:
        loop = asyncio.get_running_loop()
        health, pause = self.health[name], _SHORTEST_PAUSE
        while True:
            started = loop.time()
            try:
                await task()
            except Exception as fault:  # noqa: BLE001  one task's fault never ends the others
                if loop.time() - started > _HEALTHY_SECONDS:
                    pause = _SHORTEST_PAUSE
                health.restarts += 1
                health.fault = type(fault).__name__
                _log.exception("restarting", task=name, again_in=pause)
            else:
                health.fault = ""
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


async def _all(running: set[asyncio.Task[None]]) -> None:
    if running:
        await asyncio.wait(running)
