"""A disposal as it is read."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from services.assets.queries.shown import Shown, state_of
from services.assets.tables.disposal import AssetDisposal, DisposalShare
from services.assets.workflows.disposal import DISPOSAL
from shared.contracts.wire import Area, Yuan
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found


class OwnerProceeds(Shown):
    """What one owner of the asset gets."""

    owner_line: int
    amount: Yuan


class DisposalShown(Shown):
    """One disposal (资产处置)."""

    id: UUID
    asset_id: UUID
    area_code: Area
    state: str | None
    ground: str
    way: str
    expected: Yuan
    is_pledged: bool
    appraised: Yuan | None
    appraised_on: date | None
    proceeds: Yuan | None
    dealt_on: date | None
    reuse: str | None
    shares: list[OwnerProceeds]


async def show_disposal(session: ReadSession, disposal_id: UUID) -> DisposalShown:
    """One disposal; raises NotFound."""
    query = select(AssetDisposal, state_of(DISPOSAL, AssetDisposal.id)).where(AssetDisposal.id == disposal_id)
    found = (await session.session.execute(query)).one_or_none()
    if found is None:
        raise not_found("资产处置", "disposal")
    row, state = found
    shares = select(DisposalShare).where(DisposalShare.disposal_id == disposal_id).order_by(DisposalShare.owner_line)
    same = ("id", "asset_id", "ground", "way", "is_pledged", "appraised_on", "dealt_on", "reuse")
    return DisposalShown(
        **{name: getattr(row, name) for name in same},
        area_code=AreaCode(row.area_code),
        state=state,
        expected=row.expected_fen,
        appraised=row.appraised_fen,
        proceeds=row.proceeds_fen,
        shares=[
            OwnerProceeds(owner_line=share.owner_line, amount=share.amount_fen)
            for share in await session.session.scalars(shares)
        ],
    )
