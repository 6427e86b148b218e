"""Imports (文件导入): a file is received and kept in parts in one command, then taken part by part, one command each."""

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from pydantic import Field, InstanceOf, model_validator

from services.monitoring.bulk import batches, import_department, parts, register
from services.monitoring.bulk.batches import Batch, Merged
from services.monitoring.bulk.import_reports import ImportReport, report
from services.monitoring.bulk.intake import match_waiting, take_in
from services.monitoring.bulk.parts import SealedPart
from services.monitoring.bulk.reading import Reading, Ready, read_part, reading_of, room_of
from services.monitoring.commands.clues import announce, feedback_due
from services.monitoring.commands.risks import open_risks
from services.monitoring.domain.exchanges import EXCHANGES, REGISTER, Exchange
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.wire import Area
from shared.kernel.errors import not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.sheets.columns import columns_of
from shared.sheets.files import Table, open_table
from shared.workflow.desks import BUREAU, SECTOR, TOWNSHIP


class ReceiveFile(Command):
    """A file as it was uploaded; its SHA-256 is what the command is known by, the bytes stay out of journal and keys."""

    area_code: Area
    sha256: str = ""
    content: bytes = Field(exclude=True, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _known_by_content(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {**given, "sha256": hashlib.sha256(given["content"]).hexdigest()}


class ReceiveRegister(ReceiveFile):
    """Receive a register of households (农户花名册)."""

    ROLES: ClassVar[frozenset[Role]] = TOWNSHIP | BUREAU


class ReceiveDepartmentFile(ReceiveFile):
    """Receive a file of a department (部门数据推送)."""

    ROLES: ClassVar[frozenset[Role]] = SECTOR | BUREAU

    department: str = Field(max_length=64)
    item: str = Field(max_length=64)


class MergeImport(Command):
    """Take the next part of an import; `after_row` is where it stood when this was asked.

    Whoever takes a whole import reads the parts ahead and hands them over; else the command reads its part by itself.
    """

    ROLES: ClassVar[frozenset[Role]] = SECTOR | TOWNSHIP | BUREAU

    import_id: UUID
    after_row: int
    ready: InstanceOf[Ready] | None = Field(default=None, exclude=True, repr=False)


async def receive_register(tx: Write, command: ReceiveRegister, ctx: Context) -> ImportReport:
    """Receive a register."""
    return await _receive(tx, command, ctx, REGISTER)


async def receive_department_file(tx: Write, command: ReceiveDepartmentFile, ctx: Context) -> ImportReport:
    """Receive a department's file; raises NotFound for an item that has no declared exchange."""
    exchange = EXCHANGES.get(f"{command.department}.{command.item}")
    if exchange is None:
        raise not_found("数据交换项", "exchange")
    return await _receive(tx, command, ctx, exchange)


async def merge_import(tx: Write, command: MergeImport, ctx: Context) -> ImportReport:
    """Take one part; does nothing when somebody else has taken it in the meantime."""
    batch = await batches.locked(tx.raw, command.import_id)
    if batch is None or not ctx.actor.may(command.ROLES, batch.area):
        raise not_found("导入批次", "import")
    if not batch.is_done and batch.last_row == command.after_row:
        ready = command.ready or await _next(tx, ctx, await reading_of(tx.raw, ctx.keys, batch), batch)
        batch = await _take(tx, ctx, batch, ready)
    return await report(tx.raw, batch)


async def _receive(tx: Write, command: ReceiveFile, ctx: Context, exchange: Exchange) -> ImportReport:
    """Keep a file; the same bytes again give the batch that they made before. A dry run takes it to its end."""
    sha256 = bytes.fromhex(command.sha256)
    known = await batches.by_content(tx.raw, exchange.name, command.area_code, sha256)
    if known is not None:
        return await report(tx.raw, known)
    table = await asyncio.to_thread(open_table, command.content)
    columns_of(exchange.columns, table.headings)
    draft = Batch(new_id(), command.area_code, exchange.name, table.form, "RECEIVED", ctx.now)
    batch = await batches.open_batch(tx.raw, draft, sha256, ctx.actor.id)
    if batch is None:
        known = await batches.by_content(tx.raw, exchange.name, command.area_code, sha256)
        assert known is not None
        return await report(tx.raw, known)
    batch = await batches.note_received(tx.raw, batch, await _keep(tx, ctx, batch, table, room_of(exchange).PART))
    tx.changed("import", batch.id, batch.area)
    if ctx.dry_run:
        reading = await reading_of(tx.raw, ctx.keys, batch)
        while not batch.is_done:
            batch = await _take(tx, ctx, batch, await _next(tx, ctx, reading, batch))
    return await report(tx.raw, batch)


async def _keep(tx: Write, ctx: Context, batch: Batch, table: Table, size: int) -> int:
    """Keep the parts, and tell how many filled rows they have. While one is cut, the one before it is sealed."""
    cut, total = parts.cut(table, size), 0
    sealing: asyncio.Task[SealedPart] | None = None
    try:
        while part := await asyncio.to_thread(next, cut, None):
            before, sealing = sealing, asyncio.create_task(asyncio.to_thread(parts.sealed, ctx.keys, batch.id, part))
            total += part.piece.filled
            if before is not None:
                await parts.keep(tx.raw, batch, await before)
    finally:
        if sealing is not None:
            await asyncio.wait([sealing])
    if sealing is not None:
        await parts.keep(tx.raw, batch, await sealing)
    return total


async def _next(tx: Write, ctx: Context, reading: Reading, batch: Batch) -> Ready:
    part = await parts.part_after(tx.raw, batch.id, batch.last_row)
    assert part is not None, "an unfinished import has parts left"
    return await asyncio.to_thread(read_part, ctx.keys, reading, part)


async def _take(tx: Write, ctx: Context, batch: Batch, ready: Ready) -> Batch:
    """Stage, check and store the rows of one part, all in this transaction."""
    tx.changed("import", batch.id, batch.area)
    room = room_of(EXCHANGES[batch.exchange])
    merged = Merged(ready.rows, ready.last_row, refused=list(ready.refused))
    if ready.staged:
        await room.stage(tx.raw, ready.staged)
        await (_take_members if room is register else _take_spending)(tx, ctx, batch, merged, ready)
        await room.clear(tx.raw, batch)
    return await batches.note_merged(tx.raw, batch, merged, ctx.now)


async def _take_members(tx: Write, ctx: Context, batch: Batch, merged: Merged, ready: Ready) -> None:
    await register.check_set(tx.raw, batch, merged)
    done = await register.register_households(tx.raw, batch, merged, ctx.today)
    for household_id, area in done.households.items():
        tx.changed("household", household_id, area)
    intake = await open_risks(tx, ctx, await match_waiting(tx.raw, done.members), batch.area)
    merged.risks = len(intake.opened)


async def _take_spending(tx: Write, ctx: Context, batch: Batch, merged: Merged, ready: Ready) -> None:
    exchange = EXCHANGES[batch.exchange]
    await import_department.store(tx.raw, batch, exchange, ready.staged, merged)
    clues = await import_department.clues_of(tx.raw, ctx.keys, batch, exchange, ready.staged)
    due_on = await feedback_due(tx, ctx, batch.area)
    taken = await take_in(tx.raw, clues, ctx.today, due_on)
    announce(tx, ctx, taken, due_on)
    intake = await open_risks(tx, ctx, [clue.id for clue in taken], batch.area)
    merged.clues, merged.risks = sum(clue.is_new for clue in taken), len(intake.opened)


HANDLERS: Mapping[type[Command], Handler] = {
    ReceiveRegister: receive_register,
    ReceiveDepartmentFile: receive_department_file,
    MergeImport: merge_import,
}
