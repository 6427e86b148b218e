"""What the database says of itself: its schema as text, and of each table its columns, walls and rights."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
import orjson

from services.suite.services import SERVICES as DECLARED

SERVICES = {service.name: service for service in DECLARED}

_OURS = "relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"
_SCHEMA = f"""
SELECT format('column %s.%s %s %s %s%s', relname, attname, format_type(atttypid, atttypmod),
              CASE WHEN attnotnull THEN 'not null' END, attidentity, pg_get_expr(adbin, adrelid))
  FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE {_OURS} AND attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'v')
UNION ALL SELECT format('constraint %s.%s %s', relname, conname, pg_get_constraintdef(k.oid))
  FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = conrelid WHERE {_OURS}
UNION ALL SELECT format('index %s', pg_get_indexdef(indexrelid)) FROM pg_index JOIN pg_class AS c ON c.oid = indrelid
 WHERE {_OURS}
UNION ALL SELECT format('policy %s.%s %s %s %s', relname, polname, polcmd, pg_get_expr(polqual, polrelid),
                        pg_get_expr(polwithcheck, polrelid))
  FROM pg_policy JOIN pg_class AS c ON c.oid = polrelid WHERE {_OURS}
UNION ALL SELECT format('trigger %s', pg_get_triggerdef(t.oid)) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = tgrelid
 WHERE {_OURS} AND NOT tgisinternal
UNION ALL SELECT format('relation %s %s %s %s %s %s', relname, relkind, relpersistence, relrowsecurity,
                        relforcerowsecurity, relacl)
  FROM pg_class AS c WHERE {_OURS} AND relkind IN ('r', 'v', 'S')
UNION ALL SELECT format('function %s', pg_get_functiondef(oid)) FROM pg_proc
 WHERE pronamespace = 'public'::regnamespace
ORDER BY 1"""

_TABLES = """
SELECT relname AS name, relrowsecurity AND relforcerowsecurity AS is_walled, relpersistence = 'u' AS is_unlogged,
       ARRAY(SELECT polname || ' ' || polcmd::text FROM pg_policy WHERE polrelid = c.oid ORDER BY polname)::text[]
         AS policies,
       (SELECT jsonb_object_agg(attname, format_type(atttypid, atttypmod)) FROM pg_attribute
         WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped)::text AS columns
  FROM pg_class AS c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname"""


@dataclass(frozen=True, slots=True)
class Table:
    """One table as it stands in a migrated database."""

    name: str
    is_walled: bool
    """Row-level security is enabled and forced, so that it binds the owner too."""
    is_unlogged: bool
    policies: tuple[str, ...]
    """Name and command of each policy, such as `area_scope *`."""
    columns: Mapping[str, str]


async def schema(connection: asyncpg.Connection) -> list[str]:
    """Everything that migrations make, one line a thing; equal for equal schemas."""
    return [row[0] for row in await connection.fetch(_SCHEMA)]


async def tables(connection: asyncpg.Connection) -> dict[str, Table]:
    """All tables by name."""
    rows = [dict(row) for row in await connection.fetch(_TABLES)]
    return {
        row["name"]: Table(
            **row | {"policies": tuple(row["policies"]), "columns": orjson.loads(row["columns"])},
        )
        for row in rows
    }
