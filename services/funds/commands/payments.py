"""Payments (拨付): requested by the unit, instructed by the treasury, confirmed by the bank; bound to their workflow."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import delete

from services.funds.commands import payment_forms as forms
from services.funds.commands.admission import require
from services.funds.commands.contract_rows import add_money, by_indicator, contract_row, split_of, spread
from services.funds.commands.contracts import CONTRACT_BINDING
from services.funds.commands.once import once
from services.funds.commands.payment_facts import payment_facts, payment_row, request_of
from services.funds.commands.settlements import dimensions
from services.funds.domain import payments as rules
from services.funds.domain.payee_marks import payee_not_barred
from services.funds.domain.payment_limits import Stage, arrival, reservation
from services.funds.domain.payment_modes import PaymentMode, instructs
from services.funds.domain.postings import ADVANCE, BOOK, COMMITTED, IN_TRANSIT, RETENTION
from services.funds.domain.refusals import refusal
from services.funds.parameters.treasury import PAYMENT_MODE
from services.funds.tables.contracts import Contract
from services.funds.tables.payments import InvoiceUse, Payment, PaymentInvoice
from services.funds.workflows.payment import PAYMENT
from shared.cases.advance import Move, advance, open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.funds_project import PaymentDisbursed, PaymentReturned
from shared.contracts.wire import Yuan
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Invalid, Refused, Violation
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.ledger.balances import Held, remaining
from shared.ledger.model import Amount
from shared.ledger.post import Posting, post_many
from shared.vault.index import blind_index
from shared.workflow.desks import UNIT

INVOICE = "payment_invoice.number"

_CLAIM = "UPDATE payment_invoice SET claimed = $2 WHERE payment_id = $1"
_ARRIVED = "UPDATE payment SET paid_on = $2, reserved = false, bank_reference = $3 WHERE id = $1"
_LAST = {Stage.BALANCE: ("hold_retention", "close"), Stage.RETENTION: ("close", "close")}
"""What the contract does once its last money of a stage arrived, with and without a retention."""


class DraftPayment(Command):
    """Draft a payment request (用款申请); `recoup` is the part of the advance that the certified work makes good."""

    ROLES: ClassVar[frozenset[Role]] = UNIT

    contract_id: UUID
    stage: Stage
    amount: Annotated[Yuan, Field(gt=0)]
    recoup: Annotated[Yuan, Field(ge=0)] = 0
    reference: forms.Reference
    applied_on: date
    opinion_on: date | None = None
    documents: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()
    invoices: Annotated[tuple[forms.Invoice, ...], Field(max_length=100)] = ()
    method: Literal["transfer", "cash"] = "transfer"
    """How it is paid (结算方式); cash is taken down, and raises an alert (FW20)."""
    payee_id: UUID | None = None
    """Who is paid; the party of the contract unless stated otherwise (LM12)."""


class PaymentDrafted(BaseModel):
    """The id of a drafted request."""

    id: UUID


async def draft_payment(tx: Write, command: DraftPayment, ctx: Context) -> PaymentDrafted:
    """Insert the request with its invoices and open its case."""
    contract = await contract_row(tx, command.contract_id)
    require(ctx, command.ROLES, contract.area_code)
    if elsewhere := instructs(PaymentMode(await tx.parameters.get(PAYMENT_MODE, contract.area_code, ctx.today))):
        raise Refused(elsewhere)
    _check_recoup(command.stage, command.recoup)
    row = Payment(
        id=new_id(),
        area_code=contract.area_code,
        county_code=contract.county_code,
        project_id=contract.project_id,
        contract_id=contract.id,
        payee_id=command.payee_id or contract.payee_id,
        stage=command.stage.value,
        cash_fen=command.amount,
        recoup_fen=command.recoup,
        reference=command.reference,
        applied_on=command.applied_on,
        opinion_on=command.opinion_on,
        documents=list(command.documents),
        method=command.method,
        reserved=False,
        instructions=0,
    )
    async with once("uq_payment_county_code_reference", _reference_used()):
        tx.session.add(row)
        await tx.session.flush()
    _add_invoices(tx, ctx, row, command.invoices)
    await open_case(tx, ctx, PAYMENT_BINDING, row.id, AreaCode(row.area_code))
    return PaymentDrafted(id=row.id)


def _check_recoup(stage: Stage, recoup: int) -> None:
    if recoup and stage is not Stage.PROGRESS:
        raise Invalid(
            refusal(
                "RECOUP_STAGE",
                "LM06",
                "只有进度款可以抵扣预付款",
                "only a progress payment recoups the advance",
                ("删去抵扣金额", "leave it out"),
                field="/recoup",
            ),
        )


def _reference_used() -> Violation:
    return refusal(
        "REFERENCE_USED",
        "L5",
        "用款申请编号已使用",
        "a payment with this reference exists",
        ("查询原申请，不得重复申请", "look at the first one; it is not paid twice"),
        field="/reference",
    )


def _add_invoices(tx: Write, ctx: Context, row: Payment, invoices: Sequence[forms.Invoice]) -> None:
    hashes = {invoice.number: blind_index(ctx.keys, INVOICE, invoice.number) for invoice in invoices}
    tx.session.add_all([InvoiceUse(number_hash=used, payment_id=row.id) for used in hashes.values()])
    tx.session.add_all(
        [
            PaymentInvoice(
                payment_id=row.id,
                number=invoice.number,
                number_index=hashes[invoice.number],
                amount_fen=invoice.amount,
                issued_on=invoice.issued_on,
                claimed=False,
                area_code=row.area_code,
            )
            for invoice in invoices
        ],
    )


async def _submitted(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> None:
    """The request takes its sums of the contract from now on, and its invoices are taken everywhere."""
    row = await payment_row(tx, case)
    async with once("ux_payment_invoice_claimed", rules.invoice_used()):
        await tx.raw.execute(_CLAIM, row.id, True)
    row.reserved = True
    await add_money(tx, await contract_row(tx, row.contract_id), reservation(request_of(row)))


async def _given_up(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> None:
    """The request takes nothing of the contract any more."""
    row = await payment_row(tx, case)
    if row.reserved:
        row.reserved = False
        moved = {name: -fen for name, fen in reservation(request_of(row)).items()}
        await add_money(tx, await contract_row(tx, row.contract_id), moved)


async def _cancelled(tx: Write, case: CaseRow, form: Form, ctx: Context) -> None:
    """A cancelled request gives its invoices free as well."""
    await _given_up(tx, case, form, ctx)
    await tx.raw.execute(_CLAIM, case.subject_id, False)
    await tx.session.execute(delete(InvoiceUse).where(InvoiceUse.payment_id == case.subject_id))


async def _revised(tx: Write, case: CaseRow, form: forms.PaymentRevision, ctx: Context) -> None:
    row = await payment_row(tx, case)
    stated = form.model_dump(exclude_none=True, exclude={"amount", "recoup", "invoices"})
    for name, value in stated.items():
        setattr(row, name, list(value) if name == "documents" else value)
    row.cash_fen = form.amount or row.cash_fen
    row.recoup_fen = row.recoup_fen if form.recoup is None else form.recoup
    _check_recoup(Stage(row.stage), row.recoup_fen)
    if form.invoices is not None:
        for table in (PaymentInvoice, InvoiceUse):
            await tx.session.execute(delete(table).where(table.payment_id == row.id))
        _add_invoices(tx, ctx, row, form.invoices)


async def _instructed(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """P07: the money is in transit, taken from the sources in proportion to what they still hold for the contract."""
    row = await payment_row(tx, case)
    contract = await contract_row(tx, row.contract_id)
    held = await _held(tx, row, contract)
    row.instructions += 1
    row.instructed_on = ctx.today
    amounts = spread(row.cash_fen, held, _cells(row))
    template = "P07.retention" if row.stage == Stage.RETENTION else "P07"
    await _post(tx, ctx, row, Posting(template, _document(row), amounts))


async def _held(tx: Write, row: Payment, contract: Contract) -> list[Held]:
    account = RETENTION if row.stage == Stage.RETENTION else COMMITTED
    return await remaining(tx.raw, BOOK, account, dimensions(contract), lock=True)


async def _paid(tx: Write, case: CaseRow, form: forms.BankSlipForm, ctx: Context) -> None:
    """P08 or P09, P10 for the recouped advance; the world hears of it, by indicator."""
    row = await payment_row(tx, case)
    contract = await contract_row(tx, row.contract_id)
    amounts = await _in_transit(tx, row)
    postings = [Posting("P08" if row.stage == Stage.ADVANCE else "P09", _document(row), amounts, form.on)]
    if row.recoup_fen:
        advance_ = await remaining(tx.raw, BOOK, ADVANCE, dimensions(contract), lock=True)
        postings.append(Posting("P10", _document(row), spread(row.recoup_fen, advance_, _cells(row)), form.on))
    await _post(tx, ctx, row, *postings)
    async with once("ux_payment_bank_reference", rules.bank_reference_used()):
        await tx.raw.execute(_ARRIVED, row.id, form.on, form.bank_reference)
    await add_money(tx, contract, arrival(request_of(row)))
    tx.emit(
        PaymentDisbursed(
            area_code=case.area,
            project_id=row.project_id,
            payment_id=row.id,
            contract_id=row.contract_id,
            amount=row.cash_fen,
            split=await split_of(tx, by_indicator(amounts)),
            stage=row.stage,
            paid_on=form.on,
        ),
    )
    await next_of_contract(tx, contract, Stage(row.stage), ctx)


async def next_of_contract(tx: Write, contract: Contract, stage: Stage, ctx: Context) -> None:
    """With the last yuan of the balance the contract waits for its defect period, with that of the retention it ends."""
    if stage not in _LAST or contract.open_cash_fen or contract.claim_fen:
        return
    account = RETENTION if stage is Stage.RETENTION else COMMITTED
    if not await remaining(tx.raw, BOOK, account, dimensions(contract)):
        step = _LAST[stage][0 if contract.retention_fen else 1]
        await advance(tx, replace(ctx, actor=SYSTEM), CONTRACT_BINDING, contract.id, Move(step))


async def _failed(tx: Write, case: CaseRow, form: forms.BankReturn, ctx: Context) -> None:
    """P11: the money lies committed again and waits for another instruction (scenario 37)."""
    row = await payment_row(tx, case)
    amounts = await _in_transit(tx, row)
    template = "P11.retention" if row.stage == Stage.RETENTION else "P11"
    await _post(tx, ctx, row, Posting(template, _document(row), amounts, form.on))
    row.fail_reason = form.fail_code
    tx.emit(
        PaymentReturned(
            area_code=case.area,
            project_id=row.project_id,
            payment_id=row.id,
            contract_id=row.contract_id,
            amount=row.cash_fen,
            split=await split_of(tx, by_indicator(amounts)),
            reason=form.fail_code,
            returned_on=form.on,
        ),
    )


async def _reconciled(tx: Write, case: CaseRow, form: forms.Statement, _ctx: Context) -> None:
    (await payment_row(tx, case)).statement_no = form.statement_no


async def _in_transit(tx: Write, row: Payment) -> list[Amount]:
    """The sources of the running instruction."""
    where = {"project_id": row.project_id, "payment_id": row.id}
    held = await remaining(tx.raw, BOOK, IN_TRANSIT, where, lock=True)
    return [Amount(each.fen, each.group, _cells(row), each.fiscal_year) for each in held]


async def _post(tx: Write, ctx: Context, row: Payment, *postings: Posting) -> None:
    await post_many(tx, ctx, BOOK, postings, area=row.county_code)
    tx.changed("contract", row.contract_id, row.area_code)


def _cells(row: Payment) -> dict[str, UUID]:
    return {"project_id": row.project_id, "contract_id": row.contract_id, "payment_id": row.id}


def _document(row: Payment) -> str:
    """Each instruction is a document of its own (L5)."""
    return f"payment:{row.id}:{row.instructions}"


PAYMENT_BINDING = Binding(
    workflow=PAYMENT,
    plural="payments",
    guards={
        "county_instructs": rules.county_instructs,
        "project_not_suspended": rules.project_not_suspended,
        "within_stage_limits": rules.within_stage_limits,
        "payee_is_party": rules.payee_is_party,
        "payee_not_barred": payee_not_barred,
        "documents_complete": rules.documents_complete,
        "document_dates_in_order": rules.document_dates_in_order,
        "invoice_unused": rules.invoice_unused,
        "within_approval_tier": rules.within_approval_tier,
        "payee_not_related": rules.payee_not_related,
        "payee_account_settled": rules.payee_account_settled,
        "within_committed": rules.within_committed,
        "bank_slip_matches": rules.bank_slip_matches,
        "bank_statement_matches": rules.bank_statement_matches,
    },
    facts=payment_facts,
    steps={
        "submit": StepBinding(forms.PaymentSubmission, _submitted),
        "review_sector": StepBinding(forms.SectorReview),
        "review_finance": StepBinding(forms.FinanceReview),
        "approve": StepBinding(forms.PaymentApproval),
        "instruct": StepBinding(forms.Instruction, _instructed),
        "instruct_again": StepBinding(forms.Instruction, _instructed),
        "confirm_paid": StepBinding(forms.BankSlipForm, _paid),
        "confirm_failed": StepBinding(forms.BankReturn, _failed),
        "reconcile": StepBinding(forms.Statement, _reconciled),
        "send_back": StepBinding(perform=_given_up),
        "revise": StepBinding(forms.PaymentRevision, _revised),
        "cancel": StepBinding(perform=_cancelled),
    },
)

HANDLERS: dict[type[Command], Handler] = {DraftPayment: draft_payment}
