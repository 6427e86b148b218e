"""A report (报表) as a declaration: its columns, where its facts come from, who may read and issue it."""

from collections.abc import Awaitable, Callable, Sequence
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

    def defects(self) -> list[str]:
        """What is wrong with the declaration."""
        seen: set[str] = set()
        found = []
        for column in self.columns:
            if column.name in seen:
                found.append(f"{self.id}: column {column.name} stands twice")
            found += [
                f"{self.id}.{column.name}: {name} comes later or never" for name in parts_of(column) if name not in seen
            ]
            seen.add(column.name)
        return found
