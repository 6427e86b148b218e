"""Formation (资产形成): a project accepted gives provisional assets, settled gives their final value and source shares."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select

from services.assets.commands.handovers import HANDOVER_BINDING
from services.assets.commands.projects import project_of
from services.assets.commands.register import (
    Formation,
    Valuation,
    assets_of_project,
    put_values,
    register,
    set_owners,
    tell_registered,
    tell_valued,
)
from services.assets.commands.standing import refuse, states
from services.assets.domain import formation
from services.assets.domain.classification import AssetClass
from services.assets.domain.formation import Source
from services.assets.tables.ref import RefProject
from services.assets.tables.register import Asset, AssetSource
from services.assets.workflows.handover import HANDOVER
from shared.cases.advance import open_case
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import AssetClass as ClassCode
from shared.contracts.parts import AssetDraft, DocumentNo, OwnerShare, SourceAmount
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Violation
from shared.kernel.money import split
from shared.kernel.roles import Role

SYSTEM_ONLY = frozenset({Role.SYSTEM})


class FormAssets(Command):
    """What acceptance and settlement tell alike."""

    ROLES: ClassVar[frozenset[Role]] = SYSTEM_ONLY

    project_id: UUID
    area_code: Area
    asset_forming: bool
    asset_class: ClassCode | None
    owners: tuple[OwnerShare, ...]
    asset_list: tuple[AssetDraft, ...]


class RegisterProvisionalAssets(FormAssets):
    """Register the assets of an accepted project (暂估入账) at the provisional value of its list."""

    accepted_on: date
    provisional_value: Yuan


class ValueAssets(FormAssets):
    """Give the assets of a settled project (结算定值) their final value: settlement with retention, and indirect costs."""

    settled_on: date
    settlement: Yuan
    retention: Yuan
    indirect: Yuan
    sources: tuple[SourceAmount, ...]
    approval_document: DocumentNo


class AdjustValues(Command):
    """Change the values of a project's assets after an audit (结算调整), each source by what it bears."""

    ROLES: ClassVar[frozenset[Role]] = SYSTEM_ONLY

    project_id: UUID
    area_code: Area
    adjusted_on: date
    settlement: Yuan
    sources: tuple[SourceAmount, ...]
    approval_document: DocumentNo


class ProjectAssets(BaseModel):
    """The assets a project has now."""

    project_id: UUID
    asset_ids: tuple[UUID, ...]


async def register_provisional(tx: Write, command: RegisterProvisionalAssets, ctx: Context) -> ProjectAssets:
    """Register what the list names and is not registered yet; a project told twice has one set (scenario 72)."""
    project = await _told(tx, command)
    project.accepted_on = command.accepted_on
    present = await assets_of_project(tx, command.project_id)
    if present or not command.asset_forming:
        return _answer(command.project_id, present)
    drafts = command.asset_list or (_whole(project, command, command.provisional_value),)
    values = formation.provisional_values(command.provisional_value, [draft.direct_cost for draft in drafts])
    shared = Formation(command.project_id, command.accepted_on, command.owners, is_provisional=True)
    assets = await register(tx, ctx, shared, drafts, values)
    tell_registered(tx, ctx, assets)
    return _answer(command.project_id, assets)


async def value_assets(tx: Write, command: ValueAssets, ctx: Context) -> ProjectAssets:
    """Set final values and shares; assets that the settled list adds are registered with them."""
    project = await _told(tx, command)
    project.settled_on, project.settlement_fen = command.settled_on, command.settlement
    project.indirect_fen, project.retention_fen = command.indirect, command.retention
    if not command.asset_forming:
        return _answer(command.project_id, [])
    present = {asset.list_line: asset for asset in await assets_of_project(tx, command.project_id)}
    drafts = command.asset_list or [_draft(asset) for asset in present.values()]
    drafts = drafts or [_whole(project, command, command.settlement)]
    listed = [draft.direct_cost for draft in command.asset_list]
    refuse(formation.list_makes_settlement(command.settlement, listed), _none_missing(present, drafts))
    direct = [draft.direct_cost for draft in drafts]
    values = formation.final_values(command.settlement, command.indirect, direct)
    assets, added = await _entered(tx, ctx, command, project, present, drafts)
    valuation = Valuation(command.settled_on, command.approval_document, _sources(command.sources))
    sources = await put_values(tx, valuation, assets, values)
    await set_owners(tx, assets, command.owners)
    tell_registered(tx, ctx, added)
    tell_valued(tx, assets, sources, command.settled_on)
    await _open_handovers(tx, ctx, assets)
    return _answer(command.project_id, assets)


