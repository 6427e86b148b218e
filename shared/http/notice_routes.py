"""Routes that every service has for its notices: the public bulletin, proofs, objections and their answers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from shared.cases.bulletin import Posted, posted_notices
from shared.cases.commands import Created, FileObjection, Proven, ProveNotice, ResolveObjection
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.edge import edge_of
from shared.http.policy import public
from shared.http.running import Answer, Paging, Run, gives
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import NATION

router = APIRouter(tags=["公示与异议 / notices and objections"])


class Proof(BaseModel):
    """A dated photo that was uploaded before."""

    model_config = ConfigDict(extra="forbid")

    evidence_id: UUID


class Objection(BaseModel):
    """An objection: how it arrived, and its words."""

    model_config = ConfigDict(extra="forbid")

    channel: str = Field(pattern=r"^(written|phone|online|visit)$")
    wording: str = Field(min_length=1, max_length=2000)


class Resolution(BaseModel):
    """The answer to an objection."""

    model_config = ConfigDict(extra="forbid")

    upheld: bool
    reply: str = Field(min_length=1, max_length=2000)


@router.get("/notices", dependencies=[public()], summary="公示公告栏 / the public bulletin")
async def notices(
    request: Request,
    page: Paging,
    area_code: Annotated[
        Area | None, Query(description="区划代码，缺省为全国 / area code, else the whole country")
    ] = None,
) -> Page[Posted]:
    # Everybody may read what hangs out; the statement names the published columns and no other.
    async with edge_of(request).database.read(SYSTEM) as session:
        return await posted_notices(session, NATION if area_code is None else area_code, page)


@router.post("/cases/{case_id}/notice/proofs", summary="公示首日或末日照片 / photo of the first or last day")
async def prove_notice(case_id: UUID, body: Proof, run: Annotated[Run, gives(ProveNotice)]) -> Answer[Proven]:
    return await run(ProveNotice(case_id=case_id, evidence_id=body.evidence_id))


@router.post("/cases/{case_id}/objections", status_code=201, summary="提出异议 / object")
async def file_objection(
    case_id: UUID,
    body: Objection,
    run: Annotated[Run, gives(FileObjection)],
) -> Answer[Created]:
    return await run(FileObjection(case_id=case_id, channel=body.channel, wording=body.wording))


@router.post("/objections/{objection_id}/resolve", summary="答复异议 / answer an objection")
async def resolve_objection(
    objection_id: UUID,
    body: Resolution,
    run: Annotated[Run, gives(ResolveObjection)],
) -> Answer[Created]:
    return await run(ResolveObjection(objection_id=objection_id, upheld=body.upheld, reply=body.reply))
