"""Distribution of income (收益分配): rules by date, plans, their parts, and the lines of households."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.assets.tables.base import AreaNumber, Base
from shared.db.base import AreaColumn, FenColumn, RowId


class DistributionRule(Base):
    """How an owner divides income (分配规则) from `valid_from` until the next rule of the same area."""

    __tablename__ = "distribution_rule"
    __table_args__ = (UniqueConstraint("area_code", "valid_from"),)

    id: Mapped[RowId]
    area_code: Mapped[AreaNumber]
    valid_from: Mapped[date]
    document_no: Mapped[str]


class DistributionRulePart(Base):
    """One part of a rule, with the least and the most it may get of what is distributed."""

    __tablename__ = "distribution_rule_part"
    __table_args__ = (CheckConstraint("min_ppm BETWEEN 0 AND max_ppm AND max_ppm <= 1000000", name="range"),)

    rule_id: Mapped[UUID] = mapped_column(ForeignKey("distribution_rule.id"), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    min_ppm: Mapped[int]
    max_ppm: Mapped[int]
    area_code: Mapped[AreaNumber]


class DistributionPlan(Base):
    """One plan (分配方案). Upkeep and other deductions stay with the owner, `total_fen` is distributed by its parts."""

    __tablename__ = "distribution_plan"
    __table_args__ = (CheckConstraint("total_fen >= 0", name="total"),)

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    rule_id: Mapped[UUID] = mapped_column(ForeignKey("distribution_rule.id"))
    period: Mapped[str]
    upkeep_fen: Mapped[FenColumn]
    tax_fen: Mapped[FenColumn]
    operator_fen: Mapped[FenColumn]
    loss_fen: Mapped[FenColumn]
    total_fen: Mapped[FenColumn]
    flat_filing_no: Mapped[str | None]
    resolved_on: Mapped[date | None]


class PlanReceipt(Base):
    """What a plan takes of one receipt."""

    __tablename__ = "plan_receipt"
    __table_args__ = (CheckConstraint("amount_fen >= 0", name="amount"),)

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("distribution_plan.id"), primary_key=True)
    receipt_id: Mapped[UUID] = mapped_column(ForeignKey("income_receipt.id"), primary_key=True, index=True)
    amount_fen: Mapped[FenColumn]
    area_code: Mapped[AreaNumber]


class PlanPart(Base):
    """One part of a plan: its share and its amount."""

    __tablename__ = "plan_part"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("distribution_plan.id"), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    share_ppm: Mapped[int]
    amount_fen: Mapped[FenColumn]
    area_code: Mapped[AreaNumber]


class PlanLine(Base):
    """What one household gets (到户明细). `status` is moved in sets: PENDING, PAID, FAILED, STRUCK, REVERSED."""

    __tablename__ = "plan_line"
    __table_args__ = (
        CheckConstraint("amount_fen >= 0", name="amount"),
        CheckConstraint("status IN ('PENDING', 'PAID', 'FAILED', 'STRUCK', 'REVERSED')", name="status"),
        CheckConstraint("(status IN ('PAID', 'REVERSED')) = (paid_on IS NOT NULL)", name="paid_on"),
        UniqueConstraint("plan_id", "part", "household_id"),
        Index("paid_lines", "household_id", "paid_on", "id"),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaNumber]
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("distribution_plan.id"))
    part: Mapped[str]
    household_id: Mapped[UUID]
    income_kind: Mapped[str]
    basis: Mapped[str]
    weight: Mapped[int]
    amount_fen: Mapped[FenColumn]
    status: Mapped[str]
    reason: Mapped[str | None]
    paid_on: Mapped[date | None]
    bank_serial: Mapped[str | None]
