"""The embedded transport (内嵌传输): reads each service's numbered outbox as the role that may only read the log."""

import asyncio
import hashlib
from collections.abc import Collection, Mapping

import asyncpg
import structlog

from shared.contracts.catalogue import TOPICS, producer
from shared.messaging.log import connect, to_records
from shared.messaging.pace import Pace
from shared.messaging.transport import Batch, Resume

_ASSIGN = "SELECT pg_try_advisory_lock($1)"
_HEAD = "SELECT pos FROM outbox_log ORDER BY pos DESC LIMIT 1"
# Numbers appear in their order, so whatever lies below one that is seen has been seen too.
_NEXT = """
WITH next AS MATERIALIZED (SELECT * FROM outbox_log WHERE pos > $1 ORDER BY pos LIMIT $2)
SELECT (SELECT max(pos) FROM next) AS upto, pos, topic, key, sequence, id, type, envelope::text AS envelope
  FROM (SELECT) AS always LEFT JOIN next ON topic = ANY($3::text[]) ORDER BY pos"""
_FAULTS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
_SHORTEST_PAUSE = 0.25
_LONGEST_PAUSE = 15.0
_log = structlog.get_logger("pglog")


class PgLog:
    """A transport that needs nothing but the services' databases."""

    def __init__(self, sources: Mapping[str, str], *, batch: int = 500) -> None:
        """`sources`: for each producing service the address of its database for the log reader."""
        self._sources = dict(sources)
        self._batch = batch

    def subscribe(self, group: str, topics: Collection[str], resume: Resume) -> "LogSubscription":
        """Read those sources that produce one of `topics`."""
        wanted = {producer(event) for topic in topics for event in TOPICS[topic]}
        sources = {name: dsn for name, dsn in self._sources.items() if name in wanted}
        return LogSubscription(
            [_Source(name, dsn, group, sorted(topics), resume, self._batch) for name, dsn in sources.items()],
        )


class LogSubscription:
    """One consumer's reading of several outboxes, by turns."""

    def __init__(self, sources: list["_Source"]) -> None:
        self._sources = sources
        self._pace = Pace()

    async def receive(self, wait: float) -> Batch | None:
        loop = asyncio.get_running_loop()
        end = loop.time() + wait
        while True:
            for source in tuple(self._sources):
                batch = await source.read()
                if batch is not None:
                    self._sources.remove(source)
                    self._sources.append(source)
                    if batch.records:
                        self._pace.found()
                    return batch
            left = end - loop.time()
            if left <= 0:
                return None
            await self._pace.rest(left)

    async def ack(self, batch: Batch) -> None:
        for source in self._sources:
            source.advance(batch.upto.get(source.name, 0))

    async def heads(self) -> Mapping[str, int | None]:
        return {source.name: await source.head() for source in tuple(self._sources)}

    def nudge(self) -> None:
        self._pace.nudge()

    async def close(self) -> None:
        for source in self._sources:
            source.close()


class _Source:
    """One outbox, read by one process per consumer: the one that holds the lock, on the connection that reads."""

    def __init__(self, name: str, dsn: str, group: str, topics: list[str], resume: Resume, batch: int) -> None:
        self.name = name
        self._dsn = dsn
        self._group = group
        self._lock = int.from_bytes(hashlib.sha256(f"deliver to {group}".encode()).digest()[:8], signed=True)
        self._topics = topics
        self._resume = resume
        self._batch = batch
        self._turn = asyncio.Lock()
        self._connection: asyncpg.Connection | None = None
        self._pos: int | None = None
        self._pause = 0.0
        self._pause_until = 0.0

    async def read(self) -> Batch | None:
        """What lies behind the acknowledged position; without records when only the position moves."""
        async with self._turn:
            try:
                connection = await self._connect()
                if connection is None or not await self._is_assigned(connection):
                    return None
                return await self._next(connection)
            except _FAULTS as fault:
                self._leave_alone(fault)
                return None

    async def head(self) -> int | None:
        """The last position, 0 of an empty log, None when the database cannot be reached."""
        async with self._turn:
            try:
                connection = await self._connect()
                return None if connection is None else await connection.fetchval(_HEAD) or 0
            except _FAULTS as fault:
                self._leave_alone(fault)
                return None

    def advance(self, pos: int) -> None:
        """Read on from behind `pos`."""
        if self._pos is not None:
            self._pos = max(self._pos, pos)

    def close(self) -> None:
        """Let another process have this source."""
        connection, self._connection, self._pos = self._connection, None, None
        if connection is not None:
            connection.terminate()

    async def _connect(self) -> asyncpg.Connection | None:
        if asyncio.get_running_loop().time() < self._pause_until:
            return None
        if self._connection is None or self._connection.is_closed():
            self.close()
            name = f"log for {self._group}"
            self._connection = await connect(self._dsn, name, default_transaction_read_only="on")
        return self._connection

    async def _is_assigned(self, connection: asyncpg.Connection) -> bool:
        if self._pos is None and await connection.fetchval(_ASSIGN, self._lock):
            self._pos = (await self._resume()).get(self.name, 0)
        return self._pos is not None

    async def _next(self, connection: asyncpg.Connection) -> Batch | None:
        rows = await connection.fetch(_NEXT, self._pos, self._batch, self._topics)
        self._pause = 0.0
        upto = rows[0]["upto"]
        if upto is None:
            return None
        return Batch(to_records(self.name, [row for row in rows if row["pos"] is not None]), {self.name: upto})

    def _leave_alone(self, fault: Exception) -> None:
        """Come back to this source after a while; the others go on."""
        self.close()
        self._pause = min(max(self._pause * 2, _SHORTEST_PAUSE), _LONGEST_PAUSE)
        self._pause_until = asyncio.get_running_loop().time() + self._pause
        _log.warning("log not readable", source=self.name, consumer=self._group, why=type(fault).__name__)
