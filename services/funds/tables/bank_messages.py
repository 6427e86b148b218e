"""Rows of what the bank said of payments (银行回执): each message once, with what it did."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class BankMessage(Base):
    """One message of the bank; one that contradicts what is booked posts nothing and waits for a person."""

    __tablename__ = "bank_message"
    __table_args__ = (Index(None, "payment_id"), Index(None, "area_code", "id"))

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    payment_id: Mapped[UUID]
    outcome: Mapped[str]
    bank_reference: Mapped[str]
    amount_fen: Mapped[FenColumn]
    stated_on: Mapped[date]
    effect: Mapped[str]
    received_by: Mapped[UUID]
    received_at: Mapped[datetime]
    resolution: Mapped[str]
    resolved_by: Mapped[UUID | None]
    resolved_on: Mapped[date | None]
