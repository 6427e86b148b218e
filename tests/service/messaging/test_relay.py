"""Numbering: complete, gapless, in order per key, whoever numbers and however long transactions stay open (D5, D20)."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest
import pytest_asyncio

from shared.contracts.catalogue import decode
from shared.kernel.actors import SYSTEM
from shared.kernel.ids import new_id
from shared.messaging.relay import Relay
from shared.messaging.transport import Record, SendFailed
from shared.runtime.postgres_server import Server
from shared.testing.postgres import Clones
from tests.system.delivery_kit import NOW, World, open_world

pytestmark = [pytest.mark.asyncio, pytest.mark.commit]

_FOREIGN = "UPDATE outbox SET area_code = 110101001001"


@pytest_asyncio.fixture
async def world(postgres_server: Server, template_for: Callable[..., Clones]) -> AsyncIterator[World]:
    async with open_world(postgres_server, template_for, consumers=()) as world:
        yield world


@dataclass
class Wire:
    """A log outside that takes what it is given, unless it is told to fail before or after."""

    got: list[Record] = field(default_factory=list)
    is_down: bool = False
    loses_answer: bool = False
    loses: frozenset[int] = frozenset()

    async def append(self, records: Sequence[Record]) -> None:
        if self.is_down:
            raise SendFailed("broker gone")
        taken = [record for record in records if record.pos not in self.loses]
        self.got += taken
        if len(taken) < len(records):
            raise SendFailed("some partitions have no leader", taken={record.pos for record in taken})
        if self.loses_answer:
            self.loses_answer = False
            raise SendFailed("answer lost")


async def number_all(relay: Relay) -> None:
    while await relay.step():
        pass


async def sent_upto(world: World) -> int:
    ((upto,),) = await world.funds.fetch("SELECT sent_upto FROM outbox_counter")
    return int(upto)


async def assert_numbered(world: World, events: int) -> None:
    rows = await world.funds.fetch(
        "SELECT pos, key, sequence, envelope->'data'->>'amount' AS n FROM outbox ORDER BY pos"
    )
    assert [row["pos"] for row in rows] == list(range(1, events + 1))
    by_key: dict[object, list[tuple[int, str]]] = {}
    for row in rows:
        by_key.setdefault(row["key"], []).append((row["sequence"], row["n"]))
    for seen in by_key.values():
        assert seen == [(n, f"{n // 100}.{n % 100:02d}") for n in range(1, len(seen) + 1)]


async def test_events_and_journal_get_their_numbers(world: World) -> None:
    first, second = new_id(), new_id()
    for tally in (first, second, first):
        await world.count(tally)
    relay = world.relay()
    assert await relay.step() == 6  # three events, three journal rows
    assert await relay.step() == 0
    await assert_numbered(world, 3)
    journal = await world.funds.fetch("SELECT pos FROM journal ORDER BY seq")
    assert [row["pos"] for row in journal] == [1, 2, 3]
    await relay.close()


async def test_the_log_shows_the_envelope_with_its_number(world: World) -> None:
    tally = new_id()
    await world.count(tally, 2)
    relay = world.relay()
    await number_all(relay)
    rows = await world.funds.fetch("SELECT sequence, envelope::text AS body, id FROM outbox_log ORDER BY pos")
    assert [decode(row["body"].encode()).sequence for row in rows] == ["000000000001", "000000000002"]
    assert [decode(row["body"].encode()).id for row in rows] == [row["id"] for row in rows]
    await relay.close()


async def test_events_of_every_area_are_numbered(world: World) -> None:
    await world.count(new_id())
    async with world.server.admin(world.funds.names.name) as admin:
        await admin.execute(_FOREIGN)
    relay = world.relay()
    assert await relay.step() == 2
    await relay.close()


async def test_a_lower_number_that_commits_later_is_not_lost(world: World) -> None:
    """The naive reader that goes by the row's own number loses it."""
    relay = world.relay()
    slow = asyncio.create_task(world.count(new_id(), hold_seconds=0.3))
    await asyncio.sleep(0.1)
    await world.count(new_id())
    await number_all(relay)
    assert await world.funds.fetch("SELECT seq, pos FROM outbox") == [(2, 1)]
    await slow
    await number_all(relay)
    assert await world.funds.fetch("SELECT seq, pos FROM outbox ORDER BY pos") == [(2, 1), (1, 2)]
    await relay.close()


