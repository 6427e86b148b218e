"""Natural days (自然日) and working days (工作日), always of Asia/Shanghai; the calendar is passed in, never loaded here."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""Days from outside lie between them: enough for every life and contract, and far from where arithmetic on days ends."""


class Calendar(Protocol):
    """Which days are worked, make-up days (调休) included; raises Unknown for a year without data."""

    def is_workday(self, day: date) -> bool: ...


class DayKind(StrEnum):
    """How days are counted."""

    NATURAL = "natural"
    WORKING = "working"


class Roll(StrEnum):
    """Whether a period that ends on a holiday runs on to the next working day (M-CLK-01)."""

    NONE = "none"
    NEXT_WORKING = "next_working"


@dataclass(frozen=True, slots=True)
class Duration:
    """A period in days with its way of counting; the value of a deadline or publicity parameter."""

    days: int
    kind: DayKind = DayKind.NATURAL
    roll: Roll = Roll.NONE

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """From `10`, `5 working`, `15 natural next_working`; raises ValueError."""
        days, *rest = text.split()
        kind = DayKind(rest[0]) if rest else DayKind.NATURAL
        roll = Roll(rest[1]) if len(rest) > 1 else Roll.NONE
        return cls(int(days), kind, roll)

    def __str__(self) -> str:
        """The text that `parse` reads."""
        return f"{self.days} {self.kind} {self.roll}"


def day_within(year: int, month: int, day: int) -> date | None:
    """The day that a cell of a file states; None when there is none between FIRST_DAY and LAST_DAY."""
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if FIRST_DAY <= found <= LAST_DAY else None


def local_day(instant: datetime) -> date:
    """The day in Asia/Shanghai on which `instant` falls."""
    return instant.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """The first instant of `day` in Asia/Shanghai, as UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def last_day(start: date, duration: Duration, calendar: Calendar) -> date:
    """The last day of a period that began on `start`: the starting day does not count (M-CLK-01…04)."""
    if duration.kind is DayKind.NATURAL:
        day = start + timedelta(days=duration.days)
    else:
        day, left = start, duration.days
        while left > 0:
            day += timedelta(days=1)
            left -= calendar.is_workday(day)
    while duration.roll is Roll.NEXT_WORKING and not calendar.is_workday(day):
        day += timedelta(days=1)
    return day
