"""Cases over HTTP: the refusal an applicant reads, what the village may not read, the worklist, and where money came from."""

import httpx2
import pytest

from services.monitoring.commands.identifications import TellRejection
from services.monitoring.commands.receipts import RecordReceipt
from services.monitoring.domain.comparison import Answer
from shared.contracts import assets, funds
from shared.kernel.actors import SYSTEM
from shared.kernel.ids import new_id
from tests.service.monitoring.conftest import Door
from tests.service.monitoring.people import VILLAGE, committee
from tests.service.monitoring.ways import OFFICES, Home, approver, at_home, proposed, report

pytestmark = pytest.mark.asyncio


async def rejected(home: Home) -> None:
    (hit,) = await home.checked(hits=["X04"])
    await home.settle(hit, Answer.CONFIRMED)
    form = {
        "held_on": "2024-05-20",
        "members": [*OFFICES, "public_security"],
        "finding": "REJECT",
        "finding_reason": "企业实际经营",
    }
    await home.take(approver, "hold_joint_review", "joint_review_minutes", form=form)
    await home.take(approver, "reject_joint_review", reason="名下企业正常经营，不符合纳入条件")


async def take(door: Door, who: str, path: str, step: str, form: dict[str, str]) -> httpx2.Response:
    """A step, on the version of the case that was read just before."""
    seen = await door.get(who, f"{path}/case")
    headers = {**door.login(who), "idempotency-key": str(new_id()), "if-match": seen.headers["etag"]}
    return await door.http.post(f"{path}/{step}", json=form, headers=headers)


async def test_the_applicant_reads_why_and_no_other_farmer_does(door: Door) -> None:  # M-ID-05
    home = await at_home(door.bench)
    await rejected(home)
    path = f"/v1/identifications/{home.identification_id}"
    told = (await door.get("farmer", path)).json()
    assert told["rejection"] == {
        "outcome": "REJECTED",
        "reason": "名下企业正常经营，不符合纳入条件",
        "rejected_on": "2024-05-20",
        "tell_by": "2024-05-27",
        "told_on": None,
        "told_channel": None,
    }
    assert (await door.get("other_farmer", path)).status_code == 404
    assert (await door.get("foreign", path)).status_code == 404
    telling = await door.post("committee", f"{path}/telling", {"channel": "visit"})
    assert telling.status_code == 200, telling.text
    assert (await door.get("farmer", path)).json()["rejection"]["told_on"] == "2024-05-20"


async def test_what_a_source_said_is_for_the_county(door: Door) -> None:  # M-PI-14
    home = await at_home(door.bench)
    await home.checked(hits=["X03"])
    path = f"/v1/identifications/{home.identification_id}"
    seen = await door.get("committee", path)
    assert seen.json()["comparison"] == "needs_explanation"
    assert "X03" not in seen.text
    assert (await door.get("committee", f"{path}/comparisons")).status_code == 403
    answers = (await door.get("bureau", f"{path}/comparisons")).json()
    (hit,) = [hit for answer in answers for hit in answer["hits"]]
    assert (hit["code"], hit["treatment"], hit["note"]) == ("X03", "HOLD", "黑B12345")
    assert (await door.get("agency", "/v1/comparisons")).json()["items"] == []
    asked = (await door.get("agency", "/v1/comparisons", open_only="false", source="fiscal")).json()["items"]
    assert [item["result"] for item in asked] == ["clear"]


async def test_steps_are_taken_over_http_with_their_form_and_version(door: Door) -> None:
    home = await at_home(door.bench)
    path = f"/v1/identifications/{home.identification_id}"
    case = await door.get("clerk", f"{path}/case")
    assert (case.json()["state"], case.json()["total_due_on"]) == ("RECEIVED", "2024-06-04")
    assert {action["step"] for action in case.json()["actions"]} >= {"assign", "withdraw"}
    assigned = await take(door, "clerk", path, "assign", {})
    assert (assigned.status_code, assigned.headers["etag"]) == (200, '"2"')
    sheet = {
        "visited_on": "2024-05-20",
        "member_ids": [str(each) for each in home.member_ids],
        "nil": ["business", "business_expense", "property", "claims"],
        "education": "OK",
        "medical": "AT_RISK",
        "housing": "OK",
        "water": "OK",
        "risks": ["ILLNESS"],
        "rigid_spending": "open",
    }
    recorded = (await door.post("committee", f"{path}/check", sheet)).json()["result"]
    assert (recorded["window_first"], recorded["window_last"]) == ("2023-05-01", "2024-04-30")  # M-INC-05
    assert (recorded["stated"]["wage"], recorded["stated"]["claims"]) == ("9000.00", "0.00")
    assert recorded["stated"]["self_paid"] is None
    early = await take(door, "committee", path, "publicise", {"contact": "村委会"})
    assert (early.status_code, early.json()["code"]) == (409, "STEP_NOT_IN_STATE")


