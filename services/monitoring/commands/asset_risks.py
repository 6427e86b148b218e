"""A risk of an asset is a clue for each household that lives on its income (domain-monitoring §11, AR25)."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import select

from services.monitoring.bulk.intake import NewClue, take_in
from services.monitoring.commands.clues import announce, feedback_due
from services.monitoring.commands.registered import no_household
from services.monitoring.commands.risks import open_risks
from services.monitoring.domain.clues import ITEMS, Department, Match, Source, event_period
from services.monitoring.tables.households import HouseholdRow
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import Code
from shared.contracts.wire import Area
from shared.kernel.areas import AreaCode
from shared.kernel.roles import Role

_ITEM = "income_fall"


class TakeUpAssetRisk(Command):
    """Take an asset's risk as clues on the households that depend on it (资产风险转线索)."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    area_code: Area
    household_ids: tuple[UUID, ...] = Field(min_length=1)
    rule_id: Code
    detected_on: date


class ClueCount(BaseModel):
    """How many clues are new."""

    clues: int


async def take_up_asset_risk(tx: Write, command: TakeUpAssetRisk, ctx: Context) -> ClueCount:
    """Raises NotFound when one of the households is not in the register: the event waits until it is."""
    asked = sorted(set(command.household_ids))
    rows = await tx.session.execute(
        select(HouseholdRow.id, HouseholdRow.area_code, HouseholdRow.closed_on).where(HouseholdRow.id.in_(asked)),
    )
    known = {row.id: row for row in rows}
    if len(known) < len(asked):
        raise no_household()
    clues = [_clue(command, ctx, each, row.area_code) for each, row in known.items() if row.closed_on is None]
    due_on = await feedback_due(tx, ctx, command.area_code)
    taken = await take_in(tx.raw, clues, ctx.today, due_on)
    announce(tx, ctx, taken, due_on)
    await open_risks(tx, ctx, [each.id for each in taken], AreaCode(command.area_code))
    return ClueCount(clues=sum(each.is_new for each in taken))


def _clue(command: TakeUpAssetRisk, ctx: Context, household_id: UUID, area: int) -> NewClue:
    return NewClue(
        id=ctx.id_for(f"clue {household_id}"),
        area=area,
        subject_key=household_id.bytes,
        item=_ITEM,
        period=event_period(_ITEM, command.detected_on),
        source=Source.DEPT,
        match=Match.MATCHED,
        household_id=household_id,
        member_id=None,
        id_number_sealed=None,
        name_sealed=None,
        note_sealed=None,
        cause=ITEMS[_ITEM].cause,
        amount=None,
        threshold=None,
        rule_id=command.rule_id,
        rule_version=1,
        event_on=command.detected_on,
        department=Department.AGRICULTURE,
    )


HANDLERS: Mapping[type[Command], Handler] = {TakeUpAssetRisk: take_up_asset_risk}
