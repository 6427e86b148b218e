"""Goal tables (绩效目标): entered for a project or an area, revised in versions, bound to the workflow of §5.3."""

import hashlib
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.funds.commands import goal_deeds as deeds
from services.funds.commands import goal_forms as forms
from services.funds.commands.admission import require
from services.funds.commands.goal_facts import goal_facts
from services.funds.commands.goal_rows import add_goal_version, goal_row
from services.funds.domain import goal_monitoring as monitoring
from services.funds.domain import goal_scores as scores
from services.funds.domain import goals
from services.funds.domain.goals import GoalContent
from services.funds.domain.refusals import refusal
from services.funds.tables.goals import GoalSample, GoalSampleMember, GoalTable
from services.funds.tables.indicators import Indicator
from services.funds.tables.library import Project
from services.funds.workflows.goal import GOAL, KEEPERS
from shared.cases import store
from shared.cases.advance import open_case
from shared.cases.binding import Binding, CaseRow, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import Label, Year
from shared.contracts.wire import Area
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Invalid, Refused, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.money import at_most
from shared.kernel.roles import Role
from shared.workflow.desks import FINANCE_LEADER, FINANCE_REVIEWER

_TO_DRAW = """
SELECT goal.id, goal.area_code FROM goal_table AS goal
  JOIN case_file AS c ON c.workflow = 'funds.goal' AND c.subject_id = goal.id AND c.state = 'SELF_EVALUATED'
 WHERE goal.area_code BETWEEN $1 AND $2 AND goal.year = $3
   AND NOT EXISTS (SELECT FROM goal_sample_member AS member WHERE member.goal_id = goal.id)
 ORDER BY goal.id"""


class EnterGoals(Command):
    """Enter the goal table of a project for a year, or of an area for an indicator (区域绩效目标), as a draft."""

    ROLES: ClassVar[frozenset[Role]] = KEEPERS

    area_code: Area
    project_id: UUID | None = None
    indicator_id: UUID | None = None
    year: Year
    title: Label
    content: GoalContent


class GoalRevisionFields(BaseModel):
    """New content of a table; `based_on` is the version that the reviser read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    content: GoalContent
    based_on: Annotated[int, Field(ge=1)]
    reason: Annotated[str, Field(min_length=2, max_length=500)]


class ReviseGoals(Command, GoalRevisionFields):
    """Write a new version of a table that is a draft or was returned."""

    ROLES: ClassVar[frozenset[Role]] = KEEPERS

    goal_id: UUID


class DrawGoalSample(Command):
    """Draw which self-evaluations of a year finance rechecks (抽查复核), among those that stood in no sample yet."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_REVIEWER | FINANCE_LEADER

    area_code: Area
    year: Year


class GoalsEntered(BaseModel):
    """The id of a table."""

    id: UUID
    version_no: int


class SampleDrawn(BaseModel):
    """From how many tables how many were drawn, and which."""

    id: UUID
    tables: int
    drawn: list[UUID]


async def enter_goals(tx: Write, command: EnterGoals, ctx: Context) -> GoalsEntered:
    """Insert row and first version and open the case; a project has one table a year, an area one per indicator."""
    home = await _home(tx, command)
    row = {
        "id": new_id(),
        "area_code": home,
        "project_id": command.project_id,
        "indicator_id": command.indicator_id,
        "year": command.year,
        "title": command.title,
        "version_no": 1,
        "approved_with": "",
        "light": "",
        "grade": "",
    }
    made = await tx.session.scalar(insert(GoalTable).values(row).on_conflict_do_nothing().returning(GoalTable.id))
    if made is None:
        raise Refused(_duplicate())
    await add_goal_version(tx, ctx, await goal_row(tx, made), command.content, "")
    await open_case(tx, ctx, GOAL_BINDING, made, AreaCode(home))
    return GoalsEntered(id=made, version_no=1)


async def _home(tx: Write, command: EnterGoals) -> int:
    """The area of the table: the project's, or the one that the indicator's money is for; raises Invalid, NotFound."""
    if (command.project_id is None) is (command.indicator_id is None):
        raise Invalid(_subject("填写项目或指标中的一项", "name a project or an indicator"))
    table, key = (Project, command.project_id) if command.project_id else (Indicator, command.indicator_id)
    found: int | None = await tx.session.scalar(select(table.area_code).where(table.id == key))
    if found is None:
        raise not_found("项目或指标", "project or indicator")
    if not command.area_code.contains(found):
        raise Invalid(_subject("项目或指标不属于该区域", "the project or indicator is of another area"))
    return found if command.project_id else int(command.area_code)


async def revise_goals(tx: Write, command: ReviseGoals, ctx: Context) -> GoalsEntered:
    """Write the next version."""
    case = (await store.load(tx.raw, GOAL, command.goal_id, lock=True)).row
    require(ctx, KEEPERS, case.area)
    row = await goal_row(tx, command.goal_id)
    if case.state not in {"DRAFT", "RETURNED"}:
        raise Refused(_not_editable(case))
    if command.based_on != row.version_no:
        raise Refused(_outdated(row.version_no))
    row.version_no += 1
    await add_goal_version(tx, ctx, row, command.content, command.reason)
    tx.changed(GOAL.subject, row.id, row.area_code)
    return GoalsEntered(id=row.id, version_no=row.version_no)


