"""Set-based writing of imported library rows: projects with version, places and sources, a handful of statements in all."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
import orjson

from services.funds.domain.library import text_key
from services.funds.domain.project_content import ProjectContent

SEALED = "library_import.content"
"""What a kept file is sealed as."""

_TAKEN_NAMES = """
SELECT village_code, name_key FROM project_place
 WHERE live AND plan_year = $1 AND (village_code, name_key) IN (SELECT * FROM unnest($2::bigint[], $3::text[]))"""
_DIVISIONS = """
SELECT code, name FROM division
 WHERE code BETWEEN $1 AND $2 AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $3)"""
_TAXONOMY = """
SELECT code, zh, counts_as_industry FROM category
 WHERE valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $1)"""
_MAPPED = """
SELECT DISTINCT ON (label_key) label_key, category FROM category_mapping
 WHERE area_code = $1 AND effective_from <= $2 ORDER BY label_key, effective_from DESC"""
_PROJECTS = """
INSERT INTO project(id, area_code, plan_year, name, category, planned_total_fen, is_industry, is_household_project,
  asset_forming, content_key, version_no)
SELECT id, area, $6, name, category, fen, industry, false, false, content_key, 1
  FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $7::boolean[], $8::text[])
    AS given(id, area, name, category, fen, industry, content_key)"""
_VERSIONS = """
INSERT INTO project_version(project_id, version_no, content, changed, reason, changed_by, changed_at, area_code)
SELECT id, 1, content::jsonb, '{}', $4, $5, $6, area
  FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS given(id, content, area)"""
_PLACES = """
INSERT INTO project_place(project_id, village_code, share_ppm, village_type, plan_year, name_key, live, area_code)
SELECT id, village, share, kind, $6, name_key, true, area
  FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::text[], $5::text[], $7::bigint[])
    AS given(id, village, share, kind, name_key, area)"""
_FUNDING = """
INSERT INTO project_funding(project_id, line_no, year, level, category, amount_fen, area_code)
SELECT id, line_no, $6, level, category, fen, area
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::bigint[], $7::bigint[])
    AS given(id, line_no, level, category, fen, area)"""
_ROWS = """
INSERT INTO library_import_row(import_id, row_no, area_code, outcome, label, category, note, faults, amount_fen, project_id)
SELECT $1, row_no, $2, outcome, label, category, note, faults::jsonb, fen, project_id
  FROM unnest($3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::uuid[])
    AS given(row_no, outcome, label, category, note, faults, fen, project_id)
ON CONFLICT (import_id, row_no) DO UPDATE SET outcome = excluded.outcome, category = excluded.category,
  note = excluded.note, faults = excluded.faults, project_id = excluded.project_id"""


class NewProject(NamedTuple):
    """A project to be written."""

    id: UUID
    area: int
    content: ProjectContent
    is_industry: bool


class RowResult(NamedTuple):
    """What became of a row."""

    row_no: int
    outcome: str
    label: str
    category: str | None
    note: str
    faults: Sequence[Mapping[str, str]]
    amount_fen: int
    project_id: UUID | None


async def divisions_of(raw: asyncpg.Connection, span: tuple[int, int], on: date) -> list[tuple[int, str]]:
    """Codes and names of the divisions of a county."""
    return [(row["code"], row["name"]) for row in await raw.fetch(_DIVISIONS, *span, on)]


async def taxonomy_of(raw: asyncpg.Connection, year: int) -> list[tuple[str, str, bool]]:
    """Codes, names and industry flags of the year's categories."""
    rows = await raw.fetch(_TAXONOMY, date(year, 1, 1), date(year, 12, 31))
    return [(row["code"], row["zh"], row["counts_as_industry"]) for row in rows]


async def mappings_of(raw: asyncpg.Connection, area: int, on: date) -> dict[str, str]:
    """The county's mappings in force."""
    return {row["label_key"]: row["category"] for row in await raw.fetch(_MAPPED, area, on)}


async def names_taken(raw: asyncpg.Connection, year: int, names: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Of pairs of village and name key, those that live in the year already."""
    rows = await raw.fetch(_TAKEN_NAMES, year, [code for code, _ in names], [key for _, key in names])
    return {(row["village_code"], row["name_key"]) for row in rows}


async def write_projects(
    raw: asyncpg.Connection, year: int, projects: Sequence[NewProject], reason: str, by: UUID, at: datetime
) -> None:
    """Insert all of them."""
    ids, areas = [each.id for each in projects], [each.area for each in projects]
    contents = [each.content for each in projects]
    await raw.execute(
        _PROJECTS,
        ids,
        areas,
        [each.name for each in contents],
        [each.category for each in contents],
        [each.total for each in contents],
        year,
        [each.is_industry for each in projects],
        [text_key(each.content) for each in contents],
    )
    texts = [orjson.dumps(each.model_dump(mode="json")).decode() for each in contents]
    await raw.execute(_VERSIONS, ids, texts, areas, reason, by, at)
    places = [
        (each.id, int(place.village), place.share_ppm, str(place.village_type), text_key(each.content.name), each.area)
        for each in projects
        for place in each.content.places
    ]
    *columns, area_column = (list(column) for column in zip(*places, strict=True))
    await raw.execute(_PLACES, *columns, year, area_column)
    funding = [
        (each.id, number, line.level, line.category, line.amount, each.area)
        for each in projects
        for number, line in enumerate(each.content.funding, 1)
    ]
    *columns, area_column = (list(column) for column in zip(*funding, strict=True))
    await raw.execute(_FUNDING, *columns, year, area_column)


async def write_rows(raw: asyncpg.Connection, import_id: UUID, area: int, rows: Sequence[RowResult]) -> None:
    """Note what became of rows."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    columns[5] = [orjson.dumps(faults).decode() for faults in columns[5]]
    await raw.execute(_ROWS, import_id, area, *columns)
