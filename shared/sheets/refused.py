"""Refused rows (退回行) written back into a copy of the file they came in, with row number and reason in front."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from xlsxwriter import Workbook

from shared.sheets.files import XLSX, Line


def refused_copy(above: Sequence[Sequence[str]], lines: Iterable[Line], reasons: Mapping[int, str], form: str) -> bytes:
    """A copy of these rows with row number and reason in front.

    `above` are titles and headings as the file has them, the last of them the row that the rows stand under: corrected,
    the copy is read as the file was.
    """
    *titles, headings = above or [[]]
    rows = chain(
        (["", "", *cells] for cells in titles),
        [["行号", "退回原因", *headings]],
        ([str(number), reasons.get(number, ""), *cells] for number, cells in lines),
    )
    return _as_workbook(rows) if form == XLSX else _as_csv(rows)


def _as_csv(rows: Iterable[list[str]]) -> bytes:
    buffer = io.BytesIO()
    text = io.TextIOWrapper(buffer, encoding="utf-8-sig", newline="")
    csv.writer(text).writerows(rows)
    text.flush()
    return buffer.getvalue()


def _as_workbook(rows: Iterable[list[str]]) -> bytes:
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell)
    return buffer.getvalue()
