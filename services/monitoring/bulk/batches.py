"""Batches (导入批次): the row that tells how far a file is taken, the sealed file, and the refused rows."""

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.monitoring.bulk.sheets import Line, Table, cells_of, columns_of, read_table
from services.monitoring.domain.exchanges import Exchange
from services.monitoring.domain.faults import Fault
from shared.kernel.areas import AreaCode
from shared.kernel.days import local_day
from shared.vault.keys import KeyRing
from shared.vault.seal import seal, unseal

CONTENT = "import_file.content"

_BY_CONTENT = "SELECT * FROM import_batch WHERE exchange = $1 AND area_code = $2 AND sha256 = $3"
_LOCKED = "SELECT * FROM import_batch WHERE id = $1 FOR UPDATE"
_OPEN = """
INSERT INTO import_batch(id, area_code, exchange, sha256, form, status, total, staged, merged, last_row, unchanged,
                         refused, clues, risks, received_at, received_by)
VALUES ($1, $2, $3, $4, $5, 'STAGED', $6, 0, 0, 0, 0, 0, 0, 0, $7, $8)
ON CONFLICT (exchange, area_code, sha256) DO NOTHING RETURNING *"""
_KEEP_FILE = "INSERT INTO import_file(batch_id, area_code, content_sealed) VALUES ($1, $2, $3)"
_FILE = "SELECT content_sealed FROM import_file WHERE batch_id = $1"
_REFUSE = """
INSERT INTO import_refusal(batch_id, row_no, field, code, rule, area_code)
SELECT $1, row_no, field, code, rule, $2 FROM unnest($3::int[], $4::text[], $5::text[], $6::text[])
    AS refusal(row_no, field, code, rule)
ON CONFLICT DO NOTHING"""
_REFUSED_ROWS = "SELECT DISTINCT row_no FROM import_refusal WHERE batch_id = $1"
_STAGED = """
UPDATE import_batch SET staged = $2, status = CASE WHEN $2 = 0 THEN 'DONE' ELSE 'STAGED' END,
       finished_at = CASE WHEN $2 = 0 THEN received_at END,
       refused = (SELECT count(DISTINCT row_no) FROM import_refusal WHERE batch_id = $1)
 WHERE id = $1 RETURNING *"""
_ADVANCE = """
UPDATE import_batch SET merged = merged + $2, last_row = $3, unchanged = unchanged + $4, refused = refused + $5,
       clues = clues + $6, risks = risks + $7,
       status = CASE WHEN merged + $2 = staged THEN 'DONE' ELSE 'STAGED' END,
       finished_at = CASE WHEN merged + $2 = staged THEN $8::timestamptz END
 WHERE id = $1 RETURNING *"""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it stands."""

    id: UUID
    area: AreaCode
    exchange: str
    form: str
    status: str
    total: int
    received_at: datetime
    staged: int = 0
    merged: int = 0
    last_row: int = 0
    unchanged: int = 0
    refused: int = 0
    clues: int = 0
    risks: int = 0

    @property
    def is_done(self) -> bool:
        """Whether every row is taken or refused."""
        return self.status == "DONE"


@dataclass(frozen=True, slots=True)
class Read:
    """The rows of a file, told apart: what each says, or why it is refused."""

    good: list[tuple[int, Any]]
    refused: list[tuple[int, Fault]]


@dataclass(slots=True)
class Merged:
    """What one chunk did: rows gone through, rows known before, rows refused late, clues and risks made."""

    rows: int = 0
    last_row: int = 0
    unchanged: int = 0
    refused: list[tuple[int, Fault]] = field(default_factory=list)
    clues: int = 0
    risks: int = 0


def batch_of(row: asyncpg.Record | None) -> Batch:
    """The row as a value; it is there, for it was locked or stored before."""
    assert row is not None
    names = ("id", "exchange", "form", "status", "total", "staged", "merged", "last_row", "unchanged", "refused")
    rest = ("clues", "risks", "received_at")
    return Batch(area=AreaCode(row["area_code"]), **{name: row[name] for name in (*names, *rest)})


def parse(content: bytes, exchange: Exchange) -> tuple[Table, list[int | None]]:
    """The file's table and where its columns stand; raises Invalid."""
    table = read_table(content)
    return table, columns_of(exchange, table.headings)


