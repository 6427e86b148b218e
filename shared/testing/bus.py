"""Lets every event travel to its end: number, send and deliver until nothing is left; waits for nobody but a log."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from shared.delivery.dispatch import Dispatch
from shared.messaging.relay import Relay


@dataclass(frozen=True, slots=True)
class Bus:
    """What moves the events of some services."""

    relays: Sequence[Relay]
    dispatches: Sequence[Dispatch]
    patience: float = 3.0
    """Seconds without any progress after which `drain` gives up; a log outside needs time to let a reader in."""

    async def close(self) -> None:
        """Give back every connection."""
        for relay in self.relays:
            await relay.close()
        for dispatch in self.dispatches:
            await dispatch.close()


async def drain(bus: Bus) -> int:
    """Return when nothing is unsent and unread, also of what the reactions themselves publish; how many were moved.

    Raises RuntimeError when something stays, because another process is at it.
    """
    total = 0
    while moved := await _pass(bus):
        total += moved
    return total


async def _pass(bus: Bus) -> int:
    moved = 0
    for relay in bus.relays:
        moved += await _send_out(relay, bus.patience)
    for dispatch in bus.dispatches:
        moved += await _read_out(dispatch, bus.patience)
    return moved


async def _send_out(relay: Relay, patience: float) -> int:
    moved, loop = 0, asyncio.get_running_loop()
    end = loop.time() + patience
    while loop.time() < end:
        while sent := await relay.step():
            moved, end = moved + sent, loop.time() + patience
        if not (await relay.backlog()).unsent:
            return moved
        await asyncio.sleep(_WAIT)
    raise RuntimeError(f"{relay.service}: events stay unsent, another relay leads or the log is down")


async def _read_out(dispatch: Dispatch, patience: float) -> int:
    moved, loop = 0, asyncio.get_running_loop()
    left, end = (await dispatch.lag()).events, loop.time() + patience
    while left:
        if loop.time() > end:
            raise RuntimeError(f"{dispatch.consumer}: events stay unread, another process is at them")
        moved += await dispatch.step(_WAIT)
        before, left = left, (await dispatch.lag()).events
        end = end if left >= before else loop.time() + patience
    return moved


_WAIT = 0.1
