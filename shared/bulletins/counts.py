"""Finds counts of listed rows (计数): a column that is blank in the items and in each total says how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.bulletins import words
from shared.bulletins.matrix import Matrix
from shared.bulletins.table import Table
from shared.bulletins.totals import Total

_MIN_TOTALS = 2


@dataclass(slots=True)
class Counting:
    """A count, printed in a column or (`column` None) in the words of a total's label; `expected` by row."""

    column: int | None
    holds: list[int] = field(default_factory=list)
    fails: list[int] = field(default_factory=list)
    expected: dict[int, int] = field(default_factory=dict)
    printed: dict[int, int] = field(default_factory=dict)


def find_counts(table: Table, matrix: Matrix, totals: Sequence[Total]) -> list[Counting]:
    """Counts by column, and counts in labels such as 合计(16个)."""
    leaves = {total.row: _leaves(total, {each.row: each for each in totals}) for total in totals}
    found = [_in_labels(table, totals, leaves)]
    for column, variable in enumerate(matrix.variables):
        line = matrix.values[column]
        counting = Counting(column)
        for total in totals:
            printed = line[total.row]
            if printed is None or printed % matrix.scale or any(line[part] is not None for part in total.parts):
                continue
            _compare(counting, total.row, printed // matrix.scale, len(leaves[total.row]))
        needed = _MIN_TOTALS + len(counting.fails) - (words.is_count(variable.name) and bool(counting.fails))
        if len(counting.holds) >= needed and len(counting.fails) <= 1 and not variable.is_rate:
            found.append(counting)
    return [counting for counting in found if counting.holds or counting.fails]


def _leaves(total: Total, totals: dict[int, Total]) -> list[int]:
    return [leaf for part in total.parts for leaf in (_leaves(totals[part], totals) if part in totals else [part])]


def _in_labels(table: Table, totals: Sequence[Total], leaves: dict[int, list[int]]) -> Counting:
    counting = Counting(None)
    for total in totals:
        printed = words.counted(table.rows[total.row].label)
        if printed is not None and total.is_proven:
            _compare(counting, total.row, printed, len(leaves[total.row]))
    return counting


def _compare(counting: Counting, row: int, printed: int, listed: int) -> None:
    counting.printed[row], counting.expected[row] = printed, listed
    (counting.holds if printed == listed else counting.fails).append(row)
