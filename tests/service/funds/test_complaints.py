"""Complaints (§6): from the web to the answer; never to the unit complained about; the reporter opens for intake alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.roles import Role
from shared.testing.services import person
from tests.service.funds.county import COUNTY, PEOPLE, RESOLUTION, TOWN, VILLAGE, County, entry, village
from tests.service.funds.door import Door, open_door
from tests.service.funds.test_public_queries import everything

pytestmark = pytest.mark.asyncio

CITY = "230600000000"
NAME, PHONE = "赵举报", "13912345678"
PEOPLE_HERE = {
    **PEOPLE,
    "both": person("auditor and finance clerk", COUNTY, Role.AUDITOR, Role.FINANCE_CLERK),
    "stranger": person("stranger", "430626000000", Role.LEADING_GROUP),
}


def complaint(**changed: Any) -> dict[str, Any]:
    return {
        "area_code": COUNTY,
        "object_kind": "payment",
        "about_desk": "finance",
        "title": "补贴发放迟缓",
        "wording": f"本人{NAME}反映补贴三个月未到账",
        "is_real_name": True,
        "reporter_name": NAME,
        "reporter_phone": PHONE,
    } | changed


async def from_the_web(door: Door, **changed: Any) -> tuple[str, str]:
    """The complaint's id, as intake finds it, and the receipt."""
    headers = {"idempotency-key": "one"}
    answer = await door.http.post("/v1/public/complaints", json=complaint(**changed), headers=headers)
    assert answer.status_code == 201, answer.text
    listed = (await door.get("group", "/v1/complaints", state="RECEIVED")).json()
    return listed["items"][-1]["id"], answer.json()["receipt"]


async def assign(door: Door, complaint_id: str, desk: str, area: str = COUNTY) -> Any:
    return await door.step("group", f"/v1/complaints/{complaint_id}/assign", {"desk": desk, "area_code": area})


async def report(county: County, who: str) -> list[str]:
    actor: Any = PEOPLE_HERE[who]
    return [str(each) for each in await county.bench.evidence(actor, COUNTY, "investigation_report")]


async def step(
    door: Door, who: str, complaint_id: str, name: str, body: Mapping[str, Any], intake: str = "group"
) -> Any:
    """A step with the version that intake sees: others may not even read the case."""
    case = await door.get(intake, f"/v1/complaints/{complaint_id}/case")
    return await door.send(who, f"/v1/complaints/{complaint_id}/{name}", dict(body), etag=case.headers["etag"])


async def test_a_complaint_goes_its_whole_way(county: County, tmp_path: Path) -> None:
    async with open_door(county, PEOPLE_HERE, tmp_path) as door:
        complaint_id, receipt = await from_the_web(door)
        case = (await door.get("group", f"/v1/complaints/{complaint_id}/case")).json()
        assert case["due_on"] == "2023-01-05"  # two working days after Tuesday 3 January
        own = await assign(door, complaint_id, "finance")
        assert (own.status_code, own.json()["code"]) == (409, "OWN_COMPLAINT")
        assert (await assign(door, complaint_id, "audit")).status_code == 200
        early = await step(door, "finance_clerk", complaint_id, "investigate", {})
        assert (early.status_code, early.json()["code"]) == (409, "NOT_ASSIGNED")
        aside = await step(door, "both", complaint_id, "investigate", {})
        assert (aside.status_code, aside.json()["code"]) == (409, "OWN_COMPLAINT")
        begun = await step(door, "auditor", complaint_id, "investigate", {})
        assert begun.json()["result"]["due_on"] == "2023-02-03"  # twenty working days, over the Spring Festival
        spoken = {"finding": "substantiated", "text": f"已向{PHONE}说明"}
        evidence = await report(county, "auditor")
        refused = await step(door, "auditor", complaint_id, "reply", spoken | {"evidence": evidence})
        assert refused.json()["code"] == "PERSONAL_DATA_IN_NOTICE"
        spoken["text"] = "补贴已补发"
        assert (await step(door, "auditor", complaint_id, "reply", spoken | {"evidence": evidence})).status_code == 200
        told = (await door.http.post("/v1/public/complaints/progress", json={"receipt": receipt})).json()
        assert (told["state"], told["finding"], told["reply"]) == ("REPLIED", "substantiated", "补贴已补发")
        again = await step(door, "group", complaint_id, "reinvestigate", {"reason": "举报人不满意"})
        assert again.json()["result"]["state"] == "INVESTIGATING"
        await step(door, "auditor", complaint_id, "reply", spoken | {"evidence": evidence})
        closed = await step(door, "group", complaint_id, "close", {"satisfaction": "satisfied"})
        assert closed.json()["result"]["state"] == "CLOSED"
        wrong = await door.http.post("/v1/public/complaints/progress", json={"receipt": "AAAABBBBCCCC"})
        assert wrong.status_code == 404


