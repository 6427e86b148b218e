"""The event loop of a process (事件循环): the fast one where it is installed, on a heap that is not searched for nothing."""

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_YOUNG = 20_000
"""New objects after which cycles are sought; a request makes some hundreds that go by themselves."""

_TURN = 0.0005
"""Seconds after which a thread that computes lets the loop have its turn: with Python's own 5 ms every answer of the
database waited 3 ms while a file was read beside it; reading does not get slower by it."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on the process's loop."""
    sys.setswitchinterval(_TURN)
    with asyncio.Runner(loop_factory=_factory()) as runner:
        return runner.run(work)


def _factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415  not there on Windows
    except ImportError:
        return None
    return uvloop.new_event_loop


def settle() -> None:
    """What the start has made stays, so the search for cycles leaves it out: it took a twelfth of each request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 100)
