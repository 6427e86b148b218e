"""Rows of payments (拨付): requests, their invoices, and refunds."""

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, LargeBinary, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class Payment(Base):
    """A payment request (拨付申请) of a contract; what the sources bear of it stands on the ledger.

    Of one that the treasury made elsewhere the payee is empty when nobody here knows who was paid (LM12);
    the treasury's line keeps the name, sealed.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("county_code", "reference"),
        Index(
            "ux_payment_bank_reference",
            "county_code",
            "bank_reference",
            unique=True,
            postgresql_where=text("bank_reference IS NOT NULL"),
        ),
        Index(None, "contract_id"),
        Index(None, "area_code", "applied_on", "id"),
        CheckConstraint("cash_fen > 0 AND recoup_fen >= 0", name="amounts"),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    county_code: Mapped[int] = mapped_column(BigInteger)
    project_id: Mapped[UUID]
    contract_id: Mapped[UUID]
    payee_id: Mapped[UUID | None]
    stage: Mapped[str]
    cash_fen: Mapped[FenColumn]
    recoup_fen: Mapped[FenColumn]
    reference: Mapped[str]
    applied_on: Mapped[date]
    opinion_on: Mapped[date | None]
    documents: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    reserved: Mapped[bool]
    instructions: Mapped[int]
    instructed_on: Mapped[date | None]
    account_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    bank_reference: Mapped[str | None]
    paid_on: Mapped[date | None]
    fail_reason: Mapped[str | None]
    statement_no: Mapped[str | None]
    method: Mapped[str] = mapped_column(default="transfer")


class PaymentInvoice(Base):
    """An invoice (发票) behind a payment; while claimed, nobody else in any county can claim it."""

    __tablename__ = "payment_invoice"
    __table_args__ = (
        Index("ux_payment_invoice_claimed", "number_index", unique=True, postgresql_where=text("claimed")),
    )

    payment_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    number_index: Mapped[bytes] = mapped_column(LargeBinary)
    amount_fen: Mapped[FenColumn]
    issued_on: Mapped[date]
    claimed: Mapped[bool]
    area_code: Mapped[AreaColumn]


class InvoiceUse(Base):
    """That a payment names an invoice, for all counties to compare: a keyed hash and an opaque id, without an area."""

    __tablename__ = "invoice_use"

    number_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(primary_key=True)


class Refund(Base):
    """Money that came back (退款), by a document of its own: in hand until it is given back to the project's quota."""

    __tablename__ = "refund"
    __table_args__ = (
        UniqueConstraint("county_code", "bank_reference"),
        Index(None, "contract_id"),
        Index(None, "household_line_id"),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    county_code: Mapped[int] = mapped_column(BigInteger)
    project_id: Mapped[UUID]
    contract_id: Mapped[UUID | None]
    payment_id: Mapped[UUID]
    household_line_id: Mapped[UUID | None]
    amount_fen: Mapped[FenColumn]
    reason: Mapped[str]
    bank_reference: Mapped[str]
    received_on: Mapped[date]
    received_by: Mapped[UUID]
    released_on: Mapped[date | None]
