"""The two regimes over real money, money of resident teams, and consumption assistance (domain-funds-assets §2.2, §2.4)."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from services.funds.commands.consumption import ReportOrder, ReportSale, ReserveConsumption
from services.funds.commands.integration_plans import DraftIntegrationPlan
from services.funds.queries.regimes import consumption_of, one_plan
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.kernel.ids import new_id
from shared.kernel.money import parse_wan
from tests.service.funds.county import (
    COUNTY,
    ELSEWHERE,
    VILLAGE,
    County,
    bureau_clerk,
    entry,
    finance_clerk,
    finance_leader,
    group,
)
from tests.service.funds.test_allocations import refused

pytestmark = pytest.mark.asyncio

POSTS = "020501"
"""Public-welfare posts: not what money for ethnic minorities is meant for."""


async def drafted(
    county: County,
    sources: Mapping[UUID, str],
    projects: Mapping[UUID, str],
    scale: str = "500000.00",
    last_year: str = "268200.00",
) -> UUID:
    command = {
        "area_code": COUNTY,
        "year": 2023,
        "title": "2023年度统筹整合使用财政涉农资金实施方案",
        "planned_scale": scale,
        "last_year_actual": last_year,
        "sources": [{"indicator_id": each, "amount": amount} for each, amount in sources.items()],
        "projects": [{"project_id": each, "amount": amount} for each, amount in projects.items()],
    }
    made = await county.run(DraftIntegrationPlan.model_validate(command), finance_clerk)
    return UUID(made.result["id"])


async def filed(county: County, plan: UUID) -> None:
    await county.take(finance_clerk, "integration_plan", plan, "submit")
    await county.take(group, "integration_plan", plan, "approve", "meeting_minutes")
    form = {"filing_no": "同政备〔2023〕1号", "filed_on": "2023-02-20"}
    await county.take(finance_leader, "integration_plan", plan, "file", "filing_receipt", form=form)


async def test_24_money_keeps_its_use_unless_a_filed_plan_integrates_it(county: County) -> None:
    """Money for ethnic minorities for welfare posts: refused when coordinated, accepted on the filed plan, still named."""
    await county.adopt({"rule.FW40.mode": "block", "rule.FW23.mode": "off"})
    source = await county.indicator("500000.00", category="fund.ethnic", is_integratable=True)
    await county.indicator("500000.00", document_no="黑财指(农)〔2023〕36号")  # what the annual plan counts on
    project = await county.planned(content=entry(category=POSTS, amount="500000.00"))
    allocation = await county.draft((project, source, "500000.00"))
    wrong = await refused(county.take(finance_clerk, "allocation", allocation, "submit"))
    assert (wrong.code, wrong.violations[0].rule) == ("CATEGORY_NOT_ALLOWED", "FW40")

    plan = await drafted(county, {source: "500000.00"}, {project: "500000.00"})
    assert (await refused(county.take(finance_clerk, "integration_plan", plan, "submit"))).code == "NOT_INTEGRATING"
    await county.adopt({"integration.regime": "INTEGRATED"})
    assert (
        await refused(county.take(finance_clerk, "allocation", allocation, "submit"))
    ).code == "CATEGORY_NOT_ALLOWED"
    await filed(county, plan)
    await county.approve(allocation)
    await county.take(finance_leader, "allocation", allocation, "post")
    (told,) = await county.events("funds.allocation.posted")
    assert told["split"][0]["document_no"] == "黑财指(农)〔2023〕34号"

    await county.bind(project, source, 50_000_000)
    async with county.bench.database.read(SYSTEM) as session:
        shown = await one_plan(session, plan)
    (way,) = shown.way
    assert (way.document_no, way.allocated, way.paid, way.in_plan) == ("黑财指(农)〔2023〕34号", 50_000_000, 0, True)


async def test_24_integrated_money_goes_to_the_plan_and_not_beyond(county: County) -> None:
    await county.adopt({"integration.regime": "INTEGRATED"})
    source = await county.indicator("500000.00", is_integratable=True)
    project = await county.planned()
    other = await county.in_library(entry("大同镇八井子村分拣中心"))
    await filed(county, await drafted(county, {source: "500000.00"}, {project: "400000.00", other: "100000.00"}))
    allocation = await county.draft((project, source, "400000.01"))
    wrong = await refused(county.take(finance_clerk, "allocation", allocation, "submit"))
    assert (wrong.violations[0].rule, wrong.violations[0].facts["over"]) == ("FW39", "0.01")
    await county.allocate((project, source, "400000.00"))
    once_more = await county.draft((project, source, "0.01"))
    assert (await refused(county.take(finance_clerk, "allocation", once_more, "submit"))).violations[0].rule == "FW39"

    newer = await drafted(county, {source: "500000.00"}, {project: "400000.01", other: "99999.99"})
    await filed(county, newer)
    await county.take(finance_clerk, "allocation", once_more, "submit")


@pytest.mark.parametrize(
    ("scale", "last_year", "projects", "code"),
    [
        pytest.param("500000.00", "500000.01", "500000.00", "SCALE_BELOW_LAST_YEAR", id="less than last year"),
        pytest.param("500000.01", "0.00", "500000.00", "INTEGRATION_SUMS", id="scale is not the sum"),
        pytest.param("500000.00", "0.00", "499999.99", "INTEGRATION_SUMS", id="projects are not the sources"),
    ],
)
async def test_a_plan_adds_up(county: County, scale: str, last_year: str, projects: str, code: str) -> None:
    await county.adopt({"integration.regime": "INTEGRATED"})
    source = await county.indicator("500000.00", is_integratable=True)
    project = await county.in_library()
    plan = await drafted(county, {source: "500000.00"}, {project: projects}, scale, last_year)
    assert (await refused(county.take(finance_clerk, "integration_plan", plan, "submit"))).code == code


async def test_a_plan_takes_what_may_be_integrated_for_what_is_in_the_library(county: County) -> None:
    await county.adopt({"integration.regime": "INTEGRATED"})
    open_source = await county.indicator("400000.00", is_integratable=True)
    closed = await county.indicator("500000.00", document_no="黑财指(农)〔2023〕36号")
    project = await county.enter(entry())
    for source, code in ((closed, "SOURCE_NOT_INTEGRATABLE"), (open_source, "SOURCE_NOT_INTEGRATABLE")):
        plan = await drafted(county, {source: "500000.00"}, {project: "500000.00"})
        assert (await refused(county.take(finance_clerk, "integration_plan", plan, "submit"))).code == code
    plan = await drafted(county, {open_source: "400000.00"}, {project: "400000.00"}, "400000.00")
    assert (await refused(county.take(finance_clerk, "integration_plan", plan, "submit"))).code == "NOT_IN_LIBRARY"
    numbers = await county.look("SELECT version FROM integration_plan ORDER BY version")
    assert [row["version"] for row in numbers] == [1, 2, 3]


@pytest.mark.parametrize(
    ("integrated", "code"),
    [
        pytest.param("400000.01", "BINDING_TASKS_FIRST", id="NL21: a fen of what the binding tasks need"),
        pytest.param("400000.00", None, id="NL21: all but what they need"),
    ],
)
async def test_nl21_binding_tasks_come_before_integration(county: County, integrated: str, code: str | None) -> None:
    await county.adopt({"integration.regime": "INTEGRATED"})
    await county.adopt_rules("NL21")
    source = await county.indicator("500000.00", is_integratable=True)
    project = await county.in_library()
    command = {
        "area_code": COUNTY,
        "year": 2023,
        "title": "2023年度统筹整合方案",
        "planned_scale": integrated,
        "last_year_actual": "0.00",
        "sources": [{"indicator_id": source, "amount": integrated, "binding": "100000.00"}],
        "projects": [{"project_id": project, "amount": integrated}],
    }
    plan = UUID((await county.run(DraftIntegrationPlan.model_validate(command), finance_clerk)).result["id"])
    submitted = county.take(finance_clerk, "integration_plan", plan, "submit")
    if code is None:
        await submitted
    else:
        assert (await refused(submitted)).code == code


@pytest.mark.parametrize(
    ("last", "code"),
    [
        pytest.param("100000.00", "LEVELLED_OUT", id="NL21: three projects of one amount"),
        pytest.param("100000.01", None, id="NL21: a fen of difference"),
    ],
)
async def test_nl21_money_is_not_levelled_out(county: County, last: str, code: str | None) -> None:
    await county.adopt({"integration.regime": "INTEGRATED"})
    await county.adopt_rules("NL21-even")
    source = await county.indicator("500000.00", is_integratable=True)
    projects = [await county.in_library(entry(f"大同镇八井子村育苗棚{number}期")) for number in "一二三"]
    amounts = dict(zip(projects, ("100000.00", "100000.00", last), strict=True))
    whole = "300000.00" if code else "300000.01"
    plan = await drafted(county, {source: whole}, amounts, whole, "0.00")
    submitted = county.take(finance_clerk, "integration_plan", plan, "submit")
    if code is None:
        await submitted
    else:
        assert (await refused(submitted)).code == code


async def test_money_stays_where_its_document_puts_it(county: County) -> None:
    """§2.1: restricted to another village."""
    source = await county.indicator("500000.00", restricted_to=["230606100201"])
    project = await county.planned()
    allocation = await county.draft((project, source, "500000.00"))
    wrong = await refused(county.take(finance_clerk, "allocation", allocation, "submit"))
    assert (wrong.code, wrong.violations[0].facts["outside"]) == ("INDICATOR_RESTRICTED", [VILLAGE])


async def posted(county: County, since: str) -> None:
    async with county.bench.database.write(SYSTEM) as tx:
        sql = "INSERT INTO ref_posting(id, area_code, role, since) VALUES ($1, $2, 'first_secretary', $3::text::date)"
        await tx.raw.execute(sql, new_id(), int(VILLAGE), since)
        await tx.session.commit()


async def test_a_village_gets_200_000_of_development_money(county: County) -> None:
    """§2.2 (S1): 200 000.00 pass, one fen more does not, in one allocation or in two."""
    source = await county.indicator("500000.00", category="village_development")
    await county.indicator("500000.00", document_no="黑财指(农)〔2023〕36号")
    project = await county.planned()
    over = await county.draft((project, source, "200000.01"))
    wrong = await refused(county.take(finance_clerk, "allocation", over, "submit"))
    assert (wrong.code, wrong.violations[0].rule) == ("TEAM_MONEY_LIMIT", "FW47")
    await county.allocate((project, source, "200000.00"))
    late = await county.draft((project, source, "0.01"))
    assert (await refused(county.take(finance_clerk, "allocation", late, "submit"))).code == "TEAM_MONEY_LIMIT"


async def test_a_work_fund_is_for_who_is_posted(county: County) -> None:
    """30 000.00 a person and year; nobody posted in the year, nothing."""
    source = await county.indicator("500000.00", category="first_secretary_work")
    await county.indicator("500000.00", document_no="黑财指(农)〔2023〕36号")
    project = await county.planned()
    allocation = await county.draft((project, source, "30000.00"))
    assert (await refused(county.take(finance_clerk, "allocation", allocation, "submit"))).code == "TEAM_MONEY_LIMIT"
    await posted(county, "2024-01-01")
    assert (await refused(county.take(finance_clerk, "allocation", allocation, "submit"))).code == "TEAM_MONEY_LIMIT"
    await posted(county, "2021-06-01")
    await county.take(finance_clerk, "allocation", allocation, "submit")
    over = await county.draft((project, source, "30000.01"))
    assert (await refused(county.take(finance_clerk, "allocation", over, "submit"))).code == "TEAM_MONEY_LIMIT"


# ── consumption assistance ──────────────────────────────────────────────────


async def reserved(county: County, planned: str, share: str, **changed: Any) -> UUID:
    fields = {"area_code": COUNTY, "year": 2023, "unit_name": "区教育局", "planned": planned, "reserved": share}
    made = await county.run(ReserveConsumption.model_validate(fields | changed), bureau_clerk)
    return UUID(made.result["id"])


async def order(county: County, quota: UUID, amount: str, reference: str) -> None:
    fields = {
        "area_code": COUNTY,
        "quota_id": quota,
        "reference": reference,
        "ordered_on": "2023-01-03",
        "amount": amount,
        "origin": ELSEWHERE,
    }
    await county.run(ReportOrder.model_validate(fields), bureau_clerk)


async def test_completion_is_what_was_bought_of_what_was_reserved(county: County) -> None:
    """S2: 2 545.14 万元 reserved, 2 500 万元 bought; 98.23 %, on exact sums; an order counts once."""
    days = {"opened_on": "2023-01-02", "activated_on": "2023-01-03"}
    first = await reserved(county, "50000000.00", "20000000.00", **days)
    second = await reserved(county, "22718286.00", "5451400.00", unit_name="区人民医院", opened_on="2023-01-02")
    await order(county, first, "20000000.00", "PT-0001")
    await order(county, second, "5000000.00", "PT-0002")
    outcomes = await asyncio.gather(
        *(order(county, first, "1.00", "PT-0002") for _ in range(5)), return_exceptions=True
    )
    assert {getattr(outcome, "code", "") for outcome in outcomes} == {"REFERENCE_USED"}
    sale = {"area_code": COUNTY, "reference": "XS-0001", "sold_on": "2023-01-03", "product": "大米", "amount": "800.00"}
    await county.run(ReportSale.model_validate(sale | {"households": 12}), bureau_clerk)

    async with county.bench.database.read(SYSTEM) as session:
        shown = await consumption_of(session, AreaCode.parse(COUNTY), 2023)
        nothing = await consumption_of(session, AreaCode.parse(COUNTY), 2022)
    assert (shown.reserved, shown.bought) == (parse_wan("2545.14"), parse_wan("2500"))
    assert (shown.completion, shown.completion_percent, shown.reserve_percent) == ("125000/127257", "98.23", "35.00")
    assert (shown.units, shown.accounts_opened, shown.accounts_activated) == (2, 2, 1)
    assert (shown.sold, shown.households) == (80_000, 12)
    assert (nothing.completion, nothing.completion_percent, nothing.reserve_ratio) == (None, None, None)


async def test_a_reserve_below_its_floor_warns_until_it_is_adopted(county: County) -> None:
    fields = {"area_code": COUNTY, "year": 2023, "unit_name": "区教育局", "planned": "100.00", "reserved": "9.99"}
    outcome = await county.run(ReserveConsumption.model_validate(fields), bureau_clerk)
    assert [warning["code"] for warning in outcome.warnings] == ["RESERVE_BELOW_FLOOR"]
    await county.adopt_rules("F-2.2-reserve")
    assert (await refused(reserved(county, "100.00", "9.99"))).code == "RESERVE_BELOW_FLOOR"
    await reserved(county, "100.00", "10.00")
    rows = await county.look("SELECT reserved_fen FROM consumption_quota")
    assert [row["reserved_fen"] for row in rows] == [1_000]
