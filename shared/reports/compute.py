"""Figures from facts: each row, the total row computed anew from the summed parts, and the ranks. No figure is rounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from shared.reports.model import Column, Figure, Kind, Rank, Ratio, Row, Sum


@dataclass(frozen=True, slots=True)
class Computed:
    """A report's figures: rows as gathered, and their total."""

    rows: tuple[Row, ...]
    total: Row


def compute(columns: Sequence[Column], facts: Sequence[Row]) -> Computed:
    """Fill in every column; raises KeyError when a fact that a column names was not gathered."""
    rows: list[dict[str, Figure]] = [{} for _ in facts]
    total: dict[str, Figure] = {}
    for column in columns:
        if isinstance(column.formula, Rank):
            _rank(rows, column.name, column.formula)
        else:
            for row, fact in zip(rows, facts, strict=True):
                row[column.name] = fact[column.name] if column.formula is None else _follow(column.formula, row)
        total[column.name] = _total(column, rows, total)
    return Computed(tuple(rows), total)


def _follow(formula: Sum | Ratio, row: Row) -> Figure:
    if isinstance(formula, Sum):
        parts = [row[name] for name in (*formula.plus, *formula.minus)]
        if any(part is None for part in parts):
            return None
        return _added(row, formula.plus) - _added(row, formula.minus)
    if any(row[name] is None for name in (*formula.top, *formula.bottom)):
        return None
    bottom = Fraction(_added(row, formula.bottom))
    return Fraction(_added(row, formula.top)) / bottom if bottom else None


def _added(row: Row, names: Sequence[str]) -> int | Fraction:
    added: int | Fraction = 0
    for name in names:
        figure = row[name]
        if not isinstance(figure, int | Fraction):
            raise TypeError(f"{name} is not a number")
        added += figure
    return added


def _total(column: Column, rows: Sequence[Row], total: Row) -> Figure:
    if not column.totalled or column.kind in {Kind.TEXT, Kind.RANK}:
        return None
    match column.formula:
        case Ratio(top, bottom):
            whole = [row for row in rows if all(row[name] is not None for name in (*top, *bottom))]
            base = sum((Fraction(_added(row, bottom)) for row in whole), Fraction(0))
            return sum((Fraction(_added(row, top)) for row in whole), Fraction(0)) / base if base else None
        case Sum() if column.kind in {Kind.RATE, Kind.POINTS}:
            return _follow(column.formula, total)
    figures = [figure for row in rows if isinstance(figure := row[column.name], int | Fraction)]
    if column.kind in {Kind.RATE, Kind.POINTS}:
        # A gathered rate, such as the part of the year that has passed, is the same for all or has no total.
        return figures[0] if figures and len(set(figures)) == 1 else None
    return sum(figures) if figures else None


def _rank(rows: Sequence[dict[str, Figure]], name: str, rank: Rank) -> None:
    figures = sorted(
        (figure for row in rows if isinstance(figure := row[rank.by], int | Fraction)), reverse=rank.descending
    )
    first: dict[int | Fraction, int] = {}
    for place, figure in enumerate(figures, start=1):
        first.setdefault(figure, place)
    for row in rows:
        figure = row[rank.by]
        row[name] = first[figure] if isinstance(figure, int | Fraction) else len(figures) + 1
