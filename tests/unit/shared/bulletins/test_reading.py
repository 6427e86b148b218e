"""Files as they come: encodings, separators, spreadsheets with number formats and merged cells, and what is no table."""

import io
from pathlib import Path

import pytest
import xlsxwriter

from shared.bulletins.check import check_bytes
from shared.bulletins.formats import shown_number
from shared.bulletins.layout import tables_of
from shared.bulletins.reading import read_bytes, read_file
from shared.bulletins.words import Standing
from shared.kernel.errors import Invalid

TEXT = "县,户数,金额\n甲,12,3.50\n乙,30,4.25\n合计,42,7.75\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_encodings_and_separators(encoding: str, separator: str) -> None:
    (sheet,) = read_bytes(TEXT.replace(",", separator).encode(encoding))
    assert sheet.cells[1] == ["甲", "12", "3.50"]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\x00\x01\x02", b"PK\x03\x04 no book", b"\xff\xff\xff\xfe\xfd"])
def test_what_is_no_table_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read_bytes(data)
    assert refused.value.code == "TABLE_UNREADABLE"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        read_file(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.1778238, "0.00%", "17.78%"),
        (14.4, "0.00", "14.40"),
        (1234.5, "#,##0.00", "1234.50"),
        (2811.0, "", "2811"),
        (0.1 + 0.2, "General", "0.3"),
        (2.5, "0", "3"),
        (12.5, '0.0"万元"', "12.5"),
    ],
)
def test_numbers_are_read_as_they_are_shown(value: float, code: str, text: str) -> None:
    assert shown_number(value, code) == text


def workbook() -> bytes:
    """A sheet as offices make it: merged title and headings, percent and two decimals by format, a hidden sheet."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet("进度")
        money, rate = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "0.00%"})
        sheet.merge_range("A1:E1", "2023年资金支出进度表")
        sheet.merge_range("A2:A3", "县区")
        sheet.merge_range("B2:C2", "资金(万元)")
        sheet.merge_range("D2:D3", "支出率")
        sheet.write_row("B3", ["到位", "支出"])
        figures = [(1500.2, 1200.0), (2300.4, 2100.5), (3100.0, 2300.25), (1200.7, 900.1), (980.55, 880.0), (640, 611)]
        for row, (come, spent) in enumerate([*figures, tuple(map(sum, zip(*figures, strict=True)))], start=3):
            sheet.write(row, 0, "合计" if row == 9 else f"{row}县")
            sheet.write(row, 1, come, money)
            sheet.write(row, 2, spent, money)
            sheet.write(row, 3, spent / come + (0.02 if row == 5 else 0), rate)
        book.add_worksheet("旧").hide()
    return data.getvalue()


def test_a_spreadsheet_is_read_as_printed() -> None:
    (sheet,) = read_bytes(workbook())
    (table,) = tables_of(sheet)
    assert [column.label for column in table.columns] == ["资金(万元) 到位", "资金(万元) 支出", "支出率"]
    assert [figure.text for figure in table.figures[0] if figure] == ["1500.20", "1200.00", "79.99%"]
    assert table.rows[-1].standing is Standing.GRAND


def test_a_spreadsheet_is_checked() -> None:
    report = check_bytes(workbook())
    assert [(f.row, f.column, f.printed, f.recomputed) for f in report.findings] == [
        ("5县", "支出率", "76.20%", "74.20")
    ]
    assert report.findings[0].sheet == "进度"
    assert (report.findings[0].row_number, report.findings[0].column_number) == (6, 4)


def test_two_tables_in_one_sheet() -> None:
    text = "县,户数,金额\n甲,12,3\n乙,30,4\n镇,项目,资金\nA,5,60\nB,6,70\n"
    (sheet,) = read_bytes(text.encode())
    assert [[column.label for column in table.columns] for table in tables_of(sheet)] == [
        ["户数", "金额"],
        ["项目", "资金"],
    ]


def test_a_heading_repeated_on_the_next_page_is_no_new_table() -> None:
    text = "县,户数,金额\n甲,12,3\n乙,30,4\n县,户数,金额\n丙,5,60\n合计,47,67\n"
    (sheet,) = read_bytes(text.encode())
    (table,) = tables_of(sheet)
    assert [row.label for row in table.rows] == ["甲", "乙", "丙", "合计"]


def test_a_workbook_that_unfolds_too_far_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet().write_column(0, 0, range(1000))
    assert len(read_bytes(buffer.getvalue())[0].cells) == 1000
    monkeypatch.setattr("shared.bulletins.reading.MAX_UNPACKED", 10_000)
    with pytest.raises(Invalid):
        read_bytes(buffer.getvalue())
