"""Contracts (合同): drafted by the unit, registered against a project's quota, varied, certified; bound to their workflow."""

from dataclasses import replace
from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select

from services.funds.commands import contract_forms as forms
from services.funds.commands import settlements
from services.funds.commands.admission import require
from services.funds.commands.contract_facts import contract_facts, open_variation
from services.funds.commands.contract_rows import (
    add_money,
    case_state,
    contract_row,
    money_of,
    project_state,
    spread,
)
from services.funds.commands.once import once
from services.funds.commands.project_rows import project_row
from services.funds.commands.projects import PROJECT_BINDING
from services.funds.domain import contracts as rules
from services.funds.domain import settlement as endings
from services.funds.domain.contract_terms import Fee
from services.funds.domain.contracts import ContractKind, Procurement
from services.funds.domain.library import county_of
from services.funds.domain.limits import stands
from services.funds.domain.payee_marks import payee_not_barred
from services.funds.domain.postings import BOOK, COMMITTED, QUOTA
from services.funds.domain.refusals import refusal
from services.funds.tables.contracts import Contract, ContractVariation, Payee, Valuation
from services.funds.workflows.contract import CONTRACT
from shared.cases.advance import Move, advance, open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import DocumentNo, Label, Ppm
from shared.contracts.wire import Yuan
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Refused, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.ledger.balances import remaining
from shared.ledger.post import post
from shared.workflow.desks import UNIT


class DraftContract(Command):
    """Draft a contract of a project: its paper, its payee, and the plan by which it is paid."""

    ROLES: ClassVar[frozenset[Role]] = UNIT

    project_id: UUID
    payee_id: UUID
    number: DocumentNo
    title: Label
    kind: ContractKind
    procurement: Procurement
    award_notice: DocumentNo | None = None
    award: Annotated[Yuan, Field(gt=0)] | None = None
    award_on: date | None = None
    signed_on: date
    amount: Annotated[Yuan, Field(gt=0)]
    provisional: Annotated[Yuan, Field(ge=0)] = 0
    defect_months: Annotated[int, Field(ge=0, le=120)]
    payment_plan: Literal["NAT", "CQ-451", "CQ-6"] = "NAT"
    """Plan of payments (付款方式): national rules, or one of the two local ones of §3.1."""
    before_acceptance_ppm: Ppm | None = None
    """What the contract itself lets be paid before the acceptance, where it differs from LM07."""
    pay_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """Days from delivery to payment that the contract agrees (付款期限); a small firm's are those of policy without it."""
    fee: Fee | None = None
    """What the contract is a fee for, if it is one (LM16)."""


class VariationFields(BaseModel):
    """A variation as its paper has it; less than zero makes the contract smaller."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delta: Yuan
    document_no: DocumentNo


class ProposeVariation(Command, VariationFields):
    """Put a variation (合同变更) on paper, for both sides to sign as the contract's step `vary`."""

    ROLES: ClassVar[frozenset[Role]] = UNIT

    contract_id: UUID


