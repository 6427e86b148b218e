"""Natural change (自然变更) of a household: somebody joins it, somebody leaves it, and with the last one it is closed."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select

from services.monitoring.bulk.intake import match_waiting
from services.monitoring.commands.household_end import end_with_household
from services.monitoring.commands.households import MemberInput, report, store_members
from services.monitoring.commands.registered import household_of, member_of
from services.monitoring.commands.risks import open_risks
from services.monitoring.domain import households as rules
from services.monitoring.domain.codes import HEAD, Decrease
from services.monitoring.domain.faults import Fault, violation
from services.monitoring.tables.households import HouseholdRow, MemberRow
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.monitoring import HouseholdClosed
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Invalid, Refused, Violation
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, TOWNSHIP, VILLAGE


class AddMember(Command):
    """Somebody joins a household (自然增加): birth, marriage, return."""

    ROLES: ClassVar[frozenset[Role]] = VILLAGE | TOWNSHIP | BUREAU

    household_id: UUID
    member: MemberInput
    joined_on: date


class RemoveMember(Command):
    """Somebody leaves a household (自然减少); when it is the head, another active member becomes head."""

    ROLES: ClassVar[frozenset[Role]] = VILLAGE | TOWNSHIP | BUREAU

    member_id: UUID
    reason: Decrease
    left_on: date
    new_head_id: UUID | None = None


class MembershipChanged(BaseModel):
    """Who joined or left, and whether the household still stands."""

    household_id: UUID
    member_id: UUID
    closed: bool = False


async def add_member(tx: Write, command: AddMember, ctx: Context) -> MembershipChanged:
    """Raises Invalid for wrong fields, Refused for a closed household, a second head, or somebody active elsewhere."""
    household = await household_of(tx, ctx, command.household_id, command.ROLES, lock=True)
    area = AreaCode(household.area_code)
    _check_day(command.joined_on, ctx.today, "joined_on")
    report(tx, [(0, fault) for fault in rules.member_faults(command.member.as_rule(), ctx.today)])
    if household.closed_on is not None:
        raise Refused(violation(Fault("household_id", "HOUSEHOLD_CLOSED", "6.5")))
    if command.member.relation == HEAD and any(member.relation == HEAD for member in await _active(tx, household.id)):
        raise Refused(violation(Fault("relation", "HEAD_TWICE", "DQ-ID-09"), "/member"))
    ids = await store_members(tx, ctx, household.id, area, [command.member], command.joined_on)
    tx.changed("household", household.id, area)
    await open_risks(tx, ctx, await match_waiting(tx.raw, ids), area)
    return MembershipChanged(household_id=household.id, member_id=ids[0])


async def remove_member(tx: Write, command: RemoveMember, ctx: Context) -> MembershipChanged:
    """Raises Refused when the head leaves others behind without a new head."""
    member = await member_of(tx, ctx, command.member_id, command.ROLES)
    household = await household_of(tx, ctx, member.household_id, command.ROLES, lock=True)
    _check_day(command.left_on, ctx.today, "left_on")
    active = {row.id: row for row in await _active(tx, household.id)}
    if member.id not in active:
        raise Refused(_gone_already())
    staying = {member_id: row for member_id, row in active.items() if member_id != member.id}
    member.left_on, member.left_reason = command.left_on, command.reason
    await tx.session.flush()
    if member.relation == HEAD and staying:
        _hand_over(staying, command.new_head_id)
    tx.changed("household", household.id, household.area_code)
    if not staying:
        _close(tx, household, command)
        await end_with_household(tx, ctx, household.id)
    return MembershipChanged(household_id=household.id, member_id=member.id, closed=not staying)


async def _active(tx: Write, household_id: UUID) -> list[MemberRow]:
    # Refreshed: the rows may have been read before the household was locked.
    statement = select(MemberRow).where(MemberRow.household_id == household_id, MemberRow.left_on.is_(None))
    return list(await tx.session.scalars(statement.execution_options(populate_existing=True)))


def _hand_over(staying: Mapping[UUID, MemberRow], new_head_id: UUID | None) -> None:
    if new_head_id is None or new_head_id not in staying:
        raise Refused(
            Violation(
                "NEW_HEAD_NEEDED",
                "户主减少后须指定一名在册成员为新户主",
                "when the head leaves, another active member has to become head",
                rule="DQ-ID-08",
                field="/new_head_id",
                remedy_zh="填写新户主的成员编号 new_head_id",
                remedy_en="state new_head_id",
            ),
        )
    staying[new_head_id].relation = HEAD


def _close(tx: Write, household: HouseholdRow, command: RemoveMember) -> None:
    """Nobody is left (6.5)."""
    reason = "DECEASED" if command.reason is Decrease.DEATH else "NO_MEMBERS"
    household.closed_on, household.close_reason = command.left_on, reason
    tx.emit(
        HouseholdClosed(
            household_id=household.id,
            area_code=AreaCode(household.area_code),
            reason=reason,
            effective_on=command.left_on,
        ),
    )


def _check_day(day: date, today: date, field: str) -> None:
    if day > today:
        raise Invalid(violation(Fault(field, "DATE_FUTURE", "6.5")))


def _gone_already() -> Violation:
    return Violation(
        "MEMBER_NOT_ACTIVE",
        "该成员已自然减少",
        "this member has left already",
        rule="6.5",
        field="/member_id",
        remedy_zh="核对成员编号",
        remedy_en="check the id of the member",
    )


HANDLERS: Mapping[type[Command], Handler] = {AddMember: add_member, RemoveMember: remove_member}
