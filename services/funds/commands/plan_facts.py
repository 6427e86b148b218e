"""Loads what the guards of an annual plan judge: its lines with those of the year's other batches, and the year's money."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import select

from services.funds.commands.goal_marks import lacking_marks
from services.funds.commands.limits import weigh
from services.funds.commands.project_forms import GroupMeeting
from services.funds.commands.project_money import received_by_source
from services.funds.commands.project_rows import project_states
from services.funds.commands.reference import linkage_money
from services.funds.domain import limits, plans
from services.funds.domain.goals import BEFORE_PLAN
from services.funds.domain.plans import PlanFacts, PlannedLine
from services.funds.domain.project_delivery import Source
from services.funds.domain.project_review import MeetingFacts
from services.funds.tables.plans import Plan, PlanLine
from shared.cases.binding import CaseRow, Form
from shared.commands.command import Context, Write
from shared.contracts.parts import DocumentNo
from shared.kernel.errors import Violation

# Lines of this batch, and of the year's batches that were proposed before it and are not given up.
_LINES = """
SELECT line.plan_id, line.project_id, project.category AS project_category, project.is_industry,
       line.level, line.category, line.amount_fen,
       (SELECT coalesce(sum(share_ppm), 0)::int FROM project_place AS place
         WHERE place.project_id = line.project_id AND place.village_type IN ('other', 'urban_community')) AS other_villages_ppm
  FROM plan AS this
  JOIN plan ON plan.area_code = this.area_code AND plan.year = this.year
  JOIN case_file AS c ON c.workflow = 'funds.annual_plan' AND c.subject_id = plan.id
   AND (plan.id = this.id OR c.state IN ('PROPOSED', 'LG_APPROVED', 'PUBLISHED'))
  JOIN plan_line AS line ON line.plan_id = plan.id
  JOIN project ON project.id = line.project_id
 WHERE this.id = $1
 ORDER BY line.plan_id, line.project_id, line.level, line.category"""


class Proposal(Form):
    """The plan speaks for itself."""


class Publication(Form):
    """The document by which the plan is announced."""

    document_no: DocumentNo


async def plan_facts(tx: Write, case: CaseRow, form: Form, ctx: Context) -> Any:
    """The facts that the form's step asks for."""
    match form:
        case Proposal():
            return await _proposal(tx, case, ctx)
        case GroupMeeting():
            return MeetingFacts(form.number, form.held_on, form.agreed, ctx.today)
        case Publication():
            own = await tx.session.scalars(
                select(PlanLine.project_id).where(PlanLine.plan_id == case.subject_id).distinct()
            )
            return PlanFacts(await project_states(tx, set(own), lock=True), {}, {})
        case _:
            return None


async def _proposal(tx: Write, case: CaseRow, ctx: Context) -> PlanFacts:
    plan = await tx.session.get_one(Plan, case.subject_id)
    rows = await tx.raw.fetch(_LINES, plan.id)
    lines = [_line(row) for row in rows]
    own = {row["project_id"] for row in rows if row["plan_id"] == plan.id}
    received = await received_by_source(tx, plan.area_code, plan.year)
    broken = await _limits(tx, plan, lines, received, ctx)
    broken["F-5.1"] = await lacking_marks(tx, own, plan.year, BEFORE_PLAN)
    return PlanFacts(
        states=await project_states(tx, own) if own else {},
        planned=plans.by_source(lines),
        received=received,
        blocked=await weigh(tx, broken, plan.area_code, ctx.today),
    )


def _line(row: asyncpg.Record) -> PlannedLine:
    return PlannedLine(
        project_id=row["project_id"],
        category=row["project_category"],
        source=Source(row["level"], row["category"]),
        fen=row["amount_fen"],
        is_industry=row["is_industry"],
        other_villages_ppm=row["other_villages_ppm"],
    )


async def _limits(
    tx: Write,
    plan: Plan,
    lines: Sequence[PlannedLine],
    received: Mapping[Source, int],
    ctx: Context,
) -> dict[str, Violation | None]:
    """FW23, NL16 and NL17 over the whole year, by the policy of the plan's year."""
    on = min(max(ctx.today, date(plan.year, 1, 1)), date(plan.year, 12, 31))
    linkage = await linkage_money(tx.raw)
    counted = [line for line in lines if line.source.category in linkage]
    shares = await tx.parameters.get_many(("industry.min_share", "nonpoor_village.cap"), plan.area_code, on)
    return {
        "FW23": limits.industry_share(
            sum(line.fen for line in counted if line.is_industry),
            sum(line.fen for line in counted),
            shares["industry.min_share"],
        ),
        "NL16": await _fees(tx, plan, counted, received, on),
        "NL17": limits.other_villages(
            plans.in_other_villages(lines),
            sum(line.fen for line in lines),
            shares["nonpoor_village.cap"],
        ),
    }


async def _fees(
    tx: Write,
    plan: Plan,
    lines: Sequence[PlannedLine],
    received: Mapping[Source, int],
    on: date,
) -> Violation | None:
    """The first level of money whose fees are too high; a level without fees needs no cap."""
    linkage = {line.source.category for line in lines}
    for level, fee in plans.fees_by_level(lines).items():
        cap = await tx.parameters.get(f"mgmt_fee.cap.{level}", plan.area_code, on)
        base = sum(fen for source, fen in received.items() if source.level == level and source.category in linkage)
        if broken := limits.management_fee(fee, base, cap, level):
            return broken
    return None


async def published_lines(tx: Write, plan_id: UUID) -> list[tuple[UUID, str, int]]:
    """Project, its category and its sum, of one batch."""
    found: dict[UUID, tuple[str, int]] = {}
    for row in await tx.raw.fetch(_LINES, plan_id):
        if row["plan_id"] == plan_id:
            _, before = found.get(row["project_id"], ("", 0))
            found[row["project_id"]] = row["project_category"], before + row["amount_fen"]
    return [(project, category, fen) for project, (category, fen) in found.items()]
