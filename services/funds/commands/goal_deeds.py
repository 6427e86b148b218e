"""What a goal table's steps do besides moving: marks, reviews, monitorings, measures, scores, the published result."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from services.funds.commands import goal_forms as forms
from services.funds.commands.goal_rows import (
    bounds_of,
    goal_content,
    goal_row,
    money_of,
    scale_of,
    standing_measures,
)
from services.funds.domain import goal_scores
from services.funds.domain.goal_monitoring import Monitored, Observed, Picture, monitor
from services.funds.domain.goal_scores import Grade
from services.funds.domain.goals import Block
from services.funds.tables.goals import GoalMeasure, GoalMonitoring, GoalReview, GoalScore, GoalTable
from shared.cases.binding import CaseRow, Form
from shared.commands.command import Context, Write
from shared.contracts.funds import PerformanceEvaluated
from shared.kernel.days import last_day
from shared.kernel.ids import new_id


async def declared(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """The first mark."""
    (await goal_row(tx, case.subject_id)).declared_on = ctx.today


async def reviewed_by_sector(tx: Write, case: CaseRow, form: forms.SectorReview, ctx: Context) -> None:
    """Keep the sector's review; the mark comes with finance's."""
    await _add_review(tx, case, form, ctx, "sector", "pass")


async def reviewed_by_finance(tx: Write, case: CaseRow, form: forms.FinanceReview, ctx: Context) -> None:
    """The second mark."""
    row = await _add_review(tx, case, form, ctx, "finance", "pass")
    row.reviewed_on = ctx.today


async def approved(tx: Write, case: CaseRow, form: forms.GoalApproval, ctx: Context) -> None:
    """The third mark."""
    row = await goal_row(tx, case.subject_id)
    row.approved_on, row.approved_with = ctx.today, form.document_no or f"plan:{form.plan_id}"
    row.approved_plan = form.plan_id


async def published(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """The fourth mark."""
    (await goal_row(tx, case.subject_id)).published_on = ctx.today


async def sent_back(tx: Write, case: CaseRow, form: forms.GoalReturn, ctx: Context) -> None:
    """Keep the verdict; the marks are to be made anew."""
    _unmark(await _add_review(tx, case, form, ctx, "return", form.verdict))


async def reopened(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> None:
    """A change repeats the procedure: without its marks the budget line is not valid (§5.1)."""
    _unmark(await goal_row(tx, case.subject_id))


def _unmark(row: GoalTable) -> None:
    row.declared_on = row.reviewed_on = row.approved_on = row.published_on = None
    row.approved_with, row.approved_plan, row.light = "", None, ""


async def _add_review(
    tx: Write, case: CaseRow, form: forms.GoalReviewForm, ctx: Context, desk: str, verdict: str
) -> GoalTable:
    row = await goal_row(tx, case.subject_id)
    tx.session.add(
        GoalReview(
            id=new_id(),
            goal_id=row.id,
            version_no=row.version_no,
            desk=desk,
            verdict=verdict,
            aspects=form.aspects,
            recorded_by=ctx.actor.id,
            recorded_at=ctx.now,
            area_code=row.area_code,
        ),
    )
    return row


async def monitored(tx: Write, case: CaseRow, form: forms.Monitoring, ctx: Context) -> None:
    """Compare goals and money with the plan to date, and keep the picture."""
    row = await goal_row(tx, case.subject_id)
    money = await money_of(tx, row)
    found = [
        Observed(each.code, None if each.actual is None else Fraction(each.actual), each.will_be_met)
        for each in form.figures
    ]
    bounds = await bounds_of(tx.parameters, row.area_code, ctx.today)
    content = await goal_content(tx, row)
    picture = monitor(content, found, money.budget, money.paid, form.as_of, bounds)
    row.light = picture.light
    tx.session.add(
        GoalMonitoring(
            id=new_id(),
            goal_id=row.id,
            version_no=row.version_no,
            as_of=form.as_of,
            budget_fen=money.budget,
            paid_fen=money.paid,
            **_figures(picture),
            recorded_by=ctx.actor.id,
            recorded_at=ctx.now,
            area_code=row.area_code,
        ),
    )


def _figures(picture: Picture) -> dict[str, Any]:
    return {
        "planned_money": str(picture.planned_money),
        "money_deviation": _text(picture.money),
        "money_light": picture.money_light,
        "light": picture.light,
        "lines": [_line(line) for line in picture.lines],
    }


def _line(line: Monitored) -> dict[str, Any]:
    return {
        "code": line.code,
        "expected": _text(line.expected),
        "actual": _text(line.actual),
        "deviation": _text(line.deviation),
        "will_be_met": line.will_be_met,
        "light": line.light,
    }


def _text(figure: Fraction | None) -> str | None:
    return None if figure is None else str(figure)


async def ordered(tx: Write, case: CaseRow, form: forms.MeasureOrder, ctx: Context) -> None:
    """The measure stands until it is lifted; with `suspend_payments` the project's payments are refused."""
    row = await goal_row(tx, case.subject_id)
    duration = await tx.parameters.get("goal.days.measure", row.area_code, ctx.today)
    tx.session.add(
        GoalMeasure(
            id=new_id(),
            goal_id=row.id,
            project_id=row.project_id,
            measure=form.measure,
            ordered_on=ctx.today,
            due_on=last_day(ctx.today, duration, ctx.calendar),
            ordered_by=ctx.actor.id,
            area_code=row.area_code,
        ),
    )


