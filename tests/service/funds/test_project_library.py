"""The way of a project into the library, on real PostgreSQL: desks, notices, objections, revisions, ways out."""

from collections.abc import Awaitable
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.funds.commands.projects import EnterProject, ReviseProject
from shared.cases.commands import FileObjection, ResolveObjection, TakeStep
from shared.kernel.errors import Forbidden, Invalid, NotFound, Problem, Refused
from shared.kernel.roles import Role
from shared.testing.services import person
from tests.service.funds.county import (
    APPRAISAL,
    ELSEWHERE,
    MEETING,
    NEXT_VILLAGE,
    RESOLUTION,
    SITE_CHECK,
    VILLAGE,
    County,
    bureau_clerk,
    bureau_head,
    entry,
    finance_reviewer,
    group,
    sector,
    town_clerk,
    town_leader,
    village,
)

pytestmark = pytest.mark.asyncio


async def refused(attempt: Awaitable[object]) -> Problem:
    with pytest.raises(Problem) as caught:
        await attempt
    return caught.value


async def test_a_project_goes_the_whole_way_and_the_library_is_announced(county: County) -> None:
    """Scenario 1; three publicities and one announcement (§1.5)."""
    project = await county.in_library()

    assert await county.state(project) == "IN_LIBRARY"
    notices = await county.look(
        "SELECT level, permanent, closed_on IS NULL AS running, content->>'planned_total' AS total FROM case_notice"
        " ORDER BY posted_on",
    )
    assert [(row["level"], row["permanent"], row["running"]) for row in notices] == [
        ("village", False, False),
        ("township", False, False),
        ("county", False, False),
        ("county", True, True),
    ]
    assert {row["total"] for row in notices} == {"500000.00"}
    (told,) = await county.events("funds.project.entered_library")
    assert told["planned_total"] == "500000.00"
    assert told["villages"] == [VILLAGE]
    assert (told["households"], told["persons"]) == (60, 150)
    (row,) = await county.look("SELECT * FROM project WHERE id = $1", project)
    assert (row["village_version"], row["township_version"], row["county_version"]) == (1, 1, 1)
    assert row["entered_on"] == date(2023, 2, 5)


@pytest.mark.parametrize(
    ("entitled", "present", "in_favour", "code"),
    [
        pytest.param(17, 12, 7, None, id="1: 12 of 17 present, 7 in favour"),
        pytest.param(17, 11, 11, "QUORUM", id="2: 11 of 17 present"),
        pytest.param(17, 12, 6, "MAJORITY", id="2: 6 of 12 in favour"),
    ],
)
async def test_the_representatives_decide_by_quorum_and_majority(
    county: County, entitled: int, present: int, in_favour: int, code: str | None
) -> None:
    await county.adopt_rules("F-1.5-2")
    project = await county.enter()
    form = RESOLUTION | {"entitled": entitled, "present": present, "in_favour": in_favour}
    attempt = county.take(village, "project", project, "resolve", "resolution_minutes", form=form)
    if code is None:
        assert (await attempt).state == "VILLAGE_RESOLVED"
    else:
        assert (await refused(attempt)).code == code
        assert await county.state(project) == "DRAFT"


async def test_a_limit_that_nobody_adopted_warns_as_not_verified(county: County) -> None:
    """Architecture §6: [M] limits ship as warnings labelled 未核实."""
    project = await county.enter()
    minutes = await county.bench.evidence(village, VILLAGE, "resolution_minutes")
    form = RESOLUTION | {"present": 11, "in_favour": 11}
    command = TakeStep(workflow="funds.project", subject_id=project, step="resolve", form=form, evidence=minutes)
    outcome = await county.run(command, village)

    assert outcome.result["state"] == "VILLAGE_RESOLVED"
    (warning,) = outcome.warnings
    assert warning["code"] == "QUORUM"
    assert warning["zh"].startswith("未核实：")


async def test_a_notice_runs_its_full_days(county: County) -> None:
    """Scenario 3, Zeku's notice: begun on 2023-06-09 with ten days it is left on 06-20, not on 06-19."""
    county.bench.clock.set(datetime(2023, 6, 9, 2, tzinfo=UTC))
    project = await county.enter()
    await county.take(village, "project", project, "resolve", "resolution_minutes", form=RESOLUTION)
    await county.take(village, "project", project, "post_in_village")
    await county.photograph(village, project)
    county.bench.clock.forward(days=10)  # today is 06-19
    await county.photograph(village, project)

    early = await refused(county.take(village, "project", project, "apply", "application_form"))
    assert early.code == "PUBLICITY_RUNNING"
    assert early.violations[0].facts["earliest"] == "2023-06-20"

    county.bench.clock.forward(days=1)
    assert (await county.take(village, "project", project, "apply", "application_form")).state == "TOWNSHIP_REVIEW"


