"""Indicators as they are shown: the document's fields, the state of the case, and where the money stands."""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, Select, select

from services.funds.domain.indicators import BudgetKind, Light, clock_start, due_on, light
from services.funds.domain.postings import BOOK, DECOMPOSED, DUE_TO_UPPER
from services.funds.queries.case_rows import CASE, case_of
from services.funds.queries.money import Balances, balances_of
from services.funds.tables.indicators import Indicator
from shared.contracts.wire import Area, Yuan
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.days import Calendar
from shared.kernel.errors import not_found
from shared.kernel.money import Fen
from shared.ledger.balances import balances_by
from shared.parameters.lookup import Parameters


class IndicatorShown(BaseModel):
    """One indicator (指标); `light` tells how it stands with its clock, `version` is its case's.

    `amended` is the amount with what later documents added or cut; `decomposed` went to lower levels; `due_to_upper`
    is what a cut could not take.
    """

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
    purpose: str
    supervision_code: str
    budget_kind: BudgetKind
    approved_on: date | None
    restricted_to: list[Area]
    goal_table: str
    is_integratable: bool
    parent_id: UUID | None
    amount: Yuan
    amended: Yuan
    decomposed: Yuan
    due_to_upper: Yuan
    state: str
    version: int
    allocate_by: date
    light: Light
    balances: Balances


class Wanted(NamedTuple):
    """Which indicators a list shows; what is None is not asked."""

    area: AreaCode | None = None
    fiscal_year: int | None = None
    parent_id: UUID | None = None


async def list_indicators(
    session: ReadSession,
    request: PageRequest,
    asked: Parameters,
    calendar: Calendar,
    today: date,
    wanted: Wanted,
) -> Page[IndicatorShown]:
    """A page of indicators by day of receipt, the newest first."""
    statement = _select()
    if wanted.area is not None:
        statement = statement.where(Indicator.area_code.between(*wanted.area.span))
    if wanted.fiscal_year is not None:
        statement = statement.where(Indicator.fiscal_year == wanted.fiscal_year)
    if wanted.parent_id is not None:
        statement = statement.where(Indicator.parent_id == wanted.parent_id)
    page = await fetch_page(
        session,
        statement,
        (Indicator.received_on, Indicator.id),
        request,
        lambda row: row,
        descending=True,
    )
    ids = [row[0].id for row in page.items]
    balances, beside = await balances_of(session, "indicator_id", ids), await _beside(session, ids)
    items = [await _shown(row, balances[row[0].id], beside, asked, calendar, today) for row in page.items]
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
    balances, beside = (
        await balances_of(session, "indicator_id", [indicator_id]),
        await _beside(session, [indicator_id]),
    )
    return await _shown(row, balances[indicator_id], beside, asked, calendar, today)


_Beside: TypeAlias = dict[tuple[UUID, str], Fen]


async def _beside(session: ReadSession, ids: Collection[UUID]) -> _Beside:
    """What indicators passed down and what they owe."""
    accounts = (DECOMPOSED, DUE_TO_UPPER)
    found = await balances_by(
        session.raw, BOOK, accounts, by=("indicator_id", "account"), where={"indicator_id": list(ids)}
    )
    return {(indicator, account): fen for (indicator, account), fen in found.items()}


def _select() -> Select[Any]:
    joined = case_of(Indicator.id, "funds.indicator")
    return select(Indicator, CASE.c.state, CASE.c.version).join(CASE, joined)


async def _shown(
    row: Row[Any], balances: Balances, beside: _Beside, asked: Parameters, calendar: Calendar, today: date
) -> IndicatorShown:
    indicator: Indicator = row[0]
    limit, amber = BudgetKind(indicator.budget_kind).clock
    policy = await asked.get_many((limit, amber), indicator.area_code, today)
    start = clock_start(
        indicator.received_on,
        indicator.fiscal_year,
        is_advance_notice=indicator.is_advance_notice,
        approved_on=indicator.approved_on,
    )
    due = due_on(start, policy[limit], calendar)
    waiting = indicator.amount_fen if indicator.parent_id else 0
    own = {name: getattr(indicator, name) for name in IndicatorShown.model_fields if hasattr(indicator, name)}
    return IndicatorShown(
        **own,
        amount=indicator.amount_fen,
        amended=indicator.amount_fen + indicator.adjusted_fen,
        decomposed=beside.get((indicator.id, DECOMPOSED), 0),
        due_to_upper=beside.get((indicator.id, DUE_TO_UPPER), 0),
        state=row.state,
        version=row.version,
        allocate_by=due,
        light=light(start, due, policy[amber], balances.unallocated if row.state == "CONFIRMED" else waiting, today),
        balances=balances,
    )
