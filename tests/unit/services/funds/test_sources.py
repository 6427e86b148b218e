"""A payment over several sources (domain-funds-assets §3.8, scenario 44): by what each still holds, to the fen."""

import random

import pytest

from shared.kernel.money import parse_yuan, split_remaining

THIRD = parse_yuan("333333.34"), parse_yuan("333333.33"), parse_yuan("333333.33")


def test_44_three_equal_sources_pay_a_million() -> None:
    """The fen that does not divide goes to the first."""
    million = parse_yuan("1000000.00")
    assert tuple(split_remaining(million, [million] * 3)) == THIRD


@pytest.mark.parametrize("seed", range(20))
def test_44_many_payments_never_drive_a_source_below_zero_and_end_at_zero(seed: int) -> None:
    chance = random.Random(seed)
    held = list(THIRD)
    while left := sum(held):
        paid = split_remaining(chance.randint(1, min(left, 9_000_000)), held)
        held = [have - out for have, out in zip(held, paid, strict=True)]
        assert min(held) >= 0
    assert held == [0, 0, 0]


def test_44_the_split_is_not_cumulative() -> None:
    """§3.8: 9 : 4 : 9 of 13 is 5 / 3 / 5, of 14 it would be 6 / 2 / 6; of what is left it is not taken back."""
    first = split_remaining(13, [900, 400, 900])
    second = split_remaining(1, [have - out for have, out in zip([900, 400, 900], first, strict=True)])
    assert (first, sum(second)) == ([5, 3, 5], 1)
    assert min(second) >= 0
