"""Whatever is asked in whatever order, every invariant holds after every command, and a refusal moves nothing (§3.9).

A few walks by default; WALK_MOVES=2000 walks longer, WALK_SEED=7 another way.
"""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import pytest
import pytest_asyncio

from services.funds.service import SERVICE
from shared.kernel.errors import Problem
from shared.runtime.postgres_server import ServiceDatabase
from shared.testing.clocks import SetClock
from shared.testing.postgres import Clones
from shared.testing.services import bench
from shared.vault.keys import KeyRing
from tests.properties.money_walk import WEIGHTS, Walk, opening
from tests.properties.money_watch import Watched
from tests.service.funds.conftest import build
from tests.service.funds.county import County
from tests.service.funds.households import Households
from tests.service.funds.lived import for_households
from tests.service.funds.works import Works, funded

pytestmark = pytest.mark.asyncio

BEGIN = datetime(2023, 1, 3, 2, tzinfo=UTC)
MOVES = int(os.environ.get("WALK_MOVES", "60"))
SEEDS = [int(os.environ["WALK_SEED"])] if "WALK_SEED" in os.environ else [1, 2]

KEYS = KeyRing.fresh()


async def build_walk(owner_dsn: str) -> None:
    """A county with quota for works and for households, and a payee."""
    await build(owner_dsn)
    names = ServiceDatabase("", "", "", "", owner_dsn, owner_dsn, "")
    async with bench(SERVICE, names, SetClock(BEGIN), KEYS) as it:
        works = await funded(County(it))
        await for_households(works)
        await works.payee()


@pytest_asyncio.fixture
async def county(template_for: Callable[..., Clones]) -> AsyncIterator[County]:
    """A copy of that county, with the clock where its story stopped; every command is watched."""
    clones = template_for("funds", build_walk, "walk")
    names = await clones.fresh()
    async with AsyncExitStack() as stack:
        it = await stack.enter_async_context(bench(SERVICE, names, SetClock(BEGIN), KEYS))
        watched = County(Watched.of(it))
        (last,) = await watched.look("SELECT max(at) AS at FROM journal")
        it.clock.set(last["at"])
        yield watched
    await clones.drop(names)


async def walk_of(county: County, dice: Random) -> Walk:
    projects = {
        row["is_household_project"]: row["id"]
        for row in await county.look("SELECT id, is_household_project FROM project")
    }
    sources = {row["document_no"]: row["id"] for row in await county.look("SELECT id, document_no FROM indicator")}
    central, own, third = (sources[number] for number in sorted(sources, key=lambda each: ("50" in each, each)))
    (payee,) = await county.look("SELECT id FROM payee")
    works = Works(county, projects[False], central, own)
    households = Households(Works(county, projects[True], third, own))
    return Walk(works, households, UUID(str(payee["id"])), dice)


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("seed", SEEDS)
async def test_every_invariant_holds_after_every_command(county: County, seed: int) -> None:
    dice = Random(seed)
    walk = await walk_of(county, dice)
    await opening(walk)
    for move in dice.choices(list(WEIGHTS), list(WEIGHTS.values()), k=MOVES):
        try:
            await move(walk)
        except Problem:
            continue
    watched = county.bench
    assert isinstance(watched, Watched)
    assert watched.counted["changed"] > MOVES // 2
    assert watched.counted["refused"] > 0
    posted = {row["template"] for row in await county.look("SELECT DISTINCT template FROM ledger_entry")}
    assert {"P03", "P05", "P07", "P08", "P12", "P15", "P16", "P17"} <= posted
