"""Settlements (结算记录) in a department's file: how a row is read, and what may be wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from unicodedata import is_normalized

from services.monitoring.domain.cells import LONGEST_NO, MAX_FEN, Cells, area_of, day_of
from services.monitoring.domain.faults import Fault
from shared.kernel import identity
from shared.kernel.money import Fen, parse_yuan

COLUMNS = ("record_no", "name", "id_number", "area_code", "settled_on", "self_paid")
_LONGEST_NAME = 49


@dataclass(slots=True)  # there are millions, and a frozen one takes twice as long to make
class SpendingRow:
    """One settlement of a person: what was left to pay after the layers of insurance."""

    record_no: str
    number: str
    name: str
    area: int
    settled_on: date
    self_paid: Fen


def read_spending(cells: Sequence[str], today: date) -> SpendingRow | tuple[Fault, ...]:
    """A row of a file of settlements, or what blocks it; `cells` in the order of COLUMNS."""
    return read_ordinary(cells, today) or read_closely(cells, today)


def read_ordinary(cells: Sequence[str], today: date) -> SpendingRow | None:
    """A row with nothing unusual in it, as nearly all are: in a third of the time. None says nothing but: look closer."""
    record_no, name, number, area_text, day_text, amount_text = cells
    area, day = area_of(area_text), day_of(day_text)
    try:
        amount = parse_yuan(amount_text)
    except ValueError:
        return None
    if (
        area is None
        or day is None
        or day > today
        or not 0 <= amount <= MAX_FEN
        or not (record_no.isascii() and record_no.isalnum() and len(record_no) <= LONGEST_NO)
        or not (name.isalpha() and len(name) <= _LONGEST_NAME and is_normalized("NFKC", name))
        or not identity.is_ordinary(number, today)
    ):
        return None
    return SpendingRow(record_no, number, name, area, day, amount)


def read_closely(cells: Sequence[str], today: date) -> SpendingRow | tuple[Fault, ...]:
    """The same, cell by cell."""
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
