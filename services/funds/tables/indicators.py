"""Rows of indicators (指标): documents of money, what lower levels get of them, what later documents change."""

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class Indicator(Base):
    """A sum that a document brings to an area; its case says whether it is confirmed, the ledger where it went.

    `parent_id` and `source_id` are the indicator and the decomposition it comes from; `adjusted_fen` is what confirmed
    documents added or cut since.
    """

    __tablename__ = "indicator"
    __table_args__ = (
        UniqueConstraint("area_code", "issuer", "document_no", "line_no"),
        Index(None, "area_code", "received_on", "id"),
        Index("ix_indicator_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    issuer: Mapped[str]
    document_no: Mapped[str]
    line_no: Mapped[int]
    title: Mapped[str]
    issued_on: Mapped[date]
    received_on: Mapped[date]
    fiscal_year: Mapped[int]
    level: Mapped[str]
    category: Mapped[str]
    functional_class: Mapped[str]
    is_advance_notice: Mapped[bool]
    is_direct_fund: Mapped[bool]
    purpose: Mapped[str]
    supervision_code: Mapped[str]
    amount_fen: Mapped[FenColumn]
    adjusted_fen: Mapped[FenColumn] = mapped_column(default=0)
    budget_kind: Mapped[str]
    approved_on: Mapped[date | None]
    restricted_to: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    goal_table: Mapped[str]
    is_integratable: Mapped[bool]
    parent_id: Mapped[UUID | None]
    source_id: Mapped[UUID | None]


class Decomposition(Base):
    """One decision by which an indicator is passed down to areas below; `issued_on` when it was."""

    __tablename__ = "decomposition"
    __table_args__ = (
        Index(None, "parent_id"),
        Index(None, "area_code", "id"),
        Index(
            "ux_decomposition_factor_run_id",
            "factor_run_id",
            unique=True,
            postgresql_where=text("issued_on IS NOT NULL"),
        ),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    parent_id: Mapped[UUID]
    title: Mapped[str]
    issuer: Mapped[str]
    document_no: Mapped[str]
    factor_run_id: Mapped[UUID | None]
    issued_on: Mapped[date | None]


class DecompositionLine(Base):
    """So much for one area below, with its part of the goals."""

    __tablename__ = "decomposition_line"

    decomposition_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    target_code: Mapped[int] = mapped_column(BigInteger)
    amount_fen: Mapped[FenColumn]
    goal_table: Mapped[str]
    purpose: Mapped[str]
    restricted_to: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    area_code: Mapped[AreaColumn]


class IndicatorChange(Base):
    """A document that adds to an indicator or cuts it; `short_fen` is what of a cut was not there."""

    __tablename__ = "indicator_change"
    __table_args__ = (UniqueConstraint("indicator_id", "document_no", "kind"), Index(None, "area_code", "id"))

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    indicator_id: Mapped[UUID]
    kind: Mapped[str]
    document_no: Mapped[str]
    issued_on: Mapped[date]
    amount_fen: Mapped[FenColumn]
    confirmed_on: Mapped[date | None]
    short_fen: Mapped[FenColumn] = mapped_column(default=0)


class IndicatorRecovery(Base):
    """A decision on idle money and surplus: used again in the county, or returned to the upper level."""

    __tablename__ = "indicator_recovery"
    __table_args__ = (Index(None, "area_code", "id"),)

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    kind: Mapped[str]
    title: Mapped[str]
    document_no: Mapped[str]
    decided_on: Mapped[date | None]


class IndicatorRecoveryLine(Base):
    """So much of one indicator from one account; project empty for unallocated money."""

    __tablename__ = "indicator_recovery_line"

    recovery_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[UUID]
    account: Mapped[str]
    project_id: Mapped[UUID | None]
    amount_fen: Mapped[FenColumn]
    area_code: Mapped[AreaColumn]
