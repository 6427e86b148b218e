"""What the templates of the catalogue may print of a subject (公开内容): loaded by its kind, picked by the item's fields."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from services.funds.commands.disclosure_lists import (
    Listed,
    decomposition_text,
    integration_text,
    list_lines,
    plan_text,
    quarter_text,
    roster_text,
)
from services.funds.commands.project_rows import Versions, project_versions
from services.funds.domain.disclosures import LEVEL_NAMES
from services.funds.domain.postings import PAID
from shared.commands.command import Context, Write
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.errors import not_found
from shared.kernel.money import format_yuan
from shared.parameters.divisions import name_paths

_WORDS = """
SELECT (SELECT zh FROM category WHERE code = $1 ORDER BY valid_from DESC LIMIT 1) AS category,
       (SELECT jsonb_object_agg(code, zh) FROM (SELECT DISTINCT ON (code) code, zh FROM fund_category
          WHERE code = ANY($2::text[]) AND valid_from <= $3 ORDER BY code, valid_from DESC) AS fund) AS funds"""
_PASSED = """
SELECT taken.target, taken.reason, (taken.at AT TIME ZONE 'Asia/Shanghai')::date AS on_day
  FROM case_step AS taken JOIN case_file AS held ON held.id = taken.case_id
 WHERE held.workflow = 'funds.project' AND held.subject_id = $1 AND taken.target IN ('COMPLETED', 'EXITED')
   AND taken.source <> taken.target ORDER BY taken.version"""
_PAID = """
SELECT coalesce(sum(amount_fen), 0)::bigint FROM ledger_balance
 WHERE project_id = $1 AND account = ANY($2::text[])"""
_RESULTS = "SELECT goal_no, actual FROM goal_result WHERE project_id = $1"


@dataclass(frozen=True, slots=True)
class Told:
    """What can be told of a subject: where it may hang, what it is found by, and its text by field."""

    spots: frozenset[int]
    text: Mapping[str, Any]
    title: str
    project_id: UUID | None = None
    policy: str = ""
    villages: tuple[int, ...] = ()
    works_end: date | None = None
    lines: tuple[Listed, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which subject, for which division and period, with the guardians of minors by line number."""

    subject_id: UUID
    area: AreaCode
    period: str
    guardians: Mapping[int, str]


async def _project(tx: Write, asked: Asked, ctx: Context) -> Told:
    project = await project_versions(tx, asked.subject_id)
    content = project.content
    villages = tuple(int(place.village) for place in content.places)
    names = await name_paths(tx.raw, [AreaCode(code) for code in villages], ctx.today)
    places = [names[AreaCode(code)] for code in villages]
    townships = {AreaCode(code).at(AreaLevel.TOWNSHIP) for code in villages}
    county = AreaCode(project.row.area_code).at(AreaLevel.COUNTY)
    return Told(
        spots=frozenset({*villages, *(int(code) for code in townships), int(county)}),
        text={
            **_entry_text(project),
            **await _words(tx, project, ctx.today),
            **await _progress_text(tx, project),
            "places": places,
            "township": sorted((await name_paths(tx.raw, list(townships), ctx.today)).values()),
        },
        title=content.name,
        project_id=project.row.id,
        villages=villages,
        works_end=content.ends_on,
    )


def _entry_text(project: Versions) -> dict[str, Any]:
    content, benefit = project.content, project.content.benefit
    return {
        "name": content.name,
        "nature": content.nature,
        "starts_on": content.starts_on.isoformat(),
        "ends_on": content.ends_on.isoformat(),
        "sector_authority": content.sector_authority,
        "implementing_unit": content.implementing_unit,
        "content": content.content,
        "quantities": [f"{line.label} {line.quantity} {line.unit}" for line in content.quantities],
        "planned_total": format_yuan(content.total),
        "beneficiaries": {
            "households": benefit.households,
            "persons": benefit.persons,
            "out_of_poverty_households": benefit.out_of_poverty_households,
            "monitored_households": benefit.monitored_households,
        },
        "goals": [f"{goal.label} {goal.target} {goal.unit}" for goal in content.goals],
        "linkage": [str(method) for method in content.linkage],
        "linkage_detail": content.linkage_detail,
    }


