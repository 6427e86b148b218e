"""Operating contracts (经营合同), their rent calendars, and the money that arrives."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.assets.tables.base import AreaNumber, Base
from shared.db.base import AreaColumn, FenColumn, RowId


class OperatingContract(Base):
    """One contract over a quantity of one asset; the lessor (出租方) must hold the operation right."""

    __tablename__ = "operating_contract"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="term"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("rent_total_fen >= 0 AND late_fee_due_fen >= 0", name="amounts"),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    contract_no: Mapped[str]
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id"), index=True)
    mode: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(15, 6))
    lessor_kind: Mapped[str]
    lessor_area: Mapped[AreaNumber]
    operator_id: Mapped[UUID]
    operator_code: Mapped[str]
    operator_name: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    rent_total_fen: Mapped[FenColumn]
    deposit_fen: Mapped[FenColumn]
    late_fee_daily_ppm: Mapped[int]
    late_fee_due_fen: Mapped[FenColumn]
    agreed_by: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    signed_on: Mapped[date | None]
    ended_on: Mapped[date | None]


class RentInstalment(Base):
    """One instalment (租金期次); never more is paid on it than is due."""

    __tablename__ = "rent_instalment"
    __table_args__ = (
        CheckConstraint("paid_fen BETWEEN 0 AND amount_fen", name="paid"),
        Index("rent_unpaid", "due_on", "contract_id", postgresql_where=text("paid_fen < amount_fen")),
    )

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("operating_contract.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    due_on: Mapped[date]
    amount_fen: Mapped[FenColumn]
    paid_fen: Mapped[FenColumn]
    area_code: Mapped[AreaNumber]


class IncomeReceipt(Base):
    """Money that arrived (到账收益). `drawn_fen` is what distribution plans have taken of it, never more than came."""

    __tablename__ = "income_receipt"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("drawn_fen BETWEEN 0 AND amount_fen", name="drawn"),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id"), index=True)
    contract_id: Mapped[UUID | None] = mapped_column(ForeignKey("operating_contract.id"), index=True)
    kind: Mapped[str]
    period: Mapped[str]
    bank_serial: Mapped[str] = mapped_column(unique=True)
    amount_fen: Mapped[FenColumn]
    late_fee_fen: Mapped[FenColumn]
    unallocated_fen: Mapped[FenColumn]
    drawn_fen: Mapped[FenColumn]
    received_on: Mapped[date]


class ReceiptAllocation(Base):
    """What a receipt pays of one instalment: the oldest first."""

    __tablename__ = "receipt_allocation"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount"),)

    receipt_id: Mapped[UUID] = mapped_column(ForeignKey("income_receipt.id"), primary_key=True)
    instalment_no: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("operating_contract.id"), index=True)
    amount_fen: Mapped[FenColumn]
    area_code: Mapped[AreaNumber]
