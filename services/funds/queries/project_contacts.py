"""The contacts of a project, opened after the look was journalled."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from services.funds.tables.project_contacts import CONTACT_NAME, CONTACT_PHONE, ProjectContact
from shared.db.sessions import ReadSession
from shared.vault.keys import KeyRing
from shared.vault.seal import unseal


class ContactShown(BaseModel):
    """One person to call."""

    model_config = ConfigDict(frozen=True)

    role: str
    unit: str
    name: str
    phone: str


async def contacts_of(session: ReadSession, keys: KeyRing, project_id: UUID) -> list[ContactShown]:
    """The newest of each role."""
    newest = (
        select(ProjectContact)
        .where(ProjectContact.project_id == project_id)
        .ext(distinct_on(ProjectContact.role))
        .order_by(ProjectContact.role, ProjectContact.id.desc())
    )
    return [
        ContactShown(
            role=row.role,
            unit=row.unit,
            name=unseal(keys, CONTACT_NAME, row.id, bytes(row.name_sealed)),
            phone=unseal(keys, CONTACT_PHONE, row.id, bytes(row.phone_sealed)),
        )
        for row in await session.session.scalars(newest)
    ]
