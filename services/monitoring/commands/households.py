"""The register by hand: a household is registered with its members, and who looks at its personal data is noted."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.dialects.postgresql import insert

from services.monitoring.bulk.intake import PERSON, match_waiting
from services.monitoring.commands.registered import household_of
from services.monitoring.commands.risks import open_risks
from services.monitoring.domain import households as rules
from services.monitoring.domain.codes import Health, HouseholdType, Labour, Overlay, health_text
from services.monitoring.domain.faults import Fault, violation
from services.monitoring.tables.households import HouseholdRow, MemberRow
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.wire import Area
from shared.kernel import identity
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.errors import Invalid, Refused, Violation
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.parameters import divisions
from shared.vault.index import blind_index
from shared.vault.keys import KeyRing
from shared.vault.seal import seal
from shared.workflow.desks import BUREAU, FIELD, TOWNSHIP, VILLAGE

_Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]


class MemberInput(BaseModel):
    """One member (家庭成员) as stated; a newborn may have no number yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Text
    id_number: _Text = ""
    relation: _Text
    labour: Labour
    health: tuple[Health, ...] = ()
    phone: _Text = ""
    shares_budget: bool = True
    co_resident: bool = True

    def as_rule(self) -> rules.Member:
        """What the rules look at."""
        return rules.Member(self.name, identity.normalized(self.id_number), self.relation, self.phone)


class RegisterHousehold(Command):
    """Register a household (登记农户) with its members; the first active head is its 户主."""

    ROLES: ClassVar[frozenset[Role]] = VILLAGE | TOWNSHIP | BUREAU

    area_code: Area
    household_no: _Text | None = Field(default=None, min_length=1)
    group: _Text = ""
    household_type: HouseholdType
    overlays: tuple[Overlay, ...] = ()
    members: tuple[MemberInput, ...] = Field(min_length=1, max_length=40)


class Purpose(StrEnum):
    """Why somebody looks at personal data (查询目的); the journal keeps it."""

    VISIT = "visit"
    VERIFICATION = "verification"
    COMPARISON = "comparison"
    PAYMENT = "payment"
    CORRECTION = "correction"
    AUDIT = "audit"


class RevealHousehold(Command):
    """Look at the unmasked data of a household (查看明文); the look itself is journalled, what was seen is not."""

    ROLES: ClassVar[frozenset[Role]] = FIELD | TOWNSHIP | BUREAU | {Role.AUDITOR}

    household_id: UUID
    purpose: Purpose

    def label(self) -> str:
        """The journal names the purpose (M-PI-12)."""
        return f"RevealHousehold.{self.purpose}"


class HouseholdRegistered(BaseModel):
    """The ids of what was registered, members in the order stated."""

    household_id: UUID
    member_ids: tuple[UUID, ...]


class HouseholdRevealed(BaseModel):
    """That the look was noted; the data are read afterwards."""

    household_id: UUID


async def register_household(tx: Write, command: RegisterHousehold, ctx: Context) -> HouseholdRegistered:
    """Raises Invalid for wrong members or no village, Refused for a number or person that is registered already."""
    _check_members(tx, command.members, ctx.today)
    await check_village(tx, command.area_code, ctx.today)
    household_id = await _store_household(tx, command, ctx)
    member_ids = await store_members(tx, ctx, household_id, command.area_code, command.members)
    tx.changed("household", household_id, command.area_code)
    await open_risks(tx, ctx, await match_waiting(tx.raw, member_ids), command.area_code)
    return HouseholdRegistered(household_id=household_id, member_ids=tuple(member_ids))


async def reveal_household(tx: Write, command: RevealHousehold, ctx: Context) -> HouseholdRevealed:
    """Note who looks at which household; raises NotFound outside the actor's area."""
    household = await household_of(tx, ctx, command.household_id, command.ROLES)
    tx.changed("household_view", household.id, household.area_code)
    return HouseholdRevealed(household_id=household.id)


