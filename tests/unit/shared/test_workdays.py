"""Working days as published, and deadlines counted with them (M-CLK-01…05)."""

from datetime import date

import pytest

from shared.kernel.days import DayKind, Duration, Roll, last_day
from shared.kernel.errors import Unknown
from shared.parameters.workdays import MissingCalendarYear, WorkdayCalendar, published_years, rows_from_chinesecalendar

MONDAY = date(2024, 6, 3)


@pytest.fixture(scope="module")
def calendar() -> WorkdayCalendar:
    return WorkdayCalendar({row.day: row.is_workday for row in rows_from_chinesecalendar(published_years())})


def test_the_years_that_are_known() -> None:
    assert set(range(2004, 2027)) <= set(published_years())


def test_a_year_is_whole_and_says_where_it_comes_from() -> None:
    rows = list(rows_from_chinesecalendar([2026]))
    assert len(rows) == 365
    assert sum(row.is_workday for row in rows) == 248
    assert len(list(rows_from_chinesecalendar([2024]))) == 366
    assert all(row.source.startswith("chinesecalendar ") for row in rows)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        pytest.param(date(2024, 6, 3), True, id="a Monday"),
        pytest.param(date(2024, 6, 10), False, id="Dragon Boat, a Monday"),
        pytest.param(date(2024, 6, 8), False, id="a Saturday"),
        pytest.param(date(2024, 5, 11), True, id="a Saturday worked for the first of May"),
        pytest.param(date(2020, 1, 31), False, id="the spring festival that was prolonged"),
    ],
)
def test_days(calendar: WorkdayCalendar, day: date, worked: bool) -> None:
    assert calendar.is_workday(day) is worked


@pytest.mark.parametrize(
    ("duration", "ends"),
    [
        pytest.param(Duration(5, DayKind.WORKING), date(2024, 6, 11), id="M-CLK-03"),
        pytest.param(Duration(5), date(2024, 6, 8), id="M-CLK-02, 04 off"),
        pytest.param(Duration(5, roll=Roll.NEXT_WORKING), date(2024, 6, 11), id="M-CLK-04 on"),
    ],
)
def test_deadlines(calendar: WorkdayCalendar, duration: Duration, ends: date) -> None:
    assert last_day(MONDAY, duration, calendar) == ends


def test_a_year_without_calendar_is_an_error_not_a_guess(calendar: WorkdayCalendar) -> None:
    beyond = published_years().stop
    with pytest.raises(MissingCalendarYear) as missing:
        last_day(date(beyond - 1, 12, 30), Duration(10, DayKind.WORKING), calendar)
    assert isinstance(missing.value, Unknown)
    assert missing.value.code == "CALENDAR_YEAR_MISSING"
    assert missing.value.violations[0].facts == {"year": beyond}
    with pytest.raises(MissingCalendarYear):
        list(rows_from_chinesecalendar([2003]))
