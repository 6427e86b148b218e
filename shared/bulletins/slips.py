"""Finds a figure in the wrong unit where no sum shows it (单位差错): its proportion to another column is off by 10³ or 10⁴."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log10

from shared.bulletins.matrix import Matrix
from shared.bulletins.relations import Cell

_MIN_OTHERS = 6
_STEADY = 1.0
"""All other proportions lie within one power of ten."""
_FAR = 2.5
_POWERS = (3, 4)


@dataclass(frozen=True, slots=True)
class Slip:
    """A cell that is 10^`power` too large (negative: too small) in proportion to `beside`."""

    cell: Cell
    power: int
    beside: int


def find_slips(matrix: Matrix, rows: Sequence[int]) -> list[Slip]:
    """Cells of these rows that stand out against every other row by a power of ten."""
    amounts = [
        column
        for column, variable in enumerate(matrix.variables)
        if not (variable.is_rate or variable.is_rank or variable.is_mean)
    ]
    logs = {
        column: {row: log10(abs(value)) for row in rows if (value := matrix.values[column][row])} for column in amounts
    }
    found: dict[Cell, Slip] = {}
    for one, two in combinations(amounts, 2):
        both = {row: logs[one][row] - logs[two][row] for row in rows if row in logs[one] and row in logs[two]}
        slip = _standing_out(both)
        if slip is not None:
            row, power = slip
            own = [_distance(logs[column], row) for column in (one, two)]
            column, beside, sign = (one, two, 1) if own[0] >= own[1] else (two, one, -1)
            if len(str(abs(matrix.values[column][row] or 0)).strip("0")) < (2 if power * sign > 0 else 3):
                continue  # small round counts are small by nature
            found.setdefault(Cell(row, column), Slip(Cell(row, column), power * sign, beside))
    return list(found.values())


def _standing_out(logs: dict[int, float]) -> tuple[int, int] | None:
    """The one row whose proportion is off, and by which power."""
    if len(logs) <= _MIN_OTHERS:
        return None
    ordered = sorted(logs, key=lambda row: logs[row])
    for row, others in ((ordered[0], ordered[1:]), (ordered[-1], ordered[:-1])):
        low, high = logs[others[0]], logs[others[-1]]
        away = logs[row] - (high if logs[row] > high else low)
        if high - low > _STEADY or abs(away) < _FAR:
            continue
        sign = 1 if away > 0 else -1
        power = next((power for power in _POWERS if low <= logs[row] - sign * power <= high), None)
        if power is not None:
            return row, sign * power
    return None


def _distance(logs: dict[int, float], row: int) -> float:
    others = sorted(value for other, value in logs.items() if other != row)
    return abs(logs[row] - others[len(others) // 2])
