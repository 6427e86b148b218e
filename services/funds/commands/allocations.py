"""Allocations (资金分配): drafted by finance, approved by the leading group, posted to the ledger, reversed while unspent."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.funds.commands.allocation_facts import (
    Adjustment,
    AllocationClosing,
    AllocationSubmission,
    Posting,
    Reversal,
    allocation_facts,
    allocation_lines,
)
from services.funds.commands.project_money import allocated_to, held_in
from services.funds.commands.project_rows import project_states
from services.funds.commands.projects import PROJECT_BINDING
from services.funds.domain import allocations
from services.funds.domain.allocations import AllocatedLine
from services.funds.domain.library import county_of
from services.funds.domain.postings import BOOK
from services.funds.domain.project_content import Part
from services.funds.domain.refusals import refusal
from services.funds.tables.indicators import Indicator
from services.funds.tables.library import Project
from services.funds.tables.plans import Allocation, AllocationLine, AllocationMove
from services.funds.workflows.allocation import ALLOCATION
from shared.cases.advance import Move, advance, open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.funds_project import AllocationPosted
from shared.contracts.parts import IndicatorAmount, Label, Year
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaLevel
from shared.kernel.errors import Invalid, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.ledger import post as ledger
from shared.ledger.model import Amount
from shared.workflow.desks import BUREAU, FINANCE_CLERK


class AllocationLineGiven(Part):
    """So much of one indicator for one project."""

    project_id: UUID
    indicator_id: UUID
    amount: Annotated[Yuan, Field(gt=0)]


class DraftAllocation(Command):
    """Draft an allocation (资金分配方案) of indicators to projects; a wrong draft is cancelled and made anew."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_CLERK | BUREAU

    area_code: Area
    year: Year
    title: Label
    lines: Annotated[tuple[AllocationLineGiven, ...], Field(min_length=1, max_length=2000)]


class AllocationDrafted(BaseModel):
    """The id of a drafted allocation and its sum."""

    id: UUID
    amount: Yuan


async def draft_allocation(tx: Write, command: DraftAllocation, ctx: Context) -> AllocationDrafted:
    """Insert header and lines and open the case."""
    await _check(tx, command)
    allocation_id = new_id()
    header = Allocation(
        id=allocation_id, area_code=int(command.area_code), year=command.year, title=command.title, posted_on=None
    )
    tx.session.add(header)
    await tx.session.execute(
        insert(AllocationLine),
        [
            {
                "allocation_id": allocation_id,
                "line_no": number,
                "project_id": line.project_id,
                "indicator_id": line.indicator_id,
                "amount_fen": line.amount,
                "area_code": int(command.area_code),
            }
            for number, line in enumerate(command.lines, 1)
        ],
    )
    await open_case(tx, ctx, ALLOCATION_BINDING, allocation_id, command.area_code)
    return AllocationDrafted(id=allocation_id, amount=sum(line.amount for line in command.lines))


async def _check(tx: Write, command: DraftAllocation) -> None:
    """Projects and indicators exist in this county; whether they may be used is judged at each step."""
    if command.area_code.level is not AreaLevel.COUNTY:
        zh, en = "资金分配由县办理", "allocations belong to a county"
        remedy = ("填写县级代码", "give the county's code")
        raise Invalid(refusal("ALLOCATION_AREA", "F-3.1-2", zh, en, remedy, field="/area_code"))
    low, high = command.area_code.span
    for table, asked, zh, en in (
        (Project, {line.project_id for line in command.lines}, "项目", "project"),
        (Indicator, {line.indicator_id for line in command.lines}, "指标", "indicator"),
    ):
        known = select(table.id).where(table.id.in_(asked), table.area_code.between(low, high))
        if asked - set(await tx.session.scalars(known)):
            raise not_found(zh, en)


