"""Rows of complaints (投诉举报): what was said of whom, sealed; who handles it; what came of it."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, RowId

WORDING, REPORTER_NAME, REPORTER_PHONE = "complaint.wording", "complaint.reporter_name", "complaint.reporter_phone"
"""The vault's names of the sealed columns."""


class Complaint(Base):
    """A complaint; its area is that of the unit it is about, and its case holds the state.

    The reporter's name and phone open for the intake desk alone, the wording for intake and the assigned desk.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        Index(None, "receipt_index", unique=True),
        Index(None, "desk", "handler_code", "id"),
        Index(None, "object_id"),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    channel: Mapped[str]
    kind: Mapped[str]
    is_real_name: Mapped[bool]
    object_kind: Mapped[str]
    object_id: Mapped[UUID | None]
    about_desk: Mapped[str]
    title: Mapped[str]
    wording_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    reporter_name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reporter_phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    receipt_index: Mapped[bytes] = mapped_column(LargeBinary)
    received_on: Mapped[date]
    objection_id: Mapped[UUID | None]
    desk: Mapped[str | None]
    handler_code: Mapped[int | None] = mapped_column(BigInteger)
    finding: Mapped[str | None]
    reply: Mapped[str | None]
    satisfaction: Mapped[str | None]
