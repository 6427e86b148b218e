"""T16: duplicates and disorder, chosen by Hypothesis, end in the state of an orderly run (G4)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from uuid import UUID

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.db.sessions import Database
from shared.delivery.attempt import Counts
from shared.kernel.ids import new_id
from shared.messaging.transport import Record
from shared.runtime.postgres_server import Server
from shared.testing.clocks import SetClock
from shared.testing.postgres import Clones
from tests.system.delivery_kit import NOW, Tiny, World, open_world, pipeline_on, record
from tests.system.delivery_scripts import Scripted

pytestmark = [pytest.mark.commit]

KEYS, EVENTS = 3, 8


@pytest_asyncio.fixture(scope="module")
async def world(postgres_server: Server, template_for: Callable[..., Clones]) -> AsyncIterator[World]:
    async with open_world(postgres_server, template_for) as world:
        yield world


@st.composite
def deliveries(draw: st.DrawFn) -> list[list[tuple[int, int]]]:
    """Batches of (key, n): events come late or twice; the first of a key comes first, for it sets the base."""
    script: list[tuple[int, int]] = []
    for place in range(KEYS * EVENTS):
        late = draw(st.integers(0, 6)) if place >= KEYS and draw(st.integers(1, 20)) == 1 else 0
        script.append((place + late * KEYS, place))
        if draw(st.integers(1, 20)) == 1:
            script.append((place + draw(st.integers(1, 20)), place))
    order = [place for _, place in sorted(script)]
    batches, rest = [], [(place % KEYS, place // KEYS + 1) for place in order]
    while rest:
        size = draw(st.integers(1, 9))
        batches.append(rest[:size])
        rest = rest[size:]
    return batches


async def deliver(world: World, batches: Sequence[Sequence[Record]]) -> tuple[dict[UUID, list[int]], int, Counts]:
    """A consumer on this loop: its notes, what is left parked, and what it met."""
    clock = SetClock(NOW)
    database = Database(world.assets.names.app_dsn, pool_size=5)
    assets = Tiny("assets", world.assets.names, database, pipeline_on(database, clock))
    try:
        dispatch = World(world.server, None, clock, {"assets": assets}).dispatch(transport=Scripted(batches))
        for _ in batches:
            await dispatch.step()
        return await assets.notes(), len(await assets.parked()), dispatch.counts
    finally:
        await database.close()


def test_disorder_and_duplicates_end_as_order(world: World) -> None:
    met = {"duplicates": 0, "parked": 0}

    @settings(max_examples=30, deadline=None)
    @given(script=deliveries())
    def run(script: list[list[tuple[int, int]]]) -> None:
        tallies = [new_id() for _ in range(KEYS)]
        events = {(key, n): record(tallies[key], n) for key in range(KEYS) for n in range(1, EVENTS + 1)}
        notes, parked, counts = asyncio.run(deliver(world, [[events[mark] for mark in batch] for batch in script]))
        assert {tally: notes[tally] for tally in tallies} == {tally: list(range(1, EVENTS + 1)) for tally in tallies}
        assert parked == 0
        met["duplicates"] += counts.duplicates
        met["parked"] += counts.parked

    run()
    assert met["duplicates"] > 0
    assert met["parked"] > 0
