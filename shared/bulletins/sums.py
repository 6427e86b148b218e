"""Finds sums and differences among variables: parts of a whole, opening + in − out = closing, 100 − rate (勾稽加减)."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from random import Random

from shared.bulletins import words
from shared.bulletins.budget import Budget
from shared.bulletins.evidence import ENOUGH, NEEDED, cost_of_choice, failures_allowed, gain, net, told
from shared.bulletins.matrix import Matrix
from shared.bulletins.relations import Kind, Relation, Standings, Term

_PRIME = (1 << 89) - 1
_GROUPS = 4
_GROUP_SIZE = 6
_MAX_FREE = 40
"""So many variables are tried in free combination; beyond, only pairs and runs of neighbours."""
_WHOLE_PERCENT = 100

Signed = tuple[tuple[int, int], ...]
"""Variables with signs whose sum is nothing; −1 as a variable stands for the constant 100."""


def find_sums(
    matrix: Matrix, budget: Budget, known: Sequence[Relation] = (), samples: Sequence[int] = ()
) -> list[Relation]:
    """All independent sums over the variables of a matrix. `known` relations and what follows from them are left out."""
    among = list(samples) or list(range(matrix.height))
    able = [v for v in range(matrix.width) if not matrix.variables[v].is_rank and _has_content(matrix, v, among)]
    candidates = set(_candidates(matrix, able, among, budget))
    judged = [each for each in (judge(matrix, one, among, len(able)) for one in candidates) if each is not None]
    judged.sort(key=lambda one: (len(one.signed), len(one.standings.fails), _span(one.signed), -one.net, one.signed))
    basis = Basis()
    for relation in known:
        basis.add(signed_of(relation))
    found: list[Judged] = []
    for one in judged:
        if not _is_shadow(one, found) and basis.add(one.signed):
            found.append(one)
    return [oriented(matrix, one) for one in found]


def _has_content(matrix: Matrix, variable: int, samples: Sequence[int]) -> bool:
    return sum(bool(matrix.values[variable][sample]) for sample in samples) > 1


# ── candidates ──────────────────────────────────────────────────────────────


def _candidates(matrix: Matrix, able: list[int], samples: Sequence[int], budget: Budget) -> Iterator[Signed]:
    rates = [v for v in able if matrix.variables[v].is_rate]
    for kin in (able, rates) if len(rates) < len(able) else (able,):
        for group in _groups(matrix, kin, samples):
            sums = _hashed(matrix, kin, group)
            if kin is rates or len(rates) == len(able):
                sums[-1] = _hash_of([_WHOLE_PERCENT * matrix.scale] * len(group))
            yield from _small(sums, budget)
            yield from _runs(matrix, sums, kin, budget)
        yield from _nearly(matrix, kin, samples, budget)


def _groups(matrix: Matrix, able: list[int], samples: Sequence[int]) -> list[list[int]]:
    """Disjoint groups of telling samples: one wrong figure spoils one group, the others still show the relation."""
    full = sorted(
        samples, key=lambda s: -sum(matrix.bits[v][s] > 0 for v in able) - sum(matrix.bits[v][s] for v in able) / 1000
    )
    count = max(1, min(_GROUPS, len(full) // 2))
    return [full[at::count][:_GROUP_SIZE] for at in range(count)]


def _hashed(matrix: Matrix, able: list[int], group: Sequence[int]) -> dict[int, int]:
    """One number per variable that adds up when, and but by chance only when, the figures of the group add up."""
    hashed = {v: _hash_of([matrix.values[v][sample] or 0 for sample in group]) for v in able}
    return {v: code for v, code in hashed.items() if code}


def _hash_of(values: list[int]) -> int:
    weights = Random(len(values))  # noqa: S311  a fixed sketch, no secret
    return sum(weights.randrange(1, _PRIME) * value for value in values) % _PRIME


def _small(sums: dict[int, int], budget: Budget) -> Iterator[Signed]:
    """Three to five variables in free combination."""
    names = sorted(sums)
    if len(names) > _MAX_FREE:
        budget.skip("四项以上的任意组合", "free combinations of four and more")
    codes: dict[int, list[int]] = {}
    for v in names:
        codes.setdefault(sums[v], []).append(v)
    pairs: dict[int, list[tuple[int, int]]] = {}
    if not budget.take(len(names) ** 2, "两项之和", "sums of two"):
        return
    for a, b in combinations(names, 2):
        pairs.setdefault((sums[a] + sums[b]) % _PRIME, []).append((a, b))
    for code, twos in pairs.items():
        yield from (sign((a, b), (c,)) for a, b in twos for c in codes.get(code, ()) if c not in (a, b))
        yield from (sign(x, y) for x, y in combinations(twos, 2) if not set(x) & set(y))
    if len(names) > _MAX_FREE or not budget.take(len(names) ** 3 // 2, "三项和四项之和", "sums of three and four"):
        return
    triples: dict[int, tuple[int, int, int]] = {}
    for three in combinations(names, 3):
        code = (sums[three[0]] + sums[three[1]] + sums[three[2]]) % _PRIME
        triples[code] = three
        yield from (sign(three, (d,)) for d in codes.get(code, ()) if d not in three)
        yield from (sign(three, two) for two in pairs.get(code, ()) if not set(three) & set(two))
    for d in names:
        for e in names:
            three_of = triples.get((sums[e] - sums[d]) % _PRIME)
            if three_of and d != e and not {d, e} & set(three_of):
                yield sign((*three_of, d), (e,))


def sign(plus: Iterable[int], minus: Iterable[int]) -> Signed:
    """A canonical form: sorted, the first sign positive."""
    signed = sorted([(v, 1) for v in plus] + [(v, -1) for v in minus])
    return tuple(signed) if signed[0][1] > 0 else tuple((v, -s) for v, s in signed)


def _runs(matrix: Matrix, sums: dict[int, int], able: list[int], budget: Budget) -> Iterator[Signed]:
    """A whole and its neighbouring parts, however many; also every second, third … column, and columns of one kind."""
    codes = {sums[v]: v for v in sorted(sums, reverse=True)}
    for line in _lines(matrix, able):
        if not budget.take(len(line) ** 2 // 2, "相邻多项之和", "sums of neighbours"):
            return
        for start in range(len(line)):
            code = 0
            for end in range(start, len(line)):
                code = (code + sums.get(line[end], 0)) % _PRIME
                whole = codes.get(code)
                if end - start > 1 and whole is not None and whole not in line[start : end + 1]:
                    yield sign(line[start : end + 1], (whole,))


def _lines(matrix: Matrix, able: list[int]) -> list[tuple[int, ...]]:
    """Orders in which parts stand side by side."""
    lines = {tuple(able)}
    for step in range(2, 7):
        lines |= {tuple(able[at::step]) for at in range(step)}
    for kind in ("unit", "last"):
        kinds: dict[str, list[int]] = {}
        for v in able:
            variable = matrix.variables[v]
            last = variable.levels[-1] if len(variable.levels) > 1 else ""
            name = (variable.unit.text if variable.unit else "") if kind == "unit" else last
            kinds.setdefault(name, []).append(v)
        lines |= {tuple(line) for line in kinds.values()}
    return sorted(line for line in lines if len(line) > 2)  # noqa: PLR2004  a whole and two parts


def _nearly(matrix: Matrix, able: list[int], samples: Sequence[int], budget: Budget) -> Iterator[Signed]:
    """Sums of figures that were rounded first: pairs and runs that fit one sample within its last places."""
    probes = sorted(samples, key=lambda s: -sum(matrix.bits[v][s] for v in able))[:3]
    soft = [v for v in able if any(matrix.soft[v][s] for s in probes)]
    for probe in probes:
        figures = {v: matrix.values[v][probe] or 0 for v in soft if matrix.values[v][probe]}
        if len(figures) < 3 or not budget.take(len(figures) ** 2 * 8, "修约后之和", "sums of rounded figures"):  # noqa: PLR2004
            continue
        slack = 2 * max(matrix.ulps[v][probe] for v in figures)
        wholes: dict[int, list[int]] = {}
        for v, value in figures.items():
            wholes.setdefault(value // slack, []).append(v)
        for line in [*combinations(figures, 2), *_stretches(list(figures))]:
            near = sum(figures[v] for v in line) // slack
            for whole in (*wholes.get(near - 1, ()), *wholes.get(near, ()), *wholes.get(near + 1, ())):
                if whole not in line:
                    yield sign(line, (whole,))


def _stretches(line: list[int]) -> Iterator[tuple[int, ...]]:
    for start in range(len(line)):
        for end in range(start + 3, min(len(line), start + 12) + 1):
            yield tuple(line[start:end])


# ── judgement ───────────────────────────────────────────────────────────────


class Judged:
    """A candidate with its standings and evidence."""

    __slots__ = ("net", "signed", "standings")

    def __init__(self, signed: Signed, standings: Standings, evidence: float) -> None:
        self.signed, self.standings, self.net = signed, standings, evidence


def judge(matrix: Matrix, signed: Signed, samples: Sequence[int], width: int) -> Judged | None:
    """The evidence for one candidate, or None when it is too little."""
    real = [v for v, _ in signed if v >= 0]
    units = {matrix.variables[v].unit for v in real} - {None}
    if len({(unit.base, unit.factor) for unit in units if unit}) > 1:
        return None
    standings = stand(matrix, signed, samples)
    if standings is None:
        return None
    good = standings.holds + standings.close
    full = [s for s in good if sum(bool(matrix.values[v][s]) for v in real) >= min(3, len(real))]
    confirmed = max(told(matrix, v, full) for v in real) - len(standings.close) * 2
    is_run = _span(signed) == len(signed) - 1
    evidence = net(confirmed, cost_of_choice(width, len(signed), is_run=is_run), len(full), len(standings.fails))
    if evidence < ENOUGH or len(full) < 2 or min(gain(matrix, v, good) for v in real) < NEEDED:  # noqa: PLR2004
        return None
    return Judged(signed, standings, evidence)


def stand(matrix: Matrix, signed: Signed, samples: Sequence[int]) -> Standings | None:
    """Where a candidate holds; None as soon as it fails too often. Blank cells neither fail nor prove anything."""
    allowed = failures_allowed(len(samples))
    standings = Standings()
    for sample in samples:
        rest, blanks, slack = 0, 0, 0
        for variable, coefficient in signed:
            if variable < 0:
                rest += coefficient * _WHOLE_PERCENT * matrix.scale
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
            if len(standings.fails) > allowed:
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
            if sum(bool(c) for c in rest.values()) <= 2 and len(other.standings.fails) < len(one.standings.fails):  # noqa: PLR2004
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
    if whole is not None and (not rests or words.is_whole(names[whole].name) or len(plus) > 2):  # noqa: PLR2004
        target = whole
    else:
        target = rests[-1] if rests else max(real)
    side = 1 if target in plus else -1
    top = tuple(Term(v, (1 if v in minus else -1) * side) for v in real if v != target)
    constant = Fraction((1 if -1 in minus else -1) * side * _WHOLE_PERCENT) if has_constant else Fraction(0)
    kind = Kind.COMPLEMENT if constant else Kind.SUM if all(t.coefficient > 0 for t in top) else Kind.DIFFERENCE
    return Relation(matrix.axis, kind, target, top, constant=constant, standings=one.standings, net=one.net)
