"""Hand-over (移交): one list signed by both sides, then an entry in the new owner's books (§7.6)."""

from datetime import date
from typing import Any

from pydantic import Field

from services.assets.commands.rights import owners_of
from services.assets.commands.standing import asset_of, editable, standing, status_changed
from services.assets.domain.rights import HandoverFacts, book_entry_made, right_confirmed, value_final
from services.assets.tables.register import AssetHandover
from services.assets.workflows.handover import HANDOVER
from services.assets.workflows.right import RIGHT
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Context, Write
from shared.contracts.assets import AssetHandedOver
from shared.contracts.parts import DocumentNo
from shared.kernel.money import split


class HandOver(Form):
    """The list (移交清单) that both sides sign."""

    list_no: DocumentNo


class BookEntry(Form):
    """The entry in the state-asset or collective-asset books (入账凭证)."""

    entry_no: str = Field(max_length=50)
    booked_on: date


async def _facts(tx: Write, case: CaseRow, form: Any, _ctx: Context) -> HandoverFacts:
    asset = await editable(tx, case.subject_id)
    handed_over = await tx.session.get(AssetHandover, case.subject_id)
    entry = form if isinstance(form, BookEntry) else None
    return HandoverFacts(
        right=await standing(tx, RIGHT, case.subject_id),
        is_provisional=asset.is_provisional,
        handed_over_on=handed_over.handed_over_on if handed_over else None,
        entry_no=entry.entry_no if entry else "",
        booked_on=entry.booked_on if entry else None,
    )


async def _hand_over(tx: Write, case: CaseRow, form: HandOver, ctx: Context) -> None:
    asset = await asset_of(tx, case.subject_id)
    tx.session.add(
        AssetHandover(
            asset_id=asset.id,
            list_no=form.list_no,
            value_fen=asset.value_fen,
            handed_over_on=ctx.today,
            area_code=asset.area_code,
        ),
    )
    owners = await owners_of(tx, asset.id)
    values = split(asset.value_fen, [owner.share_ppm for owner in owners])
    for owner, value in zip(owners, values, strict=True):
        tx.emit(
            AssetHandedOver(
                area_code=case.area,
                asset_id=asset.id,
                to_owner=owner,
                value=value,
                handed_over_on=ctx.today,
            ),
        )


async def _book(tx: Write, case: CaseRow, form: BookEntry, ctx: Context) -> None:
    handed_over = await tx.session.get(AssetHandover, case.subject_id)
    assert handed_over is not None
    handed_over.book_entry_no, handed_over.booked_on = form.entry_no, form.booked_on
    await _changed(tx, case, form, ctx)


async def _changed(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    tx.emit(await status_changed(tx, case, ctx, "transfer_state"))


HANDOVER_BINDING = Binding(
    HANDOVER,
    "handovers",
    guards={"right_confirmed": right_confirmed, "value_final": value_final, "book_entry_made": book_entry_made},
    facts=_facts,
    steps={
        "hand_over": StepBinding(HandOver, _hand_over),
        "book": StepBinding(BookEntry, _book),
        "waive": StepBinding(perform=_changed),
    },
)
