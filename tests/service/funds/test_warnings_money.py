"""Early warnings on indicators and progress, each at its exact border: FW01 to FW05, FW21, FW36, FW37."""

from datetime import date
from typing import Any

import pytest

from tests.service.funds.county import COUNTY
from tests.service.funds.ground import HOME, Ground

pytestmark = pytest.mark.asyncio

YEAR = f"{COUNTY}/2023"


@pytest.mark.parametrize(
    ("on", "severity"),
    [("2023-03-21", None), ("2023-03-22", "amber"), ("2023-03-31", "amber"), ("2023-04-01", "red")],
)
async def test_fw01_day_21_is_amber_and_day_31_red(ground: Ground, on: str, severity: str | None) -> None:
    # scenario 14: received on 1 March, one fen unallocated
    late = await ground.indicator({"1000": "100.00", "1100": "0.01"})
    await ground.indicator({"1000": "100.00", "1100": "0.00"})
    await ground.indicator({"1000": "100.00", "1100": "100.00"}, state="SUBMITTED")
    assert await ground.found("FW01", on) == ({str(late): severity} if severity else {})


async def test_fw01_an_advance_notice_waits_for_its_year(ground: Ground) -> None:
    # scenario 15
    advance: dict[str, Any] = {"received_on": date(2022, 12, 20), "is_advance_notice": True}
    early = await ground.indicator({"1000": "1.00", "1100": "1.00"}, **advance)
    assert await ground.found("FW01", "2023-01-21") == {}
    assert await ground.found("FW01", "2023-01-22") == {str(early): "amber"}


async def test_fw01_a_county_may_set_its_own_days(ground: Ground) -> None:
    late = await ground.indicator({"1000": "1.00", "1100": "1.00"})
    elsewhere = await ground.indicator({"1000": "1.00", "1100": "1.00"}, area_code=430626000000)
    await ground.adopt("indicator.allocate_days", "10 natural none")
    assert await ground.found("FW01", "2023-03-12") == {str(late): "red"}
    assert str(elsewhere) in await ground.found("FW01", "2023-03-22")


async def test_fw02_only_indicators_whose_days_are_over_count(ground: Ground) -> None:
    await ground.indicator({"1000": "100.00", "1100": "0.01"})
    assert await ground.found("FW02", "2023-03-31") == {}
    assert await ground.found("FW02", "2023-04-01") == {YEAR: "red"}


@pytest.mark.parametrize(("kind", "days"), [("own_general", "2023-03-04"), ("own_special", "2023-04-03")])
async def test_fw03_the_own_budget_counts_from_its_approval(ground: Ground, kind: str, days: str) -> None:
    own: dict[str, Any] = {"budget_kind": kind, "approved_on": date(2023, 2, 1), "received_on": date(2023, 1, 5)}
    indicator = await ground.indicator({"1000": "1.00", "1100": "1.00"}, **own)
    assert (
        await ground.found("FW03", date.fromisoformat(days).replace(day=3 if kind == "own_general" else 2).isoformat())
        == {}
    )
    assert await ground.found("FW03", days) == {str(indicator): "amber"}
    assert await ground.found("FW01", "2023-12-01") == {}


@pytest.mark.parametrize(
    ("paid", "severity"),
    [("40.00", None), ("39.99", "amber"), ("30.00", "amber"), ("29.99", "red")],
)
async def test_fw04_ten_points_behind_is_still_in_time(ground: Ground, paid: str, severity: str | None) -> None:
    # six months are over on 30 June: 50 % less 10 and 20 points
    await ground.indicator({"1000": "100.00", "1600": paid})
    assert await ground.found("FW04", "2023-06-30") == ({YEAR: severity} if severity else {})


async def test_fw04_thirds_are_not_rounded(ground: Ground) -> None:
    # four months over: 1/3 − 1/10 = 7/30, and 70 of 300 is exactly that
    await ground.indicator({"1000": "300.00", "1600": "70.00"})
    assert await ground.found("FW04", "2023-05-30") == {}
    await ground.indicator({"1000": "0.01"})
    assert await ground.found("FW04", "2023-05-30") == {YEAR: "amber"}


