"""Goal tables as they are shown: indicators, marks, reviews, monitorings, measures, scores."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, Select, select

from services.funds.domain.goal_scores import Grade
from services.funds.domain.goals import GoalContent
from services.funds.queries.case_rows import CASE, case_of
from services.funds.tables.goals import (
    GoalMeasure,
    GoalMonitoring,
    GoalReview,
    GoalSample,
    GoalSampleMember,
    GoalScore,
    GoalTable,
    GoalVersion,
)
from shared.contracts.wire import Area, Instant, Yuan
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found


class Shown(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class GoalListed(Shown):
    """A goal table with its four marks, the light of the last monitoring, and its score once it has one."""

    id: UUID
    area_code: Area
    project_id: UUID | None
    indicator_id: UUID | None
    year: int
    title: str
    version_no: int
    declared_on: date | None
    reviewed_on: date | None
    approved_on: date | None
    published_on: date | None
    light: str
    score: str | None
    grade: str
    grade_zh: str
    state: str
    version: int


class ReviewShown(Shown):
    """One review form."""

    desk: str
    version_no: int
    verdict: str
    aspects: dict[str, bool]
    recorded_at: Instant


class MonitoringShown(Shown):
    """One monitoring; figures are exact fractions, None where nothing is to compare."""

    id: UUID
    version_no: int
    as_of: date
    budget: Yuan
    paid: Yuan
    planned_money: str
    money_deviation: str | None
    money_light: str
    light: str
    lines: list[dict[str, Any]]


class MeasureShown(Shown):
    """One measure against a deviation; it stands until it is lifted."""

    measure: str
    ordered_on: date
    due_on: date
    lifted_on: date | None


class ScoreShown(Shown):
    """One scoring, by the unit or in the recheck."""

    kind: str
    budget: Yuan
    paid: Yuan
    execution: str
    output: str
    benefit: str
    satisfaction: str
    score: str
    grade: str
    lines: list[dict[str, Any]]


class GoalShown(GoalListed):
    """One table with everything that was recorded about it; `drawn` tells of the recheck sample."""

    content: GoalContent
    reviews: list[ReviewShown]
    monitorings: list[MonitoringShown]
    measures: list[MeasureShown]
    scores: list[ScoreShown]
    drawn: bool | None


class SampleShown(Shown):
    """A drawing of self-evaluations."""

    id: UUID
    area_code: Area
    year: int
    share: str
    tables: int
    drawn: int
    drawn_at: Instant


async def list_goals(
    session: ReadSession, page: PageRequest, area: AreaCode | None, year: int | None
) -> Page[GoalListed]:
    """A page of tables, the newest first."""
    asked = _select()
    if area is not None:
        asked = asked.where(GoalTable.area_code.between(*area.span))
    if year is not None:
        asked = asked.where(GoalTable.year == year)
    return await fetch_page(
        session, asked, (GoalTable.id,), page, lambda row: GoalListed(**_listed(row)), descending=True
    )


async def list_samples(session: ReadSession, page: PageRequest, area: AreaCode | None) -> Page[SampleShown]:
    """A page of drawings, the newest first."""
    asked = select(GoalSample)
    if area is not None:
        asked = asked.where(GoalSample.area_code.between(*area.span))
    return await fetch_page(
        session, asked, (GoalSample.id,), page, lambda row: SampleShown.model_validate(row[0]), descending=True
    )


async def one_goal(session: ReadSession, goal_id: UUID) -> GoalShown:
    """One table; raises NotFound."""
    row = (await session.session.execute(_select().where(GoalTable.id == goal_id))).one_or_none()
    if row is None:
        raise not_found("绩效目标表", "goal table")
    of = session.session
    content = await of.get_one(GoalVersion, (goal_id, row[0].version_no))
    reviews = await of.scalars(select(GoalReview).where(GoalReview.goal_id == goal_id).order_by(GoalReview.id))
    measures = await of.scalars(select(GoalMeasure).where(GoalMeasure.goal_id == goal_id).order_by(GoalMeasure.id))
    drawn = await of.scalar(select(GoalSampleMember.drawn).where(GoalSampleMember.goal_id == goal_id))
    return GoalShown(
        **_listed(row),
        content=GoalContent.model_validate(content.content),
        reviews=[ReviewShown.model_validate(each) for each in reviews],
        monitorings=await _monitorings(session, goal_id),
        measures=[MeasureShown.model_validate(each) for each in measures],
        scores=await _scores(session, goal_id),
        drawn=drawn,
    )


def _select() -> Select[Any]:
    return select(GoalTable, CASE.c.state, CASE.c.version).join(CASE, case_of(GoalTable.id, "funds.goal"))


def _listed(row: Row[Any]) -> dict[str, Any]:
    table: GoalTable = row[0]
    own = {name: getattr(table, name) for name in GoalListed.model_fields if hasattr(table, name)}
    return own | {
        "score": None if table.score_hundredths is None else points(table.score_hundredths),
        "grade_zh": Grade(table.grade).zh if table.grade else "",
        "state": row.state,
        "version": row.version,
    }


async def _monitorings(session: ReadSession, goal_id: UUID) -> list[MonitoringShown]:
    asked = select(GoalMonitoring).where(GoalMonitoring.goal_id == goal_id).order_by(GoalMonitoring.id)
    return [
        MonitoringShown(
            **{name: getattr(each, name) for name in MonitoringShown.model_fields if hasattr(each, name)},
            budget=each.budget_fen,
            paid=each.paid_fen,
        )
        for each in await session.session.scalars(asked)
    ]


async def _scores(session: ReadSession, goal_id: UUID) -> list[ScoreShown]:
    asked = select(GoalScore).where(GoalScore.goal_id == goal_id).order_by(GoalScore.id)
    return [
        ScoreShown(
            kind=each.kind,
            budget=each.budget_fen,
            paid=each.paid_fen,
            execution=points(each.execution_hundredths),
            output=points(each.output_hundredths),
            benefit=points(each.benefit_hundredths),
            satisfaction=points(each.satisfaction_hundredths),
            score=points(each.score_hundredths),
            grade=each.grade,
            lines=each.lines,
        )
        for each in await session.session.scalars(asked)
    ]


def points(hundredths: int) -> str:
    """Points with two decimals."""
    whole, part = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole}.{part:02d}"
