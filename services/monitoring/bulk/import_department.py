"""Files of settlements from a department: staged, checked as a set, merged in chunks, their sums held against thresholds."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from services.monitoring.bulk.batches import Batch, Merged
from services.monitoring.bulk.intake import PERSON, NewClue
from services.monitoring.domain.clues import (
    ITEMS,
    ClueRule,
    Match,
    Metric,
    Operator,
    PersonScope,
    Source,
    broken_rule,
    event_period,
    person_scope,
)
from services.monitoring.domain.codes import HouseholdType
from services.monitoring.domain.exchanges import Exchange, SpendingRow
from services.monitoring.domain.households import person_number
from shared.kernel.areas import AreaCode
from shared.kernel.ids import new_id
from shared.vault.index import blind_index_many
from shared.vault.keys import KeyRing
from shared.vault.seal import seal_many

STAGE = "stage_spending"
COLUMNS = (
    *("batch_id", "row_no", "id", "record_no", "area_code", "person_index", "settled_on", "self_paid_fen", "clue_id"),
    *("id_number_sealed", "name_sealed"),
)

_CHECK = """
WITH judged AS (
  SELECT s.row_no, CASE
    WHEN s.area_code NOT BETWEEN $3 AND $4 THEN ARRAY['area_code', 'AREA_OUTSIDE', 'M-DIV-01']
    WHEN NOT EXISTS (SELECT FROM division d WHERE d.code = s.area_code AND d.valid_from <= $5
                        AND (d.valid_to IS NULL OR d.valid_to >= $5)) THEN ARRAY['area_code', 'AREA_UNKNOWN', 'M-DIV-06']
    WHEN EXISTS (SELECT FROM spending_entry e WHERE e.record_no = s.record_no AND e.item = $6
                    AND e.area_code / 1000000 = s.area_code / 1000000
                    AND (e.person_index, e.self_paid_fen, e.settled_on)
                        <> (s.person_index, s.self_paid_fen, s.settled_on))
      THEN ARRAY['record_no', 'RECORD_DIFFERS', '3.3']
    WHEN row_number() OVER (PARTITION BY s.record_no ORDER BY s.row_no) > 1
      THEN ARRAY['record_no', 'RECORD_TWICE', '3.3'] END AS fault
    FROM stage_spending s WHERE s.batch_id = $1),
gone AS (
  DELETE FROM stage_spending s USING judged j
   WHERE s.batch_id = $1 AND s.row_no = j.row_no AND j.fault IS NOT NULL)
INSERT INTO import_refusal(batch_id, row_no, field, code, rule, area_code)
SELECT $1, row_no, fault[1], fault[2], fault[3], $2 FROM judged WHERE fault IS NOT NULL
ON CONFLICT DO NOTHING"""

_MERGE = """
WITH chunk AS (
  SELECT * FROM stage_spending WHERE batch_id = $1 AND row_no > $2 ORDER BY row_no LIMIT $3),
stored AS (
  INSERT INTO spending_entry(id, area_code, item, record_no, person_index, settled_on, self_paid_fen, batch_id)
  SELECT id, area_code, $4, record_no, person_index, settled_on, self_paid_fen, batch_id FROM chunk
  ON CONFLICT (record_no, item, (area_code / 1000000)) DO NOTHING RETURNING 1)
SELECT (SELECT count(*) FROM chunk) AS rows, (SELECT max(row_no) FROM chunk) AS last_row,
       (SELECT count(*) FROM stored) AS stored"""

# Of each person touched by the chunk, once for each year or month: the sum up to the end of the latest month told.
# LIMIT keeps the joins look-ups by key, whatever the planner knows of just filled tables.
_SUMS = """
WITH touched AS (
  SELECT DISTINCT ON (person_index, date_trunc($5, settled_on)) *, date_trunc($5, settled_on)::date AS first_day,
         (date_trunc('month', settled_on) + interval '1 month')::date AS next_month
    FROM stage_spending WHERE batch_id = $1 AND row_no > $2 AND row_no <= $3
   ORDER BY person_index, date_trunc($5, settled_on), settled_on DESC, row_no)
SELECT t.*, summed.total, m.id AS member_id, h.id AS household_id, h.area_code AS household_area, h.household_type
  FROM touched t
 CROSS JOIN LATERAL (SELECT sum(e.self_paid_fen)::bigint AS total FROM spending_entry e
                      WHERE e.person_index = t.person_index AND e.item = $4 AND e.settled_on >= t.first_day
                        AND e.settled_on < t.next_month) summed
  LEFT JOIN LATERAL (SELECT id, household_id FROM household_member
                      WHERE id_number_index = t.person_index AND left_on IS NULL LIMIT 1) m ON true
  LEFT JOIN LATERAL (SELECT id, area_code, household_type FROM household WHERE id = m.household_id LIMIT 1) h ON true
 WHERE summed.total >= $6
 ORDER BY t.row_no"""

_CLEAR = "DELETE FROM stage_spending WHERE batch_id = $1 AND row_no <= $2"

_RULES = """
WITH nearest AS (
  SELECT max(area_code) AS area_code FROM clue_rule
   WHERE item = $1 AND area_code = ANY($2::bigint[]) AND valid_from <= $3)
