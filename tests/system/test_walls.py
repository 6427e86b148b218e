"""T27: with every check of the application off, no row of another area is read, added, changed or removed (G7)."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import asyncpg
import pytest
import pytest_asyncio

from shared.db.migrate import migrate
from shared.db.sessions import scope_settings
from shared.kernel.actors import SYSTEM, Actor, Grant
from shared.kernel.areas import AreaCode
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.runtime.postgres_server import Server, ServiceDatabase
from shared.runtime.prepare import SCOPE
from shared.testing.postgres import Clones, RunServer
from tests.migrations.catalogue import SERVICES, Table, tables
from tests.system.walls_rows import CannotFillError, Filling, filling, forget_rules, put

pytestmark = pytest.mark.asyncio

HERE, THERE = 230606101200, 430626100201


def auditor(*areas: str) -> Actor:
    return Actor(new_id(), tuple(Grant(Role.AUDITOR, AreaCode.parse(area)) for area in areas))


HOME, ELSEWHERE = auditor("230606000000"), auditor("430626000000")
READERS: Mapping[str, tuple[Actor | None, int]] = {
    "the system": (SYSTEM, 2),
    "the county": (HOME, 1),
    "another county": (ELSEWHERE, 1),
    "the next village": (auditor("230606101201"), 0),
    "the villages on both sides": (auditor("230606101199", "230606101201"), 0),
    "a session without scope": (None, 0),
}
"""Who reads, and how many of a table's two rows: one lies in the county, one in the other."""


@dataclass(frozen=True, slots=True)
class Walled:
    """A service's database with two rows in each table behind the wall."""

    names: ServiceDatabase
    tables: Mapping[str, Table]
    rows: Mapping[str, tuple[Filling, Filling]]

    @property
    def by_area(self) -> list[str]:
        """Tables whose rows lie in an area and are hidden from others."""
        return [name for name in self.rows if self.tables[name].policies == ("area_scope *",)]

    @asynccontextmanager
    async def session(self, actor: Actor | None, dsn: str = "") -> AsyncIterator[asyncpg.Connection]:
        """A driver's connection in a transaction that is rolled back: none of our code stands before the database."""
        connection = await asyncpg.connect(dsn or self.names.app_dsn)
        try:
            await connection.execute("BEGIN")
            if actor is not None:
                await connection.execute(SCOPE, *scope_settings(actor).values())
            yield connection
        finally:
            await connection.close()

    async def counted(self, actor: Actor | None, dsn: str = "") -> dict[str, int]:
        """How many rows of each table a session sees."""
        async with self.session(actor, dsn) as connection:
            return {name: await connection.fetchval(f"SELECT count(*) FROM {name}") for name in self.rows}  # noqa: S608


@pytest_asyncio.fixture(scope="module", params=SERVICES)
async def walled(
    request: pytest.FixtureRequest,
    template_for: Callable[..., Clones],
    run_server: RunServer,
    postgres_server: Server,
) -> AsyncIterator[Walled]:
    service, log_reader = request.param, f"{run_server.prefix}_log_reader"
    clones = template_for(service, lambda dsn: migrate(dsn, service, log_reader=log_reader), "migrated")
    async with clones.borrow() as names, postgres_server.admin(names.name) as admin:
        found = await tables(admin)
        await forget_rules(admin)
        yield Walled(names, found, await seeded(admin, found))


async def seeded(admin: asyncpg.Connection, found: Mapping[str, Table]) -> dict[str, tuple[Filling, Filling]]:
    """Two rows for every walled table; raises CannotFillError for one that cannot be filled."""
    made = {}
    for name, table in found.items():
        if not table.is_walled:
            continue
        pair = [
            await filling(admin, name, n, {"area_code": str(area), "scope": f"'{actor.id}'"})
            for n, (area, actor) in enumerate([(HERE, HOME), (THERE, ELSEWHERE)], start=1)
        ]
        for row in pair:
            await put(admin, row)
        made[name] = (pair[0], pair[1])
    return made


@pytest.mark.parametrize("who", READERS)
async def test_t27_a_reader_sees_the_rows_of_its_area_and_no_other(walled: Walled, who: str) -> None:
    actor, expected = READERS[who]
    seen = await walled.counted(actor)
    public = {name for name in seen if "reading r" in walled.tables[name].policies}
    wrong = {name: count for name, count in seen.items() if count != (2 if name in public else expected)}
    assert wrong == {}
    assert len(seen) > 20


async def test_t27_the_owner_stands_behind_the_same_wall(walled: Walled) -> None:
    for actor, expected in ((None, 0), (ELSEWHERE, 1)):
        seen = await walled.counted(actor, walled.names.owner_dsn)
        assert {name for name in walled.by_area if seen[name] != expected} == set()


async def test_t27_the_log_tells_of_the_scope_it_is_read_with(walled: Walled) -> None:
    for dsn in (walled.names.app_dsn, walled.names.log_reader_dsn):
        for actor, expected in READERS.values():
            async with walled.session(actor, dsn) as connection:
                assert await connection.fetchval("SELECT count(*) FROM outbox_log") == expected


async def test_t27_no_row_is_added_to_another_area(walled: Walled) -> None:
    async with walled.session(None) as connection:
        rights = {
            name: await connection.fetchval("SELECT has_table_privilege($1, 'INSERT')", name) for name in walled.rows
        }
    assert sum(rights.values()) > 20
    for name, may_add in rights.items():
        if not may_add:
            continue
        for actor in (ELSEWHERE, None):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await attempt(walled, actor, walled.rows[name][0].insert)
        with suppress(asyncpg.IntegrityConstraintViolationError):  # the wall lets it pass, other rules may not
            await attempt(walled, HOME, walled.rows[name][0].insert)


async def test_t27_no_row_of_another_area_is_changed_or_removed(walled: Walled) -> None:
    async with walled.session(None) as connection:
        rights = {
            name: [
                right
                for right in ("UPDATE", "DELETE")
                if await connection.fetchval("SELECT has_table_privilege($1, $2)", name, right)
            ]
            for name in walled.by_area
        }
    assert sum(map(len, rights.values())) > 10
    here = f"WHERE area_code = {HERE}"
    for name, held in rights.items():
        move = f"UPDATE {name} SET area_code = {HERE}"  # noqa: S608
        for actor in (ELSEWHERE, None):
            if "DELETE" in held:
                assert await attempt(walled, actor, f"DELETE FROM {name} {here}") == "DELETE 0"  # noqa: S608
            if "UPDATE" in held:
                assert await attempt(walled, actor, f"{move} {here}") == "UPDATE 0"
        if "UPDATE" in held:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await attempt(walled, ELSEWHERE, move)


async def attempt(walled: Walled, actor: Actor | None, statement: str) -> str:
    async with walled.session(actor) as connection:
        tag: str = await connection.execute(statement)
        return tag


async def test_a_table_with_a_type_nobody_thought_of_does_not_slip_through(
    walled: Walled, postgres_server: Server
) -> None:
    async with postgres_server.admin(walled.names.name) as admin:
        await admin.execute("BEGIN; CREATE TABLE strange(area_code bigint, place point)")
        with pytest.raises(CannotFillError, match=r"strange\.place"):
            await filling(admin, "strange", 1, {})


async def test_a_hole_in_the_wall_is_seen(walled: Walled, postgres_server: Server) -> None:
    async with postgres_server.admin(walled.names.name) as admin:
        await admin.execute("CREATE POLICY hole ON journal USING (true)")
        try:
            assert (await walled.counted(None))["journal"] == 2
        finally:
            await admin.execute("DROP POLICY hole ON journal")