async def test_two_relays_at_once_give_every_number_once(world: World) -> None:
    """Not even the lead is needed for correct numbers: both number with all their might."""
    tallies = [new_id() for _ in range(8)]
    relays = [world.relay(batch=7), world.relay(batch=5)]
    connections = [await relay._connect() for relay in relays]
    writers = [asyncio.create_task(world.count(tally, 25)) for tally in tallies]
    numbered = [0, 0]

    async def number(which: int) -> None:
        while True:
            numbered[which] += await relays[which]._number(connections[which])
            await asyncio.sleep(0)

    numberers = [asyncio.create_task(number(which)) for which in (0, 1)]
    await asyncio.gather(*writers)
    async with asyncio.timeout(10):
        while sum(numbered) < 400:
            await asyncio.sleep(0.01)
    for task in numberers:
        task.cancel()
    await asyncio.gather(*numberers, return_exceptions=True)
    assert min(numbered) > 0
    assert sum(numbered) == 400  # 200 events and 200 journal rows
    await assert_numbered(world, 200)
    for relay in relays:
        await relay.close()


async def test_one_leads_and_the_other_takes_over(world: World) -> None:
    first, second = world.relay(), world.relay()
    await first.step()
    await world.count(new_id())
    assert await second.step() == 0
    assert await first.step() == 2
    await first.close()
    await world.count(new_id())
    async with asyncio.timeout(5):
        while not await second.step():
            await asyncio.sleep(0.01)
    await assert_numbered(world, 2)
    await second.close()


async def test_a_killed_leader_loses_nothing_under_load(world: World) -> None:
    """T17: sixteen writers, some holding an old transaction open, and a leader cancelled in the middle."""
    chance = random.Random(17)
    tallies = [new_id() for _ in range(16)]

    async def write(tally: UUID) -> None:
        for _ in range(12):
            await world.count(tally, hold_seconds=chance.choice((0, 0, 0.02, 0.08)))

    writing = asyncio.gather(*(write(tally) for tally in tallies))
    kills = 0
    async with world.funds.database.write(SYSTEM) as old:
        await old.raw.execute("SELECT pg_current_xact_id()")
        while not writing.done():
            relay = world.relay(batch=10)
            leader = asyncio.create_task(relay.run())
            await asyncio.sleep(chance.uniform(0.01, 0.08))
            leader.cancel()
            await asyncio.gather(leader, return_exceptions=True)
            kills += 1
    await writing
    relay = world.relay()
    async with asyncio.timeout(5):
        while (await relay.backlog()).unnumbered:
            await relay.step()
    await assert_numbered(world, 16 * 12)
    assert kills >= 3
    await relay.close()


async def test_sending_marks_what_the_log_has_taken(world: World) -> None:
    wire = Wire()
    relay = Relay("funds", world.funds.names.app_dsn, world.clock, sender=wire, batch=2)
    await world.count(new_id(), 5)
    await number_all(relay)
    assert [record.pos for record in wire.got] == [1, 2, 3, 4, 5]
    assert [decode(record.body).number for record in wire.got] == [1, 2, 3, 4, 5]
    marked = await world.funds.fetch("SELECT DISTINCT published_at FROM outbox")
    assert marked == [(NOW,)]
    assert await sent_upto(world) == 5
    await relay.close()


async def test_what_is_known_to_be_sent_ends_before_the_first_gap(world: World) -> None:
    wire = Wire(loses=frozenset({2}))
    relay = Relay("funds", world.funds.names.app_dsn, world.clock, sender=wire)
    await world.count(new_id(), 3)
    await number_all(relay)
    assert await sent_upto(world) == 0
    assert (await relay.backlog()).unsent == 1
    wire.loses = frozenset()
    async with asyncio.timeout(5):
        while (await relay.backlog()).unsent:
            await relay.step()
            await asyncio.sleep(0.02)
    assert [record.pos for record in wire.got] == [1, 3, 2]
    assert await sent_upto(world) == 2
    await world.count(new_id(), 1)
    await number_all(relay)
    assert await sent_upto(world) == 4
    await relay.close()


async def test_while_the_log_is_down_numbering_goes_on_and_nothing_is_dropped(world: World) -> None:
    wire = Wire(is_down=True)
    relay = Relay("funds", world.funds.names.app_dsn, world.clock, sender=wire)
    await world.count(new_id(), 3)
    await number_all(relay)
    await assert_numbered(world, 3)
    world.clock.forward(seconds=90)
    backlog = await relay.backlog()
    assert (backlog.unnumbered, backlog.unsent, backlog.seconds) == (0, 3, 90)
    wire.is_down = False
    async with asyncio.timeout(5):
        while (await relay.backlog()).unsent:
            await relay.step()
            await asyncio.sleep(0.02)
    assert [record.pos for record in wire.got] == [1, 2, 3]
    await relay.close()


async def test_a_lost_answer_sends_the_same_events_again(world: World) -> None:
    """T02: between append and mark the event is on the log already; it comes again with the same id."""
    wire = Wire(loses_answer=True)
    relay = Relay("funds", world.funds.names.app_dsn, world.clock, sender=wire)
    await world.count(new_id(), 2)
    async with asyncio.timeout(5):
        while len(wire.got) < 4:
            await relay.step()
            await asyncio.sleep(0.02)
    assert wire.got[:2] == wire.got[2:]
    assert (await relay.backlog()).unsent == 0
    await relay.close()
