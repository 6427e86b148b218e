"""What is told of an import: how far it is, and which rows were refused and why."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from services.monitoring.bulk.batches import Batch
from services.monitoring.domain.faults import WORDS
from shared.contracts.wire import Area, Instant

SHOWN = 100
"""Refused rows in a report; the others are listed page by page."""

_REFUSALS = """
SELECT row_no, field, code, rule FROM import_refusal WHERE batch_id = $1 ORDER BY row_no, field, code LIMIT $2"""


class RowRefused(BaseModel):
    """Why a row was refused: its number in the file (headings are row 1), the column, the rule; never the value."""

    row: int
    field: str
    code: str
    rule: str
    zh: str
    en: str


class ImportReport(BaseModel):
    """How far an import is: `done` of `total` rows are gone through; `unchanged` rows were known before."""

    id: UUID
    exchange: str
    area_code: Area
    status: str
    total: int
    done: int
    taken: int
    unchanged: int
    refused: int
    clues: int
    risks: int
    last_row: int
    received_at: Instant
    refusals: list[RowRefused]


async def report(raw: asyncpg.Connection, batch: Batch) -> ImportReport:
    """The batch as it is told."""
    refusals = await raw.fetch(_REFUSALS, batch.id, SHOWN)
    return reported(batch, [row_refused(dict(row)) for row in refusals])


def reported(batch: Batch, refusals: list[RowRefused]) -> ImportReport:
    """A report of a batch with these refusals."""
    return ImportReport(
        id=batch.id,
        exchange=batch.exchange,
        area_code=batch.area,
        status=batch.status,
        total=batch.total,
        done=batch.done,
        taken=batch.done - batch.refused,
        unchanged=batch.unchanged,
        refused=batch.refused,
        clues=batch.clues,
        risks=batch.risks,
        last_row=batch.last_row,
        received_at=batch.received_at,
        refusals=refusals,
    )


def row_refused(row: Mapping[str, Any]) -> RowRefused:
    """A stored refusal with its words."""
    words = WORDS[row["code"]]
    return RowRefused(
        row=row["row_no"], field=row["field"], code=row["code"], rule=row["rule"], zh=words.zh, en=words.en
    )
