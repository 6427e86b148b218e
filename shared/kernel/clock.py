"""The one place that reads the time."""

from datetime import UTC, date, datetime
from typing import Protocol

from shared.kernel.days import local_day


class Clock(Protocol):
    """Gives the present instant; tests and the demo set it."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)


def today(clock: Clock) -> date:
    """The present day in Asia/Shanghai."""
    return local_day(clock.now())
