"""Finds ratios, growth, shares of a total, products and changes of unit: target = factor × a ÷ b, or × b (比率与乘积)."""

from collections.abc import Sequence
from fractions import Fraction
from math import log2

from shared.bulletins import words
from shared.bulletins.budget import Budget
from shared.bulletins.evidence import ENOUGH, failures_allowed, net
from shared.bulletins.forms import Candidate, form_of, forms_of, named_sums
from shared.bulletins.matrix import Axis, Matrix
from shared.bulletins.quotient_search import Search
from shared.bulletins.relations import Kind, Relation, Standings
from shared.bulletins.rounding import Rounding, conventions

_LOOSE_SHARE = 3
_MIN_GOOD = 3
_RATE_WORD, _SHARE_WORD = 4.0, 7.0
"""Bits of evidence in a heading."""


def find_quotients(matrix: Matrix, sums: Sequence[Relation], totals: Sequence[int], budget: Budget) -> list[Relation]:
    """For each variable the best ratio or product, if there is evidence for one; not for the targets of sound `sums`.

    `totals`: samples of totals, for shares of them.
    """
    taken = {relation.target for relation in sums if not relation.standings.fails}
    forms = forms_of(matrix, totals, named_sums(sums))
    found = []
    for target in range(matrix.width):
        if not _may_be_derived(matrix, target, taken):
            continue
        relations = (judge(matrix, target, one) for one in Search(matrix, target, forms).candidates(budget))
        best = max((each for each in relations if each), key=lambda each: each.net, default=None)
        if best:
            found.append(best)
    return _without_twins(matrix, found)


def _may_be_derived(matrix: Matrix, target: int, taken: set[int]) -> bool:
    """Among columns any amount may be a quotient; among rows, which mostly are of one kind, only what is called a rate."""
    variable = matrix.variables[target]
    if variable.is_rate:
        return not variable.is_rank
    return target not in taken and not variable.is_rank and (matrix.axis is Axis.COLUMNS or variable.is_mean)


def _without_twins(matrix: Matrix, found: list[Relation]) -> list[Relation]:
    """One of a = b × c, b = a ÷ c and c = a ÷ b is enough: the rate or mean, or the one that fits most strictly."""
    kept: dict[frozenset[int], Relation] = {}

    def order(relation: Relation) -> tuple[bool, int, float]:
        variable = matrix.variables[relation.target]
        return variable.is_rate or variable.is_mean, -len(relation.standings.close), relation.net

    for relation in found:
        key = frozenset({relation.target, *(term.variable for term in relation.terms())})
        if key not in kept or order(relation) > order(kept[key]):
            kept[key] = relation
    return [relation for relation in found if any(relation is each for each in kept.values())]


# ── judgement ───────────────────────────────────────────────────────────────


def judge(matrix: Matrix, target: int, one: Candidate) -> Relation | None:
    """The relation with where it holds and by which convention, or None when the evidence is too little."""
    marks = _marks(matrix, target, one)
    if marks is None:
        return None
    fitting = [set(fits) for _, fits, _ in marks]
    how = max(Rounding, key=lambda each: sum(each in fits for fits in fitting))
    standings = _stood(marks, how)
    off = len(standings.otherwise) + len(standings.close)
    if _LOOSE_SHARE * off > len(standings.good):  # inputs were rounded first: the last place says nothing
        standings = Standings(standings.holds, standings.otherwise + standings.close, [], standings.fails)
    confirmed = sum(max(matrix.bits[target][s], 0) for s in standings.holds)
    confirmed += sum(max(matrix.bits[target][s] - _width(matrix, target, one, s), 0) for s in standings.close)
    confirmed += sum(max(matrix.bits[target][s] - 1, 0) for s in standings.otherwise)
    evidence = net(confirmed + _hint(matrix, target, one), one.cost, len(standings.good), len(standings.fails))
    if evidence < ENOUGH or len(standings.good) < _MIN_GOOD or not _needs_all(matrix, target, one, standings.good):
        return None
    bottom = one.below.terms if one.below and one.divides else ()
    times = one.below.terms if one.below and not one.divides else ()
    kind = _kind(matrix, one)
    return Relation(
        matrix.axis, kind, target, one.above.terms, bottom, times, one.factor, Fraction(0), how, standings, evidence
    )


def _stood(marks: Sequence[tuple[int, tuple[Rounding, ...], bool]], how: Rounding) -> Standings:
    """The samples by how they stand to the convention `how`."""
    standings = Standings()
    for sample, fits, is_near in marks:
        if how in fits:
            standings.holds.append(sample)
        elif fits:
            standings.otherwise.append(sample)
        elif is_near:
            standings.close.append(sample)
        else:
            standings.fails.append(sample)
    return standings


