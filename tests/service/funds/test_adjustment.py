"""Dynamic adjustment of the library (domain-funds-assets §1.6): windows, urgent entries, exits with their records."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.funds.checks.library import LIBRARY_CHECKS
from services.funds.commands.projects import ReviseProject
from services.funds.commands.reserve import RollOver
from shared.cases.advance import StepTaken
from shared.cases.commands import FileObjection, ResolveObjection
from shared.checks.policy import Policy
from shared.checks.run import run_check
from shared.kernel.actors import SYSTEM
from shared.kernel.money import parse_wan
from shared.kernel.roles import Role
from shared.testing.services import person
from tests.service.funds.county import (
    COUNTY,
    FUND,
    RESOLUTION,
    SITE_CHECK,
    TOWN,
    VILLAGE,
    County,
    bureau_clerk,
    bureau_head,
    entry,
    group,
    town_clerk,
    town_leader,
    village,
)
from tests.service.funds.door import Door
from tests.service.funds.works import refused

pytestmark = pytest.mark.asyncio

DECISION = "同农组发〔2023〕5号"


async def standing(county: County, check_id: str) -> list[dict[str, Any]]:
    """What a check of the library finds today."""
    (check,) = (each for each in LIBRARY_CHECKS if each.id == check_id)
    resources = county.bench.assembled.pipeline.resources
    policy = Policy(resources.parameters, resources.calendar)
    async with county.bench.database.write(SYSTEM) as tx:
        await run_check(tx.raw, check, now=county.bench.clock.now(), policy=policy)
        rows = await tx.raw.fetch("SELECT facts FROM finding WHERE check_id = $1 AND closed_at IS NULL", check_id)
    return [dict(row["facts"]) for row in rows]


async def leave(county: County, project: UUID, reason: str, **form: Any) -> StepTaken:
    given = {"exit_reason": reason, "document_no": DECISION} | form
    return await county.take(group, "project", project, "exit", "decision_document", form=given, reason="调整出库")


async def reopen(county: County, project: UUID) -> Any:
    content = entry(amount="600000.00")
    command = {"project_id": project, "content": content, "based_on": 1, "reason": "概算调整"}
    return await county.run(ReviseProject.model_validate(command), bureau_head)


async def hung_in_township(county: County, project: UUID) -> None:
    """From the draft to the end of the township's notice."""
    await county.take(village, "project", project, "resolve", "resolution_minutes", form=RESOLUTION)
    await county.take(village, "project", project, "post_in_village")
    await county.hang(village, project)
    await county.take(village, "project", project, "apply", "application_form")
    await county.take(town_clerk, "project", project, "check_on_site", "site_check", form=SITE_CHECK)
    await county.take(town_leader, "project", project, "approve_township")
    await county.hang(town_leader, project)


async def test_the_county_takes_lists_and_changes_in_its_windows_only(county: County) -> None:
    """§1.6: the township sends in the window; so does a change that has to hang again; small ones wait for nothing."""
    older = await county.in_library()
    project = await county.enter(entry("大同镇八井子村育苗棚二期"))
    await hung_in_township(county, project)
    await county.adopt({"library.windows": "07-01..07-31,12-20..01-05"})

    closed = await refused(county.take(town_leader, "project", project, "send_to_county"))
    assert (closed.code, closed.violations[0].facts["windows"]) == (
        "WINDOW_CLOSED",
        ["07-01..07-31", "12-20..01-05"],
    )
    assert (await refused(reopen(county, older))).code == "WINDOW_CLOSED"
    small = {"project_id": older, "content": entry(amount="550000.00"), "based_on": 1, "reason": "概算调整"}
    assert (await county.run(ReviseProject.model_validate(small), bureau_clerk)).result["state"] == "IN_LIBRARY"

    county.bench.clock.set(datetime(2023, 7, 31, 2, tzinfo=UTC))
    assert (await county.take(town_leader, "project", project, "send_to_county")).state == "COUNTY_APPRAISAL"


