"""The route by which evidence comes in: the body is the file itself."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request

from shared.cases.commands import Created, RecordEvidence
from shared.contracts.wire import Area
from shared.http.auth import Caller
from shared.http.edge import edge_of
from shared.http.evidence_files import MEDIA_TYPES, accept_media_type, store
from shared.http.running import Answer, Run, gives
from shared.kernel.errors import not_found

router = APIRouter(tags=["佐证材料 / evidence"])
_BODY = {
    "required": True,
    "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in MEDIA_TYPES},
}


@router.post(
    "/evidence",
    status_code=201,
    summary="上传佐证材料 / upload evidence",
    openapi_extra={"requestBody": _BODY},
)
async def upload_evidence(
    request: Request,
    actor: Caller,
    run: Annotated[Run, gives(RecordEvidence)],
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    kind: Annotated[str, Query(pattern=r"^[a-z_]{2,40}$", description="材料种类 / kind of document")],
    taken_on: Annotated[date | None, Query(description="照片拍摄日期 / the day a photo was taken")] = None,
) -> Answer[Created]:
    """Keep the file under its SHA-256 and record it; the answer's id is what steps ask for as evidence."""
    if not actor.may(RecordEvidence.ROLES, area_code):
        raise not_found("该区域", "area")
    media_type = accept_media_type(request.headers.get("content-type", ""))
    edge = edge_of(request)
    stored = await store(request.stream(), media_type, edge.evidence_dir, edge.limits.evidence)
    return await run(
        RecordEvidence(
            area_code=area_code,
            sha256=stored.sha256,
            kind=kind,
            media_type=media_type,
            size=stored.size,
            taken_on=taken_on,
        ),
    )
