"""A report as it is printed and frozen (报表正文): headings, figures and words together, readable without its declaration."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import orjson

from shared.reports.compute import Computed
from shared.reports.model import Column, Figure, Kind, Row, Unit
from shared.reports.report import Report
from shared.reports.show import heading, shown

_EXACT = {Kind.RATE, Kind.POINTS}


@dataclass(frozen=True, slots=True)
class Printed:
    """What stands on paper; `rows` and `total` hold exact figures by column."""

    report_id: str
    version: int
    title: str
    unit: Unit
    as_of: date
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row
    paragraphs: tuple[str, ...] = ()
    foot: str = ""

    @property
    def headings(self) -> list[str]:
        """The headings of the visible columns."""
        return [heading(column, self.unit) for column in self.visible]

    @property
    def visible(self) -> list[Column]:
        """The columns that are printed."""
        return [column for column in self.columns if not column.hidden]

    def texts(self, row: Row) -> list[str]:
        """The printed texts of one row."""
        return [shown(column, self.unit, row[column.name]) for column in self.visible]


def printed(report: Report, computed: Computed, as_of: date, paragraphs: Sequence[str] = ()) -> Printed:
    """Put a computed report on paper."""
    return Printed(
        report_id=report.id,
        version=report.version,
        title=report.zh,
        unit=report.unit,
        as_of=as_of,
        columns=report.columns,
        rows=computed.rows,
        total=computed.total,
        paragraphs=tuple(paragraphs),
        foot=report.foot_zh,
    )


def to_content(paper: Printed) -> dict[str, Any]:
    """As JSON; an exact rate is the text `numerator/denominator`."""
    return {
        "title": paper.title,
        "unit": paper.unit.value,
        "as_of": paper.as_of.isoformat(),
        "columns": [
            {name: getattr(column, name) for name in ("name", "zh", "en", "kind", "decimals", "hidden")}
            for column in paper.columns
        ],
        "rows": [_cells(paper.columns, row) for row in paper.rows],
        "total": _cells(paper.columns, paper.total),
        "paragraphs": list(paper.paragraphs),
        "foot": paper.foot,
    }


def from_content(report_id: str, version: int, content: Mapping[str, Any]) -> Printed:
    """What `to_content` wrote."""
    columns = tuple(Column(**{**each, "kind": Kind(each["kind"])}) for each in content["columns"])
    return Printed(
        report_id=report_id,
        version=version,
        title=content["title"],
        unit=Unit(content["unit"]),
        as_of=date.fromisoformat(content["as_of"]),
        columns=columns,
        rows=tuple(_row(columns, cells) for cells in content["rows"]),
        total=_row(columns, content["total"]),
        paragraphs=tuple(content["paragraphs"]),
        foot=content["foot"],
    )


def digest(content: Mapping[str, Any]) -> bytes:
    """SHA-256 over the content; stands for the frozen figures."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def _cells(columns: Sequence[Column], row: Row) -> list[Any]:
    return [_cell(column, row[column.name]) for column in columns]


def _cell(column: Column, figure: Figure) -> Any:
    if column.kind in _EXACT and isinstance(figure, int | Fraction):
        exact = Fraction(figure)
        return f"{exact.numerator}/{exact.denominator}"
    return figure


def _row(columns: Sequence[Column], cells: Sequence[Any]) -> dict[str, Figure]:
    return {
        column.name: Fraction(cell) if column.kind in _EXACT and cell is not None else cell
        for column, cell in zip(columns, cells, strict=True)
    }
