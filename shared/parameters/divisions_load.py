"""Takes a file of divisions into the dated table: what is new begins, what differs gets a new version (M-DIV-06)."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import asyncpg

from shared.kernel.areas import AreaCode
from shared.kernel.errors import Refused, Violation
from shared.parameters.divisions_file import DivisionRow, read_divisions

# One load at a time: the staging table is shared.
_BEGIN = "LOCK TABLE stage_division IN SHARE ROW EXCLUSIVE MODE"
_EMPTY = "DELETE FROM stage_division"

_LEAVE_LATER = """
WITH left_alone AS (
  DELETE FROM stage_division s
   WHERE EXISTS (SELECT FROM division d WHERE d.code = s.code AND (d.valid_from > $1 OR d.valid_to >= $1))
  RETURNING 1)
SELECT count(*) FROM left_alone"""

_CLOSE_ABSENT = """
WITH closed AS (
  UPDATE division d SET valid_to = $1::date - 1
   WHERE d.valid_to IS NULL AND d.valid_from <= $1
     AND EXISTS (SELECT FROM unnest($2::bigint[], $3::bigint[]) AS whole(low, high)
                  WHERE d.code BETWEEN whole.low AND whole.high)
     AND NOT EXISTS (SELECT FROM stage_division s WHERE s.code = d.code)
  RETURNING 1)
SELECT count(*) FROM closed"""

_CLOSE_REPLACED = """
WITH successor AS (
  SELECT replaced, array_agg(code ORDER BY code) AS codes
    FROM stage_division, unnest(replaces) AS replaced GROUP BY replaced),
closed AS (
  UPDATE division d SET valid_to = $1::date - 1, replaced_by = successor.codes
    FROM successor WHERE d.code = successor.replaced AND d.valid_to IS NULL AND d.valid_from < $1
  RETURNING 1)
SELECT count(*) FROM closed"""

_SKIP_SAME = """
DELETE FROM stage_division s USING division d
 WHERE d.code = s.code AND d.valid_to IS NULL AND (d.name, d.parent, d.kind) = (s.name, s.parent, s.kind)"""

_COUNT_CHANGED = """
SELECT count(*) FROM stage_division s JOIN division d ON d.code = s.code AND d.valid_to IS NULL"""

_END_CHANGED = """
UPDATE division d SET valid_to = $1::date - 1 FROM stage_division s
 WHERE d.code = s.code AND d.valid_to IS NULL AND d.valid_from < $1"""

_BEGIN_VERSIONS = """
WITH begun AS (
  INSERT INTO division AS d (code, name, level, parent, kind, valid_from)
  SELECT code, name, level, parent, kind, $1 FROM stage_division
  ON CONFLICT (code, valid_from) DO UPDATE
    SET name = excluded.name, parent = excluded.parent, kind = excluded.kind, valid_to = NULL, replaced_by = '{}'
  RETURNING 1)
SELECT count(*) FROM begun"""

_ORPHANS = """
SELECT d.code FROM division d
 WHERE d.valid_to IS NULL AND d.parent <> 0
   AND NOT EXISTS (SELECT FROM division p WHERE p.code = d.parent AND p.valid_to IS NULL)
 ORDER BY d.code"""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did, in divisions. `left`: not touched, because a later state of them is known already."""

    inserted: int
    changed: int
    closed: int
    left: int


async def load(
    connection: asyncpg.Connection,
    path: Path,
    valid_from: date,
    whole: Collection[AreaCode] = (),
) -> Loaded:
    """Load a file or folder whose content holds from `valid_from` on; the same load again changes nothing.

    `whole` names divisions that the file describes completely (NATION for all): what lies in them and is not listed
    ends the day before. Otherwise absence means nothing. Runs in the caller's transaction; raises Invalid for a broken
    file and Refused when a division would stand without the one above it.
    """
    assert connection.is_in_transaction(), "a load is done whole or not at all"
    rows = await asyncio.to_thread(read_divisions, path)
    await connection.execute(_BEGIN)
    await connection.copy_records_to_table("stage_division", records=rows, columns=DivisionRow._fields)
    loaded = await _merge(connection, valid_from, whole)
    await connection.execute(_EMPTY)
    await _refuse_orphans(connection)
    return loaded


async def _merge(connection: asyncpg.Connection, valid_from: date, whole: Collection[AreaCode]) -> Loaded:
    spans = [code.span for code in whole]
    left = await connection.fetchval(_LEAVE_LATER, valid_from)
    lows, highs = [low for low, _ in spans], [high for _, high in spans]
    absent = await connection.fetchval(_CLOSE_ABSENT, valid_from, lows, highs) if spans else 0
    replaced = await connection.fetchval(_CLOSE_REPLACED, valid_from)
    await connection.execute(_SKIP_SAME)
    changed = await connection.fetchval(_COUNT_CHANGED)
    await connection.execute(_END_CHANGED, valid_from)
    begun = await connection.fetchval(_BEGIN_VERSIONS, valid_from)
    return Loaded(inserted=begun - changed, changed=changed, closed=absent + replaced, left=left)


async def _refuse_orphans(connection: asyncpg.Connection) -> None:
    codes = [str(AreaCode(row["code"])) for row in await connection.fetch(_ORPHANS)]
    if codes:
        shown = ", ".join(codes[:_SHOWN])
        raise Refused(
            Violation(
                "DIVISION_PARENT_MISSING",
                f"{len(codes)} 个区划缺少有效的上级区划，如 {shown}",
                f"{len(codes)} divisions have no valid division above them, such as {shown}",
                rule="M-DIV-01",
                remedy_zh="先导入上级区划，或在同一文件中一并导入",
                remedy_en="load the divisions above first, or together in one file",
                facts={"count": len(codes), "codes": codes[:_SHOWN]},
            ),
        )
