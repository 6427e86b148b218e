"""How far a consumer is: positions per source, the last sequence per key, and what is parked. All set-based."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from shared.delivery.order import Failure, Item, Key, Line, Parked, Reason
from shared.kernel.areas import NATION, AreaCode
from shared.kernel.ids import derived_id
from shared.messaging.transport import Record

_POSITIONS = "SELECT source, pos FROM delivery_cursor WHERE consumer = $1"
_LINES = """
SELECT wanted.topic, wanted.key, known.last_sequence, head.id, head.sequence, head.reason
  FROM unnest($2::text[], $3::uuid[]) AS wanted(topic, key)
  LEFT JOIN delivery_key AS known ON known.consumer = $1 AND known.topic = wanted.topic AND known.key = wanted.key
  LEFT JOIN LATERAL (
    SELECT id, sequence, reason FROM parked_event AS parked
     WHERE parked.consumer = $1 AND parked.topic = wanted.topic AND parked.key = wanted.key AND outcome IS NULL
     ORDER BY sequence LIMIT 1) AS head ON true"""
_PARKED = """
SELECT id, source, pos, topic, key, sequence, event_id, type, body, reason
  FROM parked_event JOIN unnest($2::text[], $3::uuid[]) AS wanted(topic, key) USING (topic, key)
 WHERE consumer = $1 AND outcome IS NULL ORDER BY sequence"""
_READY = """
SELECT topic, key FROM (
  SELECT DISTINCT ON (topic, key) topic, key, sequence, reason FROM parked_event
   WHERE consumer = $1 AND outcome IS NULL AND key IS NOT NULL ORDER BY topic, key, sequence) AS head
  JOIN delivery_key AS known USING (topic, key)
 WHERE known.consumer = $1 AND (head.sequence <= known.last_sequence
        OR (head.reason IN ('GAP', 'BEHIND') AND head.sequence = known.last_sequence + 1))"""
# Another process may have handled the event while this one tried in vain; then there is nothing to park.
_PARK = """
INSERT INTO parked_event(id, consumer, source, pos, topic, key, sequence, event_id, type, area_code, body, reason,
                         detail, attempts, parked_at)
SELECT id, $1, source, pos, topic, key, sequence, event_id, type, area_code, body, reason, detail, attempts, $2
  FROM unnest($3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::uuid[], $8::bigint[], $9::uuid[], $10::text[],
              $11::bigint[], $12::bytea[], $13::text[], $14::text[], $15::int[])
    AS new(id, source, pos, topic, key, sequence, event_id, type, area_code, body, reason, detail, attempts)
 WHERE NOT EXISTS (SELECT FROM delivery_key AS known WHERE known.consumer = $1 AND known.topic = new.topic
                      AND known.key = new.key AND known.last_sequence >= new.sequence)
ON CONFLICT DO NOTHING"""
_PARK_AGAIN = """
UPDATE parked_event SET reason = new.reason, detail = new.detail, attempts = parked_event.attempts + new.attempts
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[]) AS new(id, reason, detail, attempts)
 WHERE parked_event.id = new.id AND outcome IS NULL"""
_SETTLE = """
UPDATE parked_event SET outcome = 'REPLAYED', settled_at = $2, settled_by = $3
 WHERE id = ANY($1::uuid[]) AND outcome IS NULL"""
_MOVE_KEYS = """
INSERT INTO delivery_key AS known (consumer, topic, key, last_sequence)
SELECT $1, topic, key, last FROM unnest($2::text[], $3::uuid[], $4::bigint[]) AS new(topic, key, last)
 ORDER BY topic, key
ON CONFLICT (consumer, topic, key) DO UPDATE SET last_sequence = greatest(known.last_sequence, excluded.last_sequence)"""
_MOVE_CURSOR = """
INSERT INTO delivery_cursor AS known (consumer, source, pos)
SELECT $1, source, pos FROM unnest($2::text[], $3::bigint[]) AS new(source, pos) ORDER BY source
ON CONFLICT (consumer, source) DO UPDATE SET pos = greatest(known.pos, excluded.pos)"""
_COUNT_PARKED = "SELECT count(*) FROM parked_event WHERE consumer = $1 AND outcome IS NULL"


@dataclass(frozen=True, slots=True)
class Lag:
    """What a consumer still has before it (积压)."""

    events: int
    """Positions of the sources not yet read; some may hold events of other topics."""
    unreachable: tuple[str, ...]
    """Sources whose log cannot be read at present."""
    parked: int


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass over some lines has brought about."""

    lines: Mapping[Key, Line]
    strays: Sequence[tuple[Record, Failure]] = ()
    """Records that belong to no line, because the transport could not read their key."""

    def newly_parked(self) -> list[tuple[Record, Failure]]:
        """What was not parked before."""
        failed = [
            (item.record, failure) for line in self.lines.values() for item, failure in line.failed if not item.parked
        ]
        return [*failed, *self.strays]


