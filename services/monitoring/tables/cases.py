"""The subjects of identification and elimination, and what their steps leave behind. No state: that is in the case."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, Index, Integer, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.tables.base import Area, Base, Sealed
from shared.db.base import RowId


class IdentificationRow(Base):
    """One identification (识别认定) of the household of a risk. `episode_id` is the id its episode will have.

    `applicant` is the actor who applied for the household itself; nobody else of that role may read it.
    """

    __tablename__ = "identification"
    __table_args__ = (
        Index("identification_list", "area_code", "id"),
        Index("identification_household", "household_id"),
        Index("identification_risk", "risk_id", unique=True),
        Index(
            "identification_to_tell",
            "area_code",
            "tell_by",
            postgresql_where=text("told_on IS NULL AND tell_by IS NOT NULL"),
        ),
    )

    id: Mapped[RowId]
    area_code: Mapped[Area]
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    risk_id: Mapped[UUID] = mapped_column(ForeignKey("risk.id"))
    episode_id: Mapped[UUID]
    relapse_of: Mapped[UUID | None] = mapped_column(ForeignKey("episode.id"))
    opened_on: Mapped[date]
    applicant: Mapped[UUID | None]
    green_channel_on: Mapped[date | None]
    contact: Mapped[str] = mapped_column(Text, default="")
    concluded_on: Mapped[date | None]
    classification_id: Mapped[UUID | None] = mapped_column(ForeignKey("income_classification.id"))
    proposed_kind: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(Text)
    kind_reason: Mapped[str] = mapped_column(Text, default="")
    rejected_on: Mapped[date | None]
    tell_by: Mapped[date | None]
    told_on: Mapped[date | None]
    told_by: Mapped[UUID | None]
    told_channel: Mapped[str | None] = mapped_column(Text)


class EliminationRow(Base):
    """One elimination (风险消除) of an episode; a rolled-back one is voided and stays on record."""

    __tablename__ = "elimination"
    __table_args__ = (
        Index("elimination_list", "area_code", "id"),
        Index("elimination_episode", "episode_id"),
    )

    id: Mapped[RowId]
    area_code: Mapped[Area]
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episode.id"))
    mode: Mapped[str] = mapped_column(Text)
    natural_reason: Mapped[str] = mapped_column(Text)
    proposed_on: Mapped[date]
    contact: Mapped[str] = mapped_column(Text, default="")
    county_reason: Mapped[str] = mapped_column(Text, default="")
    backstop_override: Mapped[str] = mapped_column(Text, default="")
    voided_on: Mapped[date | None]


class HouseholdCheckRow(Base):
    """The household check (入户核查表) of one round of a case; a blank amount is not zero."""

    __tablename__ = "household_check"
    __table_args__ = (Index("household_check_round", "subject_id", "round", unique=True),)

    id: Mapped[RowId]
    area_code: Mapped[Area]
    subject_id: Mapped[UUID]
    round: Mapped[int] = mapped_column(Integer)
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    visited_on: Mapped[date]
    seen: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    persons: Mapped[int] = mapped_column(Integer)
    window_first: Mapped[date]
    window_last: Mapped[date]
    wage_fen: Mapped[int | None] = mapped_column(BigInteger)
    business_fen: Mapped[int | None] = mapped_column(BigInteger)
    business_expense_fen: Mapped[int | None] = mapped_column(BigInteger)
    property_fen: Mapped[int | None] = mapped_column(BigInteger)
    transfer_fen: Mapped[int | None] = mapped_column(BigInteger)
    claims_fen: Mapped[int | None] = mapped_column(BigInteger)
    self_paid_fen: Mapped[int | None] = mapped_column(BigInteger)
    education: Mapped[str] = mapped_column(Text)
    medical: Mapped[str] = mapped_column(Text)
    housing: Mapped[str] = mapped_column(Text)
    water: Mapped[str] = mapped_column(Text)
    risks: Mapped[list[str]] = mapped_column(ARRAY(Text))
    disaster_subtype: Mapped[str] = mapped_column(Text)
    risk_note_sealed: Mapped[Sealed | None]
    serious_difficulty: Mapped[bool]
    rigid_spending: Mapped[str] = mapped_column(Text)
    stable_months: Mapped[int] = mapped_column(Integer)
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class AuthorisationRow(Base):
    """The signed authorisation (承诺授权): which sources may be asked, until when (M-PI-02)."""

    __tablename__ = "authorisation"
    __table_args__ = (Index("authorisation_case", "identification_id"),)

    id: Mapped[RowId]
    area_code: Mapped[Area]
    identification_id: Mapped[UUID] = mapped_column(ForeignKey("identification.id"))
    round: Mapped[int] = mapped_column(Integer)
    purpose: Mapped[str] = mapped_column(Text)
    sources: Mapped[list[str]] = mapped_column(ARRAY(Text))
    signed_on: Mapped[date]
    valid_until: Mapped[date]
    written_by_other: Mapped[bool]


class ComparisonRow(Base):
    """One source asked about one household (信息比对), and its answer."""

    __tablename__ = "comparison"
    __table_args__ = (
        Index("comparison_round", "identification_id", "round", "source", unique=True),
        Index("comparison_list", "area_code", "id"),
    )

    id: Mapped[RowId]
    area_code: Mapped[Area]
    identification_id: Mapped[UUID] = mapped_column(ForeignKey("identification.id"))
    round: Mapped[int] = mapped_column(Integer)
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    source: Mapped[str] = mapped_column(Text)
    requested_on: Mapped[date]
    due_on: Mapped[date]
    result: Mapped[str | None] = mapped_column(Text)
    answered_on: Mapped[date | None]
    answered_by: Mapped[UUID | None]


class HitRow(Base):
    """A hit of a comparison (比对情形): a question until it is settled. What it is about a person is sealed."""

    __tablename__ = "comparison_hit"
    __table_args__ = (Index("comparison_hit_once", "comparison_id", "code", unique=True),)

    id: Mapped[RowId]
    area_code: Mapped[Area]
    comparison_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"))
    code: Mapped[str] = mapped_column(Text)
    note_sealed: Mapped[Sealed | None]
    answer: Mapped[str | None] = mapped_column(Text)
    answer_reason_sealed: Mapped[Sealed | None]
    evidence_id: Mapped[UUID | None]
    settled_on: Mapped[date | None]
    settled_by: Mapped[UUID | None]


class MeetingRow(Base):
    """The village review (民主评议) of one round; group reviews are abolished, so there is one."""

    __tablename__ = "village_meeting"
    __table_args__ = (Index("village_meeting_round", "subject_id", "round", unique=True),)

    id: Mapped[RowId]
    area_code: Mapped[Area]
    subject_id: Mapped[UUID]
    round: Mapped[int] = mapped_column(Integer)
    held_on: Mapped[date]
    enlarged: Mapped[bool]
    entitled: Mapped[int] = mapped_column(Integer)
    present: Mapped[int] = mapped_column(Integer)
    in_favour: Mapped[int] = mapped_column(Integer)
    against: Mapped[int] = mapped_column(Integer)
    abstained: Mapped[int] = mapped_column(Integer)


class JointReviewRow(Base):
    """A joint review of the county (联审联席会议); the latest of a round counts."""

    __tablename__ = "joint_review"
    __table_args__ = (Index("joint_review_round", "subject_id", "round", "id"),)

    id: Mapped[RowId]
    area_code: Mapped[Area]
    subject_id: Mapped[UUID]
    round: Mapped[int] = mapped_column(Integer)
    held_on: Mapped[date]
    members: Mapped[list[str]] = mapped_column(ARRAY(Text))
    finding: Mapped[str] = mapped_column(Text)
    finding_reason: Mapped[str] = mapped_column(Text)


class RecheckRow(Base):
    """What the recheck of an objection found (异议复核); the latest of a round counts."""

    __tablename__ = "objection_recheck"
    __table_args__ = (Index("objection_recheck_round", "subject_id", "round", "id"),)

    id: Mapped[RowId]
    area_code: Mapped[Area]
    subject_id: Mapped[UUID]
    round: Mapped[int] = mapped_column(Integer)
    rechecked_on: Mapped[date]
    founded: Mapped[bool]
