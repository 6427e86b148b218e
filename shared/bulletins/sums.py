"""Finds sums and differences among variables: parts of a whole, opening + in − out = closing, 100 − rate (勾稽加减)."""

from collections.abc import Sequence
from fractions import Fraction

from shared.bulletins import words
from shared.bulletins.budget import Budget
from shared.bulletins.evidence import ENOUGH, NEEDED, REPEATED, cost_of_choice, failures_allowed, gain, net, told
from shared.bulletins.matrix import Matrix
from shared.bulletins.relations import Kind, Relation, Standings, Term
from shared.bulletins.sum_search import WHOLE_PERCENT, Signed, sum_candidates

_PARTS = 2
_FULL = 3
"""A sample proves a sum when three of its figures, or all, are there and not nothing."""


class Judged:
    """A candidate with its standings and evidence."""

    __slots__ = ("net", "signed", "standings")

    def __init__(self, signed: Signed, standings: Standings, evidence: float) -> None:
        self.signed, self.standings, self.net = signed, standings, evidence


def find_sums(
    matrix: Matrix, budget: Budget, known: Sequence[Relation] = (), apart: frozenset[int] = frozenset()
) -> list[Relation]:
    """All independent sums over the variables of a matrix. `known` relations and what follows from them are left out.

    `apart`: samples that are totals of others.
    """
    among = range(matrix.height)
    able = [v for v in range(matrix.width) if not matrix.variables[v].is_rank and _has_content(matrix, v, among)]
    candidates = set(sum_candidates(matrix, able, among, budget))
    judged = [each for each in (judge(matrix, one, among, len(able), apart) for one in candidates) if each is not None]
    judged.sort(key=lambda one: (len(one.signed), len(one.standings.fails), _span(one.signed), -one.net, one.signed))
    basis = Basis()
    for relation in known:
        basis.add(signed_of(relation))
    found: list[Judged] = []
    for one in judged:
        if one.net >= ENOUGH and not _is_shadow(one, found) and basis.add(one.signed):
            found.append(one)
    for one in judged:
        if one.net < ENOUGH and _is_repeated(one, found) and basis.add(one.signed):
            found.append(one)
    return [oriented(matrix, one) for one in found]


def _is_repeated(one: Judged, found: Sequence[Judged]) -> bool:
    """Whether the same sum holds in another group of columns: 收入 − 支出 = 结余 this year, and last year."""
    return any(_shape(one.signed) == _shape(other.signed) for other in found)


def _shape(signed: Signed) -> tuple[tuple[int, int], ...]:
    """The sum as distances from its first variable."""
    return tuple((variable - signed[0][0], coefficient) for variable, coefficient in signed)


def _has_content(matrix: Matrix, variable: int, samples: Sequence[int]) -> bool:
    return sum(bool(matrix.values[variable][sample]) for sample in samples) > 1


def judge(matrix: Matrix, signed: Signed, samples: Sequence[int], width: int, apart: frozenset[int]) -> Judged | None:
    """The evidence for one candidate, or None when it is too little. A total that fails with its items fails once."""
    real = [v for v, _ in signed if v >= 0]
    units = {matrix.variables[v].unit for v in real} - {None}
    if len({(unit.base, unit.factor) for unit in units if unit}) > 1:
        return None
    standings = stand(matrix, signed, samples, apart)
    if standings is None:
        return None
    good = standings.holds + standings.close
    full = [s for s in good if sum(bool(matrix.values[v][s]) for v in real) >= min(_FULL, len(real))]
    confirmed = max(told(matrix, v, full) for v in real) - len(standings.close) * 2
    is_run = _span(signed) == len(signed) - 1
    failing = len(set(standings.fails) - apart) or len(standings.fails)
    evidence = net(confirmed, cost_of_choice(width, len(signed), is_run=is_run), len(full), failing)
    needed = NEEDED / 2 if is_run else NEEDED
    if evidence < ENOUGH - REPEATED or len(full) < _PARTS or min(gain(matrix, v, good) for v in real) < needed:
        return None
    return Judged(signed, standings, evidence)


