"""Failed lines corrected (更正), wrong payments recovered (追回), and recipients whose payments end (停发)."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.funds.bulk import household_batch as bulk
from services.funds.commands.once import once
from services.funds.commands.payment_forms import Reference
from services.funds.commands.refunds import reference_used, refund_document
from services.funds.commands.subsidies import CARD, locked_batch
from services.funds.domain.postings import BOOK
from services.funds.domain.refusals import refusal
from services.funds.domain.subsidies import LineOutcome
from services.funds.tables.payments import Refund
from services.funds.tables.subsidies import HouseholdBatch, HouseholdLine, RecipientEnd
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.funds import HouseholdSubsidyRecovered
from shared.contracts.parts import Code
from shared.contracts.wire import Area
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Refused, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.ledger.post import post
from shared.vault.index import blind_index
from shared.vault.seal import seal
from shared.workflow.desks import (
    BUREAU,
    BUREAU_HEADS,
    FINANCE_LEADER,
    SECTOR,
    SECTOR_LEADER,
    SYSTEM,
    TOWNSHIP,
    TREASURY,
)


class CorrectionFields(BaseModel):
    """Another account of the same person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    card_number: Annotated[str, Field(pattern=r"^\d{12,19}$")]
    bank_code: Annotated[str, Field(pattern=r"^\w{2,20}$")]


class CorrectLine(Command, CorrectionFields):
    """Give a failed line another account; it goes out again with the batch's step `reissue`."""

    ROLES: ClassVar[frozenset[Role]] = TOWNSHIP | SECTOR | BUREAU

    line_id: UUID


class OpenRecovery(Command):
    """Decide that a paid line was wrong and is to be recovered through the bank."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU_HEADS | SECTOR_LEADER | FINANCE_LEADER

    line_id: UUID


class RecoveryFields(BaseModel):
    """A recovery as the bank's slip has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Code
    bank_reference: Reference
    received_on: date


class ReceiveRecovery(Command, RecoveryFields):
    """Book a recovered line: the money is in hand (P20) until it is released to the quota (P21)."""

    ROLES: ClassVar[frozenset[Role]] = TREASURY

    line_id: UUID


class EndRecipient(Command):
    """Note that a household or person is paid no more from the month after `ended_on`."""

    ROLES: ClassVar[frozenset[Role]] = TOWNSHIP | BUREAU | SYSTEM

    area_code: Area
    subject_id: UUID
    ended_on: date
    reason: Code


class LineMoved(BaseModel):
    """A line and what became of it; the id of the refund when money came back."""

    id: UUID
    outcome: LineOutcome
    refund_id: UUID | None = None


class RecipientEnded(BaseModel):
    """Who is paid no more."""

    subject_id: UUID


async def correct_line(tx: Write, command: CorrectLine, ctx: Context) -> LineMoved:
    """Seal the new account into the line."""
    line, batch = await _line(tx, command.line_id, command.ROLES, ctx)
    card = seal(ctx.keys, CARD, line.id, command.card_number)
    same_card = blind_index(ctx.keys, CARD, command.card_number)
    if not await bulk.correct_line(tx.raw, line.id, card, same_card, command.bank_code):
        raise Refused(_not(LineOutcome.FAILED, line))
    tx.changed("batch", batch.id, batch.area_code)
    return LineMoved(id=line.id, outcome=LineOutcome.CORRECTED)


async def open_recovery(tx: Write, command: OpenRecovery, ctx: Context) -> LineMoved:
    """The line waits for its money."""
    line, batch = await _line(tx, command.line_id, command.ROLES, ctx)
    await _settle(tx, line, LineOutcome.RECOVERING, LineOutcome.PAID)
    tx.changed("batch", batch.id, batch.area_code)
    return LineMoved(id=line.id, outcome=LineOutcome.RECOVERING)


async def receive_recovery(tx: Write, command: ReceiveRecovery, ctx: Context) -> LineMoved:
    """P20; whoever counted the line as income takes it off again (scenario 51)."""
    line, batch = await _line(tx, command.line_id, command.ROLES, ctx)
    await _settle(tx, line, LineOutcome.RECOVERED, LineOutcome.RECOVERING)
    refund = Refund(
        id=new_id(),
        area_code=batch.area_code,
        county_code=batch.county_code,
        project_id=batch.project_id,
        payment_id=batch.id,
        household_line_id=line.id,
        amount_fen=line.amount_fen,
        reason=command.reason,
        bank_reference=command.bank_reference,
        received_on=command.received_on,
        received_by=ctx.actor.id,
    )
    async with once("uq_refund_county_code_bank_reference", reference_used()):
        tx.session.add(refund)
        await tx.session.flush()
    amounts = await bulk.borne(tx.raw, [line.id], batch.project_id, batch.id)
    document = refund_document(refund.id)
    await post(
        tx, ctx, BOOK, "P20.household", amounts, document=document, area=batch.county_code, on=command.received_on
    )
    tx.emit(
        HouseholdSubsidyRecovered(
            area_code=AreaCode(line.area_code),
            line_id=line.id,
            batch_id=batch.id,
            project_id=batch.project_id,
            household_id=line.household_id,
            person_id=line.person_id,
            policy=line.policy,
            period=line.period,
            amount=line.amount_fen,
            reason=command.reason,
            recovered_on=command.received_on,
        ),
    )
    tx.changed("batch", batch.id, batch.area_code)
    return LineMoved(id=line.id, outcome=LineOutcome.RECOVERED, refund_id=refund.id)


async def end_recipient(tx: Write, command: EndRecipient, ctx: Context) -> RecipientEnded:
    """Keep the earliest end."""
    own = command.model_dump(exclude={"area_code"}) | {"area_code": int(command.area_code)}
    added = insert(RecipientEnd).values(own)
    earlier = added.on_conflict_do_update(
        index_elements=["subject_id"],
        set_={"ended_on": added.excluded.ended_on, "reason": added.excluded.reason},
        where=added.excluded.ended_on < RecipientEnd.ended_on,
    )
    await tx.session.execute(earlier)
    tx.changed("recipient", command.subject_id, command.area_code)
    return RecipientEnded(subject_id=command.subject_id)


async def _line(tx: Write, line_id: UUID, roles: frozenset[Role], ctx: Context) -> tuple[HouseholdLine, HouseholdBatch]:
    """A line and its batch, held until the end."""
    batch_id = await tx.session.scalar(select(HouseholdLine.batch_id).where(HouseholdLine.id == line_id))
    if batch_id is None:
        raise not_found("补贴明细", "household line")
    batch, _ = await locked_batch(tx, batch_id, roles, ctx)
    return await tx.session.get_one(HouseholdLine, line_id, populate_existing=True), batch


async def _settle(tx: Write, line: HouseholdLine, outcome: LineOutcome, before: LineOutcome) -> None:
    if not await bulk.settle_lines(tx.raw, [line.id], outcome, [before]):
        raise Refused(_not(before, line))


def _not(wanted: LineOutcome, line: HouseholdLine) -> Violation:
    return refusal(
        "LINE_OUTCOME",
        "F-3.3",
        "该明细所处结果不能办理此事项",
        f"the line is {line.outcome}, not {wanted}",
        ("核对明细结果", "look at the line"),
        outcome=line.outcome,
    )


HANDLERS: dict[type[Command], Handler] = {
    CorrectLine: correct_line,
    OpenRecovery: open_recovery,
    ReceiveRecovery: receive_recovery,
    EndRecipient: end_recipient,
}
