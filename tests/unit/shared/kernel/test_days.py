"""Days: Shanghai decides, the starting day does not count, working days come from a calendar."""

from datetime import UTC, date, datetime

import pytest

from shared.kernel.days import DayKind, Duration, Roll, last_day, local_day, start_of
from shared.parameters.workdays import WorkdayCalendar, published_years, rows_from_chinesecalendar

CALENDAR = WorkdayCalendar({row.day: row.is_workday for row in rows_from_chinesecalendar([2023, 2024])})


@pytest.mark.parametrize(
    "start, duration, end",
    [
        (date(2023, 6, 9), "10 natural", date(2023, 6, 19)),  # scenario 3
        (date(2024, 6, 3), "5 natural", date(2024, 6, 8)),  # M-CLK-02, A20 with the extension off
        (date(2024, 6, 3), "5 natural next_working", date(2024, 6, 11)),  # M-CLK-04, A20 with it on
        (date(2024, 6, 3), "5 working", date(2024, 6, 11)),  # M-CLK-03, A21
        (date(2024, 5, 20), "15 natural", date(2024, 6, 4)),  # A19
        (date(2024, 6, 3), "0", date(2024, 6, 3)),
    ],
)
def test_the_last_day(start: date, duration: str, end: date) -> None:
    assert last_day(start, Duration.parse(duration), CALENDAR) == end


def test_a_duration_is_read_as_it_is_written() -> None:
    for text in ("10", "5 working", "15 natural next_working"):
        assert Duration.parse(str(Duration.parse(text))) == Duration.parse(text)
    assert Duration.parse("5 working") == Duration(5, DayKind.WORKING, Roll.NONE)
    with pytest.raises(ValueError, match="lunar"):
        Duration.parse("5 lunar")


def test_the_day_changes_at_midnight_in_shanghai() -> None:
    assert local_day(datetime(2025, 12, 31, 15, 59, tzinfo=UTC)) == date(2025, 12, 31)
    assert local_day(datetime(2025, 12, 31, 16, 0, tzinfo=UTC)) == date(2026, 1, 1)
    assert start_of(date(2026, 1, 1)) == datetime(2025, 12, 31, 16, 0, tzinfo=UTC)


def test_m_clk_05_every_published_year_is_there() -> None:
    assert {2012, 2021, 2026} <= set(published_years())
