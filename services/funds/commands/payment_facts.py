"""Loads what the guards of a payment's steps judge, under the locks of project and contract."""

from typing import Any

import asyncpg

from services.funds.commands import payment_forms as forms
from services.funds.commands.contract_rows import accepted_on, contract_row, money_of, project_state
from services.funds.commands.limits import weigh
from services.funds.commands.payee_marks import bars
from services.funds.commands.settlements import dimensions
from services.funds.domain import payments as rules
from services.funds.domain.contracts import ContractMoney
from services.funds.domain.payment_limits import Request, Shares, Stage, reserved, soft_limits
from services.funds.domain.payment_modes import PaymentMode
from services.funds.domain.payments import BankSlip, PaymentFacts
from services.funds.domain.postings import BOOK, COMMITTED, RETENTION
from services.funds.domain.settlement import months_after
from services.funds.parameters.treasury import PAYMENT_MODE
from services.funds.tables.contracts import Contract
from services.funds.tables.payments import Payment
from shared.cases.binding import CaseRow, Form
from shared.commands.command import Context, Write
from shared.db.rows import hold
from shared.kernel.days import last_day
from shared.kernel.errors import Violation, not_found
from shared.kernel.money import Fen
from shared.ledger.balances import balance

_LIMITED = (forms.PaymentSubmission, forms.FinanceReview, forms.PaymentApproval)
"""Steps that weigh the limits of the stage."""

_INSTRUCTING = (*_LIMITED, forms.SectorReview, forms.Instruction)
"""Steps that a county takes which instructs its payments here."""

_SHARES = (
    "advance.max",
    "progress.max_pay_before_settlement",
    "advance.recouped_by",
    "payment.max_before_acceptance",
)

_AROUND = """
SELECT (SELECT state FROM case_file WHERE workflow = 'funds.contract' AND subject_id = $2) AS contract_state,
       (SELECT max(certified_on) FROM valuation WHERE contract_id = $2) AS certified_on,
       (SELECT array_agg(DISTINCT kind) FROM case_evidence WHERE id = ANY($3::uuid[])) AS papers,
       (SELECT count(*) FROM payment_invoice WHERE payment_id = $1) AS invoices,
       (SELECT count(*) FROM payment_invoice AS own JOIN payment_invoice AS other
            ON other.number_index = own.number_index AND other.claimed AND other.payment_id <> own.payment_id
         WHERE own.payment_id = $1) AS invoices_used,
       (SELECT confirmed_by IS NOT NULL FROM payee WHERE id = $4) AS payee_confirmed,
       (SELECT changed_on FROM payee WHERE id = $4) AS payee_changed_on,
       EXISTS (SELECT FROM payee_relation WHERE payee_id = $4 AND person = $5) AS related,
       EXISTS (SELECT FROM payment WHERE county_code = $6 AND bank_reference = $7 AND id <> $1) AS reference_used,
       EXISTS (SELECT FROM goal_measure WHERE project_id = $8 AND measure = 'suspend_payments' AND lifted_on IS NULL)
         AS held_by_goals"""


async def payment_row(tx: Write, case: CaseRow) -> Payment:
    """The request of a case, which holds its lock; raises NotFound."""
    row = await hold(tx, Payment, case.subject_id, lock=False)
    if row is None:
        raise not_found("拨付申请", "payment request")
    return row


def request_of(row: Payment) -> Request:
    """What is asked for."""
    return Request(Stage(row.stage), row.cash_fen, row.recoup_fen, row.applied_on, row.opinion_on)


