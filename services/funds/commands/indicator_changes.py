"""Later documents on an indicator (追加、追减): what a cut takes, and what it cannot take and is owed (§3.6)."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field

from services.funds.commands.allocations import withdraw_emptied
from services.funds.commands.indicator_money import (
    booking_year,
    given_back,
    is_confirmed,
    locked_indicator,
    purse_of,
    upper_of,
)
from services.funds.commands.once import once
from services.funds.domain.indicators import document_no
from services.funds.domain.library import county_of
from services.funds.domain.postings import BOOK, QUOTA, SOURCE, UNALLOCATED
from services.funds.domain.project_content import Part
from services.funds.domain.purse import Portion, Purse, proposal
from services.funds.domain.refusals import refusal
from services.funds.tables.indicators import Indicator, IndicatorChange
from services.funds.workflows.indicator_change import INDICATOR_CHANGE
from shared.cases.advance import open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.funds import IndicatorAdjusted
from shared.contracts.parts import DocumentNo
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Refused, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.money import Fen, format_yuan
from shared.kernel.roles import Role
from shared.ledger.model import Amount
from shared.ledger.post import Posting, post_many
from shared.workflow.desks import FINANCE, FINANCE_CLERK


class Direction(StrEnum):
    """Whether a document adds or cuts: 追加、追减."""

    ADD = "add"
    CUT = "cut"


class EnterChange(Command):
    """Enter a document that adds to a confirmed indicator or cuts it; another person posts it."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_CLERK

    area_code: Area
    indicator_id: UUID
    kind: Direction
    document_no: DocumentNo
    issued_on: date
    amount: Annotated[Yuan, Field(gt=0)]


class ChangeEntered(BaseModel):
    """The id of an entered document and its number as it is kept."""

    id: UUID
    document_no: str


class QuotaTaken(Part):
    """Uncommitted quota that a project gives up."""

    project_id: UUID
    amount: Annotated[Yuan, Field(gt=0)]


class Confirmation(Form):
    """Which uncommitted quota a cut takes; where nothing is said, the system's proposal is followed."""

    quota: Annotated[tuple[QuotaTaken, ...] | None, Field(max_length=500)] = None


async def enter_change(tx: Write, command: EnterChange, ctx: Context) -> ChangeEntered:
    """Insert the row and open its case."""
    row = await tx.session.get(Indicator, command.indicator_id)
    if row is None or row.area_code != command.area_code:
        raise not_found("指标", "indicator")
    await upper_of(tx, ctx, row, command.ROLES)
    if not await is_confirmed(tx, row.id):
        raise Refused(_not_confirmed())
    change = IndicatorChange(
        id=new_id(),
        area_code=row.area_code,
        indicator_id=row.id,
        kind=command.kind,
        document_no=document_no(command.document_no),
        issued_on=command.issued_on,
        amount_fen=command.amount,
        confirmed_on=None,
        short_fen=0,
    )
    async with once("uq_indicator_change_indicator_id_document_no_kind", _entered_before(change.document_no)):
        tx.session.add(change)
        await tx.session.flush()
    await open_case(tx, ctx, CHANGE_BINDING, change.id, AreaCode(row.area_code))
    return ChangeEntered(id=change.id, document_no=change.document_no)


async def _confirmed(tx: Write, case: CaseRow, form: Confirmation, ctx: Context) -> None:
    """P01 or P02; what was passed down comes from the upper indicator and goes back to it."""
    change = await tx.session.get_one(IndicatorChange, case.subject_id)
    row = await locked_indicator(tx, change.indicator_id)
    upper = await upper_of(tx, ctx, row, FINANCE)
    if change.kind == Direction.ADD:
        await _add(tx, ctx, row, upper, change)
    else:
        await _cut(tx, ctx, row, upper, change, form)
    delta = change.amount_fen if change.kind == Direction.ADD else -change.amount_fen
    row.adjusted_fen += delta
    change.confirmed_on = ctx.today
    tx.changed("indicator", row.id, row.area_code)
    tx.emit(
        IndicatorAdjusted(
            area_code=AreaCode(row.area_code),
            indicator_id=row.id,
            document_no=change.document_no,
            level=row.level,
            category=row.category,
            fiscal_year=row.fiscal_year,
            delta=delta,
            amount=row.amount_fen + row.adjusted_fen,
            adjusted_on=ctx.today,
        ),
    )


