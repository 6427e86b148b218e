"""Evaluations as they are shown, and what a confirmed one means for the next year (结果应用)."""

from collections.abc import Collection
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, Select, select

from services.funds.domain.evaluations import PerformanceFactor
from services.funds.domain.goal_scores import Grade
from services.funds.queries.case_rows import CASE, case_of
from services.funds.queries.goals import points
from services.funds.tables.evaluations import Evaluation, EvaluationLine
from shared.contracts.wire import Area
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found
from shared.parameters.lookup import Parameters

_RESULTS = """
SELECT area_code, score_hundredths, grade, is_placeholder FROM evaluation
 WHERE area_code = ANY($1::bigint[]) AND year = $2 AND confirmed_on IS NOT NULL"""


class Shown(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True)


class EvaluationListed(Shown):
    """One evaluation; `is_placeholder` (占位) tells that no document states some of its weights."""

    id: UUID
    area_code: Area
    year: int
    is_placeholder: bool
    score: str | None
    grade: str
    grade_zh: str
    confirmed_on: date | None
    state: str
    version: int


class EvaluationLineShown(Shown):
    """One indicator with its points and its score, computed or by hand; `placeholder_zh` says 占位 beside the points."""

    code: str
    block: str
    zh: str
    points: int
    placeholder_zh: str
    source: str
    score: str | None
    share: str
    is_automatic: bool
    basis: str
    document_no: str


class EvaluationShown(EvaluationListed):
    """One evaluation with its lines."""

    lines: list[EvaluationLineShown]


class FactorShown(Shown):
    """The performance factor of an area for a year, from the confirmed evaluation of the year before."""

    area_code: Area
    year: int
    score: str
    grade: str
    grade_zh: str
    keeps: str
    is_placeholder: bool


async def list_evaluations(
    session: ReadSession, page: PageRequest, area: AreaCode | None, year: int | None
) -> Page[EvaluationListed]:
    """A page of evaluations, the newest first."""
    asked = _select()
    if area is not None:
        asked = asked.where(Evaluation.area_code.between(*area.span))
    if year is not None:
        asked = asked.where(Evaluation.year == year)
    return await fetch_page(
        session, asked, (Evaluation.id,), page, lambda row: EvaluationListed(**_listed(row)), descending=True
    )


async def one_evaluation(session: ReadSession, evaluation_id: UUID) -> EvaluationShown:
    """One evaluation with its lines; raises NotFound."""
    row = (await session.session.execute(_select().where(Evaluation.id == evaluation_id))).one_or_none()
    if row is None:
        raise not_found("绩效评价", "evaluation")
    asked = select(EvaluationLine).where(EvaluationLine.evaluation_id == evaluation_id)
    lines = {line.code: line for line in await session.session.scalars(asked)}
    return EvaluationShown(
        **_listed(row), lines=[_line(weight, lines.get(weight["code"])) for weight in row[0].weights]
    )


def _select() -> Select[Any]:
    return select(Evaluation, CASE.c.state, CASE.c.version).join(CASE, case_of(Evaluation.id, "funds.evaluation"))


def _listed(row: Row[Any]) -> dict[str, Any]:
    found: Evaluation = row[0]
    own = {name: getattr(found, name) for name in EvaluationListed.model_fields if hasattr(found, name)}
    return own | {
        "score": None if found.score_hundredths is None else points(found.score_hundredths),
        "grade_zh": Grade(found.grade).zh if found.grade else "",
        "state": row.state,
        "version": row.version,
    }


def _line(weight: dict[str, Any], line: EvaluationLine | None) -> EvaluationLineShown:
    return EvaluationLineShown(
        **{name: weight[name] for name in ("code", "block", "zh", "points", "source")},
        placeholder_zh="占位" if weight["is_placeholder"] else "",
        score=points(line.score_hundredths) if line else None,
        share=line.share if line else "",
        is_automatic=line.is_automatic if line else False,
        basis=line.basis if line else "",
        document_no=line.document_no if line else "",
    )


async def performance_factors(
    raw: asyncpg.Connection, asked: Parameters, areas: Collection[int], year: int
) -> dict[int, PerformanceFactor]:
    """What the confirmed evaluations of the year before mean for `year`; an area without one is not in it (§5.7)."""
    found = {}
    for row in await raw.fetch(_RESULTS, [int(area) for area in areas], year - 1):
        keeps = await asked.get(f"evaluation.keeps.{row['grade']}", row["area_code"], date(year, 1, 1))
        found[row["area_code"]] = PerformanceFactor(
            area=row["area_code"],
            year=year,
            score=Fraction(row["score_hundredths"], 100),
            grade=Grade(row["grade"]),
            keeps=keeps,
            is_placeholder=row["is_placeholder"],
        )
    return found


async def performance_factor(
    raw: asyncpg.Connection, asked: Parameters, area: AreaCode, year: int
) -> PerformanceFactor | None:
    """The factor of one area for `year`; None while last year's evaluation is not confirmed."""
    return (await performance_factors(raw, asked, [area], year)).get(int(area))


async def factor_shown(session: ReadSession, asked: Parameters, area: AreaCode, year: int) -> FactorShown:
    """The factor as it is shown; raises NotFound."""
    factor = await performance_factor(session.raw, asked, area, year)
    if factor is None:
        raise not_found("上年度绩效评价结果", "confirmed evaluation of the year before")
    return FactorShown(
        area_code=area,
        year=year,
        score=points(int(factor.score * 100)),
        grade=factor.grade,
        grade_zh=factor.grade.zh,
        keeps=str(factor.keeps),
        is_placeholder=factor.is_placeholder,
    )
