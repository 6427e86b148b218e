"""Headings as people make them: below a title, over several rows, with merged cells (合并表头)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Path = tuple[str, ...]
"""The words above a column, from the outermost heading down to its own."""

_DEPTHS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Headings:
    """Where the headings stand: `first_row` counted from 0, over `depth` rows; a path for each column."""

    first_row: int
    depth: int
    paths: tuple[Path, ...]

    @property
    def first_data_row(self) -> int:
        """Counted from 0."""
        return self.first_row + self.depth


def find_headings(
    rows: Sequence[Sequence[str]], known: Callable[[Path], str | None], least: int, within: int = 12
) -> Headings | None:
    """The rows among the first `within` that name most columns, at least `least`; the fewest and first of equals.

    `known` gives the name of the column that a path means. A blank cell beside a filled one belongs to the same merged
    heading as long as something stands below it.
    """
    found: tuple[int, Headings] | None = None
    for first in range(min(within, len(rows))):
        for depth in _DEPTHS:
            if first + depth > len(rows):
                break
            headings = Headings(first, depth, _paths(rows[first : first + depth]))
            names = {name for path in headings.paths if path and (name := known(path))}
            if len(names) >= least and (found is None or len(names) > found[0]):
                found = len(names), headings
    return found[1] if found else None


def _paths(rows: Sequence[Sequence[str]]) -> tuple[Path, ...]:
    width = max(map(len, rows))
    grid = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    for level, row in enumerate(grid[:-1]):
        for column in range(1, width):
            has_child = any(below[column] for below in grid[level + 1 :])
            same_parent = all(above[column] == above[column - 1] for above in grid[:level])
            if not row[column] and has_child and same_parent:
                row[column] = row[column - 1]
    return tuple(tuple(cell for cell in column if cell) for column in zip(*grid, strict=True))
