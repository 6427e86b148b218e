"""Loads what the guards of an allocation judge: its lines, where projects and indicators stand, what the ledger holds."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from services.funds.commands.allocation_uses import uses
from services.funds.commands.goal_marks import lacking_marks
from services.funds.commands.limits import weigh
from services.funds.commands.project_money import allocated_to, planned_by_source
from services.funds.commands.project_rows import project_states
from services.funds.commands.reference import linkage_money, negative_rules
from services.funds.domain.allocations import AllocatedLine, AllocationFacts
from services.funds.domain.goals import Mark
from services.funds.domain.library import county_of
from services.funds.domain.negative_list import category_refused
from services.funds.domain.postings import ADVANCE, BOOK, COMMITTED, IN_TRANSIT, QUOTA, RETENTION, RETURNED, UNALLOCATED
from services.funds.domain.refusals import refusal
from services.funds.tables.indicators import Indicator
from services.funds.tables.library import Project
from services.funds.tables.plans import Allocation, AllocationLine
from shared.cases.binding import CaseRow, Form
from shared.commands.command import Context, Write
from shared.contracts.wire import Yuan
from shared.kernel.errors import Violation
from shared.ledger.balances import balances_by

_WAITING = (QUOTA, COMMITTED, RETENTION, IN_TRANSIT, ADVANCE, RETURNED)


class AllocationSubmission(Form):
    """The draft speaks for itself."""


class Posting(Form):
    """The decision speaks for itself."""


class Reversal(Form):
    """The reason is the step's."""


class AllocationClosing(Form):
    """The ledger speaks for itself."""


class Adjustment(Form):
    """Quota of one indicator to be moved between two projects (指标调整)."""

    from_project_id: UUID
    to_project_id: UUID
    indicator_id: UUID
    amount: Annotated[Yuan, Field(gt=0)]


async def allocation_facts(tx: Write, case: CaseRow, form: Form, ctx: Context) -> Any:
    """The facts that the form's step asks for; projects stand still while money comes to them or leaves them."""
    match form:
        case AllocationSubmission():
            return await _load(tx, case, await allocation_lines(tx, case.subject_id), ctx, lock=False, gives=True)
        case Posting():
            return await _load(tx, case, await allocation_lines(tx, case.subject_id), ctx, lock=True, gives=True)
        case Reversal():
            return await _load(tx, case, await allocation_lines(tx, case.subject_id), ctx, lock=True)
        case AllocationClosing():
            return await _closing(tx, await allocation_lines(tx, case.subject_id))
        case Adjustment():
            taken = AllocatedLine(form.from_project_id, form.indicator_id, form.amount)
            given = AllocatedLine(form.to_project_id, form.indicator_id, form.amount)
            return await _load(tx, case, [taken], ctx, lock=True, also=given)
        case _:
            return None


async def allocation_lines(tx: Write, allocation_id: UUID) -> list[AllocatedLine]:
    """The lines in their order."""
    asked = select(AllocationLine.project_id, AllocationLine.indicator_id, AllocationLine.amount_fen)
    rows = await tx.session.execute(
        asked.where(AllocationLine.allocation_id == allocation_id).order_by(AllocationLine.line_no),
    )
    return [AllocatedLine(*row) for row in rows]


async def _load(
    tx: Write,
    case: CaseRow,
    lines: Sequence[AllocatedLine],
    ctx: Context,
    *,
    lock: bool,
    also: AllocatedLine | None = None,
    gives: bool = False,
) -> AllocationFacts:
    """`also` is a line that is only judged by its project and category; what `gives` money asks for valid goals."""
    every = [*lines, *([also] if also else [])]
    projects = {line.project_id for line in every}
    indicators = {line.indicator_id for line in every}
    states = await project_states(tx, projects, lock=lock)
    unallocated = await balances_by(
        tx.raw, BOOK, (UNALLOCATED,), by=("indicator_id",), where={"indicator_id": indicators}
    )
    where = {"indicator_id": indicators, "project_id": projects}
    quota = await balances_by(tx.raw, BOOK, (QUOTA,), by=("project_id", "indicator_id"), where=where)
    planned = await planned_by_source(tx, projects)
    funds = {row.id: row for row in await tx.session.scalars(select(Indicator).where(Indicator.id.in_(indicators)))}
    year = await tx.session.scalar(select(Allocation.year).where(Allocation.id == case.subject_id))
    assert year is not None, "the case has its row"
    broken = await _refused_categories(tx, case, every, funds, ctx)
    if gives or also:
        broken |= await uses(tx, county_of(case.area), year, [also] if also else lines, funds, ctx)
    if gives:
        broken["F-5.1"] = await lacking_marks(tx, projects, year, tuple(Mark))
    return AllocationFacts(
        lines=lines,
        states=states,
        planned={project: sum(sources.values()) for project, sources in planned.items()},
        allocated=await allocated_to(tx, projects),
        unallocated={indicator: fen for (indicator,), fen in unallocated.items()},
        documents={indicator: row.document_no for indicator, row in funds.items()},
        quota={(project, indicator): fen for (project, indicator), fen in quota.items()},
        blocked=await weigh(tx, broken, case.area, ctx.today),
    )


async def _refused_categories(
    tx: Write,
    case: CaseRow,
    lines: Sequence[AllocatedLine],
    funds: dict[UUID, Indicator],
    ctx: Context,
) -> dict[str, Violation | None]:
    """The rules by which an indicator may not pay for what its project is (NL12, NL13)."""
    rules = await negative_rules(tx.raw, case.area, ctx.today)
    linkage = await linkage_money(tx.raw)
    asked = select(Project.id, Project.category).where(Project.id.in_({line.project_id for line in lines}))
    categories = {row.id: row.category for row in await tx.session.execute(asked)}
    found: dict[str, Violation | None] = {}
    for line in lines:
        indicator = funds.get(line.indicator_id)
        category = categories[line.project_id]
        rule = category_refused(category, indicator.category, rules, linkage) if indicator else ""
        if rule and indicator:
            found[rule] = _category(rule, category, indicator.category)
    return found


def _category(rule: str, category: str, fund: str) -> Violation:
    return refusal(
        "CATEGORY_NOT_ALLOWED",
        rule,
        f"该类资金（{fund}）不得用于此类项目（{category}）",
        f"money of {fund} may not pay for a project of {category}",
        ("改用其他资金来源", "use another source of money"),
        field="/lines",
        category=category,
        fund=fund,
    )


async def _closing(tx: Write, lines: Sequence[AllocatedLine]) -> AllocationFacts:
    where = {
        "project_id": {line.project_id for line in lines},
        "indicator_id": {line.indicator_id for line in lines},
    }
    waiting = await balances_by(tx.raw, BOOK, _WAITING, by=("account",), where=where)
    return AllocationFacts(lines, {}, {}, {}, {}, {}, {}, outstanding=sum(waiting.values()))
