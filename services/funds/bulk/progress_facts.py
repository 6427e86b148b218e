"""Facts of the progress report in sets: one statement makes the rows of all counties for a day, one reads a province."""

from datetime import date, datetime
from typing import NamedTuple

import asyncpg

from services.funds.bulk.progress_sql import PROGRESS
from services.funds.domain.postings import ALLOCATED, PAID
from shared.kernel.areas import NATION, AreaCode
from shared.kernel.days import start_of
from shared.kernel.money import Fen

_COUNTY = 10**6
"""So many codes a county has."""

# A day made again is replaced: what was posted late for it is in it from then on.
_MAKE = f"""
INSERT INTO progress_fact(fiscal_year, as_of, area_code, name, planned_fen, received_fen, linked_fen, spent_fen,
  linkage_linked_fen, linkage_spent_fen, industry_spent_fen, projects, started, completed, accepted, alerts_open,
  alerts_due, alerts_handled, made_at)
SELECT $3, $4, unit, coalesce(name, ''), planned, received, linked, spent, linkage_linked, linkage_spent, industry_spent,
       projects, started, completed, accepted, alerts_open, alerts_due, alerts_handled, $10::timestamptz
  FROM ({PROGRESS}) AS found
ON CONFLICT (fiscal_year, as_of, area_code) DO UPDATE SET name = excluded.name, planned_fen = excluded.planned_fen,
  received_fen = excluded.received_fen, linked_fen = excluded.linked_fen, spent_fen = excluded.spent_fen,
  linkage_linked_fen = excluded.linkage_linked_fen, linkage_spent_fen = excluded.linkage_spent_fen,
  industry_spent_fen = excluded.industry_spent_fen, projects = excluded.projects, started = excluded.started,
  completed = excluded.completed, accepted = excluded.accepted, alerts_open = excluded.alerts_open,
  alerts_due = excluded.alerts_due, alerts_handled = excluded.alerts_handled, made_at = excluded.made_at"""  # noqa: S608  a constant

# A rate is told in hundredths of a per cent, half up, on whole numbers; a rank compares more digits than two rates of
# whole fen can share without being equal. Without linked money there is no rate, and the rank is the last.
_READ = """
SELECT area_code, name, as_of, planned_fen, received_fen, linked_fen, spent_fen, linkage_linked_fen, linkage_spent_fen,
       industry_spent_fen, projects, started, completed, accepted, alerts_open, alerts_due, alerts_handled,
       div(spent_fen * 20000::numeric + linked_fen, nullif(linked_fen, 0) * 2)::bigint AS progress,
       div(linkage_spent_fen * 20000::numeric + linkage_linked_fen, nullif(linkage_linked_fen, 0) * 2)::bigint
         AS linkage_progress,
       rank() OVER (ORDER BY spent_fen::numeric(80, 50) / nullif(linked_fen, 0) DESC NULLS LAST)::int AS rank
  FROM progress_fact
 WHERE area_code BETWEEN $1 AND $2 AND fiscal_year = $3 AND as_of = (
   SELECT max(as_of) FROM progress_fact
    WHERE area_code BETWEEN $1 AND $2 AND fiscal_year = $3 AND ($4::date IS NULL OR as_of <= $4))
 ORDER BY area_code"""


class Standing(NamedTuple):
    """One unit as the facts have it; rates in hundredths of a per cent, None without a denominator."""

    area_code: int
    name: str
    as_of: date
    planned_fen: Fen | None
    received_fen: Fen
    linked_fen: Fen
    spent_fen: Fen
    linkage_linked_fen: Fen
    linkage_spent_fen: Fen
    industry_spent_fen: Fen
    projects: int
    started: int
    completed: int
    accepted: int
    alerts_open: int
    alerts_due: int
    alerts_handled: int
    progress: int | None
    linkage_progress: int | None
    rank: int


async def make_facts(raw: asyncpg.Connection, fiscal_year: int, as_of: date, now: datetime) -> int:
    """Make or replace the rows of every county in the session's scope; gives how many."""
    done = await raw.execute(
        _MAKE,
        *NATION.span,
        fiscal_year,
        as_of,
        _COUNTY,
        as_of,
        start_of(date.fromordinal(as_of.toordinal() + 1)),
        list(ALLOCATED),
        list(PAID),
        now,
    )
    return int(done.rpartition(" ")[2])


async def standings(
    raw: asyncpg.Connection, area: AreaCode, fiscal_year: int, as_of: date | None = None
) -> list[Standing]:
    """The units of `area` at the end of the newest day that was made, not after `as_of`."""
    return [Standing(*row) for row in await raw.fetch(_READ, *area.span, fiscal_year, as_of)]
