"""Rows of known bulletins in and out of the database, in one statement each, and the policy they are measured by."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.funds.domain.bulletins.model import Cell, Known, Line, Policy
from shared.bulletins.figures import Figure
from shared.bulletins.findings import Finding
from shared.kernel.errors import Unknown
from shared.parameters.lookup import Parameters

SEALED = "known_bulletin.content"
"""What a kept file is sealed as."""

_WRITE = """
INSERT INTO known_bulletin_row(bulletin_id, row_no, area_code, sheet, line_no, record, label, texts, figures)
SELECT $1, row_no, $2, sheet, line_no, record, label, texts::jsonb, figures::jsonb
  FROM unnest($3::int[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[])
    AS given(row_no, sheet, line_no, record, label, texts, figures)"""
_READ = """
SELECT sheet, line_no, record, label, texts::text AS texts, figures::text AS figures
  FROM known_bulletin_row WHERE bulletin_id = $1 ORDER BY row_no"""
_FINDINGS = """
INSERT INTO known_bulletin_finding(bulletin_id, finding_no, area_code, severity, kind, content)
SELECT $1, number, $2, severity, kind, content::jsonb
  FROM unnest($3::int[], $4::text[], $5::text[], $6::text[]) AS given(number, severity, kind, content)"""
_LATEST = """
SELECT id, level FROM known_bulletin
 WHERE area_code = $1 AND kind = $2 AND period_start = $3 ORDER BY received_at DESC, id DESC LIMIT 1"""


async def write_lines(raw: asyncpg.Connection, bulletin_id: UUID, area: int, lines: Sequence[Line]) -> None:
    """Insert all rows."""
    await raw.execute(
        _WRITE,
        bulletin_id,
        area,
        list(range(1, len(lines) + 1)),
        [line.sheet for line in lines],
        [line.number for line in lines],
        [line.record for line in lines],
        [line.label for line in lines],
        [orjson.dumps(dict(line.texts)).decode() for line in lines],
        [orjson.dumps({name: _packed(cell) for name, cell in line.cells.items()}).decode() for line in lines],
    )


async def write_findings(raw: asyncpg.Connection, bulletin_id: UUID, area: int, found: Sequence[Finding]) -> None:
    """Insert all findings in their order."""
    await raw.execute(
        _FINDINGS,
        bulletin_id,
        area,
        list(range(1, len(found) + 1)),
        [each.severity.value for each in found],
        [each.kind for each in found],
        [orjson.dumps(each.as_json()).decode() for each in found],
    )


async def read_lines(raw: asyncpg.Connection, bulletin_id: UUID) -> list[Line]:
    """The rows of a bulletin in the order of the file."""
    return [
        Line(
            row["line_no"],
            row["sheet"],
            row["record"],
            row["label"],
            orjson.loads(row["texts"]),
            {name: _unpacked(cell) for name, cell in orjson.loads(row["figures"]).items()},
        )
        for row in await raw.fetch(_READ, bulletin_id)
    ]


async def latest(raw: asyncpg.Connection, known: Known, area: int, start: date) -> tuple[UUID, str] | None:
    """The bulletin of an area and period that came last, and the level of its money."""
    row = await raw.fetchrow(_LATEST, area, known.kind.value, start)
    return None if row is None else (row["id"], row["level"])


async def policy_of(parameters: Parameters, known: Known, level: str, area: int, on: date) -> Policy:
    """The policy numbers a kind is measured by, as they stood on a day; None where policy has stated none."""
    values: dict[str, Fraction | None] = {}
    for name in known.parameters:
        try:
            values[name] = Fraction(await parameters.get(name.format(level=level), area, on))
        except Unknown:
            values[name] = None
    return values


def _packed(cell: Cell) -> dict[str, Any]:
    return {
        "text": cell.print.text,
        "value": str(cell.print.value),
        "places": cell.print.places,
        "scale": str(cell.scale),
        "column": cell.column,
        "heading": cell.heading,
        "soft": cell.soft,
    }


def _unpacked(packed: dict[str, Any]) -> Cell:
    figure = Figure(packed["text"], Fraction(packed["value"]), packed["places"])
    return Cell(figure, Fraction(packed["scale"]), packed["column"], packed["heading"], packed["soft"])
