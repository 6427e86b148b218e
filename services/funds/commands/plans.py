"""Annual plans (年度计划): batches of lines by project and source, proposed by two bureaus, decided, published."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from services.funds.commands.adjustment_facts import not_complete
from services.funds.commands.admission import require
from services.funds.commands.goal_marks import approve_goals_with, withdraw_goals_of
from services.funds.commands.plan_facts import Proposal, Publication, plan_facts, published_lines
from services.funds.commands.project_deeds import group_met
from services.funds.commands.project_forms import GroupMeeting
from services.funds.commands.project_rows import project_states
from services.funds.commands.reference import industry_flags, known_funds
from services.funds.commands.reserve import not_fresh
from services.funds.domain import plans
from services.funds.domain.library import unknown_code
from services.funds.domain.plans import LISTABLE
from services.funds.domain.project_content import FundLevel, Part
from services.funds.domain.project_review import meeting_recorded
from services.funds.domain.refusals import not_in_library, refusal
from services.funds.tables.library import Project
from services.funds.tables.plans import Plan, PlanLine
from services.funds.tables.ref import CategoryLabel
from services.funds.workflows.annual_plan import ANNUAL_PLAN
from shared.cases import store
from shared.cases.advance import open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts import funds
from shared.contracts.parts import Category, Label, Year
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.errors import Invalid, Refused, Violation
from shared.kernel.ids import derived_id, new_id
from shared.kernel.money import format_yuan
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, FINANCE

PLANNERS = BUREAU | FINANCE


class PlanSource(Part):
    """What the plan gives of one source."""

    level: FundLevel
    category: Category
    amount: Annotated[Yuan, Field(gt=0)]


class OpenPlan(Command):
    """Open a batch (批次) of the annual plan of a county."""

    ROLES: ClassVar[frozenset[Role]] = PLANNERS

    area_code: Area
    year: Year
    batch: Annotated[int, Field(ge=1, le=99)]
    title: Label


class PlanLineFields(BaseModel):
    """A project and what it gets of each source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project_id: UUID
    sources: Annotated[tuple[PlanSource, ...], Field(max_length=20)]


class PutPlanLine(Command, PlanLineFields):
    """List a project in a plan with its sources, in place of what stood there; no sources take it off."""

    ROLES: ClassVar[frozenset[Role]] = PLANNERS

    plan_id: UUID


class LabelCategory(Command):
    """Say how the county's own tables call a category and all below it (大类、小类)."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU

    area_code: Area
    prefix: Annotated[str, Field(pattern=r"^(\d{2}){1,3}$")]
    large: Label
    small: Annotated[str, Field(max_length=80)] = ""


class PlanOpened(BaseModel):
    """The id of a batch."""

    id: UUID


class PlanListed(BaseModel):
    """What the plan now gives the project."""

    plan_id: UUID
    project_id: UUID
    amount: Yuan


class CategoryLabelled(BaseModel):
    """The category that was labelled."""

    prefix: str


async def open_plan(tx: Write, command: OpenPlan, ctx: Context) -> PlanOpened:
    """Insert the batch and open its case."""
    if command.area_code.level is not AreaLevel.COUNTY:
        raise Invalid(_not_a_county())
    row = {
        "id": new_id(),
        "series_id": derived_id(UUID(int=int(command.area_code)), f"plan:{command.year}"),
        "area_code": int(command.area_code),
        "year": command.year,
        "batch": command.batch,
        "title": command.title,
        "document_no": "",
    }
    made = await tx.session.scalar(insert(Plan).values(row).on_conflict_do_nothing().returning(Plan.id))
    if made is None:
        raise Refused(_duplicate(command.year, command.batch))
    await open_case(tx, ctx, PLAN_BINDING, made, command.area_code)
    return PlanOpened(id=made)


async def put_plan_line(tx: Write, command: PutPlanLine, ctx: Context) -> PlanListed:
    """Replace the project's lines; raises Refused NOT_IN_LIBRARY (scenario 5)."""
    case = (await store.load(tx.raw, ANNUAL_PLAN, command.plan_id, lock=True)).row
    require(ctx, PLANNERS, case.area)
    if case.state != ANNUAL_PLAN.start:
        raise Refused(_not_a_draft(case))
    state = (await project_states(tx, [command.project_id]))[command.project_id]
    if state not in LISTABLE:
        raise Refused(not_in_library({str(command.project_id): state}, "/project_id"))
    if command.sources:
        barred = (await not_fresh(tx, command.project_id), await not_complete(tx, command.project_id))
        if any(barred):
            raise Refused(*filter(None, barred))
    plan = await tx.session.get_one(Plan, command.plan_id)
    await _check_sources(tx, command, plan)
    own = (PlanLine.plan_id == command.plan_id) & (PlanLine.project_id == command.project_id)
    await tx.session.execute(delete(PlanLine).where(own))
    lines = [
        {
            "plan_id": command.plan_id,
            "project_id": command.project_id,
            "level": source.level,
            "category": source.category,
            "amount_fen": source.amount,
            "area_code": plan.area_code,
        }
        for source in command.sources
    ]
    if lines:
        await tx.session.execute(insert(PlanLine), lines)
    tx.changed(ANNUAL_PLAN.subject, command.plan_id, case.area)
    return PlanListed(
        plan_id=command.plan_id,
        project_id=command.project_id,
        amount=sum(source.amount for source in command.sources),
    )


