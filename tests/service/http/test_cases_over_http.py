"""A case over HTTP from its first step to its last: routes from declarations, evidence, notice, objection."""

import json
from typing import Any

import httpx2
import pytest

from tests.service.http.conftest import ELSEWHERE, HERE, PEOPLE, PNG, Door

pytestmark = pytest.mark.asyncio

CLEAN = {"title": "示例许可公示", "fee": "3.00"}


async def case(door: Door, permit: dict[str, Any], who: str = "village") -> dict[str, Any]:
    shown: dict[str, Any] = (await door.get(who, f"/v1/permits/{permit['id']}/case")).json()
    return shown


def kept(door: Door) -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in door.edge.evidence_dir.rglob("*") if path.is_file()]


async def shown(door: Door) -> dict[str, Any]:
    permit = await door.permit()
    minutes = (await door.upload("village", "minutes")).json()["result"]["id"]
    body = {"fee": "3.00", "evidence": [minutes]}
    answer = await door.send("village", f"/v1/permits/{permit['id']}/show-all", body, etag='"1"')
    assert answer.status_code == 200, answer.text
    return permit


async def proof(door: Door, permit: dict[str, Any], day: str) -> httpx2.Response:
    photo = (await door.upload("village", "photo", taken_on=day)).json()["result"]["id"]
    return await door.send("village", f"/v1/cases/{permit['case_id']}/notice/proofs", {"evidence_id": photo})


async def test_a_case_goes_its_way(door: Door) -> None:
    permit = await shown(door)
    grant = f"/v1/permits/{permit['id']}/grant"
    early = await door.send("town", grant, {"reason": "齐备"}, etag='"2"')
    assert early.status_code == 409
    assert {error["code"] for error in early.json()["errors"]} >= {"PUBLICITY_RUNNING"}
    assert (await proof(door, permit, "2023-06-09")).json()["result"] == {"proves": "first_day"}
    door.bench.clock.forward(days=10)
    assert (await proof(door, permit, "2023-06-19")).json()["result"] == {"proves": "last_day"}
    door.bench.clock.forward(days=1)
    barred = await door.send("village", grant, {"reason": "齐备"}, etag='"2"')
    assert barred.json()["code"] == "SEPARATION_OF_DUTIES"
    granted = await door.send("town", grant, {"reason": "齐备"}, etag='"2"')
    assert granted.json()["result"]["state"] == "GRANTED"
    done = await case(door, permit, "town")
    assert (done["is_open"], done["actions"], done["notice"]) == (False, [], None)
    assert [row["step"] for row in done["history"]] == ["open", "show_all", "grant"]


async def test_the_case_tells_state_clock_actions_and_history(door: Door) -> None:
    permit = await door.permit()
    seen = await case(door, permit)
    assert (seen["state"], seen["state_zh"], seen["state_en"]) == ("DRAFT", "草稿", "draft")
    assert (seen["due_on"], seen["is_overdue"], seen["area_code"]) == ("2023-06-12", False, HERE)
    (action,) = seen["actions"]
    assert (action["step"], action["zh"], action["rule"]) == ("show_all", "公示", "T-1")
    assert action["evidence"] == [{"kind": "minutes", "zh": "会议记录", "minimum": 1}]
    (row,) = seen["history"]
    assert (row["role_zh"], row["actor"], row["zh"]) == ("村两委", str(PEOPLE["village"].id), "立案")
    assert (await case(door, permit, "town"))["actions"] == []
    door.bench.clock.forward(days=4)
    assert (await case(door, permit))["is_overdue"] is True


async def test_a_step_says_all_that_is_missing(door: Door) -> None:
    permit = await door.permit()
    path = f"/v1/permits/{permit['id']}/show-all"
    formless = await door.send("village", path, {"fee": "-1", "extra": 1, "reason": "x" * 2001}, etag='"1"')
    pointers = {error["pointer"] for error in formless.json()["errors"]}
    assert (formless.status_code, pointers) == (422, {"/fee", "/reason", ""})
    bare = await door.send("village", path, {"fee": "1"}, etag='"1"')
    assert (bare.status_code, bare.json()["code"]) == (409, "EVIDENCE_MISSING")
    assert (await door.send("village", path, {"fee": "1"})).status_code == 428
    assert (await case(door, permit))["version"] == 1


async def test_no_person_can_take_a_step_of_the_system(door: Door) -> None:
    permit = await shown(door)
    answer = await door.send("village", f"/v1/permits/{permit['id']}/expire", {}, etag='"2"')
    assert (answer.status_code, answer.json()["code"]) == (404, "ROUTE_NOT_FOUND")


async def test_the_bulletin_hangs_out_for_everybody(door: Door) -> None:
    await shown(door)
    answer = await door.http.get("/v1/notices", params={"area_code": "230606000000"})
    (posted,) = answer.json()["items"]
    assert posted["content"] == CLEAN
    assert (posted["level"], posted["posted_on"], posted["last_day"]) == ("village", "2023-06-09", "2023-06-19")
    assert posted.keys() == {
        *("id", "case_id", "area_code", "level", "posted_on", "last_day", "permanent", "content", "sha256"),
    }
    assert (await door.http.get("/v1/notices", params={"area_code": ELSEWHERE})).json()["items"] == []
    assert (await door.http.get("/v1/notices", params={"area_code": "nowhere"})).status_code == 422