async def test_fw04_what_was_passed_down_is_no_longer_in_place(ground: Ground) -> None:
    await ground.indicator({"1000": "100.00", "1150": "60.00", "1600": "16.00"})
    assert await ground.found("FW04", "2023-06-30") == {}
    assert await ground.found("FW04", "2023-07-31") == {YEAR: "amber"}


@pytest.mark.parametrize(
    ("paid", "on", "severity"),
    [
        ("29.99", "2023-03-31", None),
        ("29.99", "2023-04-01", "amber"),
        ("30.00", "2023-04-01", None),
        ("74.99", "2023-09-30", None),
        ("74.99", "2023-10-01", "amber"),
        ("75.00", "2023-10-01", None),
        ("94.99", "2023-12-31", None),
        ("94.99", "2024-01-01", "red"),
        ("95.00", "2024-01-01", None),
    ],
)
async def test_fw05_milestones_of_march_september_and_december(
    ground: Ground, paid: str, on: str, severity: str | None
) -> None:
    await ground.indicator({"1000": "100.00", "1600": paid})
    await ground.indicator({"1000": "900.00"}, category="sector")  # not linkage money
    assert await ground.found("FW05", on) == ({YEAR: severity} if severity else {})


@pytest.mark.parametrize(("december", "found"), [("29.99", False), ("30.00", True)])
async def test_fw21_three_tenths_of_a_year_paid_in_december(ground: Ground, december: str, found: bool) -> None:
    rest = {"29.99": "70.01", "30.00": "70.00"}[december]
    await ground.posted("1600", rest, "2023-11-30", "P09")
    await ground.posted("1600", december, "2023-12-01", "P09")
    await ground.posted("1300", "500.00", "2023-12-05", "P11")  # no payment
    expected = {YEAR: "amber"} if found else {}
    assert await ground.found("FW21", "2023-12-31") == expected
    assert await ground.found("FW21", "2024-03-01") == expected
    assert await ground.found("FW21", "2022-12-31") == {}


async def test_fw36_idle_money_ages_by_fiscal_years_and_leaves_retention_out(ground: Ground) -> None:
    # scenario 53: 50 000.00 unspent of 2021, 20 000.00 of it retained; idle 30 000.00
    held = {"1000": "50000.00", "1200": "30000.00", "1310": "20000.00"}
    old = await ground.indicator(held, fiscal_year=2021)
    await ground.indicator({"1000": "20000.00", "1310": "20000.00"}, fiscal_year=2021)
    assert await ground.found("FW36", "2021-12-31") == {}
    assert await ground.found("FW36", "2022-01-01") == {str(old): "amber"}
    assert await ground.found("FW36", "2023-01-01") == {str(old): "red"}
    facts = await ground.raw.fetchval("SELECT facts FROM finding WHERE subject_key = $1", str(old))
    assert facts["idle_fen"] == 30_000_00


@pytest.mark.parametrize(("on", "found"), [("2023-08-30", False), ("2023-08-31", True)])
async def test_fw37_a_surplus_rests_no_longer_than_sixty_days(ground: Ground, on: str, found: bool) -> None:
    project = await ground.project("CLOSED", {"1800": "487.65"})
    await ground.posted("1800", "487.65", "2023-07-01", "P22", project_id=project)
    emptied = await ground.project("CLOSED")
    await ground.posted("1800", "1.00", "2023-01-01", "P22", project_id=emptied)
    assert await ground.found("FW37", on) == ({str(project): "amber"} if found else {})


async def test_what_is_owed_to_the_upper_level_is_red(ground: Ground) -> None:
    # scenario 23: a cut of 300 000.00 took 200 000.00
    owing = await ground.indicator({"1000": "0.00", "2000": "100000.00"})
    await ground.indicator({"1000": "5.00", "2000": "0.00"}, area_code=HOME)
    assert await ground.found("FW-owed", "2023-03-02") == {str(owing): "red"}