async def test_the_worklist_is_ordered_by_day_and_paged_by_key(door: Door) -> None:
    home = await at_home(door.bench)
    await home.enrolled()
    clue = await report(door.bench, home.household_id, "fire")
    items = (await door.get("clerk", "/v1/worklist")).json()["items"]
    assert {(item["kind"], item["state"]) for item in items} == {("case", "ENROLLED"), ("risk_change", None)}
    (case,) = [item for item in items if item["kind"] == "case"]
    assert (case["step_due_on"], case["total_due_on"]) == (case["due_on"], None)  # the total clock ended, M-CLK-07
    assert [item["id"] for item in items if item["kind"] == "risk_change"] == [str(clue)]
    assert items == sorted(items, key=lambda item: item["due_on"])
    first = (await door.get("clerk", "/v1/worklist", limit=1)).json()
    second = (await door.get("clerk", "/v1/worklist", limit=1, cursor=first["next_cursor"])).json()
    assert [*first["items"], *second["items"]] == items
    assert (await door.get("foreign", "/v1/worklist")).json()["items"] == []
    assert (await door.get("clerk", "/v1/worklist", until="2024-05-21")).json()["items"] == []


async def test_a_rejection_that_nobody_told_is_on_the_worklist(door: Door) -> None:  # M-ID-05
    home = await at_home(door.bench)
    await rejected(home)
    (item,) = (await door.get("clerk", "/v1/worklist")).json()["items"]
    assert (item["kind"], item["due_on"], item["is_overdue"]) == ("tell_rejection", "2024-05-27", False)
    await door.bench.run(TellRejection(identification_id=home.identification_id, channel="visit"), committee)
    assert (await door.get("clerk", "/v1/worklist")).json()["items"] == []


async def test_rent_and_subsidy_are_seen_with_where_they_came_from(door: Door) -> None:
    home = await at_home(door.bench)
    project, asset = new_id(), new_id()
    common = {"line_id": new_id(), "document_id": new_id(), "household_id": home.household_id}
    paid = {
        **common,
        "event_type": funds.HouseholdSubsidyDisbursed.wire_type(),
        "project_id": project,
        "kind": "transfer",
        "amount": "800.00",
        "paid_on": "2024-05-17",
    }
    rent = {
        **common,
        "line_id": new_id(),
        "event_type": assets.IncomeDistributedToHousehold.wire_type(),
        "asset_id": asset,
        "kind": "property",
        "amount": "256.40",
        "paid_on": "2024-05-18",
    }
    for each in (paid, rent):
        await door.bench.run(RecordReceipt.model_validate(each), SYSTEM)
    path = f"/v1/households/{home.household_id}/income-entries"
    seen = (await door.get("committee", path, **{"from": "2024-05-01", "to": "2024-05-31"})).json()
    assert [(each["month"], each["kind"], each["amount"]) for each in seen["months"]] == [
        ("2024-05", "property", "256.40"),
        ("2024-05", "transfer", "800.00"),
    ]
    sources = {entry["kind"]: entry["source"] for entry in seen["entries"]["items"]}
    assert sources["transfer"]["project_id"] == str(project)
    assert (sources["property"]["asset_id"], sources["property"]["event_type"]) == (
        str(asset),
        "assets.income.distributed_to_household.v1",
    )
    total = (await door.get("bureau", "/v1/receipts/total", asset_id=str(asset))).json()
    assert total == {"households": 1, "lines": 1, "amount": "256.40", "returned": "0.00"}
    lines = (await door.get("bureau", "/v1/receipts", project_id=str(project))).json()["items"]
    assert [line["household_id"] for line in lines] == [str(home.household_id)]
    assert (await door.get("foreign", path, **{"from": "2024-05-01", "to": "2024-05-31"})).status_code == 404


async def test_the_episode_and_its_plan_are_shown(door: Door) -> None:
    home = await at_home(door.bench)
    await home.enrolled()
    await home.planned()
    (episode,) = (await door.get("committee", f"/v1/households/{home.household_id}/episodes")).json()
    assert (episode["kind_zh"], episode["risks"]) == ("边缘易致贫户", ["ILLNESS"])
    assert episode["snapshots"][0]["per_capita"] == "5000.00"
    measures = (await door.get("committee", f"/v1/households/{home.household_id}/measures")).json()
    assert [(each["kind_zh"], each["state"]) for each in measures] == [("医疗减负", "PLANNED"), ("产业发展", "PLANNED")]
    kinds = await door.http.get("/v1/measure-kinds")
    assert len(kinds.json()) == 10
    ending = await proposed(home)
    shown = (await door.get("committee", f"/v1/eliminations/{ending.elimination_id}")).json()
    assert (shown["state"], shown["mode"], shown["look_backs"]) == ("PROPOSED", "by_assistance", [])
    (listed,) = (await door.get("clerk", f"/v1/households/{home.household_id}/identifications")).json()
    assert listed["state_zh"] == "已定帮扶计划"
    (pairing,) = (await door.get("clerk", f"/v1/households/{home.household_id}/helpers")).json()
    assert pairing["is_primary"] is True


async def test_the_bulletin_shows_the_notice_to_everybody(door: Door) -> None:
    home = await at_home(door.bench)
    await home.checked()
    await home.reviewed()
    path = f"/v1/identifications/{home.identification_id}"
    posted = await take(door, "committee", path, "publicise", {"contact": "村委会公示栏"})
    assert (posted.status_code, posted.json()["result"]["notice_until"]) == (200, "2024-05-25")
    (hanging,) = (await door.http.get("/v1/notices", params={"area_code": VILLAGE})).json()["items"]
    assert set(hanging["content"]) == {"title", "village", "group", "persons", "head", "kind", "contact"}
