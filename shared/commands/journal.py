"""The journal (操作日志): who did what, when, why, and which things it changed. Append-only, without personal data."""

import asyncpg
import orjson

from shared.commands.command import Command, Context, Subject

_INSERT = """
INSERT INTO journal(id, at, actor, command, input_hash, correlation, cause, area_code, subjects)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""


async def record(
    raw: asyncpg.Connection,
    command: Command,
    digest: bytes,
    context: Context,
    subjects: list[Subject],
) -> None:
    """Append the row of one command."""
    listed = [{"kind": s.kind, "id": str(s.id), "area_code": s.area} for s in subjects]
    await raw.execute(
        _INSERT,
        context.id,
        context.now,
        context.actor.id,
        command.label(),
        digest,
        context.correlation,
        context.cause,
        subjects[0].area if subjects else _home(context),
        orjson.dumps(listed).decode(),
    )


def _home(context: Context) -> int:
    """The area a command without subjects is filed under: the actor's own."""
    return int(context.actor.grants[0].area)
