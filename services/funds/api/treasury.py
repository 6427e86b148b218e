"""Routes of the treasury's files (国库支付补录): files come in, lines are matched, both sides list what the other lacks."""

import asyncio
from datetime import date
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.funds.commands import treasury_imports as imports
from services.funds.commands import treasury_lines as lines
from services.funds.queries import treasury as reads
from services.funds.queries import treasury_indicators as indicators
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.db.sessions import ReadSession
from shared.http.auth import read_roles
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives
from shared.kernel.roles import Role
from shared.vault.keys import KeyRing
from shared.workflow.desks import FINANCE, TREASURY

router = APIRouter(tags=["国库支付补录 / payments made elsewhere"])

Readers = Annotated[ReadSession, read_roles(*FINANCE, *TREASURY, Role.AUDITOR)]
_CSV, _XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": {_CSV: _BINARY, _XLSX: _BINARY}}}
_County = Annotated[Area, Query(description="县级区划代码 / the county")]
_Area = Annotated[Area | None, Query(description="区划代码 / area")]
_Whose = Annotated[Literal["integrated", "agent_bank"], Query(description="来源系统，决定表头名称 / whose headings")]
_Columns = Annotated[
    list[imports.Mapped] | None,
    Query(max_length=20, description="列=表头，如 serial=凭证编号 / column=heading, where the county's differs"),
]


@router.post("/treasury-payments", status_code=201, summary="导入国库支付明细 / import payments", openapi_extra=_BODY)
async def import_payments(
    request: Request,
    run: Annotated[Run, gives(imports.ReceiveTreasuryPayments)],
    *,
    area_code: _County,
    system: _Whose = "integrated",
    columns: _Columns = None,
) -> Answer[imports.TreasuryReport]:
    """Lines that find their contract are posted; the others wait with a reason. Dry runs show the same."""
    received = partial(
        imports.ReceiveTreasuryPayments, area_code=area_code, system=system, columns=tuple(columns or ())
    )
    return await run(await asyncio.to_thread(received, content=await request.body()))


@router.post("/treasury-indicators", status_code=201, summary="导入国库指标 / import indicators", openapi_extra=_BODY)
async def import_indicators(
    request: Request,
    run: Annotated[Run, gives(imports.ReceiveTreasuryIndicators)],
    *,
    area_code: _County,
    columns: _Columns = None,
) -> Answer[imports.TreasuryReport]:
    """Rows are kept and compared with our indicators by document and amount."""
    received = partial(imports.ReceiveTreasuryIndicators, area_code=area_code, columns=tuple(columns or ()))
    return await run(await asyncio.to_thread(received, content=await request.body()))


@router.post("/treasury-lines/match", status_code=201, summary="重新匹配 / match all again")
async def match_lines(
    body: lines.MatchTreasuryLines, run: Annotated[Run, gives(lines.MatchTreasuryLines)]
) -> Answer[lines.LinesMatched]:
    """Try all lines of the county that wait, now that contracts, quota or valuations are in order."""
    return await run(body)


@router.post("/treasury-lines/{line_id}/match", status_code=201, summary="人工匹配 / match by hand")
async def match_line(
    line_id: UUID, body: lines.MatchFields, run: Annotated[Run, gives(lines.MatchTreasuryLine)]
) -> Answer[lines.LineDecided]:
    """Say of which contract the line is; it is posted if it can be."""
    return await run(lines.MatchTreasuryLine(line_id=line_id, **body.model_dump()))


@router.post("/treasury-lines/{line_id}/set-aside", status_code=201, summary="搁置 / set aside")
async def set_line_aside(
    line_id: UUID, body: lines.AsideFields, run: Annotated[Run, gives(lines.SetTreasuryLineAside)]
) -> Answer[lines.LineDecided]:
    """Say why the line is none of ours."""
    return await run(lines.SetTreasuryLineAside(line_id=line_id, reason=body.reason))


@router.post(
    "/treasury-imports/{import_id}/indicators/{row_no}/set-aside",
    status_code=201,
    summary="搁置指标行 / set a row aside",
)
async def set_indicator_aside(
    import_id: UUID,
    row_no: lines.RowNo,
    body: lines.AsideFields,
    run: Annotated[Run, gives(lines.SetTreasuryIndicatorAside)],
) -> Answer[lines.IndicatorDecided]:
    """Say why the row is none of ours."""
    return await run(lines.SetTreasuryIndicatorAside(import_id=import_id, row_no=row_no, reason=body.reason))


