"""The outbox (发件箱): publishing is an insert in the command's own transaction, one statement for all its events."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from shared.contracts.catalogue import wrap
from shared.contracts.event import Event
from shared.kernel.ids import new_id

INSERT = """
INSERT INTO outbox(id, topic, key, type, area_code, envelope, at)
SELECT id, topic, key, type, area_code, envelope::jsonb, $7
  FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::bigint[], $6::text[])
    AS event(id, topic, key, type, area_code, envelope)"""
"""Takes what `rows` gives."""


def rows(
    events: Sequence[Event], *, now: datetime, correlation: UUID, causation: UUID
) -> tuple[list[UUID], list[str], list[UUID], list[str], list[int], list[str], datetime]:
    """The events in their order, column by column; numbering gives position and sequence after the commit."""
    ids = [new_id() for _ in events]
    envelopes = [
        wrap(event, id=event_id, time=now, sequence=0, correlation=correlation, causation=causation)
        for event, event_id in zip(events, ids, strict=True)
    ]
    return (
        ids,
        [event.TOPIC for event in events],
        [event.key for event in events],
        [event.wire_type() for event in events],
        [int(event.area_code) for event in events],
        [orjson.dumps(envelope.model_dump(mode="json")).decode() for envelope in envelopes],
        now,
    )


async def publish(
    raw: asyncpg.Connection,
    events: Sequence[Event],
    *,
    now: datetime,
    correlation: UUID,
    causation: UUID,
) -> None:
    """Insert events by the thousand, part by part; those of an ordinary command go out with its journal row."""
    await raw.execute(INSERT, *rows(events, now=now, correlation=correlation, causation=causation))
