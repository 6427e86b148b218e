"""Conventions of rounding (修约): half up is the rule, published tables also cut or round half to even."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shared.bulletins.figures import Figure


class Rounding(StrEnum):
    """How a figure was made short (修约方式)."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    TRUNCATE = "truncate"
    UP = "up"

    @property
    def zh(self) -> str:
        return {"half_up": "四舍五入", "half_even": "四舍六入五成双", "truncate": "截尾", "up": "进位"}[self.value]

    @property
    def en(self) -> str:
        words = {"half_up": "half up", "half_even": "half to even", "truncate": "cut off", "up": "rounded up"}
        return words[self.value]


def rounded(value: Fraction, places: int, how: Rounding = Rounding.HALF_UP) -> Fraction:
    """`value` with `places` decimals (negative: tens, hundreds). Half up rounds away from zero."""
    scale = Fraction(10) ** places
    units, sign = abs(value) * scale, -1 if value < 0 else 1
    whole, rest = units.numerator // units.denominator, units % 1
    up = {
        Rounding.HALF_UP: rest >= Fraction(1, 2),
        Rounding.HALF_EVEN: rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1),
        Rounding.TRUNCATE: False,
        Rounding.UP: rest > 0,
    }[how]
    return sign * (whole + up) / scale


class Agreement(StrEnum):
    """How a printed figure stands to the exact one (吻合程度)."""

    EQUAL = "equal"
    ROUNDED_OTHERWISE = "rounded_otherwise"
    WITHIN_INPUTS = "within_inputs"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Outcome of a comparison: the right figure at the printed decimals, and how the printed one agrees with it.

    `fits`: the conventions that give the printed figure; empty when none does.
    """

    agreement: Agreement
    recomputed: Fraction
    fits: tuple[Rounding, ...]


def compare(
    printed: Figure, exact: Fraction, how: Rounding = Rounding.HALF_UP, slack: Fraction = Fraction(0)
) -> Comparison:
    """Compare a printed figure with the exact one, rounded once, at the end, to the printed decimals.

    `slack`: how far the exact value may be off because its own inputs were printed rounded.
    """
    right = rounded(exact, printed.places, how)
    fits = tuple(each for each in Rounding if rounded(exact, printed.places, each) == printed.value)
    if right == printed.value:
        return Comparison(Agreement.EQUAL, right, fits)
    if fits:
        return Comparison(Agreement.ROUNDED_OTHERWISE, right, fits)
    if abs(exact - printed.value) <= slack + printed.ulp / 2:
        return Comparison(Agreement.WITHIN_INPUTS, right, ())
    return Comparison(Agreement.DIFFERENT, right, ())


def conventions(value: int, ulp: int, top: int, bottom: int) -> tuple[Rounding, ...]:
    """The conventions by which top ÷ bottom, in multiples of `ulp`, is `value`; all integers of one scale."""
    if bottom < 0:
        top, bottom = -top, -bottom
    if value and (top < 0) != (value < 0):
        return ()
    step, printed = bottom * ulp, abs(value)
    whole, rest = divmod(abs(top), step)
    if printed not in (whole * ulp, (whole + 1) * ulp):
        return ()
    up = (
        (Rounding.HALF_UP, 2 * rest >= step),
        (Rounding.HALF_EVEN, 2 * rest > step or (2 * rest == step and whole % 2 == 1)),
        (Rounding.TRUNCATE, False),
        (Rounding.UP, rest > 0),
    )
    return tuple(how for how, is_up in up if (whole + is_up) * ulp == printed)
