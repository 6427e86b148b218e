"""Disclosure (§6): each item prints exactly its template, no personal data hang, periods end, what is missing is found."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.funds.checks.disclosure import DISCLOSURE_CHECKS
from services.funds.commands.disclosures import ProveDisclosure, PublishDisclosure, WithdrawDisclosure
from services.funds.service import SERVICE
from shared.checks.policy import Policy
from shared.checks.run import run_check
from shared.kernel.actors import SYSTEM, Actor
from tests.service.funds.county import (
    COUNTY,
    ELSEWHERE,
    PEOPLE,
    TOWN,
    VILLAGE,
    County,
    bureau_clerk,
    bureau_head,
    entry,
    finance_clerk,
    town_clerk,
    unit,
    village,
)
from tests.service.funds.door import open_door
from tests.service.funds.households import Households, id_number, line
from tests.service.funds.test_indicator_papers import CITY, approved_down, city_clerk, issue, received
from tests.service.funds.test_regimes import drafted, filed
from tests.service.funds.works import Works, refused

pytestmark = pytest.mark.asyncio

PHONE = {"disclosure.local_phone": "0459-6180000"}
MINOR = "230606201001010011"


async def publish(county: County, actor: Actor, item: str, area: str, subject: UUID | None, **more: Any) -> UUID:
    fields = {"area_code": area, "item": item, "subject_id": subject, **more}
    return UUID((await county.run(PublishDisclosure.model_validate(fields), actor)).result["id"])


async def fields_of(county: County) -> dict[str, list[str]]:
    return {row["code"]: row["fields"] for row in await county.look("SELECT code, fields FROM disclosure_item")}


async def content(county: County, disclosure: UUID) -> dict[str, Any]:
    (row,) = await county.look("SELECT content FROM disclosure WHERE id = $1", disclosure)
    found: dict[str, Any] = row["content"]
    return found


async def started(works: Works) -> UUID:
    """A contract, and the project under way by it."""
    await works.county.adopt(PHONE)
    contract = await works.contract("960000.00")
    assert await works.county.state(works.project) == "IMPLEMENTING"
    return contract


async def findings(county: County) -> dict[str, str]:
    """Open findings of FW27 after a run: item or snapshot → severity."""
    async with county.bench.database.write(SYSTEM) as tx:
        resources = county.bench.assembled.pipeline.resources
        policy = Policy(SERVICE.declared_parameters, resources.calendar)
        for check in DISCLOSURE_CHECKS:
            await run_check(tx.raw, check, now=county.bench.clock.now(), policy=policy)
        await tx.session.commit()
    rows = await county.look(
        "SELECT subject_key, severity FROM finding WHERE check_id LIKE 'funds-FW27%' AND closed_at IS NULL"
    )
    return {row["subject_key"]: row["severity"] for row in rows}


async def test_each_item_of_a_project_prints_exactly_its_template(works: Works) -> None:
    county = works.county
    contract = await started(works)
    catalogue = await fields_of(county)
    made = {
        "county.library_entry": await publish(county, bureau_clerk, "county.library_entry", COUNTY, works.project),
        "township.approved": await publish(county, town_clerk, "township.approved", TOWN, works.project),
        "village.before_start": await publish(county, village, "village.before_start", VILLAGE, works.project),
        "unit.site_board": await publish(county, unit, "unit.site_board", COUNTY, works.project),
    }
    early = PublishDisclosure(area_code=TOWN, item="township.completed", subject_id=works.project)
    assert (await refused(county.run(early, town_clerk))).code == "NOT_YET_SO"
    await works.certify(contract, "500000.00")
    await works.pay(contract, "progress", "100000.00")
    await works.complete(contract)
    given = {"linkage_achieved": "带动60户", "remark": "无"}
    made |= {
        "county.completion": await publish(
            county, bureau_clerk, "county.completion", COUNTY, works.project, given=given
        ),
        "township.completed": await publish(county, town_clerk, "township.completed", TOWN, works.project),
        "village.completed": await publish(
            county, bureau_clerk, "village.completed", VILLAGE, works.project, given={"result": "已建成40栋"}
        ),
    }
    for item, disclosure in made.items():
        assert set(await content(county, disclosure)) == set(catalogue[item]), item
    assert await content(county, made["county.completion"]) == {
        "name": "大同镇八井子村冷棚育苗基地建设",
        "township": ["黑龙江省大庆市大同区大同镇"],
        "places": [VILLAGE],
        "content": "建设内容：大同镇八井子村冷棚育苗基地建设",
        "completed_on": "2023-02-05",
        "money_used": "100000.00",
        "goals_met": ["建成冷棚 未填报/40 栋"],
        "linkage_achieved": "带动60户",
        "remark": "无",
    }
    events = await county.events("funds.disclosure.published")
    assert len(events) == len(made)
    assert events[0].keys() >= {"disclosure_id", "content_hash", "from_on", "level", "subject_kind"}


async def test_a_plan_and_its_quarter_print_their_templates(works: Works) -> None:
    county = works.county
    (plan,) = await county.look("SELECT id FROM plan")
    fields = {"area_code": COUNTY, "item": "county.fund_plan", "subject_id": plan["id"]}
    unknown = await refused(county.run(PublishDisclosure.model_validate(fields), finance_clerk))
    assert "disclosure.local_phone" in str(unknown.violations[0].facts)  # policy states it, nobody guesses a phone
    await county.adopt(PHONE)
    text = await content(county, await publish(county, finance_clerk, "county.fund_plan", COUNTY, plan["id"]))
    assert text["sources"] == [
        {"level": "中央", "fund": FUND_NAME, "amount": "600000.00"},
        {"level": "县级", "fund": FUND_NAME, "amount": "400000.00"},
    ]
    assert (text["total"], text["supervision_phone"], text["local_phone"]) == ("1000000.00", "12317", "0459-6180000")
    assert [project["amount"] for project in text["projects"]] == ["1000000.00"]
    assert set(text) == set((await fields_of(county))["county.fund_plan"])
    quarter = PublishDisclosure(area_code=COUNTY, item="county.implementation", subject_id=plan["id"], period="2023-Q1")
    assert (await refused(county.run(quarter, finance_clerk))).code == "NOT_YET_SO"
    county.bench.clock.forward(days=60)
    told = await content(county, UUID((await county.run(quarter, finance_clerk)).result["id"]))
    assert (told["planned_total"], told["allocated_total"], told["paid_total"]) == ("1000000.00", "1000000.00", "0.00")


FUND_NAME = "衔接推进乡村振兴补助资金（巩固拓展脱贫攻坚成果和乡村振兴任务）"


@pytest.mark.parametrize(
    ("planted", "kind"),
    [
        (f"联系人身份证{id_number(7)}", "id_number"),
        ("电话１３８００００１２３４", "phone"),
        ("账号6228 4800 0000 0000 123", "bank_card"),
        ("户主系肢体三级", "disability"),
        ("因尿毒症致贫", "disease"),
    ],
)
async def test_personal_data_in_free_text_never_hang(works: Works, planted: str, kind: str) -> None:
    """M-PI-06, A22."""
    county = works.county
    given = {
        "year": "2023",
        "title": "专项审计",
        "findings": planted,
        "rectification": "已整改",
        "closed_on": "2023-02-01",
    }
    fields = {"area_code": COUNTY, "item": "county.audit_findings", "period": "2023", "given": given}
    problem = await refused(county.run(PublishDisclosure.model_validate(fields), bureau_clerk))
    assert [(v.code, v.field, v.facts["kind"]) for v in problem.violations] == [
        ("PERSONAL_DATA_IN_NOTICE", "/findings", kind)
    ]
    assert planted not in str(problem.violations)
    assert await county.look("SELECT FROM disclosure") == []


async def test_who_may_not_publish_does_not(works: Works) -> None:
    county = works.county
    item = PublishDisclosure(area_code=COUNTY, item="county.library_entry", subject_id=works.project)
    assert (await refused(county.run(item, unit))).kind == "forbidden"
    board = PublishDisclosure(area_code=TOWN, item="village.before_start", subject_id=works.project)
    assert (await refused(county.run(board, town_clerk))).code == "DISCLOSURE_LEVEL"
    other = PublishDisclosure(area_code="230606100201", item="township.approved", subject_id=works.project)
    assert (await refused(county.run(other, village))).kind == "not_found"


async def test_a_household_list_shows_names_and_amounts_and_ends(households: Households, tmp_path: Path) -> None:
    county = households.county
    await county.adopt(PHONE)
    lines = [line(1, "3000.00"), line(2, "2000.00", id_number=MINOR, person_name="王小某")]
    batch = await households.make(lines, "5000.00")
    await households.hang(batch)
    unnamed = PublishDisclosure(area_code=VILLAGE, item="village.household_list", subject_id=batch)
    problem = await refused(county.run(unnamed, town_clerk))
    assert (problem.code, problem.violations[0].facts) == ("GUARDIAN_REQUIRED", {"lines": [2]})
    guardians = [{"seq": 2, "name": "李某某"}]
    posted = await publish(county, town_clerk, "village.household_list", VILLAGE, batch, guardians=guardians)
    (row,) = await county.look("SELECT content, row_to_json(disclosure)::text AS whole FROM disclosure")
    assert row["content"] is None
    assert "李某某" not in row["whole"]
    async with open_door(county, PEOPLE, tmp_path) as door:
        shown = (await door.http.get(f"/v1/public/disclosures/{posted}")).json()
        assert shown["content"]["lines"] == [
            {"name": "王某", "amount": "3000.00"},
            {"name": "李某某", "amount": "2000.00"},
        ]
        assert set(shown["content"]) == set((await fields_of(county))["village.household_list"])
        assert id_number(1) not in str(shown)
        assert shown["until_on"] is not None
        listed = (await door.http.get("/v1/public/disclosures", params={"village": VILLAGE})).json()
        assert [each["id"] for each in listed["items"]] == [str(posted)]
        county.bench.clock.forward(days=12)
        assert (await door.http.get(f"/v1/public/disclosures/{posted}")).status_code == 404
        assert (await door.http.get("/v1/public/disclosures", params={"village": VILLAGE})).json()["items"] == []


async def test_what_is_due_and_missing_is_found_and_then_closed(works: Works) -> None:
    """FW27: absent after its day amber, much later red; hung too short red; a board without its last photo amber."""
    county = works.county
    await started(works)
    assert await findings(county) == {}
    county.bench.clock.forward(days=30)
    project, found = str(works.project), await findings(county)
    due = {key.split("/")[0]: severity for key, severity in found.items()}
    assert {item for item, severity in due.items() if severity == "amber"} >= {
        "county.fund_plan",
        "village.before_start",
        "unit.site_board",
    }
    assert f"village.before_start/{project}/{VILLAGE}/" in found
    board = await publish(county, village, "village.before_start", VILLAGE, works.project)
    assert f"village.before_start/{project}/{VILLAGE}/" not in await findings(county)
    county.bench.clock.forward(days=11)
    assert (await findings(county))[str(board)] == "amber"
    (photo,) = await county.bench.evidence(village, VILLAGE, "notice_photo")
    await county.run(ProveDisclosure(disclosure_id=board, evidence_id=photo), village)
    assert str(board) not in await findings(county)
    again = await publish(county, village, "village.before_start", VILLAGE, works.project)
    await county.run(WithdrawDisclosure(disclosure_id=again, reason="内容有误"), bureau_head)
    assert (await findings(county))[str(again)] == "red"
    county.bench.clock.forward(days=60)
    late = {key.split("/")[0]: severity for key, severity in (await findings(county)).items()}
    assert late["county.library_entry"] == "red"


async def test_a_withdrawn_snapshot_is_gone_and_another_county_sees_no_proofs(works: Works, tmp_path: Path) -> None:
    county = works.county
    posted = await publish(county, bureau_clerk, "county.library_entry", COUNTY, works.project)
    elsewhere = WithdrawDisclosure(disclosure_id=posted, reason="试")
    stranger = Actor(bureau_head.id, tuple(type(g)(g.role, type(g.area).parse(ELSEWHERE)) for g in bureau_head.grants))
    assert (await refused(county.run(elsewhere, stranger))).kind == "not_found"
    async with open_door(county, PEOPLE, tmp_path) as door:
        assert (await door.http.get(f"/v1/public/disclosures/{posted}")).status_code == 200
        await county.run(elsewhere, bureau_head)
        assert (await door.http.get(f"/v1/public/disclosures/{posted}")).status_code == 404


async def test_a_city_publishes_what_it_gave_each_county(county: County) -> None:
    parent = await received(county, "1000000.00")
    drafted = await approved_down(county, parent, (COUNTY, "400000.00"))
    item = PublishDisclosure(area_code=CITY, item="upper.allocation", subject_id=drafted)
    assert (await refused(county.run(item, city_clerk))).code == "NOT_YET_SO"
    await issue(county, drafted)
    text = await content(county, UUID((await county.run(item, city_clerk)).result["id"]))
    assert set(text) == set((await fields_of(county))["upper.allocation"])
    assert text["amounts"] == [{"area": "黑龙江省大庆市大同区", "amount": "400000.00"}]
    assert (text["total"], text["factors"], text["issued_on"]) == ("400000.00", [], "2023-01-03")
    (event,) = await county.events("funds.disclosure.published")
    assert (event["level"], event.get("until_on")) == ("city", None)


async def test_a_filed_integration_plan_tells_what_it_changed(county: County) -> None:
    """§6: the plan and its changes, due with each filing; what is only drafted is nobody's to publish."""
    await county.adopt({"integration.regime": "INTEGRATED"})
    source = await county.indicator("500000.00", is_integratable=True)
    first, other = await county.in_library(), await county.in_library(entry("大同镇八井子村分拣中心"))
    plan = await drafted(county, {source: "500000.00"}, {first: "400000.00", other: "100000.00"})
    item = PublishDisclosure(area_code=COUNTY, item="county.integration_plan", subject_id=plan)
    assert (await refused(county.run(item, bureau_clerk))).code == "NOT_YET_SO"
    await filed(county, plan)
    county.bench.clock.forward(days=60)
    key = f"county.integration_plan/{plan}/{COUNTY}/"
    assert key in await findings(county)
    text = await content(county, UUID((await county.run(item, bureau_clerk)).result["id"]))
    assert set(text) == set((await fields_of(county))["county.integration_plan"])
    assert (text["total"], text["document_no"], text["changes"]) == ("500000.00", "同政备〔2023〕1号", [])
    assert [each["amount"] for each in text["sources"]] == ["500000.00"]
    assert key not in await findings(county)

    newer = await drafted(county, {source: "500000.00"}, {first: "500000.00"})
    await filed(county, newer)
    again = PublishDisclosure(area_code=COUNTY, item="county.integration_plan", subject_id=newer)
    text = await content(county, UUID((await county.run(again, bureau_clerk)).result["id"]))
    assert [each["amount"] for each in text["projects"]] == ["500000.00"]
    assert [(each["before"], each["after"]) for each in text["changes"]] == [
        ("400000.00", "500000.00"),
        ("100000.00", "0.00"),
    ]
