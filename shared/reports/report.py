"""A report (报表) as a declaration: its columns, where its facts come from, who may read and issue it."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import asyncpg

from shared.kernel.areas import AreaCode
from shared.kernel.days import Calendar
from shared.kernel.roles import Role
from shared.parameters.lookup import Parameters
from shared.reports.compute import Computed
from shared.reports.model import Column, Rhythm, Row, Unit, parts_of


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked about: an area, the period from `start`, and the state at the end of `as_of`."""

    area: AreaCode
    start: date
    as_of: date
    parameters: Parameters
    calendar: Calendar


Gather: TypeAlias = Callable[[asyncpg.Connection, Asked], Awaitable[Sequence[Row]]]
"""The facts, one row for each unit, in the order in which the report shows them; set-based, within the reader's scope."""
Narrative: TypeAlias = Callable[[Computed, Asked], Sequence[str]]
"""The paragraphs that stand above the table, in Chinese."""
Explain: TypeAlias = Callable[[asyncpg.Connection, Asked, Computed], Awaitable[Sequence[Row]]]
"""The facts of an annex, from the figures of the table that it explains."""


@dataclass(frozen=True, slots=True)
class Annex:
    """A second table (附表) that explains the first; it has no total."""

    zh: str
    en: str
    columns: tuple[Column, ...]
    gather: Explain
    narrative: Narrative | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a service; `version` grows with every change of columns or formulas."""

    id: str
    version: int
    zh: str
    en: str
    rhythm: Rhythm
    columns: tuple[Column, ...]
    gather: Gather
    readers: frozenset[Role]
    issuers: frozenset[Role]
    narrative: Narrative | None = None
    unit: Unit = Unit.WAN
    rule: str = ""
    foot_zh: str = ""
    """What a reader of the printed table has to know about scope and rounding."""
    annexes: tuple[Annex, ...] = ()
    scope: Callable[[Asked], str] | None = None
    """Of what the figures are, such as the money of a year; it stands under the title."""
    runs_on: bool = False
    """Whether what comes after the period's end is told too, such as a year's evaluation, made in the next."""

    def defects(self) -> list[str]:
        """What is wrong with the declaration."""
        tables = (self.columns, *(annex.columns for annex in self.annexes))
        return [defect for columns in tables for defect in self._defects(columns)]

    def _defects(self, columns: Sequence[Column]) -> Iterator[str]:
        seen: set[str] = set()
        for column in columns:
            if column.name in seen:
                yield f"{self.id}: column {column.name} stands twice"
            yield from (
                f"{self.id}.{column.name}: {name} comes later or never" for name in parts_of(column) if name not in seen
            )
            seen.add(column.name)
