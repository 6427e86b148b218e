"""Reads the tree of divisions (行政区划) as it was on a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import asyncpg

from shared.kernel.areas import AreaCode, AreaLevel

_EXISTS = """
SELECT EXISTS (SELECT FROM division
 WHERE code = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2))"""

_CHILDREN = """
SELECT code, name, kind FROM division
 WHERE parent = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2) ORDER BY code"""

# Of a division's versions: the last one begun by the day, else the first one after it.
_NAMES = """
SELECT DISTINCT ON (code) code, name FROM division WHERE code = ANY($1::bigint[])
 ORDER BY code, valid_from > $2, abs(valid_from - $2)"""

_SUCCESSORS = """
WITH RECURSIVE successor(code) AS (
  SELECT $1::bigint
  UNION
  SELECT unnest(d.replaced_by) FROM successor s JOIN division d ON d.code = s.code AND d.valid_to < $2)
SELECT DISTINCT code FROM successor s
 WHERE EXISTS (SELECT FROM division d
                WHERE d.code = s.code AND d.valid_from <= $2 AND (d.valid_to IS NULL OR d.valid_to >= $2))
 ORDER BY code"""

_GROUPING_NAMES = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
"""Second levels that exist in the code only; nobody writes them in an address."""


@dataclass(frozen=True, slots=True)
class Division:
    """One division of the tree; kind is statutory, functional or relocation_site (M-DIV-05)."""

    code: AreaCode
    name: str
    kind: str


async def exists(connection: asyncpg.Connection, code: AreaCode, on: date) -> bool:
    """Whether the division was in force on the day."""
    return bool(await connection.fetchval(_EXISTS, code, on))


async def children(connection: asyncpg.Connection, code: AreaCode, on: date) -> list[Division]:
    """The divisions directly below, as of the day, by code; those below the nation are the provinces."""
    rows = await connection.fetch(_CHILDREN, code, on)
    return [Division(AreaCode(row["code"]), row["name"], row["kind"]) for row in rows]


async def name_path(connection: asyncpg.Connection, code: AreaCode, on: date) -> str:
    """The full name as people write it, 黑龙江省大庆市大同区; the code itself when no name is known."""
    return (await name_paths(connection, [code], on))[code]


async def name_paths(connection: asyncpg.Connection, codes: Collection[AreaCode], on: date) -> dict[AreaCode, str]:
    """Full names of many divisions with one statement; names no longer or not yet in force serve where none is."""
    asked = {ancestor for code in codes for ancestor in code.ancestry()}
    names = {row["code"]: row["name"] for row in await connection.fetch(_NAMES, list(asked), on)}
    return {code: _joined(code, names) for code in codes}


async def successors(connection: asyncpg.Connection, code: AreaCode, on: date) -> list[AreaCode]:
    """The divisions in which `code` lives on, on the day: itself while in force, several after a split (M-DIV-06)."""
    return [AreaCode(row["code"]) for row in await connection.fetch(_SUCCESSORS, code, on)]


def _joined(code: AreaCode, names: dict[int, str]) -> str:
    if code not in names:
        return str(code)
    above = [
        names[ancestor]
        for ancestor in reversed(code.ancestry())
        if ancestor in names and not (ancestor.level is AreaLevel.CITY and names[ancestor] in _GROUPING_NAMES)
    ]
    return "".join(above)
