"""Loads what the guards of a contract's steps judge; each form asks for its own facts."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import select

from services.funds.commands import contract_forms as forms
from services.funds.commands.contract_rows import accepted_on, contract_row, money_of, project_state
from services.funds.commands.contract_terms import broken_terms
from services.funds.commands.limits import weigh
from services.funds.commands.payee_marks import bars
from services.funds.commands.settlements import dimensions
from services.funds.domain import contracts as rules
from services.funds.domain.contracts import ContractFacts, ContractKind, ContractPaper, Procurement
from services.funds.domain.postings import BOOK, COMMITTED, QUOTA, RETENTION
from services.funds.domain.refusals import refusal
from services.funds.domain.settlement import SettlementFacts, months_after
from services.funds.tables.contracts import Contract, ContractVariation, Payee
from shared.cases.binding import CaseRow, Form
from shared.commands.command import Context, Write
from shared.kernel.errors import Refused, Violation
from shared.kernel.money import Fen
from shared.ledger.balances import balances_by, remaining

Loader: TypeAlias = Callable[[Write, CaseRow, Any, Context], Awaitable[Any]]

_PROJECT_OF = "SELECT project_id FROM contract WHERE id = $1"


async def contract_facts(tx: Write, case: CaseRow, form: Form, ctx: Context) -> Any:
    """The facts that the form's step asks for."""
    loader = _LOADERS.get(type(form))
    return await loader(tx, case, form, ctx) if loader else None


async def open_variation(tx: Write, contract_id: UUID) -> ContractVariation | None:
    """The variation that waits for its signatures."""
    found = await tx.session.scalars(
        select(ContractVariation).where(
            ContractVariation.contract_id == contract_id,
            ContractVariation.applied_on.is_(None),
        ),
    )
    return found.one_or_none()


async def _locked(tx: Write, case: CaseRow, *, moves: bool = False) -> tuple[str, Contract]:
    """The project's state and the contract, both held until the end, the project first."""
    project: UUID = await tx.raw.fetchval(_PROJECT_OF, case.subject_id)
    state = await project_state(tx, project, moves=moves)
    return state, await contract_row(tx, case.subject_id)


async def _submission(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> ContractFacts:
    state, row = await _locked(tx, case)
    return await _facts(tx, row, state, 0, ctx, None, await _paper_limits(tx, row, ctx))


async def _registration(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> ContractFacts:
    state, row = await _locked(tx, case, moves=True)
    return await _facts(tx, row, state, await _quota(tx, row), ctx, None, await _paper_limits(tx, row, ctx))


async def _variation(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> ContractFacts:
    state, row = await _locked(tx, case)
    variation = await open_variation(tx, row.id)
    if variation is None:
        raise Refused(
            refusal(
                "NO_VARIATION",
                "LM08",
                "没有待签的合同变更",
                "no variation waits for its signatures",
                ("先登记合同变更", "propose one first"),
            ),
        )
    cap = await tx.parameters.get("variation.max", row.area_code, ctx.today)
    broken = {"LM08": rules.variation_cap(row.amount_fen, row.variation_fen + variation.delta_fen, cap)}
    return await _facts(tx, row, state, await _quota(tx, row), ctx, variation.delta_fen, broken)


async def _paper_limits(tx: Write, row: Contract, ctx: Context) -> dict[str, Violation | None]:
    """FW32, LM11, F-3.1-5, LM15 and LM16 on the contract's paper, and the marks of its payee (NL06, NL07, NL21)."""
    names = (f"tender.{row.kind}", "contract.defect_months", "contract.days_after_award")
    values = await tx.parameters.get_many(names, row.area_code, row.signed_on)
    paper = _paper(row, confirmed=True)
    return {
        "FW32": rules.tender_required(paper, row.amount_fen, values[names[0]]),
        "LM11": rules.defect_period_limit(row.defect_months, values[names[1]]),
        "F-3.1-5": rules.signed_after_award(paper, values[names[2]]),
        **await bars(tx, row, row.payee_id, ctx),
        **await broken_terms(tx, row),
    }


async def _facts(
    tx: Write,
    row: Contract,
    state: str,
    quota: Fen,
    ctx: Context,
    variation: Fen | None,
    broken: Mapping[str, Violation | None],
) -> ContractFacts:
    payee = await tx.session.get_one(Payee, row.payee_id)
    return ContractFacts(
        paper=_paper(row, confirmed=payee.confirmed_by is not None),
        money=money_of(row),
        project_state=state,
        quota=quota,
        today=ctx.today,
        variation=variation,
        blocked=await weigh(tx, broken, row.area_code, ctx.today),
    )


def _paper(row: Contract, *, confirmed: bool) -> ContractPaper:
    return ContractPaper(
        kind=ContractKind(row.kind),
        procurement=Procurement(row.procurement),
        signed_on=row.signed_on,
        award_notice=row.award_notice,
        award_fen=row.award_fen,
        award_on=row.award_on,
        defect_months=row.defect_months,
        payee_confirmed=confirmed,
    )


async def _quota(tx: Write, row: Contract) -> Fen:
    """What the project has free, held until the transaction ends."""
    held = await remaining(tx.raw, BOOK, QUOTA, {"project_id": row.project_id}, lock=True)
    return sum(each.fen for each in held)


async def _review(tx: Write, case: CaseRow, form: forms.SettlementReview, ctx: Context) -> SettlementFacts:
    return await settlement_facts(tx, case, ctx, settlement=form.settlement)


async def _approval(tx: Write, case: CaseRow, form: forms.SettlementApproval, ctx: Context) -> SettlementFacts:
    return await settlement_facts(
        tx, case, ctx, retention=form.retention, has_guarantee=form.bank_guarantee is not None
    )


async def _ending(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> SettlementFacts:
    return await settlement_facts(tx, case, ctx)


async def settlement_facts(
    tx: Write,
    case: CaseRow,
    ctx: Context,
    *,
    settlement: Fen | None = None,
    retention: Fen = 0,
    has_guarantee: bool = False,
) -> SettlementFacts:
    """A contract at its end; without `settlement` the reviewed value counts."""
    state, row = await _locked(tx, case)
    balances = await balances_by(tx.raw, BOOK, (COMMITTED, RETENTION), by=("account",), where=dimensions(row))
    accepted = await accepted_on(tx, row.project_id, state) or row.completed_on
    # LM09: the cap is that of the day on which the contract was signed.
    cap = await tx.parameters.get("retention.max", row.area_code, row.signed_on)
    return SettlementFacts(
        contract_state=case.state,
        project_state=state,
        money=money_of(row),
        settlement=row.reviewed_fen if settlement is None else settlement,
        retention=retention,
        has_guarantee=has_guarantee,
        cap=cap,
        committed=balances.get((COMMITTED,), 0),
        held=balances.get((RETENTION,), 0),
        defects_until=accepted and months_after(accepted, row.defect_months),
        today=ctx.today,
    )


_LOADERS: Mapping[type[Form], Loader] = {
    forms.ContractSubmission: _submission,
    forms.ContractRegistration: _registration,
    forms.VariationSignature: _variation,
    forms.SettlementReview: _review,
    forms.SettlementApproval: _approval,
    forms.RetentionHold: _ending,
    forms.ContractClosing: _ending,
}
