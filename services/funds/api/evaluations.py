"""Routes of the evaluation of linkage money (衔接资金绩效评价) and of what follows from it for the next year."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.funds.commands.evaluations import (
    EvaluationOpened,
    EvaluationScored,
    FillEvaluation,
    OpenEvaluation,
    ScoreEvaluation,
    ScoreFields,
)
from services.funds.queries import evaluations as shown
from shared.contracts.parts import Year
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.concurrency import tagged
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives
from shared.parameters.lookup import Parameters

router = APIRouter(tags=["绩效管理 / performance"])

AreaQuery = Annotated[Area | None, Query(description="区划代码 / area code")]
YearQuery = Annotated[Year | None, Query(description="年度 / year")]


@router.post("/evaluations", status_code=201, summary="开展绩效评价 / open an evaluation")
async def open_evaluation(body: OpenEvaluation, run: Annotated[Run, gives(OpenEvaluation)]) -> Answer[EvaluationOpened]:
    """Open the evaluation of a county and year with the weights in force."""
    return await run(body)


@router.post("/evaluations/{evaluation_id}/figures", summary="自动评分 / compute what data exist for")
async def fill_evaluation(evaluation_id: UUID, run: Annotated[Run, gives(FillEvaluation)]) -> Answer[EvaluationScored]:
    """Compute every indicator that has data; those without are named and scored by hand."""
    return await run(FillEvaluation(evaluation_id=evaluation_id))


@router.post("/evaluations/{evaluation_id}/scores", summary="人工评分 / enter a score by hand")
async def score_evaluation(
    evaluation_id: UUID, body: ScoreFields, run: Annotated[Run, gives(ScoreEvaluation)]
) -> Answer[EvaluationScored]:
    """Enter a score with its document: what no data give, bonus and malus."""
    return await run(ScoreEvaluation(evaluation_id=evaluation_id, **body.model_dump()))


@router.get("/evaluations", summary="绩效评价列表 / evaluations")
async def evaluations(
    session: Reading, page: Paging, area_code: AreaQuery = None, year: YearQuery = None
) -> Page[shown.EvaluationListed]:
    """The evaluations of an area."""
    return await shown.list_evaluations(session, page, area_code, year)


@router.get("/evaluations/{evaluation_id}", summary="绩效评价详情 / one evaluation")
async def evaluation(evaluation_id: UUID, session: Reading, response: Response) -> shown.EvaluationShown:
    """One evaluation with its lines; weights that no document states are marked 占位."""
    return tagged(response, await shown.one_evaluation(session, evaluation_id))


@router.get("/performance-factors", summary="绩效因素 / the performance factor of a year")
async def performance_factor(
    request: Request,
    session: Reading,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    year: Annotated[Year, Query(description="分配年度 / the year that is allocated")],
) -> shown.FactorShown:
    """What the confirmed evaluation of the year before means for the allocation of `year` (§5.7)."""
    parameters = Parameters(session.raw, edge_of(request).pipeline.resources.parameters)
    return await shown.factor_shown(session, parameters, area_code, year)
