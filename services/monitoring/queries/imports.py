"""Reads of imports: progress, refused rows, and the refused rows written back into a copy of the file."""

import asyncio
from collections import defaultdict
from uuid import UUID

from sqlalchemy import select

from services.monitoring.bulk import batches, parts
from services.monitoring.bulk.batches import Batch
from services.monitoring.bulk.import_reports import ImportReport, RowRefused, report, reported, row_refused
from services.monitoring.tables.imports import BatchRow, RefusalRow
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.actors import Actor
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found
from shared.sheets.refused import refused_copy
from shared.vault.keys import KeyRing
from shared.workflow.desks import BUREAU

__all__ = ("ImportReport", "RowRefused", "copy_with_refusals", "import_report", "imports", "refusals")

_RECEIVER = "SELECT received_by FROM import_batch WHERE id = $1"


async def import_report(session: ReadSession, import_id: UUID) -> ImportReport:
    """How far an import is; raises NotFound."""
    return await report(session.raw, await _batch(session, import_id))


async def imports(session: ReadSession, page: PageRequest, area: AreaCode) -> Page[ImportReport]:
    """The imports of an area, the newest first, without their refused rows."""
    statement = select(BatchRow).where(BatchRow.area_code == int(area))
    return await fetch_page(session, statement, (BatchRow.id,), page, _listed, descending=True)


async def refusals(session: ReadSession, page: PageRequest, import_id: UUID) -> Page[RowRefused]:
    """The refused rows of an import, in the order of the file; raises NotFound."""
    await _batch(session, import_id)
    statement = select(RefusalRow).where(RefusalRow.batch_id == import_id)
    return await fetch_page(session, statement, (RefusalRow.row_no, RefusalRow.field, RefusalRow.code), page, _refused)


async def copy_with_refusals(
    session: ReadSession,
    ring: KeyRing,
    actor: Actor,
    import_id: UUID,
    form: str,
    *,
    every_row: bool,
) -> bytes:
    """The file with a column of reasons: its refused rows, or all. Raises NotFound for anybody but who sent it and the
    county's office, for the rows name persons.
    """
    batch = await _batch(session, import_id)
    if await session.raw.fetchval(_RECEIVER, import_id) != actor.id and not actor.may(BUREAU, batch.area):
        raise not_found("导入批次", "import")
    reasons: dict[int, list[str]] = defaultdict(list)
    statement = select(RefusalRow).where(RefusalRow.batch_id == import_id).order_by(RefusalRow.row_no, RefusalRow.field)
    for row in await session.session.scalars(statement):
        told = _words(row)
        reasons[row.row_no].append(f"{told.field}：{told.zh}（{told.rule}）")
    headings = await parts.headings_of(session.raw, ring, import_id)
    sealed = await parts.parts_with(session.raw, import_id, None if every_row else reasons)

    def written() -> bytes:
        lines = (line for part in sealed for line in parts.opened(ring, import_id, part) if any(line[1]))
        wanted = lines if every_row else (line for line in lines if line[0] in reasons)
        return refused_copy([headings], wanted, {row: "；".join(each) for row, each in reasons.items()}, form)

    return await asyncio.to_thread(written)


async def _batch(session: ReadSession, import_id: UUID) -> Batch:
    batch = await batches.found(session.raw, import_id)
    if batch is None:
        raise not_found("导入批次", "import")
    return batch


def _listed(row: AnyRow) -> ImportReport:
    found: BatchRow = row.BatchRow
    names = ("id", "exchange", "form", "status", "total", "received_at", "done", "last_row", "unchanged")
    counts = ("refused", "clues", "risks")
    batch = Batch(area=AreaCode(found.area_code), **{name: getattr(found, name) for name in (*names, *counts)})
    return reported(batch, [])


def _refused(row: AnyRow) -> RowRefused:
    return _words(row.RefusalRow)


def _words(row: RefusalRow) -> RowRefused:
    return row_refused({"row_no": row.row_no, "field": row.field, "code": row.code, "rule": row.rule})