async def positions(raw: asyncpg.Connection, consumer: str) -> dict[str, int]:
    """The stored position in each source."""
    return {row["source"]: row["pos"] for row in await raw.fetch(_POSITIONS, consumer)}


async def lines(raw: asyncpg.Connection, consumer: str, keys: Collection[Key]) -> dict[Key, Line]:
    """The lines of `keys` as they stand."""
    rows = await raw.fetch(_LINES, consumer, *_columns(keys, 2))
    return {
        (row["topic"], row["key"]): Line(row["last_sequence"], head=_parked(row) if row["id"] else None) for row in rows
    }


async def parked_items(raw: asyncpg.Connection, consumer: str, keys: Collection[Key]) -> list[Item]:
    """Everything parked on `keys`, in order."""
    rows = await raw.fetch(_PARKED, consumer, *_columns(keys, 2)) if keys else []
    return [Item(_record(row), row["sequence"], _parked(row)) for row in rows]


async def ready_keys(raw: asyncpg.Connection, consumer: str) -> list[Key]:
    """Keys whose first parked event only waited for its turn, and whose turn has come."""
    return [(row["topic"], row["key"]) for row in await raw.fetch(_READY, consumer)]


async def store(
    raw: asyncpg.Connection,
    consumer: str,
    done: Pass,
    *,
    upto: Mapping[str, int],
    now: datetime,
    by: UUID,
) -> None:
    """Park, settle and move on, in the caller's transaction; may be repeated by a slower process without harm."""
    again = [
        (item.parked.id, failure.reason.value, failure.detail, failure.attempts)
        for line in done.lines.values()
        for item, failure in line.failed
        if item.parked
    ]
    settled = [item.parked.id for line in done.lines.values() for item in line.done if item.parked]
    moved = [(*key, line.last) for key, line in done.lines.items() if line.has_moved]
    if moved:
        await raw.execute(_MOVE_KEYS, consumer, *_columns(moved, 3))
    if parked := [_row(consumer, record, failure) for record, failure in done.newly_parked()]:
        await raw.execute(_PARK, consumer, now, *_columns(parked, 13))
    if again:
        await raw.execute(_PARK_AGAIN, *_columns(again, 4))
    if settled:
        await raw.execute(_SETTLE, settled, now, by)
    if upto:
        await raw.execute(_MOVE_CURSOR, consumer, list(upto), list(upto.values()))


async def lag(raw: asyncpg.Connection, consumer: str, heads: Mapping[str, int | None]) -> Lag:
    """The distance between the sources' `heads` and what is stored."""
    known = await positions(raw, consumer)
    return Lag(
        events=sum(max(head - known.get(source, 0), 0) for source, head in heads.items() if head is not None),
        unreachable=tuple(source for source, head in heads.items() if head is None),
        parked=await raw.fetchval(_COUNT_PARKED, consumer),
    )


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    table = list(rows)
    return [[row[n] for row in table] for n in range(width)]


def _parked(row: Any) -> Parked:
    return Parked(row["id"], row["sequence"], Reason(row["reason"]))


def _record(row: Any) -> Record:
    return Record(
        source=row["source"],
        pos=row["pos"],
        topic=row["topic"],
        key=row["key"],
        sequence=row["sequence"],
        id=row["event_id"],
        type=row["type"],
        body=row["body"],
    )


def _row(consumer: str, record: Record, failure: Failure) -> tuple[Any, ...]:
    where = f"{consumer} {record.source} {record.pos}"
    return (
        derived_id(record.id or UUID(int=0), where),  # the same record parks once
        record.source,
        record.pos,
        record.topic,
        record.key,
        record.sequence,
        record.id,
        record.type,
        _area(record.body),
        record.body,
        failure.reason.value,
        failure.detail,
        failure.attempts,
    )


def _area(body: bytes) -> int:
    """The area that an operator needs to see the event; the nation when the body does not tell."""
    try:
        envelope = orjson.loads(body)
        return int(AreaCode.parse(envelope["regioncode"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return int(NATION)
