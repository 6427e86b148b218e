"""The figures of a table as whole numbers on one scale, read by columns or by rows (数表)."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import log2
from typing import TypeVar

from shared.bulletins import words
from shared.bulletins.table import Table
from shared.bulletins.units import SHARE, Unit

_T = TypeVar("_T")

MAX_BITS = 24.0
"""More than this one figure never proves: misprints and copied lines are that likely."""


class Axis(StrEnum):
    """Whether the columns of the table are the variables, or its rows (方向)."""

    COLUMNS = "columns"
    ROWS = "rows"

    @property
    def other(self) -> "Axis":
        return Axis.ROWS if self is Axis.COLUMNS else Axis.COLUMNS


@dataclass(frozen=True, slots=True)
class Variable:
    """One column (or row) as a quantity: its name, its unit, and what its name suggests."""

    name: str
    unit: Unit | None = None
    levels: tuple[str, ...] = ()

    @property
    def is_rate(self) -> bool:
        if self.unit is not None:
            return self.unit.base == SHARE
        return words.is_rate(self.name)

    @property
    def is_rank(self) -> bool:
        return words.is_rank(self.name)

    @property
    def is_mean(self) -> bool:
        return words.is_mean(self.name) or (self.unit is not None and "/" in self.unit.base)


@dataclass(frozen=True, slots=True)
class Matrix:
    """`values[variable][sample]` times `scale` as integers; `ulps` one in the last printed place of each.

    `soft` says that a figure may be a rounded one (decimals, 万元, percent), so that sums can miss by its last place.
    """

    axis: Axis
    variables: list[Variable]
    samples: list[str]
    values: list[list[int | None]]
    ulps: list[list[int]]
    soft: list[list[bool]]
    dashes: list[list[bool]]
    scale: int
    bits: list[list[float]]

    @property
    def width(self) -> int:
        return len(self.variables)

    @property
    def height(self) -> int:
        return len(self.samples)

    def figure(self, variable: int, sample: int) -> Fraction | None:
        value = self.values[variable][sample]
        return None if value is None else Fraction(value, self.scale)


def by_columns(table: Table) -> Matrix:
    """The table with its measure columns as variables."""
    rows, columns = range(len(table.rows)), range(len(table.columns))
    places = max((figure.places for _, _, figure in table.cells()), default=0)
    scale = 10 ** max(places, 0)
    values, ulps, soft = [], [], []
    for column in columns:
        line = [table.figures[row][column] for row in rows]
        values.append([None if each is None else int(each.value * scale) for each in line])
        ulps.append([1 if each is None else int(each.ulp * scale) for each in line])
        unit = table.columns[column].unit
        has_places = any(each is not None and each.places for each in line)
        soft.append([has_places or _is_soft(unit or table.rows[row].unit) for row in rows])
    return Matrix(
        Axis.COLUMNS,
        [Variable(column.label, column.unit, column.levels) for column in table.columns],
        [row.label for row in table.rows],
        values,
        ulps,
        soft,
        [[(row, column) in table.dashes for row in rows] for column in columns],
        scale,
        [_bits(line, ulp) for line, ulp in zip(values, ulps, strict=True)],
    )


def by_rows(table: Table, columns: Matrix) -> Matrix:
    """The same figures with the rows as variables."""
    turned = Matrix(
        Axis.ROWS,
        [Variable(row.label, row.unit) for row in table.rows],
        [variable.name for variable in columns.variables],
        _turned(columns.values),
        _turned(columns.ulps),
        _turned(columns.soft),
        _turned(columns.dashes),
        columns.scale,
        [],
    )
    turned.bits.extend(_bits(line, ulp) for line, ulp in zip(turned.values, turned.ulps, strict=True))
    return turned


def _turned(lines: list[list[_T]]) -> list[list[_T]]:
    return [list(line) for line in zip(*lines, strict=True)]


def _is_soft(unit: Unit | None) -> bool:
    return unit is not None and (unit.factor >= 1000 or unit.is_share)  # noqa: PLR2004  万元 and up


def _bits(line: list[int | None], ulps: list[int]) -> list[float]:
    """How much each figure tells: its digits without trailing zeros, less when they lie close together or repeat."""
    known = sorted(value for value in line if value is not None)
    if not known:
        return [0.0] * len(line)
    times = Counter(known)
    spread = known[len(known) * 9 // 10] - known[len(known) // 10] if len(known) > 4 else known[-1]  # noqa: PLR2004
    told, seen = [], set[int]()
    for value, ulp in zip(line, ulps, strict=True):
        if not value:
            told.append(0.0)
            continue
        digits = abs(value) // ulp
        while digits and digits % 10 == 0:
            digits //= 10
        bits = min(log2(1 + digits), log2(1 + abs(spread) // ulp), MAX_BITS)
        if value in seen:
            bits = min(bits, log2(len(known) / times[value]))
        seen.add(value)
        told.append(bits)
    return told
