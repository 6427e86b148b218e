"""What every transport promises, over each of them: complete, in order per key, once in effect (G3, G4)."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from uuid import UUID

import pytest
import pytest_asyncio

from shared.contracts.funds import AlertClosed, IndicatorAdjusted, IndicatorReceived
from shared.delivery.reactions import Known
from shared.kernel.actors import SYSTEM
from shared.kernel.ids import new_id
from shared.runtime.postgres_server import Server
from shared.runtime.supervisor import Supervisor
from shared.testing.bus import drain
from shared.testing.postgres import Clones
from tests.system.delivery_kit import REACTIONS, TRANSPORTS, Note, World, bootstrap_for, open_world, write_down
from tests.system.delivery_scripts import CrashedError, Crashing

pytestmark = [pytest.mark.asyncio, pytest.mark.commit]


@pytest_asyncio.fixture(params=TRANSPORTS)
async def world(
    request: pytest.FixtureRequest, postgres_server: Server, template_for: Callable[..., Clones]
) -> AsyncIterator[World]:
    async with open_world(postgres_server, template_for, bootstrap=bootstrap_for(request)) as world:
        yield world


@pytest_asyncio.fixture(params=TRANSPORTS)
async def world_of_three(
    request: pytest.FixtureRequest, postgres_server: Server, template_for: Callable[..., Clones]
) -> AsyncIterator[World]:
    consumers = ("assets", "monitoring")
    async with open_world(
        postgres_server, template_for, bootstrap=bootstrap_for(request), consumers=consumers
    ) as world:
        yield world


async def until_quiet(world: World, *, events: int) -> None:
    async with asyncio.timeout(30):
        while sum(map(len, (await world.assets.notes()).values())) < events:
            await asyncio.sleep(0.05)


async def test_an_event_becomes_a_command_with_its_cause(world: World) -> None:
    tally = new_id()
    await world.count(tally, 3)
    dispatch = world.dispatch()
    await drain(world.bus(dispatch))
    assert await world.assets.notes() == {tally: [1, 2, 3]}
    assert dispatch.counts.applied == 3
    assert (await dispatch.lag()).events == 0
    sent = await world.funds.fetch(
        "SELECT outbox.id, correlation FROM outbox JOIN journal ON correlation::text = envelope->>'correlationid'"
        " ORDER BY outbox.seq",
    )
    heard = await world.assets.fetch("SELECT cause AS id, correlation FROM journal ORDER BY seq")
    assert heard == sent


async def test_sixteen_writers_with_old_transactions_and_a_killed_leader(world: World) -> None:
    """T17 to the end: every event reaches the consumer once and in the order of its key, while all of it runs."""
    chance = random.Random(17)
    tallies = [new_id() for _ in range(16)]

    async def write(tally: UUID) -> None:
        for _ in range(10):
            await world.count(tally, hold_seconds=chance.choice((0, 0, 0.02, 0.1)))

    dispatch = world.dispatch(batch=20)
    delivery = asyncio.create_task(Supervisor({"dispatch": dispatch.run}).run())
    writing = asyncio.gather(*map(write, tallies))
    async with world.funds.database.write(SYSTEM) as old:
        await old.raw.execute("SELECT pg_current_xact_id()")
        while not writing.done():
            leaders = [asyncio.create_task(world.relay(batch=10).run()) for _ in range(2)]
            await asyncio.sleep(chance.uniform(0.03, 0.1))
            for leader in leaders:
                leader.cancel()
            await asyncio.gather(*leaders, return_exceptions=True)
    await writing
    relay = asyncio.create_task(world.relay().run())
    await until_quiet(world, events=160)
    for task in (relay, delivery):
        task.cancel()
    await asyncio.gather(relay, delivery, return_exceptions=True)
    assert await world.assets.notes() == {tally: list(range(1, 11)) for tally in tallies}
    assert await world.assets.parked() == []


async def test_a_crash_before_the_acknowledgement_repeats_events_but_not_effects(world: World) -> None:
    tallies = [new_id() for _ in range(5)]
    for tally in tallies:
        await world.count(tally, 8)
    crashing = Crashing(world.transport(batch=8), every=2)
    dispatch = world.dispatch(transport=crashing)
    await drain(world.bus())
    while crashing.crashes < 3 or (await dispatch.lag()).events:
        try:
            await dispatch.step()
        except CrashedError:
            await world.assets.execute("DELETE FROM delivery_cursor")  # as if the position had never been stored
        if crashing.crashes == 3:
            crashing.every = 1000
    await dispatch.close()
    assert await world.assets.notes() == {tally: list(range(1, 9)) for tally in tallies}
    assert dispatch.counts.applied == 40
    assert dispatch.counts.duplicates > 0


async def test_a_crash_between_effect_and_progress_replays_the_stored_answer(world: World) -> None:
    tally = new_id()
    await world.count(tally, 6)
    dispatch = world.dispatch()
    await drain(world.bus(dispatch))
    await dispatch.close()
    await world.assets.execute("DELETE FROM delivery_cursor")
    await world.assets.execute("UPDATE delivery_key SET last_sequence = 2")
    again = world.dispatch()
    await drain(world.bus(again))
    assert await world.assets.notes() == {tally: [1, 2, 3, 4, 5, 6]}
    assert (again.counts.duplicates, again.counts.replayed, again.counts.applied) == (2, 4, 0)


async def test_two_processes_of_one_consumer_share_the_work(world: World) -> None:
    tallies = [new_id() for _ in range(6)]
    first, second = world.dispatch(batch=10), world.dispatch(batch=10)
    running = asyncio.create_task(Supervisor({"a": first.run, "b": second.run, "relay": world.relay().run}).run())
    await asyncio.gather(*(world.count(tally, 10) for tally in tallies))
    await until_quiet(world, events=60)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await world.assets.notes() == {tally: list(range(1, 11)) for tally in tallies}
    assert first.counts.applied + second.counts.applied == 60


async def test_the_other_process_takes_over(world: World) -> None:
    tally = new_id()
    first, second = world.dispatch(), world.dispatch()
    bus = world.bus(first)
    await world.count(tally)
    await drain(bus)
    await first.close()
    await world.count(tally)
    await drain(world.bus(second))
    assert await world.assets.notes() == {tally: [1, 2]}
    assert second.counts.applied == 1
    assert second.counts.duplicates == 0


async def test_consumers_do_not_see_one_another(world_of_three: World) -> None:
    """Peers #8: the poison of one does not stop the other."""
    world = world_of_three
    tally = new_id()
    await world.count(tally, 4)
    await world.assets.trouble("raises", [(tally, 2)])
    assets, monitoring = world.dispatch("assets"), world.dispatch("monitoring")
    await drain(world.bus(assets, monitoring))
    assert await world.assets.notes() == {tally: [1]}
    assert await world.services["monitoring"].notes() == {tally: [1, 2, 3, 4]}
    assert (await assets.lag()).parked == 3
    assert (await monitoring.lag()).parked == 0


