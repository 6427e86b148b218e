"""The progress report of several counties: planned scale, ranks, and which projects cost a county its rank (§4.4)."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from services.funds.queries.progress import PROGRESS_REPORT
from services.funds.service import SERVICE
from shared.kernel.areas import AreaCode
from shared.kernel.ids import new_id
from shared.parameters.lookup import Parameters
from shared.reports.docx import circular
from shared.reports.printed import Printed, PrintedTable, draw, from_content, to_content
from shared.reports.report import Asked
from shared.reports.xlsx import workbook
from tests.service.funds.ground import NOBODY, Ground, yuan

pytestmark = pytest.mark.asyncio

CITY, FIRST, SECOND, THIRD = 230600000000, 230605000000, 230606000000, 230607000000
CUT_OFF = date(2023, 4, 29)

Paid = tuple[str, str, str]
"""A project, what is linked to it, and what of it is paid."""


async def county(ground: Ground, area: int, *projects: Paid) -> None:
    """One county's money on the ledger: an indicator, projects with quota, and payments."""
    indicator = await ground.indicator({}, area_code=area)
    for name, linked, paid in projects:
        project = await ground.project("IMPLEMENTING", name=name, area_code=area)
        await _book(ground, area, indicator, project, linked, paid)


async def _book(ground: Ground, area: int, indicator: UUID, project: UUID, linked: str, paid: str) -> None:
    entry_id = new_id()
    await ground.put(
        "ledger_entry",
        id=entry_id,
        template="P03",
        document=str(entry_id),
        at=datetime(2023, 3, 2, tzinfo=UTC),
        on_day=date(2023, 3, 2),
        line_count=1 + (linked != paid) + (yuan(paid) != 0),
        command_id=NOBODY,
        area_code=area,
    )
    sql = """INSERT INTO ledger_line(entry_id, line_no, account, indicator_id, project_id, fiscal_year, signed_fen, area_code)
             SELECT $1, row_number() OVER (), account, $2, CASE WHEN account <> '1000' THEN $3::uuid END, 2023, fen, $6
               FROM (VALUES ('1200', $4::bigint - $5::bigint), ('1600', $5), ('1000', -$4)) AS line(account, fen)
              WHERE fen <> 0"""
    await ground.raw.execute(sql, entry_id, indicator, project, yuan(linked), yuan(paid), area)


async def filed(ground: Ground, area: int, version: int, planned: str, before: str, on: date | None) -> None:
    """One version of a county's integration plan."""
    await ground.put(
        "integration_plan",
        id=new_id(),
        area_code=area,
        year=2023,
        version=version,
        title="统筹整合方案",
        planned_scale_fen=yuan(planned),
        last_year_fen=yuan(before),
        filing_no="",
        filed_on=on,
    )


async def report(ground: Ground, area: int = CITY) -> Printed:
    parameters = Parameters(ground.raw, SERVICE.declared_parameters)
    asked = Asked(AreaCode(area), date(2023, 4, 16), CUT_OFF, parameters, ground.calendar)
    return await draw(PROGRESS_REPORT, ground.raw, asked)


def cells(table: PrintedTable, *names: str) -> list[tuple[str, ...]]:
    """The printed cells of these columns, row by row."""
    places = [[column.name for column in table.visible].index(name) for name in names]
    return [tuple(table.texts(row)[place] for place in places) for row in table.rows]


def total(paper: Printed, *names: str) -> Sequence[str]:
    texts: dict[str, Any] = dict(zip([column.name for column in paper.visible], paper.texts(paper.total), strict=True))
    return [texts[name] for name in names]


async def test_projects_that_cost_a_county_its_rank(ground: Ground) -> None:
    """Average 1 910 ÷ 2 500 = 76.4 %; the third would be second if both of its projects had paid at it."""
    await county(ground, FIRST, ("甲", "1000.00", "900.00"))
    await county(
        ground, SECOND, ("乙一", "600.00", "300.00"), ("乙二", "300.00", "290.00"), ("乙三", "100.00", "20.00")
    )
    await county(ground, THIRD, ("丙一", "300.00", "300.00"), ("丙二", "200.00", "100.00"))
    paper = await report(ground)
    assert cells(paper, "unit", "progress", "rank") == [
        ("红岗区", "90.00", "1"),
        ("大同区", "61.00", "3"),
        ("230607000000", "80.00", "2"),
    ]
    (annex,) = paper.annexes
    named = ("unit", "rank", "project", "progress", "missing", "rank_alone", "progress_after", "rank_after")
    assert cells(annex, *named) == [
        ("大同区", "3", "乙一", "50.00", "0.02", "3", "82.48", "2"),
        ("大同区", "3", "乙三", "20.00", "0.01", "3", "82.48", "2"),
        ("230607000000", "2", "丙二", "50.00", "0.01", "1", "90.56", "1"),
    ]
    assert [row["missing"] for row in annex.rows] == [158_40, 56_40, 52_80]
    assert annex.paragraphs[0].startswith("全部单位的平均支出进度为76.40%")
    assert annex.paragraphs[1].endswith("全部补足后支出进度82.48%，可居第2位。")


