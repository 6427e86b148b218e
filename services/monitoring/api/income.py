"""Routes of the income sheet: declared by month and kind, summed over a window, held against the line."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from services.monitoring.api.households import Body, Registry
from services.monitoring.commands.income import (
    Classified,
    ClassifyHousehold,
    DeclareIncome,
    IncomeDeclared,
    IncomeLine,
)
from services.monitoring.queries import income as reads
from shared.http.edge import edge_of
from shared.http.running import Answer, Run, gives
from shared.kernel.clock import today

router = APIRouter(tags=["收入核算 / income"])


class Sheet(Body):
    """The lines of a sheet."""

    lines: tuple[IncomeLine, ...]


class Conclusion(Body):
    """The day on which the check is concluded, today if empty; and whether basic living is in serious difficulty."""

    concluded_on: date | None = None
    serious_difficulty: bool = False


@router.post("/households/{household_id}/income", summary="填报收入核算表 / declare income")
async def declare_income(
    household_id: UUID,
    body: Sheet,
    run: Annotated[Run, gives(DeclareIncome)],
) -> Answer[IncomeDeclared]:
    """Amounts by month and kind, beside what the platform's own payments tell; a line declared again replaces itself."""
    return await run(DeclareIncome.model_validate({"household_id": household_id, "lines": body.lines}))


@router.get("/households/{household_id}/income", summary="收入核算表 / the income sheet")
async def show_income(
    household_id: UUID,
    request: Request,
    session: Registry,
    identified_on: Annotated[date | None, Query(description="识别日期：核算其前12个月 / M-INC-05")] = None,
    year: Annotated[int | None, Query(ge=2000, le=2100, description="年度：上年10月至当年9月 / M-INC-06")] = None,
) -> reads.IncomeSeen:
    """The sheet of the identification window, or of a year, with both per-capita figures."""
    if year is not None:
        return await reads.annual_income(session, household_id, year)
    return await reads.identification_income(session, household_id, identified_on or today(edge_of(request).clock))


@router.post(
    "/households/{household_id}/classification", status_code=201, summary="监测范围判定 / hold it against the line"
)
async def classify_household(
    household_id: UUID,
    body: Conclusion,
    run: Annotated[Run, gives(ClassifyHousehold)],
) -> Answer[Classified]:
    """Stores which figure was held against which line, and the kind that follows; refused where no line is adopted."""
    return await run(ClassifyHousehold.model_validate({"household_id": household_id, **body.model_dump()}))
