"""What a fault of the database means for a command: try again, somebody else holds the record, or a broken constraint."""

from typing import Any

import asyncpg

_LOST = (ConnectionError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""How the driver says that its server is gone; the key table tells whether the commit had happened."""

_TRANSIENT = {
    "40001",  # serialization failure
    "40P01",  # deadlock
    "57P01",  # the server is being stopped
    "57P02",
    "57P03",
    "08000",
    "08003",
    "08006",
}
_LOCK_TIMEOUT = "55P03"


def _chain(fault: BaseException) -> list[Any]:
    """The fault and what SQLAlchemy wrapped in it."""
    found: list[Any] = [fault]
    while (inner := getattr(found[-1], "orig", None) or found[-1].__cause__) is not None and inner not in found:
        found.append(inner)
    return found


def sqlstate(fault: BaseException) -> str:
    """The five-letter SQLSTATE, or an empty text."""
    return next((code for item in _chain(fault) if (code := getattr(item, "sqlstate", None))), "")


def constraint(fault: BaseException) -> str:
    """The name of the broken constraint, or an empty text."""
    return next((name for item in _chain(fault) if (name := getattr(item, "constraint_name", None))), "")


def is_lock_timeout(fault: BaseException) -> bool:
    """Whether another transaction held the record longer than we wait."""
    return sqlstate(fault) == _LOCK_TIMEOUT


def is_transient(fault: BaseException) -> bool:
    """Whether the same transaction may succeed when it is tried again."""
    return sqlstate(fault) in _TRANSIENT or any(isinstance(item, _LOST) for item in _chain(fault))
