"""A printed table after reading: headings, rows with their standing, figures at their places."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from shared.bulletins.figures import Figure
from shared.bulletins.units import Unit
from shared.bulletins.words import Standing


class Role(StrEnum):
    """What a column is for (列的用途)."""

    SERIAL = "serial"
    LABEL = "label"
    MEASURE = "measure"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Column:
    """A column (列): `at` its place in the file from 0, `levels` the lines of its heading from the top."""

    at: int
    label: str
    levels: tuple[str, ...]
    role: Role
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row that holds figures (行): `at` its line in the file from 0; `keys` its label cells, blanks filled from above."""

    at: int
    label: str
    labels: tuple[str, ...]
    keys: tuple[str, ...]
    standing: Standing
    section: str = ""
    unit: Unit | None = None
    outline: int = 0
    """Level of 一、 (一) 1. (1), from 1; 0 without."""

    def with_keys(self, keys: tuple[str, ...]) -> "Row":
        return replace(self, keys=keys)

    def in_section(self, section: str) -> "Row":
        return replace(self, section=section)


@dataclass(frozen=True, slots=True)
class Table:
    """A table (表): `figures[row][column]` over `rows` and the measure `columns`; `dashes` are cells that say "none"."""

    name: str
    columns: list[Column]
    rows: list[Row]
    figures: list[list[Figure | None]]
    dashes: frozenset[tuple[int, int]]
    notes: tuple[str, ...] = ()
    has_units: bool = False
    """Whether a column of units says what each row counts (编号,分组,指标,数值,单位)."""
    headings: tuple[str, ...] = ()
    """The headings of all columns of the file, by place."""
    lines: tuple[tuple[str, ...], ...] = ()
    """The texts of all cells of each row, merged ones in each of their cells; nothing is filled from above."""

    def cells(self) -> Iterator[tuple[int, int, Figure]]:
        for row, line in enumerate(self.figures):
            for column, figure in enumerate(line):
                if figure is not None:
                    yield row, column, figure
