"""Files are read piece by piece: rows keep their numbers, quoted cells stay whole, whatever the encoding."""

import csv
import io
from uuid import UUID

import pytest
from xlsxwriter import Workbook

from services.monitoring.bulk.parts import cut, opened, sealed
from shared.kernel.errors import Invalid
from shared.sheets.columns import Picker
from shared.sheets.files import open_table, rows_in
from shared.sheets.refused import refused_copy
from shared.vault.keys import KeyRing
from shared.vault.seal import Tampered

BATCH, OTHER = UUID(int=1), UUID(int=2)
RING = KeyRing.fresh()
TEXT = '编号,姓名\r\n1,张三\r\n\r\n,\r\n2,"李\n四"\r\n3,"说""好"""\r\n4,王五'
ROWS = [(2, ["1", "张三"]), (5, ["2", "李\n四"]), (6, ["3", '说"好"']), (7, ["4", "王五"])]


def read(content: bytes, size: int) -> tuple[list[tuple[int, list[str]]], list[int]]:
    """The filled rows of a file that went through its sealed parts, and how many each part claims to have."""
    _, *parts = (sealed(RING, BATCH, part) for part in cut(open_table(content), size))
    lines = [line for part in parts for line in opened(RING, BATCH, part) if any(line[1])]
    return lines, [part.rows for part in parts]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_rows_and_numbers_do_not_depend_on_the_size_of_a_part(size: int, encoding: str, line_end: str) -> None:
    lines, filled = read(TEXT.replace("\r\n", line_end).encode(encoding), size)
    assert lines == ROWS
    assert (sum(filled), 0 in filled) == (4, False)


PLAIN = "编号,姓名\n1,张三\n\n,\n,李四\n5,王五\n,,\n6"


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAIN, id="lf"),
        pytest.param(f"{PLAIN}\n", id="lf-at-the-end"),
        pytest.param(PLAIN.replace("\n", "\r\n"), id="crlf"),
        pytest.param(PLAIN.replace("\n", "\r"), id="cr"),
        pytest.param(PLAIN.replace("王五\n", "王五\r"), id="one-other-end"),
        pytest.param(PLAIN.replace("王五", "王" * 70_000), id="a-long-line"),
    ],
)
def test_lines_without_quotes_are_the_rows_that_the_csv_module_reads(size: int, encoding: str, text: str) -> None:
    rows = list(csv.reader(io.StringIO(text, newline="")))
    expected = [(number, row) for number, row in enumerate(rows, 1) if any(row)][1:]
    lines, filled = read(text.encode(encoding), size)
    assert lines == expected
    assert (sum(filled), 0 in filled) == (len(expected), False)
    if "\r" not in text.replace("\r\n", "") and size > 1:
        assert max(filled) <= size


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n,\n"])
@pytest.mark.parametrize(
    "lines", [0, 1, 3277, 3278, 10_000]
)  # of 20 bytes: 65 536 are decoded at once, and up to a line's end
def test_the_rows_of_a_long_part_are_those_of_its_lines(lines: int, end: str) -> None:
    text = "\n".join(f"{number:012d},张三" for number in range(lines)) + end
    assert list(rows_in(text.encode())) == [line.split(",") for line in text.removesuffix("\n").split("\n")]


def test_a_workbook_is_read_alike() -> None:
    buffer = io.BytesIO()
    with Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([["编号", "姓名"], ["1", "张三"], [], [], [2, "李\n四"]]):
            sheet.write_row(number, 0, row)
    lines, filled = read(buffer.getvalue(), 2)
    assert lines == [(2, ["1", "张三"]), (5, ["2", "李\n四"])]
    assert filled == [1, 1]


def test_a_part_opens_in_its_own_place_only() -> None:
    _, first, second = (sealed(RING, BATCH, part) for part in cut(open_table(b"a,b\n1,2\n3,4\n"), 1))
    assert [*opened(RING, BATCH, first)] == [(2, ["1", "2"])]
    with pytest.raises(Tampered):
        opened(RING, OTHER, first)
    moved = type(first)(second.first_row, first.rows, first.content)
    with pytest.raises(Tampered):
        opened(RING, BATCH, moved)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'a,b\n1,2\n3,"4" 5\n', id="text behind a quoted cell"),
        pytest.param(b'a,b\n1,2\n3,"4\n', id="a quoted cell without an end"),
        pytest.param(b"a,b\n1," + b"x" * 200_000, id="a cell beyond all measure"),
    ],
)
def test_damage_further_down_is_found_before_a_row_is_taken(content: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        list(cut(open_table(content), 1))
    assert caught.value.violations[0].code == "FILE_DAMAGED"


@pytest.mark.parametrize(
    ("places", "row", "picked"),
    [
        ([2, 0], ["a", "b", "c"], ("c", "a")),
        ([2, 0], ["a"], ("", "a")),
        ([2, None, 0], ["a", "b", "c"], ("c", "", "a")),
        ([1], ["a", "b"], ("b",)),
    ],
)
def test_cells_are_picked_by_their_places_and_a_short_row_is_filled_up(
    places: list[int | None], row: list[str], picked: tuple[str, ...]
) -> None:
    picker, other = Picker(places), ["x", "y", "z"]
    assert tuple(picker.row(row)) == picked
    assert [*zip(*picker.columns([row, row]), strict=True)] == [picked, picked]
    assert [*zip(*picker.columns([row, other]), strict=True)] == [picked, tuple(picker.row(other))]


def test_a_copy_has_number_and_reason_in_front() -> None:
    copy = refused_copy([["a"]], [(3, ["x"])], {3: "wrong"}, "csv")
    assert copy.decode("utf-8-sig").splitlines() == ["行号,退回原因,a", "3,wrong,x"]
    assert copy.startswith(b"\xef\xbb\xbf")


def test_a_copy_keeps_titles_and_headings_as_the_file_has_them() -> None:
    copy = refused_copy([["title"], ["", "money"], ["a", "b"]], [(5, ["x", "y"])], {5: "wrong"}, "csv")
    assert copy.decode("utf-8-sig").splitlines() == [",,title", ",,,money", "行号,退回原因,a,b", "5,wrong,x,y"]
