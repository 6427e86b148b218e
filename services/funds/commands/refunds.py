"""Refunds (退款): money of a finished payment that comes back, first in hand (P20), then to the project's quota (P21)."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select, update

from services.funds.commands.admission import require
from services.funds.commands.contract_rows import add_money, by_indicator, contract_row, split_of, spread
from services.funds.commands.once import once
from services.funds.commands.payment_forms import Reference
from services.funds.commands.settlements import dimensions
from services.funds.domain.postings import BOOK, RETURNED
from services.funds.domain.refusals import refusal
from services.funds.tables.contracts import Contract, RefundClaim
from services.funds.tables.payments import Payment, Refund
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.funds_project import PaymentRefunded
from shared.contracts.parts import Code
from shared.contracts.wire import Yuan
from shared.kernel.errors import Refused, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.money import Fen, format_yuan
from shared.kernel.roles import Role
from shared.ledger.balances import Held
from shared.ledger.model import Amount
from shared.ledger.post import post
from shared.workflow.desks import FINANCE_LEADER, FINANCE_REVIEWER, TREASURY

_IN_HAND = """
SELECT indicator_id, fiscal_year, signed_fen AS fen, project_id, contract_id, payment_id, household_line_id
  FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id
 WHERE entry.document = $1 AND account = $2 ORDER BY line_no"""


class RefundFields(BaseModel):
    """A refund as the bank's slip has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    payment_id: UUID
    amount: Annotated[Yuan, Field(gt=0)]
    reason: Code
    bank_reference: Reference
    received_on: date


class ReceiveRefund(Command, RefundFields):
    """Book what a contract's payee gave back of a payment (退款到账) against the claim."""

    ROLES: ClassVar[frozenset[Role]] = TREASURY

    contract_id: UUID


