"""The half-month report from a county's own postings: what was paid later does not count, the issue stays, §4.4."""

import io
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from services.funds.queries.progress import elapsed
from shared.reports.model import Rhythm
from shared.reports.periods import last_day_of, period_of
from tests.service.funds.county import COUNTY, PEOPLE
from tests.service.funds.door import open_door
from tests.service.funds.works import Works

pytestmark = pytest.mark.asyncio


def by_heading(report: dict[str, Any], row: list[str]) -> dict[str, str]:
    return {column["name"]: cell for column, cell in zip(report["columns"], row, strict=True)}


async def test_the_report_of_a_county_by_township(works: Works, tmp_path: Path) -> None:
    contract = await works.contract("960000.00")
    await works.pay(contract, "advance", "288000.00")
    cut_off = works.today
    start = period_of(Rhythm.FORTNIGHT, cut_off)
    works.county.bench.clock.forward(days=1)
    await works.certify(contract, "480000.00")
    await works.pay(contract, "progress", "240000.00", "144000.00")
    async with open_door(works.county, PEOPLE, tmp_path) as door:
        asked = {"report_id": "funds.progress", "area_code": COUNTY, "period_start": start.isoformat()}
        body = asked | {"as_of": cut_off.isoformat()}
        issued = (await door.send("finance_leader", "/v1/report-issues", body)).json()["result"]
        path = f"/v1/report-issues/{issued['id']}"
        report = (await door.get("finance_clerk", path)).json()["report"]
        total = by_heading(report, report["total"])
        assert (total["received"], total["linked"], total["spent"]) == ("100.00", "100.00", "28.80")
        assert (total["linking_rate"], total["progress"], total["balance"]) == ("100.00", "28.80", "71.20")
        assert (total["projects"], total["started"], total["completed"]) == ("1", "1", "0")
        rows = [by_heading(report, row) for row in report["rows"]]
        assert [(row["linked"], row["rank"]) for row in rows] == [("0.00", "2"), ("100.00", "1")]
        assert rows[0]["progress"] == "—"  # 61: the county itself links nothing, neither 0 % nor 100 %
        lead = Fraction(288, 1000) - elapsed(cut_off.year, cut_off)
        assert rows[1]["lead"].startswith("-") == (lead < 0)
        assert "实际支出28.80万元，支出进度28.80%" in report["paragraphs"][0]
        paper = Document(io.BytesIO((await door.get("finance_clerk", f"{path}/file", form="docx")).content))
        assert paper.paragraphs[0].text == "项目资金进度半月报"
        assert report["scope"] == f"{start.year}年度资金"  # whose year's money it is
        under_title = f"{start.year}年度资金　截至 {cut_off.isoformat()}　单位：万元"
        assert under_title in [each.text for each in paper.paragraphs]
        book = await door.get("finance_clerk", f"{path}/file", form="xlsx")
        assert (
            CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()[1][0]
            == under_title
        )
        later = {
            "area_code": COUNTY,
            "period_start": period_of(Rhythm.FORTNIGHT, works.today).isoformat(),
            "as_of": works.today.isoformat(),
        }
        live = (await door.get("auditor", "/v1/report-kinds/funds.progress/preview", **later)).json()
        assert by_heading(live, live["total"])["spent"] == "52.80"
        assert (await door.get("unit", path)).status_code == 404


async def test_a_late_report_tells_of_its_own_fortnight(works: Works, tmp_path: Path) -> None:
    """Issued months later without a cut-off it ends with its period; what was paid since is not its increase."""
    contract = await works.contract("960000.00")
    await works.pay(contract, "advance", "288000.00")
    start = period_of(Rhythm.FORTNIGHT, works.today)
    end = last_day_of(Rhythm.FORTNIGHT, start)
    assert end is not None
    works.county.bench.clock.forward(days=20)
    await works.certify(contract, "480000.00")
    await works.pay(contract, "progress", "240000.00", "144000.00")
    works.county.bench.clock.forward(days=1)
    async with open_door(works.county, PEOPLE, tmp_path) as door:
        asked = {"area_code": COUNTY, "period_start": start.isoformat()}
        body = asked | {"report_id": "funds.progress"}
        issued = (await door.send("finance_leader", "/v1/report-issues", body)).json()["result"]
        assert issued["as_of"] == end.isoformat()
        report = (await door.get("finance_clerk", f"/v1/report-issues/{issued['id']}")).json()["report"]
        preview = "/v1/report-kinds/funds.progress/preview"
        for shown in (report, (await door.get("finance_clerk", preview, **asked)).json()):
            total = by_heading(shown, shown["total"])
            assert (shown["as_of"], total["spent"], total["increase"]) == (end.isoformat(), "28.80", "28.80")
        after = {"as_of": (end + timedelta(days=1)).isoformat()}
        for answer in (
            await door.send("finance_leader", "/v1/report-issues", body | after | {"note": "补录"}),
            await door.get("finance_clerk", preview, **asked, **after),
        ):
            (fault,) = answer.json()["errors"]
            assert (answer.status_code, fault["code"], fault["pointer"]) == (422, "CUT_OFF_AFTER_PERIOD", "/as_of")
            assert end.isoformat() in fault["remedy"]["zh"]


@pytest.mark.parametrize(
    ("year", "as_of", "part"),
    [
        (2023, date(2023, 4, 30), Fraction(4, 12)),  # 63: 张掖, end of April
        (2023, date(2023, 4, 29), Fraction(3, 12)),
        (2024, date(2024, 2, 29), Fraction(2, 12)),
        (2023, date(2023, 12, 31), Fraction(1)),
        (2023, date(2023, 1, 14), Fraction(0)),
        (2023, date(2024, 1, 1), Fraction(1)),  # a year that is over has elapsed whole
        (2023, date(2026, 1, 12), Fraction(1)),
        (2024, date(2023, 12, 31), Fraction(0)),
    ],
)
async def test_the_calendar_counts_whole_months(year: int, as_of: date, part: Fraction) -> None:
    assert elapsed(year, as_of) == part