async def test_an_urgent_entry_comes_in_outside_the_window_with_shorter_notices(county: County) -> None:
    """§1.6: only where the county has said how short, at all three levels; else the notice runs its ten days."""
    await county.adopt({"library.windows": "12-01..12-31"})
    form = {"cause": "monitored_household"}
    waits = await county.enter()
    await county.take(
        town_leader, "project", waits, "declare_urgent", "urgency_basis", form=form, reason="监测户住房受损"
    )
    await county.take(village, "project", waits, "resolve", "resolution_minutes", form=RESOLUTION)
    assert str((await county.take(village, "project", waits, "post_in_village")).notice_until) == "2023-01-13"

    await county.adopt({f"publicity.min_days.{level}.urgent": "3 natural none" for level in ("village", "township")})
    await county.adopt({"publicity.min_days.county.urgent": "3 natural none"})
    project = await county.enter(entry("大同镇八井子村监测户危房抢修", quantities=[], goals=[]))
    await county.take(
        town_leader, "project", project, "declare_urgent", "urgency_basis", form=form, reason="监测户住房受损"
    )
    await county.take(village, "project", project, "resolve", "resolution_minutes", form=RESOLUTION)
    assert str((await county.take(village, "project", project, "post_in_village")).notice_until) == "2023-01-06"
    await county.hang(village, project, days=3)
    await county.take(village, "project", project, "apply", "application_form")
    await county.take(town_clerk, "project", project, "check_on_site", "site_check", form=SITE_CHECK)
    await county.take(town_leader, "project", project, "approve_township")
    await county.hang(town_leader, project, days=3)
    assert (await county.take(town_leader, "project", project, "send_to_county")).state == "COUNTY_APPRAISAL"


@pytest.mark.parametrize(
    ("form", "changed", "code"),
    [
        pytest.param(
            {"cause": "monitored_household"},
            {"benefit": {"households": 9, "persons": 20, "out_of_poverty_households": 9, "out_of_poverty_persons": 20}},
            "URGENCY_UNFOUNDED",
            id="nobody monitored benefits",
        ),
        pytest.param({"cause": "disaster"}, {}, "URGENCY_UNFOUNDED", id="a disaster without its document"),
        pytest.param({"cause": "disaster", "document_no": "同应急〔2023〕1号"}, {}, None, id="a disaster"),
    ],
)
async def test_urgency_has_a_cause_a_paper_and_a_reason(
    county: County, form: dict[str, str], changed: dict[str, Any], code: str | None
) -> None:
    project = await county.enter(entry(**changed))
    declare = ("project", project, "declare_urgent")
    bare = await refused(county.take(town_leader, *declare, form=form))
    assert {"EVIDENCE_MISSING", "REASON_REQUIRED"} <= {violation.code for violation in bare.violations}
    attempt = county.take(town_leader, *declare, "urgency_basis", form=form, reason="应急")
    if code is not None:
        assert (await refused(attempt)).code == code
        return
    await attempt
    again = await refused(county.take(bureau_head, *declare, "urgency_basis", form=form, reason="应急"))
    assert again.code == "URGENT_ALREADY"
    (row,) = await county.look("SELECT cause, document_no, grounds, complete_by::text FROM urgent_entry")
    assert tuple(row) == ("disaster", "同应急〔2023〕1号", "应急", "2023-02-02")


async def test_what_an_urgent_entry_left_out_is_made_good_in_time(county: County) -> None:
    """§1.6: goals and quantities may come later; overdue it is found, filled in it need not hang again."""
    project = await county.enter(entry(quantities=[], goals=[]))
    form = {"cause": "disaster", "document_no": "同应急〔2023〕1号"}
    await county.take(town_leader, "project", project, "declare_urgent", "urgency_basis", form=form, reason="水毁抢修")
    await county.to_county(project)
    await county.review_in_county(project)
    await county.decide(project)
    await county.hang(bureau_head, project)
    await county.take(bureau_head, "project", project, "enter_library")
    (found,) = await standing(county, "funds-urgent-open")
    assert found["complete_by"] == "2023-02-02"

    early = await refused(county.take(bureau_clerk, "project", project, "complete_urgent", "completion_papers"))
    assert (early.code, early.violations[0].facts["missing"]) == ("FIELDS_INCOMPLETE", ["goals", "quantities"])
    command = {"project_id": project, "content": entry(), "based_on": 1, "reason": "补齐建设规模和绩效目标"}
    revised = await county.run(ReviseProject.model_validate(command), bureau_clerk)
    assert (revised.result["state"], revised.result["changed"]) == ("IN_LIBRARY", ["quantities", "goals"])
    await county.take(bureau_clerk, "project", project, "complete_urgent", "completion_papers")
    assert await standing(county, "funds-urgent-open") == []
    again = await refused(county.take(bureau_clerk, "project", project, "complete_urgent", "completion_papers"))
    assert again.code == "NOTHING_OUTSTANDING"


