"""Custody (管护): one body at a time with a responsible person, a phone and money (§7.7). Name and phone are sealed."""

from typing import Any, Literal

from pydantic import Field
from sqlalchemy import select

from services.assets.commands.standing import asset_of, status_changed
from services.assets.domain.classification import AssetClass
from services.assets.domain.rights import CustodyFacts, asset_disposed, custody_complete
from services.assets.tables.register import AssetCustody
from services.assets.workflows.custody import CUSTODY
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Context, Write
from shared.contracts.parts import Label
from shared.contracts.wire import Yuan
from shared.kernel.ids import new_id
from shared.vault.seal import seal

_CYCLE_MONTHS = {AssetClass.OPERATING: 1, AssetClass.PUBLIC_WELFARE: 3, AssetClass.HOUSEHOLD: 12}
"""How often an asset is inspected where the agreement does not say more (inferred)."""


class Custody(Form):
    """The custody agreement (管护协议): who keeps the asset, and with whose money."""

    custody_kind: Literal["operator", "village", "public_post", "volunteer", "company", "household"]
    body: Label
    person: str = Field(max_length=50)
    phone: str = Field(max_length=20)
    money_source: str = Field(max_length=80)
    standard: Yuan = Field(default=0, ge=0)
    cycle_months: int | None = Field(default=None, ge=1, le=12)


async def _facts(tx: Write, case: CaseRow, form: Any, _ctx: Context) -> CustodyFacts:
    asset = await asset_of(tx, case.subject_id)
    given = form if isinstance(form, Custody) else None
    return CustodyFacts(
        body=given.body if given else "",
        person=given.person if given else "",
        phone=given.phone if given else "",
        money_source=given.money_source if given else "",
        is_disposed=asset.disposed_on is not None,
    )


async def _end_present(tx: Write, case: CaseRow, ctx: Context) -> None:
    query = select(AssetCustody).where(AssetCustody.asset_id == case.subject_id, AssetCustody.ended_on.is_(None))
    present = await tx.session.scalar(query.with_for_update())
    if present is not None:
        present.ended_on = ctx.today
        await tx.session.flush()  # the next custodian is inserted only when this one has ended


async def _assign(tx: Write, case: CaseRow, form: Custody, ctx: Context) -> None:
    await _end_present(tx, case, ctx)
    asset = await asset_of(tx, case.subject_id)
    custody_id = new_id()
    tx.session.add(
        AssetCustody(
            id=custody_id,
            asset_id=asset.id,
            custody_kind=form.custody_kind,
            body=form.body,
            person_sealed=seal(ctx.keys, "asset_custody.person", custody_id, form.person),
            phone_sealed=seal(ctx.keys, "asset_custody.phone", custody_id, form.phone),
            money_source=form.money_source,
            standard_fen=form.standard,
            cycle_months=form.cycle_months or _CYCLE_MONTHS[AssetClass(asset.asset_class)],
            assigned_on=ctx.today,
            area_code=asset.area_code,
        ),
    )
    tx.emit(await status_changed(tx, case, ctx, "custody_state"))


async def _lapse(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    await _end_present(tx, case, ctx)
    tx.emit(await status_changed(tx, case, ctx, "custody_state"))


async def _end(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    await _end_present(tx, case, ctx)


CUSTODY_BINDING = Binding(
    CUSTODY,
    "custodies",
    guards={"custody_complete": custody_complete, "asset_disposed": asset_disposed},
    facts=_facts,
    steps={
        "assign": StepBinding(Custody, _assign),
        "lapse": StepBinding(perform=_lapse),
        "end": StepBinding(perform=_end),
    },
)
