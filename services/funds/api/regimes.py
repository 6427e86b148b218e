"""Routes of integration plans (统筹整合) and of consumption assistance (消费帮扶)."""

from enum import Enum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.funds.commands.consumption import Reported, ReportOrder, ReportSale, ReserveConsumption
from services.funds.commands.integration_plans import DraftIntegrationPlan, IntegrationDrafted
from services.funds.queries import consumption as bought
from services.funds.queries import regimes as shown
from shared.contracts.parts import Year
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.concurrency import tagged
from shared.http.running import Answer, Paging, Run, gives

router = APIRouter()

AreaQuery = Annotated[Area | None, Query(description="区划代码 / area code")]
YearQuery = Annotated[Year | None, Query(description="年度 / year")]
_INTEGRATION: list[str | Enum] = ["统筹整合 / integration"]
_CONSUMPTION: list[str | Enum] = ["消费帮扶 / consumption assistance"]


@router.post("/integration-plans", status_code=201, summary="编制整合方案 / draft a plan", tags=_INTEGRATION)
async def draft_integration_plan(
    body: DraftIntegrationPlan, run: Annotated[Run, gives(DraftIntegrationPlan)]
) -> Answer[IntegrationDrafted]:
    """Draft a version of the county's integration plan of a year."""
    return await run(body)


@router.get("/integration-plans", summary="整合方案列表 / plans", tags=_INTEGRATION)
async def integration_plans(
    session: Reading, page: Paging, area_code: AreaQuery = None, year: YearQuery = None
) -> Page[shown.IntegrationListed]:
    """The versions of an area's plans, the newest first."""
    return await shown.list_plans(session, page, area_code, year)


@router.get("/integration-plans/{plan_id}", summary="整合方案详情 / one plan", tags=_INTEGRATION)
async def integration_plan(plan_id: UUID, session: Reading, response: Response) -> shown.IntegrationShown:
    """One version: sources, projects, and where the money of each source went, to what is paid."""
    return tagged(response, await shown.one_plan(session, plan_id))


@router.post("/consumption-quotas", status_code=201, summary="登记预留份额 / state a reserve", tags=_CONSUMPTION)
async def reserve_consumption(
    body: ReserveConsumption, run: Annotated[Run, gives(ReserveConsumption)]
) -> Answer[Reported]:
    """State what a budget unit plans to buy and reserves."""
    return await run(body)


@router.get("/consumption-quotas", summary="预留份额列表 / reserves", tags=_CONSUMPTION)
async def consumption_quotas(
    session: Reading, page: Paging, area_code: AreaQuery = None, year: YearQuery = None
) -> Page[shown.QuotaShown]:
    """The reserves of an area's budget units."""
    return await shown.list_quotas(session, page, area_code, year)


@router.post("/consumption-orders", status_code=201, summary="报送采购订单 / report an order", tags=_CONSUMPTION)
async def report_consumption_order(body: ReportOrder, run: Annotated[Run, gives(ReportOrder)]) -> Answer[Reported]:
    """Report one order of a budget unit."""
    return await run(body)


@router.get("/consumption-orders", summary="采购订单列表 / orders", tags=_CONSUMPTION)
async def consumption_orders(
    session: Reading, page: Paging, area_code: AreaQuery = None, quota_id: UUID | None = None
) -> Page[bought.OrderShown]:
    """The orders of an area or of one unit's year, the newest first."""
    return await bought.list_orders(session, page, area_code, quota_id)


@router.post("/consumption-sales", status_code=201, summary="报送销售 / report a sale", tags=_CONSUMPTION)
async def report_consumption_sale(body: ReportSale, run: Annotated[Run, gives(ReportSale)]) -> Answer[Reported]:
    """Report what suppliers of the area sold."""
    return await run(body)


@router.get("/consumption-sales", summary="销售列表 / sales", tags=_CONSUMPTION)
async def consumption_sales(session: Reading, page: Paging, area_code: AreaQuery = None) -> Page[bought.SaleShown]:
    """What was sold in an area, the newest first."""
    return await bought.list_sales(session, page, area_code)


@router.get("/reports/consumption", summary="消费帮扶完成情况 / completion", tags=_CONSUMPTION)
async def consumption_report(
    session: Reading,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    year: Annotated[Year, Query(description="年度 / year")],
) -> shown.ConsumptionReport:
    """Reserved share, completion, accounts opened and activated, sales and linked households."""
    return await shown.consumption_of(session, area_code, year)
