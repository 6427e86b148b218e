"""Sums of income entries and budget-sharing members over a window, for one household or many."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.monitoring.domain.income import Figures, IncomeKind, Sheet, Window, figures

_SUMS = """
SELECT asked.id,
       (SELECT coalesce(jsonb_object_agg(kind, total), '{}')
          FROM (SELECT e.kind, sum(e.amount_fen)::bigint AS total FROM income_entry e
                 WHERE e.household_id = asked.id AND e.month BETWEEN $2 AND $3 GROUP BY e.kind) kinds) AS sums,
       (SELECT count(*) FROM household_member m
         WHERE m.household_id = asked.id AND m.shares_budget AND (m.joined_on IS NULL OR m.joined_on <= $3)
           AND (m.left_on IS NULL OR m.left_on > $3)) AS persons
  FROM unnest($1::uuid[]) AS asked(id)"""


@dataclass(frozen=True, slots=True)
class Summed:
    """What a household's window holds, and the figures that follow."""

    sheet: Sheet
    figures: Figures


async def summed(raw: asyncpg.Connection, household_ids: Sequence[UUID], window: Window) -> dict[UUID, Summed]:
    """Sheets and figures by household; members are those who share the budget at the window's end (M-INC-02)."""
    rows = await raw.fetch(_SUMS, list(household_ids), window.first, window.last)
    return {row["id"]: _summed(row) for row in rows}


def _summed(row: asyncpg.Record) -> Summed:
    sheet = Sheet(**{kind: row["sums"].get(kind, 0) for kind in IncomeKind})
    return Summed(sheet, figures(sheet, row["persons"]))
