"""Alerts in sets: which findings are new, worse or gone since the last run, and what is written of them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

# A finding that stands again after its condition was gone goes on with the alert that is still open.
_RELINK = """
UPDATE alert SET finding_id = f.id, cleared_on = NULL
  FROM finding AS f
 WHERE alert.closed_at IS NULL AND f.check_id = alert.check_id AND f.subject_key = alert.subject_key
   AND f.closed_at IS NULL AND f.id <> alert.finding_id"""
_NEW = """
SELECT f.id AS finding_id, f.check_id, f.subject_kind, f.subject_key, f.area_code, f.severity, f.facts::text AS facts
  FROM finding AS f
 WHERE f.closed_at IS NULL AND starts_with(f.check_id, $1)
   AND NOT EXISTS (SELECT FROM alert WHERE alert.finding_id = f.id)"""
_INSERT = """
INSERT INTO alert(id, area_code, rule_id, check_id, finding_id, subject_kind, subject_key, subject_id, owner, severity,
  facts, raised_at, due_on, reopened)
SELECT id, area_code, rule_id, check_id, finding_id, subject_kind, subject_key, subject_id, owner, severity,
       facts::jsonb, $1, due_on, 0
  FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::uuid[],
    $10::text[], $11::text[], $12::text[], $13::date[])
    AS given(id, area_code, rule_id, check_id, finding_id, subject_kind, subject_key, subject_id, owner, severity,
      facts, due_on)"""
_WORSE = """
SELECT alert.id, alert.area_code, alert.rule_id, alert.subject_kind, alert.subject_id
  FROM alert JOIN finding AS f ON f.id = alert.finding_id
 WHERE f.closed_at IS NULL AND f.severity = 'red' AND alert.severity = 'amber'"""
_WORSEN = """
UPDATE alert SET severity = 'red', facts = f.facts, due_on = given.due_on, plan = NULL, plan_until = NULL,
       responsible = NULL, extended_on = NULL, closed_at = NULL, outcome = NULL,
       reopened = alert.reopened + (alert.closed_at IS NOT NULL)::int
  FROM unnest($1::uuid[], $2::date[]) AS given(id, due_on), finding AS f
 WHERE alert.id = given.id AND f.id = alert.finding_id"""
_GONE = """
UPDATE alert SET cleared_on = $1 FROM finding AS f
 WHERE f.id = alert.finding_id AND f.closed_at IS NOT NULL AND alert.closed_at IS NULL AND alert.cleared_on IS NULL
RETURNING alert.id, alert.area_code, alert.rule_id, alert.severity, alert.subject_kind, alert.subject_id"""
_CLOSE = """
UPDATE alert SET closed_at = $2, outcome = 'cleared' WHERE id = ANY($1::uuid[])"""


class NewFinding(NamedTuple):
    """A standing finding that has no alert yet."""

    finding_id: UUID
    check_id: str
    subject_kind: str
    subject_key: str
    area_code: int
    severity: str
    facts: str


class NewAlert(NamedTuple):
    """An alert as it is stored; `facts` is JSON text."""

    id: UUID
    area_code: int
    rule_id: str
    check_id: str
    finding_id: UUID
    subject_kind: str
    subject_key: str
    subject_id: UUID
    owner: str
    severity: str
    facts: str
    due_on: date


class Known(NamedTuple):
    """An alert that is there, as its events name it."""

    id: UUID
    area_code: int
    rule_id: str
    severity: str
    subject_kind: str
    subject_id: UUID


async def relink(raw: asyncpg.Connection) -> None:
    """Tie open alerts to the findings of the same subject that stand now."""
    await raw.execute(_RELINK)


async def new_findings(raw: asyncpg.Connection, prefix: str) -> list[NewFinding]:
    """The standing findings of checks whose ids begin with `prefix` that never had an alert."""
    return [NewFinding(*row) for row in await raw.fetch(_NEW, prefix)]


async def insert(raw: asyncpg.Connection, alerts: Sequence[NewAlert], now: datetime) -> None:
    """Write all of them in one statement."""
    await raw.execute(_INSERT, now, *_columns(alerts))


async def worse(raw: asyncpg.Connection) -> list[Known]:
    """The amber alerts, handled ones too, whose finding still stands and is red now."""
    return [
        Known(row["id"], row["area_code"], row["rule_id"], "red", row["subject_kind"], row["subject_id"])
        for row in await raw.fetch(_WORSE)
    ]


async def worsen(raw: asyncpg.Connection, alerts: Sequence[UUID], due: Sequence[date]) -> None:
    """Make them red, with today's facts and a new end of their clocks; what was planned no longer counts."""
    await raw.execute(_WORSEN, list(alerts), list(due))


async def gone(raw: asyncpg.Connection, today: date) -> list[Known]:
    """Mark the open alerts whose condition is gone since the last run, and give them."""
    return [Known(*row) for row in await raw.fetch(_GONE, today)]


async def close(raw: asyncpg.Connection, alerts: Sequence[UUID], now: datetime) -> None:
    """Note that they ended because their condition is gone."""
    await raw.execute(_CLOSE, list(alerts), now)


def _columns(rows: Sequence[NewAlert]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
