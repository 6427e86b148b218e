"""Rows of disclosure (公告公示): the dated catalogue, frozen snapshots, their proofs, and the public's queries."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId

CONTENT = "disclosure.content"
"""The vault's name of the sealed column."""


class DisclosureItem(Base):
    """One item of the catalogue (公开目录) as from a day: whose duty, on what trigger, which fields, for how long."""

    __tablename__ = "disclosure_item"

    code: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    level: Mapped[str]
    subject_kind: Mapped[str]
    trigger: Mapped[str]
    due_parameter: Mapped[str]
    publisher: Mapped[str]
    duration: Mapped[str]
    has_persons: Mapped[bool]
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    given: Mapped[list[str]] = mapped_column(ARRAY(Text))
    zh: Mapped[str]
    en: Mapped[str]
    source: Mapped[str]


class Disclosure(Base):
    """A published snapshot (公示公告), never changed; what names persons is sealed, so that its end is an end.

    `until_on` is empty when it stays; `objections_until` is the last day of its period for objections.
    """

    __tablename__ = "disclosure"
    __table_args__ = (
        UniqueConstraint("item", "subject_id", "area_code", "period", "version_no"),
        Index(None, "posted_on", "id"),
        Index(None, "project_id", "item"),
        Index("ix_disclosure_villages", "villages", postgresql_using="gin"),
        CheckConstraint("(content IS NULL) <> (content_sealed IS NULL)", name="one_content"),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    item: Mapped[str]
    level: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    period: Mapped[str]
    version_no: Mapped[int]
    project_id: Mapped[UUID | None]
    policy: Mapped[str]
    villages: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    title: Mapped[str]
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    content_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    posted_on: Mapped[date]
    objections_until: Mapped[date | None]
    until_on: Mapped[date | None]
    published_by: Mapped[UUID]
    published_at: Mapped[datetime]


class DisclosureProof(Base):
    """A dated photo (公示照片) of a board."""

    __tablename__ = "disclosure_proof"

    disclosure_id: Mapped[UUID] = mapped_column(primary_key=True)
    evidence_id: Mapped[UUID] = mapped_column(primary_key=True)
    taken_on: Mapped[date]
    area_code: Mapped[AreaColumn]


class DisclosureWithdrawal(Base):
    """A snapshot taken back (撤回) with its reason; the row of the snapshot stays."""

    __tablename__ = "disclosure_withdrawal"

    disclosure_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str]
    withdrawn_on: Mapped[date]
    withdrawn_by: Mapped[UUID]
    area_code: Mapped[AreaColumn]


class DisclosureLine(Base):
    """What a published household list says of one household, for its own query."""

    __tablename__ = "disclosure_line"
    __table_args__ = (Index(None, "household_id"),)

    disclosure_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    household_id: Mapped[UUID]
    period: Mapped[str]
    amount_fen: Mapped[FenColumn]
    paid_on: Mapped[date | None]
    area_code: Mapped[AreaColumn]


class AccessCode(Base):
    """A household's code (查询码), handed out on paper; only its keyed hash is kept."""

    __tablename__ = "access_code"
    __table_args__ = (Index(None, "household_id"),)

    id: Mapped[RowId]
    household_id: Mapped[UUID]
    code_index: Mapped[bytes] = mapped_column(LargeBinary)
    issued_on: Mapped[date]
    expires_on: Mapped[date]
    revoked_on: Mapped[date | None]
    area_code: Mapped[AreaColumn]


class PublicQuery(Base):
    """One query of the public (公众查询记录): who asked is a keyed hash, what was asked is kinds and ids only."""

    __tablename__ = "public_query"
    __table_args__ = (
        Index(None, "client_index", "kind", "at"),
        Index("ix_public_query_subject_index_at", "subject_index", "at", postgresql_where="subject_index IS NOT NULL"),
    )

    id: Mapped[RowId]
    at: Mapped[datetime]
    client_index: Mapped[bytes] = mapped_column(LargeBinary)
    kind: Mapped[str]
    filters: Mapped[list[str]] = mapped_column(ARRAY(Text))
    project_id: Mapped[UUID | None]
    subject_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    verdict: Mapped[str]
    area_code: Mapped[AreaColumn]