def stand(matrix: Matrix, signed: Signed, samples: Sequence[int], apart: frozenset[int]) -> Standings | None:
    """Where a candidate holds; None as soon as it fails too often. Blank cells neither fail nor prove anything."""
    allowed = failures_allowed(len(samples))
    standings = Standings()
    for sample in samples:
        rest, blanks, slack = 0, 0, 0
        for variable, coefficient in signed:
            if variable < 0:
                rest += coefficient * WHOLE_PERCENT * matrix.scale
                continue
            value = matrix.values[variable][sample]
            if value is None:
                blanks += not matrix.dashes[variable][sample]
                continue
            rest += coefficient * value
            slack += matrix.ulps[variable][sample] * matrix.soft[variable][sample]
        if rest == 0:
            if blanks < len(signed):
                standings.holds.append(sample)
        elif 2 * abs(rest) <= slack:
            standings.close.append(sample)
        elif not blanks and any(matrix.values[v][sample] for v, _ in signed if v >= 0):
            standings.fails.append(sample)
            if len(set(standings.fails) - apart) > allowed:
                return None
    return standings


def _span(signed: Signed) -> int:
    real = [v for v, _ in signed if v >= 0]
    return max(real) - min(real)


def _is_shadow(one: Judged, found: Sequence[Judged]) -> bool:
    """Whether a failing candidate is a well-holding one with a column put in place of one that is nearly the same."""
    if not one.standings.fails:
        return False
    mine = dict(one.signed)
    for other in found:
        for factor in (1, -1):
            rest = {v: mine.get(v, 0) + factor * dict(other.signed).get(v, 0) for v in {*mine, *dict(other.signed)}}
            if sum(bool(c) for c in rest.values()) <= _PARTS and len(other.standings.fails) < len(one.standings.fails):
                return True
    return False


class Basis:
    """Relations that are known, as rows of a matrix in echelon form; tells whether another one is new."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, Fraction]] = {}

    def add(self, signed: Signed) -> bool:
        """Take a relation in; False when it follows from those already there."""
        row = {v: Fraction(c) for v, c in signed}
        while row:
            lead = min(row)
            pivot = self._rows.get(lead)
            if pivot is None:
                self._rows[lead] = {v: c / row[lead] for v, c in row.items()}
                return True
            factor = row[lead]
            for v, c in pivot.items():
                row[v] = row.get(v, Fraction(0)) - factor * c
            row = {v: c for v, c in row.items() if c}
        return False


def signed_of(relation: Relation) -> Signed:
    """A linear relation as signed variables."""
    signed = [(relation.target, -1), *((term.variable, term.coefficient) for term in relation.top)]
    return tuple(signed + ([(-1, 1)] if relation.constant else []))


def oriented(matrix: Matrix, one: Judged) -> Relation:
    """A found sum with its target: the whole, or what the words call a rest, a change, a balance."""
    plus = [v for v, c in one.signed if c > 0]
    minus = [v for v, c in one.signed if c < 0]
    if len(minus) > len(plus):
        plus, minus = minus, plus
    has_constant = -1 in plus + minus
    real = [v for v in plus + minus if v >= 0]
    whole = minus[0] if len(minus) == 1 and minus[0] >= 0 else None
    names = matrix.variables
    rests = [v for v in real if words.is_rest(names[v].name) and not words.is_whole(names[v].name)]
    if whole is not None and (not rests or words.is_whole(names[whole].name) or len(plus) > _PARTS):
        target = whole
    else:
        target = rests[-1] if rests else max(real)
    side = 1 if target in plus else -1
    top = tuple(Term(v, (1 if v in minus else -1) * side) for v in real if v != target)
    constant = Fraction((1 if -1 in minus else -1) * side * WHOLE_PERCENT) if has_constant else Fraction(0)
    kind = Kind.COMPLEMENT if constant else Kind.SUM if all(t.coefficient > 0 for t in top) else Kind.DIFFERENCE
    return Relation(matrix.axis, kind, target, top, constant=constant, standings=one.standings, net=one.net)
