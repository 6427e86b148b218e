"""Consumption assistance over HTTP, and policy lines that are one project each (domain-funds-assets §1.8, §2.2, S2)."""

from pathlib import Path
from typing import Any

import pytest

from tests.service.funds.county import COUNTY, ELSEWHERE, PEOPLE, County, entry
from tests.service.funds.door import Door, open_door
from tests.service.funds.households import Households, line
from tests.service.funds.test_allocations import refused
from tests.service.funds.test_progress_report import by_heading
from tests.service.funds.works import funded

pytestmark = pytest.mark.asyncio

QUOTA: dict[str, Any] = {"area_code": COUNTY, "year": 2023, "planned": "1000.00", "reserved": "350.00"}


async def reserve(door: Door, unit: str, **changed: Any) -> str:
    body = QUOTA | {"unit_name": unit} | changed
    answer = await door.send("bureau_clerk", "/v1/consumption-quotas", body)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["result"]["id"]
    return made


SALE: dict[str, Any] = {
    "area_code": COUNTY,
    "reference": "XS-0100",
    "sold_on": "2023-01-03",
    "product": "大米",
    "amount": "800.00",
    "households": 2,
}
HOUSEHOLDS = ("018f0000-0000-7000-8000-000000000001", "018f0000-0000-7000-8000-000000000002")


def earnings(*amounts: str) -> list[dict[str, str]]:
    return [{"household_id": home, "amount": each} for home, each in zip(HOUSEHOLDS, amounts, strict=False)]


async def test_what_households_earn_by_a_sale_is_told_for_each(county: County, tmp_path: Path) -> None:
    async with open_door(county, PEOPLE, tmp_path) as door:
        body = SALE | {"earnings": earnings("500.00", "300.00")}
        answer = await door.send("bureau_clerk", "/v1/consumption-sales", body)
        assert answer.status_code == 201, answer.text
    told = await county.look(
        "SELECT key::text, envelope->'data'->>'amount' AS amount, envelope->'data'->>'sale_id' AS sale FROM outbox"
        " WHERE type = 'funds.consumption.earned.v1' ORDER BY key"
    )
    sale = answer.json()["result"]["id"]
    assert [tuple(row) for row in told] == [(HOUSEHOLDS[0], "500.00", sale), (HOUSEHOLDS[1], "300.00", sale)]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"earnings": earnings("500.00", "300.01")}, "EARNINGS_BEYOND_SALE"),
        ({"earnings": earnings("1.00", "1.00"), "households": 1}, "HOUSEHOLDS_BEYOND_COUNT"),
        ({"earnings": [*earnings("1.00"), *earnings("1.00")]}, "HOUSEHOLD_TWICE"),
    ],
    ids=["beyond-sale", "beyond-count", "twice"],
)
async def test_earnings_that_do_not_fit_the_sale_are_refused(
    county: County, tmp_path: Path, changed: dict[str, Any], code: str
) -> None:
    async with open_door(county, PEOPLE, tmp_path) as door:
        answer = await door.send("bureau_clerk", "/v1/consumption-sales", SALE | changed)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    assert not await county.look("SELECT FROM consumption_sale")


