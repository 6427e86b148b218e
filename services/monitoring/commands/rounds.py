"""What the present round of a case has on record: the signed check, the vote, the recheck, and how its notice ran."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from services.monitoring.domain.codes import HEAD
from services.monitoring.domain.household_check import Dimension, Guarantee, HouseholdCheck, RigidSpending
from services.monitoring.domain.households import is_minor
from services.monitoring.domain.income import IncomeKind
from services.monitoring.domain.meetings import Meeting
from services.monitoring.domain.risk import Cause
from services.monitoring.tables.cases import HouseholdCheckRow, MeetingRow, RecheckRow
from services.monitoring.tables.episodes import HelperRow
from services.monitoring.tables.households import HouseholdRow, MemberRow
from shared.cases.binding import CaseRow, Form
from shared.commands.command import Context, Write
from shared.kernel.ids import new_id
from shared.kernel.masks import mask_minor_name
from shared.vault.seal import unseal

_NOTICE_RAN = """
SELECT n.closed_on > n.last_day AND n.first_proof IS NOT NULL AND n.last_proof IS NOT NULL
       AND NOT EXISTS (SELECT FROM case_objection o
                        WHERE o.case_id = n.case_id AND o.outcome IS DISTINCT FROM 'NOT_UPHELD')
  FROM case_notice n WHERE n.case_id = $1 AND n.round = $2 AND NOT n.permanent ORDER BY n.posted_on DESC, n.id DESC
 LIMIT 1"""
_DIVISION = "SELECT name FROM division WHERE code = $1 ORDER BY valid_from DESC LIMIT 1"


class VillageMeeting(Form):
    """The village review (民主评议): who was entitled, who came, how they voted."""

    held_on: date
    enlarged: bool = False
    entitled: int = Field(gt=0, le=10_000)
    present: int = Field(ge=0, le=10_000)
    in_favour: int = Field(ge=0)
    against: int = Field(ge=0)
    abstained: int = Field(ge=0)

    def as_rule(self) -> Meeting:
        """What the rules look at."""
        return Meeting(**self.model_dump(include={"entitled", "present", "in_favour", "against", "abstained"}))


class PostNotice(Form):
    """What hangs beside the household's line: how to object (a desk or a fixed line, no person's number)."""

    contact: str = Field(min_length=2, max_length=60)


class Recheck(Form):
    """What the recheck of an objection found (异议复核)."""

    founded: bool


async def check_row(tx: Write, case: CaseRow) -> HouseholdCheckRow | None:
    """The household check of this round."""
    found: HouseholdCheckRow | None = await tx.session.scalar(
        select(HouseholdCheckRow).where(
            HouseholdCheckRow.subject_id == case.subject_id, HouseholdCheckRow.round == case.round
        ),
    )
    return found


def check_of(row: HouseholdCheckRow) -> HouseholdCheck:
    """The row as the rules look at it."""
    return HouseholdCheck(
        seen=frozenset(row.seen),
        persons=row.persons,
        stated={kind: getattr(row, f"{kind}_fen") for kind in IncomeKind},
        guarantees={dimension: Guarantee(getattr(row, dimension)) for dimension in Dimension},
        risks=tuple(Cause(risk) for risk in row.risks),
        serious_difficulty=row.serious_difficulty,
        rigid_spending=RigidSpending(row.rigid_spending),
        stable_months=row.stable_months,
    )


async def meeting_of(tx: Write, case: CaseRow) -> Meeting | None:
    """The village review of this round."""
    row = await tx.session.scalar(
        select(MeetingRow).where(MeetingRow.subject_id == case.subject_id, MeetingRow.round == case.round),
    )
    return Meeting(row.entitled, row.present, row.in_favour, row.against, row.abstained) if row else None


async def recheck_of(tx: Write, case: CaseRow) -> bool | None:
    """Whether the latest recheck of this round found the objection right."""
    found: bool | None = await tx.session.scalar(
        select(RecheckRow.founded)
        .where(RecheckRow.subject_id == case.subject_id, RecheckRow.round == case.round)
        .order_by(RecheckRow.id.desc())
        .limit(1),
    )
    return found


async def notice_ran(tx: Write, case: CaseRow) -> bool:
    """Whether the last notice of this round hung its whole time, proven, and no objection against it stands."""
    return bool(await tx.raw.fetchval(_NOTICE_RAN, case.id, case.round))


async def actor_helps(tx: Write, ctx: Context, household_id: UUID) -> bool:
    """Whether the actor is a helper of the household now."""
    count = select(func.count()).where(
        HelperRow.household_id == household_id, HelperRow.helper == ctx.actor.id, HelperRow.until_on.is_(None)
    )
    return bool(await tx.session.scalar(count))


async def labour_of(tx: Write, household_id: UUID) -> Mapping[UUID, str]:
    """The active members by id, with their labour code."""
    rows = await tx.session.execute(
        select(MemberRow.id, MemberRow.labour).where(
            MemberRow.household_id == household_id, MemberRow.left_on.is_(None)
        ),
    )
    return {row.id: row.labour for row in rows}


async def record_meeting(tx: Write, case: CaseRow, form: VillageMeeting, ctx: Context) -> None:
    """Keep the votes of the review."""
    tx.session.add(
        MeetingRow(
            id=new_id(),
            area_code=int(case.area),
            subject_id=case.subject_id,
            round=case.round,
            **form.model_dump(),
        ),
    )


async def record_recheck(tx: Write, case: CaseRow, form: Recheck, ctx: Context) -> None:
    """Keep what the recheck found."""
    tx.session.add(
        RecheckRow(
            id=new_id(),
            area_code=int(case.area),
            subject_id=case.subject_id,
            round=case.round,
            rechecked_on=ctx.today,
            founded=form.founded,
        ),
    )


async def published_fields(tx: Write, ctx: Context, household_id: UUID, *, with_head: bool) -> dict[str, Any]:
    """What may hang in the village (§4.4): village and group, number of persons, and the head's name while it hangs.

    The name is opened for this text only. What stays up for good has none (M-PI-07); a minor's is masked (M-PI-05).
    """
    household = await tx.session.get_one(HouseholdRow, household_id)
    members = (
        await tx.session.scalars(
            select(MemberRow).where(MemberRow.household_id == household_id, MemberRow.left_on.is_(None)),
        )
    ).all()
    fields = {
        "village": await tx.raw.fetchval(_DIVISION, household.area_code) or "",
        "group": household.group_name,
        "persons": len(members),
    }
    head = next((member for member in members if member.relation == HEAD), None)
    return {**fields, "head": _name(ctx, head)} if with_head and head else fields


def _name(ctx: Context, member: MemberRow) -> str:
    def opened(field: str, sealed: bytes | None) -> str:
        return unseal(ctx.keys, f"household_member.{field}", member.id, sealed) if sealed else ""

    name = opened("name", member.name_sealed)
    return mask_minor_name(name) if is_minor(opened("id_number", member.id_number_sealed), ctx.today) else name
