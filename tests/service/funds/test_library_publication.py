"""A library published elsewhere enters by its publication: one act of another person, one set of papers (§1.5, §1.6)."""

import time
from typing import Any

import httpx2
import pytest

from services.funds.checks.disclosure import DISCLOSURE_CHECKS
from services.funds.commands.projects import ReviseProject
from shared.checks.policy import Policy
from shared.checks.run import run_check
from shared.kernel.actors import SYSTEM
from tests.service.funds.county import COUNTY, FUND, County, bureau_clerk, bureau_head, entry
from tests.service.funds.door import Door
from tests.service.funds.test_library_import import send
from tests.service.funds.works import refused

pytestmark = pytest.mark.asyncio

PUBLICATION: dict[str, Any] = {
    "document_no": "同农组发〔2022〕18号",
    "place": "大同区人民政府网站 扶贫公示栏",
    "hung_from": "2022-12-01",
    "hung_to": "2022-12-11",
    "announced_on": "2022-12-20",
}
LIST = """项目类别,村,项目名称,建设内容,总投资（万元）,受益户数,受益人数,监测户数,监测人数
种植业基地,八井子村,育苗棚建设项目,冷棚十栋,12.5,20,50,2,5
种植业基地,八井子村,育苗棚二期建设项目,冷棚十栋,30,20,50,2,5
产业发展,八井子村,冷库建设项目,冷库一座,3,20,50,2,5
种植业基地,八井子村,村级债务项目,偿还村级债务,8,20,50,2,5
种植业基地,八井子村,育苗温室项目,联系人13812345678,8,20,50,2,5
"""


async def imported(door: Door, content: str = LIST) -> str:
    report = (await send(door, content.encode())).json()["result"]
    assert report["refused"] == report["waiting"] == 0, report
    return str(report["id"])


async def enter(
    county: County, door: Door, import_id: str, who: str = "bureau_head", **changed: Any
) -> httpx2.Response:
    files = await county.bench.evidence(bureau_head, COUNTY, "published_library", "publication_proof")
    body = PUBLICATION | {"evidence": [str(each) for each in files]} | changed
    return await door.send(who, f"/v1/library-imports/{import_id}/enter", body)


async def test_a_published_list_enters_as_one_and_what_is_barred_stays_a_draft(county: County, door: Door) -> None:
    """NL05 and M-PI-06 bar a row each, a category at level 1 waits; the others are in the library and announced."""
    import_id = await imported(door)
    answer = await enter(county, door, import_id)
    assert answer.status_code == 201, answer.text
    told = answer.json()["result"]
    assert (told["entered"], told["left"]) == (2, 3)
    assert told["barred"] == {"CATEGORY_LEVEL": 1, "NEGATIVE_LIST": 1, "PERSONAL_DATA_IN_NOTICE": 1}

    rows = await county.look(
        "SELECT p.name, c.state, p.entered_on::text AS entered, p.county_version, r.faults FROM project p"
        " JOIN case_file c ON c.subject_id = p.id JOIN library_import_row r ON r.project_id = p.id ORDER BY r.row_no"
    )
    assert [(row["state"], row["entered"], row["county_version"]) for row in rows] == [
        ("IN_LIBRARY", "2023-01-03", 1),
        ("IN_LIBRARY", "2023-01-03", 1),
        *[("DRAFT", None, None)] * 3,
    ]
    assert [[fault["code"] for fault in row["faults"]] for row in rows] == [
        [],
        [],
        ["CATEGORY_LEVEL"],
        ["NEGATIVE_LIST"],
        ["PERSONAL_DATA_IN_NOTICE"],
    ]
    steps = await county.look(
        "SELECT step, role, actor, cardinality(evidence) AS papers FROM case_step WHERE version = 2"
    )
    assert {tuple(row) for row in steps} == {("enter_published", "bureau_leader", bureau_head.id, 2)}
    notices = await county.look("SELECT state, level, permanent, content->>'name' AS name FROM case_notice ORDER BY 4")
    assert [tuple(row) for row in notices] == [
        ("IN_LIBRARY", "county", True, "育苗棚二期建设项目"),
        ("IN_LIBRARY", "county", True, "育苗棚建设项目"),
    ]
    assert len(await county.events("funds.project.entered_library")) == 2
    verdicts = await county.look("SELECT DISTINCT verdict FROM project_verdict")
    assert [row["verdict"] for row in verdicts] == ["pass"]
    (kept,) = await county.look("SELECT document_no, projects FROM library_publication")
    assert tuple(kept) == ("同农组发〔2022〕18号", 2)


