"""The reserve over HTTP: years of waiting, the fresh look, the coverage of key villages (domain-funds-assets §1.6)."""

import pytest

from tests.service.funds.county import COUNTY, FUND, NEXT_VILLAGE, VILLAGE, County, entry
from tests.service.funds.door import Door

pytestmark = pytest.mark.asyncio


async def test_a_project_that_waited_over_a_years_end_needs_a_fresh_look_before_a_plan(
    county: County, door: Door
) -> None:
    project = await county.in_library()
    roll = {"area_code": COUNTY, "year": 2023}
    early = await door.send("bureau_head", "/v1/reserve-rollovers", roll)
    assert (early.status_code, early.json()["errors"][0]["code"]) == (409, "YEAR_NOT_OVER")

    county.bench.clock.forward(days=340)
    for waited in (1, 0):  # the same year counts once
        rolled = await door.send("bureau_head", "/v1/reserve-rollovers", roll)
        assert rolled.json()["result"]["projects"] == waited, rolled.text
    body = {"area_code": COUNTY, "year": 2024, "batch": 1, "title": "2024年度计划"}
    plan = (await door.send("bureau_clerk", "/v1/plans", body)).json()["result"]["id"]
    line = {"project_id": str(project), "sources": [{"level": "central", "category": FUND, "amount": "1.00"}]}
    stale = await door.send("bureau_clerk", f"/v1/plans/{plan}/lines", line)
    assert (stale.status_code, stale.json()["errors"][0]["code"]) == (409, "FRESHNESS_NEEDED")

    look = {"estimate_holds": True, "beneficiaries_hold": False}
    assert (await door.send("sector", f"/v1/projects/{project}/freshness", look)).status_code == 409
    confirmed = await door.send("sector", f"/v1/projects/{project}/freshness", look | {"beneficiaries_hold": True})
    assert confirmed.json()["result"]["years_waiting"] == 1
    assert (await door.send("bureau_clerk", f"/v1/plans/{plan}/lines", line)).status_code == 200

    county.bench.clock.forward(days=366)
    await door.send("bureau_head", "/v1/reserve-rollovers", roll | {"year": 2024})
    (row,) = await county.look("SELECT years_waiting, rolled_year, fresh_on FROM project_wait")
    assert tuple(row) == (2, 2024, None)


async def test_the_reserve_covers_each_key_village_by_its_share(county: County, door: Door) -> None:
    """700 000.01 over two villages at 60 and 40 percent: each share is cut to the fen, never rounded up."""
    places = [
        {"village": VILLAGE, "share_ppm": 600_000, "village_type": "key_assistance"},
        {"village": NEXT_VILLAGE, "share_ppm": 400_000, "village_type": "key_assistance"},
    ]
    await county.in_library(entry(amount="700000.01", places=places))
    for area, amount in ((COUNTY, "1000000.00"), (VILLAGE, "400000.00"), (NEXT_VILLAGE, "400000.00")):
        body = {"area_code": area, "year": 2023, "amount": amount, "document_no": "同财农〔2023〕1号"}
        assert (await door.send("bureau_clerk", "/v1/planning-envelopes", body)).status_code == 201
    asked = {"area_code": COUNTY, "period_start": "2023-01-01", "as_of": "2023-12-31"}
    shown = (await door.get("auditor", "/v1/report-kinds/reserve-coverage/preview", **asked)).json()
    columns = [column["name"] for column in shown["columns"]]
    rows = [dict(zip(columns, row, strict=True)) for row in shown["rows"]]
    assert [row["coverage"].removesuffix("%") for row in rows] == ["70.00", "105.00", "70.00"]
    assert [row["projects"] for row in rows] == ["1", "1", "1"]


async def test_a_key_village_without_planned_money_is_shown_and_not_rated(county: County, door: Door) -> None:
    """Nothing to cover is blank, not 100 %."""
    places = [{"village": VILLAGE, "share_ppm": 1_000_000, "village_type": "key_assistance"}]
    await county.in_library(entry(places=places))
    body = {"area_code": COUNTY, "year": 2023, "amount": "500000.00", "document_no": "同财农〔2023〕1号"}
    await door.send("bureau_clerk", "/v1/planning-envelopes", body)
    asked = {"area_code": COUNTY, "period_start": "2023-01-01", "as_of": "2023-12-31"}
    shown = (await door.get("auditor", "/v1/report-kinds/reserve-coverage/preview", **asked)).json()
    columns = [column["name"] for column in shown["columns"]]
    whole, village = (dict(zip(columns, row, strict=True)) for row in shown["rows"])
    assert whole["coverage"].removesuffix("%") == "100.00"
    assert (village["envelope"], village["coverage"], village["projects"]) == ("—", "—", "1")