async def _add(tx: Write, ctx: Context, row: Indicator, upper: Indicator | None, change: IndicatorChange) -> None:
    if upper is not None:
        purse = await purse_of(tx, upper)
        drawn = purse.amounts(purse.draw(UNALLOCATED, change.amount_fen))
        await _post(tx, ctx, upper, change, {"P26": drawn})
    added = Amount(change.amount_fen, row.id, {}, booking_year(row, ctx.today))
    await _post(tx, ctx, row, change, {"P01": [added]})


async def _cut(
    tx: Write,
    ctx: Context,
    row: Indicator,
    upper: Indicator | None,
    change: IndicatorChange,
    form: Confirmation,
) -> None:
    """Unallocated money, then uncommitted quota (P04); the rest of the source is owed to the upper level."""
    purse = await purse_of(tx, row)
    if change.amount_fen > purse.available(SOURCE):
        raise Refused(_more_than_received(purse.available(SOURCE)))
    quota = _taken(purse, change.amount_fen, form)
    postings: dict[str, list[Amount]] = {"P04": [], "P02": [], "P02.due": []}
    for project, fen in quota.items():
        drawn = purse.draw(QUOTA, fen, project)
        purse.put(UNALLOCATED, drawn)
        postings["P04"] += purse.amounts(drawn, project)
    there = min(change.amount_fen, purse.available(UNALLOCATED))
    change.short_fen = change.amount_fen - there
    postings["P02"] = purse.across(purse.draw(SOURCE, there), purse.draw(UNALLOCATED, there))
    owed = [Portion(booking_year(row, ctx.today), change.short_fen)] if change.short_fen else []
    postings["P02.due"] = purse.across(purse.draw(SOURCE, change.short_fen), owed)
    await _post(tx, ctx, row, change, postings)
    if upper is not None and there:
        await _post(tx, ctx, upper, change, {"P26.back": await given_back(tx, upper, there, ctx.today)})
    await withdraw_emptied(tx, ctx, list(quota))


def _taken(purse: Purse, amount: Fen, form: Confirmation) -> Mapping[UUID, Fen]:
    """The quota to be taken: as chosen, or as proposed; a choice leaves nothing owed that could be taken."""
    proposed = proposal(amount, purse.available(UNALLOCATED), purse.by_project(QUOTA))
    if form.quota is None:
        return proposed.projects
    chosen: dict[UUID, Fen] = {}
    for each in form.quota:
        chosen[each.project_id] = chosen.get(each.project_id, 0) + each.amount
    if sum(chosen.values()) != sum(proposed.projects.values()):
        raise Refused(_other_sum(sum(proposed.projects.values())))
    return chosen


async def _post(
    tx: Write, ctx: Context, row: Indicator, change: IndicatorChange, postings: Mapping[str, list[Amount]]
) -> None:
    document = f"indicator_change:{change.id}:{row.id}"
    wanted = [Posting(template, document, amounts) for template, amounts in postings.items() if amounts]
    await post_many(tx, ctx, BOOK, wanted, area=county_of(AreaCode(row.area_code)))


def _not_confirmed() -> Violation:
    return refusal(
        "PARENT_NOT_CONFIRMED",
        "F-3.6",
        "指标尚未确认，请直接更正",
        "the indicator is not confirmed, correct it instead",
        ("退回更正", "have it sent back and correct it"),
    )


def _entered_before(number: str) -> Violation:
    return refusal(
        "DUPLICATE_INDICATOR_CHANGE",
        "F-2.1",
        f"该追加或追减文件已登记：{number}",
        f"this document has been entered already: {number}",
        ("核对文号", "check the number"),
        field="/document_no",
    )


def _more_than_received(received: Fen) -> Violation:
    return refusal(
        "CUT_BEYOND_INDICATOR",
        "F-3.6",
        f"追减大于指标现额 {format_yuan(received)} 元",
        f"more is cut than the indicator has: {format_yuan(received)} yuan",
        ("核对追减金额", "check the amount"),
        received=format_yuan(received),
    )


def _other_sum(fen: Fen) -> Violation:
    return refusal(
        "TAKE_DIFFERS",
        "F-3.6",
        f"须从未签约额度中收回 {format_yuan(fen)} 元",
        f"{format_yuan(fen)} yuan of uncommitted quota are to be taken",
        ("按系统建议或改选同额的项目", "follow the proposal, or choose projects of the same sum"),
        field="/form/quota",
        sum=format_yuan(fen),
    )


CHANGE_BINDING = Binding(
    workflow=INDICATOR_CHANGE,
    plural="indicator-changes",
    steps={"confirm": StepBinding(Confirmation, _confirmed)},
)

HANDLERS: dict[type[Command], Handler] = {EnterChange: enter_change}
