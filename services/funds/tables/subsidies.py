"""Rows of household subsidies (到户补贴): batches, their lines, what sources bear of a line, bank results, ends."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class HouseholdBatch(Base):
    """The header of a batch (批次); `instruction_no` counts how often lines of it were sent to the bank."""

    __tablename__ = "household_batch"
    __table_args__ = (
        UniqueConstraint("county_code", "number"),
        UniqueConstraint("county_code", "content_index"),
        Index(None, "project_id"),
        CheckConstraint("line_count > 0 AND total_fen > 0", name="not_empty"),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    county_code: Mapped[int] = mapped_column(BigInteger)
    project_id: Mapped[UUID]
    number: Mapped[str]
    policy: Mapped[str]
    line_count: Mapped[int]
    total_fen: Mapped[FenColumn]
    content_index: Mapped[bytes] = mapped_column(LargeBinary)
    instruction_no: Mapped[int]
    instructed_on: Mapped[date | None]


class HouseholdLine(Base):
    """One line of a batch; `outcome` is moved in sets by bulk/ alone. While claimed, its person, policy, period are taken."""

    __tablename__ = "household_line"
    __table_args__ = (
        UniqueConstraint("batch_id", "seq"),
        Index(
            "ux_household_line_claimed",
            "id_number_index",
            "policy",
            "period",
            unique=True,
            postgresql_where=text("claimed"),
        ),
        Index(None, "batch_id", "outcome"),
        Index(None, "household_id"),
        Index("ix_household_line_person_id", "person_id", postgresql_where=text("person_id IS NOT NULL")),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    batch_id: Mapped[UUID]
    seq: Mapped[int]
    household_id: Mapped[UUID]
    person_id: Mapped[UUID | None]
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    id_number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    id_number_index: Mapped[bytes] = mapped_column(LargeBinary)
    card_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    card_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    bank_code: Mapped[str]
    policy: Mapped[str]
    period: Mapped[str]
    amount_fen: Mapped[FenColumn]
    basis: Mapped[str]
    claimed: Mapped[bool]
    outcome: Mapped[str]
    tries: Mapped[int]
    instruction_no: Mapped[int]
    fail_code: Mapped[str | None]
    bank_serial: Mapped[str | None]
    paid_on: Mapped[date | None]
    removed_reason: Mapped[str | None]


class HouseholdLineSource(Base):
    """What one source bears of a line: the sources are used up in order, so most lines have one (资金来源).

    Always read by its lines; an index by area would only mislead the planner, which knows nothing of new rows yet.
    """

    __tablename__ = "household_line_source"

    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    indicator_id: Mapped[UUID] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(primary_key=True)
    amount_fen: Mapped[FenColumn]
    area_code: Mapped[int] = mapped_column(BigInteger)


class BankResult(Base):
    """A result file of the agent bank (代发银行回执), applied once."""

    __tablename__ = "bank_result"
    __table_args__ = (UniqueConstraint("batch_id", "content_index"),)

    id: Mapped[RowId]
    batch_id: Mapped[UUID]
    instruction_no: Mapped[int]
    content_index: Mapped[bytes] = mapped_column(LargeBinary)
    paid: Mapped[int]
    failed: Mapped[int]
    received_on: Mapped[date]
    area_code: Mapped[AreaColumn]


class RecipientEnd(Base):
    """A household or person that is paid no more (停发): from the month after `ended_on`."""

    __tablename__ = "recipient_end"

    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    ended_on: Mapped[date]
    reason: Mapped[str]
    area_code: Mapped[AreaColumn]
