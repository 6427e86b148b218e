"""What a quotient or product may be made of: one variable, or two neighbours added or subtracted (算式的项)."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import log2
from typing import NamedTuple

from shared.bulletins.matrix import Matrix
from shared.bulletins.relations import Relation, Term

_NEAR = 4
"""Two columns that stand no further apart are tried as one sum or difference."""
_PAIRS = 120
"""In a narrow table they may stand anywhere."""
_PAIR = 2


class Form(NamedTuple):
    """One or two variables added or subtracted, with their value in each sample and how far rounding may move it."""

    terms: tuple[Term, ...]
    values: list[int | None]
    slack: list[int]
    cost: float

    @property
    def is_single(self) -> bool:
        return len(self.terms) == 1

    @property
    def is_plain(self) -> bool:
        """A variable in its own sample, no more."""
        return len(self.terms) == 1 and self.terms[0].at is None and not self.terms[0].lag

    def has(self, variable: int) -> bool:
        """Whether the form takes the variable from the same sample."""
        return any(term.variable == variable and term.at is None for term in self.terms)


class Candidate(NamedTuple):
    """A relation to be judged. `divides`: target = above ÷ below, else above × below."""

    above: Form
    below: Form | None
    divides: bool
    factor: Fraction
    cost: float


def named_sums(sums: Sequence[Relation]) -> set[frozenset[Term]]:
    """Sums and differences of two that have a column of their own: that column stands for them."""
    named = set()
    for relation in sums:
        signed = [Term(relation.target, -1), *relation.top]
        if len(relation.top) != _PAIR or relation.constant:
            continue
        for column in signed:  # all three add up to nothing, so two of them are the third, or its opposite
            rest = (Term(each.variable, -each.coefficient * column.coefficient) for each in signed if each != column)
            named.add(frozenset(rest))
    return named


def forms_of(matrix: Matrix, totals: Sequence[int], named: set[frozenset[Term]]) -> list[Form]:
    """All forms; sums in `named` are left out, and of each amount its figure in the samples `totals` is one too."""
    able = [v for v in range(matrix.width) if not matrix.variables[v].is_rank]
    forms = [form_of(matrix, (Term(v),), 0.0) for v in able]
    amounts = [v for v in able if not matrix.variables[v].is_rate]
    for a, b in combinations(amounts, 2):
        if _alike(matrix, a, b):
            cost = 1.0 if b - a == 1 else 2.0 + log2(b - a)
            twos = ((Term(a), Term(b)), (Term(a), Term(b, -1)), (Term(b), Term(a, -1)))
            forms += [form_of(matrix, two, cost) for two in twos if frozenset(two) not in named]
    forms += [form_of(matrix, (Term(v, 1, total),), 1.0) for total in totals for v in amounts]
    return forms


def _alike(matrix: Matrix, a: int, b: int) -> bool:
    """Whether two variables may be added: near each other, and not of two units."""
    one, two = matrix.variables[a].unit, matrix.variables[b].unit
    if one is not None and two is not None and (one.base, one.factor) != (two.base, two.factor):
        return False
    return abs(a - b) <= max(_NEAR, _PAIRS // matrix.width)


def form_of(matrix: Matrix, terms: tuple[Term, ...], cost: float) -> Form:
    """A form with its values; none where a figure is missing, or where a term is taken from the sample itself."""
    lines = [_line(matrix, term) for term in terms]
    values = [None if None in each else sum(each) for each in zip(*(line[0] for line in lines), strict=True)]
    slack = [sum(each) for each in zip(*(line[1] for line in lines), strict=True)]
    return Form(terms, values, slack, cost)


def _line(matrix: Matrix, term: Term) -> tuple[list[int | None], list[int]]:
    """Values and possible rounding of one term in every sample."""
    values = matrix.values[term.variable]
    slack = [ulp * soft for ulp, soft in zip(matrix.ulps[term.variable], matrix.soft[term.variable], strict=True)]
    if term.lag:
        start = [None] * term.lag
        moved = [*start, *values[: -term.lag]] if term.lag > 0 else [*values[-term.lag :], *[None] * -term.lag]
        values = [None if value is None else term.coefficient * value for value in moved]
        return values, [max(slack)] * matrix.height
    if term.at is not None:
        fixed = [values[term.at]] * matrix.height
        fixed[term.at] = None
        return fixed, [slack[term.at]] * matrix.height
    if term.coefficient == 1:
        return values, slack
    return [None if value is None else term.coefficient * value for value in values], slack
