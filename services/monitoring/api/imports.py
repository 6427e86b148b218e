"""Routes of imports: the file comes as multipart field `file` or as the body itself; progress and refused rows go out."""

import asyncio
import io
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Path, Query, Request, Response
from starlette.datastructures import UploadFile

from services.monitoring.commands.import_run import merge_all
from services.monitoring.commands.imports import MergeImport, ReceiveDepartmentFile, ReceiveFile, ReceiveRegister
from services.monitoring.queries import imports as reads
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.db.sessions import ReadSession
from shared.http.auth import Caller, read_roles
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives
from shared.http.tracing import request_id
from shared.kernel.actors import Actor
from shared.kernel.errors import Invalid, Violation
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, SECTOR, TOWNSHIP

router = APIRouter(tags=["文件导入 / imports"])
_security = structlog.get_logger("security")

Importers = Annotated[ReadSession, read_roles(*SECTOR, *TOWNSHIP, *BUREAU, Role.AUDITOR)]
AreaAsked = Annotated[Area, Query(description="文件所属区划 / area of the file")]
Wait = Annotated[
    bool,
    Query(description="导入完成后再作答 / answer when all rows are taken; else when the file is kept, for resume"),
]
EveryRow = Annotated[bool, Query(description="包含全部行 / all rows, not the refused ones only")]

_CSV, _XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BINARY = {"type": "string", "format": "binary"}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "required": ["file"], "properties": {"file": _BINARY}},
            },
            _CSV: {"schema": _BINARY},
            _XLSX: {"schema": _BINARY},
        },
    },
}


@router.post("/imports/register", status_code=201, summary="导入农户花名册 / import a register", openapi_extra=_BODY)
async def import_register(
    request: Request,
    run: Annotated[Run, gives(ReceiveRegister, MergeImport)],
    area_code: AreaAsked,
    *,
    wait: Wait = True,
) -> Answer[reads.ImportReport]:
    """One row for each member. The same file again gives the same answer; a corrected one adds what was refused."""
    received = partial(ReceiveRegister, area_code=area_code)
    answer = await run(await _received(request, received))
    return await _finished(request, run, answer) if wait else answer


@router.post(
    "/imports/department/{department}/{item}",
    status_code=201,
    summary="导入部门数据 / import a department's file",
    openapi_extra=_BODY,
)
async def import_department_file(
    request: Request,
    run: Annotated[Run, gives(ReceiveDepartmentFile, MergeImport)],
    department: Annotated[str, Path(max_length=64, examples=["medical_insurance"])],
    item: Annotated[str, Path(max_length=64, examples=["inpatient_self_paid"])],
    area_code: AreaAsked,
    *,
    wait: Wait = True,
) -> Answer[reads.ImportReport]:
    """Good rows are taken and make clues by threshold, bad ones are told by row, column and rule."""
    received = partial(ReceiveDepartmentFile, area_code=area_code, department=department, item=item)
    answer = await run(await _received(request, received))
    return await _finished(request, run, answer) if wait else answer


@router.post("/imports/{import_id}/resume", summary="继续导入 / go on with an import")
async def resume_import(
    import_id: UUID,
    request: Request,
    run: Annotated[Run, gives(MergeImport)],
) -> reads.ImportReport:
    """Merge what is left after an interruption."""
    return await merge_all(edge_of(request).pipeline, run.actor, import_id, request_id(request.scope))


@router.get("/imports", summary="导入批次 / imports of an area")
async def list_imports(session: Importers, page: Paging, area_code: AreaAsked) -> Page[reads.ImportReport]:
    """The newest first."""
    return await reads.imports(session, page, area_code)


@router.get("/imports/{import_id}", summary="导入进度 / progress of an import")
async def show_import(import_id: UUID, session: Importers) -> reads.ImportReport:
    """`done` of `total` rows are gone through."""
    return await reads.import_report(session, import_id)


@router.get("/imports/{import_id}/refusals", summary="退回的行 / refused rows")
async def list_refusals(import_id: UUID, session: Importers, page: Paging) -> Page[reads.RowRefused]:
    """Row, column, reason and rule; never the value."""
    return await reads.refusals(session, page, import_id)


@router.get("/imports/{import_id}/refused.csv", summary="退回数据 CSV / refused rows as CSV", response_class=Response)
async def refused_as_csv(
    import_id: UUID,
    request: Request,
    actor: Caller,
    session: Importers,
    *,
    every_row: EveryRow = False,
) -> Response:
    """A copy of the refused rows with the reasons in front; for who sent the file, and for the county's office."""
    return await _copy(request, actor, session, import_id, "csv", every_row=every_row)


@router.get(
    "/imports/{import_id}/refused.xlsx", summary="退回数据 XLSX / refused rows as XLSX", response_class=Response
)
async def refused_as_xlsx(
    import_id: UUID,
    request: Request,
    actor: Caller,
    session: Importers,
    *,
    every_row: EveryRow = False,
) -> Response:
    """The same as a workbook."""
    return await _copy(request, actor, session, import_id, "xlsx", every_row=every_row)


async def _copy(
    request: Request,
    actor: Actor,
    session: ReadSession,
    import_id: UUID,
    form: str,
    *,
    every_row: bool,
) -> Response:
    keys = edge_of(request).pipeline.resources.keys
    content = await reads.copy_with_refusals(session, keys, actor, import_id, form, every_row=every_row)
    _security.info("export", export="refused rows", import_id=str(import_id), actor=str(actor.id), every_row=every_row)
    headers = {"content-disposition": f'attachment; filename="refused-{import_id}.{form}"'}
    return Response(content, headers=headers, media_type=_CSV if form == "csv" else _XLSX)


async def _finished(request: Request, run: Run, answer: Answer[Any]) -> Answer[Any]:
    """Take the rows; a dry run has gone through all of them already."""
    standing = answer.result
    if run.dry_run or standing["status"] == "DONE":
        return answer
    done = await merge_all(
        edge_of(request).pipeline,
        run.actor,
        UUID(standing["id"]),
        request_id(request.scope),
    )
    return Answer(result=done, warnings=answer.warnings)


async def _received(request: Request, command: Callable[..., ReceiveFile]) -> ReceiveFile:
    """The command on the uploaded bytes, which nobody else holds on to; hashing them takes a thread."""
    content = await _uploaded(request)
    return await asyncio.to_thread(command, content=content)


async def _uploaded(request: Request) -> bytes:
    """The file's bytes; raises Invalid when the form has no field `file`."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        body = io.BytesIO()
        async for chunk in request.stream():
            body.write(chunk)
        return body.getvalue()
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if isinstance(file, UploadFile):
            return await file.read()
    raise Invalid(
        Violation(
            "FILE_MISSING",
            "表单中没有名为 file 的文件",
            "the form has no file called file",
            rule="D16",
            field="/file",
            remedy_zh="以 file 字段上传文件",
            remedy_en="upload the file in the field file",
        ),
    )
