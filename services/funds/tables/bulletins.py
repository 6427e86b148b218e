"""Rows of known bulletins (已知通报): the file, its rows as read, and what is wrong with them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, RowId


class KnownBulletin(Base):
    """A bulletin that an area received or published; the file is sealed, for tables name persons and phones."""

    __tablename__ = "known_bulletin"
    __table_args__ = (
        UniqueConstraint("area_code", "kind", "period_start", "sha256"),
        Index(None, "area_code", "id"),
        Index(None, "area_code", "kind", "period_start"),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    kind: Mapped[str]
    period_start: Mapped[date]
    title: Mapped[str]
    level: Mapped[str]
    unit: Mapped[str]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    rows: Mapped[int]
    errors: Mapped[int]
    warnings: Mapped[int]
    notes: Mapped[int]
    received_by: Mapped[UUID]
    received_at: Mapped[datetime]


class KnownBulletinRow(Base):
    """A row of a bulletin: what it is, its texts and its figures as printed, under the names of its kind's columns."""

    __tablename__ = "known_bulletin_row"

    bulletin_id: Mapped[UUID] = mapped_column(primary_key=True)
    row_no: Mapped[int] = mapped_column(primary_key=True)
    area_code: Mapped[AreaColumn]
    sheet: Mapped[str]
    line_no: Mapped[int]
    record: Mapped[str]
    label: Mapped[str]
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)


class KnownBulletinFinding(Base):
    """A figure of a bulletin that is not what it should be, or that is to be asked about (核对发现)."""

    __tablename__ = "known_bulletin_finding"

    bulletin_id: Mapped[UUID] = mapped_column(primary_key=True)
    finding_no: Mapped[int] = mapped_column(primary_key=True)
    area_code: Mapped[AreaColumn]
    severity: Mapped[str]
    kind: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
