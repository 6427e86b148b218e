"""Batches (导入批次): the row that tells how far a file is taken, and the refused rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from services.monitoring.domain.faults import Fault
from shared.kernel.areas import AreaCode

_BY_CONTENT = "SELECT * FROM import_batch WHERE exchange = $1 AND area_code = $2 AND sha256 = $3"
_FOUND = "SELECT * FROM import_batch WHERE id = $1"
_LOCKED = "SELECT * FROM import_batch WHERE id = $1 FOR UPDATE"
_OPEN = """
INSERT INTO import_batch(id, area_code, exchange, sha256, form, status, total, done, last_row, unchanged, refused, clues,
                         risks, received_at, received_by)
VALUES ($1, $2, $3, $4, $5, 'RECEIVED', 0, 0, 1, 0, 0, 0, 0, $6, $7)
ON CONFLICT (exchange, area_code, sha256) DO NOTHING RETURNING *"""
_RECEIVED = """
UPDATE import_batch SET total = $2, status = CASE WHEN $2 = 0 THEN 'DONE' ELSE status END,
       finished_at = CASE WHEN $2 = 0 THEN received_at END
 WHERE id = $1 RETURNING *"""
_REFUSE = """
INSERT INTO import_refusal(batch_id, row_no, field, code, rule, area_code)
SELECT $1, row_no, field, code, rule, $2 FROM unnest($3::int[], $4::text[], $5::text[], $6::text[])
    AS refusal(row_no, field, code, rule)
ON CONFLICT DO NOTHING"""
_ADVANCE = """
UPDATE import_batch SET done = done + $2, last_row = $3, unchanged = unchanged + $4, refused = refused + $5,
       clues = clues + $6, risks = risks + $7, status = CASE WHEN done + $2 = total THEN 'DONE' ELSE status END,
       finished_at = CASE WHEN done + $2 = total THEN $8::timestamptz END
 WHERE id = $1 RETURNING *"""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it stands: `done` of `total` rows are gone through, up to row `last_row` of the file."""

    id: UUID
    area: AreaCode
    exchange: str
    form: str
    status: str
    received_at: datetime
    total: int = 0
    done: int = 0
    last_row: int = 1
    unchanged: int = 0
    refused: int = 0
    clues: int = 0
    risks: int = 0

    @property
    def is_done(self) -> bool:
        """Whether every row is taken or refused."""
        return self.status == "DONE"


@dataclass(slots=True)
class Merged:
    """What one part did: filled rows gone through, rows known before, why rows were refused, clues and risks made."""

    rows: int
    last_row: int
    unchanged: int = 0
    refused: list[tuple[int, Fault]] = field(default_factory=list)
    clues: int = 0
    risks: int = 0


def batch_of(row: asyncpg.Record | None) -> Batch:
    """The row as a value; it is there, for it was locked or stored before."""
    assert row is not None
    names = ("id", "exchange", "form", "status", "total", "done", "last_row", "unchanged", "refused")
    rest = ("clues", "risks", "received_at")
    return Batch(area=AreaCode(row["area_code"]), **{name: row[name] for name in (*names, *rest)})


async def by_content(raw: asyncpg.Connection, exchange: str, area: AreaCode, sha256: bytes) -> Batch | None:
    """The batch that these bytes made before."""
    row = await raw.fetchrow(_BY_CONTENT, exchange, int(area), sha256)
    return None if row is None else batch_of(row)


async def open_batch(raw: asyncpg.Connection, batch: Batch, sha256: bytes, received_by: UUID) -> Batch | None:
    """Store a new batch; None when somebody else stored the same bytes at the same time."""
    given = (batch.id, int(batch.area), batch.exchange, sha256, batch.form, batch.received_at, received_by)
    row = await raw.fetchrow(_OPEN, *given)
    return None if row is None else batch_of(row)


async def found(raw: asyncpg.Connection, batch_id: UUID) -> Batch | None:
    """The batch as it stands, where it is seen."""
    row = await raw.fetchrow(_FOUND, batch_id)
    return None if row is None else batch_of(row)


async def locked(raw: asyncpg.Connection, batch_id: UUID) -> Batch | None:
    """The batch, locked until the command ends."""
    row = await raw.fetchrow(_LOCKED, batch_id)
    return None if row is None else batch_of(row)


async def note_received(raw: asyncpg.Connection, batch: Batch, total: int) -> Batch:
    """Note how many filled rows the file has."""
    return batch_of(await raw.fetchrow(_RECEIVED, batch.id, total))


async def note_merged(raw: asyncpg.Connection, batch: Batch, merged: Merged, now: datetime) -> Batch:
    """Move the batch on by one part, and note why rows of it were refused."""
    await _refuse(raw, batch, merged.refused)
    refused = len({number for number, _ in merged.refused})
    arguments = (merged.rows, merged.last_row, merged.unchanged, refused, merged.clues, merged.risks)
    return batch_of(await raw.fetchrow(_ADVANCE, batch.id, *arguments, now))


async def _refuse(raw: asyncpg.Connection, batch: Batch, refused: Sequence[tuple[int, Fault]]) -> None:
    if refused:
        await raw.execute(
            _REFUSE,
            batch.id,
            int(batch.area),
            [number for number, _ in refused],
            [fault.field for _, fault in refused],
            [fault.code for _, fault in refused],
            [fault.rule for _, fault in refused],
        )
