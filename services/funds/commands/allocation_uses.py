"""What an indicator's money is meant for, asked for each line of an allocation: matrix, filed plan, area, resident team."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import asyncpg

from services.funds.commands.eligibility import eligible_many
from services.funds.domain.allocations import AllocatedLine
from services.funds.domain.integration import (
    Regime,
    outside_matrix,
    outside_plan,
    outside_restriction,
    team_money,
)
from services.funds.tables.indicators import Indicator
from shared.commands.command import Context, Write
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Violation
from shared.kernel.money import Fen

_TEAM_KINDS = {
    "first_secretary_work": "first_secretary.work_fund",
    "village_development": "first_secretary.development_fund",
}
_PROJECTS = """
SELECT project.id, project.category,
       coalesce((SELECT json_object_agg(village_code, share_ppm) FROM project_place AS place
                  WHERE place.project_id = project.id), '{}') AS places
  FROM project WHERE project.id = ANY($1::uuid[])"""
_FILED = """
SELECT plan.id FROM integration_plan AS plan
  JOIN case_file AS c ON c.workflow = 'funds.integration_plan' AND c.subject_id = plan.id AND c.state = 'FILED'
 WHERE plan.area_code = $1 AND plan.year = $2 ORDER BY plan.version DESC LIMIT 1"""
_INTEGRATED = "SELECT indicator_id FROM integration_source WHERE plan_id = $1 AND indicator_id = ANY($2::uuid[])"
# What the plan gives a project, less what integrated money it holds or has spent already.
_ROOM = """
SELECT own.project_id, own.amount_fen - coalesce((
         SELECT sum(kept.amount_fen) FROM ledger_balance AS kept
           JOIN integration_source AS source ON source.plan_id = own.plan_id AND source.indicator_id = kept.indicator_id
          WHERE kept.project_id = own.project_id AND kept.account <> '1800'), 0)::bigint AS room
  FROM integration_project AS own WHERE own.plan_id = $1 AND own.project_id = ANY($2::uuid[])"""
_TEAM = """
SELECT place.village_code, sum(kept.amount_fen * place.share_ppm)::numeric AS parts
  FROM indicator AS i
  JOIN ledger_balance AS kept ON kept.indicator_id = i.id AND kept.account NOT IN ('1000', '1100', '1150', '1800', '2000')
  JOIN project_place AS place ON place.project_id = kept.project_id
 WHERE i.category = $1 AND i.fiscal_year = $2 AND place.village_code = ANY($3::bigint[])
 GROUP BY place.village_code"""
_POSTED = """
SELECT area_code, count(*) AS persons FROM ref_posting
 WHERE area_code = ANY($1::bigint[]) AND role = 'first_secretary' AND since <= $3 AND (until IS NULL OR until >= $2)
 GROUP BY area_code"""


class _Undertaken(NamedTuple):
    category: str
    places: Mapping[int, int]


async def uses(
    tx: Write,
    county: AreaCode,
    year: int,
    lines: Sequence[AllocatedLine],
    funds: Mapping[UUID, Indicator],
    ctx: Context,
) -> dict[str, Violation | None]:
    """By rule, the first line whose money is not meant for its project."""
    projects = await _projects(tx.raw, {line.project_id for line in lines})
    pairs = [(line, funds[line.indicator_id], projects[line.project_id]) for line in lines]
    integrated, beyond = await _integrated(tx, county, year, lines, ctx)
    wanted = {(fund.category, project.category) for _, fund, project in pairs}
    matrix = await eligible_many(tx.raw, wanted, county, ctx.today)
    found: dict[str, Violation | None] = {}
    for line, fund, project in pairs:
        if broken := outside_restriction(fund.document_no, fund.restricted_to, list(project.places)):
            found.setdefault("F-2.1-area", broken)
        if line.indicator_id in integrated:
            if (over := beyond.get(line.project_id, -1)) != 0:
                found.setdefault("FW39", outside_plan(fund.document_no, over if over > 0 else None))
            continue
        answer = matrix[fund.category, project.category]
        if not answer.allowed and not answer.rule.startswith("NL"):
            found.setdefault("FW40", outside_matrix(fund.category, project.category, answer.source))
    found["FW47"] = await _team(tx, county, pairs)
    return found


async def _projects(raw: asyncpg.Connection, ids: Collection[UUID]) -> dict[UUID, _Undertaken]:
    rows = await raw.fetch(_PROJECTS, list(ids))
    return {
        row["id"]: _Undertaken(row["category"], {int(code): ppm for code, ppm in row["places"].items()}) for row in rows
    }


async def _integrated(
    tx: Write, county: AreaCode, year: int, lines: Sequence[AllocatedLine], ctx: Context
) -> tuple[set[UUID], dict[UUID, Fen]]:
    """The indicators that the plan in force integrates; of its projects, by how much the lines go beyond it."""
    if Regime(await tx.parameters.get("integration.regime", county, ctx.today)) is not Regime.INTEGRATED:
        return set(), {}
    plan = await tx.raw.fetchval(_FILED, int(county), year)
    if plan is None:
        return set(), {}
    rows = await tx.raw.fetch(_INTEGRATED, plan, list({line.indicator_id for line in lines}))
    integrated = {row["indicator_id"] for row in rows}
    asked: dict[UUID, Fen] = {}
    for line in lines:
        if line.indicator_id in integrated:
            asked[line.project_id] = asked.get(line.project_id, 0) + line.fen
    room = {row["project_id"]: row["room"] for row in await tx.raw.fetch(_ROOM, plan, list(asked))}
    return integrated, {project: max(0, asked[project] - fen) for project, fen in room.items()}


async def _team(
    tx: Write, county: AreaCode, pairs: Sequence[tuple[AllocatedLine, Indicator, _Undertaken]]
) -> Violation | None:
    """FW47 over what the villages have of the year and what comes now; a work fund counts the posted persons."""
    coming: dict[tuple[str, int], dict[int, int]] = {}
    for line, fund, project in pairs:
        if fund.category in _TEAM_KINDS:
            own = coming.setdefault((fund.category, fund.fiscal_year), {})
            for village, ppm in project.places.items():
                own[village] = own.get(village, 0) + line.fen * ppm
    for (kind, year), villages in coming.items():
        start, end = date(year, 1, 1), date(year, 12, 31)
        limit: Fen = await tx.parameters.get(_TEAM_KINDS[kind], county, start)
        had = {row["village_code"]: int(row["parts"]) for row in await tx.raw.fetch(_TEAM, kind, year, list(villages))}
        posted = {row[0]: row[1] for row in await tx.raw.fetch(_POSTED, list(villages), start, end)}
        for village, parts in sorted(villages.items()):
            persons = posted.get(village, 0) if kind == "first_secretary_work" else 1
            if broken := team_money(kind, village, had.get(village, 0) + parts, limit * persons):
                return broken
    return None