async def test_advice_is_answered_sooner(county: County, tmp_path: Path) -> None:
    async with open_door(county, PEOPLE_HERE, tmp_path) as door:
        complaint_id, _ = await from_the_web(door, kind="advice")
        await assign(door, complaint_id, "audit")
        begun = await step(door, "auditor", complaint_id, "investigate", {})
        assert begun.json()["result"]["due_on"] == "2023-01-17"  # ten working days


async def test_the_reporter_opens_for_intake_alone_and_leaves_no_trace(county: County, tmp_path: Path) -> None:
    async with open_door(county, PEOPLE_HERE, tmp_path) as door:
        complaint_id, receipt = await from_the_web(door)
        await assign(door, complaint_id, "audit")
        path = f"/v1/complaints/{complaint_id}"
        for who in ("auditor", "group"):
            shown = await door.get(who, path)
            assert shown.status_code == 200
            assert PHONE not in shown.text
            assert not {"reporter_name", "reporter_phone"} & shown.json().keys()
        for who in ("finance_clerk", "both", "bureau_clerk", "stranger"):
            assert (await door.get(who, path)).status_code == 404, who
            assert (await door.get(who, f"{path}/case")).status_code == 404, who
            assert (await door.get(who, "/v1/complaints")).json()["items"] == []
        for who in ("auditor", "finance_clerk", "bureau_head"):
            assert (await door.send(who, f"{path}/reporter", {"purpose": "clarify"})).status_code == 403
        assert (await door.send("stranger", f"{path}/reporter", {"purpose": "clarify"})).status_code == 404
        seen = await door.send("group", f"{path}/reporter", {"purpose": "satisfaction_call"})
        assert seen.json() == {"name": NAME, "phone": PHONE}
    looks = await county.look("SELECT command, subjects::text FROM journal WHERE command LIKE 'RevealReporter%'")
    assert [row["command"] for row in looks] == ["RevealReporter.satisfaction_call"]
    kept = await everything(county)
    for canary in (NAME, PHONE, receipt):
        assert canary not in kept


async def test_a_complaint_about_an_open_notice_is_an_objection_and_blocks(county: County, tmp_path: Path) -> None:
    project = await county.enter(entry())
    await county.take(village, "project", project, "resolve", "resolution_minutes", form=RESOLUTION)
    await county.take(village, "project", project, "post_in_village")
    async with open_door(county, PEOPLE_HERE, tmp_path) as door:
        complaint_id, _ = await from_the_web(
            door, area_code=VILLAGE, object_kind="project", object_id=str(project), about_desk="village"
        )
        await county.hang(village, project)
        evidence = [str(each) for each in await county.bench.evidence(village, VILLAGE, "application_form")]
        blocked = await door.step("village", f"/v1/projects/{project}/apply", {"evidence": evidence})
        assert (blocked.status_code, blocked.json()["code"]) == (409, "OPEN_OBJECTION")
        away = await step(door, "group", complaint_id, "reject", {"reason": "不属实"})
        assert away.json()["code"] == "OBJECTION_OPEN"
        shown = (await door.get("village", f"/v1/projects/{project}/case")).json()["notice"]["open_objections"]
        assert [each["wording"] for each in shown] == ["投诉举报：补贴发放迟缓"]
        answer = {"upheld": False, "reply": "已核实，程序合规"}
        assert (await door.send("town_clerk", f"/v1/objections/{shown[0]['id']}/resolve", answer)).status_code == 200
        assert (await door.step("village", f"/v1/projects/{project}/apply", {"evidence": evidence})).status_code == 200
        assert (await assign(door, complaint_id, "village", VILLAGE)).json()["code"] == "OWN_COMPLAINT"
        assert (await assign(door, complaint_id, "township", TOWN)).status_code == 200
        assert (await step(door, "town_clerk", complaint_id, "investigate", {})).status_code == 200


