"""The household check (入户核查表): written down once for a round, then signed by two people as the step `visit`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, Field

from services.monitoring.bulk.income_sums import summed
from services.monitoring.domain.household_check import Guarantee, RigidSpending, Stated, bad_risks
from services.monitoring.domain.income import IncomeKind, Sheet, identification_window
from services.monitoring.domain.risk import Cause
from services.monitoring.tables.cases import EliminationRow, HouseholdCheckRow, IdentificationRow
from services.monitoring.workflows.elimination import ELIMINATION
from services.monitoring.workflows.identification import IDENTIFICATION
from shared.cases import store
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.wire import Yuan
from shared.kernel.errors import Invalid, Refused, Violation, not_found
from shared.kernel.ids import derived_id
from shared.kernel.roles import Role
from shared.vault.seal import seal
from shared.workflow.desks import BUREAU, FIELD, TOWNSHIP
from shared.workflow.model import Workflow

_KINDS = """
SELECT array_agg(DISTINCT kind) FROM income_entry WHERE household_id = $1 AND month BETWEEN $2 AND $3"""
_VISIT = "visit"


class CheckOf(StrEnum):
    """Which case the check belongs to."""

    IDENTIFICATION = "identification"
    ELIMINATION = "elimination"


@dataclass(frozen=True, slots=True)
class _Checked:
    row: type[IdentificationRow] | type[EliminationRow]
    workflow: Workflow
    state: str


_CHECKED: Mapping[CheckOf, _Checked] = {
    CheckOf.IDENTIFICATION: _Checked(IdentificationRow, IDENTIFICATION, "ASSIGNED"),
    CheckOf.ELIMINATION: _Checked(EliminationRow, ELIMINATION, "PROPOSED"),
}


class RecordHouseholdCheck(Command):
    """Write down what a visit found. Income comes from the income sheet of the window; `nil` are kinds without any.

    `member_ids` are the members the visit covered; `stable_months` says how long income has been steady.
    """

    ROLES: ClassVar[frozenset[Role]] = FIELD | TOWNSHIP | BUREAU

    of: CheckOf
    subject_id: UUID
    visited_on: date
    member_ids: tuple[UUID, ...] = Field(min_length=1, max_length=40)
    nil: frozenset[IncomeKind] = frozenset()
    education: Guarantee
    medical: Guarantee
    housing: Guarantee
    water: Guarantee
    risks: tuple[Cause, ...] = ()
    disaster_subtype: str = Field(default="", pattern=r"^(02\d\d)?$")
    risk_note: str = Field(default="", max_length=200)
    serious_difficulty: bool = False
    rigid_spending: RigidSpending
    stable_months: int = Field(default=0, ge=0, le=600)


class CheckRecorded(BaseModel):
    """The sheet as it will be signed: sums of the window by kind, null where it is still blank."""

    subject_id: UUID
    round: int
    window_first: date
    window_last: date
    persons: int
    stated: dict[IncomeKind, Yuan | None]


async def record_household_check(tx: Write, command: RecordHouseholdCheck, ctx: Context) -> CheckRecorded:
    """Raises Refused when the case is not at its visit, or somebody has signed already; then the sheet stands."""
    checked = _CHECKED[command.of]
    subject: IdentificationRow | EliminationRow | None = await tx.session.get(checked.row, command.subject_id)
    if subject is None or not ctx.actor.may(command.ROLES, subject.area_code):
        raise not_found(checked.workflow.zh, checked.workflow.en)
    loaded = await store.load(tx.raw, checked.workflow, command.subject_id, lock=True)
    if loaded.row.state != checked.state:
        raise Refused(_not_at_visit())
    if any(mark == "visited" or mark.startswith(f"sign:{_VISIT}:") for mark in loaded.view.marks):
        raise Refused(_signed())
    _judge(command, ctx.today)
    window = identification_window(command.visited_on)
    held = (await summed(tx.raw, [subject.household_id], window))[subject.household_id]
    entered = await tx.raw.fetchval(_KINDS, subject.household_id, window.first, window.last)
    stated = _stated(held.sheet, command.nil | set(entered or ()))
    row = _row(command, ctx, subject, loaded.row.round)
    row.window_first, row.window_last, row.persons = window.first, window.last, held.figures.persons
    for kind, amount in stated.items():
        setattr(row, f"{kind}_fen", amount)
    await tx.session.merge(row)
    tx.changed("household_check", row.id, subject.area_code)
    return CheckRecorded(
        subject_id=command.subject_id,
        round=row.round,
        window_first=window.first,
        window_last=window.last,
        persons=row.persons,
        stated=dict(stated),
    )


def _judge(command: RecordHouseholdCheck, today: date) -> None:
    wrong = bad_risks(command.risks, command.disaster_subtype, command.risk_note)
    if wrong is not None:
        raise Invalid(wrong)
    if command.visited_on > today:
        raise Invalid(
            Violation(
                "VISIT_IN_FUTURE",
                "入户日期晚于今天",
                "the visit lies in the future",
                rule="M-4.2",
                field="/visited_on",
                remedy_zh="填写实际入户日期",
                remedy_en="state the day of the visit",
            ),
        )


def _stated(sheet: Sheet, told: Collection[IncomeKind]) -> Stated:
    """Sums of the kinds that have entries, zero for those stated as nil, blank for the others."""
    return {kind: getattr(sheet, kind) if kind in told else None for kind in IncomeKind}


def _row(
    command: RecordHouseholdCheck, ctx: Context, subject: IdentificationRow | EliminationRow, turn: int
) -> HouseholdCheckRow:
    """One row for each round: written again before it is signed, it replaces itself."""
    check_id = derived_id(command.subject_id, f"check:{turn}")
    sealed = seal(ctx.keys, "household_check.risk_note", check_id, command.risk_note) if command.risk_note else None
    plain = {"visited_on", "education", "medical", "housing", "water", "disaster_subtype", "serious_difficulty"}
    return HouseholdCheckRow(
        id=check_id,
        area_code=subject.area_code,
        subject_id=command.subject_id,
        round=turn,
        household_id=subject.household_id,
        seen=sorted(set(command.member_ids)),
        risks=list(command.risks),
        risk_note_sealed=sealed,
        rigid_spending=command.rigid_spending,
        stable_months=command.stable_months,
        recorded_by=ctx.actor.id,
        recorded_at=ctx.now,
        **command.model_dump(include=plain),
    )


def _not_at_visit() -> Violation:
    return Violation(
        "NOT_AT_VISIT",
        "办件不在入户核查环节",
        "the case is not at its household check",
        rule="M-4.2",
        remedy_zh="先受理派发；已完成核查的，退回后重新核查",
        remedy_en="assign the case first, or send it back for another check",
    )


def _signed() -> Violation:
    return Violation(
        "CHECK_SIGNED",
        "核查表已有人签认，不能修改",
        "somebody has signed the check; it stands as it is",
        rule="M-ID-10",
        remedy_zh="确需更正的，退回后重新核查",
        remedy_en="have the case sent back for another check",
    )


HANDLERS: Mapping[type[Command], Handler] = {RecordHouseholdCheck: record_household_check}
