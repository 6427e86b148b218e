"""Polling: often while there is work, seldom when idle, at once when nudged (D8)."""

import asyncio

import pytest

from shared.messaging.pace import Pace

pytestmark = pytest.mark.asyncio


async def pause_of(pace: Pace, at_most: float = 1) -> float:
    loop = asyncio.get_running_loop()
    started = loop.time()
    await pace.rest(at_most)
    return loop.time() - started


async def test_an_idle_loop_looks_ever_less_often_until_there_is_work() -> None:
    pace = Pace()
    assert await pause_of(pace) < 0.1
    for _ in range(20):
        await pace.rest(0.001)
    assert await pause_of(pace) >= 0.24
    pace.found()
    assert await pause_of(pace) < 0.1


async def test_a_nudge_ends_the_pause_and_makes_the_next_ones_short() -> None:
    pace = Pace()
    for _ in range(20):
        await pace.rest(0.001)
    asyncio.get_running_loop().call_later(0.01, pace.nudge)
    assert await pause_of(pace) < 0.2
    assert await pause_of(pace) < 0.1
