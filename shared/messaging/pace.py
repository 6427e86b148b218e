"""How often a polling loop looks: at once while there is work, ever less when idle (architecture.md D8)."""

import asyncio
import contextlib

_SHORTEST = 0.01
_LONGEST = 0.25
_GROWTH = 1.25


class Pace:
    """The pauses of one loop, between 10 ms when busy and 250 ms when idle for about three seconds."""

    def __init__(self) -> None:
        self._pause = _SHORTEST
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """End the running pause, or leave out the next one."""
        self._nudged.set()

    def found(self) -> None:
        """There was work: the next pauses are short again."""
        self._pause = _SHORTEST

    async def rest(self, at_most: float = _LONGEST) -> None:
        """Pause before the next look."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._nudged.wait(), min(self._pause, at_most))
        self._pause = _SHORTEST if self._nudged.is_set() else min(self._pause * _GROWTH, _LONGEST)
        self._nudged.clear()
