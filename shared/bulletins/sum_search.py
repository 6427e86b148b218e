"""Looks for sums among variables by sketches: one number for each variable that adds up as the variable does (加减的搜索)."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from random import Random
from typing import TypeAlias

from shared.bulletins.budget import Budget
from shared.bulletins.matrix import Matrix

Signed: TypeAlias = tuple[tuple[int, int], ...]
"""Variables with signs whose sum is nothing; −1 as a variable stands for the constant 100."""

WHOLE_PERCENT = 100
_PRIME = (1 << 89) - 1
_GROUPS = 4
_GROUP_SIZE = 6
_MAX_FREE = 40
"""So many variables are tried in free combination; beyond, only pairs and runs of neighbours."""
_MAX_STEP = 6
_MAX_ROUNDED_RUN = 12
_PARTS = 2
_PROBES = 3


def sum_candidates(matrix: Matrix, able: list[int], samples: Sequence[int], budget: Budget) -> Iterator[Signed]:
    rates = [v for v in able if matrix.variables[v].is_rate]
    for kin in (able, rates) if len(rates) < len(able) else (able,):
        for group in _groups(matrix, kin, samples):
            sums = _hashed(matrix, kin, group)
            if kin is rates or len(rates) == len(able):
                sums[-1] = _hash_of([WHOLE_PERCENT * matrix.scale] * len(group))
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
    codes: dict[int, list[int]] = {}
    for v in names:
        codes.setdefault(sums[v], []).append(v)
    if not budget.take(len(names) ** 2, "两项之和", "sums of two"):
        return
    pairs: dict[int, list[tuple[int, int]]] = {}
    for a, b in combinations(names, 2):
        pairs.setdefault((sums[a] + sums[b]) % _PRIME, []).append((a, b))
    for code, twos in pairs.items():
        yield from (sign((a, b), (c,)) for a, b in twos for c in codes.get(code, ()) if c not in (a, b))
        yield from (sign(x, y) for x, y in combinations(twos, 2) if not set(x) & set(y))
    if len(names) > _MAX_FREE:
        budget.skip("四项以上的任意组合", "free combinations of four and more")
    elif budget.take(len(names) ** 3 // 2, "三项和四项之和", "sums of three and four"):
        yield from _larger(sums, codes, pairs)


def _larger(
    sums: dict[int, int], codes: dict[int, list[int]], pairs: dict[int, list[tuple[int, int]]]
) -> Iterator[Signed]:
    """Three against one or two, four against one."""
    names = sorted(sums)
    triples: dict[int, tuple[int, int, int]] = {}
    for three in combinations(names, 3):
        code = (sums[three[0]] + sums[three[1]] + sums[three[2]]) % _PRIME
        triples[code] = three
        yield from (sign(three, (d,)) for d in codes.get(code, ()) if d not in three)
        yield from (sign(three, two) for two in pairs.get(code, ()) if not set(three) & set(two))
    for d, e in ((d, e) for d in names for e in names if d != e):
        found = triples.get((sums[e] - sums[d]) % _PRIME)
        if found and not {d, e} & set(found):
            yield sign((*found, d), (e,))


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
    for step in range(2, _MAX_STEP + 1):
        lines |= {tuple(able[at::step]) for at in range(step)}
    for kind in ("unit", "last"):
        kinds: dict[str, list[int]] = {}
        for v in able:
            variable = matrix.variables[v]
            last = variable.levels[-1] if len(variable.levels) > 1 else ""
            name = (variable.unit.text if variable.unit else "") if kind == "unit" else last
            kinds.setdefault(name, []).append(v)
        lines |= {tuple(line) for line in kinds.values()}
    return sorted(line for line in lines if len(line) > _PARTS)


def _nearly(matrix: Matrix, able: list[int], samples: Sequence[int], budget: Budget) -> Iterator[Signed]:
    """Sums of figures that were rounded first: pairs and runs that fit one sample within its last places."""
    probes = sorted(samples, key=lambda s: -sum(matrix.bits[v][s] for v in able))[:_PROBES]
    soft = [v for v in able if any(matrix.soft[v][s] for s in probes)]
    for probe in probes:
        figures = {v: matrix.values[v][probe] or 0 for v in soft if matrix.values[v][probe]}
        if len(figures) <= _PARTS or not budget.take(len(figures) ** 2 * 8, "修约后之和", "sums of rounded figures"):
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
        for end in range(start + 3, min(len(line), start + _MAX_ROUNDED_RUN) + 1):
            yield tuple(line[start:end])
