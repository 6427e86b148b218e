"""Rows of the factor method (因素法): dated schemes, values of the units, and frozen runs."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class FactorScheme(Base):
    """Factors and weights from a day on; it counts when another person has adopted it."""

    __tablename__ = "factor_scheme"
    __table_args__ = (Index(None, "area_code", "effective_from", "id"),)

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    title: Mapped[str]
    document_no: Mapped[str]
    effective_from: Mapped[date]
    factors: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class FactorValue(Base):
    """One unit's value of a factor in a year; a later row of the same factor and year counts instead of it."""

    __tablename__ = "factor_value"
    __table_args__ = (Index(None, "area_code", "year", "code", "id"),)

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    code: Mapped[str]
    year: Mapped[int]
    value: Mapped[Decimal] = mapped_column(Numeric)
    source: Mapped[str]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]


class FactorRun(Base):
    """One run over an indicator, with the scheme as it was; it never changes."""

    __tablename__ = "factor_run"
    __table_args__ = (Index(None, "indicator_id", "id"), Index(None, "area_code", "id"))

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    indicator_id: Mapped[UUID]
    scheme_id: Mapped[UUID]
    factors: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    year: Mapped[int]
    total_fen: Mapped[FenColumn]
    unit: Mapped[str]
    left_fen: Mapped[FenColumn]
    run_by: Mapped[UUID]
    run_at: Mapped[datetime]


class FactorRunLine(Base):
    """What a run gave one unit: inputs, exact share and amount as fractions, formula, adjustment with reason, final."""

    __tablename__ = "factor_run_line"

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    target_code: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    inputs: Mapped[dict[str, str]] = mapped_column(JSONB)
    share: Mapped[str]
    raw: Mapped[str]
    formula_fen: Mapped[FenColumn]
    adjustment_fen: Mapped[FenColumn]
    reason: Mapped[str]
    final_fen: Mapped[FenColumn]
    area_code: Mapped[AreaColumn]
