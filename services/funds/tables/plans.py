"""Rows of annual plans (年度计划) and allocations (资金分配)."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class Plan(Base):
    """One batch (批次) of a county's plan of a year; `series_id` is one per county and year."""

    __tablename__ = "plan"
    __table_args__ = (UniqueConstraint("area_code", "year", "batch"),)

    id: Mapped[RowId]
    series_id: Mapped[UUID]
    area_code: Mapped[AreaColumn]
    year: Mapped[int]
    batch: Mapped[int]
    title: Mapped[str]
    document_no: Mapped[str]
    published_on: Mapped[date | None]


class PlanLine(Base):
    """What a plan gives a project of one source."""

    __tablename__ = "plan_line"
    __table_args__ = (Index(None, "project_id"),)

    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    amount_fen: Mapped[FenColumn]
    area_code: Mapped[AreaColumn]


class Allocation(Base):
    """One decision by which indicators are decomposed to projects."""

    __tablename__ = "allocation"
    __table_args__ = (Index(None, "area_code", "year", "id"),)

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    year: Mapped[int]
    title: Mapped[str]
    posted_on: Mapped[date | None]


class AllocationLine(Base):
    """So much of one indicator for one project."""

    __tablename__ = "allocation_line"
    __table_args__ = (Index(None, "project_id"), Index(None, "indicator_id"))

    allocation_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[UUID]
    indicator_id: Mapped[UUID]
    amount_fen: Mapped[FenColumn]
    area_code: Mapped[AreaColumn]


class AllocationMove(Base):
    """Quota moved from one project to another by a posted allocation's adjustment (指标调整)."""

    __tablename__ = "allocation_move"

    allocation_id: Mapped[UUID] = mapped_column(primary_key=True)
    move_no: Mapped[int] = mapped_column(primary_key=True)
    from_project_id: Mapped[UUID]
    to_project_id: Mapped[UUID]
    indicator_id: Mapped[UUID]
    amount_fen: Mapped[FenColumn]
    moved_on: Mapped[date]
    area_code: Mapped[AreaColumn]