async def test_an_exit_is_recorded_and_announced_with_the_adjusted_library(county: County, door: Door) -> None:
    """§1.6, E03: decision document, notice of exit, record; by HTTP the list of exits tells them."""
    project = await county.in_library()
    await leave(county, project, "E03")
    (row,) = await county.look("SELECT * FROM library_exit")
    assert (row["reason"], row["document_no"], row["planned_total_fen"], row["version_no"]) == (
        "E03",
        DECISION,
        50_000_000,
        1,
    )
    (notice,) = await county.look("SELECT content, permanent FROM case_notice WHERE state = 'EXITED'")
    assert notice["permanent"]
    assert notice["content"]["exit"] == {
        "reason": "E03",
        "wording": "用地、环保、许可或线路等实施条件丧失",
        "document_no": DECISION,
        "exited_on": "2023-02-05",
    }
    listed = (await door.get("auditor", "/v1/library-exits", area_code=COUNTY, reason="E03")).json()
    (shown,) = listed["items"]
    assert (shown["project_id"], shown["reason"], shown["reason_zh"], shown["planned_total"]) == (
        str(project),
        "E03",
        "用地、环保、许可或线路等实施条件丧失",
        "500000.00",
    )
    assert (await door.get("auditor", "/v1/library-exits", area_code=COUNTY, reason="E07")).json()["items"] == []


@pytest.mark.parametrize(
    ("reason", "form"),
    [
        pytest.param("E02", {}, id="E02 the need is gone"),
        pytest.param("E04", {"other_money": "彩票公益金"}, id="E04 done with other money"),
        pytest.param("E06", {"policy_basis": "财农〔2023〕19号"}, id="E06 policy changed"),
        pytest.param("E09", {}, id="E09 the unit withdrew"),
        pytest.param("E10", {}, id="E10 a disaster"),
        pytest.param("E11", {"households_left": 0}, id="E11 nobody benefits any more"),
    ],
)
async def test_a_reason_that_holds_takes_the_project_out(county: County, reason: str, form: dict[str, Any]) -> None:
    project = await county.in_library()
    assert (await leave(county, project, reason, **form)).state == "EXITED"
    assert [row["reason"] for row in await county.look("SELECT reason FROM library_exit")] == [reason]


async def test_a_reason_that_the_books_can_show_is_shown_by_them(county: County) -> None:
    """E04–E08, E11, E12: not on anybody's word."""
    project = await county.in_library()
    other = await county.enter(entry("大同镇八井子村育苗棚二期"))
    for reason, form in (
        ("E04", {}),
        ("E05", {}),
        ("E05", {"merged_into": str(project)}),
        ("E05", {"merged_into": str(other)}),
        ("E06", {}),
        ("E07", {}),
        ("E08", {}),
        ("E11", {"households_left": 60}),
        ("E12", {}),
    ):
        wrong = await refused(leave(county, project, reason, **form))
        assert (wrong.code, wrong.violations[0].rule) == ("EXIT_REASON", f"F-1.6-{reason}"), (reason, form)
    assert await county.look("SELECT 1 FROM library_exit") == []


async def test_an_upheld_objection_is_a_reason_to_leave(county: County) -> None:
    """E08: said against the village's notice, upheld, and found again when the leading group decides to take it out."""
    project = await county.enter()
    await county.take(village, "project", project, "resolve", "resolution_minutes", form=RESOLUTION)
    await county.take(village, "project", project, "post_in_village")
    villager = person("villager", VILLAGE, Role.HOUSEHOLD)
    case = await county.case_id(project)
    filed = await county.run(FileObjection(case_id=case, channel="written", wording="选址占用林地"), villager)
    answer = ResolveObjection(objection_id=UUID(filed.result["id"]), upheld=True, reply="属实，须另行选址")
    await county.run(answer, town_clerk)
    await county.hang(village, project)
    await county.take(village, "project", project, "apply", "application_form")
    await county.take(town_clerk, "project", project, "check_on_site", "site_check", form=SITE_CHECK)
    await county.take(town_leader, "project", project, "approve_township")
    await county.hang(town_leader, project)
    await county.take(town_leader, "project", project, "send_to_county")
    await county.review_in_county(project)
    await county.decide(project)
    await county.hang(bureau_head, project)
    await county.take(bureau_head, "project", project, "enter_library")
    assert (await leave(county, project, "E08")).state == "EXITED"


