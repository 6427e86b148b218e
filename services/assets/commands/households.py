"""What monitoring tells of households (农户): where they live, whether they are monitored, when they ceased."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel

from services.assets.tables.ref import RefHousehold
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.wire import Area
from shared.kernel.roles import Role


class NoteHousehold(Command):
    """Keep what an event tells of a household; what it does not tell stays."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    household_id: UUID
    area_code: Area
    is_monitored: bool | None = None
    ended_on: date | None = None
    into_household_id: UUID | None = None


class HouseholdNoted(BaseModel):
    """The household whose copy changed."""

    household_id: UUID


async def note_household(tx: Write, command: NoteHousehold, _ctx: Context) -> HouseholdNoted:
    """Copy it."""
    household = await tx.session.get(RefHousehold, command.household_id, with_for_update=True)
    if household is None:
        household = RefHousehold(household_id=command.household_id, is_monitored=False)
        tx.session.add(household)
    household.area_code = int(command.area_code)
    if command.is_monitored is not None:
        household.is_monitored = command.is_monitored
    household.ended_on = command.ended_on or household.ended_on
    household.into_household_id = command.into_household_id or household.into_household_id
    tx.changed("household", command.household_id, command.area_code)
    return HouseholdNoted(household_id=command.household_id)


HANDLERS: Mapping[type[Command], Handler] = {NoteHousehold: note_household}
