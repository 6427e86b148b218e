"""Finds columns of ranks (排名) and what they rank: up or down, ties by competition (1,1,3) or dense (1,1,2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import lgamma, log, log2

from shared.bulletins.evidence import failures_allowed
from shared.bulletins.matrix import Matrix
from shared.bulletins.table import Table
from shared.bulletins.totals import Total

_MIN_RANKED = 4
_NAMED, _UNNAMED = 2.0, 12.0
"""Net bits that a ranking needs; a heading 排名 already says that it is one."""


class Ties(StrEnum):
    """What follows a tie (并列名次): the next rank skips, or it does not."""

    COMPETITION = "competition"
    DENSE = "dense"


@dataclass(slots=True)
class Ranking:
    """`rank` orders the rows by `by`. `expected` gives the right ranks of the rows that fail, first and last of a tie."""

    rank: int
    by: int
    is_descending: bool
    ties: Ties
    holds: list[int] = field(default_factory=list)
    fails: list[int] = field(default_factory=list)
    expected: dict[int, tuple[int, int]] = field(default_factory=dict)


def find_rankings(table: Table, matrix: Matrix, totals: Sequence[Total]) -> list[Ranking]:
    """For each column that looks like ranks the column it ranks by, if one fits in nearly all rows."""
    apart = {total.row for total in totals}
    found = []
    for rank in range(matrix.width):
        rows = [r for r in range(len(table.rows)) if r not in apart and matrix.values[rank][r] is not None]
        ranks = {r: (matrix.values[rank][r] or 0) // matrix.scale for r in rows}
        if not _look_like_ranks(matrix, rank, ranks):
            continue
        tried = [
            ranking
            for by in range(matrix.width)
            if by != rank and not matrix.variables[by].is_rank and all(matrix.values[by][r] is not None for r in rows)
            for is_descending in (True, False)
            for ties in Ties
            for ranking in [judge(matrix, rank, by, ranks, is_descending=is_descending, ties=ties)]
        ]
        best = min(
            tried,
            key=lambda one: (len(one.fails), not one.is_descending, one.ties is Ties.DENSE, abs(one.by - one.rank)),
            default=None,
        )
        if best and _is_proven(best, len(tried), is_named=matrix.variables[rank].is_rank):
            found.append(best)
    return found


def _look_like_ranks(matrix: Matrix, rank: int, ranks: dict[int, int]) -> bool:
    """Small whole numbers from 1, hardly one twice; a heading 排名 allows what figures alone do not."""
    if len(ranks) < _MIN_RANKED or any(value % matrix.scale for r in ranks for value in [matrix.values[rank][r] or 0]):
        return False
    inside = sum(1 <= value <= len(ranks) for value in ranks.values())
    if matrix.variables[rank].is_rank:
        return 3 * inside >= 2 * len(ranks)
    return inside >= len(ranks) - 1 and len(set(ranks.values())) >= 0.8 * len(ranks)


def judge(matrix: Matrix, rank: int, by: int, ranks: dict[int, int], *, is_descending: bool, ties: Ties) -> Ranking:
    """Where printed ranks are what the values of `by` make them; tied values may share or follow each other."""
    values = {r: (matrix.values[by][r] or 0) * (-1 if is_descending else 1) for r in ranks}
    ranking = Ranking(rank, by, is_descending, ties)
    order = sorted(values.values())
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for place, value in enumerate(order, start=1):
        first.setdefault(value, place)
        last[value] = place
    if ties is Ties.DENSE:
        first = {value: place for place, value in enumerate(sorted(set(order)), start=1)}
        last = first
    for r, printed in ranks.items():
        ends = first[values[r]], last[values[r]]
        if ends[0] <= printed <= ends[1]:
            ranking.holds.append(r)
        else:
            ranking.fails.append(r)
            ranking.expected[r] = ends
    return ranking


def _is_proven(one: Ranking, tried: int, *, is_named: bool) -> bool:
    """Whether so many ranks fit by chance: the orders of the fitting rows, against what was tried and what fails."""
    total = len(one.holds) + len(one.fails)
    if len(one.fails) > max(2 * (total >= _MIN_RANKED + 3), failures_allowed(total)):
        return False
    orders = lgamma(len(one.holds) + 1) / log(2)
    bits = orders - 2 * len(one.fails) * log2(total) - log2(max(tried // len(Ties), 1))
    return bits >= (_NAMED if is_named else _UNNAMED)