async def payment_facts(tx: Write, case: CaseRow, form: Form, ctx: Context) -> PaymentFacts | None:
    """The facts of a step with guards; a step that asks nothing of them has a plain form."""
    if type(form) is Form or isinstance(form, forms.PaymentRevision):
        return None
    row = await payment_row(tx, case)
    mode = await _mode(tx, row, form, ctx)
    state = await project_state(tx, row.project_id)
    contract = await contract_row(tx, row.contract_id)
    around = await _around(tx, row, form, ctx)
    accepted = await accepted_on(tx, row.project_id, state)
    before = reserved(money_of(contract), request_of(row), -1) if row.reserved else money_of(contract)
    broken = await _broken(tx, row, contract, before, form, ctx, is_accepted=accepted is not None)
    frozen = None
    if around["payee_changed_on"] is not None:
        freeze = await tx.parameters.get("payee.freeze", row.area_code, ctx.today)
        frozen = last_day(around["payee_changed_on"], freeze, ctx.calendar)
        broken["F-3.2.3"] = rules.account_frozen(frozen, ctx.today)
    ends_from = accepted or contract.completed_on
    return PaymentFacts(
        request=request_of(row),
        project_state=state,
        contract_state=around["contract_state"],
        before=before,
        signed_on=contract.signed_on,
        certified_on=around["certified_on"],
        accepted_on=accepted,
        defects_until=ends_from and months_after(ends_from, contract.defect_months),
        committed=await _committed(tx, row, contract, form),
        papers=frozenset(around["papers"] or ()),
        invoices=around["invoices"],
        invoices_used=around["invoices_used"],
        payee_confirmed=around["payee_confirmed"],
        related_to_payee=around["related"],
        instructed_on=row.instructed_on,
        bank_reference=row.bank_reference,
        slip=_slip(form, around),
        today=ctx.today,
        blocked=await weigh(tx, _asked(broken, form), row.area_code, ctx.today),
        held_by_goals=around["held_by_goals"],
        mode=mode,
    )


async def _mode(tx: Write, row: Payment, form: Form, ctx: Context) -> PaymentMode:
    """How the county pays, read with the shares where those are asked too; what ends an instruction does not ask."""
    if not isinstance(form, _INSTRUCTING):
        return PaymentMode.INSTRUCT
    asked = (PAYMENT_MODE, *_SHARES) if isinstance(form, _LIMITED) else (PAYMENT_MODE,)
    return PaymentMode((await tx.parameters.get_many(asked, row.area_code, ctx.today))[PAYMENT_MODE])


async def _around(tx: Write, row: Payment, form: Form, ctx: Context) -> asyncpg.Record:
    reference = form.bank_reference if isinstance(form, forms.BankSlipForm) else None
    found = await tx.raw.fetchrow(
        _AROUND,
        row.id,
        row.contract_id,
        row.documents,
        row.payee_id,
        ctx.actor.id,
        row.county_code,
        reference,
        row.project_id,
    )
    assert found is not None
    return found


def _asked(broken: dict[str, Violation | None], form: Form) -> dict[str, Violation | None]:
    """Only limits that a guard of the step looks at may speak."""
    if isinstance(form, forms.Instruction):
        return {"F-3.2.3": broken.get("F-3.2.3")}
    return {rule: found for rule, found in broken.items() if rule != "F-3.2.3"}


async def _broken(
    tx: Write,
    row: Payment,
    contract: Contract,
    before: ContractMoney,
    form: Form,
    ctx: Context,
    *,
    is_accepted: bool,
) -> dict[str, Violation | None]:
    """The limits that the request breaks, by rule."""
    broken: dict[str, Violation | None] = {}
    if not isinstance(form, _LIMITED):
        return broken
    values = await tx.parameters.get_many(_SHARES, row.area_code, ctx.today)
    shares = Shares(*(values[name] for name in _SHARES))
    if contract.before_acceptance_ppm is not None:
        shares = shares.as_contracted(contract.before_acceptance_ppm)
    found = soft_limits(before, request_of(row), shares, is_accepted=is_accepted)
    broken |= {violation.rule: violation for violation in found}
    broken |= await bars(tx, contract, row.payee_id, ctx)
    broken["LM12"] = rules.payee_party(is_party=row.payee_id == contract.payee_id)
    if isinstance(form, forms.PaymentApproval):
        tiers = ("payment.tier.section_head", "payment.tier.deputy_director")
        limits = await tx.parameters.get_many(tiers, row.area_code, ctx.today)
        signed = form.countersignature is not None
        broken["F-3.2.6"] = rules.approval_tier(
            row.cash_fen, form.rank, *(limits[name] for name in tiers), signed=signed
        )
    return broken


async def _committed(tx: Write, row: Payment, contract: Contract, form: Form) -> Fen:
    """What lies ready on the ledger; only the treasury's step asks."""
    if not isinstance(form, forms.Instruction):
        return 0
    account = RETENTION if row.stage == Stage.RETENTION else COMMITTED
    where: Any = dimensions(contract)
    return await balance(tx.raw, BOOK, account, **where)


def _slip(form: Form, around: asyncpg.Record) -> BankSlip | None:
    if not isinstance(form, forms.BankSlipForm):
        return None
    return BankSlip(form.amount, form.on, form.bank_reference, used_elsewhere=around["reference_used"])
