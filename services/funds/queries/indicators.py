"""Indicators as they are shown: the document's fields, the state of the case, and where the money stands."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, Select, select

from services.funds.domain.indicators import Light, clock_start, due_on, light
from services.funds.queries.case_rows import CASE, case_of
from services.funds.queries.money import Balances, balances_of
from services.funds.tables.indicators import Indicator
from shared.contracts.wire import Area, Yuan
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.days import Calendar
from shared.kernel.errors import not_found
from shared.parameters.lookup import Parameters


class IndicatorShown(BaseModel):
    """One indicator (指标); `light` tells how it stands with its clock, `version` is its case's."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    area_code: Area
    issuer: str
    document_no: str
    line_no: int
    title: str
    issued_on: date
    received_on: date
    fiscal_year: int
    level: str
    category: str
    functional_class: str
    is_advance_notice: bool
    is_direct_fund: bool
    amount: Yuan
    state: str
    version: int
    allocate_by: date
    light: Light
    balances: Balances


async def list_indicators(
    session: ReadSession,
    request: PageRequest,
    asked: Parameters,
    calendar: Calendar,
    today: date,
    area: AreaCode | None,
    fiscal_year: int | None,
) -> Page[IndicatorShown]:
    """A page of indicators by day of receipt, the newest first."""
    statement = _select()
    if area is not None:
        statement = statement.where(Indicator.area_code.between(*area.span))
    if fiscal_year is not None:
        statement = statement.where(Indicator.fiscal_year == fiscal_year)
    page = await fetch_page(
        session,
        statement,
        (Indicator.received_on, Indicator.id),
        request,
        lambda row: row,
        descending=True,
    )
    balances = await balances_of(session, "indicator_id", [row[0].id for row in page.items])
    items = [await _shown(row, balances[row[0].id], asked, calendar, today) for row in page.items]
    return Page(items=items, next_cursor=page.next_cursor)


async def one_indicator(
    session: ReadSession,
    indicator_id: UUID,
    asked: Parameters,
    calendar: Calendar,
    today: date,
) -> IndicatorShown:
    """One indicator with its balances; raises NotFound."""
    row = (await session.session.execute(_select().where(Indicator.id == indicator_id))).one_or_none()
    if row is None:
        raise not_found("指标", "indicator")
    balances = await balances_of(session, "indicator_id", [indicator_id])
    return await _shown(row, balances[indicator_id], asked, calendar, today)


def _select() -> Select[Any]:
    joined = case_of(Indicator.id, "funds.indicator")
    return select(Indicator, CASE.c.state, CASE.c.version).join(CASE, joined)


async def _shown(
    row: Row[Any], balances: Balances, asked: Parameters, calendar: Calendar, today: date
) -> IndicatorShown:
    indicator: Indicator = row[0]
    names = ("indicator.allocate_days", "indicator.amber_days")
    policy = await asked.get_many(names, indicator.area_code, today)
    start = clock_start(indicator.received_on, indicator.fiscal_year, is_advance_notice=indicator.is_advance_notice)
    due = due_on(start, policy[names[0]], calendar)
    is_counted = row.state == "CONFIRMED"
    return IndicatorShown(
        **{name: getattr(indicator, name) for name in IndicatorShown.model_fields if hasattr(indicator, name)},
        amount=indicator.amount_fen,
        state=row.state,
        version=row.version,
        allocate_by=due,
        light=light(start, due, policy[names[1]], balances.unallocated if is_counted else 0, today),
        balances=balances,
    )