async def test_an_open_objection_blocks_until_it_is_answered(county: County) -> None:
    """Scenario 4."""
    project = await county.enter()
    await county.take(village, "project", project, "resolve", "resolution_minutes", form=RESOLUTION)
    await county.take(village, "project", project, "post_in_village")
    villager = person("villager", VILLAGE, Role.HOUSEHOLD)
    case = await county.case_id(project)
    filed = await county.run(FileObjection(case_id=case, channel="written", wording="选址占用林地"), villager)
    await county.hang(village, project)

    blocked = await refused(county.take(village, "project", project, "apply", "application_form"))
    assert blocked.code == "OPEN_OBJECTION"

    answer = ResolveObjection(objection_id=UUID(filed.result["id"]), upheld=False, reply="已核实，不占林地")
    await county.run(answer, town_clerk)
    assert (await county.take(village, "project", project, "apply", "application_form")).state == "TOWNSHIP_REVIEW"


async def test_more_monitored_households_than_households_are_invalid(county: County) -> None:
    """Scenario 11, with the field it is about; nothing is stored."""
    benefit = {"households": 4, "persons": 12, "monitored_households": 5, "monitored_persons": 9}
    command = EnterProject.model_validate({"area_code": VILLAGE, "content": entry(benefit=benefit)})
    with pytest.raises(Invalid) as caught:
        await county.run(command, village)
    assert caught.value.violations[0].code == "BENEFIT_NUMBERS"
    assert caught.value.violations[0].field == "/content/benefit/monitored_households"
    assert await county.look("SELECT 1 FROM project") == []


async def test_a_village_has_one_project_of_a_name_in_a_year(county: County) -> None:
    """§1.2: width, blanks and punctuation do not make another name; a rejected project frees it."""
    first = await county.enter(entry("大同镇八井子村冷棚育苗基地建设"))
    again = entry("大同镇八井子村 冷棚育苗基地（建设）")
    command = EnterProject.model_validate({"area_code": VILLAGE, "content": again})
    assert (await refused(county.run(command, village))).code == "DUPLICATE_PROJECT"

    await county.enter(again | {"plan_year": 2024})
    await county.take(village, "project", first, "withdraw", reason="重复申报")
    await county.enter(again)


async def test_the_register_must_know_the_beneficiaries(county: County) -> None:
    """§1.5 step 5: benefit numbers are reconciled with the monitoring register, by two persons of the township."""
    project = await county.enter()
    await county.take(village, "project", project, "resolve", "resolution_minutes", form=RESOLUTION)
    await county.take(village, "project", project, "post_in_village")
    await county.hang(village, project)
    await county.take(village, "project", project, "apply", "application_form")

    fewer = SITE_CHECK | {"monitored_households": 4}
    differ = await refused(county.take(town_clerk, "project", project, "check_on_site", "site_check", form=fewer))
    assert differ.code == "BENEFICIARIES_DIFFER"
    assert differ.violations[0].facts["differences"] == {"monitored_households": {"entry": 5, "register": 4}}

    unchecked = await refused(county.take(town_leader, "project", project, "approve_township"))
    assert {violation.code for violation in unchecked.violations} == {"MARKS_MISSING", "REGISTER_NOT_COMPARED"}

    await county.take(town_clerk, "project", project, "check_on_site", "site_check", form=SITE_CHECK)
    assert (await county.take(town_leader, "project", project, "approve_township")).state == "TOWNSHIP_PUBLICITY"


async def test_an_office_building_is_blocked_and_no_leader_lets_it_pass(county: County) -> None:
    """Scenario 7: NL04, whatever reason is given; a new version of the rule is what it takes."""
    project = await county.enter(entry("大同镇八井子村村部办公楼", category="030109", economic_classes=["50301"]))
    await county.to_county(project)
    await county.take(sector, "project", project, "appraise", "appraisal_opinion", form=APPRAISAL)
    form = {"goals_agreed": True, "accepted_warnings": {"NL04": "领导同意"}}
    blocked = await refused(county.take(bureau_head, "project", project, "finish_county_review", form=form))

    assert isinstance(blocked, Refused)
    assert [violation.code for violation in blocked.violations] == ["NEGATIVE_LIST"]
    (verdict,) = blocked.violations[0].facts["verdicts"]
    assert verdict == {"rule_id": "NL04", "version": 1, "verdict": "block", "evidence": ["办公楼", "50301"]}
    assert "新版本" in blocked.violations[0].remedy_zh


