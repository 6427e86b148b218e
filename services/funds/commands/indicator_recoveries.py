"""Idle money and surplus recovered (收回, P22–P24): used again in the county, or returned to the upper level (§3.6)."""

from collections.abc import Sequence
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.funds.commands.allocations import withdraw_emptied
from services.funds.commands.indicator_money import given_back, locked_indicator, purse_of, upper_of
from services.funds.domain import recoveries
from services.funds.domain.indicators import document_no
from services.funds.domain.library import county_of
from services.funds.domain.postings import BOOK, DUE_TO_UPPER, QUOTA, SOURCE, SURPLUS, UNALLOCATED
from services.funds.domain.project_content import Part
from services.funds.domain.purse import Purse
from services.funds.domain.recoveries import TAKEN_FROM, Destination, RecoveryFacts
from services.funds.domain.refusals import refusal
from services.funds.tables.indicators import Indicator, IndicatorRecovery, IndicatorRecoveryLine
from services.funds.workflows.indicator_recovery import INDICATOR_RECOVERY
from shared.cases.advance import open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.funds import IndicatorRecovered
from shared.contracts.parts import DocumentNo, Label
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Invalid, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.money import Fen
from shared.kernel.roles import Role
from shared.ledger.model import Amount
from shared.ledger.post import Posting, post_many
from shared.workflow.desks import FINANCE, FINANCE_CLERK

_Account = Annotated[str, Field(pattern=rf"^({UNALLOCATED}|{QUOTA}|{SURPLUS})$", description="科目 / account")]


class RecoveredLine(Part):
    """So much of one indicator: unallocated (1100), uncommitted quota (1200) or surplus (1800) of a project."""

    indicator_id: UUID
    account: _Account
    project_id: UUID | None = None
    amount: Annotated[Yuan, Field(gt=0)]


