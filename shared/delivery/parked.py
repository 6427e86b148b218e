"""Parked events (搁置事件): list, inspect, replay in order, discard by two persons."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field

from shared.commands.command import Command, Context, Write
from shared.commands.pipeline import Pipeline
from shared.contracts.catalogue import decode, public_data, unwrap
from shared.db.sessions import Database
from shared.delivery.dispatch import Dispatch
from shared.delivery.order import Reason
from shared.kernel.actors import Actor
from shared.kernel.errors import Refused, Violation, not_found
from shared.kernel.roles import Role

_COLUMNS = "id, source, pos, topic, key, sequence, event_id, type, area_code, reason, detail, attempts, parked_at"
_LIST = f"""
SELECT {_COLUMNS} FROM parked_event
 WHERE consumer = $1 AND outcome IS NULL AND ($2::timestamptz IS NULL OR (parked_at, id) > ($2, $3::uuid))
 ORDER BY parked_at, id LIMIT $4"""  # noqa: S608  column names of our own
_ONE = f"SELECT {_COLUMNS}, body FROM parked_event WHERE id = $1"  # noqa: S608  likewise
_KEYS = (
    "SELECT DISTINCT topic, key FROM parked_event WHERE id = ANY($1::uuid[]) AND outcome IS NULL AND key IS NOT NULL"
)
_LOCK = (
    "SELECT consumer, topic, key, sequence, area_code FROM parked_event WHERE id = $1 AND outcome IS NULL FOR UPDATE"
)
_EARLIER = """
SELECT EXISTS(SELECT FROM parked_event WHERE consumer = $1 AND topic = $2 AND key = $3 AND sequence < $4
                 AND outcome IS NULL)"""
_DISCARD = """
UPDATE parked_event SET outcome = 'DISCARDED', settled_at = $2, settled_by = $3, settled_second = $4,
       settled_reason = $5 WHERE id = $1"""
_MOVE_KEY = """
INSERT INTO delivery_key AS known (consumer, topic, key, last_sequence) VALUES ($1, $2, $3, $4)
ON CONFLICT (consumer, topic, key) DO UPDATE SET last_sequence = greatest(known.last_sequence, excluded.last_sequence)"""
_OPERATORS = frozenset({Role.OPERATOR})


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """One parked event without its content."""

    id: UUID
    source: str
    pos: int
    topic: str
    key: UUID | None
    sequence: int | None
    event_id: UUID | None
    type: str
    area_code: int
    reason: Reason
    detail: str
    attempts: int
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class Inspection:
    """A parked event and its envelope, without private fields; None when it cannot be read."""

    parked: ParkedEvent
    envelope: dict[str, Any] | None
    size: int
    """Bytes of the body."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many parked events were handled, and how many of their keys stopped again."""

    handled: int
    stopped_keys: int


class DiscardParked(Command):
    """Give up one parked event for good (放弃搁置事件)."""

    ROLES: ClassVar[frozenset[Role]] = _OPERATORS

    parked_id: UUID
    second: UUID
    reason: str = Field(min_length=2, max_length=500)


class Discarded(BaseModel):
    """The event that was given up."""

    parked_id: UUID


async def list_parked(
    database: Database,
    consumer: str,
    actor: Actor,
    *,
    limit: int = 50,
    after: ParkedEvent | None = None,
) -> list[ParkedEvent]:
    """What is parked in the actor's area, oldest first, from behind `after`."""
    seen = (after.parked_at, after.id) if after else (None, None)
    async with database.read(actor) as tx:
        return [_parked(row) for row in await tx.raw.fetch(_LIST, consumer, *seen, limit)]


async def inspect(database: Database, parked_id: UUID, actor: Actor) -> Inspection:
    """One parked event with its envelope; raises NotFound."""
    async with database.read(actor) as tx:
        row = await tx.raw.fetchrow(_ONE, parked_id)
    if row is None:
        raise not_found("该搁置事件", "parked event")
    return Inspection(_parked(row), _shown(row["body"]), len(row["body"]))


async def replay(dispatch: Dispatch, ids: Collection[UUID], actor: Actor, *, accept_gap: bool = False) -> Replayed:
    """Handle the parked events of the keys that `ids` belong to, in order, as if they came now.

    `accept_gap`: go on although the events before the first one are missing.
    """
    async with dispatch.database.read(actor) as tx:
        keys = [(row["topic"], row["key"]) for row in await tx.raw.fetch(_KEYS, list(ids))]
    lines = await dispatch.replay(keys, by=actor.id, accept_gap=accept_gap)
    return Replayed(
        handled=sum(len(line.done) for line in lines.values()),
        stopped_keys=sum(line.is_held for line in lines.values()),
    )


async def discard(pipeline: Pipeline, parked_id: UUID, reason: str, actor: Actor, second: Actor) -> None:
    """Give up the first parked event of its key; the running dispatch goes on with those behind it.

    Raises NotFound, Forbidden unless both are operators, and Refused unless they are two persons.
    """
    command = DiscardParked(parked_id=parked_id, second=second.id, reason=reason)
    if actor.id == second.id or not any(grant.role in _OPERATORS for grant in second.grants):
        raise Refused(
            Violation(
                "SECOND_PERSON_REQUIRED",
                "放弃事件须由另一名运维人员复核",
                "discarding an event needs a second operator",
                remedy_zh="请另一名运维人员复核",
                remedy_en="have another operator confirm it",
            ),
        )
    own = Pipeline(pipeline.database, {DiscardParked: _discard}, pipeline.resources)
    await own.run(command, actor=actor, key=f"discard {parked_id}")


async def _discard(tx: Write, command: DiscardParked, context: Context) -> Discarded:
    row = await tx.raw.fetchrow(_LOCK, command.parked_id)
    if row is None:
        raise not_found("该搁置事件", "parked event")
    line = (row["consumer"], row["topic"], row["key"], row["sequence"])
    if row["key"] is not None:
        if await tx.raw.fetchval(_EARLIER, *line):
            raise Refused(
                Violation(
                    "NOT_FIRST_OF_KEY",
                    "同一对象还有更早的搁置事件",
                    "an earlier event of the same key is parked",
                    remedy_zh="先处理最早的一条",
                    remedy_en="settle the earliest one first",
                ),
            )
        await tx.raw.execute(_MOVE_KEY, *line)
    await tx.raw.execute(_DISCARD, command.parked_id, context.now, context.actor.id, command.second, command.reason)
    tx.changed("parked_event", command.parked_id, row["area_code"])
    return Discarded(parked_id=command.parked_id)


def _parked(row: Any) -> ParkedEvent:
    fields = {name: row[name] for name in ParkedEvent.__slots__}
    return ParkedEvent(**{**fields, "reason": Reason(row["reason"])})


def _shown(body: bytes) -> dict[str, Any] | None:
    try:
        envelope = decode(body)
        event = unwrap(envelope)
    except ValueError:
        return None
    return envelope.model_dump(mode="json") | {"data": public_data(event) if event else None}
