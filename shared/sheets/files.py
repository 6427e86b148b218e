"""Files of rows: CSV in UTF-8 or GB18030, or XLSX, as a table of texts that is read piece by piece."""

import codecs
import csv
import io
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Any, TypeAlias

from python_calamine import CalamineError, CalamineWorkbook

from shared.kernel.errors import Invalid, Violation

CSV, XLSX = "csv", "xlsx"
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_MAX_UNPACKED = 512 * 1024 * 1024
"""Bytes of a workbook when unpacked: a small file may unfold to fill the memory."""

_PIECE = 1024 * 1024
_WINDOW = csv.field_size_limit() // 2
_UTF8, _GB = "utf-8-sig", "gb18030"

Line: TypeAlias = tuple[int, list[str]]
"""A row's number in the file, the headings being row 1, and its cells."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of a file, one after the other, as CSV in UTF-8: how many there are, and how many of them are filled."""

    content: bytes
    rows: int
    filled: int


@dataclass(frozen=True, slots=True)
class Table:
    """A file: its headings, and what gives its rows, at most so many in one piece. It can be read once."""

    form: str
    headings: list[str]
    pieces: Callable[[int], Iterator[Piece]]


def open_table(content: bytes) -> Table:
    """A file to be read; raises Invalid when it is empty, of another type, or cannot be decoded.

    Reading on may raise Invalid as well, when the file is damaged further down.
    """
    if content.startswith(_ZIP):
        rows = _workbook(content)
        return Table(XLSX, _headings(rows), partial(_pieces_of_rows, rows))
    if content.startswith(_OLD_EXCEL):
        raise _old_form()
    encoding, start = _encoding(content), content.find(b"\n") + 1
    if b'"' not in content and b"\r" not in content[:start].rstrip(b"\r\n") and start:
        headings = _headings(rows_of([content[:start].decode(encoding)]))
        return Table(CSV, headings, partial(_pieces_of_lines, content, encoding, start))
    text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    return Table(CSV, _headings(rows_of(text)), partial(_pieces_of_text, text))


def read_whole(content: bytes) -> tuple[str, list[list[str]]]:
    """The form of a small file and all its rows, titles and headings among them; raises Invalid."""
    if content.startswith(_ZIP):
        return XLSX, list(_workbook(content))
    if content.startswith(_OLD_EXCEL):
        raise _old_form()
    return CSV, list(rows_of(io.StringIO(content.decode(_encoding(content)), newline="")))


def text_in(content: bytes) -> str:
    """A file as CSV text, whatever its form; raises Invalid."""
    return text_of(read_whole(content)[1]) if content.startswith(_ZIP) else content.decode(_encoding(content))


def rows_in(content: bytes) -> Iterator[list[str]]:
    """The rows of a piece's content."""
    if b'"' in content or b"\r" in content:
        return rows_of(io.StringIO(content.decode(), newline=""))
    return (line.split(",") for text in _texts_in(content) for line in text.split("\n"))


def rows_of(lines: Iterable[str]) -> Iterator[list[str]]:
    """The rows of CSV text; raises Invalid."""
    try:
        yield from csv.reader(lines, strict=True)
    except csv.Error as error:
        raise _unreadable("FILE_DAMAGED", "CSV 文件格式有误", "the CSV file is malformed") from error


