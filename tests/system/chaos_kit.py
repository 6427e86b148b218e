"""Processes that are killed with -9 while they work, and an ear on the topics that hears what comes twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import asyncpg
from aiokafka import AIOKafkaConsumer

from shared.messaging.topics import DECLARED
from tests.system.processes_kit import NAMES, Town

_GONE_SECONDS, _BUSY_SECONDS = 10.0, 90.0
_WIRING = """
CREATE FUNCTION chaos_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify(CASE WHEN NEW.cause IS NULL THEN 'answer' ELSE 'react' END, '');
  RETURN NULL;
END $$;
CREATE TRIGGER chaos_tell AFTER INSERT ON journal FOR EACH ROW EXECUTE FUNCTION chaos_tell();
CREATE FUNCTION chaos_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM changed WHERE published_at IS NOT NULL) THEN
    PERFORM pg_sleep(0.05);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER chaos_hold AFTER UPDATE ON outbox REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION chaos_hold();"""
"""Tells of each commit in the moment in which it stands, and lets noting what was sent take as long as on a slow disk."""
_LATEST = "SELECT cause FROM journal WHERE cause IS NOT NULL ORDER BY seq DESC LIMIT 300"
_TOLD = "SELECT id, topic, key, sequence FROM outbox WHERE id = ANY($1::uuid[])"
_DONE = "SELECT topic, key, last_sequence FROM delivery_key WHERE consumer = $1"


@dataclass(slots=True)
class Ear:
    """Hears everything on the topics of one namespace, in the order of each key."""

    heard: Counter[str] = field(default_factory=Counter)
    """How often each event came, by its id."""
    breaks: int = 0
    """Events that, heard for the first time, do not follow on the one before in their key."""
    _last: dict[tuple[str, bytes], int] = field(default_factory=dict)

    @property
    def repeated(self) -> int:
        """Records beyond the first of each event: sent, and sent again because the relay died before it noted that."""
        return self.heard.total() - len(self.heard)

    @asynccontextmanager
    async def listening(self, bootstrap: str, namespace: str, tell: Callable[[str], None]) -> AsyncIterator[None]:
        """Listen until the block ends, and `tell` at once of which service something came."""
        topics = [f"{namespace}.{topic}" for topic in DECLARED]
        consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        task = asyncio.create_task(self._listen(consumer, len(namespace) + 1, tell))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await consumer.stop()

    async def until_heard(self, events: int, seconds: float = 30) -> None:
        """Return when so many different events have come, or that time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(self.heard) < events:
                    await asyncio.sleep(0.05)

    async def _listen(self, consumer: AIOKafkaConsumer, prefix: int, tell: Callable[[str], None]) -> None:
        async for record in consumer:
            facts = dict(record.headers)
            event, sequence = facts["ce_id"].decode(), int(facts["ce_sequence"])
            if event not in self.heard:
                line = (record.topic, record.key)
                self.breaks += sequence != self._last.get(line, 0) + 1
                self._last[line] = sequence
            self.heard[event] += 1
            tell(record.topic[prefix:].partition(".")[0])


@dataclass(slots=True)
class Besieged(Town):
    """A system whose processes are killed."""

    ear: Ear = field(default_factory=Ear)
    doubtful: int = 0
    """Effects that were committed when their consumer was killed before it had noted them: they were delivered again."""
    _eyes: dict[str, asyncpg.Connection] = field(default_factory=dict)
    _signs: dict[tuple[str, str], asyncio.Event] = field(default_factory=dict)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Notice at once what every process does, until the block ends."""
        for service in NAMES:
            eye = self._eyes[service] = await asyncpg.connect(self.server.dsn(f"{self.prefix}_{service}"))
            await eye.execute(_WIRING)
            for deed in ("answer", "react"):
                await eye.add_listener(deed, lambda *_, sign=(service, deed): self._sign(*sign).set())
        async with self.ear.listening(self.bootstrap, self.prefix, lambda name: self._sign(name, "send").set()):
            yield
        for eye in self._eyes.values():
            await eye.close()

    async def until_busy(self, name: str, deed: str) -> None:
        """Return in the moment in which a process answers, sends or reacts."""
        sign = self._sign(name.partition(" ")[0], deed)
        sign.clear()
        try:
            await asyncio.wait_for(sign.wait(), _BUSY_SECONDS)
        except TimeoutError:
            raise AssertionError(f"{name} does nothing: {self.running[name].said()}") from None

    async def kill(self, name: str) -> None:
        """`kill -9`, and wait until nothing is left."""
        self.running[name].process.kill()
        await self.running[name].ended(_GONE_SECONDS)
        service, _, command = name.partition(" ")
        if command == "worker":
            self.doubtful += await self._in_doubt(service)

    def _sign(self, service: str, deed: str) -> asyncio.Event:
        return self._signs.setdefault((service, deed), asyncio.Event())

    async def _in_doubt(self, consumer: str) -> int:
        causes = [row["cause"] for row in await self._eyes[consumer].fetch(_LATEST)]
        done = {
            (row["topic"], row["key"]): row["last_sequence"]
            for row in await self._eyes[consumer].fetch(_DONE, consumer)
        }
        doubtful = 0
        for producer in NAMES:
            for row in await self._eyes[producer].fetch(_TOLD, causes):
                doubtful += row["sequence"] > done.get((row["topic"], row["key"]), 0)
        return doubtful