def read_rows(lines: Sequence[Line], places: Sequence[int | None], exchange: Exchange, now: datetime) -> Read:
    """Every row read on its own: a bad one never loses a good one."""
    today = local_day(now)
    good: list[tuple[int, Any]] = []
    refused: list[tuple[int, Fault]] = []
    for number, cells in lines:
        read = exchange.read(cells_of(cells, places), today)
        if isinstance(read, tuple):
            refused += [(number, fault) for fault in read]
        else:
            good.append((number, read))
    return Read(good, refused)


async def by_content(raw: asyncpg.Connection, exchange: str, area: AreaCode, sha256: bytes) -> Batch | None:
    """The batch that these bytes made before."""
    row = await raw.fetchrow(_BY_CONTENT, exchange, int(area), sha256)
    return None if row is None else batch_of(row)


async def open_batch(raw: asyncpg.Connection, batch: Batch, sha256: bytes, received_by: UUID) -> Batch | None:
    """Store a new batch; None when somebody else stored the same bytes at the same time."""
    row = await raw.fetchrow(
        _OPEN,
        batch.id,
        int(batch.area),
        batch.exchange,
        sha256,
        batch.form,
        batch.total,
        batch.received_at,
        received_by,
    )
    return None if row is None else batch_of(row)


async def locked(raw: asyncpg.Connection, batch_id: UUID) -> Batch | None:
    """The batch, locked until the command ends."""
    row = await raw.fetchrow(_LOCKED, batch_id)
    return None if row is None else batch_of(row)


def seal_content(ring: KeyRing, batch_id: UUID, content: bytes) -> bytes:
    """The file, compressed and sealed for its batch: it names persons."""
    return seal(ring, CONTENT, batch_id, base64.b64encode(zlib.compress(content, 6)).decode())


def unseal_content(ring: KeyRing, batch_id: UUID, sealed: bytes) -> bytes:
    """The bytes as they were uploaded."""
    return zlib.decompress(base64.b64decode(unseal(ring, CONTENT, batch_id, sealed)))


async def keep_file(raw: asyncpg.Connection, batch: Batch, sealed: bytes) -> None:
    """Store the sealed file."""
    await raw.execute(_KEEP_FILE, batch.id, int(batch.area), sealed)


async def sealed_file(raw: asyncpg.Connection, batch_id: UUID) -> bytes:
    """The sealed file of a batch."""
    sealed: bytes = await raw.fetchval(_FILE, batch_id)
    return sealed


async def refuse(raw: asyncpg.Connection, batch: Batch, refused: Sequence[tuple[int, Fault]]) -> None:
    """Note why rows were refused."""
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


async def refused_rows(raw: asyncpg.Connection, batch_id: UUID) -> frozenset[int]:
    """The numbers of the refused rows."""
    return frozenset(row["row_no"] for row in await raw.fetch(_REFUSED_ROWS, batch_id))


async def note_staged(raw: asyncpg.Connection, batch: Batch, staged: int) -> Batch:
    """Note how many rows wait to be merged."""
    return batch_of(await raw.fetchrow(_STAGED, batch.id, staged))


async def note_merged(raw: asyncpg.Connection, batch: Batch, merged: Merged, now: datetime) -> Batch:
    """Move the batch on by one chunk."""
    await refuse(raw, batch, merged.refused)
    late = len({number for number, _ in merged.refused})
    arguments = (merged.rows, merged.last_row, merged.unchanged, late, merged.clues, merged.risks)
    return batch_of(await raw.fetchrow(_ADVANCE, batch.id, *arguments, now))
