"""Routes of the monitoring line (监测范围)."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request

from services.monitoring.commands.lines import AdoptLine, LineValue, ProposeLine
from services.monitoring.queries import income as reads
from shared.contracts.wire import Area
from shared.http.auth import Reading
from shared.http.edge import edge_of
from shared.http.running import Answer, Run, gives
from shared.kernel.clock import today

router = APIRouter(tags=["监测范围 / monitoring lines"])


@router.post("/monitoring-lines", status_code=201, summary="提出监测范围 / propose a line")
async def propose_line(body: ProposeLine, run: Annotated[Run, gives(ProposeLine)]) -> Answer[LineValue]:
    """With its document; below the line of a higher level only with a reason (M-LINE-10)."""
    return await run(body)


@router.post("/monitoring-lines/adopt", summary="采用监测范围 / adopt a line")
async def adopt_line(body: AdoptLine, run: Annotated[Run, gives(AdoptLine)]) -> Answer[LineValue]:
    """Only by another person than who proposed it."""
    return await run(body)


@router.get("/monitoring-lines", summary="监测范围 / the lines for an area")
async def list_lines(
    request: Request,
    session: Reading,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    on: Annotated[date | None, Query(description="基准日期，默认今天 / reference day")] = None,
) -> list[reads.LineSeen]:
    """The lines of the area and of those above it; the one in force is marked (M-LINE-05)."""
    return await reads.lines(session, area_code, on or today(edge_of(request).clock))
