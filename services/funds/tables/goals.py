"""Rows of performance management (绩效管理): goal tables in versions, reviews, monitorings, measures, scores, samples."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class GoalTable(Base):
    """A goal table (绩效目标表) of a project and year, or of an area for an indicator; the four marks are days.

    `light` is of the last monitoring, score and grade of the last evaluation, empty before.
    """

    __tablename__ = "goal_table"
    __table_args__ = (
        UniqueConstraint("project_id", "year"),
        UniqueConstraint("indicator_id", "area_code"),
        Index(None, "area_code", "year", "id"),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    project_id: Mapped[UUID | None]
    indicator_id: Mapped[UUID | None]
    year: Mapped[int]
    title: Mapped[str]
    version_no: Mapped[int]
    declared_on: Mapped[date | None]
    reviewed_on: Mapped[date | None]
    approved_on: Mapped[date | None]
    published_on: Mapped[date | None]
    approved_with: Mapped[str]
    approved_plan: Mapped[UUID | None]
    light: Mapped[str]
    score_hundredths: Mapped[int | None]
    grade: Mapped[str]


class GoalVersion(Base):
    """One version of a table, frozen."""

    __tablename__ = "goal_version"

    goal_id: Mapped[UUID] = mapped_column(primary_key=True)
    version_no: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str]
    changed_by: Mapped[UUID]
    changed_at: Mapped[datetime]
    area_code: Mapped[AreaColumn]


class GoalReview(Base):
    """What a desk said of a version: completeness, relevance, suitability, feasibility, and its verdict."""

    __tablename__ = "goal_review"
    __table_args__ = (Index(None, "goal_id", "recorded_at"),)

    id: Mapped[RowId]
    goal_id: Mapped[UUID]
    version_no: Mapped[int]
    desk: Mapped[str]
    verdict: Mapped[str]
    aspects: Mapped[dict[str, bool]] = mapped_column(JSONB)
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]
    area_code: Mapped[AreaColumn]


class GoalMonitoring(Base):
    """One monitoring (绩效监控) of goals and money; fractions are exact text, None where nothing is to compare."""

    __tablename__ = "goal_monitoring"
    __table_args__ = (Index(None, "goal_id", "as_of", "id"),)

    id: Mapped[RowId]
    goal_id: Mapped[UUID]
    version_no: Mapped[int]
    as_of: Mapped[date]
    budget_fen: Mapped[FenColumn]
    paid_fen: Mapped[FenColumn]
    planned_money: Mapped[str]
    money_deviation: Mapped[str | None]
    money_light: Mapped[str]
    light: Mapped[str]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]
    area_code: Mapped[AreaColumn]


class GoalMeasure(Base):
    """A measure after a deviation (纠偏措施); while it has no `lifted_on` it stands."""

    __tablename__ = "goal_measure"
    __table_args__ = (
        Index(
            "ux_goal_measure_standing", "goal_id", "measure", unique=True, postgresql_where=text("lifted_on IS NULL")
        ),
        Index(None, "project_id"),
    )

    id: Mapped[RowId]
    goal_id: Mapped[UUID]
    project_id: Mapped[UUID | None]
    measure: Mapped[str]
    ordered_on: Mapped[date]
    due_on: Mapped[date]
    ordered_by: Mapped[UUID]
    lifted_on: Mapped[date | None]
    lifted_by: Mapped[UUID | None]
    area_code: Mapped[AreaColumn]


class GoalScore(Base):
    """A score (评分): the unit's own, or what finance found in the recheck; in hundredths of a point."""

    __tablename__ = "goal_score"
    __table_args__ = (Index(None, "goal_id", "recorded_at"),)

    id: Mapped[RowId]
    goal_id: Mapped[UUID]
    version_no: Mapped[int]
    kind: Mapped[str]
    budget_fen: Mapped[FenColumn]
    paid_fen: Mapped[FenColumn]
    execution_hundredths: Mapped[int]
    output_hundredths: Mapped[int]
    benefit_hundredths: Mapped[int]
    satisfaction_hundredths: Mapped[int]
    score_hundredths: Mapped[int]
    grade: Mapped[str]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]
    area_code: Mapped[AreaColumn]


class GoalSample(Base):
    """A drawing of self-evaluations for the recheck (复核抽样): what part, and of how many how many were drawn."""

    __tablename__ = "goal_sample"
    __table_args__ = (Index(None, "area_code", "year", "id"),)

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    year: Mapped[int]
    share: Mapped[str]
    tables: Mapped[int]
    drawn: Mapped[int]
    drawn_by: Mapped[UUID]
    drawn_at: Mapped[datetime]


class GoalSampleMember(Base):
    """A table that a sample was drawn from, and whether it was drawn; each table stands in one sample."""

    __tablename__ = "goal_sample_member"

    goal_id: Mapped[RowId]
    sample_id: Mapped[UUID]
    drawn: Mapped[bool]
    area_code: Mapped[AreaColumn]
