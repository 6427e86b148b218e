"""Rows of the project library (项目库): projects, their versions, and what the desks recorded about them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class Project(Base):
    """A project (项目) as its newest version has it; the versions that hung at each level are named."""

    __tablename__ = "project"
    __table_args__ = (Index(None, "area_code", "plan_year", "id"),)

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    plan_year: Mapped[int]
    name: Mapped[str]
    category: Mapped[str]
    planned_total_fen: Mapped[FenColumn]
    is_industry: Mapped[bool]
    is_household_project: Mapped[bool]
    asset_forming: Mapped[bool]
    content_key: Mapped[str]
    version_no: Mapped[int]
    village_version: Mapped[int | None]
    township_version: Mapped[int | None]
    county_version: Mapped[int | None]
    entered_on: Mapped[date | None]


class ProjectVersion(Base):
    """One version of an entry (项目版本), frozen."""

    __tablename__ = "project_version"

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    version_no: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reason: Mapped[str]
    changed_by: Mapped[UUID]
    changed_at: Mapped[datetime]
    area_code: Mapped[AreaColumn]


class ProjectPlace(Base):
    """One village of a project; while the project lives, its name is taken there for the year."""

    __tablename__ = "project_place"
    __table_args__ = (
        Index(
            "ux_project_place_name",
            "village_code",
            "plan_year",
            "name_key",
            unique=True,
            postgresql_where=text("live"),
        ),
    )

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    village_code: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    share_ppm: Mapped[int]
    village_type: Mapped[str]
    plan_year: Mapped[int]
    name_key: Mapped[str]
    live: Mapped[bool]
    area_code: Mapped[AreaColumn]


class ProjectFunding(Base):
    """One planned source of a project's newest version."""

    __tablename__ = "project_funding"

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    level: Mapped[str]
    category: Mapped[str]
    amount_fen: Mapped[FenColumn]
    area_code: Mapped[AreaColumn]


class Meeting(Base):
    """A meeting (会议) that decided about a subject: representatives of a village, or the leading group."""

    __tablename__ = "meeting"
    __table_args__ = (Index(None, "subject_id"),)

    id: Mapped[RowId]
    subject_id: Mapped[UUID]
    kind: Mapped[str]
    number: Mapped[str]
    held_on: Mapped[date]
    entitled: Mapped[int | None]
    present: Mapped[int | None]
    in_favour: Mapped[int | None]
    earlier: Mapped[list[date]] = mapped_column(ARRAY(Date))
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]
    area_code: Mapped[AreaColumn]


class Opinion(Base):
    """What a desk found (审核意见) about a version of a project, in the fields of its form."""

    __tablename__ = "review_opinion"
    __table_args__ = (Index(None, "project_id", "stage", "recorded_at"),)

    id: Mapped[RowId]
    project_id: Mapped[UUID]
    version_no: Mapped[int]
    stage: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]
    area_code: Mapped[AreaColumn]


class ProjectVerdict(Base):
    """What a rule of the negative list said of a version, and why a warning was let pass."""

    __tablename__ = "project_verdict"

    opinion_id: Mapped[UUID] = mapped_column(primary_key=True)
    rule_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[UUID]
    version_no: Mapped[int]
    rule_version: Mapped[int]
    verdict: Mapped[str]
    evidence: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reason: Mapped[str]
    area_code: Mapped[AreaColumn]


class Acceptance(Base):
    """A joint acceptance (联合验收), recorded before the four sides sign it, while the case stood at `case_version`."""

    __tablename__ = "acceptance"
    __table_args__ = (UniqueConstraint("project_id", "seq"),)

    id: Mapped[RowId]
    project_id: Mapped[UUID]
    seq: Mapped[int]
    case_version: Mapped[int]
    accepted_on: Mapped[date]
    passed: Mapped[bool]
    members: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    deliverables: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    provisional_value_fen: Mapped[FenColumn]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]
    area_code: Mapped[AreaColumn]


class GoalResult(Base):
    """What became of a goal (绩效目标实际完成值)."""

    __tablename__ = "goal_result"

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    goal_no: Mapped[int] = mapped_column(primary_key=True)
    actual: Mapped[str]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]
    area_code: Mapped[AreaColumn]
