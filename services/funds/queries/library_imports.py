"""Reads of library imports: rows with what became of them, and the file with the reasons written back."""

import asyncio
import zlib
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from services.funds.bulk.library_import import SEALED
from services.funds.domain.library_columns import column_named
from services.funds.tables.library_imports import LibraryImport, LibraryImportRow
from shared.contracts.wire import Yuan
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.errors import not_found
from shared.sheets.files import read_whole
from shared.sheets.headings import find_headings
from shared.sheets.refused import refused_copy
from shared.vault.keys import KeyRing
from shared.vault.seal import unseal_bytes


class LibraryRowShown(BaseModel):
    """What became of a row; its words stay in the file."""

    model_config = ConfigDict(frozen=True)

    row_no: int
    outcome: str
    label: str
    category: str | None
    note: str
    faults: list[dict[str, str]]
    amount: Yuan
    project_id: UUID | None


async def import_rows(
    session: ReadSession, request: PageRequest, import_id: UUID, outcome: str | None
) -> Page[LibraryRowShown]:
    """Rows in the order of the file; raises NotFound."""
    await _found(session, import_id)
    statement = select(LibraryImportRow).where(LibraryImportRow.import_id == import_id)
    if outcome is not None:
        statement = statement.where(LibraryImportRow.outcome == outcome)
    return await fetch_page(session, statement, (LibraryImportRow.row_no,), request, _shown)


async def copy_with_reasons(session: ReadSession, ring: KeyRing, import_id: UUID) -> tuple[str, bytes]:
    """The form and a copy of the rows that were not taken, with number and reason in front; raises NotFound."""
    row = await _found(session, import_id)
    asked = select(LibraryImportRow).where(LibraryImportRow.import_id == import_id, LibraryImportRow.outcome != "taken")
    reasons = {each.row_no: _reason(each) for each in await session.session.scalars(asked)}
    packed = unseal_bytes(ring, SEALED, row.id, row.content_sealed)

    def written() -> bytes:
        _, rows = read_whole(zlib.decompress(packed))
        headings = find_headings(rows, column_named, 1)
        above = rows[: headings.first_data_row] if headings else []
        lines = ((number, cells) for number, cells in enumerate(rows, 1) if number in reasons)
        return refused_copy(above, lines, reasons, row.form)

    return row.form, await asyncio.to_thread(written)


async def _found(session: ReadSession, import_id: UUID) -> LibraryImport:
    row = await session.session.get(LibraryImport, import_id)
    if row is None:
        raise not_found("导入批次", "import")
    return row


def _reason(row: LibraryImportRow) -> str:
    if row.outcome == "waiting":
        return f"类别“{row.label}”尚未映射"
    return "；".join(fault["zh"] for fault in row.faults)


def _shown(row: AnyRow) -> LibraryRowShown:
    found: LibraryImportRow = row.LibraryImportRow
    names = ("row_no", "outcome", "label", "category", "note", "faults", "project_id")
    return LibraryRowShown(**{name: getattr(found, name) for name in names}, amount=found.amount_fen)
