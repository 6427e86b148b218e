"""The register, clues and imports as their users meet them: over HTTP, with problems that say what to do."""

import pytest

from shared.testing.services import Bench
from tests.service.monitoring.conftest import Door
from tests.service.monitoring.people import (
    COUNTY,
    REGISTER_HEADINGS,
    SPENDING_HEADINGS,
    VILLAGE,
    csv_file,
    member,
    name,
    number,
    registered,
    spending,
)

pytestmark = pytest.mark.asyncio

MEDICAL = "/v1/imports/department/medical_insurance/inpatient_self_paid"


async def household(door: Door) -> str:
    body = {"area_code": VILLAGE, "household_type": "ORDINARY", "members": [member(1), member(2, "SPOUSE")]}
    answer = await door.post("committee", "/v1/households", body)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["result"]["household_id"]
    return made


async def test_a_register_and_a_medical_file_from_upload_to_refused_copy(door: Door) -> None:
    people = csv_file(REGISTER_HEADINGS, [registered(serial, serial) for serial in range(20)], "gb18030")
    taken = await door.upload("bureau", "/v1/imports/register", people, area_code=COUNTY)
    assert (taken.status_code, taken.json()["result"]["taken"]) == (201, 20)
    rows = [spending(serial, "20000.00") for serial in range(10)]
    rows[4]["个人自付金额"] = "很多"
    content = csv_file(SPENDING_HEADINGS, rows)
    kept = await door.upload("sector", MEDICAL, content, area_code=COUNTY, wait="false")
    report = kept.json()["result"]
    assert (report["status"], report["done"], report["total"]) == ("RECEIVED", 0, 10)
    done = await door.post("sector", f"/v1/imports/{report['id']}/resume", None)
    assert (done.status_code, done.json()["status"], done.json()["taken"]) == (200, "DONE", 9)
    shown = await door.get("auditor", f"/v1/imports/{report['id']}")
    assert shown.json() == done.json()
    refusals = (await door.get("sector", f"/v1/imports/{report['id']}/refusals")).json()["items"]
    assert [(item["row"], item["field"], item["code"]) for item in refusals] == [(6, "self_paid", "AMOUNT_FORM")]
    copy = await door.get("sector", f"/v1/imports/{report['id']}/refused.csv")
    assert copy.headers["content-type"].startswith("text/csv")
    assert "很多" in copy.content.decode("utf-8-sig")
    book = await door.get("sector", f"/v1/imports/{report['id']}/refused.xlsx")
    assert book.content.startswith(b"PK")
    again = await door.upload("sector", MEDICAL, content, area_code=COUNTY)
    assert again.json()["result"] == done.json()
    listed = (await door.get("sector", "/v1/imports", area_code=COUNTY)).json()["items"]
    assert [item["exchange"] for item in listed] == ["medical_insurance.inpatient_self_paid", "register"]
    assert (await door.get("foreign", f"/v1/imports/{report['id']}")).status_code == 404


async def test_a_form_upload_is_taken_as_well(door: Door) -> None:
    content = csv_file(SPENDING_HEADINGS, [spending(1, "1.00")])
    headers = door.login("sector") | {"idempotency-key": "k1"}
    files = {"file": ("medical.csv", content, "text/csv")}
    sent = await door.http.post(MEDICAL, files=files, headers=headers, params={"area_code": COUNTY})
    assert (sent.status_code, sent.json()["result"]["taken"]) == (201, 1)
    empty = await door.http.post(
        MEDICAL, files={"other": ("x", b"x")}, headers=headers | {"idempotency-key": "k2"}, params={"area_code": COUNTY}
    )
    assert (empty.status_code, empty.json()["code"]) == (422, "FILE_MISSING")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param("姓名,电话\n张三,1\n".encode(), "FILE_HEADER", id="header"),
        pytest.param(b"\xff\xfe\x00\x00", "FILE_ENCODING", id="encoding"),
        pytest.param(b"", "FILE_EMPTY", id="empty"),
    ],
)
async def test_a_broken_file_is_a_problem_with_remedy(door: Door, content: bytes, code: str) -> None:
    answer = await door.upload("sector", MEDICAL, content, area_code=COUNTY)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["rule"]) == (422, code, "D16")
    assert problem["remedy"]["zh"]
    assert problem["remedy"]["en"]


async def test_a_dry_run_keeps_nothing(door: Door) -> None:
    content = csv_file(SPENDING_HEADINGS, [spending(1, "20000.00")])
    tried = await door.upload("sector", MEDICAL, content, area_code=COUNTY, dry_run="true")
    assert (tried.json()["result"]["taken"], tried.json()["result"]["clues"]) == (1, 1)
    assert (await door.get("sector", "/v1/imports", area_code=COUNTY)).json()["items"] == []


async def test_wrong_roles_and_foreign_areas(door: Door) -> None:
    content = csv_file(SPENDING_HEADINGS, [spending(1, "1.00")])
    assert (await door.upload("committee", MEDICAL, content, area_code=COUNTY)).status_code == 404
    assert (await door.upload("clerk", MEDICAL, content, area_code="230606008000")).status_code == 403
    assert (await door.upload("foreign", MEDICAL, content, area_code=COUNTY)).status_code == 404
    household_id = await household(door)
    for path in (f"/v1/households/{household_id}", f"/v1/households/{household_id}/income"):
        assert (await door.get("neighbour", path)).status_code == 404
        assert (await door.get("sector", path)).status_code == 403


