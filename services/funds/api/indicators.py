"""Routes of indicators (指标): entered, corrected, listed with their money, and the allocation rate."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.funds.commands.indicators import (
    CorrectIndicator,
    IndicatorEntered,
    IndicatorFields,
    ReceiveIndicator,
)
from services.funds.queries.indicators import IndicatorShown, Wanted, list_indicators, one_indicator
from services.funds.queries.reports import AllocationRate, allocation_rate_of
from shared.contracts.parts import Year
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.concurrency import tagged
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives
from shared.kernel.clock import today
from shared.parameters.lookup import Parameters

router = APIRouter(tags=["指标 / indicators"])


@router.post("/indicators", status_code=201, summary="登记指标 / enter an indicator")
async def enter_indicator(
    body: ReceiveIndicator,
    run: Annotated[Run, gives(ReceiveIndicator)],
) -> Answer[IndicatorEntered]:
    """Enter one line of an indicator document; it counts once another person has confirmed it."""
    return await run(body)


@router.post("/indicators/{indicator_id}/corrections", summary="更正指标 / correct an indicator")
async def correct_indicator(
    indicator_id: UUID,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    body: IndicatorFields,
    run: Annotated[Run, gives(CorrectIndicator)],
) -> Answer[IndicatorEntered]:
    """Replace the fields of an indicator that is not submitted, or was sent back."""
    fields = body.model_dump()
    return await run(CorrectIndicator(indicator_id=indicator_id, area_code=area_code, **fields))


@router.get("/indicators", summary="指标列表 / indicators")
async def indicators(
    request: Request,
    session: Reading,
    page: Paging,
    area_code: Annotated[Area | None, Query(description="区划代码 / area code")] = None,
    fiscal_year: Annotated[Year | None, Query(description="预算年度 / fiscal year")] = None,
    parent_id: Annotated[UUID | None, Query(description="上级指标 / the indicator it comes from")] = None,
) -> Page[IndicatorShown]:
    """The indicators of an area, the newest first, each with its money and its clock."""
    resources = edge_of(request).pipeline.resources
    asked = Parameters(session.raw, resources.parameters)
    day = today(resources.clock)
    wanted = Wanted(area_code, fiscal_year, parent_id)
    return await list_indicators(session, page, asked, resources.calendar, day, wanted)


@router.get("/indicators/{indicator_id}", summary="指标详情 / one indicator")
async def indicator(
    indicator_id: UUID,
    request: Request,
    response: Response,
    session: Reading,
) -> IndicatorShown:
    """One indicator: unallocated, allocated, committed, on its way, paid."""
    resources = edge_of(request).pipeline.resources
    asked = Parameters(session.raw, resources.parameters)
    day = today(resources.clock)
    return tagged(response, await one_indicator(session, indicator_id, asked, resources.calendar, day))


@router.get("/reports/allocation-rate", summary="指标分配率 / allocation rate")
async def allocation_rate(
    request: Request,
    session: Reading,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    fiscal_year: Annotated[Year, Query(description="预算年度 / fiscal year")],
) -> AllocationRate:
    """How much of what was received is allocated, by level of government and for direct funds (§2.3)."""
    resources = edge_of(request).pipeline.resources
    asked = Parameters(session.raw, resources.parameters)
    day = today(resources.clock)
    return await allocation_rate_of(session.raw, asked, resources.calendar, day, area_code, fiscal_year)
