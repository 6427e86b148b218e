"""Clues (线索) as they come in one by one, and what each sender is told."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.monitoring.bulk.intake import PERSON, NewClue, Taken, take_in
from services.monitoring.commands.registered import household_of, no_household
from services.monitoring.commands.risks import open_risks
from services.monitoring.domain.clues import ITEMS, Department, Match, Source, event_period, not_theirs
from services.monitoring.domain.faults import Fault, violation
from services.monitoring.domain.households import number_fault, person_number
from services.monitoring.parameters import FEEDBACK_DAYS
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.monitoring_work import ClueReceived
from shared.contracts.wire import Area, Yuan
from shared.kernel import identity
from shared.kernel.areas import AreaCode
from shared.kernel.days import last_day
from shared.kernel.errors import Conflict, Forbidden, Invalid, Violation
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.vault.index import blind_index
from shared.vault.seal import seal
from shared.workflow.desks import BUREAU, FIELD, HOUSEHOLD, SECTOR, TOWNSHIP

_Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]

_PERSON = """
SELECT m.id AS member_id, m.household_id, m.area_code FROM household_member m
 WHERE m.id_number_index = $1 AND m.left_on IS NULL"""


class ReportClue(Command):
    """Report a clue (上报线索) on a household, or on a person by number, or by name and birth date (M-CLUE-01)."""

    ROLES: ClassVar[frozenset[Role]] = HOUSEHOLD | FIELD | TOWNSHIP | BUREAU | SECTOR

    area_code: Area
    source: Source
    department: Department | None = None
    item: str = Field(json_schema_extra={"enum": list(ITEMS)})
    event_on: date
    household_id: UUID | None = None
    id_number: _Text = ""
    name: _Text = ""
    born_on: date | None = None
    amount: Yuan | None = Field(default=None, ge=0)
    note: str = Field(default="", max_length=500)

    @model_validator(mode="after")
    def _names_its_subject(self) -> "ReportClue":
        if self.item not in ITEMS:
            raise ValueError("the item is not on the list")
        if (self.source is Source.DEPT) != (self.department is not None):
            raise ValueError("a clue of source DEPT names its department, others name none")
        if self.household_id is None and not self.id_number and not (self.name and self.born_on):
            raise ValueError("a clue names a household, a person's number, or name and birth date")
        return self


class ClueTaken(BaseModel):
    """The clue it is known by: a new one, or the earlier one it was merged into."""

    clue_id: UUID
    merged: bool
    match: Match
    household_id: UUID | None
    risk_id: UUID | None
    due_on: date


async def report_clue(tx: Write, command: ReportClue, ctx: Context) -> ClueTaken:
    """Raises Invalid for a wrong number, NotFound for a foreign household, Conflict for a clue that others hold."""
    if command.event_on > ctx.today:
        raise Invalid(violation(Fault("event_on", "DATE_FUTURE", "3.3")))
    foreign_voice = not_theirs(
        command.source,
        of_department=ctx.actor.may(SECTOR | BUREAU, command.area_code),
        of_household_only=not ctx.actor.may(command.ROLES - HOUSEHOLD, command.area_code),
    )
    if foreign_voice:
        raise Forbidden(foreign_voice)
    clue = await _clue(tx, command, ctx)
    due_on = await feedback_due(tx, ctx, AreaCode(clue.area))
    taken = await take_in(tx.raw, [clue], ctx.today, due_on)
    if not taken:
        raise _held_elsewhere()
    announce(tx, ctx, taken, due_on)
    intake = await open_risks(tx, ctx, [taken[0].id], AreaCode(clue.area))
    return ClueTaken(
        clue_id=taken[0].id,
        merged=not taken[0].is_new,
        match=clue.match,
        household_id=clue.household_id,
        risk_id=next(iter([*(r.id for r in intake.opened), *(a.risk_id for a in intake.attached)]), None),
        due_on=due_on,
    )


async def feedback_due(tx: Write, ctx: Context, area: AreaCode) -> date:
    """The day by which a sender is told what came of a clue received today (M-CLUE-10)."""
    return last_day(ctx.today, await tx.parameters.get(FEEDBACK_DAYS, area, ctx.today), ctx.calendar)


def announce(tx: Write, ctx: Context, taken: Sequence[Taken], due_on: date) -> None:
    """Tell each sender that its clue was received."""
    for each in taken:
        if not each.source_is_new:
            continue
        clue = each.clue
        tx.changed("clue", each.id, each.area)
        tx.emit(
            ClueReceived(
                area_code=AreaCode(each.area),
                clue_id=each.id,
                source=clue.source,
                department=clue.department or None,
                batch_id=clue.batch_id,
                row=clue.row_no,
                item=clue.item,
                household_id=clue.household_id,
                received_on=ctx.today,
                due_on=due_on,
            ),
        )


async def _clue(tx: Write, command: ReportClue, ctx: Context) -> NewClue:
    clue_id = new_id()
    subject = await _subject(tx, command, ctx)
    known = subject["household_id"] is not None

    def sealed(field: str, value: str) -> bytes | None:
        return seal(ctx.keys, f"clue.{field}", clue_id, value) if value else None

    return NewClue(
        id=clue_id,
        item=command.item,
        period=event_period(command.item, command.event_on),
        source=command.source,
        id_number_sealed=None if known else sealed("id_number", identity.normalized(command.id_number)),
        name_sealed=None if known else sealed("name", command.name),
        note_sealed=sealed("note", command.note),
        cause=ITEMS[command.item].cause,
        amount=command.amount,
        threshold=None,
        rule_id=f"clue.{command.item}",
        rule_version=1,
        event_on=command.event_on,
        department=command.department or "",
        **subject,
    )


async def _subject(tx: Write, command: ReportClue, ctx: Context) -> dict[str, Any]:
    """Whom it is about: a household, a member of one, a person in none (M-CLUE-04), or a name to be matched."""
    if command.household_id is not None:
        household = await household_of(tx, ctx, command.household_id, command.ROLES)
        if household.closed_on is not None:
            raise no_household()
        found = {"household_id": household.id, "member_id": None, "area": household.area_code, "match": Match.MATCHED}
        return {**found, "subject_key": household.id.bytes}
    unknown = {"household_id": None, "member_id": None, "area": int(command.area_code)}
    if not command.id_number:
        told = f"{command.name}|{command.born_on}|{command.area_code}"
        return {**unknown, "match": Match.TO_MATCH, "subject_key": blind_index(ctx.keys, "clue.person", told)}
    number = identity.normalized(command.id_number)
    fault = number_fault(number, ctx.today, required=True)
    if fault is not None and fault.blocks:
        raise Invalid(violation(fault))
    index = blind_index(ctx.keys, PERSON, person_number(number))
    row = await tx.raw.fetchrow(_PERSON, index)
    if row is None:
        return {**unknown, "match": Match.TO_BUILD, "subject_key": index}
    found = {"household_id": row["household_id"], "member_id": row["member_id"], "area": row["area_code"]}
    return {**found, "match": Match.MATCHED, "subject_key": index}


def _held_elsewhere() -> Conflict:
    return Conflict(
        Violation(
            "CLUE_HELD_ELSEWHERE",
            "该人员的同类线索已由本县其他单位登记",
            "another office of the county holds this clue already",
            rule="M-CLUE-02",
            remedy_zh="请由县级主管部门办理",
            remedy_en="have the county's office take it up",
        ),
    )


HANDLERS: Mapping[type[Command], Handler] = {ReportClue: report_clue}
