"""Rows of the evaluation of linkage money (资金绩效评价): dated weights, evaluations, and their lines."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, RowId


class EvaluationWeight(Base):
    """One indicator of the evaluation with its points; the nearest area's table counts, in its newest version.

    `is_placeholder` marks points that no document states (占位).
    """

    __tablename__ = "evaluation_weight"

    area_code: Mapped[AreaColumn] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    block: Mapped[str]
    zh: Mapped[str]
    en: Mapped[str]
    points: Mapped[int]
    figure: Mapped[str]
    is_placeholder: Mapped[bool]
    source: Mapped[str]


class Evaluation(Base):
    """The evaluation of a county's linkage money in a year; the weights are as they were when it was opened."""

    __tablename__ = "evaluation"
    __table_args__ = (UniqueConstraint("area_code", "year"), Index(None, "year", "id"))

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    year: Mapped[int]
    is_placeholder: Mapped[bool]
    weights: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    score_hundredths: Mapped[int | None]
    grade: Mapped[str]
    confirmed_on: Mapped[date | None]


class EvaluationLine(Base):
    """The score of one indicator, computed or entered by hand with its document."""

    __tablename__ = "evaluation_line"

    evaluation_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    score_hundredths: Mapped[int]
    share: Mapped[str]
    is_automatic: Mapped[bool]
    basis: Mapped[str]
    document_no: Mapped[str]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]
    area_code: Mapped[AreaColumn]