SELECT DISTINCT ON (r.person_scope) r.* FROM clue_rule r JOIN nearest USING (area_code)
 WHERE r.item = $1 AND r.valid_from <= $3 ORDER BY r.person_scope, r.valid_from DESC"""


def records(ring: KeyRing, batch_id: UUID, rows: Sequence[tuple[int, SpendingRow]]) -> list[tuple[Any, ...]]:
    """Rows as they are staged: the person as a blind index, number and name sealed for the clue they may become."""
    clue_ids = [new_id() for _ in rows]
    indexes = blind_index_many(ring, PERSON, (person_number(row.number) for _, row in rows))
    numbers = seal_many(ring, "clue.id_number", [(at, row.number) for at, (_, row) in zip(clue_ids, rows, strict=True)])
    names = seal_many(ring, "clue.name", [(at, row.name) for at, (_, row) in zip(clue_ids, rows, strict=True)])
    return [
        (batch_id, number, new_id(), row.record_no, row.area, index, row.settled_on, row.self_paid, clue_id, *sealed)
        for (number, row), clue_id, index, *sealed in zip(rows, clue_ids, indexes, numbers, names, strict=True)
    ]


async def check_set(raw: asyncpg.Connection, batch: Batch, exchange: Exchange, today: date) -> None:
    """Refuse what only the whole set shows: foreign or unknown divisions, and settlements stated twice."""
    await raw.execute(_CHECK, batch.id, int(batch.area), *batch.area.span, today, exchange.item)


async def merge(raw: asyncpg.Connection, batch: Batch, exchange: Exchange, limit: int) -> Merged:
    """Store the settlements of the next rows; those that an earlier file told already change nothing."""
    row = await raw.fetchrow(_MERGE, batch.id, batch.last_row, limit, exchange.item)
    assert row is not None
    return Merged(rows=row["rows"], last_row=row["last_row"] or batch.last_row, unchanged=row["rows"] - row["stored"])


async def clear(raw: asyncpg.Connection, batch: Batch, last_row: int) -> None:
    """Empty the staging table up to a row."""
    await raw.execute(_CLEAR, batch.id, last_row)


async def rules_in_force(raw: asyncpg.Connection, item: str, area: AreaCode, on: date) -> list[ClueRule]:
    """The thresholds of the nearest area that has any for this item, the newest for each scope."""
    areas = [int(code) for code in area.ancestry()]
    return [
        ClueRule(
            code=row["code"],
            version=row["version"],
            person_scope=PersonScope(row["person_scope"]),
            metric=Metric(row["metric"]),
            operator=Operator(row["operator"]),
            threshold=row["threshold_fen"],
            document=row["document"],
        )
        for row in await raw.fetch(_RULES, item, areas, on)
    ]


async def clues_of(
    raw: asyncpg.Connection,
    batch: Batch,
    exchange: Exchange,
    last_row: int,
    rules: Sequence[ClueRule],
) -> list[NewClue]:
    """The clues that the rows up to `last_row` make: one for each person, year and month whose sum exceeds a rule."""
    if not rules:
        return []
    unit = "month" if rules[0].metric is Metric.MONTH else "year"
    least = min(rule.threshold for rule in rules)
    rows = await raw.fetch(_SUMS, batch.id, batch.last_row, last_row, exchange.item, unit, least)
    found = ((row, broken_rule(rules, person_scope(_type_of(row)), row["total"])) for row in rows)
    return [_clue(batch, exchange, row, rule) for row, rule in found if rule is not None]


def _type_of(row: asyncpg.Record) -> HouseholdType | None:
    return HouseholdType(row["household_type"]) if row["household_id"] else None


def _clue(batch: Batch, exchange: Exchange, row: asyncpg.Record, rule: ClueRule) -> NewClue:
    known = row["household_id"] is not None
    return NewClue(
        id=row["clue_id"],
        area=row["household_area"] if known else row["area_code"],
        subject_key=row["person_index"],
        item=exchange.item,
        period=event_period(exchange.item, row["settled_on"]),
        source=Source.DEPT,
        match=Match.MATCHED if known else Match.TO_BUILD,
        household_id=row["household_id"],
        member_id=row["member_id"],
        id_number_sealed=None if known else row["id_number_sealed"],
        name_sealed=None if known else row["name_sealed"],
        note_sealed=None,
        cause=ITEMS[exchange.item].cause,
        amount=row["total"],
        threshold=rule.threshold,
        rule_id=rule.code,
        rule_version=rule.version,
        event_on=row["settled_on"],
        department=exchange.department,
        batch_id=batch.id,
        row_no=row["row_no"],
    )
