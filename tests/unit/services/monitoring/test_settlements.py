"""The quick look at an ordinary row never says anything else than the close look at each of its cells."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.monitoring.domain.exchanges import DEPARTMENT_FILES
from services.monitoring.domain.settlements import QuickLook, Settlements, SpendingRow, read_spending

TODAY = date(2024, 5, 20)
GOOD = ("YB2024000001", "张三", "11010519491231002X", "230606008001", "2024-04-15", "310.50")
AREAS = (230606008001, 230606008002)
_ODD = "0X9 　.,-/一张·aA\n１"


def changed(at: int, value: str) -> tuple[str, ...]:
    return (*GOOD[:at], value, *GOOD[at + 1 :])


@st.composite
def nearly_good(draw: st.DrawFn) -> tuple[str, ...]:
    """A good row in which a few characters of some cells are others."""
    cells = list(GOOD)
    for at in draw(st.lists(st.integers(0, len(GOOD) - 1), max_size=3)):
        place = draw(st.integers(0, len(cells[at])))
        gone = draw(st.integers(0, 2))
        cells[at] = cells[at][:place] + draw(st.text(_ODD, max_size=2)) + cells[at][place + gone :]
    return tuple(cells)


def look(*rows: tuple[str, ...]) -> tuple[dict[int, SpendingRow], list[int]]:
    """The rows that a quick look takes by their numbers from 2 on, and the places of the others."""
    found, odd = QuickLook(TODAY, AREAS).read(2, [*zip(*rows, strict=True)])
    for at in reversed(odd):
        found.drop(at)
    return {row: SpendingRow(*rest) for row, *rest in zip(*in_order(found), strict=True)}, odd


def in_order(found: Settlements) -> tuple[list[Any], ...]:
    """The columns in the order of the fields of a row."""
    return found.rows, found.records, found.numbers, found.names, found.areas, found.days, found.amounts


@given(st.lists(nearly_good(), min_size=1, max_size=4))
@example([GOOD])
@example([GOOD, changed(0, "")])
@example([changed(2, "910105194912310029")])
@example([changed(2, "1101051949123100"), GOOD])
@example([changed(1, "ﬁ")])
@example([GOOD, changed(1, "")])
@example([changed(3, "230606999999"), GOOD])
@example([changed(4, "20240520")])
@example([changed(5, "-0.01"), GOOD])
@example([changed(5, "1.00,2.00")])
@example([changed(5, "100000000000.01")])
def test_quick_and_close_look_agree(rows: list[tuple[str, ...]]) -> None:
    quick, odd = look(*rows)
    for at, cells in enumerate(rows):
        assert (at in odd) == (at + 2 not in quick)
        if at not in odd:
            assert quick[at + 2] == read_spending(cells, TODAY)
            assert quick[at + 2].area in AREAS


def test_ordinary_rows_are_taken_quickly_whatever_stands_beside_them() -> None:
    expected = SpendingRow("YB2024000001", GOOD[2], "张三", 230606008001, date(2024, 4, 15), 31050)
    assert look(GOOD, changed(5, "1,310.5"), changed(5, "x"), GOOD) == (
        {2: expected, 3: replace(expected, self_paid=131050), 5: expected},
        [2],
    )
    assert read_spending(GOOD, TODAY) == expected


def test_a_closer_look_fills_in_what_it_takes() -> None:
    found, odd = QuickLook(TODAY, AREAS).read(7, [*zip(changed(1, "张 三"), GOOD, strict=True)])
    assert odd == [0]
    closely = read_spending(changed(1, "张 三"), TODAY)
    assert isinstance(closely, SpendingRow)
    found.put(0, closely)
    assert found.names == ["张 三", "张三"]
    assert found.rows == [7, 8]
    more = Settlements()
    more.extend(found)
    assert in_order(more) == in_order(found)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, " YB-1"),
        (1, "张 三"),
        (2, " 11010519491231002x"),
        (3, "２３０６０６００８００１"),
        (4, "2024/4/15"),
        (5, " 1,310.5"),
    ],
)
def test_unusual_spellings_are_taken_after_a_closer_look(at: int, value: str) -> None:
    assert isinstance(read_spending(changed(at, value), TODAY), SpendingRow)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, ""),
        (1, "张3"),
        (2, "110105194912310021"),
        (3, "2306"),
        (4, "2024-05-21"),
        (5, "一千"),
        (5, "100000000000.01"),
    ],
)
def test_what_is_wrong_is_never_taken_quickly(at: int, value: str) -> None:
    assert look(changed(at, value)) == ({}, [0])
    assert isinstance(read_spending(changed(at, value), TODAY), tuple)


def test_each_item_has_a_number_of_its_own() -> None:
    numbers = [exchange.item_no for exchange in DEPARTMENT_FILES]
    assert numbers == [1, 2]  # as they stand in the table: none is given away