async def test_a_warning_needs_a_reason_that_is_kept_with_the_rules_version(county: County) -> None:
    """§1.7: linkage money for a clinic is NL12, which nobody has adopted here; a reviewer answers for it."""
    project = await county.enter(entry("大同镇八井子村卫生室标准化建设", category="030302"))
    await county.to_county(project)
    await county.take(sector, "project", project, "appraise", "appraisal_opinion", form=APPRAISAL)
    silent = await refused(
        county.take(bureau_clerk, "project", project, "finish_county_review", form={"goals_agreed": True})
    )
    assert silent.code == "WARNING_UNANSWERED"

    form = {"goals_agreed": True, "accepted_warnings": {"NL12": "省定例外"}}
    await county.take(bureau_clerk, "project", project, "finish_county_review", form=form)
    assert await county.state(project) == "COUNTY_REVIEW"  # finance signs too
    await county.take(finance_reviewer, "project", project, "finish_county_review", form=form)
    assert await county.state(project) == "LG_PENDING"
    kept = await county.look("SELECT rule_id, rule_version, verdict, reason FROM project_verdict ORDER BY rule_id")
    assert [tuple(row) for row in kept if row["verdict"] != "pass"] == [("NL12", 1, "warn", "省定例外")]
    assert {tuple(row) for row in kept if row["rule_id"] in ("NL01", "NL22")} == {
        ("NL01", 1, "pass", ""),
        ("NL22", 1, "pass", ""),
    }


async def test_an_industry_project_needs_its_benefit_linkage(county: County) -> None:
    project = await county.enter(entry(linkage=[], linkage_detail=""))
    await county.to_county(project)
    await county.take(sector, "project", project, "appraise", "appraisal_opinion", form=APPRAISAL)
    missing = await refused(
        county.take(bureau_clerk, "project", project, "finish_county_review", form={"goals_agreed": True})
    )
    assert missing.code == "LINKAGE_MISSING"


async def test_an_entry_of_the_same_content_has_to_be_explained(county: County) -> None:
    """Step 8, NL20: the same village and content in the last five years."""
    older = await county.enter(entry("大同镇八井子村育苗棚2022", plan_year=2022, content="冷棚40栋"))
    project = await county.enter(entry(content="冷棚 40 栋"))
    await county.to_county(project)
    await county.take(sector, "project", project, "appraise", "appraisal_opinion", form=APPRAISAL)
    suspected = await refused(
        county.take(bureau_clerk, "project", project, "finish_county_review", form={"goals_agreed": True})
    )
    assert suspected.code == "DUPLICATE_SUSPECTED"
    assert suspected.violations[0].facts["projects"] == [str(older)]

    form = {"goals_agreed": True, "cleared_duplicates": {str(older): "二期工程"}}
    await county.take(bureau_clerk, "project", project, "finish_county_review", form=form)


@pytest.mark.parametrize(
    ("amount", "state"),
    [
        pytest.param("550000.00", "IN_LIBRARY", id="6: ten percent more, the notices stand"),
        pytest.param("550000.01", "TOWNSHIP_PUBLICITY", id="6: one fen beyond, back to the township"),
        pytest.param("449999.99", "TOWNSHIP_PUBLICITY", id="less by more than ten percent, likewise"),
    ],
)
async def test_a_changed_amount_hangs_again_beyond_ten_percent(county: County, amount: str, state: str) -> None:
    project = await county.in_library()
    command = ReviseProject.model_validate(
        {"project_id": project, "content": entry(amount=amount), "based_on": 1, "reason": "概算调整"}
    )
    outcome = await county.run(command, bureau_head)

    assert outcome.result["version_no"] == 2
    assert outcome.result["state"] == state == await county.state(project)
    assert outcome.result["changed"] == ["funding"]
    versions = await county.look("SELECT version_no, content->'funding'->0->>'amount' AS amount FROM project_version")
    assert {row["version_no"]: row["amount"] for row in versions} == {1: "500000.00", 2: amount}


async def test_many_small_changes_are_measured_against_what_hung(county: County) -> None:
    """§1.6: 500 000 → 550 000 stands; → 600 000 is 20 % of what hung, though only 9 % of the last version."""
    project = await county.in_library()
    for number, (amount, state) in enumerate([("550000.00", "IN_LIBRARY"), ("600000.00", "TOWNSHIP_PUBLICITY")], 1):
        command = {"project_id": project, "content": entry(amount=amount), "based_on": number, "reason": "概算调整"}
        outcome = await county.run(ReviseProject.model_validate(command), bureau_head)
        assert outcome.result["state"] == state


async def test_a_new_place_hangs_again_from_the_village_on(county: County) -> None:
    project = await county.in_library()
    places = [{"village": NEXT_VILLAGE, "share_ppm": 1_000_000, "village_type": "out_of_poverty"}]
    command = {"project_id": project, "content": entry(places=places), "based_on": 1, "reason": "选址调整"}
    assert (await county.run(ReviseProject.model_validate(command), bureau_head)).result["state"] == "DRAFT"


