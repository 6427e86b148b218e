"""Settlements on their way into the staging table: packed, sorted by person, each person told once for each sum."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from uuid import UUID

from services.monitoring.bulk.intake import PERSON
from services.monitoring.domain.clues import ClueRule, Metric
from services.monitoring.domain.households import person_number
from services.monitoring.domain.settlements import SpendingRow
from shared.db.bulk import RowForm, day_number
from shared.vault.index import blind_index_many
from shared.vault.keys import KeyRing

FORM = RowForm(
    "stage_spending",
    {
        "batch_id": "uuid",
        "row_no": "int4",
        "area_code": "int8",
        "person_index": "index",
        "settled_on": "date",
        "self_paid_fen": "int8",
        "sum_from": "date",
        "sum_until": "date",
    },
    ("record_no",),
)
_NO_SUM = (0, 0)


class Staged:
    """The good rows of a part; whom they are about stays here and is sealed only if a clue comes of it.

    Kept column by column: of fifty thousand rows as objects, the garbage collector would take longer than all the rest.
    """

    def __init__(self) -> None:
        self.rules: Sequence[ClueRule] = ()
        self.content = b""
        self._batch = b""
        self._rows: list[int] = []
        self._records: list[bytes] = []
        self._areas: list[int] = []
        self._days: list[date] = []
        self._amounts: list[int] = []
        self._numbers: list[str] = []
        self._names: list[str] = []
        self._indexes: list[bytes] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, rows: Sequence[tuple[int, SpendingRow]]) -> None:
        """Take rows in, with their numbers in the file."""
        self._rows += [number for number, _ in rows]
        self._records += [row.record_no.encode() for _, row in rows]
        self._areas += [row.area for _, row in rows]
        self._days += [row.settled_on for _, row in rows]
        self._amounts += [row.self_paid for _, row in rows]
        self._numbers += [row.number for _, row in rows]
        self._names += [row.name for _, row in rows]

    def finish(self, ring: KeyRing, batch_id: UUID, rules: Sequence[ClueRule]) -> None:
        """Index the persons and pack the rows; `rules` are the thresholds that their sums are held against."""
        self._batch, self.rules = batch_id.bytes, rules
        self._indexes = blind_index_many(ring, PERSON, map(person_number, self._numbers))
        self._pack(())

    def leave_out(self, rows: Collection[int]) -> None:
        """Pack again without the rows of these numbers."""
        self._pack(rows)

    def person(self, row_no: int) -> tuple[str, str]:
        """Number and name in a row."""
        at = bisect_left(self._rows, row_no)
        return self._numbers[at], self._names[at]

    def _pack(self, left_out: Collection[int]) -> None:
        """Sorted by person: indexes and heap then meet the rows of one person side by side."""
        kept = (at for at, row in enumerate(self._rows) if row not in left_out) if left_out else range(len(self))
        order = sorted(kept, key=self._indexes.__getitem__)
        sums = self._sums(order)
        columns = zip(self._rows, self._areas, self._indexes, self._days, self._amounts, self._records, strict=True)
        packed = [
            FORM.pack((self._batch, row, area, index, day_number(day), amount, *sums.get(at, _NO_SUM)), (record,))
            for at, (row, area, index, day, amount, record) in enumerate(columns)
        ]
        self.content = FORM.join([packed[at] for at in order])

    def _sums(self, order: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Which days are to be added up, told at one row of each person and year or month: the latest, of these the first."""
        if not self.rules:
            return {}
        by_month = self.rules[0].metric is Metric.MONTH
        told: dict[int, tuple[int, int]] = {}
        for _, run in groupby(order, key=self._indexes.__getitem__):
            latest: dict[int, int] = {}
            for at in run:
                first = _days_summed(self._days[at], by_month=by_month)[0]
                if first not in latest or self._days[latest[first]] < self._days[at]:
                    latest[first] = at
            told.update((at, _days_summed(self._days[at], by_month=by_month)) for at in latest.values())
        return told


@lru_cache(maxsize=4096)
def _days_summed(day: date, *, by_month: bool) -> tuple[int, int]:
    """From the first day of the year or month up to the end of the month, as the database numbers them; the end excluded."""
    month = day.replace(day=1)
    next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day_number(month if by_month else month.replace(month=1)), day_number(next_month)
