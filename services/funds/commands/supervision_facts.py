"""Copies of what monitoring tells that early-warning rules need: postings to villages, and small loans by the month."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from services.funds.tables.supervision import MicrocreditMonth, Posting
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import Code, Month
from shared.contracts.wire import Area, Yuan
from shared.kernel.roles import Role
from shared.workflow.desks import SYSTEM


class NotePosting(Command):
    """Note that a member of a resident team came to a village, or left it (驻村人员变动)."""

    ROLES: ClassVar[frozenset[Role]] = SYSTEM

    area_code: Area
    posting_id: UUID
    role: Code
    change: Literal["came", "left"]
    changed_on: date


class NoteMicrocreditMonth(Command):
    """Note a county's small loans at the end of a month (小额信贷月结); a corrected month replaces what was told."""

    ROLES: ClassVar[frozenset[Role]] = SYSTEM

    area_code: Area
    month: Month
    balance: Yuan
    overdue: Yuan


class Noted(BaseModel):
    """The area that the copy is about."""

    area_code: Area


async def note_posting(tx: Write, command: NotePosting, _ctx: Context) -> Noted:
    """A coming begins the posting, a leaving ends it; told twice they stay as they are."""
    if command.change == "came":
        row = {"id": command.posting_id, "area_code": int(command.area_code)}
        values = insert(Posting).values(row | {"role": command.role, "since": command.changed_on})
        await tx.session.execute(values.on_conflict_do_nothing())
    else:
        ended = update(Posting).where(Posting.id == command.posting_id).values(until=command.changed_on)
        await tx.session.execute(ended)
    tx.changed("posting", command.posting_id, command.area_code)
    return Noted(area_code=command.area_code)


async def note_microcredit_month(tx: Write, command: NoteMicrocreditMonth, _ctx: Context) -> Noted:
    """Insert or replace the month."""
    row = {"area_code": int(command.area_code), "month": command.month}
    figures = {"balance_fen": command.balance, "overdue_fen": command.overdue}
    values = insert(MicrocreditMonth).values(row | figures)
    replaced = values.on_conflict_do_update(index_elements=["area_code", "month"], set_=figures)
    await tx.session.execute(replaced)
    return Noted(area_code=command.area_code)


HANDLERS: dict[type[Command], Handler] = {NotePosting: note_posting, NoteMicrocreditMonth: note_microcredit_month}
