"""The rows of the reference (对照), mapped as such a service maps them; the tables are those of the funds service."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy's own word
        int: BigInteger,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[UUID]: ARRAY(Uuid),
    }


class CommandKey(Base):
    __tablename__ = "command_key"
    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    input_hash: Mapped[bytes]
    outcome: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class CaseFile(Base):
    __tablename__ = "case_file"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    workflow: Mapped[str]
    subject_id: Mapped[UUID]
    area_code: Mapped[int]
    state: Mapped[str]
    previous: Mapped[str]
    round: Mapped[int]
    version: Mapped[int]
    entered_at: Mapped[datetime]


class CaseStep(Base):
    __tablename__ = "case_step"
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[str]
    source: Mapped[str]
    target: Mapped[str]
    round: Mapped[int]
    actor: Mapped[UUID]
    role: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str]
    evidence: Mapped[list[UUID]]
    area_code: Mapped[int]


class Payment(Base):
    __tablename__ = "payment"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    area_code: Mapped[int]
    county_code: Mapped[int]
    project_id: Mapped[UUID]
    contract_id: Mapped[UUID]
    payee_id: Mapped[UUID]
    stage: Mapped[str]
    cash_fen: Mapped[int]
    reserved: Mapped[bool]
    instructions: Mapped[int]
    instructed_on: Mapped[date | None]
    bank_reference: Mapped[str | None]
    paid_on: Mapped[date | None]


class Contract(Base):
    __tablename__ = "contract"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    amount_fen: Mapped[int]
    certified_fen: Mapped[int]
    worked_fen: Mapped[int]
    open_cash_fen: Mapped[int]


class Payee(Base):
    __tablename__ = "payee"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    confirmed_by: Mapped[UUID | None]


class Indicator(Base):
    __tablename__ = "indicator"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_no: Mapped[str]


class LedgerEntry(Base):
    __tablename__ = "ledger_entry"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    template: Mapped[str]
    document: Mapped[str]
    at: Mapped[datetime]
    on_day: Mapped[date]
    line_count: Mapped[int]
    command_id: Mapped[UUID]
    area_code: Mapped[int]


class LedgerLine(Base):
    __tablename__ = "ledger_line"
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    indicator_id: Mapped[UUID]
    project_id: Mapped[UUID | None]
    contract_id: Mapped[UUID | None]
    payment_id: Mapped[UUID | None]
    fiscal_year: Mapped[int]
    signed_fen: Mapped[int]
    area_code: Mapped[int]


class LedgerBalance(Base):
    __tablename__ = "ledger_balance"
    indicator_id: Mapped[UUID] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    contract_id: Mapped[UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(primary_key=True)
    household_line_id: Mapped[UUID] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(primary_key=True)
    area_code: Mapped[int] = mapped_column(primary_key=True)
    amount_fen: Mapped[int]
    floor_fen: Mapped[int | None]


class Outbox(Base):
    __tablename__ = "outbox"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    topic: Mapped[str]
    key: Mapped[UUID]
    type: Mapped[str]
    area_code: Mapped[int]
    envelope: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class Journal(Base):
    __tablename__ = "journal"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[UUID]
    command: Mapped[str]
    input_hash: Mapped[bytes]
    correlation: Mapped[UUID]
    area_code: Mapped[int]
    subjects: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
