"""Integration plans with the way of their money, and consumption assistance, as they are shown."""

from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from services.funds.domain.consumption import completion, reserve_ratio
from services.funds.domain.limits import percent
from services.funds.queries.case_rows import CASE, case_of
from services.funds.tables.regimes import ConsumptionQuota, IntegrationPlan
from shared.contracts.wire import Area, Yuan
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found

_SOURCES = """
SELECT source.indicator_id, document_no, category, source.amount_fen
  FROM integration_source AS source JOIN indicator AS i ON i.id = source.indicator_id
 WHERE source.plan_id = $1 ORDER BY source.indicator_id"""
_PROJECTS = """
SELECT own.project_id, project.name, own.amount_fen
  FROM integration_project AS own JOIN project ON project.id = own.project_id
 WHERE own.plan_id = $1 ORDER BY own.project_id"""
# Where the integrated money went, by the document it came with: its channel stays visible to the payment.
_WAY = """
SELECT source.indicator_id, i.document_no, kept.project_id,
       sum(kept.amount_fen)::bigint AS allocated,
       coalesce(sum(kept.amount_fen) FILTER (WHERE kept.account IN ('1500', '1600', '1610')), 0)::bigint AS paid,
       planned.project_id IS NOT NULL AS in_plan
  FROM integration_source AS source
  JOIN indicator AS i ON i.id = source.indicator_id
  JOIN ledger_balance AS kept ON kept.indicator_id = i.id
   AND kept.account NOT IN ('1000', '1100', '1150', '1800', '2000')
  LEFT JOIN integration_project AS planned ON planned.plan_id = source.plan_id AND planned.project_id = kept.project_id
 WHERE source.plan_id = $1
 GROUP BY source.indicator_id, i.document_no, kept.project_id, planned.project_id
HAVING sum(kept.amount_fen) <> 0 ORDER BY source.indicator_id, kept.project_id"""
_CONSUMPTION = """
SELECT coalesce(sum(planned_fen), 0)::bigint AS planned, coalesce(sum(reserved_fen), 0)::bigint AS reserved,
       count(*) AS units, count(opened_on) AS opened, count(activated_on) AS activated,
       coalesce(sum((SELECT sum(amount_fen) FROM consumption_order WHERE quota_id = quota.id)), 0)::bigint AS bought
  FROM consumption_quota AS quota WHERE area_code BETWEEN $1 AND $2 AND year = $3"""
_SOLD = """
SELECT coalesce(sum(amount_fen), 0)::bigint AS sold, coalesce(sum(households), 0)::bigint AS households
  FROM consumption_sale WHERE area_code BETWEEN $1 AND $2 AND sold_on >= $3 AND sold_on < $4"""


class Shown(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True)


class IntegrationListed(Shown):
    """One version of an integration plan (统筹整合方案); `version` is its case's, `plan_version` its own."""

    id: UUID
    area_code: Area
    year: int
    plan_version: int
    title: str
    planned_scale: Yuan
    last_year_actual: Yuan
    filing_no: str
    filed_on: date | None
    state: str
    version: int


class SourceShown(Shown):
    """What of an indicator is integrated."""

    indicator_id: UUID
    document_no: str
    category: str
    amount: Yuan


class ProjectShown(Shown):
    """What the plan gives a project."""

    project_id: UUID
    name: str
    amount: Yuan


class WayShown(Shown):
    """Where money of a source is: given to a project, and paid of it."""

    indicator_id: UUID
    document_no: str
    project_id: UUID
    allocated: Yuan
    paid: Yuan
    in_plan: bool


class IntegrationShown(IntegrationListed):
    """One version with sources, projects, and the way of its money."""

    sources: list[SourceShown]
    projects: list[ProjectShown]
    way: list[WayShown]


class QuotaShown(Shown):
    """One budget unit's year."""

    id: UUID
    area_code: Area
    year: int
    unit_name: str
    planned: Yuan
    reserved: Yuan
    opened_on: date | None
    activated_on: date | None


class ConsumptionReport(Shown):
    """An area's year: shares as exact fractions and half-up percent; None where there is nothing to divide by."""

    area_code: Area
    year: int
    units: int
    accounts_opened: int
    accounts_activated: int
    planned: Yuan
    reserved: Yuan
    bought: Yuan
    reserve_ratio: str | None
    reserve_percent: str | None
    completion: str | None
    completion_percent: str | None
    sold: Yuan
    households: int


