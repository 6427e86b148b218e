"""The register from a file: members are staged, checked as a set, and registered with their households in chunks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from services.monitoring.bulk.batches import Batch, Merged
from services.monitoring.bulk.intake import PERSON
from services.monitoring.domain.clues import ClueRule
from services.monitoring.domain.codes import health_text
from services.monitoring.domain.exchanges import RegisterRow
from services.monitoring.domain.faults import Fault
from services.monitoring.domain.households import person_number
from shared.kernel import identity
from shared.kernel.ids import new_id, new_ids
from shared.vault.index import blind_index_many
from shared.vault.keys import KeyRing
from shared.vault.seal import seal_many

PART = 2000
"""Rows of a file that are taken in one transaction: each household is told of in the journal."""

_COLUMNS = (
    *(
        "batch_id",
        "row_no",
        "id",
        "household_id",
        "household_no",
        "area_code",
        "group_name",
        "household_type",
        "overlays",
    ),
    *(
        "name_sealed",
        "id_number_sealed",
        "id_number_index",
        "phone_sealed",
        "health_sealed",
        "sex",
        "relation",
        "labour",
    ),
    *("shares_budget", "co_resident"),
)

# Households that stand in the register already keep their ids. Just filled tables have no statistics: here and below,
# LIMIT keeps the joins look-ups by key.
_RESOLVE = """
UPDATE stage_member s SET household_id = known.id
  FROM (SELECT o.row_no, h.id FROM stage_member o
         CROSS JOIN LATERAL (SELECT id FROM household WHERE household_no = o.household_no
                                AND area_code / 1000000 = o.area_code / 1000000 LIMIT 1) h
         WHERE o.batch_id = $1) known
 WHERE s.batch_id = $1 AND s.row_no = known.row_no AND s.household_id <> known.id"""

_CHECK = """
WITH judged AS (
  SELECT s.row_no, CASE
    WHEN row_number() OVER (PARTITION BY s.id_number_index ORDER BY s.row_no) > 1
      THEN ARRAY['id_number', 'ID_TWICE', 'DQ-ID-01']
    WHEN s.area_code <> coalesce(h.area_code, first_value(s.area_code) OVER (PARTITION BY s.household_no ORDER BY s.row_no))
      THEN ARRAY['area_code', 'AREA_DIFFERS', '1.2']
    WHEN h.closed_on IS NOT NULL THEN ARRAY['household_no', 'HOUSEHOLD_CLOSED', '6.5']
    WHEN s.relation = 'HEAD' AND row_number() OVER (PARTITION BY s.household_no, s.relation ORDER BY s.row_no) > 1
      THEN ARRAY['relation', 'HEAD_TWICE', 'DQ-ID-09']
    WHEN m.household_id <> s.household_id THEN ARRAY['id_number', 'ID_ACTIVE_ELSEWHERE', 'DQ-ID-01']
    END AS fault
    FROM stage_member s
    LEFT JOIN LATERAL (SELECT area_code, closed_on FROM household WHERE id = s.household_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT household_id FROM household_member
                        WHERE id_number_index = s.id_number_index AND left_on IS NULL LIMIT 1) m ON true
   WHERE s.batch_id = $1)
DELETE FROM stage_member s USING judged j WHERE s.batch_id = $1 AND s.row_no = j.row_no AND j.fault IS NOT NULL
RETURNING s.row_no, j.fault"""

_HOUSEHOLDS = """
INSERT INTO household(id, area_code, household_no, group_name, household_type, overlays, registered_on)
SELECT DISTINCT ON (household_no, area_code / 1000000)
       household_id, area_code, household_no, group_name, household_type, overlays, $2::date
  FROM stage_member WHERE batch_id = $1
 ORDER BY household_no, area_code / 1000000, row_no
ON CONFLICT (household_no, (area_code / 1000000)) DO NOTHING RETURNING id"""

_UNRESOLVED = """
SELECT EXISTS (SELECT FROM stage_member s
                 LEFT JOIN LATERAL (SELECT id FROM household WHERE id = s.household_id LIMIT 1) h ON true
                WHERE s.batch_id = $1 AND h.id IS NULL)"""

_MEMBERS = """
INSERT INTO household_member(id, household_id, area_code, name_sealed, id_number_sealed, id_number_index, phone_sealed,
                             health_sealed, sex, relation, labour, shares_budget, co_resident)
SELECT s.id, h.id, h.area_code, s.name_sealed, s.id_number_sealed, s.id_number_index, s.phone_sealed, s.health_sealed,
       s.sex, s.relation, s.labour, s.shares_budget, s.co_resident
  FROM stage_member s
 CROSS JOIN LATERAL (SELECT id, area_code FROM household WHERE id = s.household_id LIMIT 1) h
 WHERE s.batch_id = $1
 ORDER BY s.row_no
