"""Working days (工作日) with make-up days (调休), stored so that a year can be added as data (M-CLK-05)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from typing import NamedTuple, Self

import asyncpg
import chinese_calendar

from shared.kernel.errors import Unknown, Violation

_LIBRARY = "chinesecalendar"

# What an office entered from the State Council's notice stays; what the library published may be corrected by it.
_STORE = """
WITH stored AS (
  INSERT INTO workday AS w (day, is_workday, source)
  SELECT * FROM unnest($1::date[], $2::boolean[], $3::text[])
  ON CONFLICT (day) DO UPDATE SET is_workday = excluded.is_workday, source = excluded.source
   WHERE starts_with(w.source, $4) AND w.is_workday <> excluded.is_workday
  RETURNING 1)
SELECT count(*) FROM stored"""


class WorkdayRow(NamedTuple):
    """One day and where its kind was published."""

    day: date
    is_workday: bool
    source: str


class MissingCalendarYear(Unknown):
    """No calendar was published for that year yet; working days in it are not guessed."""

    def __init__(self, year: int) -> None:
        super().__init__(
            Violation(
                "CALENDAR_YEAR_MISSING",
                f"缺少{year}年工作日历",
                f"the calendar of working days for {year} is missing",
                rule="M-CLK-05",
                remedy_zh="国务院办公厅公布放假安排后，请运维人员导入该年工作日历",
                remedy_en="ask the operator to load that year once the State Council has published its holidays",
                facts={"year": year},
            ),
        )


def published_years() -> range:
    """The years that the library knows."""
    known = chinese_calendar.holidays
    return range(min(known).year, max(known).year + 1)


def rows_from_chinesecalendar(years: Iterable[int]) -> Iterator[WorkdayRow]:
    """Every day of `years`; raises MissingCalendarYear for one that the library does not know."""
    for year in years:
        yield from _year(year)


@cache
def _year(year: int) -> tuple[WorkdayRow, ...]:
    """One year's days; the library takes its time, and every service of a process asks for the same."""
    if year not in published_years():
        raise MissingCalendarYear(year)
    source = f"{_LIBRARY} {version(_LIBRARY)}"
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year, 12, 31) - first).days + 1)]
    return tuple(WorkdayRow(day, chinese_calendar.is_workday(day), source) for day in days)


async def load(connection: asyncpg.Connection, years: Iterable[int]) -> int:
    """Store the library's days; the number of days that are new or corrected. Raises MissingCalendarYear."""
    rows = list(rows_from_chinesecalendar(years))
    columns = [[row.day for row in rows], [row.is_workday for row in rows], [row.source for row in rows]]
    stored: int = await connection.fetchval(_STORE, *columns, _LIBRARY)
    return stored


class WorkdayCalendar:
    """The stored days in memory: the calendar that deadlines are counted with."""

    def __init__(self, days: Mapping[date, bool]) -> None:
        """`days`: for each day whether it is worked."""
        self._days = days

    @classmethod
    async def from_connection(cls, connection: asyncpg.Connection) -> Self:
        """All stored days, read once; `refresh` reads them again."""
        return cls(await _stored_days(connection))

    async def refresh(self, connection: asyncpg.Connection) -> None:
        """Take in what was loaded since."""
        self._days = await _stored_days(connection)

    def is_workday(self, day: date) -> bool:
        """Whether `day` is worked; raises MissingCalendarYear."""
        known = self._days.get(day)
        if known is None:
            raise MissingCalendarYear(day.year)
        return known


async def _stored_days(connection: asyncpg.Connection) -> dict[date, bool]:
    return {row["day"]: row["is_workday"] for row in await connection.fetch("SELECT day, is_workday FROM workday")}
