"""Early warnings on shares of a year, the library and supervision itself, each at its exact border: FW23 to FW26."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.ids import new_id
from tests.service.funds.county import COUNTY, FUND
from tests.service.funds.ground import FIELD, HOME, NOBODY, Ground, yuan
from tests.service.funds.ground_works import WorkGround

pytestmark = pytest.mark.asyncio


async def published(ground: Ground, lines: Mapping[UUID, str], year: int = 2023, **changed: Any) -> None:
    """A published plan: project → amount."""
    plan_id = new_id()
    fields: dict[str, Any] = {"area_code": HOME, "year": year, "batch": 1, "title": "计划", "document_no": "1"}
    fields |= {"series_id": plan_id, "published_on": date(year, 1, 10)} | changed
    await ground.put("plan", id=plan_id, **fields)
    for project, amount in lines.items():
        line = {"level": "central", "category": FUND, "amount_fen": yuan(amount), "area_code": HOME}
        await ground.put("plan_line", plan_id=plan_id, project_id=project, **line)


async def two_projects(ground: Ground) -> tuple[UUID, UUID]:
    """One of industry, one of another kind."""
    industry = await ground.project("PLANNED", is_industry=True)
    return industry, await ground.project("PLANNED", name="道路")


@pytest.mark.parametrize(("industry", "found"), [("4999999.99", False), ("4999999.98", True)])
async def test_fw23_half_of_2021_on_exact_fractions(ground: Ground, industry: str, found: bool) -> None:
    # scenario 10: of 9 999 999.98; one fen less still shows as 50.00 %
    share, rest = await two_projects(ground)
    other = {"4999999.99": "4999999.99", "4999999.98": "5000000.00"}[industry]
    await published(ground, {share: industry, rest: other}, 2021)
    assert await ground.found("FW23", "2021-06-01") == ({f"{COUNTY}/2021": "amber"} if found else {})


@pytest.mark.parametrize(
    ("paid", "on", "severity"),
    [
        ("59.99", "2023-06-30", None),
        ("59.99", "2023-07-01", "amber"),
        ("60.00", "2023-07-01", None),
        ("59.99", "2024-01-01", "red"),
        ("60.00", "2024-01-01", None),
        ("59.99", "2025-01-01", None),
    ],
)
async def test_fw23_payments_count_from_july_on_and_decide_at_the_end(
    ground: Ground, paid: str, on: str, severity: str | None
) -> None:
    share, rest = await two_projects(ground)
    indicator = await ground.indicator({"1000": "100.00"})
    await ground.balance("1600", paid, indicator_id=indicator, project_id=share)
    await ground.balance("1600", {"59.99": "40.01", "60.00": "40.00"}[paid], indicator_id=indicator, project_id=rest)
    assert await ground.found("FW23", on) == ({f"{COUNTY}/2023": severity} if severity else {})


async def test_fw23_where_policy_states_no_floor_nothing_is_found(ground: Ground) -> None:
    share, rest = await two_projects(ground)
    await published(ground, {share: "1.00", rest: "99.00"}, 2026)
    assert await ground.found("FW23", "2026-06-01") == {}
    await ground.adopt("industry.min_share", "3/5", "2026-01-01")
    assert await ground.found("FW23", "2026-06-01") == {f"{COUNTY}/2026": "amber"}


@pytest.mark.parametrize(("received", "found"), [("14000000.00", False), ("13999999.99", True), ("12590000.00", True)])
async def test_fw24_one_percent_of_the_years_central_money(ground: Ground, received: str, found: bool) -> None:
    # scenario 8: fees of 140 000.00
    indicator = await ground.indicator({"1000": received})
    fee = await ground.project("IMPLEMENTING", category="070101")
    await ground.balance("1200", "140000.00", indicator_id=indicator, project_id=fee)
    assert await ground.found("FW24", "2023-06-01") == ({f"{COUNTY}/central/2023": "red"} if found else {})


@pytest.mark.parametrize(("other", "found"), [("3000000.00", False), ("3000000.01", True)])
async def test_fw25_villages_that_were_never_poor(ground: Ground, other: str, found: bool) -> None:
    # scenario 9: of 10 000 000.00
    poor, never = await ground.project("PLANNED"), await ground.project("PLANNED", name="一般村项目")
    place = {"village_code": FIELD, "share_ppm": 1_000_000, "plan_year": 2023, "live": False, "area_code": FIELD}
    await ground.put("project_place", project_id=poor, village_type="key_assistance", name_key="1", **place)
    await ground.put("project_place", project_id=never, village_type="other", name_key="2", **place)
    rest = {"3000000.00": "7000000.00", "3000000.01": "6999999.99"}[other]
    await published(ground, {poor: rest, never: other})
    assert await ground.found("FW25", "2023-06-01") == ({f"{COUNTY}/2023": "red"} if found else {})


async def test_fw26_money_without_the_library(ground: Ground) -> None:
    works = WorkGround(ground)
    outside, inside, idle = [await ground.project("IMPLEMENTING", name=name) for name in ("外", "内", "无")]
    for project in (outside, inside):
        await works.contract(project, amount="1.00")
    await works.contract(idle, "DRAFT", amount="1.00")
    await works.step(inside, 2, "enter_library", NOBODY)
    assert await ground.found("FW26", "2023-06-01") == {str(outside): "red"}


@pytest.mark.parametrize(
    ("this_year", "on", "severity"),
    [
        ("99.99", "2023-06-30", None),
        ("99.99", "2023-07-01", "amber"),
        ("100.00", "2023-07-01", None),
        ("99.99", "2024-01-01", "red"),
    ],
)
async def test_a_levels_own_money_is_no_less_than_last_years(
    ground: Ground, this_year: str, on: str, severity: str | None
) -> None:
    await ground.indicator({}, level="county", fiscal_year=2022, amount_fen=100_00)
    await ground.indicator({}, level="county", amount_fen=yuan(this_year))
    await ground.indicator({}, level="central", fiscal_year=2022, amount_fen=500_00)  # not the county's own
    assert await ground.found("FW-own-money", on) == ({f"{COUNTY}/county/2023": severity} if severity else {})


async def test_a_level_that_gives_nothing_at_all_is_found_too(ground: Ground) -> None:
    await ground.indicator({}, level="city", fiscal_year=2022, amount_fen=1)
    assert await ground.found("FW-own-money", "2023-07-01") == {f"{COUNTY}/city/2023": "amber"}


@pytest.mark.parametrize(("industry", "severity"), [("70.00", None), ("69.99", "amber")])
async def test_the_industry_share_is_no_less_than_last_years(
    ground: Ground, industry: str, severity: str | None
) -> None:
    share, rest = await two_projects(ground)
    await published(ground, {share: "7.00", rest: "3.00"}, 2022)
    await published(ground, {share: industry, rest: {"70.00": "30.00", "69.99": "30.01"}[industry]}, 2023)
    assert await ground.found("FW-industry-trend", "2023-02-01") == ({f"{COUNTY}/2023": severity} if severity else {})


@pytest.mark.parametrize(("paid", "severity"), [("70.00", None), ("69.99", "red")])
async def test_of_a_year_that_is_over_the_payments_are_compared(
    ground: Ground, paid: str, severity: str | None
) -> None:
    share, rest = await two_projects(ground)
    await published(ground, {share: "7.00", rest: "3.00"}, 2022)
    await published(ground, {share: "1.00", rest: "9.00"}, 2023)  # what was planned no longer counts
    for year, parts in ((2022, ("7.00", "3.00")), (2023, (paid, {"70.00": "30.00", "69.99": "30.01"}[paid]))):
        indicator = await ground.indicator({"1000": "100.00"}, fiscal_year=year)
        for project, amount in zip((share, rest), parts, strict=True):
            await ground.balance("1600", amount, indicator_id=indicator, project_id=project, fiscal_year=year)
    assert await ground.found("FW-industry-trend", "2024-01-01") == ({f"{COUNTY}/2023": severity} if severity else {})


async def ended(ground: Ground, outcome: str, rule: str = "FW01", on: str = "2023-05-01") -> None:
    """A handled alert."""
    fields: dict[str, Any] = {"rule_id": rule, "check_id": f"funds-{rule}", "finding_id": new_id(), "owner": "treasury"}
    fields |= {"subject_kind": "indicator", "subject_key": str(new_id()), "subject_id": new_id(), "facts": {}}
    closed = datetime.combine(date.fromisoformat(on), datetime.min.time(), UTC)
    days = {"raised_at": closed, "due_on": closed.date(), "closed_at": closed}
    await ground.put(
        "alert", id=new_id(), area_code=FIELD, severity="amber", reopened=0, outcome=outcome, **fields | days
    )


@pytest.mark.parametrize(
    ("explained", "rectified", "found"), [(5, 5, False), (6, 5, True), (2, 0, False), (3, 0, True)]
)
async def test_more_than_half_explained_away_raises_an_alert_about_it(
    ground: Ground, explained: int, rectified: int, found: bool
) -> None:
    for outcome, number in (("explained", explained), ("rectified", rectified)):
        for _ in range(number):
            await ended(ground, outcome)
    await ended(ground, "explained", "FW-explained")
    await ended(ground, "explained", on="2022-05-01")
    assert await ground.found("FW-explained", "2023-06-01") == ({f"{COUNTY}/2023": "amber"} if found else {})
