"""Copies of what others tell (ref_*): projects with what was paid for them, and households. Written by reactions only."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.assets.tables.base import AreaNumber, Base
from shared.db.base import AreaColumn, FenColumn


class RefProject(Base):
    """A project of the library (项目) and how far it is; assets are expected of it when it forms any."""

    __tablename__ = "ref_project"

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    area_code: Mapped[AreaColumn]
    title: Mapped[str | None]
    category: Mapped[str | None]
    plan_year: Mapped[int | None]
    planned_fen: Mapped[FenColumn | None]
    asset_forming: Mapped[bool]
    asset_class: Mapped[str | None]
    accepted_on: Mapped[date | None]
    settled_on: Mapped[date | None]
    settlement_fen: Mapped[FenColumn | None]
    indirect_fen: Mapped[FenColumn | None]
    retention_fen: Mapped[FenColumn | None]


class RefProjectPaid(Base):
    """What one indicator has paid for a project so far: the value under construction (在建)."""

    __tablename__ = "ref_project_paid"

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    indicator_id: Mapped[UUID] = mapped_column(primary_key=True)
    document_no: Mapped[str]
    paid_fen: Mapped[FenColumn]
    area_code: Mapped[AreaNumber]


class RefHousehold(Base):
    """A household as monitoring tells of it: where it lives, whether it is monitored, whether it ceased and when."""

    __tablename__ = "ref_household"

    household_id: Mapped[UUID] = mapped_column(primary_key=True)
    area_code: Mapped[AreaColumn]
    is_monitored: Mapped[bool]
    ended_on: Mapped[date | None]
    into_household_id: Mapped[UUID | None]
