"""The demo's clock (演示时钟): the real time plus an offset that each service keeps in its own database (D21)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.db.sessions import Database
from shared.kernel.actors import SYSTEM
from shared.kernel.clock import Clock, SystemClock

_READ = "SELECT coalesce((SELECT seconds FROM clock_offset), 0)"
_STORE = """
INSERT INTO clock_offset(only_row, seconds) VALUES (true, $1)
ON CONFLICT (only_row) DO UPDATE SET seconds = excluded.seconds"""


class OffsetClock:
    """Runs `seconds` ahead of the real clock. Turned in one process, the others follow within a second."""

    def __init__(self, base: Clock | None = None) -> None:
        """`base`: the real clock."""
        self._base = base or SystemClock()
        self._databases: Sequence[Database] = ()
        self.seconds = 0

    def now(self) -> datetime:
        """The instant of the demo."""
        return self._base.now() + timedelta(seconds=self.seconds)

    async def keep_in(self, *databases: Database) -> None:
        """Keep the offset in these databases from now on, and take over what they hold."""
        self._databases = databases
        await self.refresh()

    async def refresh(self) -> None:
        """Take over the stored offset."""
        async with self._databases[0].read(SYSTEM) as session:
            self.seconds = await session.raw.fetchval(_READ)

    async def turn(self, seconds: int) -> None:
        """Store a new offset in every database, then run by it."""
        for database in self._databases:
            async with database.write(SYSTEM) as tx:
                await tx.raw.execute(_STORE, seconds)
                await tx.session.commit()
        self.seconds = seconds

    async def follow(self, *, every_seconds: float = 1.0) -> None:
        """Refresh until cancelled; for processes in which the clock is not turned."""
        while True:
            await self.refresh()
            await asyncio.sleep(every_seconds)
