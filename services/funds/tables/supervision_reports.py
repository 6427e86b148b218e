"""Rows of what is reported for supervision: the bank's day, labour pay, accounts of townships, works as they are seen."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class BankDay(Base):
    """What the bank's statement of a day says of a county (银行日终对账单): paid, returned, refunded."""

    __tablename__ = "bank_day"

    area_code: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    on_day: Mapped[date] = mapped_column(primary_key=True)
    paid_fen: Mapped[FenColumn]
    returned_fen: Mapped[FenColumn]
    refunded_fen: Mapped[FenColumn]
    statement_no: Mapped[str]
    reported_by: Mapped[UUID]
    reported_at: Mapped[datetime]


class LabourPay(Base):
    """A roster of labour pay (以工代赈劳务报酬) that the bank paid to persons; who they are stays with the unit."""

    __tablename__ = "labour_pay"
    __table_args__ = (UniqueConstraint("project_id", "reference"),)

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    project_id: Mapped[UUID]
    reference: Mapped[str]
    period: Mapped[str]
    persons: Mapped[int]
    amount_fen: Mapped[FenColumn]
    paid_on: Mapped[date]
    reported_by: Mapped[UUID]


class TownshipBalance(Base):
    """What of assistance money lay on a township's own account (乡镇账户余额) at the end of a day."""

    __tablename__ = "township_balance"

    area_code: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    as_of: Mapped[date] = mapped_column(primary_key=True)
    balance_fen: Mapped[FenColumn]
    reported_by: Mapped[UUID]
    reported_at: Mapped[datetime]


class SiteProgress(Base):
    """How far the works are to the eye (形象进度), by a dated photo of somebody who does not build them."""

    __tablename__ = "site_progress"
    __table_args__ = (Index(None, "project_id", "seen_on", "id"),)

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    project_id: Mapped[UUID]
    seen_on: Mapped[date]
    progress_ppm: Mapped[int]
    evidence_id: Mapped[UUID]
    reported_by: Mapped[UUID]


class FinalAccount(Base):
    """The approved final financial account of a project (竣工财务决算)."""

    __tablename__ = "final_account"

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    area_code: Mapped[AreaColumn]
    document_no: Mapped[str]
    approved_on: Mapped[date]
    amount_fen: Mapped[FenColumn]
    reported_by: Mapped[UUID]
