"""Rows of the reserve (项目储备): what an area may plan with, and how long a project of the library has waited."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class PlanningEnvelope(Base):
    """The money an area may plan with in a year (资金盘子): a key village's, or what the county expects in all."""

    __tablename__ = "planning_envelope"

    area_code: Mapped[AreaColumn] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    amount_fen: Mapped[FenColumn]
    document_no: Mapped[str]
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]


class ProjectWait(Base):
    """A project that a year's end found in the library without money; `fresh_on` is empty until it is looked at again."""

    __tablename__ = "project_wait"

    project_id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    years_waiting: Mapped[int]
    rolled_year: Mapped[int]
    fresh_on: Mapped[date | None]
    confirmed_by: Mapped[UUID | None]
