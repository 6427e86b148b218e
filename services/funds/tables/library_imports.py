"""Rows of library imports (项目库导入): the file, what became of each of its rows, and the county's words for categories."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class LibraryImport(Base):
    """A library table as a county sent it; the file is sealed, for tables name persons and phones."""

    __tablename__ = "library_import"
    __table_args__ = (
        UniqueConstraint("area_code", "plan_year", "sha256"),
        Index(None, "area_code", "id"),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    plan_year: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    form: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    rows: Mapped[int]
    received_by: Mapped[UUID]
    received_at: Mapped[datetime]


class LibraryImportRow(Base):
    """A project row of an import: taken, waiting for a mapping, or refused; its words stay in the file."""

    __tablename__ = "library_import_row"
    __table_args__ = (Index(None, "project_id"),)

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    row_no: Mapped[int] = mapped_column(primary_key=True)
    area_code: Mapped[AreaColumn]
    outcome: Mapped[str]
    label: Mapped[str]
    category: Mapped[str | None]
    note: Mapped[str]
    faults: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    amount_fen: Mapped[FenColumn]
    project_id: Mapped[UUID | None]


class CategoryMapping(Base):
    """What a county's own word for a category means from a day on (类别映射)."""

    __tablename__ = "category_mapping"

    area_code: Mapped[AreaColumn] = mapped_column(primary_key=True)
    label_key: Mapped[str] = mapped_column(primary_key=True)
    effective_from: Mapped[date] = mapped_column(primary_key=True)
    label: Mapped[str]
    category: Mapped[str]
    mapped_by: Mapped[UUID]
    mapped_at: Mapped[datetime]