async def lifted(tx: Write, case: CaseRow, form: forms.MeasureLift, ctx: Context) -> None:
    """The measure is done with."""
    for measure in await standing_measures(tx, case.subject_id):
        if measure.measure == form.measure:
            measure.lifted_on, measure.lifted_by = ctx.today, ctx.actor.id


async def self_evaluated(tx: Write, case: CaseRow, form: forms.SelfEvaluation, ctx: Context) -> None:
    """Keep the unit's score."""
    await _scored(tx, case, form, ctx, "self")


async def rechecked(tx: Write, case: CaseRow, form: forms.Recheck, ctx: Context) -> None:
    """Keep the score by finance's figures; it counts instead of the unit's."""
    await _scored(tx, case, form, ctx, "recheck")


async def _scored(tx: Write, case: CaseRow, form: forms.Actuals, ctx: Context, kind: str) -> None:
    row = await goal_row(tx, case.subject_id)
    money, content = await money_of(tx, row), await goal_content(tx, row)
    # The scale of the year that is judged, whenever that happens.
    scale = await scale_of(tx.parameters, row.area_code, min(ctx.today, date(row.year, 12, 31)))
    actuals = {each.code: Fraction(each.actual) for each in form.figures}
    scored = goal_scores.score(content, actuals, money.paid, money.budget, scale)
    row.score_hundredths, row.grade = scored.total, scored.grade
    tx.session.add(
        GoalScore(
            id=new_id(),
            goal_id=row.id,
            version_no=row.version_no,
            kind=kind,
            budget_fen=money.budget,
            paid_fen=money.paid,
            execution_hundredths=scored.execution,
            output_hundredths=scored.of(content, Block.OUTPUT),
            benefit_hundredths=scored.of(content, Block.BENEFIT),
            satisfaction_hundredths=scored.of(content, Block.SATISFACTION),
            score_hundredths=scored.total,
            grade=scored.grade,
            lines=[
                {"code": each.code, "actual": each.actual, "hundredths": scored.lines[each.code]}
                for each in form.figures
            ],
            recorded_by=ctx.actor.id,
            recorded_at=ctx.now,
            area_code=row.area_code,
        ),
    )


async def concluded(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> None:
    """Tell everybody score and grade."""
    row = await goal_row(tx, case.subject_id)
    assert row.score_hundredths is not None, "the case came through its self-evaluation"
    tx.emit(
        PerformanceEvaluated(
            area_code=case.area,
            subject_id=row.project_id or row.id,
            subject_kind="project" if row.project_id else "goal",
            evaluation_id=row.id,
            year=row.year,
            score_hundredths=row.score_hundredths,
            grade=row.grade,
        ),
    )


async def goal_notice(tx: Write, case: CaseRow, _ctx: Context) -> Mapping[str, Any]:
    """What hangs: the goals when they are published, with their result at the end."""
    row = await goal_row(tx, case.subject_id)
    content = await goal_content(tx, row)
    text: dict[str, Any] = {
        "title": row.title,
        "year": row.year,
        "goals": [
            {
                "name": item.name,
                "level": item.section.block.zh,
                "target": item.target or item.wording,
                "unit": item.unit,
            }
            for item in content.items
        ],
    }
    if row.score_hundredths is not None:
        whole, part = divmod(row.score_hundredths, 100)
        text |= {"score": f"{whole}.{part:02d}", "grade": Grade(row.grade).zh}
    return text
