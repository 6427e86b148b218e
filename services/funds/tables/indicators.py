"""Rows of indicators (指标)."""

from datetime import date

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class Indicator(Base):
    """A sum that a document brings to a county; its case says whether it is confirmed, the ledger where it went."""

    __tablename__ = "indicator"
    __table_args__ = (
        UniqueConstraint("area_code", "issuer", "document_no", "line_no"),
        Index(None, "area_code", "received_on", "id"),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    issuer: Mapped[str]
    document_no: Mapped[str]
    line_no: Mapped[int]
    title: Mapped[str]
    issued_on: Mapped[date]
    received_on: Mapped[date]
    fiscal_year: Mapped[int]
    level: Mapped[str]
    category: Mapped[str]
    functional_class: Mapped[str]
    is_advance_notice: Mapped[bool]
    is_direct_fund: Mapped[bool]
    purpose: Mapped[str]
    supervision_code: Mapped[str]
    amount_fen: Mapped[FenColumn]