class ValuationFields(BaseModel):
    """A valuation sheet (计量单)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Annotated[Yuan, Field(gt=0)]
    certified_on: date
    document_no: DocumentNo
    supervisor: Label


class CertifyValuation(Command, ValuationFields):
    """Certify work done (工程计量): what the unit and the supervisor (监理) measured since the last valuation."""

    ROLES: ClassVar[frozenset[Role]] = UNIT

    contract_id: UUID


class Drafted(BaseModel):
    """The id of a drafted paper."""

    id: UUID


class Certified(BaseModel):
    """A valuation and the work certified so far."""

    id: UUID
    certified: Yuan


async def draft_contract(tx: Write, command: DraftContract, ctx: Context) -> Drafted:
    """Insert the row and open its case."""
    project = await project_row(tx, command.project_id)
    require(ctx, command.ROLES, project.area_code)
    if await tx.session.get(Payee, command.payee_id) is None:
        raise not_found("收款方", "payee")
    kept = command.model_dump(exclude={"award", "amount", "provisional"})
    row = Contract(
        id=new_id(),
        area_code=project.area_code,
        county_code=int(county_of(project.area_code)),
        award_fen=command.award,
        amount_fen=command.amount,
        provisional_fen=command.provisional,
        **kept,
        **dict.fromkeys(_NOTHING_YET, 0),
    )
    async with once("uq_contract_county_code_number", _number_used()):
        tx.session.add(row)
        await tx.session.flush()
    await open_case(tx, ctx, CONTRACT_BINDING, row.id, AreaCode(row.area_code))
    return Drafted(id=row.id)


_NOTHING_YET = (
    *("variation_fen", "certified_fen", "advanced_fen", "recouped_fen", "worked_fen", "refunded_fen"),
    *("open_advance_fen", "open_recoup_fen", "open_cash_fen", "retention_fen", "retention_used_fen", "claim_fen"),
)


def _number_used() -> Violation:
    return refusal(
        "CONTRACT_NUMBER_USED",
        "F-3.1-5",
        "合同编号已登记",
        "a contract with this number exists",
        ("核对合同编号", "check the number"),
        field="/number",
    )


async def propose_variation(tx: Write, command: ProposeVariation, ctx: Context) -> Drafted:
    """Insert the variation; there is one open at a time, so both sides sign the same."""
    row = await contract_row(tx, command.contract_id)
    require(ctx, command.ROLES, row.area_code)
    if command.delta == 0 or await open_variation(tx, row.id) is not None:
        raise Refused(
            refusal(
                "VARIATION_OPEN",
                "LM08",
                "变更金额为零，或已有待签的变更",
                "the variation is of nothing, or another one waits for its signatures",
                ("先办结待签的变更", "sign the open one first"),
                field="/delta",
            ),
        )
    newest = await tx.session.scalar(
        select(func.max(ContractVariation.seq)).where(ContractVariation.contract_id == row.id)
    )
    variation = ContractVariation(
        id=new_id(),
        contract_id=row.id,
        seq=(newest or 0) + 1,
        delta_fen=command.delta,
        document_no=command.document_no,
        proposed_by=ctx.actor.id,
        proposed_at=ctx.now,
        area_code=row.area_code,
    )
    tx.session.add(variation)
    tx.changed(CONTRACT.subject, row.id, row.area_code)
    return Drafted(id=variation.id)


async def certify_valuation(tx: Write, command: CertifyValuation, ctx: Context) -> Certified:
    """Insert the valuation and count it; never more than the contract buys (D12)."""
    row = await contract_row(tx, command.contract_id)
    require(ctx, command.ROLES, row.area_code)
    state = await case_state(tx, CONTRACT.name, row.id)
    wrong = [
        _valuation_out_of_place(state, command.certified_on, ctx.today)
        if state not in {"ACTIVE", "COMPLETED"} or not row.signed_on <= command.certified_on <= ctx.today
        else None,
        rules.certifiable(money_of(row), command.amount),
    ]
    if found := [each for each in wrong if each is not None]:
        raise Refused(*found)
    newest = await tx.session.scalar(select(func.max(Valuation.seq)).where(Valuation.contract_id == row.id))
    valuation = Valuation(
        id=new_id(),
        contract_id=row.id,
        seq=(newest or 0) + 1,
        certified_fen=command.amount,
        certified_on=command.certified_on,
        document_no=command.document_no,
        supervisor=command.supervisor,
        recorded_by=ctx.actor.id,
        area_code=row.area_code,
    )
    tx.session.add(valuation)
    await add_money(tx, row, {"certified": command.amount})
    tx.changed(CONTRACT.subject, row.id, row.area_code)
    return Certified(id=valuation.id, certified=row.certified_fen)


def _valuation_out_of_place(state: str, on: date, today: date) -> Violation:
    return refusal(
        "VALUATION_OUT_OF_PLACE",
        "F-3.1-7",
        "合同不在履行中，或计量日期不在签订日与今天之间",
        "the contract is not under way, or the day is not between its signing and today",
        ("核对合同状态和计量日期", "check the state and the day"),
        field="/certified_on",
        state=state,
        certified_on=on.isoformat(),
        today=today.isoformat(),
    )


async def _registered(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """P05: the contract binds the project's quota, of each source in proportion; the first one starts the project."""
    row = await contract_row(tx, case.subject_id)
    held = await remaining(tx.raw, BOOK, QUOTA, {"project_id": row.project_id}, lock=True)
    amounts = spread(row.amount_fen, held, settlements.dimensions(row))
    await post(tx, ctx, BOOK, "P05", amounts, document=f"contract:{row.id}", area=row.county_code)
    if await project_state(tx, row.project_id, moves=True) == "FUNDED":
        await advance(tx, replace(ctx, actor=SYSTEM), PROJECT_BINDING, row.project_id, Move("start"))


