"""Episodes of monitoring, their frozen snapshots, who helps the household, and look-backs."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.tables.base import Area, Base, Sealed
from shared.db.base import FenColumn, RowId


class EpisodeRow(Base):
    """One episode of monitoring (监测周期). Roll-back opens it again with its first day; a new risk opens another."""

    __tablename__ = "episode"
    __table_args__ = (
        Index("episode_open", "household_id", unique=True, postgresql_where=text("eliminated_on IS NULL")),
        Index("episode_household", "household_id", "identified_on"),
        Index("episode_list", "area_code", "id"),
    )

    id: Mapped[RowId]
    area_code: Mapped[Area]
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    identification_id: Mapped[UUID]
    risk_id: Mapped[UUID] = mapped_column(ForeignKey("risk.id"))
    previous_id: Mapped[UUID | None] = mapped_column(ForeignKey("episode.id"))
    kind: Mapped[str] = mapped_column(Text)
    risks: Mapped[list[str]] = mapped_column(ARRAY(Text))
    disaster_subtype: Mapped[str] = mapped_column(Text)
    risk_note_sealed: Mapped[Sealed | None]
    persons: Mapped[int] = mapped_column(Integer)
    identified_on: Mapped[date]
    no_labour_backstop: Mapped[bool]
    eliminated_on: Mapped[date | None]
    mode: Mapped[str | None] = mapped_column(Text)
    elimination_id: Mapped[UUID | None]


class SnapshotRow(Base):
    """The 13 fields as they were at identification or elimination (DQ-EL-01); never changed, never deleted."""

    __tablename__ = "episode_snapshot"
    __table_args__ = (Index("episode_snapshot_episode", "episode_id", "moment"),)

    id: Mapped[RowId]
    area_code: Mapped[Area]
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episode.id"))
    moment: Mapped[str] = mapped_column(Text)
    elimination_id: Mapped[UUID | None]
    taken_on: Mapped[date]
    persons: Mapped[int] = mapped_column(Integer)
    dropout: Mapped[bool | None]
    house_damaged: Mapped[bool | None]
    uninsured: Mapped[bool | None]
    water_damaged: Mapped[bool | None]
    wage_fen: Mapped[int | None] = mapped_column(BigInteger)
    property_fen: Mapped[int | None] = mapped_column(BigInteger)
    transfer_fen: Mapped[int | None] = mapped_column(BigInteger)
    business_fen: Mapped[int | None] = mapped_column(BigInteger)
    business_expense_fen: Mapped[int | None] = mapped_column(BigInteger)
    net_fen: Mapped[FenColumn]
    per_capita_fen: Mapped[int | None] = mapped_column(BigInteger)
    claims_fen: Mapped[int | None] = mapped_column(BigInteger)
    self_paid_fen: Mapped[int | None] = mapped_column(BigInteger)
    line_fen: Mapped[FenColumn]


class HelperRow(Base):
    """Who helps a household (帮扶责任人): exactly one active primary, by the actor's opaque id (M-AST-01)."""

    __tablename__ = "helper_assignment"
    __table_args__ = (
        Index(
            "helper_assignment_primary",
            "household_id",
            unique=True,
            postgresql_where=text("is_primary AND until_on IS NULL"),
        ),
        Index("helper_assignment_household", "household_id"),
        Index("helper_assignment_helper", "helper", postgresql_where=text("until_on IS NULL")),
    )

    id: Mapped[RowId]
    area_code: Mapped[Area]
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    helper: Mapped[UUID]
    is_primary: Mapped[bool]
    from_on: Mapped[date]
    until_on: Mapped[date | None]


class LookBackRow(Base):
    """A recheck of an eliminated household (回头看) that is due, and what it found (M-6.4)."""

    __tablename__ = "look_back"
    __table_args__ = (
        Index("look_back_elimination", "elimination_id", "due_on", unique=True),
        Index("look_back_due", "area_code", "due_on", postgresql_where=text("done_on IS NULL")),
    )

    id: Mapped[RowId]
    area_code: Mapped[Area]
    elimination_id: Mapped[UUID] = mapped_column(ForeignKey("elimination.id"))
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    due_on: Mapped[date]
    done_on: Mapped[date | None]
    found: Mapped[str | None] = mapped_column(Text)
    done_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
