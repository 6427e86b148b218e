"""What the service's own rows say of what a bulletin speaks about (台账数): the county's plan, its library, its payments."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import TypeAlias

import asyncpg

from services.funds.domain import plans
from services.funds.domain.plans import ClassLabel, PlannedLine
from services.funds.domain.project_delivery import Source
from services.funds.queries.library_reports import LIBRARY_SUMMARY
from services.funds.queries.plans import LABELS
from services.funds.queries.progress import gather as progress
from shared.bulletins.findings import BulletinKind
from shared.kernel.areas import AreaCode
from shared.reports.report import Asked

Live: TypeAlias = dict[tuple[str, str], int | Fraction]
"""Figures by key and column of the kind's own report; units are found by their names, with `NAMED` in front."""
NAMED = "name:"

# The published batches of the year, and the indicators that brought its money.
_LINES = """
SELECT line.project_id, project.category AS project_category, project.is_industry, line.level, line.category,
       line.amount_fen
  FROM plan
  JOIN case_file AS c ON c.workflow = 'funds.annual_plan' AND c.subject_id = plan.id AND c.state = 'PUBLISHED'
  JOIN plan_line AS line ON line.plan_id = plan.id
  JOIN project ON project.id = line.project_id
 WHERE plan.area_code = $1 AND plan.year = $2"""
_RECEIVED = """
SELECT level, count(*)::int AS documents, sum(amount_fen + adjusted_fen)::bigint AS fen
  FROM indicator JOIN case_file AS c ON c.workflow = 'funds.indicator' AND c.subject_id = indicator.id
   AND c.state = 'CONFIRMED'
 WHERE indicator.area_code = $1 AND fiscal_year = $2 GROUP BY level"""
_LEVELS = {
    "central": ("中央",),
    "provincial": ("省级",),
    "city": ("市级",),
    "county": ("县级", "区级", "县本级", "区本级"),
}


async def _plan(raw: asyncpg.Connection, asked: Asked) -> Live:
    """The county's published plan in its own words, and what it received, by level."""
    year, area = asked.start.year, AreaCode(asked.area)
    lines = [
        PlannedLine(
            row["project_id"],
            row["project_category"],
            Source(row["level"], row["category"]),
            row["amount_fen"],
            is_industry=row["is_industry"],
            other_villages_ppm=0,
        )
        for row in await raw.fetch(_LINES, int(area), year)
    ]
    if not lines:
        return {}
    ancestry = [int(code) for code in area.ancestry()]
    named = await raw.fetch(LABELS, ancestry, date(year, 1, 1), date(year, 12, 31))
    sums = plans.sums(lines, {row["prefix"]: ClassLabel(row["large"], row["small"]) for row in named})
    found: Live = {("items", "projects"): sums.projects, ("items", "amount"): sums.total}
    for each in (*sums.large, *sums.small):
        key = f"small:{each.label.large}/{each.label.small}" if each.label.small else f"large:{each.label.large}"
        found |= {(key, "projects"): each.projects, (key, "amount"): each.fen}
        found[key, "share"] = Fraction(each.fen, sums.total)
    received = await raw.fetch(_RECEIVED, int(area), year)
    found["sources", "amount"] = sum(row["fen"] for row in received)
    for row in received:
        found |= {(f"source:{zh}", "amount"): row["fen"] for zh in _LEVELS.get(row["level"], ())}
    return found


async def _library(raw: asyncpg.Connection, asked: Asked) -> Live:
    """The county's library by its own words, as its report sums it up."""
    rows = await LIBRARY_SUMMARY.gather(raw, asked)
    found: Live = {}
    for row in rows:
        for key in ("all", f"label:{row['label']}"):
            for column in ("projects", "amount"):
                found[key, column] = found.get((key, column), 0) + Fraction(row[column] or 0)
    return found


async def _progress(raw: asyncpg.Connection, asked: Asked) -> Live:
    """What each township, and the county in all, has spent and planned, as the progress report has it (§4.4)."""
    rows = await progress(raw, asked)
    found: Live = {}
    for row in rows:
        for key in ("all", f"{NAMED}{row['unit']}"):
            for column in ("spent", "planned", "planned_before"):
                if isinstance(figure := row[column], int | Fraction):
                    found[key, column] = found.get((key, column), 0) + figure
    return found


LIVE: Mapping[BulletinKind, Callable[[asyncpg.Connection, Asked], Awaitable[Live]]] = {
    BulletinKind.PLAN: _plan,
    BulletinKind.LIBRARY: _library,
    BulletinKind.PROGRESS: _progress,
}
"""The kinds that speak about the county's own projects, indicators and payments."""
