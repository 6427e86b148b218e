"""The one key table: an Idempotency-Key and an event's id are the same thing (architecture.md D6)."""

import hashlib
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from shared.commands.command import Command
from shared.kernel.errors import Conflict, Violation

_CLAIM = """
INSERT INTO command_key(scope, key, input_hash, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING true"""
_STORED = "SELECT input_hash, outcome FROM command_key WHERE scope = $1 AND key = $2"


def input_hash(command: Command) -> bytes:
    """SHA-256 over the command's label and its canonical JSON, preconditions left out.

    The same input gives the same hash in every process, whatever order a set comes in.
    """
    content = command.model_dump(mode="python", exclude=set(command.PRECONDITIONS))
    body = orjson.dumps(content, default=_canonical, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(command.label().encode() + b"\0" + body).digest()


def _canonical(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, bytes | bytearray):
        return hashlib.sha256(value).hexdigest()
    return str(value)


async def claim(raw: asyncpg.Connection, scope: str, key: str, digest: bytes, now: datetime) -> dict[str, Any] | None:
    """None when the key is ours now; the stored outcome when it was used with the same input before.

    Waits for a command that holds the key; raises Conflict for another input under the same key.
    """
    if await raw.fetchval(_CLAIM, scope, key, digest, now):
        return None
    stored = await raw.fetchrow(_STORED, scope, key)
    assert stored is not None
    if bytes(stored["input_hash"]) != digest:
        raise Conflict(
            Violation(
                "KEY_REUSED",
                "同一幂等键已用于另一请求内容",
                "this Idempotency-Key was used with another request body",
                rule="G2",
                field="/headers/Idempotency-Key",
                remedy_zh="换用新的幂等键，或按原内容重发",
                remedy_en="use a new key, or send the original body again",
            ),
        )
    outcome: dict[str, Any] = stored["outcome"]
    return outcome