async def _words(tx: Write, project: Versions, today: date) -> dict[str, Any]:
    """The names of category and funds, as policy calls them."""
    content = project.content
    row = await tx.raw.fetchrow(_WORDS, content.category, [line.category for line in content.funding], today)
    assert row is not None
    funds = row["funds"] or {}
    return {
        "category": row["category"] or content.category,
        "funding": [
            {
                "level": LEVEL_NAMES[line.level],
                "fund": funds.get(line.category, line.category),
                "amount": format_yuan(line.amount),
            }
            for line in content.funding
        ],
    }


async def _progress_text(tx: Write, project: Versions) -> dict[str, Any]:
    passed = {row["target"]: row for row in await tx.raw.fetch(_PASSED, project.row.id)}
    actual = {row["goal_no"]: row["actual"] for row in await tx.raw.fetch(_RESULTS, project.row.id)}
    left, done = passed.get("EXITED"), passed.get("COMPLETED")
    return {
        "completed_on": done["on_day"].isoformat() if done else "",
        "exited_on": left["on_day"].isoformat() if left else "",
        "exit_reason": left["reason"] if left else "",
        "money_used": format_yuan(await tx.raw.fetchval(_PAID, project.row.id, list(PAID))),
        "goals_met": [
            f"{goal.label} {actual.get(number, '未填报')}/{goal.target} {goal.unit}"
            for number, goal in enumerate(project.content.goals, 1)
        ],
    }


async def _plan(tx: Write, asked: Asked, ctx: Context) -> Told:
    area, title, text = await plan_text(tx, asked.subject_id, ctx.today)
    return Told(frozenset({area}), text, title)


async def _quarter(tx: Write, asked: Asked, _ctx: Context) -> Told:
    area, title, text = await quarter_text(tx, asked.subject_id, asked.period)
    return Told(frozenset({area}), text, title)


async def _decomposition(tx: Write, asked: Asked, ctx: Context) -> Told:
    area, title, text = await decomposition_text(tx, asked.subject_id, ctx.today)
    return Told(frozenset({area}), text, title)


async def _integration(tx: Write, asked: Asked, ctx: Context) -> Told:
    area, title, text = await integration_text(tx, asked.subject_id, ctx.today)
    return Told(frozenset({area}), text, title)


async def _roster(tx: Write, asked: Asked, ctx: Context) -> Told:
    return await _households(tx, asked, ctx, paid=False)


async def _payments(tx: Write, asked: Asked, ctx: Context) -> Told:
    return await _households(tx, asked, ctx, paid=True)


async def _households(tx: Write, asked: Asked, ctx: Context, *, paid: bool) -> Told:
    lines = await list_lines(tx, ctx, asked.subject_id, asked.area, asked.guardians, paid=paid)
    if not lines:
        raise not_found("该村的名单", "list of this village")
    project_id, policy, title, text = await roster_text(tx, asked.subject_id, lines)
    villages = (int(asked.area),)
    return Told(frozenset(villages), text, title, project_id, policy, villages, lines=tuple(lines))


async def _area(_tx: Write, asked: Asked, _ctx: Context) -> Told:
    """A text that the publisher states whole."""
    return Told(frozenset({int(asked.area)}), {}, "")


SUBJECTS: Mapping[str, Callable[[Write, Asked, Context], Awaitable[Told]]] = {
    "project": _project,
    "plan": _plan,
    "quarter": _quarter,
    "decomposition": _decomposition,
    "integration_plan": _integration,
    "batch": _roster,
    "batch_paid": _payments,
    "area": _area,
}
"""How each kind of subject of the catalogue is told."""
