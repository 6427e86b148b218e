"""Reads what a fingerprint compares: the tables as the catalogue shows them, without the columns that the rules name."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import orjson

from services.suite import fingerprint_rules as rules
from services.suite.fingerprint_names import Form, Row, form_of
from shared.db.sessions import scope_settings
from shared.kernel.actors import SYSTEM
from shared.runtime.prepare import SCOPE

_TABLES = """
SELECT class.relname AS name,
  array_agg(attname::text ORDER BY attnum) AS columns,
  array_agg(typname::text ORDER BY attnum) AS types,
  array_agg(attidentity::text ORDER BY attnum) AS identities,
  array_agg(attnotnull ORDER BY attnum) AS present
FROM pg_class AS class JOIN pg_attribute ON attrelid = class.oid JOIN pg_type ON pg_type.oid = atttypid
WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
GROUP BY class.relname ORDER BY class.relname"""
_KEYS = """
SELECT relname AS name, indexrelid::regclass::text AS key,
  array_agg(coalesce(attname, '')::text ORDER BY place) AS columns,
  array_agg(pg_get_indexdef(indexrelid, place::int, false) ORDER BY place) AS parts
FROM pg_index JOIN pg_class AS class ON class.oid = indrelid
  CROSS JOIN LATERAL unnest(indkey::int[]) WITH ORDINALITY AS part(number, place)
  LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = number AND number > 0
WHERE indisunique AND NOT indisprimary AND indpred IS NULL AND relnamespace = 'public'::regnamespace
GROUP BY relname, indexrelid ORDER BY relname, key"""
_REFERRING = re.compile(r"_?uuid|jsonb?")
_PREFETCH = 2000


@dataclass(frozen=True, slots=True)
class Table:
    """What is compared of one table: its columns, its business key as SQL, and whether ids stand in it."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    has_id: bool
    refers: bool


def reason_against(table: str, column: str, kind: str, identity: str) -> str:
    """Why a column is left out; empty when it is compared."""
    if identity:
        return rules.IDENTITY
    return rules.TYPES.get(kind) or rules.COLUMNS.get(column) or rules.COLUMNS.get(f"{table}.{column}") or ""


@asynccontextmanager
async def reading(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that sees one moment of a service's database, every area of it."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute(SCOPE, *scope_settings(SYSTEM).values())
            yield connection
    finally:
        await connection.close()


async def tables_of(connection: asyncpg.Connection) -> list[Table]:
    """The tables that are compared, as they stand in the catalogue."""
    keys: dict[str, list[asyncpg.Record]] = {}
    for key in await connection.fetch(_KEYS):
        keys.setdefault(key["name"], []).append(key)
    return [
        _table(found, keys.get(found["name"], ()))
        for found in await connection.fetch(_TABLES)
        if found["name"] not in rules.TABLES
    ]


def _table(found: asyncpg.Record, keys: Sequence[asyncpg.Record]) -> Table:
    columns = list(zip(found["columns"], found["types"], found["identities"], found["present"], strict=True))
    kept = {
        name: (kind, present)
        for name, kind, identity, present in columns
        if not reason_against(found["name"], name, kind, identity)
    }
    usable = [key for key in keys if all(not name or (name in kept and kept[name][1]) for name in key["columns"])]
    own = kept.get("id", ("", False))[0] == "uuid"
    return Table(
        name=found["name"],
        columns=tuple(name for name in kept if not (own and name == "id")),
        key=tuple(usable[0]["parts"]) if usable else (),
        has_id=own,
        refers=any(_REFERRING.fullmatch(kind) for kind, _ in kept.values()),
    )


def _selected(table: Table) -> str:
    condition = rules.ROWS.get(table.name, ("true", ""))[0]
    columns = ", ".join(f'found."{name}"' for name in table.columns)
    own = "id::text" if table.has_id else "''"
    key = f"jsonb_build_array({', '.join(table.key)})::text" if table.key else "NULL"
    return (
        f"SELECT to_jsonb(kept)::text AS body, named.own, named.key"  # noqa: S608  names from the catalogue
        f" FROM (SELECT * FROM {table.name} WHERE {condition}) AS found"
        f" CROSS JOIN LATERAL (SELECT {own} AS own, {key} AS key) AS named CROSS JOIN LATERAL (SELECT {columns}) AS kept"
    )


async def counted(connection: asyncpg.Connection, table: Table) -> tuple[int, str]:
    """Rows and digest of a table in which no ids stand; all of it is done in the database."""
    row = await connection.fetchrow(
        "SELECT count(*) AS rows, left(md5(coalesce(string_agg(made, '' ORDER BY made), '')), 16) AS digest"  # noqa: S608  likewise
        f" FROM (SELECT md5(body) AS made FROM ({_selected(table)}) AS rows) AS digests",
    )
    assert row is not None
    return row["rows"], row["digest"]


async def rows_of(connection: asyncpg.Connection, service: str, table: Table) -> AsyncIterator[Row]:
    """The rows of a table, as they come."""
    left_out = frozenset(rules.COLUMNS)
    start = Form(f"{service}.{table.name}")
    async for record in connection.cursor(_selected(table), prefetch=_PREFETCH):
        body = start + form_of(orjson.loads(record["body"]), left_out)
        key = start + form_of(orjson.loads(record["key"])) if record["key"] else None
        own = record["own"]
        yield Row(body + Form("\0", (own,)) if own else body, own, key)
