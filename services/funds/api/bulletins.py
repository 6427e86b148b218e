"""Routes of known bulletins (已知通报): a bulletin comes in, it is recomputed and compared, both figures are shown."""

import asyncio
from datetime import date
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request

from services.funds.commands.bulletins import BulletinReceived, ReceiveBulletin
from services.funds.queries import bulletins as reads
from shared.bulletins.findings import BulletinKind
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.db.sessions import ReadSession
from shared.http.auth import read_roles
from shared.http.bulletin_routes import received
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives
from shared.kernel.clock import today
from shared.parameters.lookup import Parameters

router = APIRouter(tags=["已知通报 / known bulletins"])

Readers = Annotated[ReadSession, read_roles(*reads.READERS)]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": {"text/csv": _BINARY, _XLSX: _BINARY}}}


@router.post("/bulletins", status_code=201, summary="导入通报 / take in a bulletin", openapi_extra=_BODY)
async def receive_bulletin(  # noqa: PLR0913  what the table does not say of itself
    request: Request,
    run: Annotated[Run, gives(ReceiveBulletin)],
    *,
    kind: Annotated[BulletinKind, Query(description="通报种类 / kind of bulletin")],
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    period_start: Annotated[date, Query(description="所述期间第一天 / first day of what it speaks about")],
    title: Annotated[str, Query(max_length=200, description="标题 / title")] = "",
    level: Annotated[
        Literal["central", "provincial", "city", "county", "other"], Query(description="资金级次 / level of the money")
    ] = "central",
    unit: Annotated[
        Literal["", "元", "万元", "亿元"], Query(description="金额单位，表头未写明时 / unit of amounts")
    ] = "",
) -> Answer[BulletinReceived]:
    """The body is the file, csv or xlsx, up to 8 MiB; its rows are kept, recomputed and compared."""
    command = partial(
        ReceiveBulletin,
        kind=kind,
        area_code=area_code,
        period_start=period_start,
        title=title,
        level=level,
        unit=unit,
    )
    return await run(await asyncio.to_thread(command, content=await received(request.stream())))


@router.get("/bulletins", summary="通报列表 / bulletins")
async def known_bulletins(
    session: Readers,
    page: Paging,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    kind: Annotated[BulletinKind | None, Query(description="通报种类 / kind of bulletin")] = None,
) -> Page[reads.BulletinListed]:
    """Those of the area and below it, the latest first."""
    return await reads.list_bulletins(session, page, area_code, kind)


@router.get("/bulletins/{bulletin_id}", summary="通报核对结果 / one bulletin, printed and recomputed")
async def known_bulletin(bulletin_id: UUID, request: Request, session: Readers) -> reads.BulletinShown:
    """Each of our figures beside what the bulletin prints, and what does not fit, each wrong figure once."""
    declared = edge_of(request).pipeline.resources.parameters
    return await reads.one_bulletin(session, Parameters(session.raw, declared), bulletin_id)


@router.get("/bulletins/{bulletin_id}/live", summary="通报与台账对照 / a bulletin beside the county's own rows")
async def bulletin_beside_rows(
    bulletin_id: UUID,
    request: Request,
    session: Readers,
    as_of: Annotated[date | None, Query(description="支出截至日，缺省为今日 / payments up to, else today")] = None,
) -> reads.BulletinBesideRows:
    """The figures of a plan, a library summary or a progress table beside those of the county's own rows."""
    resources = edge_of(request).pipeline.resources
    asked = Parameters(session.raw, resources.parameters)
    until = as_of or today(resources.clock)
    return await reads.bulletin_beside_rows(session, asked, resources.calendar, until, bulletin_id)
