"""The fingerprint: whatever counts moves it, whatever differs between two runs of the same business does not."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from services.suite import fingerprint_rules as rules
from services.suite.fingerprint import Fingerprint, fingerprint
from services.suite.fingerprint_names import digest, names_of
from services.suite.fingerprint_rows import Table, counted, reason_against, rows_of, tables_of
from shared.db.migrate import migrate
from shared.runtime.postgres_server import Server, ServiceDatabase
from shared.testing.postgres import Clones, RunServer
from tests.migrations.catalogue import SERVICES, tables
from tests.system.fingerprint_world import World
from tests.system.walls_rows import filling, forget_rules, put

pytestmark = pytest.mark.asyncio

_COLUMNS = """
SELECT attname::text AS name, typname::text AS kind, attidentity::text AS identity
  FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
 WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"""
_NOBODY = "00000000-0000-0000-0000-000000000000"
_OTHER = {
    "uuid": f"'{_NOBODY}'",
    "_uuid": f"{{0}} || '{_NOBODY}'::uuid",
    "text": "{0} || ' other'",
    "varchar": "{0} || ' other'",
    "_text": "{0} || 'other'::text",
    "_int8": "{0} || 7::bigint",
    "_date": "{0} || DATE '2024-02-29'",
    "bool": "NOT {0}",
    "date": "{0} + 100",
    "jsonb": "jsonb_build_object('other', 1)",
    "timestamptz": "{0} + interval '1 hour'",
    "bytea": "{0} || '\\x00'",
    "int2": "{0} + 100",
    "int4": "{0} + 100",
    "int8": "{0} + 100",
    "numeric": "{0} + 100",
}
"""Another value of each type."""
_ONE, _OTHER_SEED = UUID("1a9d3f5e-0000-7000-8000-000000000001"), UUID("f77c1b02-0000-7000-8000-000000000002")
_SUMMER, _WINTER = "TIMESTAMPTZ '2024-07-01 09:00Z'", "TIMESTAMPTZ '2031-01-09 03:00Z'"

Borrow = Callable[[AsyncExitStack, str], Awaitable[ServiceDatabase]]


@pytest_asyncio.fixture(scope="module")
async def borrow(template_for: Callable[..., Clones], run_server: RunServer) -> AsyncIterator[Borrow]:
    """Fresh migrated databases, by service."""
    log_reader = f"{run_server.prefix}_log_reader"

    async def borrow(stack: AsyncExitStack, service: str) -> ServiceDatabase:
        clones = template_for(service, lambda dsn: migrate(dsn, service, log_reader=log_reader), "migrated")
        return await stack.enter_async_context(clones.borrow())

    yield borrow


@pytest_asyncio.fixture(scope="module", params=SERVICES)
async def filled(
    request: pytest.FixtureRequest, borrow: Borrow, postgres_server: Server
) -> AsyncIterator[asyncpg.Connection]:
    """One service's database with two rows in every compared table, and its superuser's connection."""
    async with AsyncExitStack() as stack:
        names = await borrow(stack, request.param)
        admin = await stack.enter_async_context(postgres_server.admin(names.name))
        await forget_rules(admin)
        for table in await tables_of(admin):
            await admin.execute(f"TRUNCATE {table.name} CASCADE")
        for table in await tables_of(admin):
            for number in (1, 2):
                await put(admin, await filling(admin, table.name, number, {}))
        yield admin


async def test_every_table_is_compared_or_left_out_for_a_reason(filled: asyncpg.Connection) -> None:
    known = set(await tables(filled)) | {"alembic_version"}
    assert {table.name for table in await tables_of(filled)} == known - set(rules.TABLES)


async def test_every_column_counts_or_is_left_out_for_a_reason(filled: asyncpg.Connection) -> None:
    for table in await tables_of(filled):
        before = await _told(filled, table)
        for column in await filled.fetch(_COLUMNS, table.name):
            name, reason = column["name"], reason_against(table.name, *column)
            if not column["identity"] and not (table.has_id and name == "id"):
                after = await _told(filled, table, _changed(name, column["kind"]))
                assert (after == before) == bool(reason), f"{table.name}.{name}: {reason}"


def _changed(column: str, kind: str) -> str:
    quoted = f'"{column}"'
    return f"{quoted} = {_OTHER[kind].format(quoted)}"


async def _told(connection: asyncpg.Connection, table: Table, change: str = "") -> object:
    """What is compared of a table after a change of its first row, which is taken back."""
    undo = connection.transaction()
    await undo.start()
    try:
        if change:
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(
                f"UPDATE {table.name} SET {change} WHERE ctid = (SELECT min(ctid) FROM {table.name})"  # noqa: S608  from the catalogue
            )
        if not table.refers:
            return await counted(connection, table)
        rows = [row async for row in rows_of(connection, "service", table)]
        names = names_of(rows, {_NOBODY: b"nobody"})
        return sorted(digest(row.form, names) for row in rows)
    finally:
        await undo.rollback()


async def test_no_amount_and_no_state_is_left_out(filled: asyncpg.Connection) -> None:
    for table in await tables(filled):
        for column in await filled.fetch(_COLUMNS, table):
            if table not in rules.TABLES and reason_against(table, *column):
                assert not column["name"].endswith(("_fen", "_ppm", "_on", "_code", "state", "status", "outcome"))


Stage = tuple[Mapping[str, asyncpg.Connection], Mapping[str, str]]


@pytest_asyncio.fixture
async def stage(borrow: Borrow, postgres_server: Server) -> AsyncIterator[Callable[..., Awaitable[Stage]]]:
    """Makes two databases in which a world is told."""
    async with AsyncExitStack() as stack:

        async def make(world: World, order: int = 1) -> Stage:
            admins, dsns = {}, {}
            for service in ("funds", "assets"):
                names = await borrow(stack, service)
                admins[service] = await stack.enter_async_context(postgres_server.admin(names.name))
                await forget_rules(admins[service])
                dsns[service] = names.app_dsn
            await world.tell(admins, order)
            return admins, dsns

        yield make


async def test_other_ids_times_order_keys_and_positions_tell_the_same(stage: Callable[..., Awaitable[Stage]]) -> None:
    _, here = await stage(World(_ONE, _SUMMER))
    admins, there = await stage(World(_OTHER_SEED, _WINTER), -1)
    await admins["funds"].execute(
        "UPDATE outbox SET pos = 4711, sequence = 12, published_at = '2024-02-29 12:00:00+08'"
    )
    await admins["funds"].execute("INSERT INTO clock_offset(seconds) VALUES (86400)")
    await put(admins["funds"], await filling(admins["funds"], "journal", 2, {"subjects": "'[]'"}))
    one, other = await fingerprint(here), await fingerprint(there)
    assert _moved(one, other) == {"funds": set(), "assets": set()}
    assert one.total == other.total


_CHANGES = {
    "an amount": ("funds.payment", "UPDATE payment SET cash_fen = 8 WHERE reference = 'DT-1'"),
    "a state": ("funds.case_file", "UPDATE case_file SET state = 'PAID_TWICE' WHERE subject_id = {payment1}"),
    "a step lost": ("funds.case_step", "DELETE FROM case_step WHERE case_id = {case2} AND version = 2"),
    "a row doubled": (
        "funds.case_evidence",
        """INSERT INTO case_evidence SELECT {paper3}, sha256, kind, media_type, size, taken_on, uploaded_by, uploaded_at,
          area_code FROM case_evidence WHERE id = {paper1}""",
    ),
    "a payee": ("funds.payment", "UPDATE payment SET payee_id = {payee2} WHERE id = {payment1}"),
    "a line of another": (
        "funds.allocation_line",
        "UPDATE allocation_line SET allocation_id = {allocation1} WHERE allocation_id = {allocation2}",
    ),
    "an id in json": (
        "funds.outbox",
        "UPDATE outbox SET envelope = jsonb_set(envelope, '{{data,project_id}}', to_jsonb({project2}::text))",
    ),
    "an amount in json": (
        "funds.outbox",
        "UPDATE outbox SET envelope = jsonb_set(envelope, '{{data,amount}}', '\"8.00\"')",
    ),
    "an id in a text": (
        "funds.ledger_entry",
        "UPDATE ledger_entry SET document = 'payment:' || {payment2} || ':2' WHERE id = {entry1}",
    ),
    "an id in a list": ("funds.journal", "UPDATE journal SET subjects = subjects - 0"),
    "a reference to another service": ("assets.asset", "UPDATE asset SET project_id = {project2}"),
}


async def test_a_change_of_business_is_seen_where_it_was_made(stage: Callable[..., Awaitable[Stage]]) -> None:
    world = World(_ONE, _SUMMER)
    admins, dsns = await stage(world)
    names = ("payment", "case", "paper", "payee", "allocation", "project", "entry")
    ids = {f"{name}{number}": world[f"{name}{number}"] for name in names for number in (1, 2, 3)}
    before = await fingerprint(dsns)
    for change, (where, statement) in _CHANGES.items():
        service, table = where.split(".")
        done = await admins[service].execute(statement.format(**ids))
        assert not done.endswith(" 0"), change
        after = await fingerprint(dsns)
        assert after.total != before.total, change
        assert table in _moved(before, after)[service], change
        before = after


def _moved(before: Fingerprint, after: Fingerprint) -> Mapping[str, set[str]]:
    return {
        service: {name for name, made in prints.items() if after.tables[service][name] != made}
        for service, prints in before.tables.items()
    }


async def test_what_has_a_key_is_known_by_it_alone(stage: Callable[..., Awaitable[Stage]]) -> None:
    admins, dsns = await stage(World(_ONE, _SUMMER))
    before = await fingerprint(dsns)
    await admins["funds"].execute("UPDATE contract SET amount_fen = 8 WHERE number = 'row 1'")
    assert _moved(before, await fingerprint(dsns)) == {"funds": {"contract"}, "assets": set()}