async def test_an_objection_stops_the_case_until_somebody_else_answers(door: Door) -> None:
    permit = await shown(door)
    path = f"/v1/cases/{permit['case_id']}/objections"
    filed = await door.send("village", path, {"channel": "written", "wording": "金额不符"})
    objection = filed.json()["result"]["id"]
    (waiting,) = (await case(door, permit))["notice"]["open_objections"]
    assert (waiting["id"], waiting["wording"]) == (objection, "金额不符")
    answer = {"upheld": False, "reply": "已核对"}
    own = await door.send("village", f"/v1/objections/{objection}/resolve", answer)
    assert (own.status_code, own.json()["code"]) == (403, "SEPARATION_OF_DUTIES")
    assert (await door.send("stranger", f"/v1/objections/{objection}/resolve", answer)).status_code == 404
    assert (await door.send("second", f"/v1/objections/{objection}/resolve", answer)).status_code == 200
    assert (await case(door, permit))["notice"]["open_objections"] == []
    assert (await door.send("second", f"/v1/objections/{objection}/resolve", answer)).json()[
        "code"
    ] == "ALREADY_RESOLVED"


@pytest.mark.parametrize("wording", ["a\\u0000b", "\\ud800"])
async def test_what_cannot_be_stored_is_told_not_crashed(door: Door, wording: str) -> None:
    permit = await shown(door)
    headers = door.login("village") | {"idempotency-key": "k", "content-type": "application/json"}
    content = '{"channel": "online", "wording": "' + wording + '"}'
    answer = await door.http.post(f"/v1/cases/{permit['case_id']}/objections", content=content, headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_evidence_is_kept_once_by_its_content(door: Door) -> None:
    first = await door.upload("village", "photo", taken_on="2023-06-09")
    again = await door.upload("second", "photo")
    assert (first.status_code, again.status_code) == (201, 201)
    ((name, content),) = kept(door)
    assert content == PNG
    async with door.bench.database.read(PEOPLE["village"]) as session:
        rows = await session.raw.fetch("SELECT sha256, size, taken_on FROM case_evidence ORDER BY id")
    assert {bytes(row["sha256"]).hex() for row in rows} == {name}
    assert [row["size"] for row in rows] == [len(PNG)] * 2


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"type": "image/jpeg"}, 422, "CONTENT_MISMATCH"),
        ({"content": b""}, 422, "CONTENT_MISMATCH"),
        ({"content": b"<svg onload=alert(1)>", "type": "image/svg+xml"}, 415, "MEDIA_TYPE_UNSUPPORTED"),
        ({"content": PNG * 50_000}, 413, "BODY_TOO_LARGE"),
        ({"params": {"kind": "../etc"}}, 422, "FIELD_INVALID"),
        ({"params": {"area_code": ELSEWHERE}}, 404, "NOT_FOUND"),
    ],
    ids=str,
)
async def test_other_files_leave_nothing_behind(door: Door, changed: dict[str, Any], status: int, code: str) -> None:
    answer = await door.upload("village", "photo", **changed)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not kept(door)


async def test_two_persons_adopt_a_policy_value(door: Door) -> None:
    value = {"name": "toy.notice_days", "area_code": "230606000000", "effective_from": "2024-01-01"}
    proposal = {**value, "value": "5 working", "document": "大同发〔2023〕1号"}
    assert (await door.send("auditor", "/v1/parameters", proposal)).json()["code"] == "ROLE_REQUIRED"
    assert (await door.send("clerk", "/v1/parameters", proposal)).json()["result"]["adopted"] is False
    assert (await door.send("clerk", "/v1/parameters/adopt", value)).json()["code"] == "ROLE_REQUIRED"
    assert (await door.send("leader", "/v1/parameters/adopt", value)).json()["result"]["adopted"] is True


async def test_the_description_tells_roles_evidence_and_rule_of_each_step(door: Door) -> None:
    described = json.loads((await door.http.get("/openapi.json")).content)
    operation = described["paths"]["/v1/permits/{subject_id}/show-all"]["post"]
    assert (operation["operationId"], operation["summary"]) == ("permits_show_all", "公示 / show")
    for word in ("村两委", "minutes", "T-1", "DRAFT", "SHOWN"):
        assert word in operation["description"]
    assert operation["x-policy"][0]["roles"] == ["village_committee"]
    assert {"400", "401", "403", "404", "409", "412", "422", "428"} <= operation["responses"].keys()
    body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    fields = described["components"]["schemas"][body]
    assert fields["properties"].keys() == {"fee", "note", "evidence", "reason"}
    assert fields["required"] == ["fee"]
    assert "/v1/permits/{subject_id}/expire" not in described["paths"]
    assert described["paths"]["/v1/evidence"]["post"]["requestBody"]["content"].keys() >= {"image/png"}