ON CONFLICT DO NOTHING RETURNING id, household_id, area_code"""

# What was not stored: members who are in that household already, and those whom only the whole register shows wrong.
_LEFT_OVER = """
SELECT s.row_no, EXISTS (SELECT FROM household_member m WHERE m.household_id = s.household_id AND m.left_on IS NULL
                            AND m.id_number_index = s.id_number_index) AS known,
       s.relation = 'HEAD' AND EXISTS (SELECT FROM household_member m WHERE m.household_id = s.household_id
                                          AND m.relation = 'HEAD' AND m.left_on IS NULL) AS has_head
  FROM stage_member s
 WHERE s.batch_id = $1 AND s.id <> ALL($2::uuid[])
 ORDER BY s.row_no"""

_DROP_EMPTY = """
DELETE FROM household h WHERE h.id = ANY($1::uuid[])
   AND NOT EXISTS (SELECT FROM household_member m WHERE m.household_id = h.id)"""
_CLEAR = "DELETE FROM stage_member WHERE batch_id = $1"


@dataclass(frozen=True, slots=True)
class Registered:
    """What one part registered: the new members, and the households they belong to with their areas."""

    members: list[UUID]
    households: dict[UUID, int]


class Staged:
    """The good rows of a part, and what becomes of them in the staging table."""

    def __init__(self) -> None:
        self.records: list[tuple[Any, ...]] = []
        self._rows: list[tuple[int, RegisterRow]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, rows: Sequence[tuple[int, RegisterRow]]) -> None:
        """Take rows in, with their numbers in the file."""
        self._rows += rows

    def finish(self, ring: KeyRing, batch_id: UUID, _rules: Sequence[ClueRule]) -> None:
        """Seal the personal fields for the members that the rows become."""
        self.records = _records(ring, batch_id, self._rows)


def _records(ring: KeyRing, batch_id: UUID, rows: Sequence[tuple[int, RegisterRow]]) -> list[tuple[Any, ...]]:
    ids = new_ids(len(rows))
    members = [row.member for _, row in rows]
    households = {number: new_id() for number in dict.fromkeys(row.household_no for _, row in rows)}
    indexes = blind_index_many(ring, PERSON, (person_number(member.number) for member in members))
    sealed = zip(
        seal_many(ring, "household_member.name", _placed(ids, [member.name for member in members])),
        seal_many(ring, "household_member.id_number", _placed(ids, [member.number for member in members])),
        indexes,
        _seal_some(ring, "household_member.phone", ids, [member.phone for member in members]),
        _seal_some(ring, "household_member.health", ids, [health_text(row.health) for _, row in rows]),
        strict=True,
    )
    return [
        (
            *(batch_id, number, member_id, households[row.household_no], row.household_no, row.area, row.group),
            *(row.household_type, list(row.overlays), *secrets, identity.sex(row.member.number)),
            *(row.member.relation, row.labour, row.shares_budget, row.co_resident),
        )
        for (number, row), member_id, secrets in zip(rows, ids, sealed, strict=True)
    ]


async def stage(raw: asyncpg.Connection, staged: Staged) -> None:
    """Put a part's rows into the staging table."""
    await raw.copy_records_to_table("stage_member", records=staged.records, columns=_COLUMNS)


async def check_set(raw: asyncpg.Connection, batch: Batch, merged: Merged) -> None:
    """Refuse what only the register shows: doubles, second heads, closed and other households."""
    await raw.execute(_RESOLVE, batch.id)
    merged.refused += [(row["row_no"], Fault(*row["fault"])) for row in await raw.fetch(_CHECK, batch.id)]


async def register_households(raw: asyncpg.Connection, batch: Batch, merged: Merged, today: date) -> Registered:
    """Register the staged rows; who is in the household already stays as registered."""
    opened = [row["id"] for row in await raw.fetch(_HOUSEHOLDS, batch.id, today)]
    if await raw.fetchval(_UNRESOLVED, batch.id):
        await raw.execute(_RESOLVE, batch.id)
    stored = await raw.fetch(_MEMBERS, batch.id)
    members = [row["id"] for row in stored]
    late = [(row["row_no"], row["known"], row["has_head"]) for row in await raw.fetch(_LEFT_OVER, batch.id, members)]
    merged.unchanged = sum(known for _, known, _ in late)
    refused = [(number, _late_fault(has_head=has_head)) for number, known, has_head in late if not known]
    if refused:
        merged.refused += refused
        await raw.execute(_DROP_EMPTY, opened)
    return Registered(members, {row["household_id"]: row["area_code"] for row in stored})


def _late_fault(*, has_head: bool) -> Fault:
    if has_head:
        return Fault("relation", "HEAD_TWICE", "DQ-ID-09")
    return Fault("id_number", "ID_ACTIVE_ELSEWHERE", "DQ-ID-01")


async def clear(raw: asyncpg.Connection, batch: Batch) -> None:
    """Empty the staging table."""
    await raw.execute(_CLEAR, batch.id)


def _placed(ids: Sequence[UUID], values: Sequence[str]) -> list[tuple[UUID, str]]:
    return list(zip(ids, values, strict=True))


def _seal_some(ring: KeyRing, field: str, ids: Sequence[UUID], values: Sequence[str]) -> list[bytes | None]:
    """Sealed values, None where there is nothing to seal."""
    filled = [(row_id, value) for row_id, value in zip(ids, values, strict=True) if value]
    sealed = dict(zip((row_id for row_id, _ in filled), seal_many(ring, field, filled), strict=True))
    return [sealed.get(row_id) for row_id in ids]