async def test_what_was_published_elsewhere_is_not_due_once_more(county: County, door: Door) -> None:
    """FW27: sixty days later nothing of the list is missing on the boards; what entered here by the usual way is."""
    import_id = await imported(door)
    await enter(county, door, import_id)
    county.bench.clock.forward(days=60)
    assert await missing(county) == set()
    own = await county.in_library()
    county.bench.clock.forward(days=60)
    assert {key.split("/")[1] for key in await missing(county)} == {str(own)}


async def missing(county: County) -> set[str]:
    """What is due on a board and does not hang there."""
    resources = county.bench.assembled.pipeline.resources
    policy = Policy(resources.parameters, resources.calendar)
    async with county.bench.database.write(SYSTEM) as tx:
        await run_check(tx.raw, DISCLOSURE_CHECKS[0], now=county.bench.clock.now(), policy=policy)
        rows = await tx.raw.fetch("SELECT subject_key FROM finding WHERE closed_at IS NULL")
    return {row["subject_key"] for row in rows}


async def test_what_was_left_enters_later_by_the_same_publication(county: County, door: Door) -> None:
    import_id = await imported(door)
    await enter(county, door, import_id)
    (row,) = await county.look("SELECT id FROM project WHERE name = '冷库建设项目'")
    shown = (await door.get("bureau_head", f"/v1/projects/{row['id']}")).json()
    content = shown["content"] | {"category": "010201"}
    command = {"project_id": row["id"], "content": content, "based_on": 1, "reason": "补充三级类别"}
    await county.run(ReviseProject.model_validate(command), bureau_clerk)
    told = (await enter(county, door, import_id)).json()["result"]
    assert (told["entered"], told["left"]) == (1, 2)
    nothing = (await enter(county, door, import_id)).json()["result"]
    assert (nothing["publication_id"], nothing["entered"], nothing["left"]) == (None, 0, 2)


async def test_when_no_row_can_enter_each_row_says_why(county: County, door: Door) -> None:
    head, *_, waits, barred, _ = LIST.splitlines(keepends=True)
    import_id = await imported(door, head + waits + barred)
    told = (await enter(county, door, import_id)).json()["result"]
    assert told == {
        "publication_id": None,
        "entered": 0,
        "left": 2,
        "barred": {"CATEGORY_LEVEL": 1, "NEGATIVE_LIST": 1},
    }
    rows = (await door.get("bureau_head", f"/v1/library-imports/{import_id}/rows")).json()["items"]
    assert [[fault["code"] for fault in row["faults"]] for row in rows] == [["CATEGORY_LEVEL"], ["NEGATIVE_LIST"]]
    assert await county.look("SELECT 1 FROM library_publication") == []


