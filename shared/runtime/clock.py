"""The demo's clock (演示时钟): the real time plus an offset that each service keeps in its own database (D21)."""

import asyncio
import contextlib
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic

from shared.db.sessions import Database
from shared.kernel.actors import SYSTEM
from shared.kernel.clock import Clock, SystemClock
from shared.messaging.log import connect

_READ = "SELECT coalesce((SELECT seconds FROM clock_offset), 0)"
_STORE = """
INSERT INTO clock_offset(only_row, seconds) VALUES (true, $1)
ON CONFLICT (only_row) DO UPDATE SET seconds = excluded.seconds"""
_CHANNEL = "clock_turned"
_TELL = f"NOTIFY {_CHANNEL}"
# Each process that follows holds a lock shared that stands for the offset it runs by.
_HOLD = "SELECT pg_advisory_lock_shared($1)"
_RELEASE = "SELECT pg_advisory_unlock_shared($1)"
_NOBODY_HOLDS = "SELECT pg_advisory_xact_lock($1)"


class OffsetClock:
    """Runs `seconds` ahead of the real clock. Turned in one process, it has turned in all that follow."""

    def __init__(self, base: Clock | None = None) -> None:
        """`base`: the real clock."""
        self._base = base or SystemClock()
        self._databases: Sequence[Database] = ()
        self._turned_at = monotonic()
        self.seconds = 0
        self.follows = asyncio.Event()
        """Set as soon as who turns the clock waits for us."""

    def now(self) -> datetime:
        """The instant of the demo."""
        return self._base.now() + timedelta(seconds=self.seconds)

    async def keep_in(self, *databases: Database) -> None:
        """Keep the offset in these databases from now on, and take over what they hold."""
        self._databases = databases
        async with databases[0].read(SYSTEM) as session:
            self._run_by(await session.raw.fetchval(_READ))

    async def turn(self, seconds: int) -> None:
        """Store a new offset in every database, run by it, and return when all that follow do.

        A process that hangs makes this fail; one that died is not waited for.
        """
        before = self.seconds
        for database in self._databases:
            async with database.write(SYSTEM) as tx:
                await tx.raw.execute(_STORE, seconds)
                await tx.raw.execute(_TELL)
                await tx.session.commit()
        self._run_by(seconds)
        if before != seconds:
            for database in self._databases:
                async with database.write(SYSTEM) as tx:
                    await tx.raw.execute(_NOBODY_HOLDS, _lock(before))

    async def follow(self, app_dsn: str, *, every_seconds: float = 1.0) -> None:
        """Run by what is stored, until cancelled; for processes in which the clock is not turned."""
        turned = asyncio.Event()
        connection = await connect(app_dsn, "clock")
        try:
            await connection.add_listener(_CHANNEL, lambda *_: turned.set())
            held: int | None = None
            while True:
                turned.clear()
                stored = await connection.fetchval(_READ)
                if stored != held:
                    await connection.execute(_HOLD, _lock(stored))
                    self._run_by(stored)
                    if held is not None:
                        await connection.execute(_RELEASE, _lock(held))
                    held = stored
                    continue  # it may have been turned on before the lock was ours
                self.follows.set()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(turned.wait(), every_seconds)
        finally:
            connection.terminate()

    async def still(self, seconds: float) -> None:
        """Return when nobody has turned it for so long."""
        while (left := self._turned_at + seconds - monotonic()) > 0:
            await asyncio.sleep(left)

    def _run_by(self, seconds: int) -> None:
        if seconds != self.seconds:
            self._turned_at = monotonic()
        self.seconds = seconds


def _lock(seconds: int) -> int:
    """The lock that stands for one offset."""
    return int.from_bytes(hashlib.sha256(f"clock {seconds}".encode()).digest()[:8], signed=True)
