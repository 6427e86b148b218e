"""Routes of complaints (投诉举报) for offices: taken in, shown to whom they concern, the reporter to intake alone."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from services.funds.commands.complaints import ComplaintFiled, FileComplaint, Purpose, RevealReporter
from services.funds.queries import complaints as shown
from shared.db.paging import Page
from shared.http.auth import Caller, Reading
from shared.http.concurrency import tagged
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives

router = APIRouter(tags=["投诉举报 / complaints"])


class Look(BaseModel):
    """Why the reporter is looked at."""

    model_config = ConfigDict(extra="forbid")

    purpose: Purpose


@router.post("/complaints", status_code=201, summary="登记投诉举报 / take a complaint in")
async def file_complaint(
    body: FileComplaint,
    run: Annotated[Run, gives(FileComplaint)],
) -> Answer[ComplaintFiled]:
    """One that came by the hotline 12317, by letter or by visit."""
    return await run(body)


@router.get("/complaints", summary="投诉件列表 / complaints")
async def list_complaints(
    session: Reading,
    page: Paging,
    actor: Caller,
    state: Annotated[shown.ComplaintState | None, Query(description="办理状态 / state of the case")] = None,
) -> Page[shown.ComplaintListed]:
    """Those that concern the reader's desk; the unit complained about sees none of its own."""
    return await shown.list_complaints(session, page, actor, state)


@router.get("/complaints/{complaint_id}", summary="投诉件 / one complaint")
async def one_complaint(
    complaint_id: UUID, session: Reading, actor: Caller, request: Request, response: Response
) -> shown.ComplaintShown:
    """What was said, and what came of it; not by whom."""
    keys = edge_of(request).pipeline.resources.keys
    return tagged(response, await shown.one_complaint(session, keys, complaint_id, actor))


@router.post("/complaints/{complaint_id}/reporter", summary="查看举报人 / look at the reporter")
async def reveal_reporter(
    complaint_id: UUID,
    body: Look,
    request: Request,
    run: Annotated[Run, gives(RevealReporter)],
) -> shown.ReporterShown:
    """For the intake desk; the look is journalled with its purpose before anything is shown."""
    await run(RevealReporter(complaint_id=complaint_id, purpose=body.purpose))
    edge = edge_of(request)
    async with edge.database.read(run.actor) as session:
        return await shown.reporter_of(session, edge.pipeline.resources.keys, complaint_id)
