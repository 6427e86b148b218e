"""Reads the cells of one row of a file: text becomes typed values, and what is wrong is kept as faults.

Every row of a large file passes here: what repeats from row to row, dates and areas, is read once and remembered.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TypeVar
from unicodedata import normalize

from services.monitoring.domain.faults import Fault
from services.monitoring.domain.households import NAME, number_fault
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.days import day_within
from shared.kernel.money import Fen, parse_yuan

T = TypeVar("T")

MAX_FEN = 10**13
"""One hundred thousand million yuan: more is a slip of the pen, and sums of a year stay within a bigint."""
LONGEST_NO = 64
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})|(\d{4})(\d{2})(\d{2})", re.ASCII)
_SEPARATOR = re.compile(r"[、,，;；/ ]+")


class Cells:
    """Reads the cells of one row and keeps the faults; a cell that is wrong reads as the given fallback."""

    def __init__(self, names: Iterable[str], cells: Sequence[str], today: date) -> None:
        self._cells = dict(zip(names, cells, strict=True))
        self.today = today
        self.faults: list[Fault] = []

    def text(self, name: str) -> str:
        cell = self._cells[name]
        return cell.strip() if cell.isascii() else normalize("NFKC", cell).strip()

    def wrong(self, name: str, code: str, rule: str) -> None:
        self.faults.append(Fault(name, code, rule))

    def short(self, name: str, code: str, rule: str) -> str:
        value = self.text(name)
        if not 0 < len(value) <= LONGEST_NO or not value.isprintable():
            self.wrong(name, code, rule)
        return value

    def area(self, name: str, *, village: bool = False) -> int:
        code = area_of(self.text(name))
        if code is None:
            self.wrong(name, "AREA_FORM", "M-DIV-01")
            return 0
        if village and AreaCode(code).level is not AreaLevel.VILLAGE:
            self.wrong(name, "AREA_NOT_VILLAGE", "M-DIV-03")
        return code

    def person(self, name: str) -> str:
        value = self.text(name)
        if not NAME.fullmatch(value):
            self.wrong(name, "NAME_FORM", "1.3")
        return value

    def amount(self, name: str) -> Fen:
        try:
            value = parse_yuan(self.text(name))
        except ValueError:
            self.wrong(name, "AMOUNT_FORM", "M-INC-12")
            return 0
        if value < 0:
            self.wrong(name, "AMOUNT_NEGATIVE", "M-INC-11")
        elif value > MAX_FEN:
            self.wrong(name, "AMOUNT_FORM", "M-INC-12")
        return value

    def day(self, name: str) -> date:
        value = day_of(self.text(name))
        if value is None:
            self.wrong(name, "DATE_FORM", "3.3")
            return self.today
        if value > self.today:
            self.wrong(name, "DATE_FUTURE", "3.3")
        return value

    def number(self, name: str) -> str:
        value = self.text(name).upper()
        if fault := number_fault(value, self.today, required=True, field=name):
            self.faults.append(fault)
        return value

    def code(self, name: str, names: Mapping[T, tuple[str, ...]], fault: tuple[str, str], default: T) -> T:
        found = coded(self.text(name), names)
        if found is None:
            self.wrong(name, *fault)
        return default if found is None else found

    def several(self, name: str, names: Mapping[T, tuple[str, ...]], fault: tuple[str, str]) -> tuple[T, ...]:
        parts = [part for part in _SEPARATOR.split(self.text(name)) if part]
        found = [coded(part, names) for part in parts]
        if None in found:
            self.wrong(name, *fault)
        return tuple(dict.fromkeys(item for item in found if item is not None))

    def flag(self, name: str) -> bool:
        value = self.text(name)
        if value not in {"", "是", "否"}:
            self.wrong(name, "FLAG_FORM", "1.3")
        return value != "否"

    def blocking(self) -> tuple[Fault, ...]:
        """The faults that keep the row out."""
        return tuple(fault for fault in self.faults if fault.blocks) if self.faults else ()


@lru_cache(maxsize=8192)
def area_of(text: str) -> int | None:
    """The area code that a cell states; None when it is none."""
    is_code = len(text) == 12 and text.isascii() and text.isdigit()  # noqa: PLR2004  digits of a code (M-DIV-01)
    return int(text) if is_code else None


@lru_cache(maxsize=4096)
def day_of(text: str) -> date | None:
    """The day that a cell states; None when it is none."""
    found = _DATE.fullmatch(text)
    return day_within(*(int(part) for part in found.groups() if part)) if found else None


def coded(value: str, names: Mapping[T, tuple[str, ...]]) -> T | None:
    return next((code for code, spellings in names.items() if value == code or value in spellings), None)