async def test_a37_a_wrong_check_digit_is_told_by_field_and_rule_and_never_repeated(door: Door) -> None:
    wrong = member(1) | {"id_number": "110105194912310021"}
    body = {"area_code": VILLAGE, "household_type": "ORDINARY", "members": [wrong]}
    answer = await door.post("committee", "/v1/households", body)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["rule"]) == (422, "ID_CHECK_DIGIT", "DQ-ID-03")
    assert problem["errors"][0]["pointer"] == "/members/0/id_number"
    assert "110105194912310021" not in answer.text


async def test_a_household_is_masked_until_the_look_is_noted(door: Door) -> None:
    household_id = await household(door)
    masked = (await door.get("clerk", f"/v1/households/{household_id}")).json()
    assert number(1) not in str(masked)
    opened = await door.post("clerk", f"/v1/households/{household_id}/reveal", {"purpose": "visit"})
    assert opened.json()["members"][0]["id_number"] == number(1)
    assert (await door.post("clerk", f"/v1/households/{household_id}/reveal", {"purpose": "fun"})).status_code == 422
    found = await door.post("clerk", "/v1/households/search", {"id_number": number(2)})
    assert found.json()["household_id"] == household_id
    listed = (await door.get("clerk", "/v1/households", area_code=COUNTY)).json()["items"]
    assert [(item["head_name"], item["persons"]) for item in listed] == [(name(1), 2)]


async def test_a_line_a_sheet_and_a_classification(door: Door) -> None:
    household_id = await household(door)
    missing = await door.post("clerk", f"/v1/households/{household_id}/classification", {})
    assert (missing.status_code, missing.json()["code"], missing.json()["rule"]) == (
        409,
        "NO_LINE_CONFIGURED",
        "M-LINE-06",
    )
    day = {"area_code": COUNTY, "effective_from": "2024-05-21"}
    proposal = day | {"amount": "6500.00", "basis": "flat", "document": "示例发〔2024〕1号"}
    assert (await door.post("bureau", "/v1/monitoring-lines", proposal)).status_code == 201
    assert (await door.post("leader", "/v1/monitoring-lines/adopt", day)).status_code == 200
    door.bench.clock.forward(days=1)
    (line,) = (await door.get("committee", "/v1/monitoring-lines", area_code=VILLAGE)).json()
    assert (line["amount"], line["in_force"]) == ("6500.00", True)
    lines = [{"month": "2024-03", "kind": "wage", "amount": "13000.01"}]
    assert (await door.post("committee", f"/v1/households/{household_id}/income", {"lines": lines})).status_code == 200
    sheet = (await door.get("committee", f"/v1/households/{household_id}/income")).json()
    assert (sheet["amounts"]["wage"], sheet["per_capita_net"], sheet["first"]) == ("13000.01", "6500.01", "2023-05-01")
    held = (await door.post("clerk", f"/v1/households/{household_id}/classification", {})).json()["result"]
    assert (held["position"], held["proposed_kind"], held["line"]) == ("above", None, "6500.00")


async def test_clues_over_http(door: Door, monitoring: Bench) -> None:
    household_id = await household(door)
    report = {
        "area_code": VILLAGE,
        "source": "SELF",
        "item": "fire",
        "event_on": "2024-05-19",
        "household_id": household_id,
    }
    taken = (await door.post("committee", "/v1/clues", report)).json()["result"]
    assert (taken["match"], taken["merged"], taken["risk_id"] is not None) == ("MATCHED", False, True)
    bad = await door.post("committee", "/v1/clues", report | {"item": "weather"})
    assert bad.status_code == 422
    (item,) = (await door.get("committee", "/v1/clues", area_code=VILLAGE)).json()["items"]
    assert (item["id"], item["item_zh"], item["due_on"]) == (taken["clue_id"], "火灾", "2024-06-03")
    shown = (await door.get("clerk", f"/v1/clues/{taken['clue_id']}")).json()
    assert [sender["source"] for sender in shown["sources"]] == ["SELF"]
    path = f"/v1/clues/{taken['clue_id']}/disposition"
    assert (await door.post("clerk", path, {"disposition": "NOT_RURAL"})).status_code == 200
    assert (await door.post("clerk", path, {"disposition": "NOT_RURAL"})).json()["code"] == "CLUE_DISPOSED"
    assert (await door.get("committee", "/v1/clues", area_code=VILLAGE)).json()["items"] == []
    told = (
        await door.get("bureau", "/v1/clues/summary", area_code=COUNTY, first="2024-05-01", last="2024-05-31")
    ).json()
    assert (told["received"], told["handling_rate"], told["conversion"]) == (1, "100.00", "0.00")
    (answered,) = (await door.get("sector", "/v1/clues/feedback", area_code=COUNTY)).json()["items"]
    assert answered["disposition"] == "NOT_RURAL"
