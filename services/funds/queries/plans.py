"""Annual plans and allocations as they are shown, and the sums of a plan in the words of the county's own table."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, select

from services.funds.domain import plans
from services.funds.domain.limits import percent
from services.funds.domain.plans import ClassLabel, ClassSum, PlannedLine
from services.funds.domain.project_delivery import Source
from services.funds.queries.case_rows import CASE, case_of
from services.funds.tables.plans import Allocation, AllocationLine, Plan
from shared.contracts.wire import Area, Yuan
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found

_LINES = """
SELECT line.project_id, project.name, project.category AS project_category, project.is_industry, line.level,
       line.category, line.amount_fen
  FROM plan_line AS line JOIN project ON project.id = line.project_id
 WHERE line.plan_id = $1 ORDER BY line.project_id, line.level, line.category"""
# The taxonomy's own words, then those of the areas above, then the county's: later rows win.
LABELS = """
SELECT code AS prefix, zh AS large, '' AS small, -1::bigint AS area_code, valid_from FROM category
 WHERE length(code) = 2 AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $2)
UNION ALL
SELECT prefix, large, small, area_code, valid_from FROM category_label WHERE area_code = ANY($1::bigint[])
 ORDER BY area_code, valid_from"""


class Shown(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True)


class PlanListed(Shown):
    """One batch of an annual plan."""

    id: UUID
    area_code: Area
    year: int
    batch: int
    title: str
    document_no: str
    published_on: date | None
    state: str
    version: int


class PlanLineShown(Shown):
    """What the plan gives a project of one source."""

    project_id: UUID
    name: str
    project_category: str
    level: str
    category: str
    amount: Yuan


class PlanShown(PlanListed):
    """One batch with its lines."""

    lines: list[PlanLineShown]


class ClassShown(Shown):
    """One class of the plan's table; `small` is empty for a class as a whole; percent is half-up, for display."""

    large: str
    small: str
    projects: int
    amount: Yuan
    percent: str


class LevelShown(Shown):
    """What the plan takes from one level of government."""

    level: str
    amount: Yuan
    percent: str


class PlanSummary(Shown):
    """The sums of a plan; the exact industry share is a fraction, what is shown is half-up with two decimals."""

    plan_id: UUID
    year: int
    batch: int
    projects: int
    total: Yuan
    classes: list[ClassShown]
    subclasses: list[ClassShown]
    levels: list[LevelShown]
    industry: Yuan
    industry_share: str
    industry_percent: str


class AllocationLineShown(Shown):
    """So much of one indicator for one project."""

    project_id: UUID
    indicator_id: UUID
    amount: Yuan


class AllocationListed(Shown):
    """One allocation."""

    id: UUID
    area_code: Area
    year: int
    title: str
    posted_on: date | None
    state: str
    version: int


class AllocationShown(AllocationListed):
    """One allocation with its lines."""

    amount: Yuan
    lines: list[AllocationLineShown]


async def list_plans(
    session: ReadSession, request: PageRequest, area: AreaCode | None, year: int | None
) -> Page[PlanListed]:
    """A page of plans in the order they were opened."""
    statement = select(Plan, CASE.c.state, CASE.c.version).join(CASE, case_of(Plan.id, "funds.annual_plan"))
    if area is not None:
        statement = statement.where(Plan.area_code.between(*area.span))
    if year is not None:
        statement = statement.where(Plan.year == year)
    return await fetch_page(session, statement, (Plan.id,), request, _plan)


async def one_plan(session: ReadSession, plan_id: UUID) -> PlanShown:
    """One plan with its lines; raises NotFound."""
    row = await _plan_row(session, plan_id)
    lines = [
        PlanLineShown(
            project_id=line["project_id"],
            name=line["name"],
            project_category=line["project_category"],
            level=line["level"],
            category=line["category"],
            amount=line["amount_fen"],
        )
        for line in await session.raw.fetch(_LINES, plan_id)
    ]
    return PlanShown(**_plan(row).model_dump(), lines=lines)


