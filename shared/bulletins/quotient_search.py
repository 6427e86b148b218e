"""Looks for quotients and products that print as a target in several telling samples (比率的搜索)."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import log2

from shared.bulletins.budget import Budget
from shared.bulletins.forms import Candidate, Form, form_of
from shared.bulletins.matrix import Axis, Matrix
from shared.bulletins.relations import Term
from shared.bulletins.units import Unit

_PROBES = 4
_VOTES = 2
"""A candidate must fit so many of the probed samples: one of them may hold the wrong figure."""
_SCALES = (
    Fraction(1),
    Fraction(100),
    Fraction(1, 100),
    Fraction(10**4),
    Fraction(1, 10**4),
    Fraction(1000),
    Fraction(1, 1000),
)
_SHIFTS = (Fraction(1000), Fraction(10**4), Fraction(10**8), Fraction(1, 1000), Fraction(1, 10**4), Fraction(1, 10**8))
_UNUSUAL = 3.0

_Key = tuple[int, int, bool, Fraction]
"""Places of the two forms, whether one divides by the other, and the factor."""


class Search:
    """The search for one target."""

    def __init__(self, matrix: Matrix, target: int, forms: Sequence[Form]) -> None:
        self.matrix, self.target = matrix, target
        self.unit = matrix.variables[target].unit
        self.is_rate = matrix.variables[target].is_rate
        is_whole = not (self.is_rate or matrix.variables[target].is_mean or _has_decimals(matrix, target))
        self.forms = [form for form in forms if not form.has(target) and (form.is_single or not is_whole)]
        rates = {at for at, variable in enumerate(matrix.variables) if variable.is_rate}
        self.amounts = [at for at, form in enumerate(self.forms) if form.terms[0].variable not in rates]
        self.singles = [at for at, form in enumerate(self.forms) if form.is_single]
        told = [s for s in range(matrix.height) if matrix.values[target][s]]
        self.probes = sorted(told, key=lambda s: -matrix.bits[target][s])[:_PROBES]

    def candidates(self, budget: Budget) -> Iterator[Candidate]:
        """What fits the probes; nothing when there are too few of them, or the budget is spent."""
        steps = len(self.probes) * len(self.forms) * 16
        if len(self.probes) < _VOTES or not budget.take(steps, "部分列的比率", "ratios of some columns"):
            return
        votes: Counter[_Key] = Counter()
        for probe in self.probes:
            votes.update(self._quotients(probe))
            votes.update(() if self.is_rate else self._products(probe))
        width = log2(max(self.matrix.width, 2))
        for (above, below, divides, factor), count in sorted(votes.items()):
            one, other = self.forms[above], self.forms[below]
            if count >= _VOTES and one.terms != other.terms:
                cost = 2 * width + one.cost + other.cost + (0.0 if self._is_usual(factor) else _UNUSUAL)
                yield Candidate(one, other, divides, factor, cost)
        for at in () if self.is_rate else self.singles:
            if self.forms[at].is_plain:
                yield from (Candidate(self.forms[at], None, False, shift, width + _UNUSUAL) for shift in _SHIFTS)
        if self.matrix.axis is Axis.COLUMNS:
            yield from self._over_rows(width)

    def _over_rows(self, width: float) -> Iterator[Candidate]:
        """Changes from the row before, running totals, and growth; years may stand from the top down or upward."""
        singles = [self.forms[at] for at in self.amounts if self.forms[at].is_plain]
        usual = 1 / self.unit.factor if self.unit is not None and self.unit.is_share else Fraction(1)
        for form, lag in ((form, lag) for form in singles for lag in (1, -1)):
            variable = form.terms[0].variable
            before = form_of(self.matrix, (Term(variable, 1, None, lag),), 0.0)
            change = form_of(self.matrix, (Term(variable), Term(variable, -1, None, lag)), 0.0)
            if not self.is_rate:
                own = (Term(self.target, 1, None, lag), Term(variable))
                yield Candidate(change, None, False, Fraction(1), width + _UNUSUAL)
                yield Candidate(form_of(self.matrix, own, 0.0), None, False, Fraction(1), width + _UNUSUAL)
                continue
            for above in (change, *(each for each in singles if each is not form)):
                yield Candidate(above, before, True, usual, 2 * width + _UNUSUAL)

    def _is_usual(self, factor: Fraction) -> bool:
        return factor == (1 / self.unit.factor if self.unit is not None and self.unit.is_share else 1)

    def _quotients(self, probe: int) -> Iterator[_Key]:
        every = self._sorted(self.amounts, probe)
        single = self._sorted([at for at in self.amounts if self.forms[at].is_single], probe)
        for below in self.amounts:
            above = every if self.is_rate or self.forms[below].is_single else single
            for factor in self._factors(self.forms[below]):
                yield from ((at, below, True, factor) for at in self._divided(probe, self.forms[below], factor, above))

    def _products(self, probe: int) -> Iterator[_Key]:
        own = self._sorted(self.singles, probe)
        for below in self.singles:
            for factor in _SCALES:
                for above in self._multiplied(probe, self.forms[below], factor, own):
                    if above < below:
                        yield above, below, False, factor

    def _sorted(self, places: Sequence[int], probe: int) -> tuple[list[int], list[int]]:
        """The values of forms in order, and the forms in the same order."""
        pairs = sorted((self.forms[at].values[probe] or 0, at) for at in places if self.forms[at].values[probe])
        return [value for value, _ in pairs], [at for _, at in pairs]

    def _factors(self, below: Form) -> tuple[Fraction, ...]:
        """Factors worth trying: 100 for percent, powers of ten between units; all of them when no unit is printed."""
        if self.unit is None or not self.unit.is_share:
            return _SCALES
        usual = 1 / self.unit.factor
        own: Unit | None = self.matrix.variables[below.terms[0].variable].unit
        return (usual,) if own is not None else (usual, usual * 10**4, usual / 10**4)

    def _divided(self, probe: int, below: Form, factor: Fraction, above: tuple[list[int], list[int]]) -> list[int]:
        """Forms whose quotient by `below` prints as the target, within one in its last place and the slack of inputs."""
        value, ulp, divisor = self._figure(probe, below)
        if not divisor:
            return []
        unit = factor.numerator * self.matrix.scale
        slack = (abs(value) * below.slack[probe] * factor.denominator) // (2 * unit) + below.slack[probe]
        low, high = sorted(divisor * end * factor.denominator for end in (value - ulp, value + ulp))
        values, names = above
        return names[bisect_left(values, low // unit - slack) : bisect_right(values, -(-high // unit) + slack)]

    def _multiplied(self, probe: int, below: Form, factor: Fraction, above: tuple[list[int], list[int]]) -> list[int]:
        """Forms whose product with `below` prints as the target."""
        value, ulp, other = self._figure(probe, below)
        if not other:
            return []
        up, down = self.matrix.scale * factor.denominator, other * factor.numerator
        low, high = (value - ulp) * up, (value + ulp) * up
        if down < 0:
            low, high, down = -high, -low, -down
        values, names = above
        return names[bisect_left(values, -(-low // down)) : bisect_right(values, high // down)]

    def _figure(self, probe: int, below: Form) -> tuple[int, int, int]:
        value, ulp = self.matrix.values[self.target][probe], self.matrix.ulps[self.target][probe]
        return value or 0, ulp, below.values[probe] or 0


def _has_decimals(matrix: Matrix, variable: int) -> bool:
    """Whole amounts without a telling name are hardly ever quotients: for them only single columns are tried."""
    return any(value is not None and value % matrix.scale for value in matrix.values[variable])
