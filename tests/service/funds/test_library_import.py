"""Library tables over HTTP: 溆浦县 2026 (domain-funds-assets §1.4, scenario 12), words that wait, rows that go back."""

import asyncio
import csv
import io
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from xlsxwriter import Workbook

from shared.kernel.ids import new_id
from shared.kernel.money import format_wan, parse_wan, split
from shared.sheets.files import read_whole
from tests.service.funds.county import COUNTY, County
from tests.service.funds.door import Door

CASES = Path(__file__).resolve().parents[2] / "cases"

pytestmark = pytest.mark.asyncio

XUPU = {
    "产业发展": (352, "11098"),
    "乡村建设行动": (412, "13025.85"),
    "易地搬迁后扶": (15, "204.2"),
    "就业项目": (2, "859.89"),
    "巩固三保障成果": (1, "1000"),
    "乡村治理和精神文明建设": (1, "40"),
    "基础设施建设": (29, "1170.5"),
}
"""Published: projects and 万元 by the county's own labels; single projects are not published and are invented here."""

ASKED = {
    "area_code": COUNTY,
    "plan_year": "2023",
    "sector_authority": "农业农村局",
    "implementing_unit": "乡村建设服务中心",
}


def table() -> bytes:
    """The 812 projects as a workbook with a title, merged headings, bands of merged cells, and a total row."""
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 4, "2026年常态化帮扶资金项目库")
        sheet.merge_range(1, 0, 2, 0, "序号")
        sheet.merge_range(1, 1, 2, 1, "项目类别")
        sheet.merge_range(1, 2, 2, 2, "项目名称")
        sheet.merge_range(1, 3, 1, 4, "资金规模（万元）")
        sheet.write_row(2, 3, ["总投资", "备注"])
        number = 0
        for label, (count, wan) in XUPU.items():
            for index, fen in enumerate(split(parse_wan(wan), [1] * count)):
                cells = [number + 1, label if index == 0 else "", f"{label}项目第{index + 1}号"]
                sheet.write_row(3 + number, 0, [*cells, format_wan(fen)])
                number += 1
        sheet.write_row(3 + number, 0, ["合计", "", f"{number}个", "27398.44"])
    return buffer.getvalue()


async def send(door: Door, content: bytes, who: str = "bureau_clerk", **more: str) -> httpx2.Response:
    headers = {"authorization": f"Bearer {door.tokens[who]}", "idempotency-key": str(new_id())}
    headers |= {"dry-run": "true"} if more.pop("dry_run", "") else {}
    return await door.http.post(f"/v1/library-imports?{urlencode(ASKED | more)}", content=content, headers=headers)


async def test_the_library_of_xupu_reproduces_and_an_unknown_label_waits_for_its_mapping(
    county: County, door: Door
) -> None:
    """Scenario 12: 812 projects, 27 398.44 万元; 基础设施建设 is mapped to 03 with a note."""
    answer = await send(door, table())
    assert answer.status_code == 201, answer.text
    first: dict[str, Any] = answer.json()["result"]
    told = {name: first[name] for name in ("rows", "taken", "waiting", "refused", "amount", "taken_amount", "unmapped")}
    assert told == {
        "rows": 812,
        "taken": 783,
        "waiting": 29,
        "refused": 0,
        "amount": "273984400.00",
        "taken_amount": "262279400.00",
        "unmapped": ["基础设施建设"],
    }
    mapping = {"area_code": COUNTY, "word": "基础设施建设", "category": "03"}
    assert (await door.send("bureau_clerk", "/v1/category-mappings", mapping)).status_code == 201
    taken = (await door.send("bureau_clerk", f"/v1/library-imports/{first['id']}/take", {})).json()["result"]
    assert (taken["taken"], taken["waiting"], taken["taken_amount"]) == (812, 0, "273984400.00")

    rows = await county.look(
        "SELECT r.category, r.note, p.category AS own FROM library_import_row r JOIN project p ON p.id = r.project_id"
        " WHERE r.label = '基础设施建设'"
    )
    assert {tuple(row) for row in rows} == {("03", "“基础设施建设”按县映射归入 03", "03")}
    assert len(rows) == 29
    (sums,) = await county.look("SELECT count(*)::int AS n, sum(planned_total_fen)::bigint AS fen FROM project")
    assert tuple(sums) == (812, parse_wan("27398.44"))
    states = await county.look("SELECT state, count(*)::int AS n FROM case_file GROUP BY state")
    assert [tuple(row) for row in states] == [("DRAFT", 812)]


