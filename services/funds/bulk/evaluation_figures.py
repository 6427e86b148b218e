"""What the rows say of a county and year for its evaluation (§5.6): each figure from where it is kept, set-based."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import asyncpg

from services.funds.bulk.progress_sql import PROGRESS
from services.funds.domain.evaluations import Policy, YearFigures
from services.funds.domain.goals import Block
from services.funds.domain.indicators import clock_start, due_on
from services.funds.domain.postings import ALLOCATED, PAID, UNALLOCATED
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.days import Calendar, Duration, start_of
from shared.kernel.money import Fen
from shared.parameters.lookup import Parameters, missing

# What each indicator of the upper levels had unallocated, as its changes by day.
_UNALLOCATED = """
SELECT one.received_on, one.fiscal_year, one.is_advance_notice, one.amount_fen + one.adjusted_fen AS received,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(on_day, fen) ORDER BY on_day), '[]')
          FROM (SELECT entry.on_day, sum(line.signed_fen) AS fen
                  FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id
                 WHERE line.indicator_id = one.id AND line.account = $5 AND entry.on_day <= $4
                 GROUP BY entry.on_day) AS moved) AS moves
  FROM indicator AS one
  JOIN case_file AS c ON c.workflow = 'funds.indicator' AND c.subject_id = one.id AND c.state = 'CONFIRMED'
 WHERE one.area_code BETWEEN $1 AND $2 AND one.fiscal_year = $3 AND one.level IN ('central', 'provincial')"""
_PROJECTS = """
WITH funded AS (
  SELECT DISTINCT held.project_id AS id
    FROM ledger_balance AS held JOIN indicator ON indicator.id = held.indicator_id
   WHERE held.area_code BETWEEN $1 AND $2 AND indicator.fiscal_year = $3 AND held.account = ANY($4::text[])
     AND held.amount_fen > 0
), told AS (
  SELECT project.entered_on IS NOT NULL
           AND EXISTS (SELECT FROM review_opinion AS one WHERE one.project_id = project.id AND stage = 'county_review')
           AND EXISTS (SELECT FROM meeting WHERE subject_id = project.id AND kind = 'leading_group') AS complete,
         goal.declared_on IS NOT NULL AS filed, goal.approved_on IS NOT NULL AS approved,
         EXISTS (SELECT FROM goal_monitoring AS seen WHERE seen.goal_id = goal.id) AS monitored,
         last.benefit_hundredths
    FROM funded JOIN project USING (id)
    LEFT JOIN goal_table AS goal ON goal.project_id = project.id AND goal.year = $3
    LEFT JOIN LATERAL (SELECT benefit_hundredths FROM goal_score AS score
                        WHERE score.goal_id = goal.id ORDER BY recorded_at DESC, id DESC LIMIT 1) AS last ON true
)
SELECT count(*) AS projects, count(*) FILTER (WHERE complete) AS complete, count(*) FILTER (WHERE filed) AS filed,
       count(*) FILTER (WHERE approved) AS approved, count(*) FILTER (WHERE monitored) AS monitored,
       count(benefit_hundredths) AS evaluated, coalesce(sum(benefit_hundredths), 0)::bigint AS benefit
  FROM told"""
_NOTHING: Mapping[str, int] = dict.fromkeys(
    ("linkage_linked", "linkage_spent", "industry_spent", "projects", "started", "completed"), 0
) | {"alerts_due": 0, "alerts_handled": 0}


async def year_figures(
    raw: asyncpg.Connection, asked: Parameters, calendar: Calendar, area: AreaCode, year: int, today: date
) -> YearFigures:
    """The figures of `area` for `year`, up to its end or today."""
    until = min(today, date(year, 12, 31))
    low, high = area.span
    size = {AreaLevel.COUNTY: 10**6}.get(area.level, high - low + 1)
    start = start_of(until + timedelta(days=1))
    rows = await raw.fetch(PROGRESS, low, high, year, until, size, until, start, list(ALLOCATED), list(PAID))
    sums: Mapping[str, Any] = dict(rows[0]) if rows else _NOTHING
    told = await raw.fetchrow(_PROJECTS, low, high, year, list(ALLOCATED))
    assert told is not None
    limit: Duration = await asked.get("indicator.allocate_days", area, until)
    benefit = await asked.get(f"goal.points.{Block.BENEFIT}", area, until)
    received, late = 0, 0
    for row in await raw.fetch(_UNALLOCATED, low, high, year, until, UNALLOCATED):
        begun = clock_start(row["received_on"], row["fiscal_year"], is_advance_notice=row["is_advance_notice"])
        received += row["received"]
        late += _late(row["moves"], due_on(begun, limit, calendar), until)
    whole = told["projects"]
    return YearFigures(
        received=received,
        late_fen_days=late,
        complete_workflows=(told["complete"], whole),
        goals=[(told[name], whole) for name in ("filed", "approved", "monitored", "evaluated")],
        alerts=(sums["alerts_handled"], sums["alerts_due"]),
        started_completed=[(sums["started"], sums["projects"]), (sums["completed"], sums["projects"])],
        spent=(sums["linkage_spent"], sums["linkage_linked"]),
        benefit_hundredths=(told["benefit"], told["evaluated"] * benefit * 100),
        industry=(sums["industry_spent"], sums["linkage_spent"]),
    )


def _late(moves: list[tuple[str, Fen]], due: date, until: date) -> int:
    """Fen times days that lay unallocated after `due`: what is given back and lies again counts again."""
    held, since, added = 0, due, 0
    for day, fen in [*((date.fromisoformat(on), fen) for on, fen in moves), (until, 0)]:
        at = min(day, until)
        if at > since:
            added += held * (at - since).days
            since = at
        held += fen
    return added


async def evaluation_policy(asked: Parameters, area: AreaCode, year: int) -> Policy:
    """The numbers that the figures are measured by, as they stood at the end of the year."""
    on = date(year, 12, 31)
    names = ("evaluation.late_days", "evaluation.execution_full", "evaluation.execution_from")
    values = await asked.get_many(names, area, on)
    least = await asked.get("industry.min_share", area, on)
    if values[names[1]] <= values[names[2]]:
        raise missing(names[1], area, on)
    return Policy(values[names[0]], values[names[1]], values[names[2]], least)
