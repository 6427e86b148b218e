"""Reads csv and spreadsheet files as printed: text of every cell, merged cells, number formats; nothing is interpreted."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from shared.bulletins.formats import Formats, shown_number
from shared.kernel.errors import Invalid, Violation

MAX_BYTES = 32_000_000
MAX_CELLS = 2_000_000
MAX_UNPACKED = 512_000_000
"""Bytes of a workbook when unpacked: a small file may unfold to fill the memory."""
_ZIP = b"PK\x03\x04"
_BOOKS = (_ZIP, b"\xd0\xcf\x11\xe0")
_SEPARATORS = ",\t;|，"
_PROBE_LINES = 20
_UNREADABLE = (OSError, ValueError, CalamineError, csv.Error, MemoryError, BadZipFile)

Merge = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged area, each as row and column from 0."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One printed table: `cells[row][column]` as text, rows and columns as in the file, from 0."""

    name: str
    cells: list[list[str]]
    merges: list[Merge] = field(default_factory=list)


def read_file(path: Path) -> list[Sheet]:
    """The sheets of a file that hold anything; raises Invalid for a file that is no table."""
    return read_bytes(content_of(path))


def content_of(path: Path) -> bytes:
    """The bytes of a file; raises Invalid when it cannot be opened or is too large."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _unreadable("文件过大", "the file is too large")
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(
            f"文件无法打开({type(error).__name__})", f"cannot be opened ({type(error).__name__})"
        ) from error


def read_bytes(data: bytes) -> list[Sheet]:
    """The same for the bytes of a file, as they arrive by HTTP; the content decides, not the name."""
    try:
        sheets = _read_book(data) if data.startswith(_BOOKS) else [Sheet("", _read_csv(_decoded(data)))]
    except _UNREADABLE as error:
        raise _unreadable(
            f"文件内容不是表格({type(error).__name__})", f"not a table ({type(error).__name__})"
        ) from error
    sheets = [sheet for sheet in sheets if any(any(row) for row in sheet.cells)]
    if not sheets:
        raise _unreadable("文件是空的", "the file is empty")
    if sum(len(row) for sheet in sheets for row in sheet.cells) > MAX_CELLS:
        raise _unreadable("单元格过多", "too many cells")
    return sheets


def _unreadable(zh: str, en: str) -> Invalid:
    return Invalid(Violation("TABLE_UNREADABLE", f"表格无法读取：{zh}", f"the table cannot be read: {en}"))


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    if b"\0" in data:
        raise ValueError("binary")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _read_csv(text: str) -> list[list[str]]:
    separator = max(_SEPARATORS, key=lambda each: _steadiness(text, each))
    return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)]


def _steadiness(text: str, separator: str) -> int:
    """How many of the first lines a separator cuts into equally many cells, more than one."""
    lines = csv.reader(io.StringIO(text[:20_000], newline=""), delimiter=separator)
    widths = [len(row) for row, _ in zip(lines, range(_PROBE_LINES), strict=False) if row]
    return max((widths.count(width) * (width > 1) for width in set(widths)), default=0)


def _read_book(data: bytes) -> list[Sheet]:
    if data.startswith(_ZIP) and sum(each.file_size for each in ZipFile(io.BytesIO(data)).infolist()) > MAX_UNPACKED:
        raise ValueError("too large when unpacked")
    formats = Formats.of(data)
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        names = [
            meta.name
            for meta in book.sheets_metadata
            if meta.typ == SheetTypeEnum.WorkSheet and meta.visible == SheetVisibleEnum.Visible
        ]
        return [_sheet(book.get_sheet_by_name(name), formats.of_sheet(name)) for name in names]


def _sheet(sheet: CalamineSheet, formats: dict[tuple[int, int], str]) -> Sheet:
    if sheet.total_height * sheet.total_width > MAX_CELLS:
        raise ValueError("too many cells")
    cells = [
        [_text(value, formats.get((row, column), "")) for column, value in enumerate(line)]
        for row, line in enumerate(sheet.to_python(skip_empty_area=False))
    ]
    return Sheet(sheet.name, cells, list(_merges(sheet)))


def _merges(sheet: CalamineSheet) -> Iterable[Merge]:
    try:
        return sheet.merged_cell_ranges or ()
    except CalamineError:  # a format that knows no merged cells
        return ()


def _text(value: str | float | date | datetime | time | timedelta, number_format: str) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return shown_number(value, number_format)
    return value.strip() if isinstance(value, str) else str(value)
