"""The relay (中继): numbers what was committed, one leader per database, and hands it to the log.

Where no log stands outside, the numbered outbox is the log, and numbering is all there is to do.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import asyncpg

from shared.kernel.clock import Clock
from shared.messaging.log import UNSENT, connect
from shared.messaging.outgoing import Outgoing
from shared.messaging.pace import Pace
from shared.messaging.transport import Sender

_LEAD = "SELECT pg_try_advisory_lock($1)"
_LOCK = int.from_bytes(hashlib.sha256(b"relay").digest()[:8], signed=True)
_WAITING = """
SELECT EXISTS(SELECT FROM outbox WHERE pos IS NULL) OR EXISTS(SELECT FROM journal WHERE pos IS NULL)"""
# The lock is a statement of its own: only a snapshot taken after it shows what the last holder numbered.
_COUNTER = "SELECT FROM outbox_counter FOR UPDATE"
_NUMBER_EVENTS = """
WITH fresh AS MATERIALIZED (SELECT id, seq, topic, key FROM outbox WHERE pos IS NULL ORDER BY seq LIMIT $1),
placed AS MATERIALIZED (
  SELECT id, topic, key, row_number() OVER (ORDER BY seq) AS place,
         coalesce(last_sequence, 0) + row_number() OVER (PARTITION BY topic, key ORDER BY seq) AS sequence
    FROM fresh LEFT JOIN outbox_key USING (topic, key)),
counted AS (
  INSERT INTO outbox_key(topic, key, last_sequence) SELECT topic, key, max(sequence) FROM placed GROUP BY topic, key
  ON CONFLICT (topic, key) DO UPDATE SET last_sequence = excluded.last_sequence),
numbered AS (
  UPDATE outbox SET pos = outbox_counter.last_pos + placed.place, sequence = placed.sequence, published_at = $2
    FROM placed, outbox_counter WHERE outbox.id = placed.id RETURNING 1),
total AS (SELECT count(*) AS events FROM numbered)
UPDATE outbox_counter SET last_pos = last_pos + total.events,
       sent_upto = CASE WHEN $2 IS NOT NULL AND sent_upto = last_pos THEN last_pos + total.events ELSE sent_upto END
  FROM total RETURNING total.events"""
_NUMBER_JOURNAL = """
WITH placed AS MATERIALIZED (
  SELECT id, row_number() OVER (ORDER BY seq) AS place
    FROM (SELECT id, seq FROM journal WHERE pos IS NULL ORDER BY seq LIMIT $1) AS fresh),
numbered AS (
  UPDATE journal SET pos = outbox_counter.last_journal_pos + placed.place
    FROM placed, outbox_counter WHERE journal.id = placed.id RETURNING 1),
total AS (SELECT count(*) AS entries FROM numbered)
UPDATE outbox_counter SET last_journal_pos = last_journal_pos + total.entries FROM total RETURNING total.entries"""
_BACKLOG = f"""
WITH unsent AS ({UNSENT})
SELECT (SELECT count(*) FROM outbox WHERE pos IS NULL) AS unnumbered, count(*) AS unsent,
       coalesce(extract(epoch FROM $1 - min(at)), 0)::bigint AS seconds FROM unsent"""  # noqa: S608  a query of our own


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to be numbered or sent, and how long the oldest has waited."""

    unnumbered: int
    unsent: int
    seconds: int


class Relay:
    """The relay of one service's database; several may run, one works."""

    def __init__(
        self,
        service: str,
        app_dsn: str,
        clock: Clock,
        *,
        sender: Sender | None = None,
        batch: int = 2000,
        then: Sequence[Callable[[], None]] = (),
    ) -> None:
        """`sender`: the log outside, None when the outbox itself is read; `then`: whom to nudge in this process."""
        self.service = service
        self._dsn = app_dsn
        self._clock = clock
        self._outgoing = Outgoing(service, sender, clock, batch) if sender else None
        self._batch = batch
        self._then = then
        self._pace = Pace()
        self._turn = asyncio.Lock()
        self._connection: asyncpg.Connection | None = None
        self._leads = False

    async def run(self) -> None:
        """Work until cancelled; raises when the database is lost, then nothing is half done."""
        try:
            while True:
                if await self.step():
                    self._pace.found()
                else:
                    await self._pace.rest()
        finally:
            await self.close()

    async def step(self) -> int:
        """Number and send what waits, at most one batch of each; 0 when nothing waits or another relay leads."""
        async with self._turn:
            connection = await self._lead()
            if connection is None:
                return 0
            moved = await self._number(connection)
            if self._outgoing is not None:
                moved += await self._outgoing.step(connection)
            if moved:
                for nudge in self._then:
                    nudge()
            return moved

    async def backlog(self) -> Backlog:
        """What waits at present."""
        async with self._turn:
            connection = await self._connect()
            row = await connection.fetchrow(_BACKLOG, self._clock.now())
            assert row is not None
            return Backlog(**row)

    def nudge(self) -> None:
        """Something was committed: look now."""
        self._pace.nudge()

    async def close(self) -> None:
        """Give up the lead and the connection; what is being sent may arrive all the same."""
        connection, self._connection, self._leads = self._connection, None, False
        if connection is not None:
            connection.terminate()
        if self._outgoing is not None:
            await self._outgoing.close()

    async def _connect(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._leads = False
            # A number that somebody has read must survive a crash, whatever the database's default says.
            self._connection = await connect(self._dsn, f"relay {self.service}", synchronous_commit="on")
        return self._connection

    async def _lead(self) -> asyncpg.Connection | None:
        connection = await self._connect()
        if not self._leads:
            self._leads = await connection.fetchval(_LEAD, _LOCK)
        return connection if self._leads else None

    async def _number(self, connection: asyncpg.Connection) -> int:
        if not await connection.fetchval(_WAITING):
            return 0
        published_at = None if self._outgoing else self._clock.now()
        async with connection.transaction(isolation="read_committed"):
            await connection.execute(_COUNTER)
            events: int = await connection.fetchval(_NUMBER_EVENTS, self._batch, published_at)
            entries: int = await connection.fetchval(_NUMBER_JOURNAL, self._batch)
        return events + entries
