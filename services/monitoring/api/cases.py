"""Routes of identification, elimination and episodes beside their steps, and the worklist."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import Field

from services.monitoring.api.households import Body, Registry
from services.monitoring.commands.eliminations import EliminationProposed, ProposeElimination
from services.monitoring.commands.episodes import (
    AssignHelper,
    HelperAssigned,
    ReviewRiskChange,
    RisksReviewed,
)
from services.monitoring.commands.household_checks import CheckRecorded, RecordHouseholdCheck
from services.monitoring.commands.identifications import (
    AnswerComparison,
    Answered,
    OpenIdentification,
    Settled,
    SettleHit,
    StatedHit,
    TakenUp,
    TellRejection,
    Told,
)
from services.monitoring.queries import cases as reads
from services.monitoring.queries import worklist as due
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.db.sessions import ReadSession
from shared.http.auth import Caller, read_roles
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives
from shared.kernel.areas import NATION
from shared.kernel.clock import today
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, FIELD, TOWNSHIP

router = APIRouter(tags=["识别认定与风险消除 / cases"])

Applicants = Annotated[ReadSession, read_roles(*FIELD, *TOWNSHIP, *BUREAU, Role.AUDITOR, Role.HOUSEHOLD)]
County = Annotated[ReadSession, read_roles(*BUREAU, Role.AUDITOR)]
Sources = Annotated[ReadSession, read_roles(*BUREAU, Role.AGENCY)]


class HouseholdCheckSheet(Body):
    """What a visit found (入户核查表). Income comes from the income sheet; `nil` are the kinds without any."""

    visited_on: date
    member_ids: tuple[UUID, ...] = Field(min_length=1, max_length=40)
    nil: tuple[str, ...] = Field(default=(), examples=[["claims", "property"]])
    education: str = Field(examples=["OK"], pattern=r"^(OK|AT_RISK|NOT_OK|UNKNOWN)$")
    medical: str = Field(examples=["OK"], pattern=r"^(OK|AT_RISK|NOT_OK|UNKNOWN)$")
    housing: str = Field(examples=["OK"], pattern=r"^(OK|AT_RISK|NOT_OK|UNKNOWN)$")
    water: str = Field(examples=["OK"], pattern=r"^(OK|AT_RISK|NOT_OK|UNKNOWN)$")
    risks: tuple[str, ...] = Field(default=(), examples=[["ILLNESS"]])
    disaster_subtype: str = ""
    risk_note: str = ""
    serious_difficulty: bool = False
    rigid_spending: str = Field(pattern=r"^(none|solved|open)$", examples=["open"])
    stable_months: int = Field(default=0, ge=0)


class Hits(Body):
    """What the source found; nothing when all is clear."""

    hits: tuple[StatedHit, ...] = ()


class Settlement(Body):
    """How a hit is settled, with its reason and the id of an uploaded document."""

    answer: str = Field(pattern=r"^(explained|confirmed|data_error)$", examples=["explained"])
    reason: str
    evidence_id: UUID


class Telling(Body):
    """How the applicant was told."""

    channel: str = Field(pattern=r"^(visit|phone|letter|online)$", examples=["visit"])


class Assignment(Body):
    """Who helps the household from today."""

    helper: UUID
    is_primary: bool = True


class RisksNow(Body):
    """The risks of a monitored household as they are now."""

    risks: tuple[str, ...] = Field(min_length=1, examples=[["ILLNESS", "SCHOOLING"]])
    disaster_subtype: str = ""
    risk_note: str = ""


class Proposal(Body):
    """How the risk went: by assistance, or naturally with the reason."""

    mode: str = Field(pattern=r"^(by_assistance|natural)$", examples=["by_assistance"])
    natural_reason: str = ""


@router.post("/identifications", status_code=201, summary="受理线索 / take up a clue")
async def open_identification(
    body: OpenIdentification, run: Annotated[Run, gives(OpenIdentification)]
) -> Answer[TakenUp]:
    """Opens the identification of the clue's household; of a monitored one no case is opened (M-CLUE-05)."""
    return await run(body)


@router.get("/identifications/{identification_id}", summary="识别认定 / an identification")
async def show_identification(identification_id: UUID, actor: Caller, session: Applicants) -> reads.IdentificationSeen:
    """Where it stands; after a rejection its reason, and when the applicant was told (M-ID-05)."""
    return await reads.identification(session, identification_id, actor)


@router.get("/households/{household_id}/identifications", summary="农户的识别认定 / identifications of a household")
async def list_identifications(household_id: UUID, session: Registry) -> list[reads.IdentificationListed]:
    return await reads.identifications(session, household_id)


@router.post("/identifications/{identification_id}/check", summary="填写入户核查表 / record the household check")
async def record_identification_check(
    identification_id: UUID, body: HouseholdCheckSheet, run: Annotated[Run, gives(RecordHouseholdCheck)]
) -> Answer[CheckRecorded]:
    """Written down before two people sign it by the step `visit`; from the first signature on it stands."""
    return await run(_check("identification", identification_id, body))


