"""Set-based writes of formation: running numbers, source shares, owner shares, what a project was paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from shared.kernel.money import Fen

_NUMBERS = """
INSERT INTO asset_counter(prefix, last)
SELECT prefix, added FROM unnest($1::text[], $2::int[]) AS wanted(prefix, added) ORDER BY prefix
ON CONFLICT (prefix) DO UPDATE SET last = asset_counter.last + excluded.last
RETURNING prefix, last"""
_DROP_SOURCES = "DELETE FROM asset_source WHERE asset_id = ANY($1::uuid[])"
_SOURCES = """
INSERT INTO asset_source(asset_id, line_no, indicator_id, document_no, level, category, amount_fen, share_ppm, area_code)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::int[],
                     $9::bigint[])"""
_DROP_OWNERS = "DELETE FROM asset_owner WHERE asset_id = ANY($1::uuid[])"
_OWNERS = """
INSERT INTO asset_owner(asset_id, line_no, owner_kind, owner_area, owner_id, share_ppm, area_code)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::bigint[], $5::uuid[], $6::int[], $7::bigint[])"""
_PAID = """
INSERT INTO ref_project_paid(project_id, indicator_id, document_no, paid_fen, area_code)
SELECT $1, indicator_id, max(document_no), sum(amount), $2
  FROM unnest($3::uuid[], $4::text[], $5::bigint[]) AS part(indicator_id, document_no, amount) GROUP BY indicator_id
ON CONFLICT (project_id, indicator_id) DO UPDATE SET paid_fen = ref_project_paid.paid_fen + excluded.paid_fen"""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source line of an asset."""

    asset_id: UUID
    line_no: int
    indicator_id: UUID
    document_no: str
    level: str
    category: str
    amount: Fen
    share_ppm: int
    area: int


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """One owner line of an asset."""

    asset_id: UUID
    line_no: int
    owner_kind: str
    owner_area: int
    owner_id: UUID | None
    share_ppm: int
    area: int


async def take_numbers(raw: asyncpg.Connection, counts: Mapping[str, int]) -> dict[str, int]:
    """Reserve running numbers; the last reserved one by prefix."""
    rows = await raw.fetch(_NUMBERS, list(counts), list(counts.values()))
    return {row["prefix"]: row["last"] for row in rows}


async def replace_sources(raw: asyncpg.Connection, assets: Sequence[UUID], rows: Sequence[SourceRow]) -> None:
    """The sources of `assets` are `rows` and nothing else; the database refuses shares that are not whole (AR22)."""
    await raw.execute(_DROP_SOURCES, list(assets))
    await raw.execute(
        _SOURCES,
        [row.asset_id for row in rows],
        [row.line_no for row in rows],
        [row.indicator_id for row in rows],
        [row.document_no for row in rows],
        [row.level for row in rows],
        [row.category for row in rows],
        [row.amount for row in rows],
        [row.share_ppm for row in rows],
        [row.area for row in rows],
    )


async def replace_owners(raw: asyncpg.Connection, assets: Sequence[UUID], rows: Sequence[OwnerRow]) -> None:
    """The owners of `assets` are `rows` and nothing else."""
    await raw.execute(_DROP_OWNERS, list(assets))
    await raw.execute(
        _OWNERS,
        [row.asset_id for row in rows],
        [row.line_no for row in rows],
        [row.owner_kind for row in rows],
        [row.owner_area for row in rows],
        [row.owner_id for row in rows],
        [row.share_ppm for row in rows],
        [row.area for row in rows],
    )


async def add_paid(
    raw: asyncpg.Connection,
    project_id: UUID,
    area: int,
    parts: Sequence[tuple[UUID, str, Fen]],
) -> None:
    """Add to what each indicator paid for a project; what came back is less than zero."""
    await raw.execute(
        _PAID,
        project_id,
        area,
        [indicator for indicator, _, _ in parts],
        [document for _, document, _ in parts],
        [amount for _, _, amount in parts],
    )
