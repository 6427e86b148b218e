"""The factor method over HTTP, from the scheme to the counties' indicators (domain-funds-assets §2.5, scenarios 18–22)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from tests.service.funds.county import County
from tests.service.funds.door import Door, open_door
from tests.service.funds.test_indicator_papers import CITY, city_clerk, city_leader, city_reviewer, received

pytestmark = pytest.mark.asyncio

COUNTIES = ("230602000000", "230603000000", "230604000000", "230606000000")
TABLE = {
    "population": (21300, 15480, 9960, 4110),
    "income": (14200, 15650, 16900, 18300),
    "policy": (80, 60, 40, 20),
    "performance": (92, 88, 95, 75),
    "capacity": (1200, 1500, 1800, 2600),
    "gdp": (21000, 26000, 30500, 41000),
}
NATIONAL = {"population": "3/10", "income": "3/10", "policy": "3/10", "performance": "1/10"}
HUBEI = {"population": "5/10", "income": "3/10", "capacity": "1/10", "gdp": "1/10"}
INVERSE = {"income", "capacity", "gdp"}
PEOPLE = {"clerk": city_clerk, "reviewer": city_reviewer, "leader": city_leader}


@pytest_asyncio.fixture
async def city(county: County, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(county, PEOPLE, tmp_path / "evidence") as opened:
        yield opened


async def made(city: Door, path: str, body: Any) -> dict[str, Any]:
    answer = await city.send("clerk", path, body)
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


async def scheme(city: Door, weights: dict[str, str]) -> str:
    factors = [
        {"code": code, "label": code, "measure": "inverse" if code in INVERSE else "direct", "weight": weight}
        for code, weight in weights.items()
    ]
    body = {
        "area_code": CITY,
        "title": "衔接资金分配办法",
        "document_no": "庆财规〔2023〕1号",
        "effective_from": "2023-01-01",
        "factors": factors,
    }
    return str((await made(city, "/v1/factor-schemes", body))["id"])


async def adopt(county: County, drafted: str) -> None:
    await county.take(city_clerk, "factor_scheme", UUID(drafted), "propose", "scheme_document")
    await county.take(city_reviewer, "factor_scheme", UUID(drafted), "adopt")


async def record(city: Door, *without: str) -> None:
    values = [
        {"target": target, "code": code, "value": str(row[place])}
        for code, row in TABLE.items()
        for place, target in enumerate(COUNTIES)
        if f"{target}/{code}" not in without
    ]
    body = {"area_code": CITY, "year": 2022, "source": "市统计局2022年数据", "values": values}
    await made(city, "/v1/factor-values", body)


def run_of(indicator: UUID, drafted: str, **changed: Any) -> dict[str, Any]:
    body = {
        "area_code": CITY,
        "indicator_id": str(indicator),
        "scheme_id": drafted,
        "year": 2022,
        "total": "12345678.90",
        "targets": list(COUNTIES),
    }
    return body | changed


async def test_18_from_the_scheme_to_the_counties(county: County, city: Door) -> None:
    """4 408 531.43 / 3 502 757.85 / 2 684 481.83 / 1 749 907.79, compared, run, decided by three, passed down."""
    indicator = await received(county, "12345678.90")
    national, hubei = await scheme(city, NATIONAL), await scheme(city, HUBEI)
    await record(city)
    early = await city.send("clerk", "/v1/factor-runs", run_of(indicator, national))
    assert (early.status_code, early.json()["code"]) == (409, "SCHEME_NOT_IN_FORCE")

    asked = {"left": national, "right": hubei, "total": "12345678.90", "year": 2022, "targets": list(COUNTIES)}
    before = await county.look("SELECT count(*) AS n FROM journal")
    shown = (await city.get("leader", "/v1/factor-comparisons", **asked)).json()
    assert [(line["left"], line["right"]) for line in shown["lines"]] == [
        ("4408531.43", "4468788.69"),
        ("3502757.85", "3501651.48"),
        ("2684481.83", "2655900.41"),
        ("1749907.79", "1719338.32"),
    ]
    assert shown["lines"][0]["difference"] == "60257.26"
    assert await county.look("SELECT count(*) AS n FROM journal") == before
    assert await county.look("SELECT id FROM factor_run") == []

    await adopt(county, national)
    run = await made(city, "/v1/factor-runs", run_of(indicator, national))
    assert run["left"] == "0.00"
    kept = (await city.get("reviewer", f"/v1/factor-runs/{run['id']}")).json()
    first = kept["lines"][0]
    assert (first["inputs"]["income"], first["percent"], first["formula"]) == ("14200", "35.709105", "4408531.43")
    assert "/" in first["raw"]

    body = {
        "area_code": CITY,
        "parent_id": str(indicator),
        "title": "下达2023年衔接资金",
        "issuer": "大庆市财政局",
        "document_no": "庆财农〔2023〕8号",
        "factor_run_id": run["id"],
    }
    down = await made(city, "/v1/decompositions", body)
    assert down["amount"] == "12345678.90"
    decomposition = UUID(down["id"])
    await county.take(city_clerk, "decomposition", decomposition, "submit")
    await county.take(city_reviewer, "decomposition", decomposition, "approve")
    await county.take(city_leader, "decomposition", decomposition, "issue", "indicator_document")
    page = (await city.get("clerk", "/v1/indicators", parent_id=str(indicator))).json()
    assert sorted((each["area_code"], each["amount"]) for each in page["items"]) == [
        ("230602000000", "4408531.43"),
        ("230603000000", "3502757.85"),
        ("230604000000", "2684481.83"),
        ("230606000000", "1749907.79"),
    ]
    whole = (await city.get("clerk", f"/v1/indicators/{indicator}")).json()
    assert (whole["decomposed"], whole["balances"]["unallocated"], whole["light"]) == ("12345678.90", "0.00", "green")


async def test_19_21_22_a_failed_run_keeps_nothing(county: County, city: Door) -> None:
    indicator = await received(county, "12345678.90")
    national = await scheme(city, NATIONAL)
    await adopt(county, national)
    await record(city, "230604000000/income")
    missing = await city.send("clerk", "/v1/factor-runs", run_of(indicator, national))
    assert missing.json()["code"] == "FACTOR_RUN_FAILED"
    assert missing.json()["errors"][0]["facts"] == {"factor": "income", "areas": ["230604000000"]}
    await record(city)

    moved = [
        {"target": COUNTIES[0], "amount": "100000.00", "reason": "重点县倾斜"},
        {"target": COUNTIES[1], "amount": "-99999.99", "reason": "重点县倾斜"},
    ]
    off = await city.send("clerk", "/v1/factor-runs", run_of(indicator, national, adjustments=moved))
    assert off.json()["code"] == "ADJUSTMENTS_NOT_BALANCED"
    assert await county.look("SELECT id FROM factor_run") == []
    assert await county.look("SELECT run_id FROM factor_run_line") == []

    whole = await made(city, "/v1/factor-runs", run_of(indicator, national, unit="wan"))
    assert (whole["shared"], whole["left"]) == ("12340000.00", "5678.90")
    moved[1]["amount"] = "-100000.00"
    balanced = await made(city, "/v1/factor-runs", run_of(indicator, national, adjustments=moved))
    lines = (await city.get("leader", f"/v1/factor-runs/{balanced['id']}")).json()["lines"]
    assert (lines[0]["formula"], lines[0]["adjustment"], lines[0]["final"]) == ("4408531.43", "100000.00", "4508531.43")
    assert lines[0]["reason"] == "重点县倾斜"


async def test_a_scheme_is_adopted_by_another_person(county: County, city: Door) -> None:
    wrong = await city.send(
        "clerk",
        "/v1/factor-schemes",
        {
            "area_code": CITY,
            "title": "办法",
            "document_no": "庆财规〔2023〕2号",
            "effective_from": "2023-01-01",
            "factors": [{"code": "population", "label": "人口", "measure": "direct", "weight": "9/10"}],
        },
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "WEIGHTS_NOT_ONE")
    assert await county.look("SELECT id FROM factor_scheme") == []
