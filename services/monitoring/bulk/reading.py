"""Reading (读取): the rows of a part become typed rows that are ready to be staged, or are refused, each on its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from types import ModuleType
from typing import Any

import asyncpg

from services.monitoring.bulk import import_department, parts, register
from services.monitoring.bulk.batches import Batch
from services.monitoring.bulk.parts import SealedPart
from services.monitoring.bulk.sheets import Line, cells_of, columns_of
from services.monitoring.domain.exchanges import EXCHANGES, REGISTER, Exchange
from services.monitoring.domain.faults import Fault
from shared.kernel.days import local_day
from shared.vault.keys import KeyRing

_AREAS = """
SELECT code FROM division WHERE code BETWEEN $1 AND $2 AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $3)"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What it takes to read any part of one file: its columns, and the divisions that are there on the day of receipt."""

    batch: Batch
    exchange: Exchange
    places: Sequence[int | None]
    areas: frozenset[int]
    today: date

    @property
    def room(self) -> ModuleType:
        """The module that stages and merges this kind of file."""
        return room_of(self.exchange)


@dataclass(frozen=True, slots=True)
class Ready:
    """A part that is read: `staged` goes into the staging table as it is, `rows` of it were filled."""

    last_row: int
    rows: int
    staged: Any
    taken: int
    refused: list[tuple[int, Fault]]


def room_of(exchange: Exchange) -> ModuleType:
    """The module that stages and merges this kind of file."""
    return register if exchange is REGISTER else import_department


async def reading_of(raw: asyncpg.Connection, ring: KeyRing, batch: Batch) -> Reading:
    """How to read a kept file."""
    exchange, today = EXCHANGES[batch.exchange], local_day(batch.received_at)
    areas = await raw.fetch(_AREAS, *batch.area.span, today)
    places = columns_of(exchange, await parts.headings_of(raw, ring, batch.id))
    return Reading(batch, exchange, places, frozenset(row["code"] for row in areas), today)


def read_part(ring: KeyRing, reading: Reading, part: SealedPart) -> Ready:
    """Open, read and seal the rows of a part: work for a thread, about 15 µs for each row."""
    lines, last_row = parts.opened(ring, reading.batch.id, part)
    good, refused = _read_rows(reading, lines)
    staged = reading.room.records(ring, reading.batch.id, good)
    return Ready(last_row, len(lines), staged, len(good), refused)


def _read_rows(reading: Reading, lines: Sequence[Line]) -> tuple[list[tuple[int, Any]], list[tuple[int, Fault]]]:
    good: list[tuple[int, Any]] = []
    refused: list[tuple[int, Fault]] = []
    read, places, today = reading.exchange.read, reading.places, reading.today
    for number, cells in lines:
        row = read(cells_of(cells, places), today)
        if isinstance(row, tuple):
            refused += [(number, fault) for fault in row]
        elif row.area in reading.areas:
            good.append((number, row))
        else:
            refused.append((number, _misplaced(reading, row.area)))
    return good, refused


def _misplaced(reading: Reading, area: int) -> Fault:
    if reading.batch.area.contains(area):
        return Fault("area_code", "AREA_UNKNOWN", "M-DIV-06")
    return Fault("area_code", "AREA_OUTSIDE", "M-DIV-01")
