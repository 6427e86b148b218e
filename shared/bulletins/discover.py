"""Discovers the relations of one table without being told (自动发现勾稽关系): totals, sums, ratios, products, ranks."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from shared.bulletins.budget import Budget
from shared.bulletins.counts import Counting, find_counts
from shared.bulletins.matrix import Axis, Matrix, by_columns, by_rows
from shared.bulletins.quotients import find_quotients
from shared.bulletins.ranks import Ranking, find_rankings
from shared.bulletins.relations import Kind, Relation, Standings, Term
from shared.bulletins.slips import Slip, find_slips
from shared.bulletins.sums import find_sums
from shared.bulletins.table import Table
from shared.bulletins.totals import Total, find_totals
from shared.bulletins.words import Standing

_MAX_ROWS_AS_VARIABLES = 40
_MIN_SAMPLES = 3
_MAX_WORK = 2_400_000
"""Rows × columns²: the work of one search."""
_MAX_WHOLES = 3
_DERIVED = frozenset({Kind.RATIO, Kind.GROWTH, Kind.SHARE})


@dataclass(slots=True)
class Discovery:
    """All that one table shows of itself."""

    table: Table
    matrix: Matrix
    totals: list[Total]
    relations: list[Relation]
    rankings: list[Ranking] = field(default_factory=list)
    counts: list[Counting] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)


def discover(table: Table, budget: Budget) -> Discovery:
    """The relations of a table. Tables of single figures (a unit for each row) are read in `labelled.py`.

    Of a very long table only the first rows are read, and then no totals.
    """
    rows = _MAX_WORK // len(table.columns) ** 2
    is_cut = len(table.rows) > rows
    if is_cut:
        budget.skip(f"第{rows}行以后，以及合计行", f"rows after the first {rows}, and totals")
        table = replace(table, rows=table.rows[:rows], figures=table.figures[:rows])
    matrix = by_columns(table)
    totals = [] if table.has_units or is_cut else find_totals(table, matrix)
    sums = find_sums(matrix, budget, apart=frozenset(total.row for total in totals))
    quotients = find_quotients(matrix, sums, _wholes(table, matrix, totals), budget)
    _call_growth(quotients, sums)
    derived = {relation.target for relation in quotients if relation.kind in _DERIVED}
    adding = [relation for total in totals if (relation := _relation(total, derived))]
    across = _across(table, matrix, adding, derived, budget)
    relations = [*adding, *sums, *quotients, *across]
    apart = {total.row for total in totals}
    items = [row for row in range(len(table.rows)) if row not in apart and not table.has_units]
    return Discovery(
        table,
        matrix,
        totals,
        relations,
        find_rankings(table, matrix, totals),
        find_counts(table, matrix, totals),
        find_slips(matrix, items),
    )


def _call_growth(quotients: Sequence[Relation], sums: Sequence[Relation]) -> None:
    """A change over what it is a change from is growth, also when the change has its own column."""
    changes = {
        (relation.target, term.variable)
        for relation in sums
        for term in relation.top
        if relation.kind is Kind.DIFFERENCE and term.coefficient < 0
    }
    for relation in quotients:
        is_simple = relation.kind is Kind.RATIO and len(relation.top) == len(relation.bottom) == 1
        if is_simple and (relation.top[0].variable, relation.bottom[0].variable) in changes:
            relation.kind = Kind.GROWTH


def _wholes(table: Table, matrix: Matrix, totals: Sequence[Total]) -> list[int]:
    """Rows that others may be shares of: grand totals, and rows whose own share is printed as a hundred."""
    rows = [total.row for total in totals if _is_grand(table, total)]
    for column, variable in enumerate(matrix.variables):
        if variable.unit is not None and variable.unit.is_share:
            whole = matrix.scale / variable.unit.factor
            rows += [row for row, value in enumerate(matrix.values[column]) if value == whole][:_MAX_WHOLES]
    return sorted(set(rows))[:_MAX_WHOLES]


def _is_grand(table: Table, total: Total) -> bool:
    return table.rows[total.row].standing is not Standing.SUB and len(total.parts) * 2 > len(table.rows) // 2


def _relation(total: Total, derived: set[int]) -> Relation | None:
    """A total as a relation between rows, over the columns that add up."""
    holds = [c for c in total.holds if c not in derived]
    fails = [c for c in total.fails if c not in derived]
    close = [c for c in total.close if c not in derived]
    if not holds and not close and not (fails and total.is_proven is False):
        return None
    terms = tuple(Term(part) for part in total.parts)
    return Relation(
        Axis.ROWS, Kind.TOTAL, total.row, terms, standings=Standings(holds, close, [], fails), net=total.net
    )


def _across(
    table: Table, matrix: Matrix, known: Sequence[Relation], derived: set[int], budget: Budget
) -> list[Relation]:
    """Relations between rows over the columns: balance = income − spending, a rate in a line below its amounts."""
    samples = [
        column
        for column, variable in enumerate(matrix.variables)
        if column not in derived and not (variable.is_rank or variable.is_mean)
    ]
    if len(samples) < _MIN_SAMPLES:
        return []
    if matrix.height > _MAX_ROWS_AS_VARIABLES:
        budget.skip("行与行之间的其他关系", "further relations between rows")
        return []
    turned = narrowed(by_rows(table, matrix), samples)
    sums = find_sums(turned, budget, known)
    found = [*sums, *find_quotients(turned, [*sums, *known], (), budget)]
    for relation in found:
        relation.standings = _widened(relation.standings, samples)
    return found


def narrowed(matrix: Matrix, samples: Sequence[int]) -> Matrix:
    """The matrix with some of its samples only."""

    def pick(lines: list[list[int | None]]) -> list[list[int | None]]:
        return [[line[s] for s in samples] for line in lines]

    return Matrix(
        matrix.axis,
        matrix.variables,
        [matrix.samples[s] for s in samples],
        pick(matrix.values),
        [[line[s] for s in samples] for line in matrix.ulps],
        [[line[s] for s in samples] for line in matrix.soft],
        [[line[s] for s in samples] for line in matrix.dashes],
        matrix.scale,
        [[line[s] for s in samples] for line in matrix.bits],
    )


def _widened(standings: Standings, samples: Sequence[int]) -> Standings:
    def back(places: list[int]) -> list[int]:
        return [samples[place] for place in places]

    return Standings(back(standings.holds), back(standings.close), back(standings.otherwise), back(standings.fails))
