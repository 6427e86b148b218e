"""Rows of supervision (资金监管): alerts, and what monitoring tells that its rules need."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, FenColumn, RowId


class Alert(Base):
    """An alert (预警): one open per check and subject. Its case has the state, `due_on` is the end of the whole way.

    `closed_at` is empty as long as it is not handled; `facts` are those of the day it was raised or last got worse.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index("ux_alert_open", "check_id", "subject_key", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index(None, "finding_id"),
        Index(None, "area_code", "raised_at", "id"),
        Index(None, "due_on"),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    rule_id: Mapped[str]
    check_id: Mapped[str]
    finding_id: Mapped[UUID]
    subject_kind: Mapped[str]
    subject_key: Mapped[str]
    subject_id: Mapped[UUID]
    owner: Mapped[str]
    severity: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    raised_at: Mapped[datetime]
    due_on: Mapped[date]
    cleared_on: Mapped[date | None]
    plan: Mapped[str | None]
    plan_until: Mapped[date | None]
    responsible: Mapped[str | None]
    extended_on: Mapped[date | None]
    reopened: Mapped[int]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class MicrocreditMonth(Base):
    """A county's small loans at the end of a month (小额信贷月结), copied from monitoring's events."""

    __tablename__ = "ref_microcredit_month"

    area_code: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    balance_fen: Mapped[FenColumn]
    overdue_fen: Mapped[FenColumn]


class Posting(Base):
    """A member of a village's resident team (驻村人员), copied from monitoring's events; `until` is empty while posted."""

    __tablename__ = "ref_posting"

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    role: Mapped[str]
    since: Mapped[date]
    until: Mapped[date | None]