async def _posted(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """P03; each project is told what it got, and goes on to FUNDED if it waited for it."""
    header = await tx.session.get_one(Allocation, case.subject_id)
    header.posted_on = ctx.today
    lines = await allocation_lines(tx, case.subject_id)
    await _post(tx, ctx, case, "P03", lines)
    documents = await _documents(tx, lines)
    projects = list(dict.fromkeys(line.project_id for line in lines))
    homes = {row.id: row.area_code for row in await _rows(tx, projects)}
    for project in projects:
        own = [line for line in lines if line.project_id == project]
        tx.emit(
            AllocationPosted(
                area_code=homes[project],
                project_id=project,
                allocation_id=case.subject_id,
                amount=sum(line.fen for line in own),
                split=tuple(
                    IndicatorAmount(
                        indicator_id=line.indicator_id, document_no=documents[line.indicator_id], amount=line.fen
                    )
                    for line in own
                ),
                posted_on=ctx.today,
            ),
        )
    await _move_projects(tx, ctx, projects, "PLANNED", "fund")


async def _reversed(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """P04; a project that has nothing left waits for money again."""
    lines = await allocation_lines(tx, case.subject_id)
    await _post(tx, ctx, case, "P04", lines)
    await withdraw_emptied(tx, ctx, list({line.project_id for line in lines}))


async def withdraw_emptied(tx: Write, ctx: Context, projects: list[UUID]) -> None:
    """Projects that have nothing left of what they were given wait for money again."""
    left = await allocated_to(tx, set(projects)) if projects else {}
    await _move_projects(tx, ctx, [each for each in projects if not left.get(each)], "FUNDED", "withdraw_funds")


async def _adjusted(tx: Write, case: CaseRow, form: Adjustment, ctx: Context) -> None:
    """Take quota from one project (P04) and give it to another (P03); the move is kept."""
    moves = select(AllocationMove.move_no).where(AllocationMove.allocation_id == case.subject_id)
    number = max(await tx.session.scalars(moves), default=0) + 1
    taken = AllocatedLine(form.from_project_id, form.indicator_id, form.amount)
    given = AllocatedLine(form.to_project_id, form.indicator_id, form.amount)
    await _post(tx, ctx, case, "P04", [taken], suffix=f":{number}")
    await _post(tx, ctx, case, "P03", [given], suffix=f":{number}")
    tx.session.add(
        AllocationMove(
            allocation_id=case.subject_id,
            move_no=number,
            from_project_id=form.from_project_id,
            to_project_id=form.to_project_id,
            indicator_id=form.indicator_id,
            amount_fen=form.amount,
            moved_on=ctx.today,
            area_code=int(case.area),
        ),
    )
    await _move_projects(tx, ctx, [form.to_project_id], "PLANNED", "fund")


async def _post(
    tx: Write,
    ctx: Context,
    case: CaseRow,
    template: str,
    lines: list[AllocatedLine],
    suffix: str = "",
) -> None:
    """One entry; each indicator is posted in the fiscal year to which it is carried (LM01 holds at the ledger's floor)."""
    years = await held_in(tx.raw, {line.indicator_id for line in lines})
    amounts = [
        Amount(line.fen, line.indicator_id, {"project_id": line.project_id}, years[line.indicator_id]) for line in lines
    ]
    document = f"allocation:{case.subject_id}{suffix}"
    await ledger.post(tx, ctx, BOOK, template, amounts, document=document, area=county_of(case.area))


async def _documents(tx: Write, lines: list[AllocatedLine]) -> dict[UUID, str]:
    """The number of each indicator."""
    asked = select(Indicator.id, Indicator.document_no).where(
        Indicator.id.in_({line.indicator_id for line in lines}),
    )
    return {row.id: row.document_no for row in await tx.session.execute(asked)}


async def _rows(tx: Write, projects: list[UUID]) -> Any:
    return await tx.session.scalars(select(Project).where(Project.id.in_(projects)))


async def _move_projects(tx: Write, ctx: Context, projects: list[UUID], state: str, step: str) -> None:
    """Take `step` for those of `projects` that are in `state`."""
    states = await project_states(tx, projects) if projects else {}
    for project, found in states.items():
        if found == state:
            await advance(tx, ctx, PROJECT_BINDING, project, Move(step))


ALLOCATION_BINDING = Binding(
    workflow=ALLOCATION,
    plural="allocations",
    guards={
        "project_in_plan": allocations.project_in_plan,
        "within_unallocated": allocations.within_unallocated,
        "category_allowed": allocations.category_allowed,
        "goals_valid": allocations.goals_valid,
        "project_not_suspended": allocations.project_not_suspended,
        "both_in_library": allocations.both_in_library,
        "unspent_and_uncommitted": allocations.unspent_and_uncommitted,
        "spent_or_released": allocations.spent_or_released,
    },
    facts=allocation_facts,
    steps={
        "submit": StepBinding(AllocationSubmission),
        "post": StepBinding(Posting, _posted),
        "adjust": StepBinding(Adjustment, _adjusted),
        "reverse": StepBinding(Reversal, _reversed),
        "close": StepBinding(AllocationClosing),
    },
)

HANDLERS: dict[type[Command], Handler] = {DraftAllocation: draft_allocation}
