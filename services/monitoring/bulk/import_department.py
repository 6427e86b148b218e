"""Files of settlements from a department: staged, stored as a set, their sums held against thresholds."""

import asyncio
from datetime import date
from operator import itemgetter

import asyncpg

from services.monitoring.bulk.batches import Batch, Merged
from services.monitoring.bulk.intake import NewClue
from services.monitoring.bulk.staged_spending import FORM, Staged
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
from shared.db.bulk import rows_done
from shared.kernel.areas import AreaCode
from shared.kernel.ids import new_id
from shared.vault.keys import KeyRing
from shared.vault.seal import seal

PART = 50_000
"""Rows of a file that are taken in one transaction, in about half a second; the more, the closer lie those of one person."""
_STORE = """
INSERT INTO spending_entry(batch_id, area_code, self_paid_fen, person_key, settled_on, row_no, item, person_index, record_no)
SELECT batch_id, area_code, self_paid_fen, person_key, settled_on, row_no, $2::smallint, person_index, record_no
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
# A person is added up at one of the rows. The index leaves the item out: a person has few entries, and a narrow index saves
# more than they cost. LIMIT keeps the joins look-ups by key, whatever the planner knows of just filled tables. Nothing is
# ordered: staged rows lie sorted by person, and so each look-up finds the pages of the one before still at hand.
_SUMS = """
SELECT s.row_no, s.area_code, s.person_index, s.settled_on, sums.total, m.id AS member_id, h.id AS household_id,
       h.area_code AS household_area, h.household_type
  FROM stage_spending s
 CROSS JOIN LATERAL (SELECT sum(e.self_paid_fen)::bigint AS total FROM spending_entry e
                      WHERE e.person_key = s.person_key AND e.person_index = s.person_index AND e.item = $2
                        AND e.settled_on >= s.sum_from AND e.settled_on < s.sum_until) sums
  LEFT JOIN LATERAL (SELECT id, household_id FROM household_member
                      WHERE id_number_index = s.person_index AND left_on IS NULL LIMIT 1) m ON true
  LEFT JOIN LATERAL (SELECT id, area_code, household_type FROM household WHERE id = m.household_id LIMIT 1) h ON true
 WHERE s.batch_id = $1 AND s.sum_from < s.sum_until AND sums.total >= $3"""

# For the few entries of a person a bitmap costs more than it saves, and workers would take the rows out of their order.
_ONE_BY_ONE = """
SELECT set_config('enable_bitmapscan', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)"""

_CLEAR = "DELETE FROM stage_spending WHERE batch_id = $1"

_RULES = """
WITH nearest AS (
  SELECT max(area_code) AS area_code FROM clue_rule
   WHERE item = $1 AND area_code = ANY($2::bigint[]) AND valid_from <= $3)
SELECT DISTINCT ON (r.person_scope) r.* FROM clue_rule r JOIN nearest USING (area_code)
 WHERE r.item = $1 AND r.valid_from <= $3 ORDER BY r.person_scope, r.valid_from DESC"""


async def stage(raw: asyncpg.Connection, staged: Staged) -> None:
    """Put a part's rows into the staging table."""
    await FORM.copy(raw, staged.content)


async def store(raw: asyncpg.Connection, batch: Batch, exchange: Exchange, staged: Staged, merged: Merged) -> None:
    """Store the staged settlements; refuse those stated twice or otherwise, count those that change nothing."""
    try:
        async with raw.transaction():  # nearly always nothing is known, and not to ask is a fifth faster
            await raw.execute(_STORE, batch.id, exchange.item_no)
    except asyncpg.UniqueViolationError:
        await _store_new(raw, batch, exchange, staged, merged)


async def _store_new(raw: asyncpg.Connection, batch: Batch, exchange: Exchange, staged: Staged, merged: Merged) -> None:
    stored = rows_done(await raw.execute(_STORE_NEW, batch.id, exchange.item_no))
    known = [row for row in await raw.fetch(_KNOWN, batch.id, exchange.item_no) if row["twice"] or row["differs"]]
    merged.refused += [
        (row["row_no"], Fault("record_no", "RECORD_TWICE" if row["twice"] else "RECORD_DIFFERS", "3.3"))
        for row in known
    ]
    merged.unchanged = len(staged) - stored - len(known)
    if known:
        await asyncio.to_thread(staged.leave_out, {row["row_no"] for row in known})
        await clear(raw, batch)
        await stage(raw, staged)


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
    raw: asyncpg.Connection, ring: KeyRing, batch: Batch, exchange: Exchange, staged: Staged
) -> list[NewClue]:
    """The clues that the staged rows make: one for each person, year and month whose sum exceeds a rule."""
    rules = staged.rules
    if not rules:
        return []
    await raw.execute(_ONE_BY_ONE)
    rows = await raw.fetch(_SUMS, batch.id, exchange.item_no, min(rule.threshold for rule in rules))
    rows.sort(key=itemgetter("row_no"))
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
