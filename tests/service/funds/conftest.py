"""The funds service on a fresh database with the demo's divisions, and a clock that the test sets."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio

from services.funds.service import SERVICE
from shared.db.sessions import Database
from shared.kernel.actors import SYSTEM
from shared.kernel.days import Calendar
from shared.kernel.roles import Role
from shared.parameters.workdays import WorkdayCalendar
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.prepare import prepare
from shared.testing.clocks import SetClock
from shared.testing.postgres import Clones
from shared.testing.services import bench, person
from shared.vault.keys import KeyRing
from tests.service.funds.county import ELSEWHERE, PEOPLE, County
from tests.service.funds.door import Door, open_door
from tests.service.funds.ground import Ground
from tests.service.funds.households import POLICY, Households
from tests.service.funds.works import Works, funded, reopened

DIVISIONS = Path(__file__).resolve().parents[3] / "services" / "suite" / "data" / "divisions" / "demo.csv"


async def build(owner_dsn: str) -> None:
    await prepare(owner_dsn, SERVICE, divisions=[DIVISIONS])


@pytest_asyncio.fixture
async def county(fresh_database: Callable[..., Awaitable[ServiceDatabase]]) -> AsyncIterator[County]:
    """Datong in January 2023, with its own database."""
    names = await fresh_database("funds", build)
    clock = SetClock(datetime(2023, 1, 3, 2, tzinfo=UTC))
    async with bench(SERVICE, names, clock, KeyRing.fresh()) as it:
        yield County(it)


@pytest_asyncio.fixture
async def door(county: County, tmp_path: Path) -> AsyncIterator[Door]:
    """The same county over HTTP, and a stranger from another one."""
    people = {**PEOPLE, "stranger": person("stranger", ELSEWHERE, Role.FINANCE_CLERK, Role.BUREAU_LEADER)}
    async with open_door(county, people, tmp_path / "evidence") as opened:
        yield opened


async def build_works(owner_dsn: str) -> None:
    """A county whose first project is funded, played once and copied for each test of what follows."""
    await build(owner_dsn)
    names = ServiceDatabase("", "", "", "", owner_dsn, owner_dsn, "")
    async with bench(SERVICE, names, SetClock(datetime(2023, 1, 3, 2, tzinfo=UTC)), KeyRing.fresh()) as it:
        await funded(County(it))


@pytest_asyncio.fixture
async def works(fresh_database: Callable[..., Awaitable[ServiceDatabase]]) -> AsyncIterator[Works]:
    """The worked example's project with its quota of 600 000.00 and 400 000.00, in a database of its own."""
    names = await fresh_database("funds", build_works, "works")
    async with bench(SERVICE, names, SetClock(datetime(2023, 1, 3, 2, tzinfo=UTC)), KeyRing.fresh()) as it:
        yield await reopened(County(it))


async def build_households(owner_dsn: str) -> None:
    """A county with a funded household project and an adopted standard, played once and copied."""
    await build(owner_dsn)
    names = ServiceDatabase("", "", "", "", owner_dsn, owner_dsn, "")
    async with bench(SERVICE, names, SetClock(datetime(2023, 1, 3, 2, tzinfo=UTC)), KeyRing.fresh()) as it:
        county = County(it)
        await county.adopt({"household_subsidy.standards": f"{POLICY}=10000.00"})
        await funded(county, "500000.00", "300000.00", is_household_project=True)


@pytest_asyncio.fixture
async def households(fresh_database: Callable[..., Awaitable[ServiceDatabase]]) -> AsyncIterator[Households]:
    """A household project with 500 000.00 and 300 000.00 of quota, in a database of its own."""
    names = await fresh_database("funds", build_households, "households")
    async with bench(SERVICE, names, SetClock(datetime(2023, 1, 3, 2, tzinfo=UTC)), KeyRing.fresh()) as it:
        yield Households(await reopened(County(it)))


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def bare_county(template_for: Callable[..., Clones]) -> AsyncIterator[tuple[Database, Calendar]]:
    """One database with reference data and no story, for all tests of the rules."""
    async with template_for("funds", build).borrow() as names:
        database = Database(names.app_dsn, pool_size=1)
        async with database.read(SYSTEM) as session:
            calendar = await WorkdayCalendar.from_connection(session.raw)
        yield database, calendar
        await database.close()


@pytest_asyncio.fixture
async def ground(bare_county: tuple[Database, Calendar]) -> AsyncIterator[Ground]:
    """What a test plants here is gone after it."""
    database, calendar = bare_county
    async with database.write(SYSTEM) as tx:
        yield Ground(tx.raw, calendar)