def text_of(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV text."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _headings(rows: Iterator[list[str]]) -> list[str]:
    headings = [heading.strip() for heading in next(rows, [])]
    if not any(headings):
        raise _unreadable("FILE_EMPTY", "文件是空的，或首行不是表头", "the file is empty, or begins without headings")
    return headings


def _texts_in(content: bytes) -> Iterator[str]:
    """Some lines at a time: a part as one text takes twice its size, and its lines as many texts four times."""
    start, end = 0, len(content) - content.endswith(b"\n")
    while start <= end:
        stop = content.find(b"\n", start + _WINDOW, end)
        stop = end if stop < 0 else stop
        yield content[start:stop].decode()
        start = stop + 1


def _pieces_of_rows(rows: Iterator[list[str]], size: int) -> Iterator[Piece]:
    while piece := list(islice(rows, size)):
        yield Piece(text_of(piece).encode(), len(piece), sum(map(any, piece)))


def _pieces_of_lines(content: bytes, encoding: str, start: int, size: int) -> Iterator[Piece]:
    """Where nothing is quoted, a line is a row: lines are counted, and none is looked into."""
    while start < len(content):
        end = _behind_lines(content, start, size)
        lines = content[start:end].replace(b"\r\n", b"\n")
        if encoding != _UTF8:
            lines = lines.decode(encoding).encode()
        yield from _pieces_of_plain(lines, size)
        start = end


def _pieces_of_plain(lines: bytes, size: int) -> Iterator[Piece]:
    if b"\r" in lines or _may_exceed_limit(lines):
        yield from _pieces_of_rows(rows_of(io.StringIO(lines.decode(), newline="")), size)
    else:
        yield Piece(lines, _lines_in(lines), _filled_in(lines))


def _behind_lines(content: bytes, at: int, lines: int) -> int:
    """The place behind the next `lines` lines."""
    while at < len(content):
        found = content.count(b"\n", at, at + _WINDOW)
        if found >= lines:
            for _ in range(lines):
                at = content.index(b"\n", at) + 1
            return at
        lines -= found
        at += _WINDOW
    return len(content)


def _may_exceed_limit(lines: bytes) -> bool:
    """Whether a line may hold a cell that is too large: there is none in which some window does not hold an end."""
    return any(lines.find(b"\n", at, at + _WINDOW) < 0 for at in range(0, len(lines) - _WINDOW + 1, _WINDOW))


def _lines_in(lines: bytes) -> int:
    return lines.count(b"\n") + (not lines.endswith(b"\n"))


def _filled_in(lines: bytes) -> int:
    """How many lines are filled; each, where all begin with a cell that is."""
    if lines.startswith((b",", b"\n")) or b"\n," in lines or b"\n\n" in lines:
        return sum(1 for line in lines.split(b"\n") if line.strip(b","))
    return _lines_in(lines)


def _pieces_of_text(text: io.TextIOWrapper, size: int) -> Iterator[Piece]:
    while lines := list(islice(text, size)):
        joined = "".join(lines)
        if joined.count('"') % 2:
            joined += _rest_of_cell(text)
        if '"' in joined:
            yield from _pieces_of_rows(rows_of(io.StringIO(joined, newline="")), sys.maxsize)
        else:
            yield from _pieces_of_plain(joined.replace("\r\n", "\n").replace("\r", "\n").encode(), size)


def _rest_of_cell(text: io.TextIOWrapper) -> str:
    """The lines up to the one that closes a quoted cell."""
    lines: list[str] = []
    while line := text.readline():
        lines.append(line)
        if line.count('"') % 2:
            break
    return "".join(lines)


def _encoding(content: bytes) -> str:
    """Tried piece by piece: as one text a large file takes several times its size."""
    for encoding in (_UTF8, _GB) if b"\0" not in content else ():
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for at in range(0, len(content), _PIECE):
                decoder.decode(content[at : at + _PIECE])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise _unreadable(
        "FILE_ENCODING",
        "文件编码无法识别，请用 UTF-8 或 GB18030 保存",
        "the text can be read neither as UTF-8 nor as GB18030",
    )


def _workbook(content: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(member.file_size for member in packed.infolist()) > _MAX_UNPACKED:
                raise _unreadable("FILE_TOO_LARGE", "工作簿解压后过大", "the workbook is too large when unpacked")
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.iter_rows()
    except (zipfile.BadZipFile, CalamineError, IndexError, EOFError) as error:
        raise _unreadable("FILE_DAMAGED", "XLSX 文件无法读取", "the workbook cannot be read") from error
    return ([_cell(value) for value in row] for row in rows)


def _cell(value: Any) -> str:
    match value:
        case datetime() | date():
            return value.strftime("%Y-%m-%d")
        case float():
            # A workbook keeps every number as a float; its shortest text is what was typed.
            return str(int(value)) if value.is_integer() else repr(value)
        case str():
            return value
    return str(value)


def _old_form() -> Invalid:
    return _unreadable("FILE_TYPE", "只接受 CSV 和 XLSX 文件", "only CSV and XLSX files are taken")


def _unreadable(code: str, zh: str, en: str) -> Invalid:
    return Invalid(
        Violation(
            code,
            zh,
            en,
            rule="D16",
            field="/file",
            remedy_zh="另存为 UTF-8 编码的 CSV 或 XLSX 后重新上传",
            remedy_en="save it as CSV in UTF-8, or as XLSX, and upload it again",
        ),
    )
