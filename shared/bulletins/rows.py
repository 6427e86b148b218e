"""What each row is called, what stands above it, and on which level it is numbered (行的名称与层次)."""

from collections.abc import Sequence

from shared.bulletins import words
from shared.bulletins.figures import parse_figure
from shared.bulletins.table import Column, Role, Row
from shared.bulletins.units import Unit, parse_unit, unit_in
from shared.bulletins.words import Standing, standing

_SHOWN_LABELS = 4


def rows_of(cells: list[list[str]], lines: Sequence[int], body: Sequence[int], columns: Sequence[Column]) -> list[Row]:
    """The rows of a table: `body` are the lines with figures, the other `lines` may name sections."""
    first = next(column.at for column in columns if column.role is Role.MEASURE)
    named = [column for column in columns if column.role in {Role.LABEL, Role.SERIAL}]
    left = [column for column in named if column.at < first] or named[:1]
    unit_at = next((column.at for column in columns if column.role is Role.UNIT), None)
    is_dotted = any(words.is_dotted(cells[at][column.at]) for at in body for column in left)
    rows, section, above = list[Row](), "", [""] * len(left)
    wanted = set(body)
    for at in lines:
        if at not in wanted:
            section = _section(cells[at]) or section
            continue
        row = _row(at, cells[at], left, unit_at, is_dotted=is_dotted)
        if row.standing is Standing.ITEM and any(row.keys):
            row = row.with_keys(tuple(key or before for key, before in zip(row.keys, above, strict=True)))
        above = list(row.keys) if row.standing is Standing.ITEM else [""] * len(left)
        rows.append(row.in_section(section))
    return rows


def _section(line: list[str]) -> str:
    """The name that a line without figures gives to the rows below it; footnotes give none."""
    texts = {cell for cell in line if cell}
    name = next(iter(texts), "")
    return name if len(texts) == 1 and not words.is_note(name) else ""


def _row(at: int, line: list[str], left: Sequence[Column], unit_at: int | None, *, is_dotted: bool) -> Row:
    keys = tuple(line[column.at] for column in left)
    labels = tuple(
        key
        for key, column in zip(keys, left, strict=True)
        if column.role is not Role.SERIAL or parse_figure(key) is None
    )
    shown = list(dict.fromkeys(label for label in labels if label))
    first = next((key for key in keys if key), "")
    return Row(
        at,
        " ".join(shown[:_SHOWN_LABELS]) or f"第{at + 1}行",
        labels,
        keys,
        standing(shown),
        unit=_unit(line, shown, unit_at),
        outline=words.outline(first, is_dotted=is_dotted),
    )


def _unit(line: list[str], labels: list[str], unit_at: int | None) -> Unit | None:
    if unit_at is not None:
        return parse_unit(line[unit_at])
    return unit_in(labels[-1]) if labels else None
