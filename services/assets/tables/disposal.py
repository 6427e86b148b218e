"""Disposals (资产处置): what was applied for, appraised, dealt, and whose the proceeds are."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.assets.tables.base import AreaNumber, Base
from shared.db.base import AreaColumn, FenColumn, RowId


class AssetDisposal(Base):
    """One application to dispose of an asset."""

    __tablename__ = "asset_disposal"

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id"), index=True)
    ground: Mapped[str]
    way: Mapped[str]
    expected_fen: Mapped[FenColumn]
    is_pledged: Mapped[bool]
    appraised_fen: Mapped[FenColumn | None]
    appraised_on: Mapped[date | None]
    is_appraiser_licensed: Mapped[bool | None]
    proceeds_fen: Mapped[FenColumn | None]
    dealt_on: Mapped[date | None]
    reuse: Mapped[str | None]


class DisposalShare(Base):
    """What one owner gets of the proceeds, by owner share and not by source share."""

    __tablename__ = "disposal_share"

    disposal_id: Mapped[UUID] = mapped_column(ForeignKey("asset_disposal.id"), primary_key=True)
    owner_line: Mapped[int] = mapped_column(primary_key=True)
    amount_fen: Mapped[FenColumn]
    area_code: Mapped[AreaNumber]