async def test_an_import_enters_once(county: County, door: Door) -> None:
    head, first, *_ = LIST.splitlines(keepends=True)
    import_id = await imported(door, head + first)
    assert (await enter(county, door, import_id)).status_code == 201
    again = await enter(county, door, import_id)
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "NOTHING_TO_ENTER")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        pytest.param({"hung_to": "2022-12-10"}, 409, "PUBLICATION_NOT_PROVEN", id="hung nine days"),
        pytest.param({"announced_on": "2022-12-10"}, 409, "PUBLICATION_NOT_PROVEN", id="announced while it hung"),
        pytest.param({"announced_on": "2023-01-04"}, 409, "PUBLICATION_NOT_PROVEN", id="announced tomorrow"),
        pytest.param({"evidence": []}, 422, "FIELD_INVALID", id="no papers"),
    ],
)
async def test_a_publication_is_proven(
    county: County, door: Door, changed: dict[str, Any], status: int, code: str
) -> None:
    import_id = await imported(door)
    answer = await enter(county, door, import_id, **changed)
    assert answer.status_code == status, answer.text
    if status == 409:
        assert answer.json()["errors"][0]["code"] == code
    assert {row["state"] for row in await county.look("SELECT state FROM case_file")} == {"DRAFT"}


async def test_papers_roles_and_a_second_person_are_asked_for(county: County, door: Door) -> None:
    import_id = await imported(door)
    (proof,) = await county.bench.evidence(bureau_head, COUNTY, "publication_proof")
    lacking = await enter(county, door, import_id, evidence=[str(proof)])
    assert lacking.json()["errors"][0]["code"] == "EVIDENCE_MISSING"
    assert (await enter(county, door, import_id, who="bureau_clerk")).status_code == 403
    own = (await send(door, LIST.replace("建设项目", "建设工程").encode(), who="bureau_head")).json()["result"]
    same = await enter(county, door, own["id"])
    assert (same.status_code, same.json()["errors"][0]["code"]) == (403, "SEPARATION_OF_DUTIES")


async def test_one_project_enters_by_its_publication_too_and_is_completed_before_a_plan(
    county: County, door: Door
) -> None:
    """The same step one by one; what the list did not say is filled in without hanging again, and then it is planned."""
    content = entry(quantities=[], goals=[])
    project = await county.enter(content)
    papers = ("published_library", "publication_proof")
    await county.take(bureau_head, "project", project, "enter_published", *papers, form=PUBLICATION)
    assert await county.state(project) == "IN_LIBRARY"

    plan = await county.plan({})
    line = {"project_id": str(project), "sources": [{"level": "central", "category": FUND, "amount": "1.00"}]}
    lacking = await door.send("bureau_clerk", f"/v1/plans/{plan}/lines", line)
    assert (lacking.status_code, lacking.json()["errors"][0]["code"]) == (409, "FIELDS_INCOMPLETE")
    command = {"project_id": project, "content": entry(), "based_on": 1, "reason": "补齐建设规模和绩效目标"}
    assert (await county.run(ReviseProject.model_validate(command), bureau_clerk)).result["state"] == "IN_LIBRARY"
    assert (await door.send("bureau_clerk", f"/v1/plans/{plan}/lines", line)).status_code == 200

    office = await county.enter(entry("大同镇八井子村村部办公楼", category="030109", economic_classes=["50301"]))
    attempt = county.take(bureau_head, "project", office, "enter_published", *papers, form=PUBLICATION)
    assert (await refused(attempt)).code == "NEGATIVE_LIST"


async def test_two_thousand_published_projects_enter_by_sets(county: County, door: Door) -> None:
    """The bound is wide enough for a busy machine and far below any loop of statements."""
    head, _, _ = LIST.partition("\n")
    lines = "".join(f"种植业基地,八井子村,育苗棚建设第{number}号,冷棚,1.5,20,50,2,5\n" for number in range(2_000))
    import_id = await imported(door, f"{head}\n{lines}")
    began = time.perf_counter()
    told = (await enter(county, door, import_id)).json()["result"]
    assert (told["entered"], told["left"]) == (2_000, 0)
    assert time.perf_counter() - began < 15
    states = await county.look("SELECT state, count(*)::int AS n FROM case_file GROUP BY state")
    assert [tuple(row) for row in states] == [("IN_LIBRARY", 2_000)]
