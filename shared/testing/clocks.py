"""A clock that is set, never waited for."""

from datetime import UTC, datetime, timedelta


class SetClock:
    """Stands still until somebody moves it."""

    def __init__(self, now: datetime) -> None:
        """`now`: with offset."""
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self._now

    def set(self, now: datetime) -> None:
        """Jump to an instant."""
        self._now = now.astimezone(UTC)

    def forward(self, *, days: int = 0, seconds: int = 0) -> None:
        """Let time pass."""
        self._now += timedelta(days=days, seconds=seconds)
