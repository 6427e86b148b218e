"""Which day begins a period and when the half-month report is due; domain-funds-assets §4.4."""

from datetime import UTC, date, datetime

import pytest

from shared.reports.model import Column, Kind, Ratio, Rhythm, Sum
from shared.reports.periods import begins_period, due_day, is_late, period_of
from shared.reports.report import Report


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (date(2023, 1, 1), date(2023, 1, 15)),
        (date(2023, 1, 16), date(2023, 1, 30)),
        (date(2023, 2, 16), date(2023, 2, 28)),  # 59
        (date(2024, 2, 16), date(2024, 2, 29)),
    ],
)
def test_february_ends_early(start: date, due: date) -> None:
    assert due_day(start) == due


@pytest.mark.parametrize(
    ("issued_at", "late"),
    [
        (datetime(2023, 2, 28, 15, 59, 59, tzinfo=UTC), False),  # 23:59:59 in Shanghai
        (datetime(2023, 2, 28, 16, 0, 1, tzinfo=UTC), True),
    ],
)
def test_59_a_second_after_the_last_day_of_february_is_late(issued_at: datetime, *, late: bool) -> None:
    assert is_late(Rhythm.FORTNIGHT, date(2023, 2, 16), issued_at) is late
    assert not is_late(Rhythm.ONCE, date(2023, 2, 16), issued_at)


@pytest.mark.parametrize("rhythm", list(Rhythm))
def test_the_period_of_a_day_begins_with_its_first_day(rhythm: Rhythm) -> None:
    for day in (date(2024, 2, 29), date(2023, 12, 31), date(2023, 5, 16)):
        start = period_of(rhythm, day)
        assert start <= day
        assert begins_period(rhythm, start)


@pytest.mark.parametrize("rhythm", [Rhythm.FORTNIGHT, Rhythm.MONTH, Rhythm.QUARTER, Rhythm.YEAR])
def test_other_days_begin_nothing(rhythm: Rhythm) -> None:
    assert not begins_period(rhythm, date(2023, 5, 2))


def test_a_report_with_a_column_out_of_order_has_a_defect() -> None:
    columns = (
        Column("rate", "率", "rate", Kind.RATE, Ratio(("spent",), ("linked",))),
        Column("spent", "支出", "spent", Kind.MONEY),
        Column("spent", "支出", "spent", Kind.MONEY, Sum(("spent",))),
    )

    async def nothing(*_: object) -> list[dict[str, int]]:
        return []

    report = Report("a.b", 1, "表", "t", Rhythm.MONTH, columns, nothing, frozenset(), frozenset())
    assert report.defects() == [
        "a.b.rate: spent comes later or never",
        "a.b.rate: linked comes later or never",
        "a.b: column spent stands twice",
    ]