async def test_a_project_merges_into_another_of_the_library(county: County) -> None:
    """E05; and E12 where the village itself was merged into another."""
    project = await county.in_library()
    other = await county.in_library(entry("大同镇八井子村育苗棚二期"))
    await leave(county, project, "E05", merged_into=str(other))
    (row,) = await county.look("SELECT reason, merged_into FROM library_exit")
    assert tuple(row) == ("E05", other)

    async with county.bench.database.write(SYSTEM) as tx:
        await tx.raw.execute("DELETE FROM division WHERE code = $1", int(VILLAGE))
        sql = "INSERT INTO division VALUES ($1, '八井子村', 5, $2, 'village', '2012-01-01', '2023-01-31', ARRAY[$3::bigint])"
        await tx.raw.execute(sql, int(VILLAGE), int(TOWN), int(VILLAGE) + 1)
        await tx.session.commit()
    assert (await leave(county, other, "E12")).state == "EXITED"


async def test_after_three_plan_years_without_money_a_project_is_to_leave(county: County, door: Door) -> None:
    """E07: the wait is counted by the year's ends, found by a check, listed, and then a reason that holds."""
    project = await county.in_library()
    for year in (2023, 2024, 2025):
        assert await standing(county, "funds-library-waits") == []
        assert (await refused(leave(county, project, "E07"))).code == "EXIT_REASON"
        county.bench.clock.set(datetime(year, 12, 31, 2, tzinfo=UTC))
        await county.run(RollOver(area_code=COUNTY, year=year), bureau_head)
    (found,) = await standing(county, "funds-library-waits")
    assert (found["years_waiting"], found["proposed"]) == (3, "E07")
    listed = (await door.get("bureau_clerk", "/v1/reserve", area_code=COUNTY)).json()["items"]
    assert [(row["project_id"], row["years_waiting"], row["is_fresh"]) for row in listed] == [(str(project), 3, False)]

    await leave(county, project, "E07")
    (row,) = await county.look("SELECT reason, years_waiting FROM library_exit")
    assert tuple(row) == ("E07", 3)
    assert await standing(county, "funds-library-waits") == []


async def test_a_reserve_below_next_years_money_is_found(county: County, door: Door) -> None:
    """§1.6: Σ in the library ÷ money expected next year < 1.0 is 钱等项目; exactly enough is enough."""
    await county.in_library(entry(plan_year=2024, funding=[funded_in(2024)]))
    for amount, count in (("500000.01", 1), ("500000.00", 0)):
        body = {"area_code": COUNTY, "year": 2024, "amount": amount, "document_no": "同财农〔2023〕1号"}
        assert (await door.send("bureau_clerk", "/v1/planning-envelopes", body)).status_code == 201
        assert len(await standing(county, "funds-reserve-thin")) == count


def funded_in(year: int) -> dict[str, Any]:
    return {"year": year, "level": "central", "category": FUND, "amount": "500000.00"}


async def test_what_came_and_left_makes_what_is_left(county: County, door: Door) -> None:
    """The report of the year: beginning + ways in − exits by reason = end, projects and money."""
    stays = await county.in_library(entry(amount="300000.00"))
    gone = await county.in_library(entry("大同镇八井子村育苗棚二期"))
    publication = {
        "document_no": "同农组发〔2022〕18号",
        "place": "大同区人民政府网站",
        "hung_from": "2022-12-01",
        "hung_to": "2022-12-11",
        "announced_on": "2022-12-20",
    }
    listed = await county.enter(entry("大同镇八井子村育苗棚三期", amount="70000.00"))
    papers = ("published_library", "publication_proof")
    await county.take(bureau_head, "project", listed, "enter_published", *papers, form=publication)
    await leave(county, gone, "E02")
    assert await county.state(stays) == "IN_LIBRARY"

    asked = {"area_code": COUNTY, "period_start": "2023-01-01", "as_of": "2023-12-31"}
    shown = (await door.get("auditor", "/v1/report-kinds/library-adjustment/preview", **asked)).json()
    assert [row[:2] for row in shown["rows"]] == [
        ["期初在库", "0"],
        ["程序入库", "2"],
        ["应急入库", "0"],
        ["已公布项目库入库", "1"],
        ["出库 E02 需求已不存在", "1"],
        ["期末在库", "2"],
    ]
    money = [parse_wan(row[2]) if row[2] else 0 for row in shown["rows"]]
    assert money == [0, 80_000_000, 0, 7_000_000, 50_000_000, 37_000_000]
    assert money[0] + sum(money[1:4]) - money[4] == money[5]