async def plan_summary(session: ReadSession, plan_id: UUID) -> PlanSummary:
    """The plan's sums by class, level and industry, in the county's words; raises NotFound."""
    plan: Plan = (await _plan_row(session, plan_id))[0]
    lines = [
        PlannedLine(
            project_id=row["project_id"],
            category=row["project_category"],
            source=Source(row["level"], row["category"]),
            fen=row["amount_fen"],
            is_industry=row["is_industry"],
            other_villages_ppm=0,
        )
        for row in await session.raw.fetch(_LINES, plan_id)
    ]
    areas = [int(code) for code in AreaCode(plan.area_code).ancestry()]
    named = await session.raw.fetch(LABELS, areas, date(plan.year, 1, 1), date(plan.year, 12, 31))
    labels = {row["prefix"]: ClassLabel(row["large"], row["small"]) for row in named}
    sums = plans.sums(lines, labels)
    return PlanSummary(
        plan_id=plan.id,
        year=plan.year,
        batch=plan.batch,
        projects=sums.projects,
        total=sums.total,
        classes=_classes(sums.large),
        subclasses=_classes(sums.small),
        levels=[
            LevelShown(level=level, amount=fen, percent=percent(plans.share(fen, sums.total)))
            for level, fen in sums.levels.items()
        ],
        industry=sums.industry,
        industry_share=str(sums.industry_share),
        industry_percent=percent(sums.industry_share),
    )


async def list_allocations(
    session: ReadSession, request: PageRequest, area: AreaCode | None, year: int | None
) -> Page[AllocationListed]:
    """A page of allocations in the order they were drafted."""
    joined = case_of(Allocation.id, "funds.allocation")
    statement = select(Allocation, CASE.c.state, CASE.c.version).join(CASE, joined)
    if area is not None:
        statement = statement.where(Allocation.area_code.between(*area.span))
    if year is not None:
        statement = statement.where(Allocation.year == year)
    return await fetch_page(session, statement, (Allocation.id,), request, _allocation)


async def one_allocation(session: ReadSession, allocation_id: UUID) -> AllocationShown:
    """One allocation with its lines; raises NotFound."""
    joined = case_of(Allocation.id, "funds.allocation")
    asked = select(Allocation, CASE.c.state, CASE.c.version).join(CASE, joined)
    row = (await session.session.execute(asked.where(Allocation.id == allocation_id))).one_or_none()
    if row is None:
        raise not_found("资金分配", "allocation")
    found = await session.session.scalars(
        select(AllocationLine).where(AllocationLine.allocation_id == allocation_id).order_by(AllocationLine.line_no),
    )
    lines = [
        AllocationLineShown(project_id=line.project_id, indicator_id=line.indicator_id, amount=line.amount_fen)
        for line in found
    ]
    return AllocationShown(**_allocation(row).model_dump(), amount=sum(line.amount for line in lines), lines=lines)


async def _plan_row(session: ReadSession, plan_id: UUID) -> Row[Any]:
    asked = select(Plan, CASE.c.state, CASE.c.version).join(CASE, case_of(Plan.id, "funds.annual_plan"))
    row = (await session.session.execute(asked.where(Plan.id == plan_id))).one_or_none()
    if row is None:
        raise not_found("年度计划", "annual plan")
    return row


def _plan(row: Row[Any]) -> PlanListed:
    plan: Plan = row[0]
    named = {name: getattr(plan, name) for name in PlanListed.model_fields if hasattr(plan, name)}
    return PlanListed(**named, state=row.state, version=row.version)


def _allocation(row: Row[Any]) -> AllocationListed:
    allocation: Allocation = row[0]
    named = {name: getattr(allocation, name) for name in AllocationListed.model_fields if hasattr(allocation, name)}
    return AllocationListed(**named, state=row.state, version=row.version)


def _classes(found: Sequence[ClassSum]) -> list[ClassShown]:
    return [
        ClassShown(
            large=each.label.large,
            small=each.label.small,
            projects=each.projects,
            amount=each.fen,
            percent=each.percent,
        )
        for each in found
    ]