class ReleaseRefund(Command):
    """Give a refund in hand back to the quota of its project (退款恢复额度)."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_REVIEWER | FINANCE_LEADER

    refund_id: UUID


class RefundBooked(BaseModel):
    """A refund, and what the payee still owes of the contract."""

    id: UUID
    claim: Yuan


async def receive_refund(tx: Write, command: ReceiveRefund, ctx: Context) -> RefundBooked:
    """P20 over the sources that the claim names; the world hears of it (scenario 32)."""
    row = await contract_row(tx, command.contract_id)
    require(ctx, command.ROLES, row.area_code)
    paid = await tx.session.get(Payment, command.payment_id)
    if paid is None or paid.contract_id != row.id or paid.paid_on is None:
        raise not_found("已支付的拨付", "finished payment of this contract")
    if command.amount > row.claim_fen:
        raise Refused(_beyond_claim(command.amount, row.claim_fen))
    amounts = await _of_claim(tx, row, command)
    refund = _refund(row, command, ctx)
    await post(
        tx, ctx, BOOK, "P20", amounts, document=refund_document(refund.id), area=row.county_code, on=command.received_on
    )
    async with once("uq_refund_county_code_bank_reference", reference_used()):
        tx.session.add(refund)
        await tx.session.flush()
    await add_money(tx, row, {"refunded": command.amount, "claim": -command.amount})
    tx.emit(
        PaymentRefunded(
            area_code=row.area_code,
            project_id=row.project_id,
            payment_id=paid.id,
            contract_id=row.id,
            amount=command.amount,
            split=await split_of(tx, by_indicator(amounts)),
            refund_id=refund.id,
            reason=command.reason,
            refunded_on=command.received_on,
        ),
    )
    tx.changed("contract", row.id, row.area_code)
    return RefundBooked(id=refund.id, claim=row.claim_fen)


async def _of_claim(tx: Write, row: Contract, command: ReceiveRefund) -> list[Amount]:
    """The amount over what the claim still asks of each source, which is noted as refunded."""
    claims = await tx.session.scalars(
        select(RefundClaim)
        .where(RefundClaim.contract_id == row.id, RefundClaim.claimed_fen > RefundClaim.refunded_fen)
        .order_by(RefundClaim.indicator_id, RefundClaim.fiscal_year),
    )
    held = [Held(claim.indicator_id, claim.fiscal_year, claim.claimed_fen - claim.refunded_fen) for claim in claims]
    amounts = spread(command.amount, held, {**dimensions(row), "payment_id": command.payment_id})
    for amount in amounts:
        await tx.session.execute(
            update(RefundClaim)
            .where(
                RefundClaim.contract_id == row.id,
                RefundClaim.indicator_id == amount.group,
                RefundClaim.fiscal_year == amount.fiscal_year,
            )
            .values(refunded_fen=RefundClaim.refunded_fen + amount.fen),
        )
    return amounts


def _refund(row: Contract, command: ReceiveRefund, ctx: Context) -> Refund:
    return Refund(
        id=new_id(),
        area_code=row.area_code,
        county_code=row.county_code,
        project_id=row.project_id,
        contract_id=row.id,
        payment_id=command.payment_id,
        amount_fen=command.amount,
        reason=command.reason,
        bank_reference=command.bank_reference,
        received_on=command.received_on,
        received_by=ctx.actor.id,
    )


async def release_refund(tx: Write, command: ReleaseRefund, ctx: Context) -> RefundBooked:
    """P21: the very sources that the money came from may use it again (scenario 51)."""
    refund = await tx.session.get(Refund, command.refund_id, with_for_update=True)
    if refund is None:
        raise not_found("退款", "refund")
    require(ctx, command.ROLES, refund.area_code)
    if refund.released_on is not None or refund.received_by == ctx.actor.id:
        raise Refused(_not_releasable(released=refund.released_on is not None))
    rows = await tx.raw.fetch(_IN_HAND, refund_document(refund.id), RETURNED)
    cells = ("project_id", "contract_id", "payment_id", "household_line_id")
    amounts = [
        Amount(
            line["fen"], line["indicator_id"], {name: line[name] for name in cells if line[name]}, line["fiscal_year"]
        )
        for line in rows
    ]
    await post(tx, ctx, BOOK, "P21", amounts, document=refund_document(refund.id), area=refund.county_code)
    refund.released_on = ctx.today
    tx.changed("refund", refund.id, refund.area_code)
    claim = 0 if refund.contract_id is None else (await contract_row(tx, refund.contract_id)).claim_fen
    return RefundBooked(id=refund.id, claim=claim)


def refund_document(refund_id: UUID) -> str:
    """The paper under which a refund is booked and released."""
    return f"refund:{refund_id}"


def reference_used() -> Violation:
    """L5: a bank serial brings one refund."""
    return refusal(
        "BANK_REFERENCE_USED",
        "L5",
        "银行流水号已登记退款",
        "a refund with this bank serial is booked",
        ("核对银行流水", "check the bank's serial"),
        field="/bank_reference",
    )


def _beyond_claim(amount: Fen, claim: Fen) -> Violation:
    return refusal(
        "REFUND_BEYOND_CLAIM",
        "LM10",
        f"退款 {format_yuan(amount)} 元超过应退 {format_yuan(claim)} 元",
        f"a refund of {format_yuan(amount)} yuan is more than the claim of {format_yuan(claim)}",
        ("核对应退金额", "check the claim"),
        field="/amount",
        claim=format_yuan(claim),
    )


def _not_releasable(*, released: bool) -> Violation:
    if released:
        return refusal(
            "REFUND_RELEASED",
            "L5",
            "退款已恢复额度",
            "the refund is back in the quota already",
            ("无需重复办理", "nothing is left to do"),
        )
    return refusal(
        "SEPARATION_OF_DUTIES",
        "F-3.2",
        "登记退款的人不得恢复额度",
        "who booked the refund may not release it",
        ("请另一人办理", "have another person do it"),
    )


HANDLERS: dict[type[Command], Handler] = {ReceiveRefund: receive_refund, ReleaseRefund: release_refund}
