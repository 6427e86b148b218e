"""Library, indicators, plans and allocations over HTTP: what callers get, and what bad input gets."""

from typing import Any
from uuid import UUID

import httpx2
import pytest

from shared.kernel.ids import new_id
from tests.service.funds import datong
from tests.service.funds.county import COUNTY, FUND, VILLAGE, County, entry
from tests.service.funds.door import Door

pytestmark = pytest.mark.asyncio

INDICATOR: dict[str, Any] = {
    "area_code": COUNTY,
    "issuer": "黑龙江省财政厅",
    "document_no": "黑财指(农)[2023]34号",
    "title": "提前下达2023年中央衔接资金",
    "issued_on": "2022-11-29",
    "received_on": "2023-01-03",
    "fiscal_year": 2023,
    "level": "central",
    "category": FUND,
    "functional_class": "2130505",
    "amount": "500000.00",
}


def errors(answer: httpx2.Response) -> list[dict[str, Any]]:
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    found: list[dict[str, Any]] = answer.json()["errors"]
    return found


async def test_an_indicator_is_entered_and_shown_with_its_money(county: County, door: Door) -> None:
    made = await door.send("finance_clerk", "/v1/indicators", INDICATOR)
    assert made.status_code == 201, made.text
    assert made.json()["result"]["document_no"] == "黑财指(农)〔2023〕34号"

    indicator = UUID(made.json()["result"]["id"])
    await county.confirm(indicator)
    shown = (await door.get("auditor", f"/v1/indicators/{indicator}")).json()
    assert shown["state"] == "CONFIRMED"
    assert shown["amount"] == "500000.00"
    assert shown["balances"]["unallocated"] == "500000.00"
    assert (shown["allocate_by"], shown["light"]) == ("2023-02-02", "green")

    county.bench.clock.forward(days=31)
    late = (await door.get("auditor", f"/v1/indicators/{indicator}")).json()
    assert late["light"] == "red"


async def test_bad_input_names_field_rule_and_remedy(door: Door) -> None:
    wrong = await door.send("finance_clerk", "/v1/indicators", INDICATOR | {"category": "fund.unknown"})
    assert wrong.status_code == 422
    (error,) = errors(wrong)
    assert (error["code"], error["pointer"], error["rule"]) == ("UNKNOWN_CATEGORY", "/category", "F-1.2")
    assert error["remedy"]["zh"]
    assert error["remedy"]["en"]

    number = await door.send("finance_clerk", "/v1/indicators", INDICATOR | {"amount": 0.1})
    assert number.status_code == 422
    missing = await door.send("finance_clerk", "/v1/indicators", {"area_code": COUNTY})
    assert missing.status_code == 422


async def test_roles_and_areas_are_walls(county: County, door: Door) -> None:
    without = await door.send("sector", "/v1/indicators", INDICATOR)
    assert without.status_code == 403
    assert errors(without)[0]["facts"] == {"roles": ["finance_clerk"]}
    foreign = await door.send("stranger", "/v1/indicators", INDICATOR)
    assert foreign.status_code == 404

    project = await county.enter()
    assert (await door.get("village", f"/v1/projects/{project}")).status_code == 200
    assert (await door.get("stranger", f"/v1/projects/{project}")).status_code == 404
    assert (await door.get("stranger", "/v1/projects")).json()["items"] == []


async def test_the_same_key_has_one_effect(door: Door) -> None:
    key = str(new_id())
    body = {"area_code": VILLAGE, "content": entry()}
    first = await door.send("village", "/v1/projects", body, key=key)
    again = await door.send("village", "/v1/projects", body, key=key)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = await door.send("village", "/v1/projects", {**body, "content": entry("另一个项目名称")}, key=key)
    assert other.status_code == 409
    assert errors(other)[0]["code"] == "KEY_REUSED"


async def test_over_allocation_by_one_fen_is_told_with_both_amounts(county: County, door: Door) -> None:
    """LM01 as the front page tries it."""
    indicator = await county.indicator("500000.00")
    await county.indicator("0.01", document_no="黑财指(农)〔2023〕36号")
    project = await county.planned("500000.01")
    line = {"project_id": str(project), "indicator_id": str(indicator), "amount": "500000.01"}
    body = {"area_code": COUNTY, "year": 2023, "title": "分配", "lines": [line]}
    made = await door.send("finance_clerk", "/v1/allocations", body)
    allocation = made.json()["result"]["id"]
    refused = await door.step("finance_clerk", f"/v1/allocations/{allocation}/submit", {})

    assert refused.status_code == 409
    (error,) = errors(refused)
    assert (error["code"], error["rule"]) == ("INSUFFICIENT", "LM01")
    assert (error["facts"]["available"], error["facts"]["asked"]) == ("500000.00", "500000.01")
    shown = (await door.get("auditor", f"/v1/allocations/{allocation}")).json()
    assert (shown["state"], shown["amount"]) == ("DRAFT", "500000.01")