async def list_plans(
    session: ReadSession, request: PageRequest, area: AreaCode | None, year: int | None
) -> Page[IntegrationListed]:
    """A page of plans, the newest first."""
    statement = select(IntegrationPlan, CASE.c.state, CASE.c.version).join(
        CASE, case_of(IntegrationPlan.id, "funds.integration_plan")
    )
    if area is not None:
        statement = statement.where(IntegrationPlan.area_code.between(*area.span))
    if year is not None:
        statement = statement.where(IntegrationPlan.year == year)
    keys = (IntegrationPlan.year, IntegrationPlan.version, IntegrationPlan.id)
    return await fetch_page(
        session, statement, keys, request, lambda row: IntegrationListed(**_plan(row)), descending=True
    )


async def one_plan(session: ReadSession, plan_id: UUID) -> IntegrationShown:
    """One version; raises NotFound."""
    statement = (
        select(IntegrationPlan, CASE.c.state, CASE.c.version)
        .join(CASE, case_of(IntegrationPlan.id, "funds.integration_plan"))
        .where(IntegrationPlan.id == plan_id)
    )
    row = (await session.session.execute(statement)).one_or_none()
    if row is None:
        raise not_found("统筹整合方案", "integration plan")
    sources = await session.raw.fetch(_SOURCES, plan_id)
    projects = await session.raw.fetch(_PROJECTS, plan_id)
    return IntegrationShown(
        **_plan(row),
        sources=[SourceShown(amount=each["amount_fen"], **_without_fen(each)) for each in sources],
        projects=[ProjectShown(amount=each["amount_fen"], **_without_fen(each)) for each in projects],
        way=[WayShown(**dict(each)) for each in await session.raw.fetch(_WAY, plan_id)],
    )


def _plan(row: Any) -> dict[str, Any]:
    plan: IntegrationPlan = row[0]
    return {
        "id": plan.id,
        "area_code": AreaCode(plan.area_code),
        "year": plan.year,
        "plan_version": plan.version,
        "title": plan.title,
        "planned_scale": plan.planned_scale_fen,
        "last_year_actual": plan.last_year_fen,
        "filing_no": plan.filing_no,
        "filed_on": plan.filed_on,
        "state": row.state,
        "version": row.version,
    }


def _without_fen(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "amount_fen"}


async def list_quotas(
    session: ReadSession, request: PageRequest, area: AreaCode | None, year: int | None
) -> Page[QuotaShown]:
    """A page of budget units' years."""
    statement = select(ConsumptionQuota)
    if area is not None:
        statement = statement.where(ConsumptionQuota.area_code.between(*area.span))
    if year is not None:
        statement = statement.where(ConsumptionQuota.year == year)
    return await fetch_page(session, statement, (ConsumptionQuota.id,), request, _quota, descending=True)


def _quota(row: Any) -> QuotaShown:
    quota: ConsumptionQuota = row[0]
    own = {name: getattr(quota, name) for name in QuotaShown.model_fields if hasattr(quota, name)}
    return QuotaShown(**own, planned=quota.planned_fen, reserved=quota.reserved_fen)


async def consumption_of(session: ReadSession, area: AreaCode, year: int) -> ConsumptionReport:
    """The sums of the area and all below it; rates are divided once, from sums, never averaged."""
    kept = await session.raw.fetchrow(_CONSUMPTION, *area.span, year)
    sold = await session.raw.fetchrow(_SOLD, *area.span, date(year, 1, 1), date(year + 1, 1, 1))
    assert kept is not None, "an aggregate has a row"
    assert sold is not None, "an aggregate has a row"
    ratio, done = reserve_ratio(kept["reserved"], kept["planned"]), completion(kept["bought"], kept["reserved"])
    return ConsumptionReport(
        area_code=area,
        year=year,
        units=kept["units"],
        accounts_opened=kept["opened"],
        accounts_activated=kept["activated"],
        planned=kept["planned"],
        reserved=kept["reserved"],
        bought=kept["bought"],
        reserve_ratio=_exact(ratio),
        reserve_percent=None if ratio is None else percent(ratio),
        completion=_exact(done),
        completion_percent=None if done is None else percent(done),
        sold=sold["sold"],
        households=sold["households"],
    )


def _exact(ratio: Fraction | None) -> str | None:
    return None if ratio is None else str(ratio)
