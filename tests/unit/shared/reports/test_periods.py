"""Which day begins a period and when the half-month report is due; domain-funds-assets §4.4."""

from datetime import UTC, date, datetime

import pytest

from shared.kernel.errors import Invalid
from shared.reports.cut_off import cut_off
from shared.reports.model import Column, Kind, Ratio, Rhythm, Sum
from shared.reports.periods import begins_period, due_day, is_late, last_day_of, period_of
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


@pytest.mark.parametrize(
    ("rhythm", "start", "end"),
    [
        (Rhythm.FORTNIGHT, date(2023, 4, 1), date(2023, 4, 15)),
        (Rhythm.FORTNIGHT, date(2024, 2, 16), date(2024, 2, 29)),
        (Rhythm.FORTNIGHT, date(9999, 12, 16), date.max),
        (Rhythm.MONTH, date(2023, 4, 1), date(2023, 4, 30)),
        (Rhythm.QUARTER, date(2023, 10, 1), date(2023, 12, 31)),
        (Rhythm.YEAR, date(2023, 1, 1), date(2023, 12, 31)),
        (Rhythm.ONCE, date(2023, 4, 3), None),
    ],
)
def test_the_last_day_of_a_period(rhythm: Rhythm, start: date, end: date | None) -> None:
    assert last_day_of(rhythm, start) == end


def _report(rhythm: Rhythm, *, runs_on: bool = False) -> Report:
    async def nothing(*_: object) -> list[dict[str, int]]:
        return []

    return Report("a.b", 1, "表", "t", rhythm, (), nothing, frozenset(), frozenset(), runs_on=runs_on)


@pytest.mark.parametrize(
    ("report", "start", "given", "as_of"),
    [
        (_report(Rhythm.FORTNIGHT), date(2023, 4, 16), None, date(2023, 4, 30)),
        (_report(Rhythm.FORTNIGHT), date(2026, 1, 1), None, date(2026, 1, 11)),  # it still runs: yesterday
        (_report(Rhythm.FORTNIGHT), date(2023, 4, 16), date(2023, 4, 20), date(2023, 4, 20)),
        (_report(Rhythm.ONCE), date(2023, 4, 3), None, date(2026, 1, 11)),
        (_report(Rhythm.YEAR, runs_on=True), date(2024, 1, 1), None, date(2026, 1, 11)),
        (_report(Rhythm.YEAR), date(2024, 1, 1), None, date(2024, 12, 31)),
    ],
)
def test_a_report_is_made_as_of_a_day_of_its_period(
    report: Report, start: date, given: date | None, as_of: date
) -> None:
    assert cut_off(report, start, given, date(2026, 1, 12)) == as_of


@pytest.mark.parametrize(
    ("start", "given", "code"),
    [
        (date(2023, 4, 16), date(2023, 5, 1), "CUT_OFF_AFTER_PERIOD"),
        (date(2023, 4, 16), date(2023, 4, 15), "CUT_OFF"),
        (date(9999, 12, 16), None, "CUT_OFF"),
        (date(2023, 4, 17), None, "PERIOD_START"),
    ],
)
def test_another_day_is_no_cut_off(start: date, given: date | None, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        cut_off(_report(Rhythm.FORTNIGHT), start, given, date(2026, 1, 12))
    assert [each.code for each in refused.value.violations] == [code]


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
