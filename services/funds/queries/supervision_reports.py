"""What offices reported for supervision, as it is listed."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from services.funds.tables.supervision_reports import BankDay, FinalAccount, LabourPay, SiteProgress, TownshipBalance
from shared.contracts.wire import Area, Yuan
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode


class Shown(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True)


class BankDayShown(Shown):
    """A day of the bank."""

    area_code: Area
    on: date
    paid: Yuan
    returned: Yuan
    refunded: Yuan
    statement_no: str


class LabourPayShown(Shown):
    """A roster of labour pay."""

    id: UUID
    area_code: Area
    project_id: UUID
    reference: str
    period: str
    persons: int
    amount: Yuan
    paid_on: date


class TownshipBalanceShown(Shown):
    """A township's account at the end of a day."""

    area_code: Area
    as_of: date
    balance: Yuan


class SiteProgressShown(Shown):
    """The works as they were seen on a day."""

    id: UUID
    area_code: Area
    project_id: UUID
    seen_on: date
    progress_ppm: int
    evidence_id: UUID


class FinalAccountShown(Shown):
    """A final account."""

    project_id: UUID
    area_code: Area
    document_no: str
    approved_on: date
    amount: Yuan


async def list_bank_days(session: ReadSession, request: PageRequest, area: AreaCode | None) -> Page[BankDayShown]:
    """A page of days, the newest first."""
    statement = select(BankDay)
    if area is not None:
        statement = statement.where(BankDay.area_code.between(*area.span))
    return await fetch_page(
        session, statement, (BankDay.on_day, BankDay.area_code), request, _bank_day, descending=True
    )


async def list_labour_pay(
    session: ReadSession, request: PageRequest, area: AreaCode | None, project_id: UUID | None
) -> Page[LabourPayShown]:
    """A page of rosters, the newest first."""
    statement = select(LabourPay)
    if area is not None:
        statement = statement.where(LabourPay.area_code.between(*area.span))
    if project_id is not None:
        statement = statement.where(LabourPay.project_id == project_id)
    return await fetch_page(session, statement, (LabourPay.id,), request, _labour_pay, descending=True)


async def list_township_balances(
    session: ReadSession, request: PageRequest, area: AreaCode | None
) -> Page[TownshipBalanceShown]:
    """A page of balances, the newest first."""
    statement = select(TownshipBalance)
    if area is not None:
        statement = statement.where(TownshipBalance.area_code.between(*area.span))
    keys = (TownshipBalance.as_of, TownshipBalance.area_code)
    return await fetch_page(session, statement, keys, request, _balance, descending=True)


def _bank_day(row: Any) -> BankDayShown:
    day: BankDay = row[0]
    return BankDayShown(
        area_code=AreaCode(day.area_code),
        on=day.on_day,
        paid=day.paid_fen,
        returned=day.returned_fen,
        refunded=day.refunded_fen,
        statement_no=day.statement_no,
    )


def _labour_pay(row: Any) -> LabourPayShown:
    roster: LabourPay = row[0]
    own = {name: getattr(roster, name) for name in LabourPayShown.model_fields if hasattr(roster, name)}
    return LabourPayShown(**own, amount=roster.amount_fen)


def _balance(row: Any) -> TownshipBalanceShown:
    day: TownshipBalance = row[0]
    return TownshipBalanceShown(area_code=AreaCode(day.area_code), as_of=day.as_of, balance=day.balance_fen)


async def list_site_progress(
    session: ReadSession, request: PageRequest, area: AreaCode | None, project_id: UUID | None
) -> Page[SiteProgressShown]:
    """A page of what was seen, the newest first."""
    statement = select(SiteProgress)
    if area is not None:
        statement = statement.where(SiteProgress.area_code.between(*area.span))
    if project_id is not None:
        statement = statement.where(SiteProgress.project_id == project_id)
    keys = (SiteProgress.seen_on, SiteProgress.id)
    return await fetch_page(
        session,
        statement,
        keys,
        request,
        lambda row: SiteProgressShown.model_validate(row[0], from_attributes=True),
        descending=True,
    )


async def list_final_accounts(
    session: ReadSession, request: PageRequest, area: AreaCode | None
) -> Page[FinalAccountShown]:
    """A page of final accounts."""
    statement = select(FinalAccount)
    if area is not None:
        statement = statement.where(FinalAccount.area_code.between(*area.span))
    return await fetch_page(session, statement, (FinalAccount.project_id,), request, _final_account)


def _final_account(row: Any) -> FinalAccountShown:
    account: FinalAccount = row[0]
    own = {name: getattr(account, name) for name in FinalAccountShown.model_fields if hasattr(account, name)}
    return FinalAccountShown(**own, amount=account.amount_fen)
