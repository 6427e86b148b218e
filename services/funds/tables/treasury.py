"""Rows of the treasury's files (预算管理一体化): each file, its indicators, its payments, and the limits that those broke."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class TreasuryImport(Base):
    """A file of the treasury as a county sent it; sealed, for it names who is paid. `repeated` rows were known before."""

    __tablename__ = "treasury_import"
    __table_args__ = (UniqueConstraint("area_code", "kind", "sha256"), Index(None, "area_code", "id"))

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    kind: Mapped[str]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    form: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    rows: Mapped[int]
    repeated: Mapped[int]
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]
    received_by: Mapped[UUID]
    received_at: Mapped[datetime]


class TreasuryFault(Base):
    """A row of a file that was refused, with what is wrong with it; its words stay in the file."""

    __tablename__ = "treasury_fault"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    row_no: Mapped[int] = mapped_column(primary_key=True)
    area_code: Mapped[AreaColumn]
    faults: Mapped[list[dict[str, str]]] = mapped_column(JSONB)


class TreasuryIndicator(Base):
    """An indicator as the treasury's system keeps it; how it compares with ours is asked when it is looked at."""

    __tablename__ = "treasury_indicator"
    __table_args__ = (Index(None, "area_code", "document_no"),)

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    row_no: Mapped[int] = mapped_column(primary_key=True)
    area_code: Mapped[AreaColumn]
    document_no: Mapped[str]
    amount_fen: Mapped[FenColumn]
    unit_name: Mapped[str]
    category: Mapped[str]
    origin_year: Mapped[int | None]
    is_direct_fund: Mapped[bool]
    set_aside: Mapped[str]


class TreasuryLine(Base):
    """A payment that the treasury made, by its serial once in a county: posted, held, unmatched, or set aside by hand.

    Payee, account and approvals are sealed together; `payee_id` is whom we know by them. `stage` is what the file or a
    person says, `decision` why a person matched the line or set it aside.
    """

    __tablename__ = "treasury_line"
    __table_args__ = (
        UniqueConstraint("area_code", "serial"),
        Index(None, "area_code", "outcome", "id"),
        Index(None, "import_id", "row_no"),
        Index("ix_treasury_line_contract_id", "contract_id", postgresql_where=text("contract_id IS NOT NULL")),
        Index(
            "ux_treasury_line_payment_id", "payment_id", unique=True, postgresql_where=text("payment_id IS NOT NULL")
        ),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    import_id: Mapped[UUID]
    row_no: Mapped[int]
    serial: Mapped[str]
    paid_on: Mapped[date]
    document_no: Mapped[str]
    contract_no: Mapped[str]
    purpose: Mapped[str]
    invoice: Mapped[str]
    stage: Mapped[str | None]
    amount_fen: Mapped[FenColumn]
    recoup_fen: Mapped[FenColumn]
    payee_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    name_index: Mapped[bytes] = mapped_column(LargeBinary)
    account_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    payee_id: Mapped[UUID | None]
    outcome: Mapped[str]
    reason: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    contract_id: Mapped[UUID | None]
    payment_id: Mapped[UUID | None]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision: Mapped[str]


class TreasuryBreach(Base):
    """A limit that a recorded payment broke, and the early-warning rule that tells it."""

    __tablename__ = "treasury_breach"
    __table_args__ = (Index(None, "warning", "payment_id"),)

    payment_id: Mapped[UUID] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    area_code: Mapped[AreaColumn]
    warning: Mapped[str]
    zh: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    noted_on: Mapped[date]
