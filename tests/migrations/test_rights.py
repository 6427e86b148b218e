"""Two roles per service: the app role owns nothing and changes no history; no role enters another's house (D3)."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest
import pytest_asyncio

from shared.runtime.postgres_server import Server, ServiceDatabase, ensure_database
from tests.migrations.catalogue import SERVICES

pytestmark = pytest.mark.asyncio

# Columns of history that may still change: numbering fills them, and a balance's amount.
WRITABLE = {
    "journal": {"pos"},
    "outbox": {"pos", "sequence", "published_at"},
    "case_step": set(),
    "case_evidence": set(),
    "ledger_entry": set(),
    "ledger_line": set(),
    "ledger_balance": {"amount_fen"},
}

_OWNED = """
SELECT relname::text FROM pg_class WHERE relowner = $1::regrole
UNION ALL SELECT proname FROM pg_proc WHERE proowner = $1::regrole
UNION ALL SELECT nspname FROM pg_namespace WHERE nspowner = $1::regrole
UNION ALL SELECT datname FROM pg_database WHERE datdba = $1::regrole
UNION ALL SELECT typname FROM pg_type WHERE typowner = $1::regrole"""

# What the app role tries; each is refused for want of a right.
FORBIDDEN = (
    "CREATE TABLE mine(a int)",
    "CREATE TEMP TABLE mine(a int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION floor_low()",
    "ALTER TABLE journal DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE journal NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE journal ADD COLUMN mine int",
    "ALTER TABLE journal DISABLE TRIGGER ALL",
    "DROP POLICY area_scope ON journal",
    "CREATE POLICY mine ON journal USING (true)",
    "DROP TABLE journal",
    "TRUNCATE journal",
    "TRUNCATE outbox",
    "TRUNCATE case_step CASCADE",
    "DELETE FROM journal",
    "DELETE FROM outbox",
    "DELETE FROM case_step",
    "UPDATE journal SET actor = actor",
    "UPDATE outbox SET envelope = envelope",
    "UPDATE case_step SET reason = reason",
    "SET session_replication_role = replica",
    "SET row_security = off; SELECT FROM journal",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "COPY journal TO PROGRAM 'cat'",
    "SELECT pg_read_file('PG_VERSION')",
)


async def test_the_app_role_is_nobody_special(app: asyncpg.Connection, migrated: ServiceDatabase) -> None:
    role = await app.fetchrow("SELECT * FROM pg_roles WHERE rolname = current_user")
    assert role is not None
    assert role["rolname"] == migrated.app
    powers = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls")
    assert [power for power in powers if role[power]] == []
    assert await app.fetch("SELECT * FROM pg_auth_members WHERE member = current_user::regrole") == []


async def test_the_app_role_owns_nothing(admin: asyncpg.Connection, migrated: ServiceDatabase) -> None:
    for role in (migrated.app, migrated.log_reader):
        assert [row[0] for row in await admin.fetch(_OWNED, role)] == []
    assert len(await admin.fetch(_OWNED, migrated.owner)) > 20


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_the_app_role_can_change_neither_schema_nor_history(app: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute(statement)


async def test_the_app_role_cannot_become_another(app: asyncpg.Connection, migrated: ServiceDatabase) -> None:
    for role in (migrated.owner, migrated.log_reader, "postgres"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(f"SET ROLE {role}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(f"SET SESSION AUTHORIZATION {role}")


async def test_the_app_role_cannot_grant_itself_rights(app: asyncpg.Connection) -> None:
    await app.execute("SELECT floor_grant('journal', 'rows')")  # the database warns, and grants nothing
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("DELETE FROM journal")


async def test_history_is_only_ever_added_to(admin: asyncpg.Connection, migrated: ServiceDatabase) -> None:
    found = {row[0] for row in await admin.fetch("SELECT relname FROM pg_class WHERE relkind = 'r'")}
    for table, columns in WRITABLE.items():
        if table not in found:
            continue
        rights = await admin.fetch(
            "SELECT privilege FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege"
            " WHERE has_table_privilege($1, $2::regclass, privilege)",
            migrated.app,
            table,
        )
        assert [row[0] for row in rights] == [], table
        changed = await admin.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = $2::regclass AND attnum > 0 AND NOT attisdropped"
            " AND has_column_privilege($1, attrelid, attnum, 'UPDATE')",
            migrated.app,
            table,
        )
        assert {row[0] for row in changed} == columns, table


async def test_no_table_can_be_emptied_or_hung_with_triggers(
    admin: asyncpg.Connection, migrated: ServiceDatabase
) -> None:
    rows = await admin.fetch(
        "SELECT relname, privilege FROM pg_class,"
        " unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')"
        " AND has_table_privilege($1, pg_class.oid, privilege)",
        migrated.app,
    )
    assert [tuple(row) for row in rows] == []


async def test_the_log_reader_reads_the_log_and_nothing_else(
    admin: asyncpg.Connection, migrated: ServiceDatabase
) -> None:
    rows = await admin.fetch(
        "SELECT relname, privilege FROM pg_class,"
        " unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'p')"
        " AND has_table_privilege($1, pg_class.oid, privilege)",
        migrated.log_reader,
    )
    assert [tuple(row) for row in rows] == [("outbox_log", "SELECT")]


async def test_no_function_runs_with_its_owners_rights(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace",
    )
    assert rows == []


@pytest_asyncio.fixture(scope="module")
async def houses(postgres_server: Server, run_server: object) -> AsyncIterator[list[ServiceDatabase]]:
    """Databases of three services, made as an installation makes them."""
    made = [await ensure_database(postgres_server, name, prefix="shouwang_houses") for name in SERVICES]
    yield made
    async with AsyncExitStack() as stack:
        admin = await stack.enter_async_context(postgres_server.admin())
        for names in made:
            await admin.execute(f"DROP DATABASE {names.name} WITH (FORCE)")
            await admin.execute(f"DROP ROLE {names.owner}, {names.app}")
        await admin.execute(f"DROP ROLE {made[0].log_reader}")


async def test_no_role_enters_another_house(houses: list[ServiceDatabase], postgres_server: Server) -> None:
    nobodys = ["postgres", "template1"] if postgres_server.is_embedded else []  # on a given server they are not ours
    for own in houses:
        for role, dsn in ((own.owner, own.owner_dsn), (own.app, own.app_dsn)):
            connection = await asyncpg.connect(dsn)
            assert await connection.fetchval("SELECT current_user") == role
            await connection.close()
            for other in [*(each.name for each in houses if each is not own), *nobodys]:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await asyncpg.connect(f"{dsn.rpartition('/')[0]}/{other}")
