"""Rows of a project's contacts (项目联系人): who answers for it and who in the township, sealed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, RowId

CONTACT_NAME, CONTACT_PHONE = "project_contact.name", "project_contact.phone"
"""The vault's names of the sealed columns."""


class ProjectContact(Base):
    """One person of a project; the newest of a role is the one to call, the others stay as they were."""

    __tablename__ = "project_contact"

    id: Mapped[RowId]
    project_id: Mapped[UUID] = mapped_column(index=True)
    area_code: Mapped[AreaColumn]
    role: Mapped[str]
    unit: Mapped[str]
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]