async def check_village(tx: Write, area: AreaCode, today: date) -> None:
    """Raises Invalid unless `area` is a village that exists today (M-DIV-06)."""
    if area.level is not AreaLevel.VILLAGE:
        raise Invalid(violation(Fault("area_code", "AREA_NOT_VILLAGE", "M-DIV-03")))
    if not await divisions.exists(tx.raw, area, today):
        raise Invalid(violation(Fault("area_code", "AREA_UNKNOWN", "M-DIV-06")))


async def store_members(
    tx: Write,
    ctx: Context,
    household_id: UUID,
    area: AreaCode,
    members: Sequence[MemberInput],
    joined_on: date | None = None,
) -> list[UUID]:
    """Insert members; raises Refused for one who is active in another household (DQ-ID-01)."""
    ids = [new_id() for _ in members]
    rows = [
        _sealed(ctx.keys, member, member_id, ctx.today)
        | {"id": member_id, "household_id": household_id, "area_code": int(area), "joined_on": joined_on}
        for member, member_id in zip(members, ids, strict=True)
    ]
    statement = insert(MemberRow).on_conflict_do_nothing().returning(MemberRow.id)
    stored = set(await tx.session.scalars(statement, rows))
    taken = [place for place, member_id in enumerate(ids) if member_id not in stored]
    if taken:
        fault = Fault("id_number", "ID_ACTIVE_ELSEWHERE", "DQ-ID-01")
        raise Refused(*(violation(fault, f"/members/{place}") for place in taken))
    return ids


def _check_members(tx: Write, members: Sequence[MemberInput], today: date) -> None:
    judged = [member.as_rule() for member in members]
    alone = [(place, fault) for place, member in enumerate(judged) for fault in rules.member_faults(member, today)]
    report(tx, [*alone, *rules.household_faults(judged)])


def report(tx: Write, faults: Sequence[tuple[int | None, Fault]]) -> None:
    """Warn of faults that let a member pass; raises Invalid with all that do not."""
    told = [(fault, violation(fault, "" if place is None else f"/members/{place}")) for place, fault in faults]
    blocking = [words for fault, words in told if fault.blocks]
    if blocking:
        raise Invalid(*blocking)
    for _, words in told:
        tx.warn(words)


async def _store_household(tx: Write, command: RegisterHousehold, ctx: Context) -> UUID:
    household_id = new_id()
    statement = insert(HouseholdRow).values(
        id=household_id,
        area_code=int(command.area_code),
        household_no=command.household_no,
        group_name=command.group,
        household_type=command.household_type,
        overlays=list(command.overlays),
        registered_on=ctx.today,
    )
    stored = await tx.session.scalar(statement.on_conflict_do_nothing().returning(HouseholdRow.id))
    if stored is None:
        raise Refused(
            Violation(
                "HOUSEHOLD_NO_TAKEN",
                "该户编号已登记",
                "this household number is registered already",
                rule="1.2",
                field="/household_no",
                remedy_zh="核对户编号；如为同一户，请办理成员增加",
                remedy_en="check the number; if it is the same household, add the member to it",
            ),
        )
    return household_id


def _sealed(ring: KeyRing, member: MemberInput, member_id: UUID, today: date) -> dict[str, object]:
    """The columns of a member, personal ones sealed for its row."""
    number = identity.normalized(member.id_number)

    def sealed(field: str, value: str) -> bytes | None:
        return seal(ring, f"household_member.{field}", member_id, value) if value else None

    sex = identity.sex(number)
    return {
        "name_sealed": sealed("name", member.name),
        "id_number_sealed": sealed("id_number", number),
        "id_number_index": blind_index(ring, PERSON, rules.person_number(number))
        if rules.is_findable(number, today)
        else None,
        "phone_sealed": sealed("phone", member.phone),
        "health_sealed": sealed("health", health_text(member.health)),
        "sex": sex and sex.value,
        "relation": member.relation,
        "labour": member.labour,
        "shares_budget": member.shares_budget,
        "co_resident": member.co_resident,
    }


HANDLERS: Mapping[type[Command], Handler] = {
    RegisterHousehold: register_household,
    RevealHousehold: reveal_household,
}
