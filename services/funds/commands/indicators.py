"""Indicators (指标): entered by a clerk of finance, confirmed by another person, then unallocated money of the county."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.funds.commands.indicator_money import booking_year
from services.funds.commands.reference import known_funds
from services.funds.domain import hierarchy
from services.funds.domain.indicators import BudgetKind, document_no
from services.funds.domain.library import county_of, unknown_code
from services.funds.domain.postings import BOOK
from services.funds.domain.project_content import FundLevel
from services.funds.domain.refusals import refusal
from services.funds.tables.indicators import Indicator
from services.funds.workflows.indicator import INDICATOR
from shared.cases import store
from shared.cases.advance import open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.funds import IndicatorReceived
from shared.contracts.parts import Category, DocumentNo, Label, Year
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.errors import Invalid, Refused, Violation
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.ledger.model import Amount
from shared.ledger.post import post
from shared.workflow.desks import FINANCE_CLERK

_HOLDERS = (AreaLevel.PROVINCE, AreaLevel.CITY, AreaLevel.COUNTY)


class IndicatorFields(BaseModel):
    """What a document says of one of its lines (§2.1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Label
    document_no: DocumentNo
    line_no: Annotated[int, Field(ge=1, le=999)] = 1
    title: Label
    issued_on: date
    received_on: date
    fiscal_year: Year
    level: FundLevel
    category: Category
    functional_class: Annotated[str, Field(pattern=r"^\d{3,7}$", description="功能分类", examples=["2130505"])]
    is_advance_notice: bool = False
    is_direct_fund: bool = False
    purpose: Annotated[str, Field(max_length=500)] = ""
    supervision_code: Annotated[str, Field(max_length=40)] = ""
    amount: Annotated[Yuan, Field(gt=0)]
    budget_kind: BudgetKind = BudgetKind.TRANSFER
    approved_on: Annotated[date | None, Field(description="人大批准预算日期；本级预算必填")] = None
    restricted_to: Annotated[tuple[Area, ...], Field(max_length=200, description="限定使用的区域或村")] = ()
    goal_table: Annotated[str, Field(max_length=80, description="区域绩效目标表编号")] = ""
    is_integratable: Annotated[bool, Field(description="可纳入统筹整合")] = False


class ReceiveIndicator(Command, IndicatorFields):
    """Enter an indicator (指标下达); it counts when another person has confirmed it."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_CLERK

    area_code: Area


class CorrectIndicator(Command, IndicatorFields):
    """Enter an indicator anew that is not submitted, or was sent back."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_CLERK

    area_code: Area
    indicator_id: UUID


class IndicatorEntered(BaseModel):
    """The id of an entered indicator and its number as it is kept."""

    id: UUID
    document_no: str


async def receive_indicator(tx: Write, command: ReceiveIndicator, ctx: Context) -> IndicatorEntered:
    """Insert the row and open its case."""
    await _check(tx, command, command.area_code, ctx)
    row = _columns(command) | {"id": new_id(), "area_code": int(command.area_code)}
    made = await tx.session.scalar(insert(Indicator).values(row).on_conflict_do_nothing().returning(Indicator.id))
    if made is None:
        raise Refused(_duplicate(row["document_no"]))
    await open_case(tx, ctx, INDICATOR_BINDING, made, command.area_code)
    return IndicatorEntered(id=made, document_no=row["document_no"])


async def correct_indicator(tx: Write, command: CorrectIndicator, ctx: Context) -> IndicatorEntered:
    """Replace the fields while the case is still with the clerk."""
    case = (await store.load(tx.raw, INDICATOR, command.indicator_id, lock=True)).row
    if case.state != INDICATOR.start or case.area != command.area_code:
        raise Refused(_entered(case.state))
    if broken := hierarchy.entered_here(await _origin(tx, case.subject_id)):
        raise Refused(broken)
    await _check(tx, command, command.area_code, ctx)
    row = _columns(command)
    taken = select(Indicator.id).where(
        Indicator.area_code == int(command.area_code),
        Indicator.issuer == row["issuer"],
        Indicator.document_no == row["document_no"],
        Indicator.line_no == row["line_no"],
        Indicator.id != command.indicator_id,
    )
    if await tx.session.scalar(taken) is not None:
        raise Refused(_duplicate(row["document_no"]))
    await tx.session.execute(update(Indicator).where(Indicator.id == command.indicator_id).values(row))
    tx.changed(INDICATOR.subject, command.indicator_id, command.area_code)
    return IndicatorEntered(id=command.indicator_id, document_no=row["document_no"])


async def _confirmed(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """P01: the money is there, unallocated."""
    row = await tx.session.get_one(Indicator, case.subject_id)
    year = booking_year(row, ctx.today) if row.parent_id else row.fiscal_year
    amount = Amount(row.amount_fen, row.id, {}, year)
    await post(tx, ctx, BOOK, "P01", [amount], document=f"indicator:{row.id}", area=county_of(case.area))
    tx.emit(
        IndicatorReceived(
            area_code=case.area,
            indicator_id=row.id,
            document_no=row.document_no,
            level=row.level,
            category=row.category,
            fiscal_year=row.fiscal_year,
            amount=row.amount_fen,
            received_on=row.received_on,
            parent_id=row.parent_id,
        ),
    )


async def _facts(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> hierarchy.Origin:
    return await _origin(tx, case.subject_id)


async def _origin(tx: Write, indicator_id: UUID) -> hierarchy.Origin:
    """Whether an upper level passed the indicator down."""
    return hierarchy.Origin(await tx.session.scalar(select(Indicator.parent_id).where(Indicator.id == indicator_id)))


def _columns(fields: IndicatorFields) -> dict[str, object]:
    kept = fields.model_dump(include=set(IndicatorFields.model_fields) - {"amount"})
    own = {"restricted_to": [int(area) for area in fields.restricted_to], "amount_fen": fields.amount}
    return kept | own | {"document_no": document_no(fields.document_no)}


async def _check(tx: Write, fields: IndicatorFields, area: AreaCode, ctx: Context) -> None:
    wrong = list(_dates(fields, ctx))
    if area.level not in _HOLDERS:
        zh, en = "指标登记到省、市、县", "an indicator belongs to a province, a city or a county"
        wrong.append(_field("/area_code", "INDICATOR_AREA", zh, en))
    if not all(area.contains(each) for each in fields.restricted_to):
        zh, en = "限定区域须在本区域之内", "the money may be restricted to areas within its own only"
        wrong.append(_field("/restricted_to", "INDICATOR_RESTRICTION", zh, en))
    if (fields.budget_kind is BudgetKind.TRANSFER) is not (fields.approved_on is None):
        zh, en = "本级预算须填写人大批准日期，上级转移支付不填", "own money has the day its budget was approved"
        wrong.append(_field("/approved_on", "INDICATOR_APPROVAL", zh, en))
    if not await known_funds(tx.raw, [fields.category], fields.fiscal_year):
        wrong.append(unknown_code("/category", fields.category, fields.fiscal_year))
    if wrong:
        raise Invalid(*wrong)


def _dates(fields: IndicatorFields, ctx: Context) -> list[Violation]:
    """A document of one year may bring money for the next (§2.1), but nothing arrives before it is issued."""
    if fields.issued_on <= fields.received_on <= ctx.today:
        return []
    return [
        _field(
            "/received_on",
            "INDICATOR_DATES",
            "收文日期不得早于发文日期，也不得晚于今日",
            "it is received after it was issued and not later than today",
        ),
    ]


def _field(field: str, code: str, zh: str, en: str) -> Violation:
    return refusal(code, "F-2.1", zh, en, ("核对后重新填写", "check and enter it again"), field=field)


def _duplicate(number: object) -> Violation:
    return refusal(
        "DUPLICATE_INDICATOR",
        "F-2.1",
        f"指标文件已登记：{number}（同一发文单位、文号和行号）",
        f"this document is entered already: {number}, same issuer and line",
        ("核对文号和行号", "check number and line"),
        field="/document_no",
    )


def _entered(state: str) -> Violation:
    return refusal(
        "INDICATOR_NOT_EDITABLE",
        "F-2.1",
        "指标已提交或已确认，不得改写",
        "the indicator is submitted or confirmed and is not rewritten",
        ("请审核人退回后更正；已确认的以追加、追减文件调整", "have it sent back; a confirmed one changes by documents"),
        state=state,
    )


INDICATOR_BINDING = Binding(
    workflow=INDICATOR,
    plural="indicators",
    guards={"entered_here": hierarchy.entered_here},
    facts=_facts,
    steps={"confirm": StepBinding(perform=_confirmed)},
)

HANDLERS: dict[type[Command], Handler] = {
    ReceiveIndicator: receive_indicator,
    CorrectIndicator: correct_indicator,
}