@router.post("/eliminations/{elimination_id}/check", summary="填写入户核查表 / record the household check")
async def record_elimination_check(
    elimination_id: UUID, body: HouseholdCheckSheet, run: Annotated[Run, gives(RecordHouseholdCheck)]
) -> Answer[CheckRecorded]:
    """The same for an elimination."""
    return await run(_check("elimination", elimination_id, body))


@router.get("/comparisons", summary="待答复的信息比对 / comparisons to answer")
async def list_comparisons(
    session: Sources,
    page: Paging,
    area_code: Annotated[
        Area | None, Query(description="区划代码，缺省为全国 / area code, else the whole country")
    ] = None,
    source: Annotated[str | None, Query(max_length=40)] = None,
    *,
    open_only: bool = True,
) -> Page[reads.ComparisonListed]:
    """Which households a source is asked about, and by when."""
    return await reads.comparisons(session, page, area_code or NATION, source, open_only=open_only)


@router.get("/identifications/{identification_id}/comparisons", summary="比对结果 / what the sources said")
async def show_comparisons(identification_id: UUID, request: Request, session: County) -> list[reads.ComparisonSeen]:
    """For the county alone; the village sees whether the comparison passed (M-PI-14)."""
    return await reads.comparisons_of(session, edge_of(request).pipeline.resources.keys, identification_id)


@router.post("/comparisons/{comparison_id}/answer", summary="答复信息比对 / answer a comparison")
async def answer_comparison(
    comparison_id: UUID, body: Hits, run: Annotated[Run, gives(AnswerComparison)]
) -> Answer[Answered]:
    """A source answers once; a hit is a question, not a verdict."""
    return await run(AnswerComparison(comparison_id=comparison_id, hits=body.hits))


@router.post("/comparison-hits/{hit_id}/settlement", summary="核实比对情形 / settle a hit")
async def settle_hit(hit_id: UUID, body: Settlement, run: Annotated[Run, gives(SettleHit)]) -> Answer[Settled]:
    """Explained, confirmed, or an error of the data."""
    return await run(SettleHit.model_validate({"hit_id": hit_id, **body.model_dump()}))


@router.post("/identifications/{identification_id}/telling", summary="告知不予纳入 / tell the applicant")
async def tell_rejection(
    identification_id: UUID, body: Telling, run: Annotated[Run, gives(TellRejection)]
) -> Answer[Told]:
    """Within five working days of the rejection (M-ID-05)."""
    return await run(TellRejection.model_validate({"identification_id": identification_id, **body.model_dump()}))


@router.post("/households/{household_id}/helpers", status_code=201, summary="落实帮扶责任人 / assign a helper")
async def assign_helper(
    household_id: UUID, body: Assignment, run: Annotated[Run, gives(AssignHelper)]
) -> Answer[HelperAssigned]:
    """One active primary helper; a new one releases the former."""
    return await run(AssignHelper(household_id=household_id, helper=body.helper, is_primary=body.is_primary))


@router.post("/households/{household_id}/risk-review", summary="核实风险变化 / review a change of risk")
async def review_risk_change(
    household_id: UUID, body: RisksNow, run: Annotated[Run, gives(ReviewRiskChange)]
) -> Answer[RisksReviewed]:
    """Disposes of the clues that came while the household was monitored (M-CLUE-05)."""
    return await run(ReviewRiskChange.model_validate({"household_id": household_id, **body.model_dump()}))


@router.get("/households/{household_id}/episodes", summary="监测周期 / episodes of a household")
async def list_episodes(household_id: UUID, session: Registry) -> list[reads.EpisodeSeen]:
    """With their snapshots at identification and elimination."""
    return await reads.episodes(session, household_id)


@router.post(
    "/households/{household_id}/eliminations", status_code=201, summary="提出风险消除 / propose an elimination"
)
async def propose_elimination(
    household_id: UUID, body: Proposal, run: Annotated[Run, gives(ProposeElimination)]
) -> Answer[EliminationProposed]:
    """Opens the elimination of the household's open episode."""
    return await run(ProposeElimination.model_validate({"household_id": household_id, **body.model_dump()}))


@router.get("/eliminations/{elimination_id}", summary="风险消除 / an elimination")
async def show_elimination(elimination_id: UUID, session: Registry) -> reads.EliminationSeen:
    """Where it stands, and its look-backs."""
    return await reads.elimination(session, elimination_id)


@router.get("/worklist", summary="待办事项 / what is due")
async def show_worklist(
    request: Request,
    session: Registry,
    page: Paging,
    area_code: Annotated[
        Area | None, Query(description="区划代码，缺省为全国 / area code, else the whole country")
    ] = None,
    until: Annotated[date | None, Query(description="截止日期 / due by this day")] = None,
) -> Page[due.WorkItem]:
    """Cases with their step and total clocks, changes of risk, look-backs, and rejections to tell; the earliest first."""
    return await due.worklist(session, page, area_code or NATION, today(edge_of(request).clock), until)


def _check(kind: str, subject_id: UUID, body: HouseholdCheckSheet) -> RecordHouseholdCheck:
    return RecordHouseholdCheck.model_validate({"of": kind, "subject_id": subject_id, **body.model_dump()})
