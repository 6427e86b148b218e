"""Routes of library imports (项目库导入): a county's table comes in, its words are mapped, what was not taken goes back."""

import asyncio
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.funds.commands.library_imports import (
    CategoryMapped,
    LibraryReport,
    MapCategory,
    ReceiveLibrary,
    TakeLibraryRows,
)
from services.funds.commands.library_publications import EnterLibrary, LibraryEntered, Publication
from services.funds.queries import library_imports as reads
from shared.contracts.parts import Year
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.db.sessions import ReadSession
from shared.http.auth import read_roles
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU

router = APIRouter(tags=["项目库导入 / library imports"])

Importers = Annotated[ReadSession, read_roles(*BUREAU, Role.AUDITOR)]
_CSV, _XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": {_CSV: _BINARY, _XLSX: _BINARY}}}
_Level = Literal["central", "provincial", "city", "county", "other"]


@router.post("/library-imports", status_code=201, summary="导入项目库表 / import a library", openapi_extra=_BODY)
async def import_library(  # noqa: PLR0913  what the table does not say of itself
    request: Request,
    run: Annotated[Run, gives(ReceiveLibrary)],
    *,
    area_code: Annotated[Area, Query(description="县级区划代码 / the county")],
    plan_year: Annotated[Year, Query(description="计划年度 / plan year")],
    sector_authority: Annotated[str, Query(min_length=1, max_length=80, description="默认主管部门")],
    implementing_unit: Annotated[str, Query(min_length=1, max_length=80, description="默认实施单位")],
    level: Annotated[_Level, Query(description="未注明来源的资金级次 / level of unnamed sources")] = "central",
    fund_category: Annotated[str, Query(max_length=64, description="未注明来源的资金类别")] = "fund.consolidation",
    unit: Annotated[Literal["wan", "yuan"] | None, Query(description="金额单位，表头未写明时")] = None,
) -> Answer[LibraryReport]:
    """Good rows become drafts; unknown categories wait for a mapping; bad rows go back. Dry runs show the same."""
    received = partial(
        ReceiveLibrary,
        area_code=area_code,
        plan_year=plan_year,
        sector_authority=sector_authority,
        implementing_unit=implementing_unit,
        level=level,
        fund_category=fund_category,
        unit=unit,
    )
    return await run(await asyncio.to_thread(received, content=await request.body()))


@router.post("/library-imports/{import_id}/take", status_code=201, summary="导入待映射行 / take waiting rows")
async def take_rows(import_id: UUID, run: Annotated[Run, gives(TakeLibraryRows)]) -> Answer[LibraryReport]:
    """Rows whose words are mapped by now become drafts."""
    return await run(TakeLibraryRows(import_id=import_id))


@router.post("/library-imports/{import_id}/enter", status_code=201, summary="已公布项目库入库 / enter a published list")
async def enter_library(
    import_id: UUID, body: Publication, run: Annotated[Run, gives(EnterLibrary)]
) -> Answer[LibraryEntered]:
    """All drafts of the import enter by the publication that the list had elsewhere; what is barred stays a draft."""
    return await run(EnterLibrary(import_id=import_id, **body.model_dump()))


@router.post("/category-mappings", status_code=201, summary="映射类别名称 / map a category's name")
async def map_category(body: MapCategory, run: Annotated[Run, gives(MapCategory)]) -> Answer[CategoryMapped]:
    """What a county's own word means, from a day on."""
    return await run(body)


@router.get("/library-imports/{import_id}/rows", summary="导入的行 / rows of an import")
async def rows(
    import_id: UUID,
    session: Importers,
    page: Paging,
    outcome: Annotated[Literal["taken", "waiting", "refused"] | None, Query()] = None,
) -> Page[reads.LibraryRowShown]:
    """What became of each row, with mapping note or faults."""
    return await reads.import_rows(session, page, import_id, outcome)


@router.get("/library-imports/{import_id}/returned", summary="退回的行 / rows sent back", response_class=Response)
async def returned(import_id: UUID, request: Request, session: Importers) -> Response:
    """A copy of the rows that were not taken, with the reasons in front, in the form of the file."""
    form, content = await reads.copy_with_reasons(session, edge_of(request).pipeline.resources.keys, import_id)
    headers = {"content-disposition": f'attachment; filename="returned-{import_id}.{form}"'}
    return Response(content, headers=headers, media_type=_CSV if form == "csv" else _XLSX)
