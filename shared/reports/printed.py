"""A report as it is printed and frozen (报表正文): headings, figures and words together, readable without its declaration."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

import asyncpg
import orjson

from shared.reports.compute import Computed, compute
from shared.reports.model import Column, Figure, Kind, Row, Unit
from shared.reports.report import Annex, Asked, Report
from shared.reports.show import heading, shown

_EXACT = {Kind.RATE, Kind.POINTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedTable:
    """A table on paper; `rows` hold exact figures by column."""

    title: str
    unit: Unit
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    paragraphs: tuple[str, ...] = ()

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed(PrintedTable):
    """What stands on paper: the report's table with its total, and the tables that explain it."""

    report_id: str
    version: int
    as_of: date
    total: Row
    scope: str = ""
    foot: str = ""
    annexes: tuple[PrintedTable, ...] = ()

    @property
    def under_title(self) -> str:
        """Of what, as of when, and in which unit the figures are."""
        return "　".join(filter(None, (self.scope, f"截至 {self.as_of.isoformat()}", f"单位：{self.unit}")))


async def draw(report: Report, raw: asyncpg.Connection, asked: Asked) -> Printed:
    """Gather, compute and put on paper."""
    computed = compute(report.columns, await report.gather(raw, asked))
    words = report.narrative(computed, asked) if report.narrative else ()
    annexes = [await _drawn(annex, report.unit, raw, asked, computed) for annex in report.annexes]
    return printed(report, computed, asked.as_of, words, annexes, report.scope(asked) if report.scope else "")


async def _drawn(annex: Annex, unit: Unit, raw: asyncpg.Connection, asked: Asked, explained: Computed) -> PrintedTable:
    """An annex on paper; figures that only its words are made of are left out."""
    computed = compute(annex.columns, await annex.gather(raw, asked, explained))
    words = annex.narrative(computed, asked) if annex.narrative else ()
    shown_columns = tuple(column for column in annex.columns if not column.hidden)
    rows = tuple({column.name: row[column.name] for column in shown_columns} for row in computed.rows)
    return PrintedTable(title=annex.zh, unit=unit, columns=shown_columns, rows=rows, paragraphs=tuple(words))


def printed(
    report: Report,
    computed: Computed,
    as_of: date,
    paragraphs: Sequence[str] = (),
    annexes: Sequence[PrintedTable] = (),
    scope: str = "",
) -> Printed:
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
        annexes=tuple(annexes),
        scope=scope,
    )


def to_content(paper: Printed) -> dict[str, Any]:
    """As JSON; an exact rate, or part of a fen, is the text `numerator/denominator`."""
    content = {
        **_table(paper),
        "as_of": paper.as_of.isoformat(),
        "total": _cells(paper.columns, paper.total),
        "foot": paper.foot,
    }
    content |= {"scope": paper.scope} if paper.scope else {}
    return content | ({"annexes": [_table(annex) for annex in paper.annexes]} if paper.annexes else {})


def from_content(report_id: str, version: int, content: Mapping[str, Any]) -> Printed:
    """What `to_content` wrote."""
    table = _table_from(content)
    return Printed(
        **table,
        report_id=report_id,
        version=version,
        as_of=date.fromisoformat(content["as_of"]),
        total=_row(table["columns"], content["total"]),
        foot=content["foot"],
        scope=content.get("scope", ""),
        annexes=tuple(PrintedTable(**_table_from(each)) for each in content.get("annexes", ())),
    )


def digest(content: Mapping[str, Any]) -> bytes:
    """SHA-256 over the content; stands for the frozen figures."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def _table(paper: PrintedTable) -> dict[str, Any]:
    return {
        "title": paper.title,
        "unit": paper.unit.value,
        "columns": [
            {name: getattr(column, name) for name in ("name", "zh", "en", "kind", "decimals", "hidden")}
            for column in paper.columns
        ],
        "rows": [_cells(paper.columns, row) for row in paper.rows],
        "paragraphs": list(paper.paragraphs),
    }


def _table_from(content: Mapping[str, Any]) -> dict[str, Any]:
    columns = tuple(Column(**{**each, "kind": Kind(each["kind"])}) for each in content["columns"])
    return {
        "title": content["title"],
        "unit": Unit(content["unit"]),
        "columns": columns,
        "rows": tuple(_row(columns, cells) for cells in content["rows"]),
        "paragraphs": tuple(content["paragraphs"]),
    }


def _cells(columns: Sequence[Column], row: Row) -> list[Any]:
    return [_cell(column, row[column.name]) for column in columns]


def _cell(column: Column, figure: Figure) -> Any:
    if isinstance(figure, Fraction) or (column.kind in _EXACT and isinstance(figure, int)):
        exact = Fraction(figure)
        return f"{exact.numerator}/{exact.denominator}"
    return figure


def _row(columns: Sequence[Column], cells: Sequence[Any]) -> dict[str, Figure]:
    return {
        column.name: _exact(cell) if isinstance(cell, str) and column.kind is not Kind.TEXT else cell
        for column, cell in zip(columns, cells, strict=True)
    }


@lru_cache(maxsize=4096)
def _exact(text: str) -> Fraction:
    """What `_cell` wrote; Fraction's own reading of a text takes three times as long, and figures recur."""
    numerator, _, denominator = text.partition("/")
    return Fraction(int(numerator), int(denominator))
