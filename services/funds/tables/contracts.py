"""Rows of contracts (合同): payees, contracts with their money, variations, valuations, refund claims, settlements."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class Payee(Base):
    """An organisation that is paid (收款方); its account is sealed, changed by one person and confirmed by another."""

    __tablename__ = "payee"
    __table_args__ = (UniqueConstraint("area_code", "credit_code"),)

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    name: Mapped[str]
    kind: Mapped[str]
    credit_code: Mapped[str]
    bank_name: Mapped[str]
    account_kind: Mapped[str] = mapped_column(default="corporate")
    is_small_firm: Mapped[bool] = mapped_column(default=False)
    account_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    account_index: Mapped[bytes] = mapped_column(LargeBinary)
    changed_by: Mapped[UUID]
    changed_on: Mapped[date | None]
    confirmed_by: Mapped[UUID | None]
    confirmed_on: Mapped[date | None]


class PayeeRelation(Base):
    """A relation (利害关系) that a person declared to a payee: neither decides about the other's money."""

    __tablename__ = "payee_relation"

    payee_id: Mapped[UUID] = mapped_column(primary_key=True)
    person: Mapped[UUID] = mapped_column(primary_key=True)
    declared_on: Mapped[date]
    area_code: Mapped[AreaColumn]


class Contract(Base):
    """A contract of a project. Its sums are ContractMoney; the database keeps paid ≤ certified and taken ≤ contract."""

    __tablename__ = "contract"
    __table_args__ = (
        UniqueConstraint("county_code", "number"),
        Index(None, "project_id"),
        Index(None, "payee_id"),
        CheckConstraint(
            "worked_fen + recouped_fen + open_cash_fen + open_recoup_fen - refunded_fen <= certified_fen + claim_fen",
            name="paid_within_certified",
        ),
        CheckConstraint(
            "advanced_fen + worked_fen + open_advance_fen + open_cash_fen - refunded_fen <= amount_fen + variation_fen",
            name="taken_within_contract",
        ),
        CheckConstraint("certified_fen <= amount_fen + variation_fen", name="certified_within_contract"),
        CheckConstraint("recouped_fen + open_recoup_fen <= advanced_fen", name="recouped_within_advance"),
        CheckConstraint("retention_used_fen <= retention_fen", name="retention_within_set_aside"),
        CheckConstraint(
            "least(amount_fen, provisional_fen, certified_fen, advanced_fen, recouped_fen, worked_fen, refunded_fen,"
            " open_advance_fen, open_recoup_fen, open_cash_fen, retention_fen, retention_used_fen, claim_fen) >= 0",
            name="nothing_below_zero",
        ),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    county_code: Mapped[int] = mapped_column(BigInteger)
    project_id: Mapped[UUID]
    payee_id: Mapped[UUID]
    number: Mapped[str]
    title: Mapped[str]
    kind: Mapped[str]
    procurement: Mapped[str]
    award_notice: Mapped[str | None]
    award_fen: Mapped[FenColumn | None]
    award_on: Mapped[date | None]
    signed_on: Mapped[date]
    defect_months: Mapped[int]
    payment_plan: Mapped[str]
    before_acceptance_ppm: Mapped[int | None]
    pay_days: Mapped[int | None]
    fee: Mapped[str | None]
    completed_on: Mapped[date | None]
    amount_fen: Mapped[FenColumn]
    provisional_fen: Mapped[FenColumn]
    variation_fen: Mapped[FenColumn]
    certified_fen: Mapped[FenColumn]
    advanced_fen: Mapped[FenColumn]
    recouped_fen: Mapped[FenColumn]
    worked_fen: Mapped[FenColumn]
    refunded_fen: Mapped[FenColumn]
    open_advance_fen: Mapped[FenColumn]
    open_recoup_fen: Mapped[FenColumn]
    open_cash_fen: Mapped[FenColumn]
    reviewed_fen: Mapped[FenColumn | None]
    settlement_fen: Mapped[FenColumn | None]
    retention_fen: Mapped[FenColumn]
    retention_used_fen: Mapped[FenColumn]
    claim_fen: Mapped[FenColumn]
    bank_guarantee: Mapped[str | None]
    settlement_document: Mapped[str | None]


class ContractVariation(Base):
    """A variation (合同变更) on paper; both sides sign it as a step of the contract, one at a time."""

    __tablename__ = "contract_variation"
    __table_args__ = (
        UniqueConstraint("contract_id", "seq"),
        Index("ux_contract_variation_open", "contract_id", unique=True, postgresql_where=text("applied_on IS NULL")),
    )

    id: Mapped[RowId]
    contract_id: Mapped[UUID]
    seq: Mapped[int]
    delta_fen: Mapped[FenColumn]
    document_no: Mapped[str]
    proposed_by: Mapped[UUID]
    proposed_at: Mapped[datetime]
    applied_on: Mapped[date | None]
    area_code: Mapped[AreaColumn]


class Valuation(Base):
    """Work certified (计量) by the unit and its supervisor; never rewritten, a wrong one is followed by another."""

    __tablename__ = "valuation"
    __table_args__ = (UniqueConstraint("contract_id", "seq"),)

    id: Mapped[RowId]
    contract_id: Mapped[UUID]
    seq: Mapped[int]
    certified_fen: Mapped[FenColumn]
    certified_on: Mapped[date]
    document_no: Mapped[str]
    supervisor: Mapped[str]
    recorded_by: Mapped[UUID]
    area_code: Mapped[AreaColumn]


class RefundClaim(Base):
    """What a contract's payee has to give back of one source (应退款), and what of it came."""

    __tablename__ = "refund_claim"
    __table_args__ = (CheckConstraint("refunded_fen BETWEEN 0 AND claimed_fen", name="refunded_within_claimed"),)

    contract_id: Mapped[UUID] = mapped_column(primary_key=True)
    indicator_id: Mapped[UUID] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(primary_key=True)
    claimed_fen: Mapped[FenColumn]
    refunded_fen: Mapped[FenColumn]
    area_code: Mapped[AreaColumn]


class ProjectSettlement(Base):
    """The settled figure of a project (项目结算), as told to the asset register; audits change it with a document."""

    __tablename__ = "project_settlement"

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    settlement_fen: Mapped[FenColumn]
    retention_fen: Mapped[FenColumn]
    approval_document: Mapped[str]
    settled_on: Mapped[date]
    area_code: Mapped[AreaColumn]


class ProjectSettlementSource(Base):
    """What one indicator bears of a settled project."""

    __tablename__ = "project_settlement_source"

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    indicator_id: Mapped[UUID] = mapped_column(primary_key=True)
    amount_fen: Mapped[FenColumn]
    area_code: Mapped[AreaColumn]
