"""What of one outbox is on its way to a log outside: read ahead, appended batch after batch, marked as sent."""

import asyncio
from collections.abc import Sequence

import asyncpg
import structlog

from shared.kernel.clock import Clock
from shared.messaging.log import to_records
from shared.messaging.transport import Record, Sender, SendFailed

_UNSENT = """
SELECT pos, topic, key, sequence, id, type, envelope::text AS envelope FROM outbox
 WHERE published_at IS NULL AND pos > greatest($1, (SELECT sent_upto FROM outbox_counter)) ORDER BY pos LIMIT $2"""
_MARK = """
WITH marked AS (UPDATE outbox SET published_at = $2 WHERE pos = ANY($1::bigint[]))
UPDATE outbox_counter SET sent_upto = greatest(sent_upto, $3)"""
# So long a step waits for the log; then numbering goes on, for the numbered outbox is read by others too.
_WAIT_FOR_LOG = 0.1
_SHORTEST_SILENCE = 0.25
_LONGEST_SILENCE = 30.0
_log = structlog.get_logger("relay")


class Outgoing:
    """The sending half of a relay; while one batch is being appended, the next is read and the last one marked."""

    def __init__(self, service: str, sender: Sender, clock: Clock, batch: int) -> None:
        self._service = service
        self._sender = sender
        self._clock = clock
        self._batch = batch
        self._sending: asyncio.Task[list[int]] | None = None
        self._ahead: tuple[Record, ...] = ()
        self._read_upto = 0
        self._silence = 0.0
        self._silent_until = 0.0

    async def step(self, connection: asyncpg.Connection) -> int:
        """Bring one batch further, outside any transaction; how many were marked. A crash before that sends again."""
        if self._sending is None and asyncio.get_running_loop().time() < self._silent_until:
            return 0
        if not self._ahead:
            await self._read_ahead(connection)
        if self._sending is None:
            self._begin()
        if self._sending is None:
            return 0
        await asyncio.wait([self._sending], timeout=_WAIT_FOR_LOG)
        if not self._sending.done():
            return 0
        sending, self._sending = self._sending, None
        taken = sending.result()
        if has_gaps := self._silence > 0:
            self._ahead, self._read_upto = (), 0  # what failed comes before what was read ahead
        else:
            self._begin()
        if taken:
            await connection.execute(_MARK, taken, self._clock.now(), 0 if has_gaps else taken[-1])
        return len(taken)

    async def close(self) -> None:
        """Wait for nothing; what is being appended may arrive all the same, and is sent again."""
        sending, self._sending = self._sending, None
        self._ahead, self._read_upto = (), 0
        if sending is not None:
            sending.cancel()
            await asyncio.wait([sending])

    async def _read_ahead(self, connection: asyncpg.Connection) -> None:
        rows = await connection.fetch(_UNSENT, self._read_upto, self._batch)
        self._ahead = to_records(self._service, rows)
        self._read_upto = rows[-1]["pos"] if rows else self._read_upto

    def _begin(self) -> None:
        if self._ahead:
            self._sending, self._ahead = asyncio.create_task(self._append(self._ahead)), ()
        else:
            self._read_upto = 0

    async def _append(self, records: Sequence[Record]) -> list[int]:
        """The positions that are on the log for certain."""
        try:
            await self._sender.append(records)
        except SendFailed as failure:
            self._silence = min(max(self._silence * 2, _SHORTEST_SILENCE), _LONGEST_SILENCE)
            self._silent_until = asyncio.get_running_loop().time() + self._silence
            _log.warning("not sent", service=self._service, why=str(failure), again_in=self._silence)
            return sorted(failure.taken)
        self._silence = 0.0
        return [record.pos for record in records]
