"""Messages of the bank as they are shown."""

from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from services.funds.domain.bank_messages import Effect
from services.funds.tables.bank_messages import BankMessage
from shared.contracts.wire import Area, Yuan
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession

MessageEffect: TypeAlias = Effect
"""What messages are narrowed by."""


class MessageShown(BaseModel):
    """One message with what it did, and of a contradiction what became of it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    area_code: Area
    payment_id: UUID
    outcome: str
    bank_reference: str
    amount: Yuan
    stated_on: date
    effect: Effect
    received_at: datetime
    resolution: str
    resolved_on: date | None


async def bank_messages(
    session: ReadSession, request: PageRequest, effect: Effect | None, payment_id: UUID | None
) -> Page[MessageShown]:
    """A page of messages, the newest first."""
    statement = select(BankMessage)
    if effect is not None:
        statement = statement.where(BankMessage.effect == effect)
    if payment_id is not None:
        statement = statement.where(BankMessage.payment_id == payment_id)
    return await fetch_page(session, statement, (BankMessage.id,), request, _shown, descending=True)


def _shown(row: AnyRow) -> MessageShown:
    found: BankMessage = row.BankMessage
    names = set(MessageShown.model_fields) - {"amount"}
    return MessageShown(**{name: getattr(found, name) for name in names}, amount=found.amount_fen)