async def test_a_small_amendment_is_a_clerks_work_and_a_large_one_a_heads(county: County) -> None:
    project = await county.in_library()
    command = {"project_id": project, "content": entry(amount="600000.00"), "based_on": 1, "reason": "概算调整"}
    attempt = county.run(ReviseProject.model_validate(command), bureau_clerk)
    assert isinstance(await refused(attempt), Forbidden)


async def test_a_revision_is_based_on_the_newest_version(county: County) -> None:
    project = await county.enter()
    first = {"project_id": project, "content": entry(priority=1), "based_on": 1, "reason": "调整排序"}
    await county.run(ReviseProject.model_validate(first), village)
    second = first | {"content": entry(priority=2)}
    assert (await refused(county.run(ReviseProject.model_validate(second), village))).code == "STALE_VERSION"


async def test_a_returned_project_goes_on_where_its_notices_stand(county: County) -> None:
    """§1.5 r: without a change the village notice stands; with other beneficiaries it does not."""
    project = await county.enter()
    await county.to_county(project)
    await county.take(sector, "project", project, "send_back", reason="补充概算")
    changed = entry() | {"benefit": entry()["benefit"] | {"households": 61, "persons": 152}}
    command = {"project_id": project, "content": changed, "based_on": 1, "reason": "核实受益户"}
    await county.run(ReviseProject.model_validate(command), village)

    stays = await refused(county.take(village, "project", project, "resubmit_to_township"))
    assert stays.code == "REPUBLICITY_NEEDED"
    assert stays.violations[0].facts["level"] == "village"

    back = {"project_id": project, "content": entry(), "based_on": 2, "reason": "恢复原方案"}
    await county.run(ReviseProject.model_validate(back), village)
    assert (await county.take(village, "project", project, "resubmit_to_township")).state == "TOWNSHIP_REVIEW"


async def test_the_county_may_publish_before_the_leading_group_decides(county: County) -> None:
    """§1.5: the order is a setting, both guards stay."""
    await county.adopt({"project.county_publicity_before_decision": "on"})
    project = await county.enter()
    await county.to_county(project)
    await county.review_in_county(project)
    assert await county.state(project) == "EARLY_COUNTY_PUBLICITY"
    await county.hang(bureau_head, project)
    await county.take(bureau_clerk, "project", project, "list_for_meeting")
    without = await refused(county.take(group, "project", project, "enter_library", "meeting_minutes"))
    assert without.code == "MEETING_NOT_RECORDED"
    await county.take(group, "project", project, "enter_library", "meeting_minutes", form={"meeting": MEETING})
    assert await county.state(project) == "IN_LIBRARY"


async def test_a_sector_applies_for_what_it_runs_for_the_county(county: County) -> None:
    """§1.5 step 1: county-run projects begin at the sector's desk; a village's project does not."""
    content = entry("大同区2023年雨露计划补助", category="050201", is_household_project=True, linkage=[])
    project = await county.county_run(content)
    assert await county.state(project) == "IN_LIBRARY"

    own = await county.enter()
    refusal = await refused(county.take(sector, "project", own, "apply_for_county", "application_form"))
    assert refusal.code == "NOT_COUNTY_RUN"


async def test_a_county_does_not_see_another_countys_projects(county: County) -> None:
    """A foreign area is as if it were not there."""
    project = await county.in_library()
    stranger = person("stranger", ELSEWHERE, Role.BUREAU_LEADER, Role.LEADING_GROUP)
    form = {"exit_reason": "E02", "document_no": "某文〔2023〕1号"}
    attempt = county.take(stranger, "project", project, "exit", "decision_document", form=form, reason="无需求")
    assert isinstance(await refused(attempt), NotFound)


async def test_a_project_that_leaves_the_library_says_why(county: County) -> None:
    """§1.6: a decision document and a reason; its name is free again."""
    project = await county.in_library()
    form = {"exit_reason": "E03", "document_no": "同农组发〔2023〕5号"}
    await county.take(group, "project", project, "exit", "decision_document", form=form, reason="用地未落实")
    (told,) = await county.events("funds.project.exited_library")
    assert (told["reason"], told["document_no"]) == ("E03", "同农组发〔2023〕5号")
    assert await county.state(project) == "EXITED"
    await county.enter()


async def test_a_notice_shows_no_personal_data(county: County) -> None:
    """M-PI-06: the entry is refused a notice as long as its text names a person's number."""
    project = await county.enter(entry(content="联系人13812345678"))
    await county.take(village, "project", project, "resolve", "resolution_minutes", form=RESOLUTION)
    attempt = county.take(village, "project", project, "post_in_village")
    assert (await refused(attempt)).code == "PERSONAL_DATA_IN_NOTICE"
    assert await county.look("SELECT 1 FROM case_notice") == []
