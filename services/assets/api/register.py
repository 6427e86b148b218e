"""The register over HTTP: lists, one asset, its thread."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.assets.api.readers import LatenessToday, OfficeReading
from services.assets.queries.register import AssetFilter, AssetListed, AssetShown, RightState, list_assets, show_asset
from services.assets.queries.threads import AssetThread, asset_thread
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.running import Paging

router = APIRouter(tags=["资产台账 / asset register"])


@router.get("/assets", summary="资产台账 / the register")
async def assets(
    session: Reading,
    page: Paging,
    area_code: Annotated[Area | None, Query(description="区划代码 / area code")] = None,
    asset_class: Annotated[str | None, Query(description="资产类别 / class")] = None,
    project_id: Annotated[UUID | None, Query(description="形成资产的项目 / project")] = None,
    indicator_id: Annotated[UUID | None, Query(description="指标文件 / indicator document")] = None,
    right_state: Annotated[RightState | None, Query(description="确权状态 / state of the right")] = None,
) -> Page[AssetListed]:
    """Assets in the reader's area by code; from a project or a document to its assets."""
    return await list_assets(session, AssetFilter(area_code, asset_class, project_id, indicator_id, right_state), page)


@router.get("/assets/{asset_id}", summary="资产详情 / one asset")
async def asset(asset_id: UUID, session: Reading) -> AssetShown:
    """One asset with sources, owners, custody and its five states."""
    return await show_asset(session, asset_id)


@router.get("/assets/{asset_id}/thread", summary="资产脉络 / the thread of an asset")
async def thread(asset_id: UUID, session: OfficeReading, lateness: LatenessToday) -> AssetThread:
    """From documents and project through contract and rent to the households."""
    return await asset_thread(session, asset_id, lateness)
