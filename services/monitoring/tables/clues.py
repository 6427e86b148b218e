"""Clues, who sent them, the risks they opened, and the thresholds that make them."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.tables.base import Area, Base, Sealed
from shared.db.base import FenColumn, RowId


class RiskRow(Base):
    """A risk of a household (风险), open until it is cleared; a household has at most one open risk (M-CLUE-03)."""

    __tablename__ = "risk"
    __table_args__ = (
        Index("risk_open", "household_id", unique=True, postgresql_where=text("cleared_on IS NULL")),
        Index("risk_list", "area_code", "id"),
    )

    id: Mapped[RowId]
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    area_code: Mapped[Area]
    cause: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(Text)
    rule_id: Mapped[str] = mapped_column(Text)
    rule_version: Mapped[int] = mapped_column(Integer)
    relapse: Mapped[bool]
    detected_on: Mapped[date]
    due_on: Mapped[date]
    cleared_on: Mapped[date | None]
    outcome: Mapped[str | None] = mapped_column(Text)


class ClueRow(Base):
    """A clue (线索). `subject_key` is the blind index of the person, or the household's id; with item and period it is
    the key by which two clues are one (M-CLUE-02). The person's number and name are kept only while nobody is matched.
    """

    __tablename__ = "clue"
    __table_args__ = (
        Index("clue_once", "subject_key", "item", "period", text("(area_code / 1000000)"), unique=True),
        Index("clue_worklist", "area_code", "due_on", "id", postgresql_where=text("disposition IS NULL")),
        Index("clue_list", "area_code", "id"),
        Index("clue_household", "household_id"),
        Index("clue_risk", "risk_id"),
    )

    id: Mapped[RowId]
    area_code: Mapped[Area]
    subject_key: Mapped[Sealed]
    item: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    match: Mapped[str] = mapped_column(Text)
    household_id: Mapped[UUID | None] = mapped_column(ForeignKey("household.id"))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("household_member.id"))
    id_number_sealed: Mapped[Sealed | None]
    name_sealed: Mapped[Sealed | None]
    note_sealed: Mapped[Sealed | None]
    cause: Mapped[str] = mapped_column(Text)
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    threshold_fen: Mapped[int | None] = mapped_column(BigInteger)
    rule_id: Mapped[str] = mapped_column(Text)
    rule_version: Mapped[int] = mapped_column(Integer)
    event_on: Mapped[date]
    received_on: Mapped[date]
    due_on: Mapped[date]
    risk_id: Mapped[UUID | None] = mapped_column(ForeignKey("risk.id"))
    disposition: Mapped[str | None] = mapped_column(Text)
    disposed_on: Mapped[date | None]
    disposed_by: Mapped[UUID | None]


class ClueSourceRow(Base):
    """One sender of a clue (线索来源): who pushed it, in which file and row; feedback goes back to each (M-CLUE-08)."""

    __tablename__ = "clue_source"
    __table_args__ = (
        Index(
            "clue_source_once",
            "clue_id",
            "source",
            "department",
            "batch_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("clue_source_batch", "batch_id", "id"),
        Index("clue_source_list", "area_code", "id"),
    )

    id: Mapped[RowId]
    clue_id: Mapped[UUID] = mapped_column(ForeignKey("clue.id"))
    area_code: Mapped[Area]
    source: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text)
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("import_batch.id"))
    row_no: Mapped[int | None] = mapped_column(Integer)
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    pushed_on: Mapped[date]


class ClueRuleRow(Base):
    """A threshold (线索阈值) of an item, by area and date; the nearest area and the newest date win."""

    __tablename__ = "clue_rule"

    area_code: Mapped[Area] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(Text, primary_key=True)
    person_scope: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    department: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    metric: Mapped[str] = mapped_column(Text)
    operator: Mapped[str] = mapped_column(Text)
    threshold_fen: Mapped[FenColumn]
    document: Mapped[str] = mapped_column(Text)
