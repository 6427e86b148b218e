"""Rows of dynamic adjustment (动态调整): exits, urgent entries, and library lists that were published elsewhere."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class LibraryExit(Base):
    """How a project left the library (出库记录): reason E01–E12, the decision, and what it was then."""

    __tablename__ = "library_exit"
    __table_args__ = (Index(None, "area_code", "exited_on", "project_id"),)

    project_id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    reason: Mapped[str]
    document_no: Mapped[str]
    detail: Mapped[str]
    merged_into: Mapped[UUID | None]
    version_no: Mapped[int]
    planned_total_fen: Mapped[FenColumn]
    years_waiting: Mapped[int]
    exited_on: Mapped[date]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]


class UrgentEntry(Base):
    """An entry that did not wait for a window (应急入库): why, and until when what it left out has to be made good."""

    __tablename__ = "urgent_entry"
    __table_args__ = (Index(None, "area_code", "complete_by", "project_id"),)

    project_id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    cause: Mapped[str]
    document_no: Mapped[str]
    grounds: Mapped[str]
    declared_by: Mapped[UUID]
    declared_on: Mapped[date]
    complete_by: Mapped[date]
    completed_by: Mapped[UUID | None]
    completed_on: Mapped[date | None]


class LibraryPublication(Base):
    """A publication (公示公告) that a library list had elsewhere, by which its projects enter."""

    __tablename__ = "library_publication"

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    document_no: Mapped[str]
    place: Mapped[str]
    hung_from: Mapped[date]
    hung_to: Mapped[date]
    announced_on: Mapped[date]
    projects: Mapped[int]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]


class PublishedEntry(Base):
    """That a project entered by a publication."""

    __tablename__ = "published_entry"
    __table_args__ = (Index(None, "publication_id"),)

    project_id: Mapped[RowId]
    publication_id: Mapped[UUID]
    area_code: Mapped[AreaColumn]
