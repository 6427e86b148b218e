"""The only consumer loop (事件派发): event → reaction → command, in order per key, then the acknowledgement."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

import structlog

from shared.commands.pipeline import Pipeline
from shared.delivery import progress
from shared.delivery.attempt import Attempts, Counts, Patience
from shared.delivery.order import WAITING, Failure, Item, Key, Line, Place, Reason
from shared.delivery.reactions import Known, Reactions
from shared.kernel.actors import SYSTEM
from shared.messaging.transport import Batch, Subscription, Transport

_SWEEP_SECONDS = 2.0
_WAIT_SECONDS = 0.25
_log = structlog.get_logger("delivery")


class Dispatch:
    """Delivers events to one service."""

    def __init__(
        self,
        consumer: str,
        pipeline: Pipeline,
        reactions: Reactions,
        transport: Transport,
        *,
        parallel: int = 4,
        patience: Patience | None = None,
    ) -> None:
        """`consumer`: the service's name; `parallel`: how many keys are worked on at a time."""
        self.consumer = consumer
        self.counts = Counts()
        self.database = pipeline.database
        self._pipeline = pipeline
        self._known = Known.of(reactions)
        self._transport = transport
        slots = asyncio.Semaphore(parallel)
        self._attempts = Attempts(consumer, pipeline, self._known, patience or Patience(), self.counts, slots)
        self._turn = asyncio.Lock()
        self._subscription: Subscription | None = None
        self._next_sweep = 0.0

    async def run(self) -> None:
        """Work until cancelled; raises when the service's own database is lost, then the batch comes again."""
        try:
            while True:
                await self.step(_WAIT_SECONDS)
        finally:
            await self.close()

    async def step(self, wait: float = 0) -> int:
        """Deliver the next batch, waiting up to `wait` seconds for it; the number of its events."""
        async with self._turn:
            try:
                batch = await self._subscribed().receive(wait)
                if batch is not None:
                    await self._deliver(batch)
                    await self._subscribed().ack(batch)
                await self._sweep()
            except BaseException:
                await self.close()  # what was read but not stored has to be read again
                raise
            return len(batch.records) if batch else 0

    async def replay(
        self,
        keys: Collection[Key],
        *,
        by: UUID = SYSTEM.id,
        accept_gap: bool = False,
    ) -> Mapping[Key, Line]:
        """Try the parked events of `keys` in order, up to the first that fails again.

        `accept_gap`: go on without what is missing before the first of each key.
        """
        async with self._turn:
            return await self._replay(keys, by=by, accept_gap=accept_gap, again=True)

    async def lag(self) -> progress.Lag:
        """How much is before us."""
        heads = await self._subscribed().heads()
        async with self.database.read(SYSTEM) as tx:
            return await progress.lag(tx.raw, self.consumer, heads)

    def nudge(self) -> None:
        """There may be something: look now."""
        self._subscribed().nudge()

    async def close(self) -> None:
        """Let another process have the sources."""
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            await subscription.close()

    def _subscribed(self) -> Subscription:
        if self._subscription is None:
            self._subscription = self._transport.subscribe(self.consumer, self._known.topics, self._positions)
        return self._subscription

    async def _positions(self) -> Mapping[str, int]:
        async with self.database.read(SYSTEM) as tx:
            return await progress.positions(tx.raw, self.consumer)

    async def _deliver(self, batch: Batch) -> None:
        arrived: dict[Key, list[Item]] = {}
        strays = []
        for record in batch.records:
            if record.key is None or record.sequence is None or record.id is None:
                strays.append((record, Failure(Reason.UNREADABLE, "neither key nor sequence nor id", 0)))
            else:
                arrived.setdefault((record.topic, record.key), []).append(Item(record, record.sequence))
        lines = await self._lines(arrived)
        async with asyncio.TaskGroup() as tasks:
            for key, items in arrived.items():
                if any(item.record.type in self._known.by_type for item in items):
                    tasks.create_task(self._walk(lines[key], items))
                else:
                    await self._walk(lines[key], items)
        await self._store(progress.Pass(lines, strays), upto=batch.upto)

    async def _lines(self, arrived: dict[Key, list[Item]]) -> dict[Key, Line]:
        """The lines of what arrived; parked events whose turn may come in this pass join those that arrived."""
        async with self.database.read(SYSTEM) as tx:
            lines = await progress.lines(tx.raw, self.consumer, arrived)
            for key, line in lines.items():
                line.is_held = line.must_wait([item.sequence for item in arrived[key]])
            joining = [key for key, line in lines.items() if line.head and not line.is_held]
            for item in await progress.parked_items(tx.raw, self.consumer, joining):
                assert item.record.key is not None
                arrived[item.record.topic, item.record.key].append(item)
        for items in arrived.values():
            items.sort(key=lambda item: (item.sequence, item.parked is None))
        return lines

    async def _walk(self, line: Line, items: Iterable[Item], *, again: bool = False, accept_gap: bool = False) -> None:
        """Go through the events of one key.

        `again`: try also those that had failed; `accept_gap`: the first may come although earlier ones are missing.
        """
        for item in items:
            place = line.place(item.sequence)
            if place is Place.PASSED:
                self.counts.duplicates += 1
                line.passed(item)
            elif place is Place.NEXT or (place is Place.GAP and accept_gap):
                if item.parked and item.parked.reason not in WAITING and not again:
                    line.is_held = True
                elif failure := await self._attempts.handle(item.record):
                    line.stopped(item, failure)
                else:
                    line.passed(item)
                accept_gap = False
            elif item.parked:
                line.is_held = True
            else:
                line.stopped(item, Failure(Reason(place.value), "", 0))

    async def _sweep(self) -> None:
        """Now and then, handle what waited only for its turn: its predecessor was replayed or discarded elsewhere."""
        now = asyncio.get_running_loop().time()
        if now < self._next_sweep:
            return
        self._next_sweep = now + _SWEEP_SECONDS
        async with self.database.read(SYSTEM) as tx:
            keys = await progress.ready_keys(tx.raw, self.consumer)
        if keys:
            await self._replay(keys, by=SYSTEM.id, accept_gap=False, again=False)

    async def _replay(self, keys: Collection[Key], *, by: UUID, accept_gap: bool, again: bool) -> Mapping[Key, Line]:
        async with self.database.read(SYSTEM) as tx:
            lines = await progress.lines(tx.raw, self.consumer, keys)
            items = await progress.parked_items(tx.raw, self.consumer, keys)
        by_key: dict[Key, list[Item]] = {key: [] for key in lines}
        for item in items:
            assert item.record.key is not None
            by_key[item.record.topic, item.record.key].append(item)
        async with asyncio.TaskGroup() as tasks:
            for key, line in lines.items():
                tasks.create_task(self._walk(line, by_key[key], again=again, accept_gap=accept_gap))
        await self._store(progress.Pass(lines), upto={}, by=by)
        return lines

    async def _store(self, done: progress.Pass, *, upto: Mapping[str, int], by: UUID = SYSTEM.id) -> None:
        """Parked events, keys and positions in one transaction."""
        now = self._pipeline.resources.clock.now()
        async with self.database.write(SYSTEM) as tx:
            await progress.store(tx.raw, self.consumer, done, upto=upto, now=now, by=by)
            await tx.session.commit()
        for record, failure in done.newly_parked():
            self.counts.parked += 1
            if failure.reason is Reason.BEHIND:
                continue  # said once, for the first of the key
            what = {"type": record.type, "event_id": str(record.id), "source": record.source, "pos": record.pos}
            _log.warning("parked", consumer=self.consumer, reason=failure.reason, detail=failure.detail, **what)
