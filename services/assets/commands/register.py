"""Writing the register (资产登记): new assets with their codes and cases, and the value and sources they get."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from services.assets.bulk.formation import SourceRow, replace_owners, replace_sources, take_numbers
from services.assets.commands.custody import CUSTODY_BINDING
from services.assets.commands.rights import RIGHT_BINDING, owner_rows
from services.assets.commands.standing import refuse
from services.assets.commands.uses import USE_BINDING
from services.assets.domain.classification import asset_code, code_prefix, legal_pair
from services.assets.domain.formation import Source, source_amounts, source_shares
from services.assets.domain.rights import not_disposed
from services.assets.tables.register import Asset, AssetOwner
from shared.cases.advance import open_case
from shared.commands.command import Context, Write
from shared.contracts.assets import AssetRegistered, AssetValued, SourceShare
from shared.contracts.parts import AssetDraft, OwnerShare
from shared.kernel.areas import AreaCode
from shared.kernel.money import Fen

PROJECT = "project"
"""Origin (来源) of assets that a project of the library formed."""


@dataclass(frozen=True, slots=True)
class Formation:
    """What the assets of one project have in common."""

    project_id: UUID
    in_service_on: date
    owners: tuple[OwnerShare, ...]
    is_provisional: bool


async def assets_of_project(tx: Write, project_id: UUID) -> list[Asset]:
    """The project's assets in the order of its list, locked; raises Refused when one is disposed of."""
    query = select(Asset).where(Asset.project_id == project_id).order_by(Asset.list_line).with_for_update()
    assets = list(await tx.session.scalars(query))
    refuse(*(not_disposed(asset.disposed_on) for asset in assets))
    return assets


async def register(
    tx: Write,
    ctx: Context,
    formation: Formation,
    drafts: Sequence[AssetDraft],
    values: Sequence[Fen],
) -> list[Asset]:
    """Enter new assets with their planned owners, and open right, custody and use of each."""
    if not drafts:
        return []
    refuse(*(legal_pair(draft.asset_class, draft.form, f"/asset_list/{draft.line}") for draft in drafts))
    year = formation.in_service_on.year
    prefixes = [code_prefix(draft.village, draft.asset_class, year) for draft in drafts]
    counts = Counter(prefixes)
    numbers = {
        prefix: last - counts[prefix]
        for prefix, last in (await take_numbers(tx.raw, dict(sorted(counts.items())))).items()
    }
    assets = []
    for draft, value, prefix in zip(drafts, values, prefixes, strict=True):
        numbers[prefix] += 1
        code = asset_code(prefix, numbers[prefix])
        assets.append(_asset(ctx.id_for(f"asset:{draft.line}"), code, formation, draft, value))
    tx.session.add_all(assets)
    await tx.session.flush()
    await set_owners(tx, assets, formation.owners)
    for asset in assets:
        for binding in (RIGHT_BINDING, CUSTODY_BINDING, USE_BINDING):
            await open_case(tx, ctx, binding, asset.id, AreaCode(asset.area_code))
    return assets


def _asset(asset_id: UUID, code: str, formation: Formation, draft: AssetDraft, value: Fen) -> Asset:
    return Asset(
        id=asset_id,
        area_code=int(draft.village),
        code=code,
        name=draft.label,
        asset_class=draft.asset_class,
        form=draft.form,
        catalogue=draft.catalogue,
        quantity=Decimal(draft.quantity),
        unit=draft.unit,
        origin=PROJECT,
        project_id=formation.project_id,
        list_line=draft.line,
        direct_cost_fen=draft.direct_cost,
        value_fen=value,
        is_provisional=formation.is_provisional,
        in_service_on=formation.in_service_on,
    )


async def set_owners(tx: Write, assets: Sequence[Asset], owners: Sequence[OwnerShare]) -> None:
    """Plan `owners` for those of `assets` that have none yet; what people proposed stays."""
    owned = set(await tx.session.scalars(select(AssetOwner.asset_id).where(AssetOwner.asset_id.in_(_ids(assets)))))
    bare = [asset for asset in assets if asset.id not in owned]
    if owners and bare:
        rows = [row for asset in bare for row in owner_rows(asset.id, asset.area_code, owners)]
        await replace_owners(tx.raw, _ids(bare), rows)


def _ids(assets: Sequence[Asset]) -> list[UUID]:
    return [asset.id for asset in assets]


@dataclass(frozen=True, slots=True)
class Valuation:
    """A valuation (定值): the document it rests on, its day, and what each source bears of all assets together."""

    valued_on: date
    document: str
    sources: Sequence[Source]


async def put_values(
    tx: Write,
    valuation: Valuation,
    assets: Sequence[Asset],
    values: Sequence[Fen],
) -> dict[UUID, tuple[SourceShare, ...]]:
    """Give the assets final values and their sources; each asset has the shares of the whole (scenarios 69, 70)."""
    for asset, value in zip(assets, values, strict=True):
        asset.value_fen, asset.is_provisional = value, False
        asset.valued_on, asset.valuation_document = valuation.valued_on, valuation.document
    await tx.session.flush()
    borne = [source.amount for source in valuation.sources]
    shares, rows = source_shares(borne), source_amounts(values, borne)
    by_asset = {
        asset.id: tuple(
            SourceShare(
                indicator_id=source.indicator_id,
                document_no=source.document_no,
                level=source.level,
                category=source.category,
                amount=amount,
                share_ppm=share,
            )
            for source, amount, share in zip(valuation.sources, amounts, shares, strict=True)
        )
        for asset, amounts in zip(assets, rows, strict=True)
    }
    await replace_sources(tx.raw, list(by_asset), [row for asset in assets for row in _rows(asset, by_asset[asset.id])])
    return by_asset


def _rows(asset: Asset, sources: Sequence[SourceShare]) -> list[SourceRow]:
    return [
        SourceRow(
            asset.id,
            no,
            source.indicator_id,
            source.document_no,
            source.level,
            source.category,
            source.amount,
            source.share_ppm,
            asset.area_code,
        )
        for no, source in enumerate(sources, 1)
    ]


def tell_registered(tx: Write, ctx: Context, assets: Sequence[Asset]) -> None:
    """Emit that `assets` stand in the register."""
    for asset in assets:
        tx.emit(
            AssetRegistered(
                area_code=AreaCode(asset.area_code),
                asset_id=asset.id,
                project_id=asset.project_id,
                value=asset.value_fen,
                provisional=asset.is_provisional,
                origin=asset.origin,
                asset_class=asset.asset_class,
                form=asset.form,
                registered_on=ctx.today,
            ),
        )


def tell_valued(
    tx: Write,
    assets: Sequence[Asset],
    sources: dict[UUID, tuple[SourceShare, ...]],
    valued_on: date,
) -> None:
    """Emit the final value and the source shares of `assets`."""
    for asset in assets:
        tx.emit(
            AssetValued(
                area_code=AreaCode(asset.area_code),
                asset_id=asset.id,
                project_id=asset.project_id,
                value=asset.value_fen,
                provisional=False,
                sources=sources[asset.id],
                valued_on=valued_on,
            ),
        )
        tx.changed("asset", asset.id, asset.area_code)
