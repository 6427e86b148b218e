"""Routes of measures, of a household's income entry by entry, and of the thread from projects and assets to households."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from services.monitoring.api.households import Body, Registry
from services.monitoring.commands.measures import (
    MeasuresPlanned,
    PlanMeasure,
    PlannedMeasure,
    RequestMeasure,
)
from services.monitoring.queries import measures as reads
from shared.contracts.wire import Yuan
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.policy import public
from shared.http.running import Answer, Paging, Run, gives

router = APIRouter(tags=["帮扶措施与到户资金 / measures and receipts"])


class Gap(Body):
    """How much money is missing, where that is known."""

    gap: Annotated[Yuan, Field(gt=0)] | None = None


@router.get("/measure-kinds", dependencies=[public()], summary="帮扶措施目录 / catalogue of measures")
async def list_kinds() -> list[reads.MeasureKindSeen]:
    """The ten kinds (§5.2)."""
    return reads.catalogue()


@router.get("/households/{household_id}/measures", summary="帮扶措施 / measures of a household")
async def list_measures(household_id: UUID, session: Registry) -> list[reads.MeasureSeen]:
    return await reads.measures(session, household_id)


@router.post("/households/{household_id}/measures", status_code=201, summary="增加措施 / add a measure")
async def plan_measure(
    household_id: UUID, body: PlannedMeasure, run: Annotated[Run, gives(PlanMeasure)]
) -> Answer[MeasuresPlanned]:
    """Beside the plan: for a monitored household, or one in the green channel."""
    return await run(PlanMeasure(household_id=household_id, measure=body))


@router.post("/measures/{measure_id}/request", summary="提出资金需求 / ask funds for it")
async def request_measure(
    measure_id: UUID, body: Gap, run: Annotated[Run, gives(RequestMeasure)]
) -> Answer[MeasuresPlanned]:
    """A project that names the measure when it enters the library will deliver it by its money."""
    return await run(RequestMeasure(measure_id=measure_id, gap=body.gap))


@router.get("/households/{household_id}/helpers", summary="帮扶责任人 / helpers of a household")
async def list_helpers(household_id: UUID, session: Registry) -> list[reads.HelperSeen]:
    return await reads.helpers(session, household_id)


@router.get("/households/{household_id}/income-entries", summary="收入明细与来源 / income by entry")
async def show_income_entries(
    household_id: UUID,
    session: Registry,
    page: Paging,
    first: Annotated[date, Query(alias="from", description="起始月份中的一天 / a day of the first month")],
    last: Annotated[date, Query(alias="to", description="终止月份中的一天 / a day of the last month")],
) -> reads.IncomeThread:
    """Sums by month and kind, and every entry with the event and document it came from."""
    return await reads.income(session, page, household_id, first, last)


@router.get("/receipts", summary="到户资金 / money that reached households")
async def list_receipts(
    session: Registry, page: Paging, project_id: UUID | None = None, asset_id: UUID | None = None
) -> Page[reads.ReceiptSeen]:
    """Line by line, of one project or one asset."""
    return await reads.receipts(session, page, project_id, asset_id)


@router.get("/receipts/total", summary="到户资金合计 / its total")
async def total_receipts(
    session: Reading,
    project_id: UUID | None = None,
    asset_id: UUID | None = None,
) -> reads.ThreadTotal:
    """How many households, and how much; nobody among them is named."""
    return await reads.thread_total(session, project_id, asset_id)
