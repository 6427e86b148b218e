"""A printed report as a workbook: numbers as numbers in the report's unit, rounded as shown, texts as texts."""

import io
from decimal import Decimal

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from shared.reports.printed import Printed, PrintedTable
from shared.reports.show import BLANK

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_MEASURED = 100
"""Rows by which a column's width is chosen."""
_WIDEST = 40


def workbook(paper: Printed) -> bytes:
    """The workbook's bytes."""
    buffer = io.BytesIO()
    with Workbook(buffer, _OPTIONS) as book:
        formats = _Formats(book)
        sheet = _sheet(book, formats, paper, paper.under_title)
        figures = [paper.total[column.name] for column in paper.visible]
        texts = ["合计", *paper.texts(paper.total)[1:]]
        _line(sheet, formats, len(paper.rows) + 3, texts, ["合计", *figures[1:]], bold=True)
        for offset, text in enumerate((*paper.paragraphs, paper.foot), start=len(paper.rows) + 5):
            sheet.write_string(offset, 0, text)
        for annex in paper.annexes:
            explained = _sheet(book, formats, annex, paper.under_title)
            for offset, text in enumerate(annex.paragraphs, start=len(annex.rows) + 4):
                explained.write_string(offset, 0, text)
    return buffer.getvalue()


class _Formats:
    """The formats of cells, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, bool], Format] = {}

    def of(self, pattern: str, *, bold: bool) -> Format:
        if (pattern, bold) not in self._made:
            self._made[pattern, bold] = self._book.add_format({"border": 1, "bold": bold, "num_format": pattern})
        return self._made[pattern, bold]


def _sheet(book: Workbook, formats: _Formats, paper: PrintedTable, under_title: str) -> Worksheet:
    """A sheet with title, headings and rows."""
    sheet = book.add_worksheet(paper.title[:31])
    _head(book, sheet, paper, under_title)
    for number, row in enumerate(paper.rows, start=3):
        _line(sheet, formats, number, paper.texts(row), [row[column.name] for column in paper.visible])
    return sheet


def _head(book: Workbook, sheet: Worksheet, paper: PrintedTable, under_title: str) -> None:
    title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    bold = book.add_format({"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True})
    sheet.merge_range(0, 0, 0, max(len(paper.visible) - 1, 1), paper.title, title)
    sheet.write_string(1, 0, under_title)
    measured = [paper.texts(row) for row in paper.rows[:_MEASURED]]
    for place, text in enumerate(paper.headings):
        sheet.write_string(2, place, text, bold)
        width = max([2 * len(text), *(len(texts[place]) for texts in measured)]) + 2
        sheet.set_column(place, place, min(width, _WIDEST))
    sheet.freeze_panes(3, 1)


def _line(
    sheet: Worksheet, formats: _Formats, number: int, texts: list[str], figures: list[object], *, bold: bool = False
) -> None:
    for place, (text, figure) in enumerate(zip(texts, figures, strict=True)):
        if isinstance(figure, str) or text == BLANK:
            sheet.write_string(number, place, text, formats.of("@", bold=bold))
        else:
            decimals = len(text.partition(".")[2])
            pattern = f"#,##0.{'0' * decimals}" if decimals else "0"
            sheet.write_number(number, place, Decimal(text), formats.of(pattern, bold=bold))
