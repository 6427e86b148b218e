"""Consumption assistance (消费帮扶) by unit: the year's report, and what was ordered and sold (§2.2)."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from services.funds.tables.regimes import ConsumptionOrder, ConsumptionSale
from shared.contracts.wire import Area, Yuan
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.roles import Role
from shared.reports.model import Column, Kind, Rank, Ratio, Rhythm, Row, Unit
from shared.reports.report import Asked, Report
from shared.workflow.desks import BUREAU, BUREAU_HEADS, FINANCE, FINANCE_LEADER, LEADING_GROUP

# What was ordered later, and accounts that were opened later, do not count.
_UNITS = """
SELECT coalesce(name.name, quota.area_code::text) AS area, quota.unit_name AS unit, quota.planned_fen AS planned,
       quota.reserved_fen AS reserved, coalesce(ordered.fen, 0)::bigint AS bought, ordered.number::int AS orders,
       (quota.opened_on <= $4)::int AS opened, (quota.activated_on <= $4)::int AS activated
  FROM consumption_quota AS quota
 CROSS JOIN LATERAL (SELECT sum(amount_fen) AS fen, count(*) AS number FROM consumption_order
                      WHERE quota_id = quota.id AND ordered_on <= $4) AS ordered
  LEFT JOIN LATERAL (SELECT name FROM division WHERE code = quota.area_code
                      ORDER BY valid_from DESC LIMIT 1) AS name ON true
 WHERE quota.area_code BETWEEN $1 AND $2 AND quota.year = $3
 ORDER BY quota.area_code, quota.unit_name"""


class OrderShown(BaseModel):
    """One order of a budget unit; `origin` is where the goods come from."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    area_code: Area
    quota_id: UUID
    reference: str
    ordered_on: date
    amount: Yuan
    origin: Area


class SaleShown(BaseModel):
    """What suppliers sold, and how many linked households earn by it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    area_code: Area
    reference: str
    sold_on: date
    product: str
    amount: Yuan
    households: int


async def list_orders(
    session: ReadSession, request: PageRequest, area: AreaCode | None, quota_id: UUID | None
) -> Page[OrderShown]:
    """A page of orders, the newest first."""
    statement = select(ConsumptionOrder)
    if area is not None:
        statement = statement.where(ConsumptionOrder.area_code.between(*area.span))
    if quota_id is not None:
        statement = statement.where(ConsumptionOrder.quota_id == quota_id)
    return await fetch_page(session, statement, (ConsumptionOrder.id,), request, _order, descending=True)


async def list_sales(session: ReadSession, request: PageRequest, area: AreaCode | None) -> Page[SaleShown]:
    """A page of sales, the newest first."""
    statement = select(ConsumptionSale)
    if area is not None:
        statement = statement.where(ConsumptionSale.area_code.between(*area.span))
    keys = (ConsumptionSale.sold_on, ConsumptionSale.id)
    return await fetch_page(session, statement, keys, request, _sale, descending=True)


def _order(row: Any) -> OrderShown:
    order: ConsumptionOrder = row[0]
    own = {name: getattr(order, name) for name in OrderShown.model_fields if hasattr(order, name)}
    return OrderShown(**own, amount=order.amount_fen, origin=AreaCode(order.origin_code))


def _sale(row: Any) -> SaleShown:
    sale: ConsumptionSale = row[0]
    own = {name: getattr(sale, name) for name in SaleShown.model_fields if hasattr(sale, name)}
    return SaleShown(**own, amount=sale.amount_fen)


async def _gather(raw: asyncpg.Connection, asked: Asked) -> Sequence[Row]:
    rows = await raw.fetch(_UNITS, *asked.area.span, asked.start.year, asked.as_of)
    return [{**dict(row), "opened": row["opened"] or 0, "activated": row["activated"] or 0} for row in rows]


CONSUMPTION_REPORT = Report(
    id="funds.consumption",
    version=1,
    zh="消费帮扶预留份额完成情况",
    en="consumption assistance against the reserve, by unit",
    rhythm=Rhythm.YEAR,
    columns=(
        Column("area", "地区", "area", Kind.TEXT),
        Column("unit", "预算单位", "budget unit", Kind.TEXT),
        Column("planned", "计划采购", "planned purchases", Kind.MONEY),
        Column("reserved", "预留份额", "reserved", Kind.MONEY),
        Column("share", "预留比例", "reserved share", Kind.RATE, Ratio(("reserved",), ("planned",))),
        Column("orders", "订单", "orders", Kind.COUNT),
        Column("bought", "已采购", "bought", Kind.MONEY),
        Column("completion", "完成率", "completion", Kind.RATE, Ratio(("bought",), ("reserved",))),
        Column("rank", "位次", "rank", Kind.RANK, Rank("completion")),
        Column("opened", "平台开户", "accounts opened", Kind.COUNT),
        Column("activated", "已激活", "accounts activated", Kind.COUNT),
    ),
    gather=_gather,
    readers=BUREAU | FINANCE | LEADING_GROUP | {Role.AUDITOR, Role.PROVINCE_READER},
    issuers=BUREAU_HEADS | FINANCE_LEADER,
    unit=Unit.WAN,
    rule="F-2.2",
    foot_zh="完成率为已采购与预留份额之比，合计由合计数重新计算；没有预留份额的单位不列完成率，排在最后。",
)
