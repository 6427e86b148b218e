"""Routes of what happens to indicators: decompositions, later documents, recoveries, carry-over, idle money."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.funds.commands.carry_over import CarriedOver, CarryOver
from services.funds.commands.decompositions import DecompositionDrafted, DraftDecomposition
from services.funds.commands.indicator_changes import ChangeEntered, EnterChange
from services.funds.commands.indicator_recoveries import DraftRecovery, RecoveryDrafted
from services.funds.queries import indicator_papers as shown
from shared.contracts.parts import Year
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.concurrency import tagged
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives
from shared.kernel.clock import today
from shared.parameters.lookup import Parameters

router = APIRouter(tags=["指标 / indicators"])

AreaQuery = Annotated[Area | None, Query(description="区划代码 / area code")]


@router.post("/decompositions", status_code=201, summary="拟定指标分解 / draft a decomposition")
async def draft_decomposition(
    body: DraftDecomposition, run: Annotated[Run, gives(DraftDecomposition)]
) -> Answer[DecompositionDrafted]:
    """Draft how an indicator is passed down: by lines, or by the final column of a factor run."""
    return await run(body)


@router.get("/decompositions", summary="指标分解列表 / decompositions")
async def decompositions(
    session: Reading,
    page: Paging,
    area_code: AreaQuery = None,
    parent_id: Annotated[UUID | None, Query(description="被分解的指标 / the indicator passed down")] = None,
) -> Page[shown.DecompositionListed]:
    """The decompositions of an area or of one indicator."""
    return await shown.list_decompositions(session, page, area_code, parent_id)


@router.get("/decompositions/{decomposition_id}", summary="指标分解详情 / one decomposition")
async def decomposition(decomposition_id: UUID, session: Reading, response: Response) -> shown.DecompositionShown:
    """One decomposition with its lines."""
    return tagged(response, await shown.one_decomposition(session, decomposition_id))


@router.post("/indicator-changes", status_code=201, summary="登记追加追减 / enter a change")
async def enter_indicator_change(body: EnterChange, run: Annotated[Run, gives(EnterChange)]) -> Answer[ChangeEntered]:
    """Enter a document that adds to an indicator or cuts it."""
    return await run(body)


@router.get("/indicator-changes", summary="追加追减列表 / changes")
async def indicator_changes(
    session: Reading,
    page: Paging,
    area_code: AreaQuery = None,
    indicator_id: Annotated[UUID | None, Query(description="指标 / indicator")] = None,
) -> Page[shown.ChangeShown]:
    """The later documents of an area or of one indicator."""
    return await shown.list_changes(session, page, area_code, indicator_id)


@router.get("/indicator-changes/{change_id}", summary="追加追减详情 / one change")
async def indicator_change(change_id: UUID, session: Reading, response: Response) -> shown.ChangeShown:
    """One later document."""
    return tagged(response, await shown.one_change(session, change_id))


@router.get("/indicator-changes/{change_id}/proposal", summary="追减来源建议 / where a cut is taken")
async def indicator_change_proposal(change_id: UUID, session: Reading) -> shown.ProposalShown:
    """Which unallocated money and uncommitted quota the system would take now, and what would be owed."""
    return await shown.proposal_of(session, change_id)


@router.post("/indicator-recoveries", status_code=201, summary="拟定资金收回 / draft a recovery")
async def draft_indicator_recovery(
    body: DraftRecovery, run: Annotated[Run, gives(DraftRecovery)]
) -> Answer[RecoveryDrafted]:
    """Draft which idle money and surplus is used again or returned."""
    return await run(body)


@router.get("/indicator-recoveries", summary="资金收回列表 / recoveries")
async def indicator_recoveries(
    session: Reading, page: Paging, area_code: AreaQuery = None
) -> Page[shown.RecoveryListed]:
    """The recoveries of an area."""
    return await shown.list_recoveries(session, page, area_code)


@router.get("/indicator-recoveries/{recovery_id}", summary="资金收回详情 / one recovery")
async def indicator_recovery(recovery_id: UUID, session: Reading, response: Response) -> shown.RecoveryShown:
    """One recovery with its lines."""
    return tagged(response, await shown.one_recovery(session, recovery_id))


@router.post("/carry-overs", status_code=201, summary="年终结转 / carry over")
async def carry_over(body: CarryOver, run: Annotated[Run, gives(CarryOver)]) -> Answer[CarriedOver]:
    """Carry what a year left unpaid into the next; repeated, it moves only what came back since."""
    return await run(body)


@router.get("/reports/idle-money", summary="闲置资金 / idle money")
async def idle_money(
    request: Request,
    session: Reading,
    page: Paging,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    year: Annotated[Year, Query(description="当前预算年度 / current fiscal year")],
) -> Page[shown.IdleMoney]:
    """Money of earlier years that is unspent, with its age; what is red is to be recovered."""
    resources = edge_of(request).pipeline.resources
    asked = Parameters(session.raw, resources.parameters)
    return await shown.idle_money(session, page, asked, area_code, year, today(resources.clock))
