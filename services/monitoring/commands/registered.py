"""Finds the household a command is about, within the actor's role and area; what lies outside does not exist."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from services.monitoring.tables.households import HouseholdRow, MemberRow
from shared.commands.command import Context, Write
from shared.kernel.errors import NotFound, not_found
from shared.kernel.roles import Role


def no_household() -> NotFound:
    """There is no such household, or it is none of the actor's."""
    return not_found("农户", "household")


async def household_of(
    tx: Write,
    ctx: Context,
    household_id: UUID,
    roles: Collection[Role],
    *,
    lock: bool = False,
) -> HouseholdRow:
    """The household, if one of `roles` is held in its village; with `lock` until the command ends."""
    statement = select(HouseholdRow).where(HouseholdRow.id == household_id)
    household = await tx.session.scalar(statement.with_for_update() if lock else statement)
    if household is None or not ctx.actor.may(roles, household.area_code):
        raise no_household()
    return household


async def member_of(tx: Write, ctx: Context, member_id: UUID, roles: Collection[Role]) -> MemberRow:
    """The member, if one of `roles` is held in the village."""
    member = await tx.session.get(MemberRow, member_id)
    if member is None or not ctx.actor.may(roles, member.area_code):
        raise not_found("家庭成员", "member")
    return member