async def draw_sample(tx: Write, command: DrawGoalSample, ctx: Context) -> SampleDrawn:
    """At least one table, else the share rounded down; the order is that of a hash over sample and table."""
    share = await tx.parameters.get("goal.recheck_share", command.area_code, ctx.today)
    rows = await tx.raw.fetch(_TO_DRAW, *command.area_code.span, command.year)
    if not rows:
        raise Refused(_nothing_to_draw())
    sample = new_id()
    by_lot = sorted(rows, key=lambda row: hashlib.sha256(sample.bytes + row["id"].bytes).digest())
    drawn = {row["id"] for row in by_lot[: max(1, at_most(len(rows), share))]}
    tx.session.add(
        GoalSample(
            id=sample,
            area_code=int(command.area_code),
            year=command.year,
            share=str(share),
            tables=len(rows),
            drawn=len(drawn),
            drawn_by=ctx.actor.id,
            drawn_at=ctx.now,
        ),
    )
    members = [
        {"goal_id": row["id"], "sample_id": sample, "drawn": row["id"] in drawn, "area_code": row["area_code"]}
        for row in rows
    ]
    await tx.session.execute(insert(GoalSampleMember), members)
    tx.changed("goal_sample", sample, command.area_code)
    return SampleDrawn(id=sample, tables=len(rows), drawn=sorted(drawn))


def _subject(zh: str, en: str) -> Violation:
    return refusal("GOAL_SUBJECT", "F-5.2", zh, en, ("核对后重新填写", "check and enter it again"), field="/project_id")


def _duplicate() -> Violation:
    return refusal(
        "DUPLICATE_GOALS",
        "F-5.2",
        "该项目本年度或该指标的绩效目标表已存在",
        "there is a goal table already",
        ("修改已有的绩效目标表", "revise the one that exists"),
        field="/year",
    )


def _not_editable(case: CaseRow) -> Violation:
    return refusal(
        "GOALS_NOT_EDITABLE",
        "F-5.1",
        f"绩效目标处于“{GOAL.by_state[case.state].zh}”，不得改动",
        "approved goals are not changed, a change repeats the procedure",
        ("先办理调整，再重新申报", "take the step `change` first"),
        state=case.state,
    )


def _outdated(version_no: int) -> Violation:
    return refusal(
        "GOALS_CHANGED",
        "F-5.2",
        "绩效目标表已被他人修改",
        "somebody else has revised the table",
        ("重新读取后修改", "read it again"),
        field="/based_on",
        version_no=version_no,
    )


def _nothing_to_draw() -> Violation:
    return refusal(
        "NOTHING_TO_DRAW",
        "F-5.3",
        "没有待抽样的自评",
        "there is no self-evaluation to draw from",
        ("先完成自评", "have the units evaluate first"),
    )


GOAL_BINDING = Binding(
    workflow=GOAL,
    plural="goals",
    guards={
        "minimum_set": goals.minimum_set,
        "weights_complete": goals.weights_complete,
        "review_passed": goals.review_passed,
        "review_failed": goals.review_failed,
        "approved_with_budget": goals.approved_with_budget,
        "figures_complete": monitoring.figures_complete,
        "monitored_in_order": monitoring.monitored_in_order,
        "measure_due": monitoring.measure_due,
        "not_ordered_before": monitoring.not_ordered_before,
        "measure_stands": monitoring.measure_stands,
        "actuals_complete": scores.actuals_complete,
        "budget_to_score": scores.budget_to_score,
        "measures_done": scores.measures_done,
        "drawn_for_recheck": scores.drawn_for_recheck,
        "not_drawn": scores.not_drawn,
    },
    facts=goal_facts,
    notice=deeds.goal_notice,
    steps={
        "declare": StepBinding(forms.Declaration, deeds.declared),
        "review_sector": StepBinding(forms.SectorReview, deeds.reviewed_by_sector),
        "review_finance": StepBinding(forms.FinanceReview, deeds.reviewed_by_finance),
        "approve": StepBinding(forms.GoalApproval, deeds.approved),
        "publish": StepBinding(perform=deeds.published),
        "send_back": StepBinding(forms.GoalReturn, deeds.sent_back),
        "change": StepBinding(perform=deeds.reopened),
        "monitor": StepBinding(forms.Monitoring, deeds.monitored),
        "order_measure": StepBinding(forms.MeasureOrder, deeds.ordered),
        "lift_measure": StepBinding(forms.MeasureLift, deeds.lifted),
        "self_evaluate": StepBinding(forms.SelfEvaluation, deeds.self_evaluated),
        "recheck": StepBinding(forms.Recheck, deeds.rechecked),
        "conclude": StepBinding(forms.Conclusion, deeds.concluded),
        "conclude_rechecked": StepBinding(perform=deeds.concluded),
    },
)

HANDLERS: dict[type[Command], Handler] = {
    EnterGoals: enter_goals,
    ReviseGoals: revise_goals,
    DrawGoalSample: draw_sample,
}
