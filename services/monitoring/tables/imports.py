"""Imported files: the batch and its progress, the sealed file, the refused rows, and what settlements were taken."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.tables.base import Area, Base, Sealed
from shared.db.base import FenColumn, RowId


class BatchRow(Base):
    """One file (导入批次), known by its content: the same bytes again are the same batch.

    `staged` rows passed the checks, the first `merged` of them are taken; `last_row` is where merging stands.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        Index("import_batch_content", "exchange", "area_code", "sha256", unique=True),
        Index("import_batch_list", "area_code", "id"),
    )

    id: Mapped[RowId]
    area_code: Mapped[Area]
    exchange: Mapped[str] = mapped_column(Text)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    form: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    total: Mapped[int] = mapped_column(Integer)
    staged: Mapped[int] = mapped_column(Integer)
    merged: Mapped[int] = mapped_column(Integer)
    last_row: Mapped[int] = mapped_column(Integer)
    unchanged: Mapped[int] = mapped_column(Integer)
    refused: Mapped[int] = mapped_column(Integer)
    clues: Mapped[int] = mapped_column(Integer)
    risks: Mapped[int] = mapped_column(Integer)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    received_by: Mapped[UUID]
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class FileRow(Base):
    """The bytes of a batch, compressed and sealed; from them staging is made anew after a crash."""

    __tablename__ = "import_file"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    area_code: Mapped[Area]
    content_sealed: Mapped[Sealed]


class RefusalRow(Base):
    """One reason why a row was refused (退回原因): its number in the file, the column, code and rule; no value."""

    __tablename__ = "import_refusal"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    row_no: Mapped[int] = mapped_column(Integer, primary_key=True)
    field: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    rule: Mapped[str] = mapped_column(Text)
    area_code: Mapped[Area]


class SpendingEntryRow(Base):
    """One settlement (结算记录) of a person, known by its blind index; sums of these are held against thresholds."""

    __tablename__ = "spending_entry"
    __table_args__ = (
        Index("spending_entry_once", "record_no", "item", text("(area_code / 1000000)"), unique=True),
        Index("spending_entry_person", "person_index", "item", "settled_on"),
    )

    id: Mapped[RowId]
    area_code: Mapped[Area]
    item: Mapped[str] = mapped_column(Text)
    record_no: Mapped[str] = mapped_column(Text)
    person_index: Mapped[Sealed]
    settled_on: Mapped[date]
    self_paid_fen: Mapped[FenColumn]
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("import_batch.id"))
