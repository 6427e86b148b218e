"""Settlements (结算记录) in a department's file: how a row is read, and what may be wrong with it."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from unicodedata import is_normalized

from services.monitoring.domain.cells import LONGEST_NO, MAX_FEN, Cells, day_of
from services.monitoring.domain.faults import Fault
from shared.kernel.identity import OrdinaryNumbers
from shared.kernel.money import Fen, parse_yuan

COLUMNS = ("record_no", "name", "id_number", "area_code", "settled_on", "self_paid")
_LONGEST_NAME = 49
_NO_AREA = 0
_AMOUNTS = re.compile(r"\d{1,11}\.\d\d(?:,\d{1,11}\.\d\d)*", re.ASCII)
"""Amounts as nearly all are written, one after the other."""


@dataclass(frozen=True, slots=True)
class SpendingRow:
    """One settlement of a person: what was left to pay after the layers of insurance."""

    record_no: str
    number: str
    name: str
    area: int
    settled_on: date
    self_paid: Fen


@dataclass(slots=True)
class Settlements:
    """Settlements column by column, with the number of each one's row in the file.

    Of fifty thousand rows as objects, the garbage collector would take longer than all the rest.
    """

    rows: list[int] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    areas: list[int] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    amounts: list[Fen] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)

    def extend(self, more: "Settlements") -> None:
        """Take in those of another piece."""
        for column, rest in zip(self.columns(), more.columns(), strict=True):
            column.extend(rest)

    def put(self, at: int, row: SpendingRow) -> None:
        """State the one at place `at` as `row` states it."""
        self.records[at], self.names[at], self.numbers[at] = row.record_no, row.name, row.number
        self.areas[at], self.days[at], self.amounts[at] = row.area, row.settled_on, row.self_paid

    def drop(self, at: int) -> None:
        """Leave out the one at place `at`."""
        for column in self.columns():
            del column[at]

    def columns(self) -> tuple[list[Any], ...]:
        """All of them, side by side."""
        return self.rows, self.records, self.names, self.numbers, self.areas, self.days, self.amounts


class QuickLook:
    """Reads rows with nothing unusual in them, as nearly all are, in one look at each column: in a fifth of the time."""

    def __init__(self, today: date, areas: Collection[int]) -> None:
        """`areas`: where a settlement may lie."""
        self._today = today
        self._areas = {f"{area:012d}": area for area in areas}
        self._numbers = OrdinaryNumbers(today)

    def read(self, first_row: int, columns: Sequence[Sequence[str]]) -> tuple[Settlements, list[int]]:
        """Rows of a file from `first_row` on, in the order of COLUMNS; and where those stand that need a closer look."""
        record_nos, names, numbers, area_texts, day_texts, amount_texts = map(list, columns)
        areas = [self._areas.get(text, _NO_AREA) for text in area_texts]
        days = [day_of(text) or date.max for text in day_texts]
        rows, amounts = list(range(first_row, first_row + len(numbers))), _amounts(amount_texts)
        odd = {
            *_odd(record_nos, _is_plain_no, LONGEST_NO),
            *_odd(names, _is_plain_name, _LONGEST_NAME),
            *self._numbers.odd(numbers),
            *(() if all(areas) else (at for at, area in enumerate(areas) if area == _NO_AREA)),
            *(() if max(days) <= self._today else (at for at, day in enumerate(days) if day > self._today)),
            *(() if min(amounts) >= 0 else (at for at, amount in enumerate(amounts) if amount < 0)),
        }
        return Settlements(rows, record_nos, names, numbers, areas, days, amounts), sorted(odd)


def _odd(texts: Sequence[str], is_plain: Callable[[str], bool], longest: int) -> list[int]:
    """Where the texts stand that are not plain. All of them as one text are plain only if each is."""
    if all(texts) and max(map(len, texts)) <= longest and is_plain("".join(texts)):
        return []
    return [at for at, text in enumerate(texts) if not (len(text) <= longest and is_plain(text))]


def _is_plain_no(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _is_plain_name(text: str) -> bool:
    return text.isalpha() and is_normalized("NFKC", text)


def _amounts(texts: Sequence[str]) -> list[Fen]:
    """The amounts; below zero for those that are none, or none to be taken."""
    joined = ",".join(texts)
    if _AMOUNTS.fullmatch(joined) and joined.count(",") == len(texts) - 1:
        return [int(digits) for digits in joined.replace(".", "").split(",")]
    return [_amount(text) for text in texts]


def _amount(text: str) -> Fen:
    try:
        value = parse_yuan(text)
    except ValueError:
        return -1
    return value if value <= MAX_FEN else -1


def read_spending(cells: Sequence[str], today: date) -> SpendingRow | tuple[Fault, ...]:
    """A row of a file of settlements, or what blocks it; `cells` in the order of COLUMNS."""
    row = Cells(COLUMNS, cells, today)
    read = SpendingRow(
        record_no=row.short("record_no", "RECORD_NO_FORM", "3.3"),
        number=row.number("id_number"),
        name=row.person("name"),
        area=row.area("area_code"),
        settled_on=row.day("settled_on"),
        self_paid=row.amount("self_paid"),
    )
    return row.blocking() or read
