"""Income by month and kind, and what a household's figures were held against. Both only grow; corrections are rows."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.tables.base import Area, Base
from shared.db.base import FenColumn, RowId


class IncomeEntryRow(Base):
    """An amount of one kind in one month (收支记录): declared at a visit, or told by an event.

    A declaration that corrects an earlier one stores the difference; a reversal stores a negative amount.
    """

    __tablename__ = "income_entry"
    __table_args__ = (
        Index("income_entry_sum", "household_id", "month"),
        Index("income_entry_reversal", "reverses"),
    )

    id: Mapped[RowId]
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    area_code: Mapped[Area]
    month: Mapped[date]
    kind: Mapped[str] = mapped_column(Text)
    amount_fen: Mapped[FenColumn]
    origin: Mapped[str] = mapped_column(Text)
    source_id: Mapped[UUID | None]
    reverses: Mapped[UUID | None] = mapped_column(ForeignKey("income_entry.id"))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_by: Mapped[UUID]


class ClassificationRow(Base):
    """A household held against the monitoring line on one day (监测范围判定), with everything that went into it."""

    __tablename__ = "income_classification"
    __table_args__ = (Index("income_classification_latest", "household_id", "reference_on", "id"),)

    id: Mapped[RowId]
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    area_code: Mapped[Area]
    reference_on: Mapped[date]
    window_first: Mapped[date]
    window_last: Mapped[date]
    persons: Mapped[int] = mapped_column(Integer)
    net_fen: Mapped[FenColumn]
    monitoring_fen: Mapped[FenColumn]
    per_capita_net_fen: Mapped[FenColumn | None]
    per_capita_monitoring_fen: Mapped[FenColumn | None]
    line_test: Mapped[str] = mapped_column(Text)
    line_fen: Mapped[FenColumn]
    position: Mapped[str | None] = mapped_column(Text)
    proposed_kind: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_by: Mapped[UUID]


class LineBasisRow(Base):
    """What a monitoring line was derived from (M-LINE-11), and why it may lie below the one above (M-LINE-10)."""

    __tablename__ = "line_basis"

    area_code: Mapped[Area] = mapped_column(primary_key=True)
    effective_from: Mapped[date] = mapped_column(primary_key=True)
    basis: Mapped[str] = mapped_column(Text)
    override_reason: Mapped[str] = mapped_column(Text)