async def _varied(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """P06: both sides have signed the open variation."""
    row = await contract_row(tx, case.subject_id)
    variation = await open_variation(tx, row.id)
    assert variation is not None, "a guard has seen it"
    more, size = variation.delta_fen > 0, abs(variation.delta_fen)
    account, template = (QUOTA, "P06") if more else (COMMITTED, "P06.release")
    where = settlements.dimensions(row) if account == COMMITTED else {"project_id": row.project_id}
    held = await remaining(tx.raw, BOOK, account, where, lock=True)
    amounts = spread(size, held, settlements.dimensions(row))
    await post(tx, ctx, BOOK, template, amounts, document=f"variation:{variation.id}", area=row.county_code)
    variation.applied_on = ctx.today
    await add_money(tx, row, {"variations": variation.delta_fen})


async def _completed(tx: Write, case: CaseRow, form: forms.Completion, _ctx: Context) -> None:
    (await contract_row(tx, case.subject_id)).completed_on = form.completed_on


CONTRACT_BINDING = Binding(
    workflow=CONTRACT,
    plural="contracts",
    guards={
        "fields_complete": rules.fields_complete,
        "procurement_lawful": rules.procurement_lawful,
        "payee_not_barred": payee_not_barred,
        "fee_has_source": stands("LM16"),
        "project_funded": rules.project_funded,
        "within_quota": rules.within_quota,
        "within_variation_cap": rules.within_variation_cap,
        "no_payment_open": endings.no_payment_open,
        "within_contract_and_variations": endings.within_contract_and_variations,
        "accepted_or_terminated": endings.accepted_or_terminated,
        "retention_within_cap": endings.retention_within_cap,
        "nothing_overpaid": endings.nothing_overpaid,
        "overpaid": endings.overpaid,
        "balance_paid": endings.balance_paid,
        "retention_held": endings.retention_held,
        "no_retention_held": endings.no_retention_held,
        "defect_period_over": endings.defect_period_over,
        "retention_released": endings.retention_released,
        "claim_settled": endings.claim_settled,
    },
    facts=contract_facts,
    steps={
        "submit": StepBinding(forms.ContractSubmission),
        "register": StepBinding(forms.ContractRegistration, _registered),
        "vary": StepBinding(forms.VariationSignature, _varied),
        "complete": StepBinding(forms.Completion, _completed),
        "review_settlement": StepBinding(forms.SettlementReview, settlements.reviewed),
        "settle": StepBinding(forms.SettlementApproval, settlements.settled),
        "settle_with_claim": StepBinding(forms.SettlementApproval, settlements.settled),
        "hold_retention": StepBinding(forms.RetentionHold),
        "close": StepBinding(forms.ContractClosing),
    },
)

HANDLERS: dict[type[Command], Handler] = {
    DraftContract: draft_contract,
    ProposeVariation: propose_variation,
    CertifyValuation: certify_valuation,
}
