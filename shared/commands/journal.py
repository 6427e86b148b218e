"""The journal (操作日志): who did what, when, why, and which things it changed. Append-only, without personal data."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import orjson

from shared.commands.command import Command, Context, Subject
from shared.contracts.event import Event
from shared.messaging import outbox

# The key was claimed by a statement before, so this one sees its row; together they take one round trip.
_CLOSE = f"""
WITH told AS ({outbox.INSERT}),
     kept AS (UPDATE command_key SET outcome = $18 WHERE scope = $16 AND key = $17)
INSERT INTO journal(id, at, actor, command, input_hash, correlation, cause, area_code, subjects)
VALUES ($8, $7, $9, $10, $11, $12, $13, $14, $15)"""  # noqa: S608  a statement of our own


async def close(  # noqa: PLR0913  what a command leaves behind
    raw: asyncpg.Connection,
    command: Command,
    digest: bytes,
    context: Context,
    subjects: list[Subject],
    events: Sequence[Event],
    *,
    scope: str,
    key: str,
    answer: dict[str, Any],
) -> None:
    """Append the row of one command, publish its events, and keep its answer under its key."""
    listed = [{"kind": s.kind, "id": str(s.id), "area_code": s.area} for s in subjects]
    await raw.execute(
        _CLOSE,
        *outbox.rows(events, now=context.now, correlation=context.correlation, causation=context.cause or context.id),
        context.id,
        context.actor.id,
        command.label(),
        digest,
        context.correlation,
        context.cause,
        subjects[0].area if subjects else _home(context),
        orjson.dumps(listed).decode(),
        scope,
        key,
        orjson.dumps(answer).decode(),
    )


def _home(context: Context) -> int:
    """The area a command without subjects is filed under: the actor's own."""
    return int(context.actor.grants[0].area)