class DraftRecovery(Command):
    """Draft what idle money is recovered, and where it goes; two persons decide."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_CLERK

    area_code: Area
    kind: Destination
    title: Label
    document_no: DocumentNo
    lines: Annotated[tuple[RecoveredLine, ...], Field(min_length=1, max_length=1000)]


class RecoveryDrafted(BaseModel):
    """The id of a drafted recovery and its sum."""

    id: UUID
    amount: Yuan


async def draft_recovery(tx: Write, command: DraftRecovery, ctx: Context) -> RecoveryDrafted:
    """Insert header and lines and open the case; whether the money is there is judged when it moves."""
    if wrong := [place for place, line in enumerate(command.lines) if not _fits(command.kind, line)]:
        raise Invalid(*(_wrong_account(place) for place in wrong))
    asked = {line.indicator_id for line in command.lines}
    low, high = command.area_code.span
    known = select(Indicator.id).where(Indicator.id.in_(asked), Indicator.area_code.between(low, high))
    if asked - set(await tx.session.scalars(known)):
        raise not_found("指标", "indicator")
    row = IndicatorRecovery(
        id=new_id(),
        area_code=int(command.area_code),
        kind=command.kind,
        title=command.title,
        document_no=document_no(command.document_no),
        decided_on=None,
    )
    tx.session.add(row)
    lines = [
        {
            "recovery_id": row.id,
            "line_no": number,
            "indicator_id": line.indicator_id,
            "account": line.account,
            "project_id": line.project_id,
            "amount_fen": line.amount,
            "area_code": row.area_code,
        }
        for number, line in enumerate(command.lines, 1)
    ]
    await tx.session.execute(insert(IndicatorRecoveryLine), lines)
    await open_case(tx, ctx, RECOVERY_BINDING, row.id, command.area_code)
    return RecoveryDrafted(id=row.id, amount=sum(line.amount for line in command.lines))


def _fits(kind: Destination, line: RecoveredLine) -> bool:
    return line.account in TAKEN_FROM[kind] and (line.project_id is None) is (line.account == UNALLOCATED)


def _wrong_account(place: int) -> Violation:
    return refusal(
        "RECOVERY_LINE",
        "F-3.6",
        "待分配资金只能上缴且不填项目；项目额度和结余须填项目",
        "unallocated money can only be returned and has no project; quota and surplus have one",
        ("核对科目和项目", "check account and project"),
        field=f"/lines/{place}",
    )


async def _facts(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> RecoveryFacts:
    row = await tx.session.get_one(IndicatorRecovery, case.subject_id)
    return RecoveryFacts(Destination(row.kind))


async def _decided(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """P23, or P24 for each indicator; what a cut left owing is given back first."""
    row = await tx.session.get_one(IndicatorRecovery, case.subject_id)
    row.decided_on = ctx.today
    asked = select(IndicatorRecoveryLine).where(IndicatorRecoveryLine.recovery_id == row.id)
    lines = (await tx.session.scalars(asked.order_by(IndicatorRecoveryLine.line_no))).all()
    emptied = [line.project_id for line in lines if line.project_id and line.account == QUOTA]
    for indicator_id in sorted({line.indicator_id for line in lines}):
        own = [line for line in lines if line.indicator_id == indicator_id]
        await _recover(tx, ctx, row, await locked_indicator(tx, indicator_id), own)
    await withdraw_emptied(tx, ctx, list(dict.fromkeys(emptied)))


async def _recover(
    tx: Write, ctx: Context, row: IndicatorRecovery, indicator: Indicator, lines: Sequence[IndicatorRecoveryLine]
) -> None:
    document = f"indicator_recovery:{row.id}:{indicator.id}"
    county = county_of(AreaCode(indicator.area_code))
    purse = await purse_of(tx, indicator)
    if row.kind == Destination.REUSE:
        postings = _reused(purse, lines)
    else:
        fen = sum(line.amount_fen for line in lines)
        upper = await upper_of(tx, ctx, indicator, FINANCE)
        postings = _returned(purse, lines)
        if upper is not None:
            back = [Posting("P26.back", document, await given_back(tx, upper, fen, ctx.today))]
            await post_many(tx, ctx, BOOK, back, area=county_of(AreaCode(upper.area_code)))
        tx.emit(_told(row, indicator, fen, ctx))
    wanted = [Posting(template, document, amounts) for template, amounts in postings.items() if amounts]
    await post_many(tx, ctx, BOOK, wanted, area=county)
    tx.changed("indicator", indicator.id, indicator.area_code)


def _reused(purse: Purse, lines: Sequence[IndicatorRecoveryLine]) -> dict[str, list[Amount]]:
    """Back to unallocated money of the same indicator, so of the same fund category (scenario 54)."""
    postings: dict[str, list[Amount]] = {"P04": [], "P23": []}
    for line in lines:
        template = "P23" if line.account == SURPLUS else "P04"
        drawn = purse.draw(line.account, line.amount_fen, line.project_id)
        postings[template] += purse.amounts(drawn, line.project_id)
    return postings


def _returned(purse: Purse, lines: Sequence[IndicatorRecoveryLine]) -> dict[str, list[Amount]]:
    postings: dict[str, list[Amount]] = {"P04": [], "P24": [], "P02.settled": [], "P24.unallocated": []}
    loose: Fen = 0
    for line in lines:
        drawn = purse.draw(line.account, line.amount_fen, line.project_id)
        if line.account == SURPLUS:
            source = purse.draw(SOURCE, line.amount_fen)
            postings["P24"] += purse.across(source, drawn, line.project_id)
            continue
        if line.account == QUOTA:
            postings["P04"] += purse.amounts(drawn, line.project_id)
        purse.put(UNALLOCATED, drawn)
        loose += line.amount_fen
    owed = min(loose, purse.available(DUE_TO_UPPER))
    postings["P02.settled"] = purse.across(purse.draw(DUE_TO_UPPER, owed), purse.draw(UNALLOCATED, owed))
    postings["P24.unallocated"] = purse.across(purse.draw(SOURCE, loose - owed), purse.draw(UNALLOCATED, loose - owed))
    return postings


def _told(row: IndicatorRecovery, indicator: Indicator, fen: Fen, ctx: Context) -> IndicatorRecovered:
    return IndicatorRecovered(
        area_code=AreaCode(indicator.area_code),
        indicator_id=indicator.id,
        document_no=row.document_no,
        level=indicator.level,
        category=indicator.category,
        fiscal_year=indicator.fiscal_year,
        amount=fen,
        recovered_on=ctx.today,
    )


RECOVERY_BINDING = Binding(
    workflow=INDICATOR_RECOVERY,
    plural="indicator-recoveries",
    guards={"meant_for_reuse": recoveries.meant_for_reuse, "meant_for_return": recoveries.meant_for_return},
    facts=_facts,
    steps={"reuse": StepBinding(perform=_decided), "return": StepBinding(perform=_decided)},
)

HANDLERS: dict[type[Command], Handler] = {DraftRecovery: draft_recovery}
