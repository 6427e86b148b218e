"""Routes of clues: reported, matched, disposed of; the worklist, the feedback to senders, and the rates."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import Field

from services.monitoring.api.households import Body, Registry
from services.monitoring.commands.clues import ClueTaken, ReportClue
from services.monitoring.commands.dispositions import ClueKnown, DisposeClue, MatchClue
from services.monitoring.queries import clues as reads
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.db.sessions import ReadSession
from shared.http.auth import read_roles
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives
from shared.kernel.clock import today
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, SECTOR, TOWNSHIP

router = APIRouter(tags=["线索 / clues"])

Senders = Annotated[ReadSession, read_roles(*SECTOR, *TOWNSHIP, *BUREAU, Role.AUDITOR)]
Figures = Annotated[ReadSession, read_roles(*SECTOR, *TOWNSHIP, *BUREAU, Role.AUDITOR, Role.PROVINCE_READER)]


class Matching(Body):
    """The member whom the clue is about."""

    member_id: UUID


class Ending(Body):
    """What came of the clue."""

    disposition: str = Field(
        pattern=r"^(ENROLLED|NOT_RISK_NORMAL|POLICY_SOLVED|NOT_RURAL|DUPLICATE|DECEASED_OR_MOVED|WRONG_DATA)$",
        examples=["POLICY_SOLVED"],
    )


@router.post("/clues", status_code=201, summary="上报线索 / report a clue")
async def report_clue(body: ReportClue, run: Annotated[Run, gives(ReportClue)]) -> Answer[ClueTaken]:
    """A clue that is one with an earlier one is merged into it; the first clue of a household opens its risk."""
    return await run(body)


@router.get("/clues", summary="线索工作清单 / worklist")
async def list_clues(
    session: Registry,
    page: Paging,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    match: Annotated[str | None, Query(pattern=r"^(MATCHED|TO_MATCH|TO_BUILD)$")] = None,
    *,
    open_only: bool = True,
) -> Page[reads.ClueListed]:
    """Open clues by village and due day; `match=TO_BUILD` lists persons who belong to no household yet."""
    return await reads.worklist(session, page, area_code, open_only=open_only, match=match)


@router.get("/clues/feedback", summary="线索反馈 / feedback to senders")
async def list_feedback(
    session: Senders,
    page: Paging,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    department: Annotated[str | None, Query(max_length=64)] = None,
    batch_id: UUID | None = None,
) -> Page[reads.Feedback]:
    """What became of pushed clues, without any person: senders know them by file and row (M-CLUE-08)."""
    return await reads.feedback(session, page, area_code, department, batch_id)


@router.get("/clues/summary", summary="线索办结率 / how many are handled")
async def clue_summary(
    request: Request,
    session: Figures,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    first: date,
    last: date,
) -> reads.ClueSummary:
    """Of the clues received between two days: disposed of, overdue, and led to enrolment."""
    return await reads.summary(session, area_code, first, last, today(edge_of(request).clock))


@router.get("/clues/{clue_id}", summary="线索 / a clue")
async def show_clue(clue_id: UUID, session: Registry) -> reads.ClueSeen:
    """A clue with everybody who pushed it."""
    return await reads.clue(session, clue_id)


@router.post("/clues/{clue_id}/match", summary="人工匹配 / match by hand")
async def match_clue(clue_id: UUID, body: Matching, run: Annotated[Run, gives(MatchClue)]) -> Answer[ClueKnown]:
    """Say whom a clue is about that came without a number."""
    return await run(MatchClue(clue_id=clue_id, member_id=body.member_id))


@router.post("/clues/{clue_id}/disposition", summary="线索办结 / dispose of a clue")
async def dispose_clue(clue_id: UUID, body: Ending, run: Annotated[Run, gives(DisposeClue)]) -> Answer[ClueKnown]:
    """Exactly once; ENROLLED only comes from an identification (M-CLUE-07)."""
    return await run(DisposeClue.model_validate({"clue_id": clue_id, "disposition": body.disposition}))
