"""The quick look at an ordinary row never says anything else than the close look at each of its cells."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.monitoring.domain.settlements import SpendingRow, read_closely, read_ordinary, read_spending

TODAY = date(2024, 5, 20)
GOOD = ("YB2024000001", "张三", "11010519491231002X", "230606008001", "2024-04-15", "310.50")
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


@given(nearly_good())
@example(GOOD)
@example(changed(2, "910105194912310029"))
@example(changed(1, "ﬁ"))
@example(changed(4, "20240520"))
@example(changed(5, "-0.01"))
def test_quick_and_close_look_agree(cells: tuple[str, ...]) -> None:
    quick = read_ordinary(cells, TODAY)
    assert quick is None or quick == read_closely(cells, TODAY)


def test_the_ordinary_row_is_taken_quickly() -> None:
    expected = SpendingRow("YB2024000001", GOOD[2], "张三", 230606008001, date(2024, 4, 15), 31050)
    assert read_ordinary(GOOD, TODAY) == read_spending(GOOD, TODAY) == expected


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
    assert read_ordinary(changed(at, value), TODAY) is None
    assert isinstance(read_spending(changed(at, value), TODAY), tuple)
