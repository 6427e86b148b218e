"""A relation between figures (勾稽关系): target = factor × top × times ÷ bottom + constant, over rows or columns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from shared.bulletins.matrix import Axis
from shared.bulletins.rounding import Rounding


class Kind(StrEnum):
    """What a relation is called (关系类型)."""

    TOTAL = "total"
    SUM = "sum"
    DIFFERENCE = "difference"
    COMPLEMENT = "complement"
    RATIO = "ratio"
    SHARE = "share"
    GROWTH = "growth"
    PRODUCT = "product"
    UNIT = "unit"
    RANK = "rank"
    COUNT = "count"


class Cell(NamedTuple):
    """A place in the table: row and measure column, from 0."""

    row: int
    column: int


class Term(NamedTuple):
    """`coefficient` × a variable, in the same sample, in one `lag` before, or always in the sample `at` (a total)."""

    variable: int
    coefficient: int = 1
    at: int | None = None
    lag: int = 0


Reader = Callable[[Cell], Fraction | None]


@dataclass(slots=True)
class Standings:
    """The samples by how the relation stands there.

    `close`: off by no more than rounded inputs allow; `otherwise`: right but for the convention of rounding.
    """

    holds: list[int] = field(default_factory=list)
    close: list[int] = field(default_factory=list)
    otherwise: list[int] = field(default_factory=list)
    fails: list[int] = field(default_factory=list)

    @property
    def good(self) -> list[int]:
        return self.holds + self.close + self.otherwise


@dataclass(slots=True)
class Relation:
    """One relation with where it holds. `net` is the evidence for it in bits, after all that was tried."""

    axis: Axis
    kind: Kind
    target: int
    top: tuple[Term, ...]
    bottom: tuple[Term, ...] = ()
    times: tuple[Term, ...] = ()
    factor: Fraction = Fraction(1)
    constant: Fraction = Fraction(0)
    rounding: Rounding = Rounding.HALF_UP
    standings: Standings = field(default_factory=Standings)
    net: float = 0.0

    @property
    def is_linear(self) -> bool:
        return not self.bottom and not self.times and self.factor == 1

    def place(self, variable: int, sample: int) -> Cell:
        return Cell(sample, variable) if self.axis is Axis.COLUMNS else Cell(variable, sample)

    def target_at(self, sample: int) -> Cell:
        return self.place(self.target, sample)

    def terms(self) -> Iterator[Term]:
        yield from self.top
        yield from self.times
        yield from self.bottom

    def inputs_at(self, sample: int) -> list[Cell]:
        """The cells that the target is computed from."""
        return [self._cell(term, sample) for term in self.terms()]

    def _cell(self, term: Term, sample: int) -> Cell:
        return self.place(term.variable, sample - term.lag if term.at is None else term.at)

    def form(self, terms: tuple[Term, ...], sample: int, read: Reader) -> Fraction | None:
        """Value of one part; a missing figure counts as nothing in a sum of several, else there is no value."""
        values = [(term.coefficient, read(self._cell(term, sample))) for term in terms]
        if all(value is None for _, value in values):
            return None
        return sum((factor * value for factor, value in values if value is not None), Fraction(0))

    def exact(self, sample: int, read: Reader) -> Fraction | None:
        """The unrounded value that the target should have; None where it cannot be told."""
        top = self.form(self.top, sample, read)
        bottom = self.form(self.bottom, sample, read) if self.bottom else Fraction(1)
        times = self.form(self.times, sample, read) if self.times else Fraction(1)
        if top is None or times is None or not bottom:
            return None
        return self.factor * top * times / bottom + self.constant

    def solved(self, sample: int, cell: Cell, target: Fraction, read: Reader) -> Fraction | None:
        """The value of an input `cell` that gives exactly `target`, all other inputs as read; None when there is none."""
        a, b = self._line(self.top, sample, cell, read)
        e, f = self._line(self.times, sample, cell, read) if self.times else (Fraction(1), Fraction(0))
        c, d = self._line(self.bottom, sample, cell, read) if self.bottom else (Fraction(1), Fraction(0))
        if b and f:
            return None
        if f:
            a, b, e = e, f, a
        wanted = target - self.constant
        slope = self.factor * e * b - wanted * d
        return (wanted * c - self.factor * e * a) / slope if slope else None

    def _line(self, terms: tuple[Term, ...], sample: int, cell: Cell, read: Reader) -> tuple[Fraction, Fraction]:
        """A part as constant and slope in the value of `cell`."""
        constant, slope = Fraction(0), Fraction(0)
        for term in terms:
            at = self._cell(term, sample)
            if at == cell:
                slope += term.coefficient
            else:
                constant += term.coefficient * (read(at) or 0)
        return constant, slope
