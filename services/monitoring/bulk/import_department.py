"""Files of settlements from a department: staged, stored as a set, their sums held against thresholds."""

import asyncio
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
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
from services.monitoring.domain.exchanges import Exchange
from services.monitoring.domain.faults import Fault
from services.monitoring.domain.households import person_number
from services.monitoring.domain.settlements import SpendingRow
from shared.db.bulk import RowForm, day_number, rows_done
from shared.kernel.areas import AreaCode
from shared.kernel.ids import new_id
from shared.vault.index import blind_index_many
from shared.vault.keys import KeyRing
from shared.vault.seal import seal

PART = 50_000
"""Rows of a file that are taken in one transaction, in about half a second; the more, the closer lie those of one person."""
PIECE = 100
"""Rows that are read at once: of more, the garbage collector would walk through all of them again and again."""

_FORM = RowForm(
    "stage_spending",
    {
        "batch_id": "uuid",
        "row_no": "int4",
        "area_code": "int8",
        "person_index": "index",
        "settled_on": "date",
        "self_paid_fen": "int8",
    },
    ("record_no",),
)

_STORE = """
INSERT INTO spending_entry(batch_id, area_code, self_paid_fen, settled_on, row_no, person_index, item, record_no)
SELECT batch_id, area_code, self_paid_fen, settled_on, row_no, person_index, $2, record_no
  FROM stage_spending WHERE batch_id = $1"""

# The first of two rows counts. Neither columns nor RETURNING are named: either has the wall look at each row once more.
_STORE_NEW = f"{_STORE} ORDER BY row_no ON CONFLICT DO NOTHING"

# What was not stored is known: from this file, or from an earlier one, which may have said something else.
_KNOWN = """
SELECT s.row_no, e.batch_id = $1 AS twice,
       (e.person_index, e.self_paid_fen, e.settled_on) <> (s.person_index, s.self_paid_fen, s.settled_on) AS differs
  FROM stage_spending s
 CROSS JOIN LATERAL (SELECT * FROM spending_entry WHERE record_no = s.record_no AND item = $2
                        AND county_code = (s.area_code / 1000000)::int LIMIT 1) e
 WHERE s.batch_id = $1 AND (e.batch_id, e.row_no) <> (s.batch_id, s.row_no)
 ORDER BY s.row_no"""
_DROP = "DELETE FROM stage_spending WHERE batch_id = $1 AND row_no = ANY($2::int[])"

# Of each person touched, once for each year or month: the sum up to the end of the latest month told. The index leaves the
# item out: a person has few entries, and a narrow index is faster by more than they cost.
# LIMIT keeps the joins look-ups by key, whatever the planner knows of just filled tables.
_SUMS = """
WITH touched AS (
  SELECT person_index, date_trunc($3, settled_on::timestamp)::date AS first_day, max(settled_on) AS settled_on
    FROM stage_spending WHERE batch_id = $1 GROUP BY 1, 2),
summed AS MATERIALIZED (
  SELECT t.person_index, t.settled_on, sums.total FROM touched t
   CROSS JOIN LATERAL (SELECT sum(e.self_paid_fen)::bigint AS total FROM spending_entry e
                        WHERE e.person_index = t.person_index AND e.item = $2 AND e.settled_on >= t.first_day
                          AND e.settled_on < (date_trunc('month', t.settled_on::timestamp) + interval '1 month')::date) sums
   WHERE sums.total >= $4),
told AS (
  SELECT DISTINCT ON (s.person_index, s.settled_on) s.*, summed.total
    FROM summed JOIN stage_spending s USING (person_index, settled_on) WHERE s.batch_id = $1
   ORDER BY s.person_index, s.settled_on, s.row_no)
SELECT told.*, m.id AS member_id, h.id AS household_id, h.area_code AS household_area, h.household_type
  FROM told
  LEFT JOIN LATERAL (SELECT id, household_id FROM household_member
                      WHERE id_number_index = told.person_index AND left_on IS NULL LIMIT 1) m ON true
  LEFT JOIN LATERAL (SELECT id, area_code, household_type FROM household WHERE id = m.household_id LIMIT 1) h ON true
 ORDER BY told.row_no"""

_CLEAR = "DELETE FROM stage_spending WHERE batch_id = $1"

_RULES = """
WITH nearest AS (
  SELECT max(area_code) AS area_code FROM clue_rule
   WHERE item = $1 AND area_code = ANY($2::bigint[]) AND valid_from <= $3)
SELECT DISTINCT ON (r.person_scope) r.* FROM clue_rule r JOIN nearest USING (area_code)
 WHERE r.item = $1 AND r.valid_from <= $3 ORDER BY r.person_scope, r.valid_from DESC"""


