"""The register as it is read: the list by key, and one asset with its five states."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import Select, select

from services.assets.queries.shown import Shown, state_of
from services.assets.tables.disposal import AssetDisposal
from services.assets.tables.register import Asset, AssetCustody, AssetHandover, AssetOwner, AssetSource
from services.assets.workflows.custody import CUSTODY
from services.assets.workflows.disposal import DISPOSAL
from services.assets.workflows.handover import HANDOVER
from services.assets.workflows.right import RIGHT
from services.assets.workflows.use import USE
from shared.contracts.wire import Area, OneOf, Yuan
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found

RightState = Annotated[str, OneOf(tuple(RIGHT.by_state))]
"""A state of the right (确权状态)."""


class AssetListed(Shown):
    """One line of the register (资产台账)."""

    id: UUID
    code: str
    name: str
    asset_class: str
    form: str
    area_code: Area
    project_id: UUID | None
    value: Yuan
    is_provisional: bool
    right_state: str | None
    custody_state: str | None
    use_state: str | None
    disposed_on: date | None


class SourceShown(Shown):
    """What one document bears of the asset."""

    indicator_id: UUID
    document_no: str
    level: str
    category: str
    amount: Yuan
    share_ppm: int


class OwnerShown(Shown):
    """One owner and the share."""

    owner_kind: str
    owner_area: Area
    owner_id: UUID | None
    share_ppm: int


class HandoverShown(Shown):
    """The hand-over and its entry in the books."""

    list_no: str
    handed_over_on: date
    book_entry_no: str | None
    booked_on: date | None


class CustodyShown(Shown):
    """Who keeps the asset now; the responsible person stays sealed."""

    custody_kind: str
    body: str
    money_source: str
    standard: Yuan
    cycle_months: int
    assigned_on: date


class AssetShown(AssetListed):
    """One asset; `transfer_state` is empty before the settlement, `disposal_state` while nobody asks for it."""

    catalogue: str | None
    quantity: str
    unit: str
    origin: str
    in_service_on: date
    valued_on: date | None
    valuation_document: str | None
    operation_holder_kind: str | None
    operation_holder_area: Area | None
    confirmed_on: date | None
    right_document: str | None
    transfer_state: str | None
    disposal_state: str | None
    sources: list[SourceShown]
    owners: list[OwnerShown]
    handover: HandoverShown | None
    custody: CustodyShown | None


@dataclass(frozen=True, slots=True)
class AssetFilter:
    """What the list is narrowed to."""

    area: AreaCode | None = None
    asset_class: str | None = None
    project_id: UUID | None = None
    indicator_id: UUID | None = None
    right_state: str | None = None


_in_right, _in_custody, _in_use = (state_of(workflow, Asset.id) for workflow in (RIGHT, CUSTODY, USE))
_LISTED: tuple[Any, ...] = (
    Asset,
    _in_right.label("right_state"),
    _in_custody.label("custody_state"),
    _in_use.label("use_state"),
)


async def list_assets(session: ReadSession, wanted: AssetFilter, page: PageRequest) -> Page[AssetListed]:
    """The assets in the order of their codes."""
    return await fetch_page(session, _filtered(wanted), (Asset.code,), page, _listed)


def _filtered(wanted: AssetFilter) -> Select[Any]:
    query = select(*_LISTED)
    if wanted.area is not None:
        query = query.where(Asset.area_code.between(*wanted.area.span))
    if wanted.asset_class is not None:
        query = query.where(Asset.asset_class == wanted.asset_class)
    if wanted.project_id is not None:
        query = query.where(Asset.project_id == wanted.project_id)
    if wanted.indicator_id is not None:
        bears = select(AssetSource.asset_id).where(AssetSource.indicator_id == wanted.indicator_id)
        query = query.where(Asset.id.in_(bears))
    if wanted.right_state is not None:
        query = query.where(_in_right == wanted.right_state)
    return query


def _listed(row: AnyRow) -> AssetListed:
    states = {name: getattr(row, name) for name in ("right_state", "custody_state", "use_state")}
    return AssetListed(**_fields(row.Asset), **states)


def _fields(asset: Asset) -> dict[str, Any]:
    same = ("id", "code", "name", "asset_class", "form", "project_id", "is_provisional", "disposed_on")
    return {
        **{name: getattr(asset, name) for name in same},
        "area_code": AreaCode(asset.area_code),
        "value": asset.value_fen,
    }


async def show_asset(session: ReadSession, asset_id: UUID) -> AssetShown:
    """One asset; raises NotFound."""
    disposal = (
        select(AssetDisposal.id).where(AssetDisposal.asset_id == asset_id).order_by(AssetDisposal.id.desc()).limit(1)
    )
    query = select(
        Asset,
        _in_right,
        _in_custody,
        _in_use,
        state_of(HANDOVER, Asset.id),
        state_of(DISPOSAL, disposal.scalar_subquery()),
    ).where(Asset.id == asset_id)
    row = (await session.session.execute(query)).one_or_none()
    if row is None:
        raise not_found("资产", "asset")
    asset: Asset = row[0]
    same = ("catalogue", "unit", "origin", "in_service_on", "valued_on", "valuation_document", "confirmed_on")
    holder = asset.operation_holder_area
    return AssetShown(
        **_fields(asset),
        **{name: getattr(asset, name) for name in (*same, "right_document", "operation_holder_kind")},
        quantity=f"{asset.quantity.normalize():f}",
        operation_holder_area=None if holder is None else AreaCode(holder),
        right_state=row[1],
        custody_state=row[2],
        use_state=row[3],
        transfer_state=row[4],
        disposal_state=row[5],
        sources=await sources_of(session, asset_id),
        owners=await owners_of(session, asset_id),
        handover=await _handover(session, asset_id),
        custody=await _custody(session, asset_id),
    )


async def sources_of(session: ReadSession, asset_id: UUID) -> list[SourceShown]:
    """Where the money came from."""
    query = select(AssetSource).where(AssetSource.asset_id == asset_id).order_by(AssetSource.line_no)
    return [
        SourceShown(
            indicator_id=row.indicator_id,
            document_no=row.document_no,
            level=row.level,
            category=row.category,
            amount=row.amount_fen,
            share_ppm=row.share_ppm,
        )
        for row in await session.session.scalars(query)
    ]


async def owners_of(session: ReadSession, asset_id: UUID) -> list[OwnerShown]:
    """Who owns it."""
    query = select(AssetOwner).where(AssetOwner.asset_id == asset_id).order_by(AssetOwner.line_no)
    return [
        OwnerShown(
            owner_kind=row.owner_kind,
            owner_area=AreaCode(row.owner_area),
            owner_id=row.owner_id,
            share_ppm=row.share_ppm,
        )
        for row in await session.session.scalars(query)
    ]


async def _handover(session: ReadSession, asset_id: UUID) -> HandoverShown | None:
    row = await session.session.get(AssetHandover, asset_id)
    if row is None:
        return None
    return HandoverShown(
        list_no=row.list_no,
        handed_over_on=row.handed_over_on,
        book_entry_no=row.book_entry_no,
        booked_on=row.booked_on,
    )


async def _custody(session: ReadSession, asset_id: UUID) -> CustodyShown | None:
    query = select(AssetCustody).where(AssetCustody.asset_id == asset_id, AssetCustody.ended_on.is_(None))
    row = await session.session.scalar(query)
    if row is None:
        return None
    return CustodyShown(
        custody_kind=row.custody_kind,
        body=row.body,
        money_source=row.money_source,
        standard=row.standard_fen,
        cycle_months=row.cycle_months,
        assigned_on=row.assigned_on,
    )
