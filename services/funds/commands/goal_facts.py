"""Loads what the guards of a goal table judge."""

from collections.abc import Awaitable, Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from sqlalchemy import select

from services.funds.commands import goal_forms as forms
from services.funds.commands.contract_rows import project_state
from services.funds.commands.goal_rows import block_points, goal_content, goal_row, money_of, standing_measures
from services.funds.domain.goal_monitoring import Measure, MeasureFacts, MonitoringFacts
from services.funds.domain.goal_scores import ScoringFacts
from services.funds.domain.goals import ApprovalFacts, DeclarationFacts, ReviewFacts
from services.funds.domain.indicators import Light
from services.funds.tables.goals import GoalMonitoring, GoalSampleMember, GoalTable
from shared.cases.binding import CaseRow, Form
from shared.commands.command import Context, Write

Loader: TypeAlias = Callable[[Write, GoalTable, Any, Context], Awaitable[Any]]

_PLAN_APPROVED = """
SELECT EXISTS (SELECT FROM plan_line AS line
                 JOIN case_file AS c ON c.workflow = 'funds.annual_plan' AND c.subject_id = line.plan_id
                 JOIN plan ON plan.id = line.plan_id
                WHERE line.plan_id = $1 AND line.project_id = $2 AND plan.year = $3
                  AND c.state IN ('LG_APPROVED', 'PUBLISHED'))"""
_INDICATOR_CONFIRMED = """
SELECT EXISTS (SELECT FROM case_file WHERE workflow = 'funds.indicator' AND subject_id = $1 AND state = 'CONFIRMED')"""


async def goal_facts(tx: Write, case: CaseRow, form: Form, ctx: Context) -> Any:
    """The facts that the form's step asks for."""
    if type(form) is Form:
        return None
    row = await goal_row(tx, case.subject_id)
    kind = next(kind for kind in _LOADERS if isinstance(form, kind))
    return await _LOADERS[kind](tx, row, form, ctx)


async def _declaration(tx: Write, row: GoalTable, _form: Form, ctx: Context) -> DeclarationFacts:
    return DeclarationFacts(await goal_content(tx, row), await block_points(tx.parameters, row.area_code, ctx.today))


async def _review(_tx: Write, _row: GoalTable, form: forms.GoalReviewForm, _ctx: Context) -> ReviewFacts:
    return ReviewFacts(form.aspects)


async def _approval(tx: Write, row: GoalTable, form: forms.GoalApproval, _ctx: Context) -> ApprovalFacts:
    if row.project_id is not None:
        found = await tx.raw.fetchval(_PLAN_APPROVED, form.plan_id, row.project_id, row.year)
        return ApprovalFacts(bool(found))
    confirmed = await tx.raw.fetchval(_INDICATOR_CONFIRMED, row.indicator_id)
    return ApprovalFacts(bool(confirmed) and form.document_no is not None)


async def last_monitoring(tx: Write, row: GoalTable) -> GoalMonitoring | None:
    """The newest monitoring of the table's present version."""
    found: GoalMonitoring | None = await tx.session.scalar(
        select(GoalMonitoring)
        .where(GoalMonitoring.goal_id == row.id, GoalMonitoring.version_no == row.version_no)
        .order_by(GoalMonitoring.as_of.desc(), GoalMonitoring.id.desc())
        .limit(1),
    )
    return found


async def _monitoring(tx: Write, row: GoalTable, form: forms.Monitoring, ctx: Context) -> MonitoringFacts:
    last = await last_monitoring(tx, row)
    return MonitoringFacts(
        content=await goal_content(tx, row),
        found={each.code: None if each.actual is None else Fraction(each.actual) for each in form.figures},
        on=form.as_of,
        today=ctx.today,
        last=last.as_of if last else None,
    )


async def _measure(tx: Write, row: GoalTable, form: forms.MeasureForm, ctx: Context) -> MeasureFacts:
    if row.project_id is not None and form.measure is Measure.SUSPEND_PAYMENTS:
        await project_state(tx, row.project_id, moves=True)  # payments under way are done, later ones see the measure
    standing = await standing_measures(tx, row.id)
    return MeasureFacts(
        light=Light(row.light) if row.light else Light.GREEN,
        standing=frozenset(Measure(each.measure) for each in standing),
        unrectified=any(each.measure == Measure.RECTIFY and each.due_on < ctx.today for each in standing),
        measure=form.measure,
        is_project=row.project_id is not None,
    )


async def _scoring(tx: Write, row: GoalTable, form: forms.Actuals, _ctx: Context) -> ScoringFacts:
    return ScoringFacts(
        content=await goal_content(tx, row),
        actuals={each.code: Fraction(each.actual) for each in form.figures},
        budget=(await money_of(tx, row)).budget,
        drawn=await _drawn(tx, row),
        standing=len(await standing_measures(tx, row.id)),
    )


async def _conclusion(tx: Write, row: GoalTable, _form: Form, _ctx: Context) -> ScoringFacts:
    return ScoringFacts(await goal_content(tx, row), {}, 0, drawn=await _drawn(tx, row))


async def _drawn(tx: Write, row: GoalTable) -> bool | None:
    drawn: bool | None = await tx.session.scalar(
        select(GoalSampleMember.drawn).where(GoalSampleMember.goal_id == row.id)
    )
    return drawn


_LOADERS: Mapping[type[Form], Loader] = {
    forms.Declaration: _declaration,
    forms.GoalReviewForm: _review,
    forms.GoalApproval: _approval,
    forms.Monitoring: _monitoring,
    forms.MeasureForm: _measure,
    forms.Actuals: _scoring,
    forms.Conclusion: _conclusion,
}
