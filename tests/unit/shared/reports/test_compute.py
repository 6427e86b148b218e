"""Totals are computed anew from sums, ranks from exact figures; domain-funds-assets §9, scenarios 56-63."""

from fractions import Fraction

import pytest

from shared.reports.compute import compute
from shared.reports.model import Column, Kind, Rank, Ratio, Row, Sum, Unit
from shared.reports.show import half_up, shown

UNIT_NAME = Column("unit", "单位", "unit", Kind.TEXT)
LINKED = Column("linked", "对接", "linked", Kind.MONEY)
SPENT = Column("spent", "支出", "spent", Kind.MONEY)
BALANCE = Column("balance", "结余", "balance", Kind.MONEY, Sum(("linked",), ("spent",)))
RATE = Column("rate", "进度", "progress", Kind.RATE, Ratio(("spent",), ("linked",)))
RANK = Column("rank", "位次", "rank", Kind.RANK, Rank("rate"))
COLUMNS = (UNIT_NAME, LINKED, SPENT, BALANCE, RATE, RANK)


def units(*pairs: tuple[int | None, int | None]) -> list[Row]:
    return [{"unit": f"{n}", "linked": linked, "spent": spent} for n, (linked, spent) in enumerate(pairs)]


def test_the_total_rate_comes_from_the_sums() -> None:  # §4.4, 58: 泸西县 2019
    departments, townships = (1_028_259_00, 121_239_00), (1_133_903_00, 192_212_00)
    facts = units(*((spent + rest, spent) for spent, rest in (departments, townships)))
    computed = compute(COLUMNS, facts)
    printed = [shown(RATE, Unit.WAN, row["rate"]) for row in (*computed.rows, computed.total)]
    assert printed == ["89.45", "85.51", "87.34"]
    assert shown(RATE, Unit.WAN, 1 - Fraction(str(computed.total["rate"]))) == "12.66"


def test_equal_progress_shares_a_rank_and_the_next_is_skipped() -> None:  # 60
    computed = compute(COLUMNS, units((100, 100), (7, 7), (10_000, 9_674)))
    assert [row["rank"] for row in computed.rows] == [1, 1, 3]


def test_a_unit_without_money_is_blank_and_last() -> None:  # 61
    computed = compute(COLUMNS, units((0, 0), (100, 0), (100, 50)))
    assert [(row["rate"], row["rank"]) for row in computed.rows] == [(None, 3), (0, 2), (Fraction(1, 2), 1)]
    assert shown(RATE, Unit.WAN, None) == "—"


def test_a_rate_sums_both_parts_over_the_same_rows() -> None:  # 62: 永城 in one part only
    computed = compute(COLUMNS, units((200, 20), (None, 80), (100, None)))
    assert computed.total["rate"] == Fraction(20, 200)
    assert (computed.total["linked"], computed.total["spent"], computed.rows[1]["balance"]) == (300, 100, None)


def test_a_lead_is_rounded_once() -> None:  # 63: 张掖 2023, 8.68 and not 42.02 - 33.33 = 8.69
    lead = Column("lead", "超序时", "lead", Kind.POINTS, Sum(("rate",), ("elapsed",)))
    elapsed = Column("elapsed", "序时", "elapsed", Kind.RATE, hidden=True)
    facts: list[Row] = [{"unit": "张掖", "linked": 50_422_00, "spent": 21_185_83, "elapsed": Fraction(1, 3)}]
    computed = compute((*COLUMNS, elapsed, lead), facts)
    assert shown(lead, Unit.WAN, computed.rows[0]["lead"]) == "8.68"
    assert computed.total["lead"] == computed.rows[0]["lead"]


def test_an_empty_report_has_an_empty_total() -> None:
    computed = compute(COLUMNS, [])
    assert set(computed.total.values()) == {None}


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (Fraction(88_0486, 10_000), 1, "88.0"),  # 56
        (Fraction(616_564, 10_000), 1, "61.7"),
        (Fraction(5, 1000), 2, "0.01"),
        (Fraction(-5, 1000), 2, "-0.01"),
        (Fraction(-4, 1000), 2, "0.00"),
        (Fraction(25, 10), 0, "3"),
    ],
)
def test_half_up(value: Fraction, decimals: int, text: str) -> None:
    assert half_up(value, decimals) == text
