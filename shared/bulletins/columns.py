"""What each column is for: serial numbers, labels, units, or a measure, and the unit it is printed in (列的用途)."""

from collections import Counter
from itertools import pairwise

from shared.bulletins import words
from shared.bulletins.figures import Figure, is_dash, parse_figure
from shared.bulletins.table import Column, Role
from shared.bulletins.units import MONEY, Unit, parse_unit, unit_in

_UNIT_HEADINGS = frozenset({"单位", "计量单位", "unit"})


def columns_of(levels: list[tuple[str, ...]], body: list[list[str]], unit: Unit | None) -> list[Column]:
    """The columns of a table; those without any cell in the body are left out. `unit`: 单位 printed above the table."""
    columns: list[Column] = []
    for at, lines in enumerate(levels):
        cells = [row[at] for row in body if row[at]]
        if not cells:
            continue
        label = " ".join(lines) or f"第{at + 1}列"
        has_measure = any(column.role is Role.MEASURE for column in columns)
        role = _role(lines, cells, has_measure=has_measure)
        own = _unit_of(lines, cells) if role is Role.MEASURE else None
        if own is None and unit is not None and role is Role.MEASURE and _takes(label, unit):
            own = unit
        columns.append(Column(at, label, lines, role, own))
    return columns


def _role(lines: tuple[str, ...], cells: list[str], *, has_measure: bool) -> Role:
    last = lines[-1] if lines else ""
    if last.lower() in _UNIT_HEADINGS or not lines:
        known = sum(parse_unit(cell) is not None for cell in cells)
        if known and 5 * known >= 4 * len(cells):
            return Role.UNIT
    written = [cell for cell in cells if not is_dash(cell)]
    figures = [figure for figure in map(parse_figure, written) if figure]
    if words.is_serial(last):
        return Role.SERIAL if figures else Role.LABEL
    if 2 * len(figures) < len(written) or not figures or words.is_code(last):
        return Role.LABEL
    if not has_measure and not words.is_rank(last) and _counts_up(figures):
        return Role.SERIAL
    return Role.MEASURE


def _counts_up(figures: list[Figure]) -> bool:
    """Whether figures run 1, 2, 3, … from the first line on."""
    values = [figure.value for figure in figures]
    steps = sum(after - before == 1 for before, after in pairwise(values))
    return len(values) > 2 and values[0] == 1 and 10 * steps >= 9 * (len(values) - 1)  # noqa: PLR2004


def _unit_of(lines: tuple[str, ...], cells: list[str]) -> Unit | None:
    for line in reversed(lines):
        if unit := unit_in(line):
            return unit
    written = Counter(figure.unit for figure in map(parse_figure, cells) if figure and figure.unit)
    if not written:
        return None
    unit, times = written.most_common(1)[0]
    return unit if 2 * times >= len(cells) else None


def _takes(label: str, unit: Unit) -> bool:
    """Whether the unit above the table is meant for this column: money for amounts, not for rates and counts."""
    if words.is_rate(label) or words.is_rank(label) or words.is_mean(label):
        return False
    return unit.base != MONEY or not words.is_count(label)