async def test_each_units_year_its_orders_and_its_rank(county: County, tmp_path: Path) -> None:
    async with open_door(county, PEOPLE, tmp_path) as door:
        school = await reserve(door, "区教育局", opened_on="2023-01-02", activated_on="2023-01-02")
        await reserve(door, "区人民医院", planned="3000.00", reserved="650.00", opened_on="2023-01-04")
        await reserve(door, "区文化馆", reserved="0.00")
        order = {"area_code": COUNTY, "quota_id": school, "origin": ELSEWHERE, "ordered_on": "2023-01-02"}
        for number, amount in (("PT-0001", "300.00"), ("PT-0002", "50.01")):
            body = order | {"reference": number, "amount": amount}
            assert (await door.send("finance_clerk", "/v1/consumption-orders", body)).status_code == 201
        again = await door.send(
            "finance_clerk", "/v1/consumption-orders", order | {"reference": "PT-0001", "amount": "1.00"}
        )
        assert (again.status_code, again.json()["code"]) == (409, "REFERENCE_USED")
        late = order | {"reference": "PT-0003", "amount": "99.00", "ordered_on": "2023-01-03"}
        await door.send("finance_clerk", "/v1/consumption-orders", late)
        sale = {
            "area_code": COUNTY,
            "reference": "XS-0001",
            "sold_on": "2023-01-03",
            "product": "大米",
            "households": 12,
        }
        assert (
            await door.send("bureau_clerk", "/v1/consumption-sales", sale | {"amount": "800.00"})
        ).status_code == 201

        listed = (await door.get("auditor", "/v1/consumption-orders", quota_id=school)).json()["items"]
        assert [each["reference"] for each in listed] == ["PT-0003", "PT-0002", "PT-0001"]
        (sold,) = (await door.get("auditor", "/v1/consumption-sales", area_code=COUNTY)).json()["items"]
        assert (sold["product"], sold["amount"], sold["households"]) == ("大米", "800.00", 12)

        asked = {"area_code": COUNTY, "period_start": "2023-01-01", "as_of": "2023-01-02"}
        preview = await door.get("auditor", "/v1/report-kinds/funds.consumption/preview", **asked)
        assert preview.status_code == 200, preview.text
        report = preview.json()
        rows = {each["unit"]: each for each in (by_heading(report, row) for row in report["rows"])}
        assert (rows["区教育局"]["completion"], rows["区教育局"]["rank"]) == ("100.00", "1")  # 350.01 of 350.00, no cap
        assert (rows["区人民医院"]["completion"], rows["区人民医院"]["rank"]) == ("0.00", "2")
        assert (rows["区文化馆"]["completion"], rows["区文化馆"]["share"]) == ("—", "0.00")
        total = by_heading(report, report["total"])
        assert (total["share"], total["completion"]) == ("20.00", "35.00")  # 1 000 of 5 000, 350.01 of 1 000
        assert (total["orders"], total["opened"], total["activated"]) == ("2", "1", "1")


# ── policy lines as bundled projects ────────────────────────────────────────


@pytest.mark.parametrize(
    ("category", "name", "policy"),
    [
        pytest.param("010503", "大同区2023年特色产业保险保费补助", "premium", id="insurance premiums"),
        pytest.param("010501", "大同区2023年小额信贷贴息", "interest", id="interest of small loans"),
    ],
)
async def test_a_policy_line_is_one_bundled_project_and_pays_by_batch(
    county: County, category: str, name: str, policy: str
) -> None:
    """§1.8: in the library like any other; NL10 lets interest and premium subsidies pass; each line is a household's."""
    await county.adopt({"household_subsidy.standards": f"{policy}=10000.00"})
    works = await funded(county, "1000.00", "500.00", name=name, category=category, is_household_project=True)
    batch = await Households(works).make([line(1, "800.00"), line(2, "700.00")], "1500.00", policy=policy)
    await Households(works).instruct(batch)
    assert await county.balance("1400", project_id=works.project) == 1_500_00


async def test_risk_compensation_is_paid_use_whoever_bundles_it(county: County) -> None:
    """NL10: of category 0105 only interest and premium subsidies pass."""
    paid_use = await county.enter(entry("大同区2023年小额信贷风险补偿金", category="010502"))
    await county.to_county(paid_use)
    broken = await refused(county.review_in_county(paid_use))
    assert broken.violations[0].rule == "NL10"


async def test_15_an_advance_notice_counts_in_the_year_it_is_for(county: County, tmp_path: Path) -> None:
    """Scenario 15: received in December 2022 for 2023; no report of 2022 knows it."""
    advance = await county.indicator("100.00", received_on="2022-12-20", issued_on="2022-12-20", is_advance_notice=True)
    async with open_door(county, PEOPLE, tmp_path) as door:
        rates = {
            year: (await door.get("auditor", "/v1/reports/allocation-rate", area_code=COUNTY, fiscal_year=year)).json()
            for year in (2022, 2023)
        }
        shown = (await door.get("auditor", f"/v1/indicators/{advance}")).json()
    assert [rates[year]["all"]["received"] for year in (2022, 2023)] == ["0.00", "100.00"]
    assert (shown["fiscal_year"], shown["is_advance_notice"]) == (2023, True)
