"""Routes of performance goals (绩效目标): tables, revisions, samples; their steps are routes of the floor."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.funds.commands.goals import (
    DrawGoalSample,
    EnterGoals,
    GoalRevisionFields,
    GoalsEntered,
    ReviseGoals,
    SampleDrawn,
)
from services.funds.queries import goals as shown
from shared.contracts.parts import Year
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.concurrency import tagged
from shared.http.running import Answer, Paging, Run, gives

router = APIRouter(tags=["绩效管理 / performance"])

AreaQuery = Annotated[Area | None, Query(description="区划代码 / area code")]
YearQuery = Annotated[Year | None, Query(description="年度 / year")]


@router.post("/goals", status_code=201, summary="编报绩效目标表 / enter a goal table")
async def enter_goals(body: EnterGoals, run: Annotated[Run, gives(EnterGoals)]) -> Answer[GoalsEntered]:
    """Enter the goal table of a project and year, or of an area for an indicator."""
    return await run(body)


@router.post("/goals/{goal_id}/revisions", status_code=201, summary="修改绩效目标表 / revise a goal table")
async def revise_goals(
    goal_id: UUID, body: GoalRevisionFields, run: Annotated[Run, gives(ReviseGoals)]
) -> Answer[GoalsEntered]:
    """Write a new version of a draft or returned table; an approved one first takes the step `change`."""
    return await run(ReviseGoals(goal_id=goal_id, content=body.content, based_on=body.based_on, reason=body.reason))


@router.get("/goals", summary="绩效目标表列表 / goal tables")
async def goals(
    session: Reading, page: Paging, area_code: AreaQuery = None, year: YearQuery = None
) -> Page[shown.GoalListed]:
    """The goal tables of an area, with marks, light and score."""
    return await shown.list_goals(session, page, area_code, year)


@router.get("/goals/{goal_id}", summary="绩效目标表详情 / one goal table")
async def goal(goal_id: UUID, session: Reading, response: Response) -> shown.GoalShown:
    """One table with its reviews, monitorings, measures and scores."""
    return tagged(response, await shown.one_goal(session, goal_id))


@router.post("/goal-samples", status_code=201, summary="抽取复核样本 / draw a recheck sample")
async def draw_sample(body: DrawGoalSample, run: Annotated[Run, gives(DrawGoalSample)]) -> Answer[SampleDrawn]:
    """Draw which self-evaluations finance rechecks; the drawing is kept."""
    return await run(body)


@router.get("/goal-samples", summary="复核样本列表 / recheck samples")
async def samples(session: Reading, page: Paging, area_code: AreaQuery = None) -> Page[shown.SampleShown]:
    """The drawings of an area."""
    return await shown.list_samples(session, page, area_code)
