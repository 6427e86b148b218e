"""Periods of reports (统计期): which days begin one, and when a fortnight report is due (the 15th and the 30th)."""

import calendar
from datetime import date, datetime

from shared.kernel.days import local_day
from shared.reports.model import Rhythm

_HALF = 16
"""The second half of a month begins here; its report is due on the 30th, in February on the last day (§4.4)."""
_QUARTER_MONTHS = frozenset({1, 4, 7, 10})


def begins_period(rhythm: Rhythm, day: date) -> bool:
    """Whether a period of this rhythm begins on `day`."""
    match rhythm:
        case Rhythm.ONCE:
            return True
        case Rhythm.FORTNIGHT:
            return day.day in {1, _HALF}
        case Rhythm.MONTH:
            return day.day == 1
        case Rhythm.QUARTER:
            return day.day == 1 and day.month in _QUARTER_MONTHS
    return (day.month, day.day) == (1, 1)


def period_of(rhythm: Rhythm, day: date) -> date:
    """The first day of the period in which `day` falls."""
    match rhythm:
        case Rhythm.ONCE:
            return day
        case Rhythm.FORTNIGHT:
            return day.replace(day=_HALF if day.day >= _HALF else 1)
        case Rhythm.MONTH:
            return day.replace(day=1)
        case Rhythm.QUARTER:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1)


def last_day_of(rhythm: Rhythm, start: date) -> date | None:
    """The last day of the period in which `start` falls; None where periods have no end."""
    match rhythm:
        case Rhythm.ONCE:
            return None
        case Rhythm.FORTNIGHT if start.day < _HALF:
            return start.replace(day=_HALF - 1)
        case Rhythm.FORTNIGHT | Rhythm.MONTH:
            return _month_end(start.year, start.month)
        case Rhythm.QUARTER:
            return _month_end(start.year, (start.month - 1) // 3 * 3 + 3)
    return date(start.year, 12, 31)


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def due_day(start: date) -> date:
    """When the report of the half month from `start` is due: the 15th, or the 30th, in February the last day (§4.4)."""
    if start.day < _HALF:
        return start.replace(day=15)
    return start.replace(day=min(30, calendar.monthrange(start.year, start.month)[1]))


def due_on(rhythm: Rhythm, start: date) -> date | None:
    """The last day on which the report of a period is in time; None where §4.4 names none."""
    return due_day(start) if rhythm is Rhythm.FORTNIGHT else None


def is_late(rhythm: Rhythm, start: date, issued_at: datetime) -> bool:
    """Whether a report was issued after its last day, as days go in Asia/Shanghai (scenario 59)."""
    due = due_on(rhythm, start)
    return due is not None and local_day(issued_at) > due
