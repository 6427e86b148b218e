"""Messages of the bank about payments (银行回执): they come late, twice, and against each other (scenario 38)."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from services.funds.commands import payment_forms as forms
from services.funds.commands.admission import require
from services.funds.commands.payments import PAYMENT_BINDING
from services.funds.domain.bank_messages import Effect, Message, Outcome, effect_of
from services.funds.domain.refusals import refusal
from services.funds.tables.bank_messages import BankMessage
from services.funds.tables.payments import Payment
from services.funds.workflows.payment import PAYMENT
from shared.cases import store
from shared.cases.advance import Move, advance
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import Code
from shared.contracts.wire import Yuan
from shared.kernel.errors import Conflict, Forbidden, Refused, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.workflow.desks import FINANCE_LEADER, FINANCE_REVIEWER, TREASURY

# After a later step of the payment the same words mean something else, and are looked into anew.
_SAID_BEFORE = """
SELECT EXISTS (SELECT FROM bank_message
 WHERE payment_id = $2 AND effect = 'contradiction' AND outcome = $3 AND bank_reference = $4 AND amount_fen = $5
   AND received_at > (SELECT max(at) FROM case_step WHERE case_id = $1))"""


class MessageFields(BaseModel):
    """What the bank says: serial, amount, day; a failure has its code and what it means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Outcome
    bank_reference: forms.Reference
    amount: Yuan
    on: date
    fail_code: Code = "other"
    reason: Annotated[str, Field(max_length=500)] = "银行退票"


class TakeBankMessage(Command, MessageFields):
    """Take a message of the bank about a payment; a repeated one does nothing, one against the books waits for a person."""

    ROLES: ClassVar[frozenset[Role]] = TREASURY

    payment_id: UUID


class ResolutionFields(BaseModel):
    """What the bank's statement showed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    resolution: Annotated[str, Field(min_length=2, max_length=500)]


class ResolveBankMessage(Command, ResolutionFields):
    """Say what became of a contradiction, after asking the bank; whoever took the message in does not."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_REVIEWER | FINANCE_LEADER

    message_id: UUID


class MessageTaken(BaseModel):
    """The id of the message, what it did, and where the payment stands."""

    id: UUID
    effect: Effect
    state: str


class MessageResolved(BaseModel):
    """The message that was resolved."""

    id: UUID


async def take_bank_message(tx: Write, command: TakeBankMessage, ctx: Context) -> MessageTaken:
    """Keep the message, and take the step it stands for where the payment waits for it (§3.3, scenario 38)."""
    case = (await store.load(tx.raw, PAYMENT, command.payment_id, lock=True)).row
    require(ctx, TREASURY, case.area)
    message = Message(command.outcome, command.bank_reference, command.amount, command.on)
    effect = effect_of(message, case.state, await _before(tx, command.payment_id))
    if effect is None:
        raise Refused(_not_awaited(case.state))
    if effect is Effect.CONTRADICTION and await tx.raw.fetchval(_SAID_BEFORE, case.id, *_words(command)):
        effect = Effect.DUPLICATE
    state = case.state
    if effect is Effect.TAKEN:
        state = (await advance(tx, ctx, PAYMENT_BINDING, command.payment_id, _move(command))).state
    row = BankMessage(
        id=new_id(),
        area_code=int(case.area),
        payment_id=command.payment_id,
        outcome=command.outcome,
        bank_reference=command.bank_reference,
        amount_fen=command.amount,
        stated_on=command.on,
        effect=effect,
        received_by=ctx.actor.id,
        received_at=ctx.now,
        resolution="",
    )
    tx.session.add(row)
    tx.changed("bank_message", row.id, case.area)
    return MessageTaken(id=row.id, effect=effect, state=state)


async def resolve_bank_message(tx: Write, command: ResolveBankMessage, ctx: Context) -> MessageResolved:
    """Close a contradiction; nothing is posted, a correction is a document of its own."""
    row = await tx.session.get(BankMessage, command.message_id, with_for_update=True)
    if row is None or row.effect != Effect.CONTRADICTION:
        raise not_found("矛盾回执", "contradicting message")
    require(ctx, command.ROLES, row.area_code)
    if row.received_by == ctx.actor.id:
        raise Forbidden(_same_person())
    if row.resolved_on is not None:
        raise Conflict(_resolved_already())
    row.resolution, row.resolved_by, row.resolved_on = command.resolution, ctx.actor.id, ctx.today
    tx.changed("bank_message", row.id, row.area_code)
    return MessageResolved(id=row.id)


def _words(command: TakeBankMessage) -> tuple[UUID, str, str, int]:
    return command.payment_id, command.outcome, command.bank_reference, command.amount


async def _before(tx: Write, payment_id: UUID) -> Message | None:
    """What the payment's last step with the bank said, by this way or by the desk's own."""
    row = await tx.session.get_one(Payment, payment_id, populate_existing=True)
    if row.bank_reference is not None and row.paid_on is not None:
        return Message(Outcome.SUCCESS, row.bank_reference, row.cash_fen, row.paid_on)
    asked = (
        select(BankMessage)
        .where(BankMessage.payment_id == payment_id, BankMessage.effect == Effect.TAKEN)
        .order_by(BankMessage.id.desc())
        .limit(1)
    )
    last = await tx.session.scalar(asked)
    if last is None:
        return None
    return Message(Outcome(last.outcome), last.bank_reference, last.amount_fen, last.stated_on)


def _move(command: TakeBankMessage) -> Move:
    slip = {"bank_reference": command.bank_reference, "amount": command.amount, "on": command.on}
    if command.outcome is Outcome.SUCCESS:
        return Move("confirm_paid", forms.BankSlipForm.model_validate(slip))
    return Move(
        "confirm_failed",
        forms.BankReturn.model_validate(slip | {"fail_code": command.fail_code}),
        reason=command.reason,
    )


def _not_awaited(state: str) -> Violation:
    return refusal(
        "MESSAGE_NOT_AWAITED",
        "F-3.3",
        f"拨付处于“{PAYMENT.by_state[state].zh}”，没有发出支付指令",
        "the payment was not instructed, so the bank has nothing to say of it",
        ("核对回执对应的拨付", "check which payment the message is about"),
        state=state,
    )


def _same_person() -> Violation:
    return refusal(
        "SEPARATION_OF_DUTIES",
        "F-3.2.1",
        "登记回执的人不得核销矛盾",
        "who took the message in may not resolve it",
        ("由另一人核实", "have another person look into it"),
    )


def _resolved_already() -> Violation:
    return refusal(
        "ALREADY_RESOLVED",
        "F-3.3",
        "该矛盾回执已核实",
        "this contradiction is resolved",
        ("无需重复办理", "nothing is left to do"),
    )


HANDLERS: Mapping[type[Command], Handler] = {
    TakeBankMessage: take_bank_message,
    ResolveBankMessage: resolve_bank_message,
}