async def _entered(
    tx: Write,
    ctx: Context,
    command: ValueAssets,
    project: RefProject,
    present: Mapping[int | None, Asset],
    drafts: Sequence[AssetDraft],
) -> tuple[list[Asset], list[Asset]]:
    """The assets of `drafts` in their order, and those of them that are new."""
    accepted_on = project.accepted_on or command.settled_on
    shared = Formation(command.project_id, accepted_on, command.owners, is_provisional=False)
    new = [draft for draft in drafts if draft.line not in present]
    added = await register(tx, ctx, shared, new, [0] * len(new))
    by_line = {**present, **{asset.list_line: asset for asset in added}}
    for draft in drafts:
        by_line[draft.line].direct_cost_fen = draft.direct_cost
    return [by_line[draft.line] for draft in drafts], added


async def adjust_values(tx: Write, command: AdjustValues, _ctx: Context) -> ProjectAssets:
    """Cut or raise the sources, then the values in proportion to what they were."""
    assets = await assets_of_project(tx, command.project_id)
    if not assets:
        return _answer(command.project_id, [])
    project = await project_of(tx, command.project_id, command.area_code)
    project.settlement_fen = command.settlement
    present = await _present_sources(tx, [asset.id for asset in assets])
    sources = formation.adjusted_sources(present, _sources(command.sources))
    values = split(sum(source.amount for source in sources), [asset.value_fen for asset in assets])
    valuation = Valuation(command.adjusted_on, command.approval_document, sources)
    told = await put_values(tx, valuation, assets, values)
    tell_valued(tx, assets, told, command.adjusted_on)
    return _answer(command.project_id, assets)


async def _present_sources(tx: Write, assets: Sequence[UUID]) -> list[Source]:
    query = (
        select(
            AssetSource.indicator_id,
            func.min(AssetSource.document_no),
            func.min(AssetSource.level),
            func.min(AssetSource.category),
            func.sum(AssetSource.amount_fen),
        )
        .where(AssetSource.asset_id.in_(assets))
        .group_by(AssetSource.indicator_id)
        .order_by(func.min(AssetSource.line_no))
    )
    return [
        Source(indicator, document, level, category, int(amount))
        for indicator, document, level, category, amount in await tx.session.execute(query)
    ]


async def _told(tx: Write, command: FormAssets) -> RefProject:
    project = await project_of(tx, command.project_id, command.area_code)
    project.asset_forming = command.asset_forming
    project.asset_class = command.asset_class or project.asset_class
    tx.changed("project", command.project_id, command.area_code)
    return project


async def _open_handovers(tx: Write, ctx: Context, assets: Sequence[Asset]) -> None:
    """The clock of the hand-over begins with the settlement (§7.6)."""
    begun = await states(tx, HANDOVER, [asset.id for asset in assets])
    for asset in assets:
        if asset.id not in begun:
            await open_case(tx, ctx, HANDOVER_BINDING, asset.id, AreaCode(asset.area_code))


def _draft(asset: Asset) -> AssetDraft:
    return AssetDraft(
        line=asset.list_line or 0,
        label=asset.name,
        asset_class=asset.asset_class,
        form=asset.form,
        quantity=f"{asset.quantity.normalize():f}",
        unit=asset.unit,
        direct_cost=asset.direct_cost_fen,
        village=AreaCode(asset.area_code),
    )


def _whole(project: RefProject, command: FormAssets, cost: int) -> AssetDraft:
    """A project without a list is one fixed asset (inferred)."""
    return AssetDraft(
        line=1,
        label=project.title or "项目资产",
        asset_class=command.asset_class or project.asset_class or AssetClass.OPERATING.value,
        form="fixed",
        quantity="1",
        unit="项",
        direct_cost=cost,
        village=command.area_code,
    )


def _none_missing(present: Mapping[int | None, Asset], drafts: Sequence[AssetDraft]) -> Violation | None:
    missing = sorted(line for line in set(present) - {draft.line for draft in drafts} if line is not None)
    if not missing:
        return None
    return Violation(
        "ASSET_LINE_GONE",
        f"结算清单缺少已登记的资产（第 {'、'.join(map(str, missing))} 行）",
        f"the settled list lacks registered assets (lines {', '.join(map(str, missing))})",
        rule="F-7.4",
        field="/asset_list",
        remedy_zh="核对验收清单与结算清单",
        remedy_en="compare the lists of acceptance and settlement",
        facts={"lines": missing},
    )


def _sources(sources: Sequence[SourceAmount]) -> list[Source]:
    return [Source(each.indicator_id, each.document_no, each.level, each.category, each.amount) for each in sources]


def _answer(project_id: UUID, assets: Sequence[Asset]) -> ProjectAssets:
    return ProjectAssets(project_id=project_id, asset_ids=tuple(asset.id for asset in assets))


HANDLERS: Mapping[type[Command], Handler] = {
    RegisterProvisionalAssets: register_provisional,
    ValueAssets: value_assets,
    AdjustValues: adjust_values,
}
