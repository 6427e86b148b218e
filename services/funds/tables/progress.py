"""Rows of the progress report as they stood at the end of a day (进度日结), from which a province is read at once."""

from datetime import date, datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import FenColumn


class ProgressFact(Base):
    """One county, or what a city or province holds itself, in one fiscal year at the end of one day."""

    __tablename__ = "progress_fact"

    fiscal_year: Mapped[int] = mapped_column(primary_key=True)
    as_of: Mapped[date] = mapped_column(primary_key=True)
    area_code: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str]
    planned_fen: Mapped[int | None] = mapped_column(BigInteger)
    received_fen: Mapped[FenColumn]
    linked_fen: Mapped[FenColumn]
    spent_fen: Mapped[FenColumn]
    linkage_linked_fen: Mapped[FenColumn]
    linkage_spent_fen: Mapped[FenColumn]
    industry_spent_fen: Mapped[FenColumn]
    projects: Mapped[int]
    started: Mapped[int]
    completed: Mapped[int]
    accepted: Mapped[int]
    alerts_open: Mapped[int]
    alerts_due: Mapped[int]
    alerts_handled: Mapped[int]
    made_at: Mapped[datetime]
