"""The arithmetic of distributed income (收益分配, domain-funds-assets §7.9): upkeep, parts, household lines, draws."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Literal
from uuid import UUID

from shared.kernel.money import Fen, at_most, split


class Part(StrEnum):
    """A part of what is distributed; households get lines of those that `INCOME_KINDS` names."""

    COLLECTIVE = "collective"
    PUBLIC_POSTS = "public_posts"
    SMALL_WORKS = "small_works"
    AWARDS = "awards"
    HOUSEHOLD = "household"


PART_NAMES = {
    Part.COLLECTIVE: "集体积累",
    Part.PUBLIC_POSTS: "公益岗位",
    Part.SMALL_WORKS: "小型公益事业",
    Part.AWARDS: "奖励补助",
    Part.HOUSEHOLD: "农户差异化分配",
}

INCOME_KINDS = {
    Part.PUBLIC_POSTS: "wage",
    Part.SMALL_WORKS: "wage",
    Part.AWARDS: "property",
    Part.HOUSEHOLD: "property",
}
"""How a household's income sheet counts a line (M-INC-01): paid for work, or as the yield of property."""

Basis = Literal["days_worked", "points", "difficulty", "none"]
"""What a weight counts (分配依据): 劳动天数、积分、困难程度；`none` is no basis at all."""


def upkeep_reserve(received: Fen, other_deductions: Fen, share: Fraction) -> Fen:
    """The upkeep reserve (管护资金): floor of its share of what remains after tax, operator and losses."""
    return at_most(received - other_deductions, share)


def part_amounts(total: Fen, shares_ppm: Sequence[int]) -> list[Fen]:
    """The parts make the total exactly; shares are parts per million of it (scenario 76)."""
    return split(total, shares_ppm)


def line_amounts(amount: Fen, weights: Mapping[UUID, int]) -> dict[UUID, Fen]:
    """A part over households by weight; equal remainders go to the lower household code (scenario 77)."""
    households = sorted(weights)
    return dict(zip(households, split(amount, [weights[household] for household in households]), strict=True))


def rule_of(received_on: date, rules: Sequence[tuple[date, UUID]]) -> UUID | None:
    """The rule in force on the day money arrived (scenario 80); later rules never reach back."""
    in_force = [rule for rule in rules if rule[0] <= received_on]
    return max(in_force)[1] if in_force else None


def draws(needed: Fen, free: Sequence[tuple[UUID, Fen]]) -> dict[UUID, Fen]:
    """What a plan takes of each receipt, in the order given, until it has what it needs."""
    taken = {}
    for receipt, amount in free:
        taken[receipt] = min(needed, amount)
        needed -= taken[receipt]
    return taken