async def test_the_same_file_again_is_the_same_import(county: County, door: Door) -> None:
    content = table()
    first, again = await send(door, content), await send(door, content)
    assert first.json()["result"] == again.json()["result"]
    assert len(await county.look("SELECT 1 FROM library_import")) == 1


async def test_the_same_file_sent_by_many_at_once_is_one_import(county: County, door: Door) -> None:
    content = "项目类别,村,项目名称,总投资（万元）\n产业发展,八井子村,育苗棚建设项目,1.5\n".encode()
    answers = await asyncio.gather(*(send(door, content) for _ in range(4)))
    assert [each.json()["result"]["taken"] for each in answers] == [1] * 4
    assert len({each.json()["result"]["id"] for each in answers}) == 1
    assert len(await county.look("SELECT 1 FROM project")) == 1


BAD = """项目类别,乡镇,村,项目名称,总投资（万元）,受益户数,监测户数
产业发展,八井子乡,八井子村,育苗棚建设项目,12.345678,20,2
产业发展,八井子乡,八井子村,育苗棚（建设）项目,3,20,2
产业发展,八井子乡,无此村,灌溉渠维修项目,3,20,2
产业发展,八井子乡,八井子村,冷库建设项目,3.1234567,20,2
黄精产业,八井子乡,八井子村,黄精种植项目,3,20,2
产业发展,八井子乡,八井子村,监测户奖补项目,3,4,5
"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
async def test_bad_rows_go_back_in_a_copy_and_lose_no_good_one(county: County, door: Door, encoding: str) -> None:
    report = (await send(door, BAD.encode(encoding))).json()["result"]
    assert (report["taken"], report["waiting"], report["refused"]) == (1, 1, 4)
    copy = await door.get("bureau_clerk", f"/v1/library-imports/{report['id']}/returned")
    assert copy.status_code == 200
    _, lines = read_whole(copy.content)
    assert [(line[0], line[1]) for line in lines] == [
        ("行号", "退回原因"),
        ("3", "该村本年度已有同名项目"),
        ("4", "区划中没有或不止一个“无此村”"),
        ("5", "金额格式不符：万元最多6位小数"),
        ("6", "类别“黄精产业”尚未映射"),
        ("7", "受益数不符：其中数 5 大于总数 4"),
    ]
    assert lines[3][2:] == ["产业发展", "八井子乡", "八井子村", "冷库建设项目", "3.1234567", "20", "2"]
    (kept,) = await county.look("SELECT planned_total_fen, area_code FROM project")
    assert tuple(kept) == (12_345_678, 230606205201)
    assert (await door.get("stranger", f"/v1/library-imports/{report['id']}/rows")).status_code == 404


TITLED = """大同区2026年项目库公示表
单位：万元
项目类别,村,项目名称,资金规模,
,,,总投资,衔接资金
产业发展,八井子村,育苗棚建设项目,3.1234567,3
"""


async def test_a_copy_of_a_table_with_titles_is_corrected_and_sent_again(door: Door) -> None:
    """Titles, unit and merged headings go back as they came, so that the corrected copy is read as the file was."""
    report = (await send(door, TITLED.encode())).json()["result"]
    assert (report["taken"], report["refused"]) == (0, 1)
    copy = await door.get("bureau_clerk", f"/v1/library-imports/{report['id']}/returned")
    corrected = copy.text.replace("3.1234567", "3")
    again = await send(door, corrected.encode())
    assert again.status_code == 201, again.text
    told = again.json()["result"]
    assert (told["taken"], told["refused"], told["taken_amount"]) == (1, 0, "30000.00")


async def test_a_row_that_makes_no_entry_goes_back_alone(door: Door) -> None:
    """A phone number in the name: the row is refused, the file is not."""
    content = "项目类别,村,项目名称,总投资（万元）\n产业发展,八井子村,联系人13812345678育苗,3\n产业发展,八井子村,育苗棚建设,3\n"
    report = (await send(door, content.encode())).json()["result"]
    assert (report["taken"], report["refused"]) == (1, 1)
    rows = (await door.get("bureau_clerk", f"/v1/library-imports/{report['id']}/rows", outcome="refused")).json()
    assert [fault["field"] for fault in rows["items"][0]["faults"]] == ["name"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param("甲,乙\n1,2\n", "FILE_HEADER", id="no headings"),
        pytest.param("项目类别,项目名称\n产业发展,育苗棚建设\n", "FILE_HEADER", id="no amounts"),
        pytest.param("项目类别,项目名称,总投资\n产业发展,育苗棚建设,3\n", "UNIT_UNKNOWN", id="no unit"),
        pytest.param("项目类别,项目名称,总投资(元)\n合计,,3\n", "FILE_EMPTY", id="nothing but a total"),
    ],
)
async def test_a_file_that_is_no_library_is_told_so(door: Door, content: str, code: str) -> None:
    refused = await send(door, content.encode())
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)


async def test_the_summary_shows_the_counties_words_and_the_figures_of_guanghan(county: County, door: Door) -> None:
    """广汉市 2025, published as counts and sums: the report of the imported library gives each of them again."""
    with (CASES / "guanghan-2025-library" / "data.csv").open(encoding="utf-8-sig") as file:
        published = {row["类别"]: (int(row["个数"]), parse_wan(row["金额(万元)"])) for row in csv.DictReader(file)}
    whole = published.pop("合计")
    lines = [
        f"{label},{label}项目第{index}号,{format_wan(fen)}\n"
        for label, (count, total) in published.items()
        for index, fen in enumerate(split(total, [1] * count), 1)
    ]
    await send(door, ("项目类别,项目名称,总投资（万元）\n" + "".join(lines)).encode())
    asked = {"area_code": COUNTY, "period_start": "2023-01-01", "as_of": "2023-01-03"}
    shown = (await door.get("auditor", "/v1/report-kinds/library-summary/preview", **asked)).json()
    columns = [column["name"] for column in shown["columns"]]
    rows = [dict(zip(columns, row, strict=True)) for row in shown["rows"]]
    plain = {row["label"]: (row["projects"], format_wan(parse_wan(row["amount"]))) for row in rows}
    assert plain == {label: (str(count), format_wan(fen)) for label, (count, fen) in published.items()}
    assert {row["label"]: row["share"].removesuffix("%") for row in rows} == {
        "产业发展": "63.77",
        "巩固三保障成果": "0.66",
        "就业": "5.81",
        "乡村建设行动": "28.26",
        "项目管理费": "1.50",
    }
    assert whole == (50, parse_wan("8328.38"))


async def test_ten_thousand_projects_come_in_within_seconds(county: County, door: Door) -> None:
    """§1: by sets; the bound is wide enough for a busy machine and far below any loop of statements."""
    lines = "".join(f"产业发展,八井子村,育苗棚建设第{number}号,1.5\n" for number in range(10_000))
    content = ("项目类别,村,项目名称,总投资（万元）\n" + lines).encode()
    began = time.perf_counter()
    report = (await send(door, content)).json()["result"]
    assert (report["taken"], report["taken_amount"]) == (10_000, "150000000.00")
    assert time.perf_counter() - began < 30
    assert len(await county.look("SELECT 1 FROM project_version")) == 10_000
