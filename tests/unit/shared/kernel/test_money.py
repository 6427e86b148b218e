"""Money: parsing, rounding directions, splits that never lose a fen."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import PPM, at_most, format_wan, format_yuan, parse_wan, parse_yuan, split, split_remaining


@pytest.mark.parametrize(
    "text, fen",
    [("0", 0), ("1", 100), ("1.5", 150), ("1234.50", 123_450), ("-0.01", -1), ("1,234.56", 123_456), ("7.10", 710)],
)
def test_yuan_is_read_exactly(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize("text", ["", "1.005", "1e3", "１２", "abc", "1.2.3", " - 1", "NaN", "1" * 16])
def test_what_is_no_amount_in_yuan_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"decimal"):
        parse_yuan(text)


@pytest.mark.parametrize("text, fen", [("30862.6147", 30_862_614_700), ("0.000001", 1), ("1259", 1_259_000_000)])
def test_wan_takes_up_to_six_decimals(text: str, fen: int) -> None:
    assert parse_wan(text) == fen
    assert parse_wan(format_wan(fen)) == fen


def test_wan_with_a_tenth_of_a_fen_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 6 decimals"):
        parse_wan("0.0000001")


@given(st.integers(-(10**15), 10**15))
def test_what_is_written_is_read_back(fen: int) -> None:
    assert parse_yuan(format_yuan(fen)) == fen


@pytest.mark.parametrize(
    "amount, share, ceiling",
    [(95_123_457, Fraction(3, 100), 2_853_703), (33_333_333, Fraction(30, 100), 9_999_999), (100, Fraction(1), 100)],
)
def test_ceilings_round_down(amount: int, share: Fraction, ceiling: int) -> None:
    assert at_most(amount, share) == ceiling


@pytest.mark.parametrize(
    "total, weights, parts",
    [
        (100_000_000, [1, 1, 1], [33_333_334, 33_333_333, 33_333_333]),  # scenario 44
        (PPM, [1, 1, 1], [333_334, 333_333, 333_333]),  # scenario 70
        (1_000_000, [3, 3, 1], [428_572, 428_571, 142_857]),  # scenario 77
        (3, [1, 1], [2, 1]),  # scenario 20
        (PPM, [57_074_074, 38_049_383, 3_000_000], [581_656, 387_770, 30_574]),  # §7.4
        (13, [9, 4, 9], [5, 3, 5]),  # §3.8
    ],
)
def test_largest_remainder(total: int, weights: list[int], parts: list[int]) -> None:
    assert split(total, weights) == parts


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1).filter(any))
def test_a_split_loses_nothing_and_stays_within_one(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part - Fraction(total * weight, sum(weights))) < 1 for part, weight in zip(parts, weights, strict=True)
    )


@pytest.mark.parametrize("total, weights", [(-1, [1]), (1, [0, 0]), (1, []), (1, [2, -1])])
def test_a_split_without_sense_is_refused(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match=r"split|empty"):
        split(total, weights)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6).filter(any), st.data())
def test_paying_by_remaining_balances_never_overdraws_and_ends_at_zero(
    balances: list[int], data: st.DataObject
) -> None:
    left = list(balances)
    while sum(left):
        amount = data.draw(st.integers(1, sum(left)))
        paid = split_remaining(amount, left)
        assert sum(paid) == amount
        left = [have - took for have, took in zip(left, paid, strict=True)]
        assert min(left) >= 0
        if len(left) == 1 or amount * 50 < sum(balances):
            left = [have - took for have, took in zip(left, split_remaining(sum(left), left), strict=True)]
    assert left == [0] * len(balances)


def test_more_than_is_left_is_refused() -> None:
    with pytest.raises(ValueError, match="remaining"):
        split_remaining(11, [5, 5])
