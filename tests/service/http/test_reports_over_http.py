"""A report is looked at, issued once, frozen, and handed out as JSON, xlsx and docx to those who may read it."""

import io
from typing import Any

import asyncpg
import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from tests.service.http.conftest import HERE, Door

pytestmark = pytest.mark.asyncio

COUNTY = "230606000000"
BODY: dict[str, Any] = {"report_id": "toy.permits", "area_code": COUNTY, "period_start": "2023-06-01"}


async def issued(door: Door, **changed: Any) -> dict[str, Any]:
    answer = await door.send("leader", "/v1/report-issues", BODY | changed)
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


async def test_an_issued_report_stays_as_it_was(door: Door) -> None:  # D18
    await door.permit()
    first = await issued(door)
    assert (first["issue_no"], first["as_of"], first["rows"]) == (1, "2023-06-08", 1)
    await door.permit("second")
    shown = (await door.get("clerk", f"/v1/report-issues/{first['id']}")).json()
    assert shown["report"]["rows"] == [[HERE, "1", "0", "0.00"]]
    assert shown["report"]["total"] == ["合计", "1", "0", "0.00"]
    assert shown["report"]["paragraphs"] == ["共1件。"]
    assert shown["issue"]["sha256"] == first["sha256"]
    asked = {"area_code": COUNTY, "period_start": "2023-06-01"}
    live = (await door.get("clerk", "/v1/report-kinds/toy.permits/preview", **asked)).json()
    assert live["rows"] == [[HERE, "2", "0", "0.00"]]
    assert [column["heading"] for column in live["columns"]] == ["行政村", "许可", "已公示", "公示率（%）"]


async def test_a_second_issue_needs_a_note_and_leaves_the_first(door: Door) -> None:
    first = await issued(door)
    again = await door.send("leader", "/v1/report-issues", BODY)
    assert (again.status_code, again.json()["code"]) == (409, "ALREADY_ISSUED")
    second = await issued(door, note="补录一村")
    listed = (await door.get("clerk", "/v1/report-issues", area_code=COUNTY, report_id="toy.permits")).json()["items"]
    assert [(each["id"], each["issue_no"], each["note"]) for each in listed] == [
        (second["id"], 2, "补录一村"),
        (first["id"], 1, ""),
    ]


async def test_59_what_comes_after_its_last_day_is_late(door: Door) -> None:
    for changed in ({}, {"period_start": "2023-05-16"}, {"period_start": "2023-05-16", "note": "补录一村"}):
        await issued(door, **changed)
    listed = (await door.get("clerk", "/v1/report-issues", area_code=COUNTY)).json()["items"]
    assert [(each["issue_no"], each["due_on"], each["is_late"]) for each in listed] == [
        (1, "2023-06-15", False),
        (2, "2023-05-30", False),
        (1, "2023-05-30", True),
    ]
    shown = (await door.get("clerk", f"/v1/report-issues/{listed[2]['id']}")).json()
    assert shown["issue"]["is_late"]
    assert shown["report"]["annexes"] == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"period_start": "2023-06-02"}, "PERIOD_START"),
        ({"as_of": "2023-06-09"}, "CUT_OFF"),  # today is not over
        ({"as_of": "2023-05-31"}, "CUT_OFF"),
        ({"period_start": "2023-05-16", "as_of": "2023-06-01"}, "CUT_OFF_AFTER_PERIOD"),
        ({"report_id": "toy.unknown"}, "NOT_FOUND"),
    ],
)
async def test_what_cannot_be_issued(door: Door, changed: dict[str, str], code: str) -> None:
    answer = await door.send("leader", "/v1/report-issues", BODY | changed)
    assert {error["code"] for error in answer.json()["errors"]} == {code}, answer.text


async def test_only_readers_read_and_only_issuers_issue(door: Door) -> None:
    first = await issued(door)
    assert (await door.send("clerk", "/v1/report-issues", BODY | {"note": "再发"})).status_code == 403
    for path in (f"/v1/report-issues/{first['id']}", f"/v1/report-issues/{first['id']}/file"):
        assert (await door.get("auditor", path)).status_code == 404  # sees the area, has not the role
        assert (await door.get("stranger", path)).status_code == 404
    assert (await door.get("auditor", "/v1/report-kinds")).status_code == 403
    assert [kind["id"] for kind in (await door.get("clerk", "/v1/report-kinds")).json()] == ["toy.permits"]


async def test_the_files_hold_what_was_frozen(door: Door) -> None:
    await door.permit()
    path = f"/v1/report-issues/{(await issued(door))['id']}/file"
    book = await door.get("clerk", path)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert rows[3] == [HERE, 1, 0, 0]
    assert rows[4][0] == "合计"
    paper = Document(io.BytesIO((await door.get("clerk", path, form="docx")).content))
    assert paper.paragraphs[0].text == "许可办理情况"
    assert [cell.text for cell in paper.tables[0].rows[1].cells] == [HERE, "1", "0", "0.00"]
    assert "共1件。" in [paragraph.text for paragraph in paper.paragraphs]


async def test_nobody_changes_an_issue(door: Door, owner: asyncpg.Connection) -> None:
    await issued(door)
    rights = await owner.fetch(
        "SELECT privilege_type FROM information_schema.role_table_grants"
        " WHERE table_name = 'report_issue' AND grantee LIKE '%\\_app'",
    )
    assert {row["privilege_type"] for row in rights} == {"SELECT", "INSERT"}
