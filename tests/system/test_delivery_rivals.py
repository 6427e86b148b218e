"""Two where there should be one, and one that is slow: zombies, two leaders, a long reaction, a hole in the log."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from uuid import UUID

import pytest
import pytest_asyncio

from shared.delivery import parked
from shared.delivery.order import Reason
from shared.kernel.actors import Actor, Grant
from shared.kernel.areas import NATION
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.runtime.postgres_server import Server
from shared.testing.bus import drain
from shared.testing.postgres import Clones
from tests.system.delivery_kit import TRANSPORTS, World, bootstrap_for, open_world
from tests.system.delivery_scripts import Held

pytestmark = [pytest.mark.asyncio, pytest.mark.commit]

OPERATOR = Actor(new_id(), (Grant(Role.OPERATOR, NATION),))


@pytest_asyncio.fixture(params=TRANSPORTS)
async def world(
    request: pytest.FixtureRequest, postgres_server: Server, template_for: Callable[..., Clones]
) -> AsyncIterator[World]:
    async with open_world(postgres_server, template_for, bootstrap=bootstrap_for(request)) as world:
        yield world


async def until_noted(world: World, events: int) -> None:
    async with asyncio.timeout(30):
        while sum(map(len, (await world.assets.notes()).values())) < events:
            await asyncio.sleep(0.02)


async def stopped(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def in_order(tallies: list[UUID], upto: int) -> dict[UUID, list[int]]:
    return {tally: list(range(1, upto + 1)) for tally in tallies}


async def test_two_relays_that_both_believe_to_lead(world: World) -> None:
    """What a former leader still sends comes twice and late, and has its effect once and in order."""
    tallies = [new_id() for _ in range(8)]
    relays = [world.relay(batch=7), world.relay(batch=5)]
    for relay in relays:
        await relay._connect()
        relay._leads = True
    dispatch = world.dispatch(batch=20)
    working = [asyncio.create_task(run()) for run in (relays[0].run, relays[1].run, dispatch.run)]
    await asyncio.gather(*(world.count(tally, 15) for tally in tallies))
    await until_noted(world, 8 * 15)
    await stopped(*working)
    await drain(world.bus(dispatch))
    assert await world.assets.notes() == in_order(tallies, 15)
    assert await world.assets.parked() == []
    if world.kafka:
        assert dispatch.counts.duplicates > 0  # both have sent


async def test_a_consumer_that_wakes_after_others_have_done_its_work(world: World) -> None:
    """A zombie holds a batch while its sources go to another; what it does then is already done."""
    tallies = [new_id() for _ in range(12)]
    for tally in tallies:
        await world.count(tally, 5)
    await drain(world.bus())
    held = Held(world.transport())
    zombie, heir = world.dispatch(transport=held), world.dispatch()
    sleeping = asyncio.create_task(zombie.step(5))
    await asyncio.wait_for(held.holds.wait(), 10)
    await held.lose_sources()
    await drain(world.bus(heir))
    await world.count(tallies[0])
    await drain(world.bus(heir))
    assert heir.counts.applied == 12 * 5 + 1
    held.go_on.set()
    await sleeping
    assert zombie.counts.applied == 0
    assert zombie.counts.duplicates + zombie.counts.replayed > 0
    assert await world.assets.notes() == in_order(tallies[1:], 5) | {tallies[0]: [1, 2, 3, 4, 5, 6]}
    assert (await heir.lag()).events == 0  # the zombie has not moved the position back
    await zombie.close()


async def test_a_long_reaction_holds_up_its_own_key_and_loses_no_source(world: World) -> None:
    """A process that works on one event for longer than the broker waits for a dead one is not taken for dead."""
    if world.kafka:
        world.kafka = replace(world.kafka, session_seconds=1.5)
    slow, *others = tallies = [new_id() for _ in range(6)]
    for tally in tallies:
        await world.count(tally, 3)
    await world.assets.trouble("slow", [(slow, 1)])
    first, second = world.dispatch(), world.dispatch()
    await drain(world.bus())
    working = [asyncio.create_task(part.run()) for part in (first, second)]
    await until_noted(world, 5 * 3)
    assert set(await world.assets.notes()) == set(others)
    await until_noted(world, 6 * 3)
    await stopped(*working)
    assert await world.assets.notes() == in_order(tallies, 3)
    assert first.counts.applied + second.counts.applied == 6 * 3
    assert first.counts.replayed + second.counts.replayed == 0
    assert await world.assets.parked() == []


async def test_a_hole_in_the_log_parks_one_key_until_somebody_accepts_it(world: World) -> None:
    holed, whole = tallies = [new_id(), new_id()]
    for tally in tallies:
        await world.count(tally, 5)
    await world.number_all()
    async with world.server.admin(world.funds.names.name) as admin:
        await admin.execute("DELETE FROM outbox WHERE key = $1 AND sequence = 3", holed)
    dispatch = world.dispatch()
    await drain(world.bus(dispatch))
    assert await world.assets.notes() == {holed: [1, 2], whole: [1, 2, 3, 4, 5]}
    rows = await parked.list_parked(world.assets.database, "assets", OPERATOR)
    assert sorted((row.sequence, row.reason) for row in rows) == [(4, Reason.GAP), (5, Reason.BEHIND)]
    ids = [row.id for row in rows]
    assert (await parked.replay(dispatch, ids, OPERATOR)).handled == 0
    assert (await parked.replay(dispatch, ids, OPERATOR, accept_gap=True)).handled == 2
    assert await world.assets.notes() == {holed: [1, 2, 4, 5], whole: [1, 2, 3, 4, 5]}


async def test_reading_the_whole_log_again_changes_nothing(world: World) -> None:
    """Replay from the start, as after the loss of every position: duplicates only."""
    tallies = [new_id() for _ in range(5)]
    for tally in tallies:
        await world.count(tally, 6)
    await drain(world.bus(first := world.dispatch()))
    await first.close()
    await world.assets.execute("DELETE FROM delivery_cursor")
    await drain(world.bus(again := world.dispatch(batch=7)))
    assert await world.assets.notes() == in_order(tallies, 6)
    assert (again.counts.applied, again.counts.duplicates) == (0, 30)
