"""Rows of integration plans (统筹整合方案) and of consumption assistance (消费帮扶)."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class IntegrationPlan(Base):
    """One version of a county's plan of a year: the newest filed one is in force."""

    __tablename__ = "integration_plan"
    __table_args__ = (UniqueConstraint("area_code", "year", "version"),)

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    year: Mapped[int]
    version: Mapped[int]
    title: Mapped[str]
    planned_scale_fen: Mapped[FenColumn]
    last_year_fen: Mapped[FenColumn]
    filing_no: Mapped[str]
    filed_on: Mapped[date | None]


class IntegrationSource(Base):
    """What of an indicator is integrated."""

    __tablename__ = "integration_source"
    __table_args__ = (Index(None, "indicator_id"),)

    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    indicator_id: Mapped[UUID] = mapped_column(primary_key=True)
    amount_fen: Mapped[FenColumn]
    binding_fen: Mapped[FenColumn] = mapped_column(default=0)
    area_code: Mapped[AreaColumn]


class IntegrationProject(Base):
    """What the plan gives a project out of integrated money."""

    __tablename__ = "integration_project"

    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    amount_fen: Mapped[FenColumn]
    area_code: Mapped[AreaColumn]


class ConsumptionQuota(Base):
    """What a budget unit plans to buy in a year, and what of it is reserved for assistance; its platform account."""

    __tablename__ = "consumption_quota"
    __table_args__ = (UniqueConstraint("area_code", "year", "unit_name"),)

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    year: Mapped[int]
    unit_name: Mapped[str]
    planned_fen: Mapped[FenColumn]
    reserved_fen: Mapped[FenColumn]
    opened_on: Mapped[date | None]
    activated_on: Mapped[date | None]


class ConsumptionOrder(Base):
    """One order of a budget unit, counted once; `origin_code` is where the goods come from."""

    __tablename__ = "consumption_order"
    __table_args__ = (UniqueConstraint("area_code", "reference"), Index(None, "quota_id", "id"))

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    quota_id: Mapped[UUID]
    reference: Mapped[str]
    ordered_on: Mapped[date]
    amount_fen: Mapped[FenColumn]
    origin_code: Mapped[int] = mapped_column(BigInteger)


class ConsumptionSale(Base):
    """What an area's suppliers sold in a period, and how many linked households earn by it."""

    __tablename__ = "consumption_sale"
    __table_args__ = (UniqueConstraint("area_code", "reference"), Index(None, "area_code", "sold_on", "id"))

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    reference: Mapped[str]
    sold_on: Mapped[date]
    product: Mapped[str]
    amount_fen: Mapped[FenColumn]
    households: Mapped[int]


class ConsumptionEarning(Base):
    """What one linked household earned by a sale; `id` is the line that its income is known by."""

    __tablename__ = "consumption_earning"
    __table_args__ = (UniqueConstraint("sale_id", "household_id"),)

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    sale_id: Mapped[UUID]
    household_id: Mapped[UUID]
    amount_fen: Mapped[FenColumn]
