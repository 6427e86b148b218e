"""Rows of the register of payees whom policy bars (收款方标注): loss covers, entities that government runs."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn


class PayeeMark(Base):
    """What a payee is known as from a day on, by a document (NL06, NL07)."""

    __tablename__ = "payee_mark"

    payee_id: Mapped[UUID] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    area_code: Mapped[AreaColumn]
    until: Mapped[date | None]
    document_no: Mapped[str]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]