async def test_a_part_of_a_fen_counts_as_one_and_the_rest_stands_in_one_row(ground: Ground) -> None:
    """Average 2 ÷ 3 of eight times 1.00: each misses 0.67 and not 0.66, and nothing moves the rank."""
    await county(ground, FIRST, ("甲", "16.00", "16.00"))
    await county(ground, SECOND, *((f"乙{n}", "1.00", "0.00") for n in range(8)))
    (annex,) = (await report(ground)).annexes
    assert [row["missing"] for row in annex.rows] == [67, 67, 67, 67, 67, 3 * 67]
    assert cells(annex, "project", "rank_alone", "rank_after")[-1] == ("其余3个项目", "2", "2")
    assert annex.paragraphs[1].endswith("仍居第2位。")


async def test_nobody_is_held_back_where_all_pay_alike(ground: Ground) -> None:  # 60
    await county(ground, FIRST, ("甲", "100.00", "50.00"))
    await county(ground, SECOND, ("乙", "200.00", "100.00"))
    paper = await report(ground)
    assert cells(paper, "rank") == [("1",), ("1",)]
    assert paper.annexes[0].rows == ()
    assert paper.annexes[0].paragraphs == ("各单位位次没有因项目支付低于平均而受影响。",)
    assert Document(io.BytesIO(circular(paper))).paragraphs[-1].text == paper.annexes[0].paragraphs[0]


async def test_60_61_ranks_go_by_exact_progress_and_who_has_no_money_is_last(ground: Ground) -> None:
    await county(ground, FIRST, ("甲", "1481.00", "1304.00"))
    await filed(ground, SECOND, 1, "10.00", "10.00", date(2023, 2, 20))
    await county(ground, THIRD, ("丙", "10000000.00", "8804861.60"))
    rows = cells(await report(ground), "unit", "linked", "progress", "rank")
    assert [(linked, progress, rank) for _, linked, progress, rank in rows] == [
        ("0.15", "88.05", "2"),
        ("0.00", "—", "3"),
        ("1000.00", "88.05", "1"),
    ]


async def test_the_planned_scale_is_the_newest_plan_filed_by_the_cut_off(ground: Ground) -> None:
    """27.34 against 26.82 亿元 is 0.52 more, of which 24.85 is linked: 90.89 % (§4.4, 商丘 2021)."""
    await county(ground, FIRST, ("甲", "2485000000.00", "1929000000.00"))
    await county(ground, SECOND, ("乙", "100.00", "0.00"))
    await filed(ground, FIRST, 1, "2500000000.00", "2682000000.00", date(2023, 1, 10))
    await filed(ground, FIRST, 2, "2734000000.00", "2682000000.00", CUT_OFF)
    await filed(ground, FIRST, 3, "2900000000.00", "2682000000.00", date(2023, 4, 30))
    await filed(ground, FIRST, 4, "3000000000.00", "2682000000.00", None)
    paper = await report(ground)
    names = ("planned", "planned_before", "planned_change", "planned_rate", "progress")
    assert cells(paper, *names) == [
        ("273400.00", "268200.00", "5200.00", "90.89", "77.63"),
        ("—", "—", "—", "—", "0.00"),
    ]
    assert total(paper, *names[:4]) == ["273400.00", "268200.00", "5200.00", "90.89"]


async def test_the_explanation_is_printed_exported_and_frozen(ground: Ground) -> None:
    await county(ground, FIRST, ("甲", "100.00", "90.00"))
    await county(ground, SECOND, ("乙", "100.00", "10.00"))
    paper = await report(ground)
    (annex,) = paper.annexes
    document = Document(io.BytesIO(circular(paper)))
    assert [table.rows[0].cells[0].text for table in document.tables] == ["单位", "单位"]
    assert [cell.text for cell in document.tables[1].rows[1].cells] == annex.texts(annex.rows[0])
    assert "位次说明" in [paragraph.text for paragraph in document.paragraphs]
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook(paper)))
    assert book.sheet_names == ["项目资金进度半月报", "位次说明"]
    assert book.get_sheet_by_name("位次说明").to_python()[3][:3] == ["大同区", 2, "乙"]
    assert from_content("funds.progress", 2, to_content(paper)).annexes[0].rows == annex.rows