@router.get("/treasury-imports", summary="国库文件 / files")
async def list_imports(
    session: Readers,
    page: Paging,
    area_code: _Area = None,
    kind: Annotated[Literal["indicators", "payments"] | None, Query()] = None,
) -> Page[reads.ImportShown]:
    """The files of an area, the newest first."""
    return await reads.list_imports(session, page, area_code, kind)


@router.get("/treasury-imports/{import_id}/faults", summary="退回的行 / refused rows")
async def list_faults(import_id: UUID, session: Readers, page: Paging) -> Page[reads.FaultShown]:
    """Each refused row with what is wrong with it."""
    return await reads.list_faults(session, page, import_id)


@router.get("/treasury-imports/{import_id}/returned", summary="退回文件 / rows sent back", response_class=Response)
async def returned_lines(import_id: UUID, request: Request, session: Readers) -> Response:
    """A copy of the refused rows with the reasons in front, in the form of the file."""
    form, content = await reads.copy_with_reasons(session, _keys(request), import_id)
    headers = {"content-disposition": f'attachment; filename="returned-{import_id}.{form}"'}
    return Response(content, headers=headers, media_type=_CSV if form == "csv" else _XLSX)


@router.get("/treasury-imports/{import_id}/indicators", summary="指标核对 / indicators compared")
async def compared(
    import_id: UUID,
    session: Readers,
    page: Paging,
    verdict: Annotated[indicators.Verdict | None, Query(description="核对结果 / verdict")] = None,
) -> Page[indicators.IndicatorRowShown]:
    """The file's rows with what our indicators of the same document come to."""
    return await indicators.compared(session, page, import_id, verdict)


@router.get("/treasury-imports/{import_id}/indicators-missing", summary="文件中没有的指标 / ours alone")
async def indicators_missing(import_id: UUID, session: Readers, page: Paging) -> Page[indicators.OurIndicator]:
    """Our indicators of the file's years that it does not have."""
    return await indicators.ours_alone(session, page, import_id)


@router.get("/treasury-lines", summary="国库支付明细 / lines")
async def list_lines(
    request: Request,
    session: Readers,
    page: Paging,
    area_code: _Area = None,
    import_id: Annotated[UUID | None, Query(description="导入批次 / file")] = None,
    outcome: Annotated[reads.Outcome | None, Query(description="结果 / outcome")] = None,
) -> Page[reads.LineShown]:
    """What the treasury paid, by what became of it here."""
    return await reads.list_lines(session, page, _keys(request), area=area_code, import_id=import_id, outcome=outcome)


@router.get("/treasury-lines/{line_id}", summary="一笔国库支付 / one line")
async def one_line(line_id: UUID, request: Request, session: Readers) -> reads.LineShown:
    """One payment of the treasury."""
    return await reads.one_line(session, _keys(request), line_id)


@router.get("/treasury-lines/{line_id}/candidates", summary="可能的合同 / candidates")
async def candidates(line_id: UUID, session: Readers) -> list[reads.Candidate]:
    """At most ten contracts that the line may be of, with what speaks for each."""
    return await reads.candidates(session, line_id)


@router.get("/treasury-missing", summary="国库明细中没有的支付 / ours alone")
async def payments_missing(
    session: Readers,
    page: Paging,
    area_code: _County,
    from_on: Annotated[date, Query(description="起 / from")],
    until_on: Annotated[date, Query(description="止 / until")],
) -> Page[reads.OursAlone]:
    """Payments that our books have and no file of the treasury shows."""
    return await reads.ours_alone(session, page, area_code, from_on, until_on)


@router.get("/treasury-due", summary="应付未付合同 / due and unpaid")
async def due(session: Readers, page: Paging, area_code: _County) -> Page[reads.DueAlone]:
    """Contracts with certified or settled work that no line of the treasury has paid."""
    return await reads.due_alone(session, page, area_code)


def _keys(request: Request) -> KeyRing:
    return edge_of(request).pipeline.resources.keys
