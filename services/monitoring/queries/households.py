"""Reads of the register: masked by default, in the clear only after the look was noted."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from services.monitoring.bulk.intake import PERSON
from services.monitoring.domain.codes import HEAD, RELATIONS, Health, HouseholdType, health_codes
from services.monitoring.domain.households import is_minor, person_number
from services.monitoring.tables.households import HouseholdRow, MemberRow
from shared.contracts.wire import Area, OneOf
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel import identity
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found
from shared.kernel.masks import mask_id_number, mask_minor_name, mask_phone
from shared.vault.index import blind_index
from shared.vault.keys import KeyRing
from shared.vault.seal import unseal

TypeOf = Annotated[str, OneOf(tuple(kind.value for kind in HouseholdType))]
"""A type of household (户类型) to narrow a list to."""


class MemberSeen(BaseModel):
    """A member with number and phone masked, a minor's name too (M-PI-05); health is not shown (M-PI-11)."""

    id: UUID
    name: str
    id_number: str
    phone: str
    sex: str | None
    relation: str
    relation_zh: str
    labour: str
    shares_budget: bool
    co_resident: bool
    joined_on: date | None
    left_on: date | None
    left_reason: str | None


class MemberRevealed(MemberSeen):
    """A member in the clear."""

    health: tuple[Health, ...]


class HouseholdSeen(BaseModel):
    """A household with its members."""

    id: UUID
    area_code: Area
    household_no: str | None
    group: str
    household_type: str
    overlays: list[str]
    registered_on: date
    closed_on: date | None
    close_reason: str | None
    members: list[MemberSeen]


class HouseholdOpened(HouseholdSeen):
    """A household whose members are shown in the clear."""

    members: list[MemberRevealed]  # type: ignore[assignment]  # a member in the clear tells more, never less


class HouseholdListed(BaseModel):
    """A line of the list: the head's name and how many are active."""

    id: UUID
    area_code: Area
    household_no: str | None
    group: str
    household_type: str
    head_name: str | None
    persons: int
    closed_on: date | None


class PersonFound(BaseModel):
    """Where a person is registered."""

    household_id: UUID
    member_id: UUID
    area_code: Area


async def household(session: ReadSession, ring: KeyRing, household_id: UUID, today: date) -> HouseholdSeen:
    """One household, masked; raises NotFound."""
    row, members = await _rows(session, household_id)
    return HouseholdSeen(**_told(row), members=[_masked(ring, member, today) for member in members])


async def revealed(session: ReadSession, ring: KeyRing, household_id: UUID) -> HouseholdOpened:
    """One household in the clear; raises NotFound."""
    row, members = await _rows(session, household_id)
    return HouseholdOpened(**_told(row), members=[_clear(ring, member) for member in members])


async def households(
    session: ReadSession,
    ring: KeyRing,
    page: PageRequest,
    area: AreaCode,
    household_type: str | None = None,
) -> Page[HouseholdListed]:
    """The households of an area by village, each with its head."""
    head = aliased(MemberRow)
    is_head = (head.household_id == HouseholdRow.id) & (head.relation == HEAD) & head.left_on.is_(None)
    active = select(func.count()).where(MemberRow.household_id == HouseholdRow.id, MemberRow.left_on.is_(None))
    persons = active.correlate(HouseholdRow).scalar_subquery().label("persons")
    statement = (
        select(HouseholdRow, head.id.label("head_id"), head.name_sealed, persons)
        .outerjoin(head, is_head)
        .where(HouseholdRow.area_code.between(*area.span))
    )
    if household_type is not None:
        statement = statement.where(HouseholdRow.household_type == household_type)

    def listed(row: AnyRow) -> HouseholdListed:
        told = _told(row.HouseholdRow)
        name = None if row.head_id is None else unseal(ring, "household_member.name", row.head_id, row.name_sealed)
        return HouseholdListed(**told, head_name=name, persons=row.persons)

    return await fetch_page(session, statement, (HouseholdRow.area_code, HouseholdRow.id), page, listed)


async def person(session: ReadSession, ring: KeyRing, number: str) -> PersonFound:
    """Where an active person of this number is registered; raises NotFound."""
    index = blind_index(ring, PERSON, person_number(identity.normalized(number)))
    statement = select(MemberRow.household_id, MemberRow.id, MemberRow.area_code)
    found = (
        await session.session.execute(
            statement.where(MemberRow.id_number_index == index, MemberRow.left_on.is_(None)),
        )
    ).first()
    if found is None:
        raise not_found("家庭成员", "member")
    return PersonFound(household_id=found.household_id, member_id=found.id, area_code=AreaCode(found.area_code))


async def _rows(session: ReadSession, household_id: UUID) -> tuple[HouseholdRow, Iterable[MemberRow]]:
    row = await session.session.get(HouseholdRow, household_id)
    if row is None:
        raise not_found("农户", "household")
    statement = select(MemberRow).where(MemberRow.household_id == household_id)
    heads_first = (MemberRow.left_on.is_not(None), MemberRow.relation != HEAD, MemberRow.id)
    return row, await session.session.scalars(statement.order_by(*heads_first))


def _told(row: HouseholdRow) -> dict[str, Any]:
    names = ("id", "household_no", "household_type", "overlays", "registered_on", "closed_on", "close_reason")
    return {name: getattr(row, name) for name in names} | {
        "area_code": AreaCode(row.area_code),
        "group": row.group_name,
    }


def _plain(row: MemberRow) -> dict[str, Any]:
    names = ("id", "sex", "relation", "labour", "shares_budget", "co_resident", "joined_on", "left_on", "left_reason")
    return {name: getattr(row, name) for name in names} | {"relation_zh": RELATIONS[row.relation]}


def _open(ring: KeyRing, row: MemberRow, field: str) -> str:
    sealed: bytes | None = getattr(row, f"{field}_sealed")
    return "" if sealed is None else unseal(ring, f"household_member.{field}", row.id, sealed)


def _masked(ring: KeyRing, row: MemberRow, today: date) -> MemberSeen:
    name, number, phone = (_open(ring, row, field) for field in ("name", "id_number", "phone"))
    return MemberSeen(
        **_plain(row),
        name=mask_minor_name(name) if is_minor(number, today) else name,
        id_number=mask_id_number(number),
        phone=mask_phone(phone),
    )


def _clear(ring: KeyRing, row: MemberRow) -> MemberRevealed:
    name, number, phone, health = (_open(ring, row, field) for field in ("name", "id_number", "phone", "health"))
    return MemberRevealed(**_plain(row), name=name, id_number=number, phone=phone, health=health_codes(health))
