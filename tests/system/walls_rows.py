"""Makes a row for any table, out of what the database says of its columns: no list of tables to forget one in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

_COLUMNS = """
SELECT attname::text AS name, format_type(atttypid, NULL) AS type
  FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
   AND attgenerated = '' AND attidentity = '' ORDER BY attnum"""
_CHECKS = """
SELECT conrelid::regclass::text AS name, conname::text AS rule FROM pg_constraint
 WHERE contype = 'c' AND connamespace = 'public'::regnamespace"""

_LITERALS = {
    "uuid": "gen_random_uuid()",  # house: allow clock because a row that stands for any row may have any id
    "text": "'row {n}'",
    "character varying": "'row {n}'",
    "smallint": "{n}",
    "integer": "{n}",
    "bigint": "{n}",
    "numeric": "{n}",
    "boolean": "true",
    "date": "DATE '2024-01-01' + {n}",
    "timestamp with time zone": "TIMESTAMPTZ '2024-01-01 00:00Z' + {n} * interval '1 day'",
    "bytea": "decode('0{n}', 'hex')",
    "jsonb": "'{{}}'",
}
"""A value of each type, different for each n below ten."""


class CannotFillError(Exception):
    """A table that would escape the test."""


@dataclass(frozen=True, slots=True)
class Filling:
    """The statement that adds the n-th row of a table."""

    table: str
    columns: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def insert(self) -> str:
        """Ready to run; holds no parameter."""
        return f"INSERT INTO {self.table}({', '.join(self.columns)}) VALUES ({', '.join(self.values)})"  # noqa: S608  from the catalogue


async def filling(connection: asyncpg.Connection, table: str, n: int, given: Mapping[str, str]) -> Filling:
    """A row of `table` with the `given` literals, by column; raises CannotFillError for a type nobody thought of."""
    columns = await connection.fetch(_COLUMNS, table)
    values = tuple(given.get(row["name"]) or _value(table, row, n) for row in columns)
    return Filling(table, tuple(f'"{row["name"]}"' for row in columns), values)


async def put(connection: asyncpg.Connection, row: Filling) -> None:
    """Insert beside foreign keys and triggers: only the superuser may, and only a test's database."""
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(row.insert)
    except asyncpg.PostgresError as fault:
        raise CannotFillError(f"{row.table}: {fault}") from fault


async def forget_rules(connection: asyncpg.Connection) -> None:
    """Drop every CHECK of a test's database: the wall must stand whatever is in a row."""
    for row in await connection.fetch(_CHECKS):
        await connection.execute(f'ALTER TABLE {row["name"]} DROP CONSTRAINT "{row["rule"]}"')


def _value(table: str, column: Any, n: int) -> str:
    kind: str = column["type"]
    if kind.endswith("[]"):
        return "'{}'"
    if kind not in _LITERALS:
        raise CannotFillError(f"{table}.{column['name']}: no value of type {kind}")
    return _LITERALS[kind].format(n=n)
