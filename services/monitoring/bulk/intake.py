"""Takes clues in, as a set: new ones are stored, those that are one with an earlier clue are merged into it (M-CLUE-02)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

import asyncpg

from services.monitoring.domain.clues import Match, Source
from services.monitoring.domain.risk import Cause
from shared.kernel.ids import new_id
from shared.kernel.money import Fen

PERSON = "household_member.id_number"
"""The field of the blind index by which a person is found (M-CLUE-01)."""

_STORE = """
INSERT INTO clue(id, area_code, subject_key, item, period, source, match, household_id, member_id, id_number_sealed,
                 name_sealed, note_sealed, cause, amount_fen, threshold_fen, rule_id, rule_version, event_on,
                 received_on, due_on)
SELECT *, $19::date, $20::date
  FROM unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[],
              $9::uuid[], $10::bytea[], $11::bytea[], $12::bytea[], $13::text[], $14::bigint[], $15::bigint[],
              $16::text[], $17::int[], $18::date[])
ON CONFLICT (subject_key, item, period, (area_code / 1000000)) DO NOTHING RETURNING id"""

# A statement of its own: the first one may have waited for the clue that this one merges into.
_MERGE = """
UPDATE clue SET amount_fen = greatest(clue.amount_fen, given.amount_fen)
  FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
       AS given(id, subject_key, item, period, county, amount_fen)
 WHERE clue.subject_key = given.subject_key AND clue.item = given.item AND clue.period = given.period
   AND clue.area_code / 1000000 = given.county
RETURNING given.id AS given, clue.id AS kept, clue.area_code"""

_SOURCES = """
INSERT INTO clue_source(id, clue_id, area_code, source, department, batch_id, row_no, amount_fen, pushed_on)
SELECT *, $9::date FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::uuid[], $7::int[],
                               $8::bigint[])
ON CONFLICT (clue_id, source, department, batch_id) DO NOTHING RETURNING id"""

# The person behind a clue has come to belong to a household: its number and name now stand there.
_MATCH = """
WITH found AS (
  UPDATE clue SET match = 'MATCHED', household_id = m.household_id, member_id = m.id, area_code = m.area_code,
         id_number_sealed = NULL, name_sealed = NULL
    FROM household_member m
   WHERE m.id = ANY($1::uuid[]) AND m.left_on IS NULL AND clue.subject_key = m.id_number_index
     AND clue.match <> 'MATCHED' AND clue.disposition IS NULL AND clue.area_code / 1000000 = m.area_code / 1000000
  RETURNING clue.id, clue.area_code),
moved AS (
  UPDATE clue_source SET area_code = found.area_code FROM found WHERE clue_id = found.id)
SELECT id FROM found"""


@dataclass(frozen=True, slots=True)
class NewClue:
    """A clue as it arrives; the person's sealed number and name only where no household is known."""

    id: UUID
    area: int
    subject_key: bytes
    item: str
    period: str
    source: Source
    match: Match
    household_id: UUID | None
    member_id: UUID | None
    id_number_sealed: bytes | None
    name_sealed: bytes | None
    note_sealed: bytes | None
    cause: Cause
    amount: Fen | None
    threshold: Fen | None
    rule_id: str
    rule_version: int
    event_on: date
    department: str = ""
    batch_id: UUID | None = None
    row_no: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a clue: the id it is known by, and whether it is new or was merged into an earlier one."""

    clue: NewClue
    id: UUID
    area: int
    is_new: bool
    source_is_new: bool


_STORED = tuple(field.name for field in fields(NewClue))[:18]


async def take_in(raw: asyncpg.Connection, clues: Sequence[NewClue], received_on: date, due_on: date) -> list[Taken]:
    """Store or merge; a clue that is one with a clue outside the actor's scope is not in the answer."""
    if not clues:
        return []
    columns = [[getattr(clue, name) for clue in clues] for name in _STORED]
    fresh = {row["id"] for row in await raw.fetch(_STORE, *columns, received_on, due_on)}
    known = {clue.id: (clue.id, clue.area) for clue in clues if clue.id in fresh}
    known |= await _merge(raw, [clue for clue in clues if clue.id not in fresh])
    kept = [clue for clue in clues if clue.id in known]
    noted = await _note_sources(raw, kept, known, received_on)
    return [
        Taken(clue, *known[clue.id], is_new=clue.id in fresh, source_is_new=new)
        for clue, new in zip(kept, noted, strict=True)
    ]


async def match_waiting(raw: asyncpg.Connection, member_ids: Sequence[UUID]) -> list[UUID]:
    """The open clues that waited for these persons and now have a household (M-CLUE-04)."""
    return [row["id"] for row in await raw.fetch(_MATCH, list(member_ids))] if member_ids else []


async def _merge(raw: asyncpg.Connection, clues: Sequence[NewClue]) -> dict[UUID, tuple[UUID, int]]:
    if not clues:
        return {}
    rows = await raw.fetch(
        _MERGE,
        [clue.id for clue in clues],
        [clue.subject_key for clue in clues],
        [clue.item for clue in clues],
        [clue.period for clue in clues],
        [clue.area // 1_000_000 for clue in clues],
        [clue.amount for clue in clues],
    )
    return {row["given"]: (row["kept"], row["area_code"]) for row in rows}


async def _note_sources(
    raw: asyncpg.Connection,
    clues: Sequence[NewClue],
    known: dict[UUID, tuple[UUID, int]],
    pushed_on: date,
) -> list[bool]:
    """Append each sender; False where the same sender pushed the same clue before."""
    ids = [new_id() for _ in clues]
    rows = await raw.fetch(
        _SOURCES,
        ids,
        [known[clue.id][0] for clue in clues],
        [known[clue.id][1] for clue in clues],
        [clue.source for clue in clues],
        [clue.department for clue in clues],
        [clue.batch_id for clue in clues],
        [clue.row_no for clue in clues],
        [clue.amount for clue in clues],
        pushed_on,
    )
    noted = {row["id"] for row in rows}
    return [source_id in noted for source_id in ids]
