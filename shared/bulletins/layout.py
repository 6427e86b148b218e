"""From a sheet to tables: finds titles, headings over several lines, units, sections, footnotes and the body (版式)."""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from shared.bulletins.columns import columns_of
from shared.bulletins.figures import Figure, is_dash, normal, parse_figure
from shared.bulletins.reading import Sheet
from shared.bulletins.rows import rows_of
from shared.bulletins.table import Column, Role, Row, Table
from shared.bulletins.units import Unit, units_of_table

_YEARS = range(1949, 2101)
_NUMBERED = re.compile(r"\d{1,2}([=＝].*)?|[甲乙丙丁戊]|[A-Z]|栏次|列次|行次|序号")
_MAX_HEADING = 5


@dataclass(slots=True)
class _Block:
    """Rows of the file that make one table: the lines above, its heading, its body."""

    above: list[int] = field(default_factory=list)
    heading: list[int] = field(default_factory=list)
    body: list[int] = field(default_factory=list)


def tables_of(sheet: Sheet) -> list[Table]:
    """The tables of a sheet, each with at least one figure."""
    cells = _filled(sheet)
    found = (_table(sheet.name, cells, block) for block in _blocks(cells))
    return [table for table in found if table is not None]


def _filled(sheet: Sheet) -> list[list[str]]:
    """The cells as one rectangle, text of a merged area in each of its cells; a merged figure stands once."""
    width = max(map(len, sheet.cells))
    cells = [[normal(cell) for cell in row] + [""] * (width - len(row)) for row in sheet.cells]
    for (top, left), (bottom, right) in sheet.merges:
        text = cells[top][left] if top < len(cells) and left < width else ""
        if text and (parse_figure(text) is None or _year_like(text)):
            for row in cells[top : bottom + 1]:
                row[left : right + 1] = [text] * len(row[left : right + 1])
    return cells


def _year_like(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) in _YEARS


def _blocks(cells: list[list[str]]) -> list[_Block]:
    support = Counter(at for row in cells for at, cell in enumerate(row) if parse_figure(cell))
    blocks, block, pending = [], _Block(), list[int]()
    for at, row in enumerate(cells):
        if not any(row):
            continue
        if _has_figures(row, support):
            if pending and (not block.body or _is_heading(cells, pending, block)):
                if block.body:
                    blocks.append(block)
                above, heading = _parted(cells, pending)
                if block.body and heading and cells[heading[-1]] == cells[block.heading[-1] if block.heading else at]:
                    blocks.pop()
                else:
                    block = _Block(above, heading)
            else:
                block.body += pending
            pending = []
            block.body.append(at)
        else:
            pending.append(at)
    block.body += pending
    return [*blocks, block]


def _has_figures(row: list[str], support: Counter[int]) -> bool:
    """Whether a row belongs to the body: it has figures that are neither years of a heading nor numbers of columns."""
    figures = {at: cell for at, cell in enumerate(row) if parse_figure(cell)}
    if not figures or (all(_NUMBERED.fullmatch(cell) for cell in row if cell) and len(figures) > 2):  # noqa: PLR2004  a line 1, 2, 3 …
        return False
    if all(_year_like(cell) for cell in figures.values()) and len(set(figures.values())) == len(figures):
        return len(figures) == 1 and support[next(iter(figures))] > 1 and len([c for c in row if c]) > 2  # noqa: PLR2004
    return any(support[at] > 1 for at in figures) or max(support.values()) == 1


def _is_heading(cells: list[list[str]], pending: list[int], block: _Block) -> bool:
    """Whether lines of text within a body begin a new table: text where the body had figures."""
    counts = Counter(at for row in block.body for at, cell in enumerate(cells[row]) if parse_figure(cell))
    measures = [at for at, count in counts.items() if 2 * count > len(block.body)]
    texts = [at for at in measures if cells[pending[-1]][at] and not is_dash(cells[pending[-1]][at])]
    return len(texts) >= max(2, len(measures) // 2) and len(set(cells[pending[-1]])) > 2  # noqa: PLR2004


def _parted(cells: list[list[str]], lines: list[int]) -> tuple[list[int], list[int]]:
    """Lines above a body: titles and the line of units first, then the heading."""
    heading: list[int] = []
    for at in reversed(lines):
        filled = {cell for cell in cells[at] if cell}
        if heading and (len(filled) == 1 or any(units_of_table(cell) for cell in filled)):
            break
        if len(heading) == _MAX_HEADING:
            break
        heading.insert(0, at)
    if len(heading) == 1 and len({c for c in cells[heading[0]] if c}) == 1 and len(cells[0]) > 2:  # noqa: PLR2004
        return lines, []
    return lines[: len(lines) - len(heading)], heading


def _table(name: str, cells: list[list[str]], block: _Block) -> Table | None:
    units = [unit for at in block.above for cell in cells[at] for unit in units_of_table(cell)]
    body = [at for at in block.body if any(parse_figure(cell) for cell in cells[at])]
    levels = _levels(cells, block.heading)
    columns = columns_of(levels, [cells[at] for at in body], units[0] if units else None)
    measures = [column for column in columns if column.role is Role.MEASURE]
    if not measures:
        return None
    body = [at for at in body if any(parse_figure(cells[at][column.at]) for column in measures)]
    figures = [[_figure(cells[at][column.at], column.unit) for column in measures] for at in body]
    dashes = {
        (row, place)
        for row, at in enumerate(body)
        for place, column in enumerate(measures)
        if is_dash(cells[at][column.at])
    }
    notes = tuple(cell for at in [*block.above, *block.body] if at not in body for cell in cells[at] if cell)
    rows = rows_of(cells, block.body, body, columns)
    has_units = any(column.role is Role.UNIT for column in columns) or _has_mixed_units(rows, measures)
    headings = tuple(" ".join(lines) for lines in levels)
    texts = tuple(tuple(cells[at]) for at in body)
    return Table(name, measures, rows, figures, frozenset(dashes), notes, has_units, headings, texts)


def _has_mixed_units(rows: list[Row], measures: list[Column]) -> bool:
    """Whether most labels carry a unit, not all the same, and the headings none: then each row is a quantity."""
    known = [row.unit for row in rows if row.unit]
    is_plain = all(column.unit is None or column.unit.is_share for column in measures)
    return is_plain and 5 * len(known) >= 3 * len(rows) and len({unit.base for unit in known}) > 1


def _figure(text: str, unit: Unit | None) -> Figure | None:
    figure = parse_figure(text)
    if figure and figure.unit and unit and figure.unit.base == unit.base:
        return figure.in_unit(unit)
    return figure


def _levels(cells: list[list[str]], heading: list[int]) -> list[tuple[str, ...]]:
    """For each column the lines of its heading; a blank to the right of a group's name belongs to the group."""
    lines = [list(cells[at]) for at in heading if not all(_NUMBERED.fullmatch(cell) for cell in cells[at] if cell)]
    for upper, lower in pairwise(lines):
        for at in range(1, len(upper)):
            if not upper[at] and lower[at]:
                upper[at] = upper[at - 1]
    width = len(cells[0])
    return [tuple(dict.fromkeys(line[at] for line in lines if line[at])) for at in range(width)]