@pytest.mark.parametrize("about", ["leading_group", "bureau"])
async def test_what_is_said_of_intake_or_its_house_is_handled_outside(
    county: County, tmp_path: Path, about: str
) -> None:
    """The county's leading group neither sees it nor opens the reporter; the auditor, or the city, takes it in."""
    outside = {
        **PEOPLE_HERE,
        "city": person("city leading group", CITY, Role.LEADING_GROUP),
        "second": person("second auditor", COUNTY, Role.AUDITOR),
    }
    async with open_door(county, outside, tmp_path) as door:
        headers = {"idempotency-key": "own"}
        body = complaint(area_code=VILLAGE, about_desk=about, object_kind="other")
        assert (await door.http.post("/v1/public/complaints", json=body, headers=headers)).status_code == 201
        assert (await door.get("group", "/v1/complaints")).json()["items"] == []
        (taken,) = (await door.get("auditor", "/v1/complaints")).json()["items"]
        assert taken["area_code"] == COUNTY  # of the unit, not of the village that was named
        path = f"/v1/complaints/{taken['id']}"
        for who in ("group", "bureau_head"):
            assert (await door.get(who, path)).status_code == 404, who
            assert (await door.get(who, f"{path}/case")).status_code == 404, who
        assert (await door.send("group", f"{path}/reporter", {"purpose": "clarify"})).status_code == 404
        seen = await door.send("auditor", f"{path}/reporter", {"purpose": "clarify"})
        assert seen.json()["phone"] == PHONE

        async def move(who: str, name: str, given: Mapping[str, Any]) -> Any:
            return await step(door, who, taken["id"], name, given, intake="auditor")

        own = await move("group", "assign", {"desk": "finance", "area_code": COUNTY})
        assert (own.status_code, own.json()["code"]) == (409, "NOT_INTAKE")
        near = await move("city", "assign", {"desk": "bureau", "area_code": COUNTY})
        assert near.json()["code"] == "OWN_COMPLAINT"
        intake = await move("city", "assign", {"desk": "leading_group", "area_code": CITY})
        assert intake.json()["code"] == "INTAKE_HANDLES"
        assert (await move("city", "assign", {"desk": "audit", "area_code": COUNTY})).status_code == 200
        assert (await move("auditor", "investigate", {})).status_code == 200
        answer = {"finding": "unfounded", "text": "经核实不属实", "evidence": await report(county, "auditor")}
        assert (await move("auditor", "reply", answer)).status_code == 200
        done = {"satisfaction": "acceptable"}
        assert (await move("group", "close", done)).json()["code"] == "NOT_INTAKE"
        alone = await move("auditor", "close", done)
        assert alone.json()["code"] == "SEPARATION_OF_DUTIES"
        assert (await move("second", "close", done)).json()["result"]["state"] == "CLOSED"


async def test_a_title_with_personal_data_and_a_name_without_one_are_refused(county: County, tmp_path: Path) -> None:
    async with open_door(county, PEOPLE_HERE, tmp_path) as door:
        headers = {"idempotency-key": "two"}
        titled = await door.http.post("/v1/public/complaints", json=complaint(title=f"请打{PHONE}"), headers=headers)
        assert (titled.status_code, titled.json()["code"]) == (409, "PERSONAL_DATA_IN_NOTICE")
        assert PHONE not in titled.text
        nameless = await door.http.post("/v1/public/complaints", json=complaint(reporter_name=""), headers=headers)
        assert nameless.status_code == 422
        keyless = await door.http.post("/v1/public/complaints", json=complaint())
        assert keyless.status_code == 400
