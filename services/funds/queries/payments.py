"""Contracts, payees and payments as they are shown: who is paid, what was certified, where each request stands."""

from datetime import date
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row, Select, column, select, table

from services.funds.domain.contracts import ContractMoney
from services.funds.queries.unregistered import named
from services.funds.tables.contracts import Contract, ContractVariation, Payee, Valuation
from services.funds.tables.payments import Payment, Refund
from services.funds.tables.treasury import TreasuryLine
from services.funds.workflows.contract import CONTRACT
from services.funds.workflows.payment import PAYMENT
from shared.contracts.wire import Area, OneOf, Yuan
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found
from shared.vault.keys import KeyRing

CASE = table("case_file", column("workflow"), column("subject_id"), column("state"), column("version"))

ContractState = Annotated[str, OneOf(tuple(CONTRACT.by_state))]
PaymentState = Annotated[str, OneOf(tuple(PAYMENT.by_state))]


class Shown(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class PayeeShown(Shown):
    """A payee (收款方); its account stays sealed."""

    id: UUID
    area_code: Area
    name: str
    kind: str
    credit_code: str
    bank_name: str
    account_kind: str
    is_small_firm: bool
    changed_on: date | None
    confirmed_on: date | None


class ContractListed(Shown):
    """One contract of a list."""

    id: UUID
    project_id: UUID
    area_code: Area
    number: str
    title: str
    kind: str
    payee_id: UUID
    payee_name: str
    signed_on: date
    amount: Yuan
    variations: Yuan
    settlement: Yuan | None
    paid: Yuan
    state: str


class VariationShown(Shown):
    """A variation (合同变更); open while `applied_on` is empty."""

    id: UUID
    seq: int
    delta: Yuan
    document_no: str
    applied_on: date | None


class ValuationShown(Shown):
    """Work certified (计量)."""

    id: UUID
    seq: int
    certified: Yuan
    certified_on: date
    document_no: str


class RefundShown(Shown):
    """Money that came back; in hand while `released_on` is empty."""

    id: UUID
    payment_id: UUID
    amount: Yuan
    reason: str
    received_on: date
    released_on: date | None


class ContractShown(ContractListed):
    """One contract with its money and papers; `version` is its case's, the ETag for the next step."""

    version: int
    procurement: str
    payment_plan: str
    defect_months: int
    pay_days: int | None
    fee: str | None
    completed_on: date | None
    certified: Yuan
    advance_outstanding: Yuan
    requested: Yuan
    retention: Yuan
    claim: Yuan
    bank_guarantee: str | None
    variations_listed: list[VariationShown]
    valuations: list[ValuationShown]
    refunds: list[RefundShown]


class PaymentListed(Shown):
    """One payment of a list."""

    id: UUID
    contract_id: UUID
    project_id: UUID
    area_code: Area
    stage: str
    amount: Yuan
    recoup: Yuan
    reference: str
    applied_on: date
    payee_id: UUID | None
    payee_name: str | None
    payee_registered: bool = Field(description="收款方已登记；否则名称取自国库文件 / else the name is the file's")
    paid_on: date | None
    state: str


class PaymentShown(PaymentListed):
    """One payment; `version` is its case's, the ETag for the next step."""

    version: int
    instructions: int
    bank_reference: str | None
    fail_reason: str | None


async def list_payees(session: ReadSession, request: PageRequest, area: AreaCode | None) -> Page[PayeeShown]:
    """A page of payees."""
    statement = select(Payee)
    if area is not None:
        statement = statement.where(Payee.area_code.between(*area.span))
    return await fetch_page(session, statement, (Payee.id,), request, lambda row: PayeeShown.model_validate(row[0]))


async def list_contracts(
    session: ReadSession, request: PageRequest, area: AreaCode | None, project_id: UUID | None, state: str | None
) -> Page[ContractListed]:
    """A page of contracts in the order they were drafted."""
    statement = _contracts()
    if area is not None:
        statement = statement.where(Contract.area_code.between(*area.span))
    if project_id is not None:
        statement = statement.where(Contract.project_id == project_id)
    if state is not None:
        statement = statement.where(CASE.c.state == state)
    return await fetch_page(session, statement, (Contract.id,), request, _contract)


async def one_contract(session: ReadSession, contract_id: UUID) -> ContractShown:
    """One contract with its variations, valuations and refunds; raises NotFound."""
    row = (await session.session.execute(_contracts().where(Contract.id == contract_id))).one_or_none()
    if row is None:
        raise not_found("合同", "contract")
    contract: Contract = row[0]
    money = _money(contract)
    scalars = session.session.scalars
    variations = await scalars(
        select(ContractVariation).where(ContractVariation.contract_id == contract_id).order_by(ContractVariation.seq),
    )
    valuations = await scalars(
        select(Valuation).where(Valuation.contract_id == contract_id).order_by(Valuation.seq),
    )
    refunds = await scalars(select(Refund).where(Refund.contract_id == contract_id).order_by(Refund.id))
    return ContractShown(
        **_contract(row).model_dump(),
        version=row.case_version,
        procurement=contract.procurement,
        payment_plan=contract.payment_plan,
        defect_months=contract.defect_months,
        pay_days=contract.pay_days,
        fee=contract.fee,
        completed_on=contract.completed_on,
        certified=money.certified,
        advance_outstanding=money.outstanding,
        requested=money.open_advance + money.open_cash,
        retention=money.retention,
        claim=money.claim,
        bank_guarantee=contract.bank_guarantee,
        variations_listed=[_with_fen(VariationShown, each, delta="delta_fen") for each in variations],
        valuations=[_with_fen(ValuationShown, each, certified="certified_fen") for each in valuations],
        refunds=[_with_fen(RefundShown, each, amount="amount_fen") for each in refunds],
    )


async def list_payments(
    session: ReadSession,
    request: PageRequest,
    ring: KeyRing,
    *,
    area: AreaCode | None,
    contract_id: UUID | None,
    state: str | None,
) -> Page[PaymentListed]:
    """A page of payments by day of application, the newest first."""
    statement = _payments()
    if area is not None:
        statement = statement.where(Payment.area_code.between(*area.span))
    if contract_id is not None:
        statement = statement.where(Payment.contract_id == contract_id)
    if state is not None:
        statement = statement.where(CASE.c.state == state)
    keys = (Payment.applied_on, Payment.id)
    return await fetch_page(session, statement, keys, request, partial(_payment, ring=ring), descending=True)


async def one_payment(session: ReadSession, ring: KeyRing, payment_id: UUID) -> PaymentShown:
    """One payment; raises NotFound."""
    row = (await session.session.execute(_payments().where(Payment.id == payment_id))).one_or_none()
    if row is None:
        raise not_found("拨付申请", "payment request")
    payment: Payment = row[0]
    return PaymentShown(
        **_payment(row, ring).model_dump(),
        version=row.case_version,
        instructions=payment.instructions,
        bank_reference=payment.bank_reference,
        fail_reason=payment.fail_reason,
    )


def _contracts() -> Select[Any]:
    case = (CASE.c.workflow == "funds.contract") & (CASE.c.subject_id == Contract.id)
    chosen = select(Contract, Payee.name, CASE.c.state, CASE.c.version.label("case_version"))
    return chosen.join(Payee, Payee.id == Contract.payee_id).join(CASE, case)


def _payments() -> Select[Any]:
    case = (CASE.c.workflow == "funds.payment") & (CASE.c.subject_id == Payment.id)
    said = (TreasuryLine.id.label("line_id"), TreasuryLine.payee_sealed)
    chosen = select(Payment, Payee.name, CASE.c.state, CASE.c.version.label("case_version"), *said)
    stranger = (TreasuryLine.payment_id == Payment.id) & Payment.payee_id.is_(None)
    return chosen.outerjoin(Payee, Payee.id == Payment.payee_id).outerjoin(TreasuryLine, stranger).join(CASE, case)


def _money(row: Contract) -> ContractMoney:
    return ContractMoney(
        amount=row.amount_fen,
        variations=row.variation_fen,
        certified=row.certified_fen,
        advanced=row.advanced_fen,
        recouped=row.recouped_fen,
        worked=row.worked_fen,
        refunded=row.refunded_fen,
        open_advance=row.open_advance_fen,
        open_cash=row.open_cash_fen,
        retention=row.retention_fen,
        claim=row.claim_fen,
    )


def _contract(row: Row[Any]) -> ContractListed:
    contract: Contract = row[0]
    names = ("id", "project_id", "area_code", "number", "title", "kind", "payee_id", "signed_on")
    return ContractListed(
        **{name: getattr(contract, name) for name in names},
        payee_name=row.name,
        amount=contract.amount_fen,
        variations=contract.variation_fen,
        settlement=contract.settlement_fen,
        paid=_money(contract).paid,
        state=row.state,
    )


def _payment(row: Row[Any], ring: KeyRing) -> PaymentListed:
    payment: Payment = row[0]
    names = ("id", "contract_id", "project_id", "area_code", "stage", "reference", "applied_on", "payee_id", "paid_on")
    return PaymentListed(
        **{name: getattr(payment, name) for name in names},
        amount=payment.cash_fen,
        recoup=payment.recoup_fen,
        payee_name=named(ring, row.line_id, row.payee_sealed) if row.line_id else row.name,
        payee_registered=payment.payee_id is not None,
        state=row.state,
    )


def _with_fen(kind: Any, row: Any, **amounts: str) -> Any:
    """A row with its amounts under the names they have on the wire."""
    own = {name: getattr(row, name) for name in kind.model_fields if name not in amounts}
    return kind(**own, **{name: getattr(row, fen) for name, fen in amounts.items()})
