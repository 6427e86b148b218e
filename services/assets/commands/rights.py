"""Right (确权): owners are proposed, decided on, published, confirmed; disputes stop everything else (§7.6)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.assets.bulk.formation import OwnerRow, replace_owners
from services.assets.commands.standing import asset_of, status_changed
from services.assets.domain.classification import CLASS_NAMES, AssetClass
from services.assets.domain.rights import RightFacts, asset_disposed, owner_shares_whole, source_shares_whole
from services.assets.tables.register import Asset, AssetOwner, AssetSource
from services.assets.workflows.right import RIGHT
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Context, Write
from shared.contracts.assets import AssetConfirmed
from shared.contracts.parts import Code, DocumentNo, OwnerShare
from shared.contracts.wire import Area
from shared.kernel.areas import AreaCode
from shared.kernel.money import format_yuan


class RightProposal(Form):
    """Who is to own the asset, and who holds the operation right (经营权); without owners the planned ones stand."""

    owners: tuple[OwnerShare, ...] = ()
    operation_holder_kind: Code | None = None
    operation_holder_area: Area | None = None


class RightDocument(Form):
    """The document that confirms the right (确权文件)."""

    document_no: DocumentNo


async def owners_of(tx: Write, asset_id: UUID) -> list[OwnerShare]:
    """The owners as events tell them, in their order."""
    query = (
        select(AssetOwner.owner_kind, AssetOwner.owner_area, AssetOwner.share_ppm, AssetOwner.owner_id)
        .where(AssetOwner.asset_id == asset_id)
        .order_by(AssetOwner.line_no)
    )
    return [
        OwnerShare(owner_kind=kind, owner_area=AreaCode(area), share_ppm=share, owner_id=owner)
        for kind, area, share, owner in await tx.session.execute(query)
    ]


def owner_rows(asset_id: UUID, area: int, owners: Sequence[OwnerShare]) -> list[OwnerRow]:
    """Owners as rows of an asset."""
    return [
        OwnerRow(asset_id, no, owner.owner_kind, int(owner.owner_area), owner.owner_id, owner.share_ppm, area)
        for no, owner in enumerate(owners, 1)
    ]


async def _facts(tx: Write, case: CaseRow, form: Any, _ctx: Context) -> RightFacts:
    asset = await asset_of(tx, case.subject_id)
    proposed = form.owners if isinstance(form, RightProposal) else ()
    owners = proposed or await owners_of(tx, case.subject_id)
    sources = await tx.session.scalars(select(AssetSource.share_ppm).where(AssetSource.asset_id == case.subject_id))
    return RightFacts(
        source_ppm=tuple(sources),
        owner_ppm=tuple(owner.share_ppm for owner in owners),
        is_disposed=asset.disposed_on is not None,
    )


async def _propose(tx: Write, case: CaseRow, form: RightProposal, _ctx: Context) -> None:
    asset = await asset_of(tx, case.subject_id)
    if form.owners:
        await replace_owners(tx.raw, [asset.id], owner_rows(asset.id, asset.area_code, form.owners))
    if form.operation_holder_kind and form.operation_holder_area is not None:
        asset.operation_holder_kind = form.operation_holder_kind
        asset.operation_holder_area = int(form.operation_holder_area)


async def _confirm(tx: Write, case: CaseRow, form: RightDocument, ctx: Context) -> None:
    asset = await asset_of(tx, case.subject_id)
    owners = await owners_of(tx, asset.id)
    asset.confirmed_on, asset.right_document = ctx.today, form.document_no
    _default_holder(asset, owners)
    tx.emit(
        AssetConfirmed(
            area_code=case.area,
            asset_id=asset.id,
            owners=tuple(owners),
            confirmed_on=ctx.today,
            document_no=form.document_no,
        ),
    )


def _default_holder(asset: Asset, owners: Sequence[OwnerShare]) -> None:
    """Where nobody else was named, the owner with the largest share holds the operation right."""
    if asset.operation_holder_kind is None:
        largest = max(owners, key=lambda owner: owner.share_ppm)
        asset.operation_holder_kind, asset.operation_holder_area = largest.owner_kind, int(largest.owner_area)


async def _changed(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    tx.emit(await status_changed(tx, case, ctx, "right_state"))


async def _reopen(tx: Write, case: CaseRow, form: Form, ctx: Context) -> None:
    asset = await asset_of(tx, case.subject_id)
    asset.confirmed_on = None
    await _changed(tx, case, form, ctx)


async def _notice(tx: Write, case: CaseRow, _ctx: Context) -> Mapping[str, Any]:
    asset = await asset_of(tx, case.subject_id)
    return {
        "asset_code": asset.code,
        "name": asset.name,
        "asset_class": CLASS_NAMES[AssetClass(asset.asset_class)],
        "value": format_yuan(asset.value_fen),
        "owners": [owner.model_dump(mode="json", exclude={"owner_id"}) for owner in await owners_of(tx, asset.id)],
    }


RIGHT_BINDING = Binding(
    RIGHT,
    "rights",
    guards={
        "source_shares_whole": source_shares_whole,
        "owner_shares_whole": owner_shares_whole,
        "asset_disposed": asset_disposed,
    },
    facts=_facts,
    notice=_notice,
    steps={
        "propose": StepBinding(RightProposal, _propose),
        "confirm": StepBinding(RightDocument, _confirm),
        "reopen": StepBinding(perform=_reopen),
        "dispute": StepBinding(perform=_changed),
        "dismiss_dispute": StepBinding(perform=_changed),
        "uphold_dispute": StepBinding(perform=_changed),
    },
)
