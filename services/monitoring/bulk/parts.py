"""Parts of a file: cut once, sealed one by one, and opened one by one, so that no file ever lies whole in the memory."""

import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.monitoring.bulk.batches import Batch
from shared.kernel.ids import derived_id
from shared.sheets.files import Line, Piece, Table, rows_in, text_of
from shared.vault.keys import KeyRing
from shared.vault.seal import seal_bytes, unseal_bytes

CONTENT = "import_file.content"
HEADINGS = 1
"""The row of the headings."""
_FAST = 1
"""How hard to compress: the best takes four times as long and saves a tenth."""

_KEEP = "INSERT INTO import_file(batch_id, first_row, area_code, rows, content_sealed) VALUES ($1, $2, $3, $4, $5)"
_HEADINGS = "SELECT content_sealed FROM import_file WHERE batch_id = $1 AND first_row = 1"
_NEXT = """
SELECT first_row, content_sealed FROM import_file WHERE batch_id = $1 AND first_row > $2 ORDER BY first_row LIMIT 1"""
_FIRST_ROWS = "SELECT first_row FROM import_file WHERE batch_id = $1 AND first_row > 1 ORDER BY first_row"


@dataclass(frozen=True, slots=True)
class SealedPart:
    """Rows of a file from `first_row` on, sealed; `rows` of them are filled."""

    first_row: int
    rows: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a file from `first_row` on, not sealed yet."""

    first_row: int
    piece: Piece


def cut(table: Table, size: int) -> Iterator[Part]:
    """The headings, then the rows, about `size` at a time; parts without a filled row are left out."""
    yield Part(HEADINGS, Piece(text_of([table.headings]).encode(), 1, 0))
    first_row = HEADINGS + 1
    for piece in table.pieces(size):
        if piece.filled:
            yield Part(first_row, piece)
        first_row += piece.rows


def sealed(ring: KeyRing, batch_id: UUID, part: Part) -> SealedPart:
    """A part, compressed and sealed."""
    packed = zlib.compress(part.piece.content, _FAST)
    content = seal_bytes(ring, CONTENT, _place(batch_id, part.first_row), packed)
    return SealedPart(part.first_row, part.piece.filled, content)


def opened(ring: KeyRing, batch_id: UUID, part: SealedPart) -> Iterator[Line]:
    """The rows of a part with their numbers, empty ones too."""
    packed = unseal_bytes(ring, CONTENT, _place(batch_id, part.first_row), part.content)
    return enumerate(rows_in(zlib.decompress(packed)), part.first_row)


async def keep(raw: asyncpg.Connection, batch: Batch, part: SealedPart) -> None:
    """Store a part."""
    await raw.execute(_KEEP, batch.id, part.first_row, int(batch.area), part.rows, part.content)


async def headings_of(raw: asyncpg.Connection, ring: KeyRing, batch_id: UUID) -> list[str]:
    """The headings of a kept file."""
    sealed = await raw.fetchval(_HEADINGS, batch_id)
    ((_, headings),) = opened(ring, batch_id, SealedPart(HEADINGS, 0, sealed))
    return headings


async def part_after(raw: asyncpg.Connection, batch_id: UUID, row: int) -> SealedPart | None:
    """The next part behind a row."""
    found = await raw.fetchrow(_NEXT, batch_id, row)
    return None if found is None else SealedPart(found["first_row"], 0, found["content_sealed"])


async def parts_with(raw: asyncpg.Connection, batch_id: UUID, rows: Iterable[int] | None) -> list[SealedPart]:
    """The parts that hold any of these rows, or all parts."""
    first_rows = [found[0] for found in await raw.fetch(_FIRST_ROWS, batch_id)]
    wanted = first_rows if rows is None else {first_rows[bisect_right(first_rows, row) - 1] for row in rows}
    found = [await part_after(raw, batch_id, first_row - 1) for first_row in sorted(wanted)]
    return [part for part in found if part is not None]


def _place(batch_id: UUID, first_row: int) -> UUID:
    """What a part is sealed for: a part of another file, or another part of this one, does not open there."""
    return derived_id(batch_id, str(first_row))