def _hint(matrix: Matrix, target: int, one: Candidate) -> float:
    """What a heading is worth that says rate, and more where it says share of a whole."""
    variable = matrix.variables[target]
    if not variable.is_rate or one.below is None or not one.divides:
        return 0.0
    is_share = any(term.at is not None for term in one.below.terms)
    return _SHARE_WORD if is_share and words.is_share(variable.name) else _RATE_WORD


def _needs_all(matrix: Matrix, target: int, one: Candidate, good: Sequence[int]) -> bool:
    """Whether the relation is lost in most samples when one of two added variables is left out."""
    for form in (one.above, one.below):
        for term in form.terms if form and len(form.terms) > 1 else ():
            left = tuple(each for each in form.terms if each != term) if form else ()
            less = form_of(matrix, left, 0.0)
            poorer = one._replace(above=less) if form is one.above else one._replace(below=less)
            kept = sum(_mark(matrix, target, poorer, sample) for sample in good)
            if 2 * kept > len(good):
                return False
    return True


def _mark(matrix: Matrix, target: int, one: Candidate, sample: int) -> bool:
    """Whether a candidate fits one sample, as printed or within the slack of its inputs."""
    mark = _fit(matrix, target, one, sample)
    return mark is not None and mark[1]


def _marks(matrix: Matrix, target: int, one: Candidate) -> list[tuple[int, tuple[Rounding, ...], bool]] | None:
    """For each sample the conventions that give the printed figure, and whether rounded inputs can explain it."""
    allowed = failures_allowed(matrix.height)
    marks, fails = [], 0
    for sample in range(matrix.height):
        fit = _fit(matrix, target, one, sample)
        if fit is None:
            continue
        fails += not fit[1]
        if fails > allowed:
            return None
        marks.append((sample, *fit))
    return marks


def _fit(matrix: Matrix, target: int, one: Candidate, sample: int) -> tuple[tuple[Rounding, ...], bool] | None:
    """The conventions that fit one sample and whether it fits at all; None where a figure is missing."""
    value, ulp = matrix.values[target][sample], matrix.ulps[target][sample]
    above = one.above.values[sample]
    below = one.below.values[sample] if one.below else matrix.scale
    if value is None or above is None or not below:
        return None
    if one.divides:
        top, bottom = above * one.factor.numerator * matrix.scale, below * one.factor.denominator
    else:
        top, bottom = above * below * one.factor.numerator, matrix.scale * one.factor.denominator
    fits = conventions(value, ulp, top, bottom)
    return fits, bool(fits) or _is_near(value, ulp, top, bottom, one, sample)


def _is_near(value: int, ulp: int, top: int, bottom: int, one: Candidate, sample: int) -> bool:
    """Whether the inputs, moved within their own last places, can give the printed figure."""
    slack = one.above.slack[sample], one.below.slack[sample] if one.below else 0
    if slack == (0, 0):
        return False
    above = abs(one.above.values[sample] or 1)
    below = abs((one.below.values[sample] if one.below else 1) or 1)
    off = abs(top - value * bottom) * 2 * above * below
    return off <= abs(top) * (slack[0] * below + slack[1] * above) + ulp * abs(bottom) * above * below


def _width(matrix: Matrix, target: int, one: Candidate, sample: int) -> float:
    """Bits lost because rounded inputs let several printed figures pass."""
    value, ulp = abs(matrix.values[target][sample] or 0), matrix.ulps[target][sample]
    above, below = one.above.values[sample] or 1, (one.below.values[sample] if one.below else 1) or 1
    moved = Fraction(one.above.slack[sample], abs(above)) + Fraction(
        one.below.slack[sample] if one.below else 0, abs(below)
    )
    return log2(1 + float(value * moved / ulp))


def _kind(matrix: Matrix, one: Candidate) -> Kind:
    if one.below is None:
        is_change = any(term.coefficient < 0 for term in one.above.terms)
        return Kind.UNIT if one.above.is_single else Kind.DIFFERENCE if is_change else Kind.SUM
    if not one.divides:
        return Kind.PRODUCT
    if any(term.at is not None for term in one.below.terms):
        return Kind.SHARE
    above, below = one.above.terms, one.below.terms
    is_change = not one.above.is_single and above[1].coefficient < 0 and one.below.is_single
    is_growth = is_change and below[0].variable == above[1].variable
    return Kind.GROWTH if is_growth and not words.is_rest(matrix.variables[below[0].variable].name) else Kind.RATIO
