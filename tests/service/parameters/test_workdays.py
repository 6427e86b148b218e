"""The stored calendar: loaded once, corrected by the library, never against what an office entered (M-CLK-05)."""

from datetime import date

import asyncpg
import pytest

from shared.parameters.workdays import MissingCalendarYear, WorkdayCalendar, load

pytestmark = pytest.mark.asyncio

HOLIDAY = date(2026, 1, 1)


async def test_a_year_is_loaded_once(connection: asyncpg.Connection) -> None:
    assert await load(connection, [2025, 2026]) == 730
    assert await load(connection, [2025, 2026]) == 0


async def test_an_older_library_row_is_corrected(connection: asyncpg.Connection) -> None:
    await connection.execute("INSERT INTO workday VALUES ($1, true, 'chinesecalendar 1.0.0')", HOLIDAY)
    assert await load(connection, [2026]) == 365
    assert not (await WorkdayCalendar.from_connection(connection)).is_workday(HOLIDAY)


async def test_a_day_entered_by_an_office_stays(connection: asyncpg.Connection) -> None:
    await connection.execute("INSERT INTO workday VALUES ($1, true, '国办发明电〔2026〕1号')", HOLIDAY)
    assert await load(connection, [2026]) == 364
    assert (await WorkdayCalendar.from_connection(connection)).is_workday(HOLIDAY)


async def test_a_calendar_takes_in_a_year_that_was_loaded_later(connection: asyncpg.Connection) -> None:
    await load(connection, [2025])
    calendar = await WorkdayCalendar.from_connection(connection)
    with pytest.raises(MissingCalendarYear):
        calendar.is_workday(HOLIDAY)
    await load(connection, [2026])
    await calendar.refresh(connection)
    assert not calendar.is_workday(HOLIDAY)


async def test_a_year_that_nobody_published_is_refused(connection: asyncpg.Connection) -> None:
    with pytest.raises(MissingCalendarYear):
        await load(connection, [2003])
