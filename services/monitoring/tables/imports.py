"""Imported files: the batch and its progress, the sealed file, the refused rows, and what settlements were taken."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Computed, DateTime, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.tables.base import Area, Base, Sealed
from shared.db.base import FenColumn, RowId


class BatchRow(Base):
    """One file (导入批次), known by its content: the same bytes again are the same batch.

    `done` of its `total` rows are gone through, which is up to row `last_row`; row 1 are the headings.
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
    done: Mapped[int] = mapped_column(Integer)
    last_row: Mapped[int] = mapped_column(Integer)
    unchanged: Mapped[int] = mapped_column(Integer)
    refused: Mapped[int] = mapped_column(Integer)
    clues: Mapped[int] = mapped_column(Integer)
    risks: Mapped[int] = mapped_column(Integer)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    received_by: Mapped[UUID]
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class FileRow(Base):
    """A part of a file, compressed and sealed: `rows` filled ones from `first_row` on. The headings are a part too."""

    __tablename__ = "import_file"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    first_row: Mapped[int] = mapped_column(Integer, primary_key=True)
    area_code: Mapped[Area]
    rows: Mapped[int] = mapped_column(Integer)
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
    """One settlement (结算记录) of a person, known by its blind index; sums of these are held against thresholds.

    A settlement's number is given out once in a county; batch and row tell where it came from.
    """

    __tablename__ = "spending_entry"
    __table_args__ = (Index("spending_entry_person", "person_key", "settled_on"),)

    batch_id: Mapped[UUID]
    area_code: Mapped[Area]
    self_paid_fen: Mapped[FenColumn]
    person_key: Mapped[int] = mapped_column(BigInteger)
    """The first eight bytes of `person_index`: a narrow index, and hardly ever of two persons."""
    settled_on: Mapped[date]
    row_no: Mapped[int] = mapped_column(Integer)
    county_code: Mapped[int] = mapped_column(
        Integer, Computed("(area_code / 1000000)::int", persisted=True), primary_key=True
    )
    item: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    """As `Exchange.item_no` tells it."""
    person_index: Mapped[Sealed]
    record_no: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
