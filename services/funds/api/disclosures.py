"""Routes of disclosure (公告公示) for offices: publish by the catalogue, prove, take back, see what is missing; codes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.funds.commands import disclosures as commands
from services.funds.commands import public_queries as codes
from services.funds.queries import disclosures as shown
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives

router = APIRouter(tags=["公告公示 / disclosure"])


class Photo(BaseModel):
    """A dated photo that was uploaded before."""

    model_config = ConfigDict(extra="forbid")

    evidence_id: UUID


class Reason(BaseModel):
    """Why a snapshot is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class CodeOnPaper(BaseModel):
    """The code to be handed over on paper, shown here and nowhere else."""

    id: UUID
    code: str
    expires_on: str


@router.post("/disclosures", status_code=201, summary="发布公开信息 / publish an item of the catalogue")
async def publish_disclosure(
    body: commands.PublishDisclosure,
    run: Annotated[Run, gives(commands.PublishDisclosure)],
) -> Answer[commands.DisclosureHangs]:
    """Publish exactly the template's fields; with `dry_run` everything is checked and nothing is published."""
    return await run(body)


@router.post(
    "/disclosures/{disclosure_id}/photos", status_code=201, summary="登记公示照片 / attach a photo of the board"
)
async def prove_disclosure(
    disclosure_id: UUID,
    body: Photo,
    run: Annotated[Run, gives(commands.ProveDisclosure)],
) -> Answer[commands.DisclosureChanged]:
    """A board of township or village needs a photo of its last day."""
    return await run(commands.ProveDisclosure(disclosure_id=disclosure_id, evidence_id=body.evidence_id))


@router.post("/disclosures/{disclosure_id}/withdrawal", summary="撤回公开信息 / take a snapshot back")
async def withdraw_disclosure(
    disclosure_id: UUID,
    body: Reason,
    run: Annotated[Run, gives(commands.WithdrawDisclosure)],
) -> Answer[commands.DisclosureChanged]:
    """The public finds it no more; what is then missing counts as missing."""
    return await run(commands.WithdrawDisclosure(disclosure_id=disclosure_id, reason=body.reason))


@router.get("/missing-disclosures", summary="应公开未公开 / what is due and not published")
async def missing_disclosures(
    session: Reading,
    page: Paging,
    area_code: Annotated[Area | None, Query(description="区划代码 / area code")] = None,
) -> Page[shown.Missing]:
    """As the last run of the checks found it (FW27)."""
    return await shown.list_missing(session, page, area_code)


@router.post("/access-codes", status_code=201, summary="发放农户查询码 / issue a household's access code")
async def issue_access_code(
    body: codes.IssueAccessCode,
    request: Request,
    run: Annotated[Run, gives(codes.IssueAccessCode)],
) -> Answer[CodeOnPaper]:
    """The village prints it and hands it over; an older code of the household ends."""
    issued = await run(body)
    keys = edge_of(request).pipeline.resources.keys
    told = CodeOnPaper(
        id=issued.result["id"],
        code=codes.code_of(keys, UUID(issued.result["id"])),
        expires_on=issued.result["expires_on"],
    )
    return Answer(result=told, warnings=issued.warnings)
