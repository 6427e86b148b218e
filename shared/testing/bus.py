"""Lets every event travel to its end without sleeping: number, send and deliver until nothing is left."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.delivery.dispatch import Dispatch
from shared.messaging.relay import Relay


@dataclass(frozen=True, slots=True)
class Bus:
    """What moves the events of some services."""

    relays: Sequence[Relay]
    dispatches: Sequence[Dispatch]

    async def close(self) -> None:
        """Give back every connection."""
        for relay in self.relays:
            await relay.close()
        for dispatch in self.dispatches:
            await dispatch.close()


async def drain(bus: Bus) -> int:
    """Return when nothing is unsent and unread, also of what the reactions themselves publish; how many were moved."""
    total = 0
    while moved := await _pass(bus):
        total += moved
    return total


async def _pass(bus: Bus) -> int:
    moved = 0
    for relay in bus.relays:
        while numbered := await relay.step():
            moved += numbered
    for dispatch in bus.dispatches:
        moved += await _read_out(dispatch)
    return moved


async def _read_out(dispatch: Dispatch) -> int:
    moved = idle = 0
    left = (await dispatch.lag()).events
    while left:
        moved += await dispatch.step(_WAIT)
        before, left = left, (await dispatch.lag()).events
        idle = idle + 1 if left >= before else 0
        if idle == _MOST_IDLE:
            raise RuntimeError(f"{dispatch.consumer} does not get its events: another process reads them")
    return moved


_WAIT = 0.2
"""Seconds that a log outside may take to hand over what it holds."""
_MOST_IDLE = 25