async def test_parent_and_child_arrive_in_order(world: World) -> None:
    """Peers #9, #14: two facts about one thing, made at once and many times, are never seen the wrong way round."""
    tallies = [new_id() for _ in range(40)]
    await asyncio.gather(*(world.count(tally) for tally in tallies), *(world.count(tally) for tally in tallies))
    await drain(world.bus(world.dispatch(parallel=8)))
    assert await world.assets.notes() == {tally: [1, 2] for tally in tallies}


async def test_events_without_a_reaction_only_move_the_line(world: World) -> None:
    """D5a: what nobody reacts to counts in the order of its key, else the next one would look like a gap."""
    tally = new_id()
    await world.count(tally, 3)

    def ignore(event: IndicatorReceived) -> None: ...

    dispatch = world.dispatch(reactions={IndicatorReceived: (ignore,)})
    await drain(world.bus(dispatch))
    assert dispatch.counts.without_reaction == 3
    await dispatch.close()
    await world.count(tally)
    await drain(world.bus(after := world.dispatch()))
    assert await world.assets.notes() == {tally: [4]}
    assert after.counts.parked == 0


async def test_topics_that_nobody_reads_do_not_count_as_lag(world: World) -> None:
    await world.count(new_id(), 3)

    def ignore(event: AlertClosed) -> None: ...

    dispatch = world.dispatch(reactions={AlertClosed: (ignore,)})
    await drain(world.bus(dispatch))
    assert (await dispatch.lag()).events == 0
    assert dispatch.counts.without_reaction == 0


async def test_two_reactions_to_one_event_are_two_commands(world: World) -> None:
    tally = new_id()
    await world.count(tally, 2)

    def write_ten_times(event: IndicatorAdjusted) -> Note:
        return Note(tally_id=event.indicator_id, n=event.amount * 10)

    dispatch = world.dispatch(reactions={IndicatorAdjusted: (write_down, write_ten_times)})
    await drain(world.bus(dispatch))
    assert await world.assets.notes() == {tally: [1, 10, 2, 20]}


async def test_draining_says_so_when_somebody_else_is_at_work(world: World) -> None:
    """A test that goes on with events still under way would fail where nobody looks."""
    elsewhere = world.relay()
    await elsewhere.step()
    await world.count(new_id())
    with pytest.raises(RuntimeError, match="another relay leads"):
        await drain(replace(world.bus(), patience=0.2))
    await elsewhere.step()
    await elsewhere.close()
    reader = world.dispatch()
    await reader.step()
    await world.assets.execute("DELETE FROM delivery_cursor")
    with pytest.raises(RuntimeError, match="another process is at them"):
        await drain(replace(world.bus(late := world.dispatch()), patience=0.2))
    await reader.close()
    await drain(world.bus(late))


async def test_reactions_need_names_of_their_own() -> None:
    with pytest.raises(ValueError, match="names of their own"):
        Known.of({IndicatorAdjusted: (write_down, write_down)})
    with pytest.raises(ValueError, match="names of their own"):
        Known.of({IndicatorAdjusted: (lambda _: None,)})
    assert Known.of(REACTIONS).topics == {"funds.indicator.v1"}