class Staged:
    """The good rows of a part, packed for the staging table; and whom they are about, sealed only if a clue comes of it."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._indexes: list[bytes] = []
        self._rows: list[int] = []
        self._numbers: list[str] = []
        self._names: list[str] = []

    def __len__(self) -> int:
        return len(self._packed)

    def add(self, ring: KeyRing, batch_id: UUID, rows: Sequence[tuple[int, SpendingRow]]) -> None:
        """Take rows in, each person as a blind index."""
        batch = batch_id.bytes
        indexes = blind_index_many(ring, PERSON, (person_number(row.number) for _, row in rows))
        self._indexes += indexes
        self._rows += [number for number, _ in rows]
        self._numbers += [row.number for _, row in rows]
        self._names += [row.name for _, row in rows]
        self._packed += [
            _FORM.pack(
                (batch, number, row.area, index, day_number(row.settled_on), row.self_paid), (row.record_no.encode(),)
            )
            for (number, row), index in zip(rows, indexes, strict=True)
        ]

    def content(self) -> bytes:
        """All rows as one COPY, sorted by person: indexes and heap then meet those of one person side by side."""
        packed = self._packed
        return _FORM.join([packed[at] for at in sorted(range(len(packed)), key=self._indexes.__getitem__)])

    def person(self, row_no: int) -> tuple[str, str]:
        """Number and name in a row."""
        at = bisect_left(self._rows, row_no)
        return self._numbers[at], self._names[at]


async def stage(raw: asyncpg.Connection, staged: Staged) -> None:
    """Put a part's rows into the staging table."""
    await _FORM.copy(raw, await asyncio.to_thread(staged.content))


async def store(raw: asyncpg.Connection, batch: Batch, exchange: Exchange, staged: int, merged: Merged) -> None:
    """Store the staged settlements; refuse those stated twice or otherwise, count those that change nothing."""
    try:
        async with raw.transaction():  # nearly always nothing is known, and not to ask is a fifth faster
            await raw.execute(_STORE, batch.id, exchange.item)
    except asyncpg.UniqueViolationError:
        await _store_new(raw, batch, exchange, staged, merged)


async def _store_new(raw: asyncpg.Connection, batch: Batch, exchange: Exchange, staged: int, merged: Merged) -> None:
    stored = rows_done(await raw.execute(_STORE_NEW, batch.id, exchange.item))
    known = [row for row in await raw.fetch(_KNOWN, batch.id, exchange.item) if row["twice"] or row["differs"]]
    refused = [
        (row["row_no"], Fault("record_no", "RECORD_TWICE" if row["twice"] else "RECORD_DIFFERS", "3.3"))
        for row in known
    ]
    merged.refused += refused
    merged.unchanged = staged - stored - len(refused)
    await raw.execute(_DROP, batch.id, [row for row, _ in refused])


async def clear(raw: asyncpg.Connection, batch: Batch) -> None:
    """Empty the staging table."""
    await raw.execute(_CLEAR, batch.id)


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
    ring: KeyRing,
    batch: Batch,
    exchange: Exchange,
    rules: Sequence[ClueRule],
    staged: Staged,
) -> list[NewClue]:
    """The clues that the staged rows make: one for each person, year and month whose sum exceeds a rule."""
    if not rules:
        return []
    unit = "month" if rules[0].metric is Metric.MONTH else "year"
    least = min(rule.threshold for rule in rules)
    rows = await raw.fetch(_SUMS, batch.id, exchange.item, unit, least)
    found = ((row, broken_rule(rules, person_scope(_type_of(row)), row["total"])) for row in rows)
    return [_clue(ring, batch, exchange, row, rule, staged) for row, rule in found if rule is not None]


def _type_of(row: asyncpg.Record) -> HouseholdType | None:
    return HouseholdType(row["household_type"]) if row["household_id"] else None


def _clue(
    ring: KeyRing, batch: Batch, exchange: Exchange, row: asyncpg.Record, rule: ClueRule, staged: Staged
) -> NewClue:
    known = row["household_id"] is not None
    clue_id = new_id()
    number, name = staged.person(row["row_no"])
    return NewClue(
        id=clue_id,
        area=row["household_area"] if known else row["area_code"],
        subject_key=row["person_index"],
        item=exchange.item,
        period=event_period(exchange.item, row["settled_on"]),
        source=Source.DEPT,
        match=Match.MATCHED if known else Match.TO_BUILD,
        household_id=row["household_id"],
        member_id=row["member_id"],
        id_number_sealed=None if known else seal(ring, "clue.id_number", clue_id, number),
        name_sealed=None if known else seal(ring, "clue.name", clue_id, name),
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
