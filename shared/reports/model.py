"""The columns of a report (报表列) and how figures follow from figures.

A figure is an integer (fen, or a count), an exact Fraction, a text, or None for "nothing to show": a rate without a
denominator is blank, never 0 % or 100 % (domain-funds-assets §4.4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

Figure: TypeAlias = int | Fraction | str | None
Row: TypeAlias = Mapping[str, Figure]


class Kind(StrEnum):
    """What a column holds, which decides how it is summed and shown."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    """Fen; shown in the report's unit."""
    RATE = "rate"
    """An exact fraction of one; shown in per cent."""
    POINTS = "points"
    """A difference of two rates; shown in percentage points."""
    RANK = "rank"


class Unit(StrEnum):
    """The unit in which money is shown (元, 万元, 亿元)."""

    YUAN = "元"
    WAN = "万元"
    YI = "亿元"


class Rhythm(StrEnum):
    """How often a report is due; its periods are named by the first day they cover."""

    ONCE = "once"
    FORTNIGHT = "fortnight"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Sum:
    """`plus` added up, `minus` taken off; None as soon as a part is None."""

    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ratio:
    """Σ `top` ÷ Σ `bottom`; None when a part is None or the bottom is zero.

    In the total row both are summed over the same rows: those in which neither is missing.
    """

    top: tuple[str, ...]
    bottom: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rank:
    """1 for the best by the exact figure in `by`; equals share a rank and the next is skipped (1, 1, 3); None is last."""

    by: str
    descending: bool = True


Formula: TypeAlias = Sum | Ratio | Rank


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a fact that was gathered, or what follows from columns before it by `formula`."""

    name: str
    zh: str
    en: str
    kind: Kind
    formula: Formula | None = None
    totalled: bool = True
    """False: the total row leaves it blank."""
    decimals: int = 2
    hidden: bool = False
    """A figure that others are computed from, and that is not printed."""


def parts_of(column: Column) -> tuple[str, ...]:
    """The names of the columns that a column follows from."""
    match column.formula:
        case Sum(plus, minus):
            return (*plus, *minus)
        case Ratio(top, bottom):
            return (*top, *bottom)
        case Rank(by):
            return (by,)
    return ()
