"""Money that events brought to a household: counted as income of its month, and as proof of the measure it pays for."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import or_, select

from services.monitoring.commands.identification_steps import IDENTIFICATION_BINDING
from services.monitoring.commands.income import add_income, reverse_income
from services.monitoring.commands.measures import MEASURE_BINDING
from services.monitoring.commands.registered import household_of
from services.monitoring.domain.income import IncomeKind, month_of
from services.monitoring.tables.episodes import EpisodeRow
from services.monitoring.tables.measures import MeasureRow, ReceiptRow
from shared.cases.advance import Move, advance
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.wire import Yuan
from shared.kernel.errors import not_found
from shared.kernel.roles import Role

_SYSTEM = frozenset({Role.SYSTEM})
_STATE = "SELECT state FROM case_file WHERE workflow = $1 AND subject_id = $2"


class RecordReceipt(Command):
    """Record money that reached a household (登记到户资金); `document_id` is the batch or the distribution plan."""

    ROLES: ClassVar[frozenset[Role]] = _SYSTEM

    event_type: str
    line_id: UUID
    document_id: UUID
    household_id: UUID
    project_id: UUID | None = None
    asset_id: UUID | None = None
    policy: str | None = None
    kind: IncomeKind
    amount: Yuan
    paid_on: date


class TakeBackReceipt(Command):
    """Take money off again that was recovered, reversed or sent back; without `amount`, all that is left."""

    ROLES: ClassVar[frozenset[Role]] = _SYSTEM

    line_id: UUID
    amount: Yuan | None = None


class Receipt(BaseModel):
    """What stands of a line now."""

    line_id: UUID
    measure_id: UUID | None = None
    remaining: Yuan


async def record_receipt(tx: Write, command: RecordReceipt, ctx: Context) -> Receipt:
    """Raises NotFound for a household that is not in the register: the event waits until it is."""
    household = await household_of(tx, ctx, command.household_id, command.ROLES, lock=True)
    added = await add_income(
        tx, ctx, household.id, command.kind, command.paid_on, command.amount, source_id=command.line_id
    )
    if not added:
        return await _standing(tx, command.line_id)
    measure = await _paid_for(tx, command)
    row = ReceiptRow(
        area_code=household.area_code,
        month=month_of(command.paid_on),
        amount_fen=command.amount,
        returned_fen=0,
        measure_id=measure.id if measure else None,
        received_at=ctx.now,
        **command.model_dump(exclude={"amount"}),
    )
    tx.session.add(row)
    await tx.session.flush()
    if measure is not None and measure.delivered_on is None:
        await advance(tx, ctx, MEASURE_BINDING, measure.id, Move("deliver_by_payment"))
        await _first_measure_is_in_place(tx, ctx, measure.episode_id)
    return Receipt(line_id=row.line_id, measure_id=row.measure_id, remaining=row.amount_fen)


async def take_back_receipt(tx: Write, command: TakeBackReceipt, ctx: Context) -> Receipt:
    """A line that never arrived takes nothing off; raises NotFound when a stated amount has no line."""
    row = await tx.session.scalar(
        select(ReceiptRow).where(ReceiptRow.line_id == command.line_id).with_for_update(),
    )
    if row is None:
        if command.amount is None:
            return Receipt(line_id=command.line_id, remaining=0)
        raise not_found("到户资金", "receipt")
    amount = row.amount_fen - row.returned_fen if command.amount is None else command.amount
    if amount and await reverse_income(tx, ctx, row.line_id, amount):
        row.returned_fen += amount
    return Receipt(line_id=row.line_id, measure_id=row.measure_id, remaining=row.amount_fen - row.returned_fen)


async def _standing(tx: Write, line_id: UUID) -> Receipt:
    row = await tx.session.get_one(ReceiptRow, line_id)
    return Receipt(line_id=line_id, measure_id=row.measure_id, remaining=row.amount_fen - row.returned_fen)


async def _paid_for(tx: Write, command: RecordReceipt) -> MeasureRow | None:
    """The household's measure that waits for this project's or this policy's money, the oldest first."""
    if command.project_id is None and command.policy is None:
        return None
    found: MeasureRow | None = await tx.session.scalar(
        select(MeasureRow)
        .where(MeasureRow.household_id == command.household_id, MeasureRow.cancelled_on.is_(None))
        .where(or_(MeasureRow.project_id == command.project_id, MeasureRow.policy == command.policy))
        .where(or_(MeasureRow.project_id.is_(None), MeasureRow.project_id == command.project_id))
        .where(or_(MeasureRow.policy.is_(None), MeasureRow.policy == command.policy))
        .order_by(MeasureRow.delivered_on.desc().nulls_first(), MeasureRow.id)
        .limit(1)
        .with_for_update(),
    )
    return found


async def _first_measure_is_in_place(tx: Write, ctx: Context, episode_id: UUID) -> None:
    """The identification ends with its first measure (M-AST-06); a payment takes that step too."""
    episode = await tx.session.get(EpisodeRow, episode_id)
    if episode is None:
        return
    name = IDENTIFICATION_BINDING.workflow.name
    if await tx.raw.fetchval(_STATE, name, episode.identification_id) == "PLANNED":
        await tx.session.flush()
        await advance(tx, ctx, IDENTIFICATION_BINDING, episode.identification_id, Move("assist"))


HANDLERS: Mapping[type[Command], Handler] = {
    RecordReceipt: record_receipt,
    TakeBackReceipt: take_back_receipt,
}
