"""Routes of a project's contacts (项目联系人)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from services.funds.commands.project_contacts import (
    ContactFields,
    ContactPurpose,
    ContactStated,
    RevealContacts,
    StateContact,
)
from services.funds.queries.project_contacts import ContactShown, contacts_of
from shared.http.edge import edge_of
from shared.http.running import Answer, Run, gives

router = APIRouter(tags=["项目库 / project library"])


class ContactLook(BaseModel):
    """Why the contacts are looked at."""

    model_config = ConfigDict(extra="forbid")

    purpose: ContactPurpose


@router.post("/projects/{project_id}/contacts", status_code=201, summary="登记项目联系人 / state a contact")
async def state_contact(
    project_id: UUID, body: ContactFields, run: Annotated[Run, gives(StateContact)]
) -> Answer[ContactStated]:
    """Name and phone are sealed at once, and stand on no notice."""
    return await run(StateContact(project_id=project_id, **body.model_dump()))


@router.post("/projects/{project_id}/contacts/reveal", summary="查看项目联系人 / look at the contacts")
async def reveal_contacts(
    project_id: UUID, body: ContactLook, request: Request, run: Annotated[Run, gives(RevealContacts)]
) -> list[ContactShown]:
    """The look is journalled with its purpose before anything is shown."""
    await run(RevealContacts(project_id=project_id, purpose=body.purpose))
    edge = edge_of(request)
    async with edge.database.read(run.actor) as session:
        return await contacts_of(session, edge.pipeline.resources.keys, project_id)
