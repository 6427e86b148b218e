"""Reading (读取): the rows of a part become typed rows that are ready to be staged, or are refused, each on its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from types import ModuleType
from typing import Any

import asyncpg

from services.monitoring.bulk import import_department, parts, register
from services.monitoring.bulk.batches import Batch
from services.monitoring.bulk.parts import SealedPart
from services.monitoring.domain.clues import ClueRule
from services.monitoring.domain.exchanges import EXCHANGES, REGISTER, Exchange
from services.monitoring.domain.faults import Fault
from services.monitoring.domain.settlements import QuickLook, Settlements
from shared.kernel.days import local_day
from shared.sheets.columns import Picker, columns_of
from shared.sheets.files import Line
from shared.vault.keys import KeyRing

_PIECE = 200
"""Rows read at once: of more, the garbage collector would walk through all of them again and again."""

_AREAS = """
SELECT code FROM division WHERE code BETWEEN $1 AND $2 AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $3)"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What it takes to read any part of one file: its columns; divisions and thresholds as of the day of receipt."""

    batch: Batch
    exchange: Exchange
    picker: Picker
    areas: frozenset[int]
    rules: Sequence[ClueRule]
    today: date
    quick: QuickLook | None = None

    @property
    def room(self) -> ModuleType:
        """The module that stages and merges this kind of file."""
        return room_of(self.exchange)


@dataclass(slots=True)
class Ready:
    """A part that is read, up to row `last_row`: `staged` goes into the staging table, `rows` rows were filled."""

    last_row: int
    staged: Any
    rows: int = 0
    refused: list[tuple[int, Fault]] = field(default_factory=list)


def room_of(exchange: Exchange) -> ModuleType:
    """The module that stages and merges this kind of file."""
    return register if exchange is REGISTER else import_department


async def reading_of(raw: asyncpg.Connection, ring: KeyRing, batch: Batch) -> Reading:
    """How to read a kept file."""
    exchange, today = EXCHANGES[batch.exchange], local_day(batch.received_at)
    areas = await raw.fetch(_AREAS, *batch.area.span, today)
    places = columns_of(exchange.columns, await parts.headings_of(raw, ring, batch.id))
    rules = await import_department.rules_in_force(raw, exchange.item, batch.area, today)
    codes = frozenset(row["code"] for row in areas)
    quick = exchange.quick(today, codes) if exchange.quick else None
    return Reading(batch, exchange, Picker(places), codes, rules, today, quick)


def read_part(ring: KeyRing, reading: Reading, part: SealedPart) -> Ready:
    """Open, check and pack the rows of a part: work for a thread."""
    ready = Ready(part.first_row, reading.room.Staged())
    lines = parts.opened(ring, reading.batch.id, part)
    while piece := list(islice(lines, _PIECE)):
        ready.last_row = piece[-1][0]
        ready.staged.add(
            _look_at(reading, reading.quick, piece, ready) if reading.quick else _read_rows(reading, piece, ready)
        )
    ready.staged.finish(ring, reading.batch.id, reading.rules)
    return ready


def _look_at(reading: Reading, quick: QuickLook, lines: Sequence[Line], ready: Ready) -> Settlements:
    """The good rows: those that are ordinary, and of the others those that a close look takes."""
    found, odd = quick.read(lines[0][0], reading.picker.columns([cells for _, cells in lines]))
    ready.rows += len(lines) - len(odd)
    closely = dict(_read_rows(reading, [lines[at] for at in odd], ready))
    for at in reversed(odd):
        row = closely.get(lines[at][0])
        if row is None:
            found.drop(at)
        else:
            found.put(at, row)
    return found


def _read_rows(reading: Reading, lines: Sequence[Line], ready: Ready) -> list[tuple[int, Any]]:
    """The good rows; the refused ones are noted."""
    good: list[tuple[int, Any]] = []
    read, picked, areas, today = reading.exchange.read, reading.picker.row, reading.areas, reading.today
    for number, cells in lines:
        if not any(cells):
            continue
        ready.rows += 1
        row = read(picked(cells), today)
        if isinstance(row, tuple):
            ready.refused += [(number, fault) for fault in row]
        elif row.area in areas:
            good.append((number, row))
        else:
            ready.refused.append((number, _misplaced(reading, row.area)))
    return good


def _misplaced(reading: Reading, area: int) -> Fault:
    if reading.batch.area.contains(area):
        return Fault("area_code", "AREA_UNKNOWN", "M-DIV-06")
    return Fault("area_code", "AREA_OUTSIDE", "M-DIV-01")
