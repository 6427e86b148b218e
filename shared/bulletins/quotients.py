"""Finds ratios, growth, shares of a total, products and changes of unit: target = factor × a ÷ b, or × b (比率与乘积)."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import log2
from typing import NamedTuple

from shared.bulletins import words
from shared.bulletins.budget import Budget
from shared.bulletins.evidence import ENOUGH, failures_allowed, net
from shared.bulletins.matrix import Axis, Matrix
from shared.bulletins.relations import Kind, Relation, Standings, Term
from shared.bulletins.rounding import Rounding
from shared.bulletins.units import Unit

_PROBES = 4
_NEAR = 4
"""Two columns that stand no further apart are tried as one sum or difference."""
_LOOSE_SHARE = 3
_RATE_WORD, _SHARE_WORD = 4.0, 7.0
"""Bits of evidence in a heading."""
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


class Form(NamedTuple):
    """One or two variables added or subtracted, with their value in each sample and how far rounding may move it."""

    terms: tuple[Term, ...]
    values: list[int | None]
    slack: list[int]
    cost: float


class Candidate(NamedTuple):
    """A relation to be judged. `inverse`: target × below = above; else target = above × below."""

    above: Form
    below: Form | None
    inverse: bool
    factor: Fraction
    cost: float


def find_quotients(matrix: Matrix, sums: Sequence[Relation], totals: Sequence[int], budget: Budget) -> list[Relation]:
    """For each variable the best ratio or product, if there is evidence for one; not for the targets of sound `sums`.

    `totals`: samples of totals, for shares of them.
    """
    taken = {relation.target for relation in sums if not relation.standings.fails}
    forms = _forms(matrix, totals, _named_sums(sums))
    found = []
    for target in range(matrix.width):
        if not _may_be_derived(matrix, target, taken):
            continue
        relations = (judge(matrix, target, one) for one in _candidates(matrix, target, forms, budget))
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


# ── forms ───────────────────────────────────────────────────────────────────


def _named_sums(sums: Sequence[Relation]) -> set[frozenset[Term]]:
    """Sums and differences of two that have a column of their own: that column stands for them."""
    named = set()
    for relation in sums:
        signed = [(relation.target, -1), *((term.variable, term.coefficient) for term in relation.top)]
        if len(signed) == 3 and not relation.constant:  # noqa: PLR2004  a + b = c
            for at in range(3):
                for sign in (1, -1):
                    rest = signed[:at] + signed[at + 1 :]
                    named.add(frozenset(Term(variable, coefficient * sign) for variable, coefficient in rest))
    return named


def _forms(matrix: Matrix, totals: Sequence[int], named: set[frozenset[Term]]) -> list[Form]:
    able = [v for v in range(matrix.width) if not matrix.variables[v].is_rank]
    forms = [_form(matrix, (Term(v),), 0.0) for v in able]
    amounts = [v for v in able if not matrix.variables[v].is_rate]
    for a, b in combinations(amounts, 2):
        if _alike(matrix, a, b):
            cost = 1.0 if b - a == 1 else 2.0 + log2(b - a)
            twos = ((Term(a), Term(b)), (Term(a), Term(b, -1)), (Term(b), Term(a, -1)))
            forms += [_form(matrix, two, cost) for two in twos if frozenset(two) not in named]
    forms += [_form(matrix, (Term(v, 1, total),), 1.0) for total in totals for v in amounts]
    return forms


def _alike(matrix: Matrix, a: int, b: int) -> bool:
    """Whether two variables may be added: neighbours, or of one unit."""
    one, two = matrix.variables[a].unit, matrix.variables[b].unit
    if one is not None and two is not None and (one.base, one.factor) != (two.base, two.factor):
        return False
    return abs(a - b) <= _NEAR or (one is not None and two is not None and matrix.width <= 4 * _NEAR)


def _form(matrix: Matrix, terms: tuple[Term, ...], cost: float) -> Form:
    values: list[int | None] = []
    slack = []
    for sample in range(matrix.height):
        parts = [matrix.values[t.variable][sample if t.at is None else t.at] for t in terms]
        at = [sample if t.at is None else t.at for t in terms]
        known = all(part is not None for part in parts) and sample not in [t.at for t in terms]
        values.append(sum(t.coefficient * (p or 0) for t, p in zip(terms, parts, strict=True)) if known else None)
        slack.append(
            sum(matrix.ulps[t.variable][s] * matrix.soft[t.variable][s] for t, s in zip(terms, at, strict=True))
        )
    return Form(terms, values, slack, cost)


# ── candidates ──────────────────────────────────────────────────────────────


def _candidates(matrix: Matrix, target: int, forms: list[Form], budget: Budget) -> Iterator[Candidate]:
    """Relations that fit several telling samples of the target."""
    able = [form for form in forms if all(term.variable != target or term.at is not None for term in form.terms)]
    rates = {at for at, variable in enumerate(matrix.variables) if variable.is_rate}
    singles = [form for form in able if len(form.terms) == 1]
    doubles = [form for form in able if len(form.terms) == 2]  # noqa: PLR2004
    unit = matrix.variables[target].unit
    probes = sorted(
        (s for s in range(matrix.height) if matrix.values[target][s]), key=lambda s: -matrix.bits[target][s]
    )
    probes = probes[:_PROBES]
    if len(probes) < 2:  # noqa: PLR2004  one figure proves nothing
        return
    votes: Counter[tuple[int, int, bool, Fraction]] = Counter()
    steps = len(probes) * (len(able) + len(doubles)) * 8
    if not budget.take(steps, "部分列的比率", "ratios of some columns"):
        return
    index = {id(form): at for at, form in enumerate(able)}
    amounts = [form for form in able if form.terms[0].variable not in rates]
    for probe in probes:
        sorted_one = _sorted([form for form in amounts if len(form.terms) == 1], probe, index)
        sorted_all, sorted_own = _sorted(amounts, probe, index), _sorted(singles, probe, index)
        for below in amounts:
            above = sorted_all if len(below.terms) == 1 else sorted_one
            for factor in _factors(unit, below, matrix):
                for at in _fitting(matrix, target, probe, below, factor, above):
                    votes[at, index[id(below)], True, factor] += 1
        for below in singles if target not in rates else ():
            for factor in _SCALES:
                for at in _multiplied(matrix, target, probe, below, factor, sorted_own):
                    if at < index[id(below)]:
                        votes[at, index[id(below)], False, factor] += 1
    width = log2(max(matrix.width, 2))
    for (a, b, inverse, factor), count in sorted(votes.items()):
        if count >= 2 and a != b:  # noqa: PLR2004
            above, below = able[a], able[b]
            if inverse and above.terms == below.terms:
                continue
            cost = 2 * width + above.cost + below.cost + (0 if _is_usual(unit, factor) else 3)
            yield Candidate(above, below, inverse, factor, cost)
    for form in singles:
        if form.terms[0].at is None and not matrix.variables[target].is_rate:
            yield from (Candidate(form, None, False, factor, width + 3) for factor in _SHIFTS)


def _is_usual(unit: Unit | None, factor: Fraction) -> bool:
    return factor == (1 / unit.factor if unit is not None and unit.is_share else 1)


def _factors(unit: Unit | None, below: Form, matrix: Matrix) -> tuple[Fraction, ...]:
    """Factors worth trying: 100 for percent, powers of ten between units; all of them when no unit is printed."""
    if unit is not None and unit.is_share:
        usual = 1 / unit.factor
        own = matrix.variables[below.terms[0].variable].unit
        return (usual,) if own is not None else (usual, usual * 10**4, usual / 10**4)
    return _SCALES


def _sorted(forms: list[Form], probe: int, index: dict[int, int]) -> tuple[list[int], list[int]]:
    pairs = sorted((form.values[probe] or 0, index[id(form)]) for form in forms if form.values[probe])
    return [value for value, _ in pairs], [at for _, at in pairs]


def _fitting(
    matrix: Matrix, target: int, probe: int, below: Form, factor: Fraction, above: tuple[list[int], list[int]]
) -> list[int]:
    """Forms whose quotient by `below` prints as the target, within one in its last place and the slack of inputs."""
    value, ulp, divisor = matrix.values[target][probe], matrix.ulps[target][probe], below.values[probe]
    if value is None or not divisor:
        return []
    above_unit = factor.numerator * matrix.scale
    slack = (abs(value) * below.slack[probe] * factor.denominator) // (2 * above_unit) + below.slack[probe]
    low, high = divisor * (value - ulp) * factor.denominator, divisor * (value + ulp) * factor.denominator
    if divisor < 0:
        low, high = high, low
    low, high = low // above_unit - slack, -(-high // above_unit) + slack
    values, names = above
    return names[bisect_left(values, low) : bisect_right(values, high)]


def _multiplied(
    matrix: Matrix, target: int, probe: int, below: Form, factor: Fraction, above: tuple[list[int], list[int]]
) -> list[int]:
    """Forms whose product with `below` prints as the target."""
    value, ulp, other = matrix.values[target][probe], matrix.ulps[target][probe], below.values[probe]
    if value is None or not other:
        return []
    up, down = matrix.scale * factor.denominator, other * factor.numerator
    low, high = (value - ulp) * up, (value + ulp) * up
    if down < 0:
        low, high, down = -high, -low, -down
    values, names = above
    return names[bisect_left(values, -(-low // down)) : bisect_right(values, high // down)]


# ── judgement ───────────────────────────────────────────────────────────────


def judge(matrix: Matrix, target: int, one: Candidate) -> Relation | None:
    """The relation with where it holds and by which convention, or None when the evidence is too little."""
    marks = _marks(matrix, target, one)
    if marks is None:
        return None
    fitting = [set(fits) for _, fits, _ in marks]
    how = max(Rounding, key=lambda each: sum(each in fits for fits in fitting))
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
    off = len(standings.otherwise) + len(standings.close)
    if _LOOSE_SHARE * off > len(standings.good):  # inputs were rounded first: the last place says nothing
        standings = Standings(standings.holds, standings.otherwise + standings.close, [], standings.fails)
    confirmed = sum(max(matrix.bits[target][s], 0) for s in standings.holds)
    confirmed += sum(max(matrix.bits[target][s] - _width(matrix, target, one, s), 0) for s in standings.close)
    confirmed += sum(max(matrix.bits[target][s] - 1, 0) for s in standings.otherwise)
    evidence = net(confirmed + _hint(matrix, target, one), one.cost, len(standings.good), len(standings.fails))
    if evidence < ENOUGH or len(standings.good) < 3 or not _needs_all(matrix, target, one, standings.good):  # noqa: PLR2004
        return None
    bottom = one.below.terms if one.below and one.inverse else ()
    times = one.below.terms if one.below and not one.inverse else ()
    kind = _kind(matrix, target, one)
    return Relation(
        matrix.axis, kind, target, one.above.terms, bottom, times, one.factor, Fraction(0), how, standings, evidence
    )


def _hint(matrix: Matrix, target: int, one: Candidate) -> float:
    """What a heading is worth that says rate, and more where it says share of a whole."""
    variable = matrix.variables[target]
    if not variable.is_rate or one.below is None or not one.inverse:
        return 0.0
    is_share = any(term.at is not None for term in one.below.terms)
    return _SHARE_WORD if is_share and words.is_share(variable.name) else _RATE_WORD


def _needs_all(matrix: Matrix, target: int, one: Candidate, good: Sequence[int]) -> bool:
    """Whether the relation is lost in most samples when one of two added variables is left out."""
    for form in (one.above, one.below):
        for term in form.terms if form and len(form.terms) > 1 else ():
            left = tuple(each for each in form.terms if each != term) if form else ()
            less = _form(matrix, left, 0.0)
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
    if one.inverse:
        top, bottom = above * one.factor.numerator * matrix.scale, below * one.factor.denominator
    else:
        top, bottom = above * below * one.factor.numerator, matrix.scale * one.factor.denominator
    fits = conventions(value, ulp, top, bottom)
    return fits, bool(fits) or _is_near(value, ulp, top, bottom, one, sample)


def conventions(value: int, ulp: int, top: int, bottom: int) -> tuple[Rounding, ...]:
    """The conventions by which top ÷ bottom, cut to multiples of `ulp`, is `value`; all integers on one scale."""
    if bottom < 0:
        top, bottom = -top, -bottom
    if (top < 0) != (value < 0) and value and top:
        return ()
    whole, rest = divmod(abs(top), bottom * ulp)
    printed = abs(value)
    if printed == whole * ulp:
        if rest == 0:
            return tuple(Rounding)
        is_half_or_less = 2 * rest <= bottom * ulp
        if 2 * rest < bottom * ulp:
            return (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.TRUNCATE)
        return (Rounding.HALF_EVEN, Rounding.TRUNCATE) if is_half_or_less and whole % 2 == 0 else (Rounding.TRUNCATE,)
    if printed == (whole + 1) * ulp and rest:
        if 2 * rest > bottom * ulp:
            return (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.UP)
        if 2 * rest == bottom * ulp:
            return (
                (Rounding.HALF_UP, Rounding.UP)
                if whole % 2 == 0
                else (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.UP)
            )
        return (Rounding.UP,)
    return ()


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


def _kind(matrix: Matrix, target: int, one: Candidate) -> Kind:
    if one.below is None:
        return Kind.UNIT
    if not one.inverse:
        return Kind.PRODUCT
    if any(term.at is not None for term in one.below.terms):
        return Kind.SHARE
    above, below = one.above.terms, one.below.terms
    is_change = len(above) == 2 and above[1].coefficient < 0 and len(below) == 1  # noqa: PLR2004
    if (
        is_change
        and below[0].variable == above[1].variable
        and not words.is_rest(matrix.variables[above[1].variable].name)
    ):
        return Kind.GROWTH
    return Kind.RATIO
