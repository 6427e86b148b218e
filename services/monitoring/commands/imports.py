"""Imports (文件导入): a file is received, staged and checked in one command, then merged chunk by chunk, one command each."""

import asyncio
import hashlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any, ClassVar
from uuid import UUID

from pydantic import Field, model_validator

from services.monitoring.bulk import batches, import_department, register
from services.monitoring.bulk.batches import Batch, Merged
from services.monitoring.bulk.import_reports import ImportReport, report
from services.monitoring.bulk.intake import match_waiting, take_in
from services.monitoring.commands.clues import announce, feedback_due
from services.monitoring.commands.risks import open_risks
from services.monitoring.domain.exchanges import EXCHANGES, REGISTER, Exchange
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.wire import Area
from shared.kernel.errors import not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, SECTOR, TOWNSHIP

CHUNK = 2000
"""Rows of one merging command: long enough to be quick, short enough not to hold up the numbering of events."""

_COUNT_STAGED = "SELECT count(*) FROM {stage} WHERE batch_id = $1"
_IS_STAGED = "SELECT EXISTS (SELECT FROM {stage} WHERE batch_id = $1)"


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
    """Merge the next rows of an import; `after_row` is where it stood when this was asked."""

    ROLES: ClassVar[frozenset[Role]] = SECTOR | TOWNSHIP | BUREAU

    import_id: UUID
    after_row: int


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
    """Merge one chunk; does nothing when somebody else has merged it in the meantime."""
    batch = await batches.locked(tx.raw, command.import_id)
    if batch is None or not ctx.actor.may(command.ROLES, batch.area):
        raise not_found("导入批次", "import")
    if not batch.is_done and batch.last_row == command.after_row:
        if not await tx.raw.fetchval(_IS_STAGED.format(stage=_room(batch).STAGE), batch.id):
            await _stage_again(tx, ctx, batch)
        batch = await _merge_chunk(tx, ctx, batch)
    return await report(tx.raw, batch)


async def _receive(tx: Write, command: ReceiveFile, ctx: Context, exchange: Exchange) -> ImportReport:
    """Store, stage and check a file; the same bytes again give the batch that they made before."""
    sha256 = bytes.fromhex(command.sha256)
    known = await batches.by_content(tx.raw, exchange.name, command.area_code, sha256)
    if known is not None:
        return await report(tx.raw, known)
    table, places = await asyncio.to_thread(batches.parse, command.content, exchange)
    draft = Batch(
        id=new_id(),
        area=command.area_code,
        exchange=exchange.name,
        form=table.form,
        status="STAGED",
        total=len(table.lines),
        received_at=ctx.now,
    )
    batch = await batches.open_batch(tx.raw, draft, sha256, ctx.actor.id)
    if batch is None:
        known = await batches.by_content(tx.raw, exchange.name, command.area_code, sha256)
        assert known is not None
        return await report(tx.raw, known)
    read = await asyncio.to_thread(batches.read_rows, table.lines, places, exchange, ctx.now)
    await batches.keep_file(
        tx.raw, batch, await asyncio.to_thread(batches.seal_content, ctx.keys, batch.id, command.content)
    )
    await batches.refuse(tx.raw, batch, read.refused)
    await _stage(tx, ctx, batch, read.good)
    await _check_set(tx, ctx, batch, exchange)
    staged = await tx.raw.fetchval(_COUNT_STAGED.format(stage=_room(batch).STAGE), batch.id)
    batch = await batches.note_staged(tx.raw, batch, staged)
    tx.changed("import", batch.id, batch.area)
    while ctx.dry_run and not batch.is_done:
        batch = await _merge_chunk(tx, ctx, batch)
    return await report(tx.raw, batch)


def _room(batch: Batch) -> ModuleType:
    """The module that stages and merges this kind of file."""
    return register if batch.exchange == REGISTER.name else import_department


async def _stage(tx: Write, ctx: Context, batch: Batch, rows: list[tuple[int, Any]]) -> None:
    room = _room(batch)
    records = await asyncio.to_thread(room.records, ctx.keys, batch.id, rows)
    await tx.raw.copy_records_to_table(room.STAGE, records=records, columns=room.COLUMNS)


async def _check_set(tx: Write, ctx: Context, batch: Batch, exchange: Exchange) -> None:
    if exchange is REGISTER:
        await register.check_set(tx.raw, batch, ctx.today)
    else:
        await import_department.check_set(tx.raw, batch, exchange, ctx.today)


async def _stage_again(tx: Write, ctx: Context, batch: Batch) -> None:
    """A crash of the server empties unlogged tables; the sealed file still has the rows that are not merged."""
    exchange = EXCHANGES[batch.exchange]
    content = batches.unseal_content(ctx.keys, batch.id, await batches.sealed_file(tx.raw, batch.id))
    table, places = await asyncio.to_thread(batches.parse, content, exchange)
    refused = await batches.refused_rows(tx.raw, batch.id)
    waiting = [line for line in table.lines if line[0] > batch.last_row and line[0] not in refused]
    read = await asyncio.to_thread(batches.read_rows, waiting, places, exchange, batch.received_at)
    await _stage(tx, ctx, batch, read.good)


async def _merge_chunk(tx: Write, ctx: Context, batch: Batch) -> Batch:
    tx.changed("import", batch.id, batch.area)
    merged = await (_merge_members if batch.exchange == REGISTER.name else _merge_spending)(tx, ctx, batch)
    assert merged.rows, "an unfinished import has staged rows"
    return await batches.note_merged(tx.raw, batch, merged, ctx.now)


async def _merge_members(tx: Write, ctx: Context, batch: Batch) -> Merged:
    done = await register.register_households(tx.raw, batch, CHUNK, ctx.today)
    for household_id, area in done.households.items():
        tx.changed("household", household_id, area)
    intake = await open_risks(tx, ctx, await match_waiting(tx.raw, done.members), batch.area)
    done.merged.risks = len(intake.opened)
    await register.clear(tx.raw, batch, done.merged.last_row)
    return done.merged


async def _merge_spending(tx: Write, ctx: Context, batch: Batch) -> Merged:
    exchange = EXCHANGES[batch.exchange]
    merged = await import_department.merge(tx.raw, batch, exchange, CHUNK)
    rules = await import_department.rules_in_force(tx.raw, exchange.item, batch.area, ctx.today)
    clues = await import_department.clues_of(tx.raw, batch, exchange, merged.last_row, rules)
    due_on = await feedback_due(tx, ctx, batch.area)
    taken = await take_in(tx.raw, clues, ctx.today, due_on)
    announce(tx, ctx, taken, due_on)
    intake = await open_risks(tx, ctx, [clue.id for clue in taken], batch.area)
    merged.clues, merged.risks = sum(clue.is_new for clue in taken), len(intake.opened)
    await import_department.clear(tx.raw, batch, merged.last_row)
    return merged


HANDLERS: Mapping[type[Command], Handler] = {
    ReceiveRegister: receive_register,
    ReceiveDepartmentFile: receive_department_file,
    MergeImport: merge_import,
}
