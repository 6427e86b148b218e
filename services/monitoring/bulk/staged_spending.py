"""Settlements on their way into the staging table: packed, sorted by person, each person told once for each sum."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from itertools import compress, repeat
from uuid import UUID

from services.monitoring.bulk.intake import PERSON
from services.monitoring.domain.clues import ClueRule, Metric
from services.monitoring.domain.households import person_number
from services.monitoring.domain.settlements import Settlements
from shared.db.bulk import RowForm, day_number
from shared.vault.index import blind_index_many
from shared.vault.keys import KeyRing

FORM = RowForm(
    "stage_spending",
    {
        "person_index": "index",  # first, so that packed rows sort by person
        "person_key": "key",
        "batch_id": "uuid",
        "row_no": "int4",
        "area_code": "int8",
        "settled_on": "date",
        "self_paid_fen": "int8",
        "sum_from": "date",
        "sum_until": "date",
    },
    ("record_no",),
)
_KEY = 8
"""Bytes of an index that a row is looked up by."""


class Staged:
    """The good rows of a part; whom they are about stays here and is sealed only if a clue comes of it."""

    def __init__(self) -> None:
        self.rules: Sequence[ClueRule] = ()
        self.content = b""
        self._batch = b""
        self._good = Settlements()
        self._indexes: list[bytes] = []

    def __len__(self) -> int:
        return len(self._good)

    def add(self, rows: Settlements) -> None:
        """Take rows in; the later ones of the file come later."""
        self._good.extend(rows)

    def finish(self, ring: KeyRing, batch_id: UUID, rules: Sequence[ClueRule]) -> None:
        """Index the persons and pack the rows; `rules` are the thresholds that their sums are held against."""
        self._batch, self.rules = batch_id.bytes, rules
        self._indexes = blind_index_many(ring, PERSON, map(person_number, self._good.numbers))
        self._pack(())

    def leave_out(self, rows: Collection[int]) -> None:
        """Pack again without the rows of these numbers."""
        self._pack(rows)

    def person(self, row_no: int) -> tuple[str, str]:
        """Number and name in a row."""
        at = bisect_left(self._good.rows, row_no)
        return self._good.numbers[at], self._good.names[at]

    def _pack(self, left_out: Collection[int]) -> None:
        """Sorted by person: indexes and heap then meet the rows of one person side by side."""
        good, kept = self._good, [row not in left_out for row in self._good.rows]
        indexes, days = [*compress(self._indexes, kept)], [*compress(good.days, kept)]
        numbered = {day: day_number(day) for day in set(days)}
        columns = (
            indexes,
            [index[:_KEY] for index in indexes],
            repeat(self._batch),
            compress(good.rows, kept),
            compress(good.areas, kept),
            map(numbered.__getitem__, days),
            compress(good.amounts, kept),
            *self._sums(indexes, days),
        )
        records = [record.encode() for record in compress(good.records, kept)]
        self.content = FORM.join(sorted(FORM.pack_columns(columns, (records,))))

    def _sums(self, indexes: Sequence[bytes], days: Sequence[date]) -> tuple[list[int], list[int]]:
        """Which days are to be added up, told at one row of each person and year or month: the latest, of these the first."""
        starts, ends = [0] * len(days), [0] * len(days)
        if not self.rules:
            return starts, ends
        by_month = self.rules[0].metric is Metric.MONTH
        summed = {day: _days_summed(day, by_month=by_month) for day in set(days)}
        latest: dict[tuple[bytes, int], int] = {}
        for at, key in enumerate(zip(indexes, (summed[day][0] for day in days), strict=True)):
            if days[latest.setdefault(key, at)] < days[at]:
                latest[key] = at
        for at in latest.values():
            starts[at], ends[at] = summed[days[at]]
        return starts, ends


def _days_summed(day: date, *, by_month: bool) -> tuple[int, int]:
    """From the first day of the year or month up to the end of the month, as the database numbers them; the end excluded."""
    month = day.replace(day=1)
    next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day_number(month if by_month else month.replace(month=1)), day_number(next_month)
