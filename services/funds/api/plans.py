"""Routes of annual plans (年度计划) and allocations (资金分配)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.funds.commands.allocations import AllocationDrafted, DraftAllocation
from services.funds.commands.plans import (
    CategoryLabelled,
    LabelCategory,
    OpenPlan,
    PlanLineFields,
    PlanListed,
    PlanOpened,
    PutPlanLine,
)
from services.funds.queries import plans as shown
from shared.contracts.parts import Year
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.concurrency import tagged
from shared.http.running import Answer, Paging, Run, gives

router = APIRouter(tags=["计划与分配 / plans and allocations"])

AreaQuery = Annotated[Area | None, Query(description="区划代码 / area code")]
YearQuery = Annotated[Year | None, Query(description="年度 / year")]


@router.post("/plans", status_code=201, summary="编制年度计划 / open a plan")
async def open_plan(body: OpenPlan, run: Annotated[Run, gives(OpenPlan)]) -> Answer[PlanOpened]:
    """Open a batch of the county's plan of a year."""
    return await run(body)


@router.post("/plans/{plan_id}/lines", summary="列入项目 / list a project")
async def put_plan_line(
    plan_id: UUID,
    body: PlanLineFields,
    run: Annotated[Run, gives(PutPlanLine)],
) -> Answer[PlanListed]:
    """List a project of the library with its sources; without sources it is taken off."""
    return await run(PutPlanLine(plan_id=plan_id, project_id=body.project_id, sources=body.sources))


@router.get("/plans", summary="年度计划列表 / plans")
async def plans(
    session: Reading, page: Paging, area_code: AreaQuery = None, year: YearQuery = None
) -> Page[shown.PlanListed]:
    """The batches of an area's plans."""
    return await shown.list_plans(session, page, area_code, year)


@router.get("/plans/{plan_id}", summary="年度计划详情 / one plan")
async def plan(plan_id: UUID, session: Reading, response: Response) -> shown.PlanShown:
    """One batch with its lines."""
    return tagged(response, await shown.one_plan(session, plan_id))


@router.get("/plans/{plan_id}/summary", summary="年度计划汇总 / sums of a plan")
async def plan_summary(plan_id: UUID, session: Reading) -> shown.PlanSummary:
    """The sums by class in the county's own words, by level of money, and of industry."""
    return await shown.plan_summary(session, plan_id)


@router.post("/category-labels", status_code=201, summary="登记本地类别名称 / label a category")
async def label_category(
    body: LabelCategory,
    run: Annotated[Run, gives(LabelCategory)],
) -> Answer[CategoryLabelled]:
    """Say how the county's own tables call a category and all below it."""
    return await run(body)


@router.post("/allocations", status_code=201, summary="拟定分配方案 / draft an allocation")
async def draft_allocation(
    body: DraftAllocation,
    run: Annotated[Run, gives(DraftAllocation)],
) -> Answer[AllocationDrafted]:
    """Draft how indicators are decomposed to projects."""
    return await run(body)


@router.get("/allocations", summary="资金分配列表 / allocations")
async def allocations(
    session: Reading, page: Paging, area_code: AreaQuery = None, year: YearQuery = None
) -> Page[shown.AllocationListed]:
    """The allocations of an area."""
    return await shown.list_allocations(session, page, area_code, year)


@router.get("/allocations/{allocation_id}", summary="资金分配详情 / one allocation")
async def allocation(allocation_id: UUID, session: Reading, response: Response) -> shown.AllocationShown:
    """One allocation with its lines."""
    return tagged(response, await shown.one_allocation(session, allocation_id))