async def test_a_project_not_in_the_library_stands_in_no_plan(county: County, door: Door) -> None:
    """Scenario 5 over HTTP."""
    project = await county.enter()
    body = {"area_code": COUNTY, "year": 2023, "batch": 1, "title": "2023年度计划"}
    plan = (await door.send("bureau_clerk", "/v1/plans", body)).json()["result"]["id"]
    line = {"project_id": str(project), "sources": [{"level": "central", "category": FUND, "amount": "1.00"}]}
    refused = await door.send("bureau_clerk", f"/v1/plans/{plan}/lines", line)
    assert refused.status_code == 409
    assert errors(refused)[0]["code"] == "NOT_IN_LIBRARY"


async def test_a_step_has_its_form_and_its_version(county: County, door: Door) -> None:
    project = await county.enter()
    form = {"entitled": 17, "present": 12}
    incomplete = await door.step("village", f"/v1/projects/{project}/resolve", form)
    assert incomplete.status_code == 422
    stale = await door.send("village", f"/v1/projects/{project}/withdraw", {"reason": "撤回"}, etag='"9"')
    assert stale.status_code == 412
    taken = await door.step("village", f"/v1/projects/{project}/withdraw", {"reason": "撤回"})
    assert taken.json()["result"]["state"] == "REJECTED"


async def test_a_project_is_revised_over_http(county: County, door: Door) -> None:
    """Scenario 6 over HTTP: beyond ten percent it goes back to the township."""
    project = await county.in_library()
    shown = (await door.get("bureau_head", f"/v1/projects/{project}")).json()
    assert shown["project_code"].startswith("230606-2023-")
    content = shown["content"] | {"funding": [shown["content"]["funding"][0] | {"amount": "550000.01"}]}
    body = {"content": content, "based_on": shown["version_no"], "reason": "概算调整"}
    revised = await door.send("bureau_head", f"/v1/projects/{project}/revisions", body)
    assert revised.status_code == 201, revised.text
    assert revised.json()["result"]["state"] == "TOWNSHIP_PUBLICITY"
    after = (await door.get("bureau_head", f"/v1/projects/{project}")).json()
    assert [version["version_no"] for version in after["versions"]] == [1, 2]


async def test_lists_are_paged_by_key(county: County, door: Door) -> None:
    projects = [await county.enter(entry(f"一村项目之{number}")) for number in range(5)]
    page = (await door.get("auditor", "/v1/projects", plan_year=2023, limit=2)).json()
    seen = [item["id"] for item in page["items"]]
    while page["next_cursor"]:
        params = {"plan_year": 2023, "limit": 2, "cursor": page["next_cursor"]}
        page = (await door.get("auditor", "/v1/projects", **params)).json()
        seen += [item["id"] for item in page["items"]]
    assert seen == [str(project) for project in projects]
    drafts = await door.get("auditor", "/v1/projects", state="IN_LIBRARY")
    assert drafts.json()["items"] == []


async def test_datongs_sums_are_read_in_one_request(county: County, door: Door) -> None:
    """Story point 1: GET /v1/plans/{id}/summary, then everything allocated: the rate is 100 %."""
    sources = await datong.received(county)
    await datong.labelled(county)
    projects = await datong.entered(county)
    plan = await county.plan(dict(projects.values()))
    await county.publish(plan)
    shown = (await door.get("auditor", f"/v1/plans/{plan}/summary")).json()
    assert {each["large"]: each["amount"] for each in shown["classes"]} == {
        "产业类": "41970000.00",
        "基础设施类": "16000000.00",
        "政策落实类": "3350000.00",
    }
    assert (shown["industry_percent"], shown["industry_share"]) == ("68.44", "1399/2044")
    assert {each["level"]: each["percent"] for each in shown["levels"]} == {"central": "51.76", "provincial": "48.24"}

    lines = []
    for project, planned in projects.values():
        await county.plan_in(project)
        lines += [(project, sources[level], amount) for level, amount in planned]
    await county.allocate(*lines)
    rate = (await door.get("auditor", "/v1/reports/allocation-rate", area_code=COUNTY, fiscal_year=2023)).json()
    assert (rate["all"]["received"], rate["all"]["percent"]) == ("61320000.00", "100.00")
    assert {level: each["percent"] for level, each in rate["levels"].items()} == {
        "central": "100.00",
        "provincial": "100.00",
    }
    assert rate["direct_funds"]["percent"] is None
    money = (await door.get("auditor", "/v1/indicators", area_code=COUNTY)).json()["items"]
    assert {each["level"]: each["balances"]["allocated"] for each in money} == {
        "central": "31740000.00",
        "provincial": "29580000.00",
    }
