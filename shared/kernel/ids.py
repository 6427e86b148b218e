"""Identifiers: time-ordered UUIDv7 made here, and ids derived from a cause so that a repeated reaction finds itself."""

import os
import threading
import time
from uuid import UUID, uuid5

_lock = threading.Lock()
_last_ms = 0
_counter = 0
_COUNTER_MAX = 0xFFF


def new_id() -> UUID:
    """A UUIDv7; ids of one process never go backwards, also inside one millisecond."""
    global _last_ms, _counter  # noqa: PLW0603  the generator's only state
    with _lock:
        now_ms = time.time_ns() // 1_000_000
        if now_ms > _last_ms:
            _last_ms, _counter = now_ms, int.from_bytes(os.urandom(2)) & 0x7FF
        else:
            _counter += 1
            if _counter > _COUNTER_MAX:
                _last_ms, _counter = _last_ms + 1, 0
        stamp, counter = _last_ms, _counter
    tail = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    return UUID(int=(stamp << 80) | (0x7 << 76) | (counter << 64) | (0b10 << 62) | tail)


def derived_id(cause: UUID, name: str) -> UUID:
    """The id of what `cause` brings about under `name`: the same cause gives the same id again."""
    return uuid5(cause, name)
