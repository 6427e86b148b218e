"""Routes of the register: households, members, and the look at what is masked."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.monitoring.commands.households import (
    HouseholdRegistered,
    MemberInput,
    RegisterHousehold,
    RevealHousehold,
)
from services.monitoring.commands.members import AddMember, MembershipChanged, RemoveMember
from services.monitoring.queries import households as reads
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.db.sessions import ReadSession
from shared.http.auth import read_roles
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives
from shared.kernel.clock import today
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, FIELD, TOWNSHIP

router = APIRouter(tags=["农户 / households"])

Registry = Annotated[ReadSession, read_roles(*FIELD, *TOWNSHIP, *BUREAU, Role.AUDITOR)]
"""Who works with households by name; readers at other levels get figures."""


class Body(BaseModel):
    """Base of bodies that are not a command themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Look(Body):
    """Why the data are looked at."""

    purpose: str = Field(
        pattern=r"^(visit|verification|comparison|payment|correction|audit)$",
        examples=["visit"],
    )


class PersonAsked(Body):
    """The number of the person who is looked for; it travels in the body, so that no log keeps it."""

    id_number: str = Field(min_length=15, max_length=22)


class Joining(Body):
    """Who joins, and when."""

    member: MemberInput
    joined_on: date


class Leaving(Body):
    """Why and when somebody leaves, and who is head from then on."""

    reason: str = Field(pattern=r"^(DEATH|MARRIED_OUT|MOVED_OUT|PRISON|MISSING)$", examples=["DEATH"])
    left_on: date
    new_head_id: UUID | None = None


@router.post("/households", status_code=201, summary="登记农户 / register a household")
async def register_household(
    body: RegisterHousehold,
    run: Annotated[Run, gives(RegisterHousehold)],
) -> Answer[HouseholdRegistered]:
    """Register a household with its members; clues that waited for one of them are taken up."""
    return await run(body)


@router.get("/households", summary="农户列表 / households of an area")
async def list_households(
    request: Request,
    session: Registry,
    page: Paging,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    household_type: Annotated[reads.TypeOf | None, Query(description="户类型 / type of household")] = None,
) -> Page[reads.HouseholdListed]:
    """By village; each with its head and how many are active."""
    keys = edge_of(request).pipeline.resources.keys
    return await reads.households(session, keys, page, area_code, household_type)


@router.post("/households/search", summary="按证件号码查找 / find a person by number")
async def find_person(body: PersonAsked, request: Request, session: Registry) -> reads.PersonFound:
    """Where a person is registered, within your areas."""
    return await reads.person(session, edge_of(request).pipeline.resources.keys, body.id_number)


@router.get("/households/{household_id}", summary="农户（脱敏） / a household, masked")
async def show_household(household_id: UUID, request: Request, session: Registry) -> reads.HouseholdSeen:
    """Numbers and phones masked, a minor's name too, no health (M-PI-05, M-PI-11)."""
    edge = edge_of(request)
    return await reads.household(session, edge.pipeline.resources.keys, household_id, today(edge.clock))


@router.post("/households/{household_id}/reveal", summary="查看明文 / show a household in the clear")
async def reveal_household(
    household_id: UUID,
    body: Look,
    request: Request,
    run: Annotated[Run, gives(RevealHousehold)],
) -> reads.HouseholdOpened:
    """The look is journalled with its purpose before anything is shown (M-PI-12)."""
    await run(RevealHousehold.model_validate({"household_id": household_id, "purpose": body.purpose}))
    edge = edge_of(request)
    async with edge.database.read(run.actor) as session:
        return await reads.revealed(session, edge.pipeline.resources.keys, household_id)


@router.post("/households/{household_id}/members", status_code=201, summary="自然增加 / add a member")
async def add_member(
    household_id: UUID,
    body: Joining,
    run: Annotated[Run, gives(AddMember)],
) -> Answer[MembershipChanged]:
    """Birth, marriage, return: somebody joins the household."""
    return await run(AddMember(household_id=household_id, member=body.member, joined_on=body.joined_on))


@router.post("/members/{member_id}/removal", summary="自然减少 / remove a member")
async def remove_member(
    member_id: UUID,
    body: Leaving,
    run: Annotated[Run, gives(RemoveMember)],
) -> Answer[MembershipChanged]:
    """Death, marriage, moving away: somebody leaves; with the last member the household is closed."""
    return await run(RemoveMember.model_validate({"member_id": member_id, **body.model_dump()}))
