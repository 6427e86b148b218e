"""Plans, measures of assistance, and the money that events brought to a household."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.tables.base import Area, Base
from shared.db.base import FenColumn, RowId


class PlanRow(Base):
    """The plan of an episode (帮扶计划): one household, one plan (M-AST-01)."""

    __tablename__ = "assistance_plan"
    __table_args__ = (Index("assistance_plan_episode", "episode_id", unique=True),)

    id: Mapped[RowId]
    area_code: Mapped[Area]
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episode.id"))
    made_on: Mapped[date]
    made_by: Mapped[UUID]


class MeasureRow(Base):
    """One measure (帮扶措施). `project_id` and `policy` say which money of funds delivers it, where it is money.

    Under the green channel it stands before its episode, whose id is known from the case (M-ID-03).
    """

    __tablename__ = "measure"
    __table_args__ = (
        Index("measure_episode", "episode_id"),
        Index("measure_list", "area_code", "id"),
        Index("measure_project", "household_id", "project_id", postgresql_where=text("project_id IS NOT NULL")),
    )

    id: Mapped[RowId]
    area_code: Mapped[Area]
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    episode_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    item: Mapped[str] = mapped_column(Text)
    trigger: Mapped[str] = mapped_column(Text)
    project_id: Mapped[UUID | None]
    policy: Mapped[str | None] = mapped_column(Text)
    planned_fen: Mapped[int | None] = mapped_column(BigInteger)
    planned_on: Mapped[date]
    due_on: Mapped[date]
    delivered_on: Mapped[date | None]
    delivered_fen: Mapped[int | None] = mapped_column(BigInteger)
    effect: Mapped[str | None] = mapped_column(Text)
    effect_on: Mapped[date | None]
    cancelled_on: Mapped[date | None]


class ReceiptRow(Base):
    """Money that a line of funds or assets brought to a household (到户资金), and what was taken off it again.

    `document_id` is the household batch or the distribution plan; `measure_id` the measure that it delivered.
    """

    __tablename__ = "household_receipt"
    __table_args__ = (
        Index("household_receipt_household", "household_id", "paid_on"),
        Index("household_receipt_project", "project_id", "line_id", postgresql_where=text("project_id IS NOT NULL")),
        Index("household_receipt_asset", "asset_id", "line_id", postgresql_where=text("asset_id IS NOT NULL")),
        Index("household_receipt_measure", "measure_id", postgresql_where=text("measure_id IS NOT NULL")),
    )

    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    area_code: Mapped[Area]
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    event_type: Mapped[str] = mapped_column(Text)
    document_id: Mapped[UUID]
    project_id: Mapped[UUID | None]
    asset_id: Mapped[UUID | None]
    policy: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    month: Mapped[date]
    amount_fen: Mapped[FenColumn]
    returned_fen: Mapped[FenColumn]
    paid_on: Mapped[date]
    measure_id: Mapped[UUID | None] = mapped_column(ForeignKey("measure.id"))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