async def label_category(tx: Write, command: LabelCategory, ctx: Context) -> CategoryLabelled:
    """Insert the label or change its words, from today on."""
    if not await industry_flags(tx.raw, [command.prefix], ctx.today.year):
        raise Invalid(unknown_code("/prefix", command.prefix, ctx.today.year))
    words = {"large": command.large, "small": command.small}
    key = {"area_code": int(command.area_code), "prefix": command.prefix, "valid_from": ctx.today}
    values = insert(CategoryLabel).values(key | words)
    await tx.session.execute(values.on_conflict_do_update(index_elements=list(key), set_=words))
    tx.changed("category_label", ctx.id_for("category_label"), command.area_code)
    return CategoryLabelled(prefix=command.prefix)


async def _approved(tx: Write, case: CaseRow, form: GroupMeeting, ctx: Context) -> None:
    """Keep the meeting; it approves the goals of the projects in the same act (§5.1)."""
    await group_met(tx, case, form, ctx)
    plan = await tx.session.get_one(Plan, case.subject_id)
    await approve_goals_with(tx, ctx, plan.id, plan.year, plan.area_code, form.number)


async def _sent_back(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """The goals that were approved with the plan go back with it."""
    await withdraw_goals_of(tx, ctx, case.subject_id)


async def _published(tx: Write, case: CaseRow, form: Publication, ctx: Context) -> None:
    """Fix number and day, and tell everybody."""
    plan = await tx.session.get_one(Plan, case.subject_id)
    plan.document_no, plan.published_on = form.document_no, ctx.today
    await tx.session.flush()
    lines = await published_lines(tx, plan.id)
    tx.emit(
        funds.PlanPublished(
            area_code=case.area,
            plan_id=plan.series_id,
            year=plan.year,
            batch=plan.batch,
            document_no=form.document_no,
            published_on=ctx.today,
            total=sum(fen for _, _, fen in lines),
            lines=tuple(
                funds.PlanLine(project_id=project, category=category, amount=fen) for project, category, fen in lines
            ),
        ),
    )


async def _notice(tx: Write, case: CaseRow, _ctx: Context) -> Mapping[str, Any]:
    plan = await tx.session.get_one(Plan, case.subject_id)
    lines = await published_lines(tx, plan.id)
    asked = select(Project.id, Project.name).where(Project.id.in_([project for project, _, _ in lines]))
    names = {row.id: row.name for row in await tx.session.execute(asked)}
    return {
        "title": plan.title,
        "year": plan.year,
        "batch": plan.batch,
        "document_no": plan.document_no,
        "total": format_yuan(sum(fen for _, _, fen in lines)),
        "projects": [
            {"name": names[project], "category": category, "amount": format_yuan(fen)}
            for project, category, fen in lines
        ],
    }


async def _check_sources(tx: Write, command: PutPlanLine, plan: Plan) -> None:
    asked = {source.category for source in command.sources}
    unknown = sorted(asked - await known_funds(tx.raw, asked, plan.year))
    wrong = [unknown_code("/sources", code, plan.year) for code in unknown]
    if len({(source.level, source.category) for source in command.sources}) < len(command.sources):
        wrong.append(_source_twice())
    home = await tx.session.scalar(select(Project.area_code).where(Project.id == command.project_id))
    if home is None or not AreaCode(plan.area_code).contains(home):
        wrong.append(_elsewhere())
    if wrong:
        raise Invalid(*wrong)


def _plain(code: str, field: str, zh: str, en: str) -> Violation:
    return refusal(code, "F-1.5-11", zh, en, ("核对后重新填写", "check and enter it again"), field=field)


def _not_a_county() -> Violation:
    return _plain("PLAN_AREA", "/area_code", "年度计划由县编制", "an annual plan belongs to a county")


def _source_twice() -> Violation:
    return _plain("SOURCE_TWICE", "/sources", "同一资金来源重复填写", "a source is listed twice")


def _elsewhere() -> Violation:
    return _plain("PLAN_PROJECT_ELSEWHERE", "/project_id", "项目不属于该县", "the project belongs to another county")


def _duplicate(year: int, batch: int) -> Violation:
    return refusal(
        "DUPLICATE_PLAN",
        "F-1.5-11",
        f"{year}年度第{batch}批计划已存在",
        f"there is a batch {batch} of {year} already",
        ("使用新的批次号", "use the next batch number"),
        field="/batch",
    )


def _not_a_draft(case: CaseRow) -> Violation:
    return refusal(
        "PLAN_NOT_EDITABLE",
        "F-1.5-11",
        f"计划处于“{ANNUAL_PLAN.by_state[case.state].zh}”，不得改动",
        "the plan is proposed, decided or published and is not changed",
        ("退回后修改；已公布的另列批次", "have it sent back, or open another batch"),
        state=case.state,
    )


PLAN_BINDING = Binding(
    workflow=ANNUAL_PLAN,
    plural="plans",
    guards={
        "lines_in_library": plans.lines_in_library,
        "within_indicators": plans.within_indicators,
        "industry_share_reached": plans.industry_share_reached,
        "fee_cap_kept": plans.fee_cap_kept,
        "nonpoor_village_cap_kept": plans.nonpoor_village_cap_kept,
        "goals_reviewed": plans.goals_reviewed,
        "meeting_recorded": meeting_recorded,
    },
    facts=plan_facts,
    notice=_notice,
    steps={
        "propose": StepBinding(Proposal),
        "approve": StepBinding(GroupMeeting, _approved),
        "publish": StepBinding(Publication, _published),
        "send_back": StepBinding(perform=_sent_back),
    },
)

HANDLERS: dict[type[Command], Handler] = {
    OpenPlan: open_plan,
    PutPlanLine: put_plan_line,
    LabelCategory: label_category,
}
