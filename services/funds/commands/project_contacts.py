"""Contacts of a project (项目联系人): sealed when they are stated, opened for a purpose that the journal keeps (§1.2)."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.funds.commands.admission import require
from services.funds.commands.project_rows import project_row
from services.funds.tables.project_contacts import CONTACT_NAME, CONTACT_PHONE, ProjectContact
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import Label
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.vault.seal import seal
from shared.workflow.desks import BUREAU, FINANCE, SECTOR, TOWNSHIP, UNIT, VILLAGE

STATERS = VILLAGE | TOWNSHIP | SECTOR | UNIT | BUREAU
LOOKERS = STATERS | FINANCE | {Role.AUDITOR}

ContactPurpose = Literal["supervision", "site_visit", "complaint", "payment_query"]
"""Why somebody is called (查看目的)."""


class ContactFields(BaseModel):
    """A person with unit and phone: who is responsible (项目负责人), or the township's contact (乡镇联系人)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Literal["responsible", "township"]
    unit: Label
    name: Annotated[str, Field(min_length=2, max_length=40)]
    phone: Annotated[str, Field(pattern=r"^[0-9+-]{7,20}$", description="phone", examples=["0459-6161234"])]


class StateContact(Command, ContactFields):
    """State a contact; it takes the place of the one stated before."""

    ROLES: ClassVar[frozenset[Role]] = STATERS

    project_id: UUID


class RevealContacts(Command):
    """Look at a project's contacts (查看联系人); the look is journalled with its purpose, what was seen is not."""

    ROLES: ClassVar[frozenset[Role]] = LOOKERS

    project_id: UUID
    purpose: ContactPurpose

    def label(self) -> str:
        """The journal names the purpose."""
        return f"RevealContacts.{self.purpose}"


class ContactStated(BaseModel):
    """The id of the contact's row."""

    id: UUID


class ContactsRevealed(BaseModel):
    """That the look was noted; the data are read afterwards."""

    project_id: UUID


async def state_contact(tx: Write, command: StateContact, ctx: Context) -> ContactStated:
    """Insert the sealed row."""
    project = await project_row(tx, command.project_id)
    require(ctx, STATERS, project.area_code)
    row_id = new_id()
    tx.session.add(
        ProjectContact(
            id=row_id,
            project_id=project.id,
            area_code=project.area_code,
            role=command.role,
            unit=command.unit,
            name_sealed=seal(ctx.keys, CONTACT_NAME, row_id, command.name),
            phone_sealed=seal(ctx.keys, CONTACT_PHONE, row_id, command.phone),
            recorded_by=ctx.actor.id,
            recorded_at=ctx.now,
        ),
    )
    tx.changed("project_contact", row_id, project.area_code)
    return ContactStated(id=row_id)


async def reveal_contacts(tx: Write, command: RevealContacts, ctx: Context) -> ContactsRevealed:
    """Note who looks and why; raises NotFound outside the actor's area."""
    project = await project_row(tx, command.project_id)
    require(ctx, LOOKERS, project.area_code)
    tx.changed("project_contact", project.id, project.area_code)
    return ContactsRevealed(project_id=project.id)


HANDLERS: Mapping[type[Command], Handler] = {StateContact: state_contact, RevealContacts: reveal_contacts}
