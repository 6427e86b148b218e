"""Risks open with the first clue of a household and stay open until a case clears them; further clues are attached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby
from uuid import UUID

import asyncpg

from services.monitoring.domain.risk import Cause, Outcome, Urgency, urgency
from services.monitoring.parameters import CHECK_DAYS, RED_MULTIPLE
from shared.commands.command import Context, Write
from shared.contracts.monitoring import RiskCleared, RiskDetected
from shared.kernel.areas import AreaCode
from shared.kernel.days import last_day
from shared.kernel.ids import new_id

_CLUES = """
SELECT c.id, c.household_id, h.area_code, c.source, c.cause, c.amount_fen, c.threshold_fen, c.rule_id, c.rule_version,
       EXISTS (SELECT FROM risk r WHERE r.household_id = c.household_id AND r.outcome = 'ELIMINATED') AS relapse
  FROM clue c JOIN household h ON h.id = c.household_id
 WHERE c.id = ANY($1::uuid[]) AND c.disposition IS NULL AND c.risk_id IS NULL
 ORDER BY c.household_id, c.id"""
_OPEN = """
INSERT INTO risk(id, household_id, area_code, cause, severity, rule_id, rule_version, relapse, detected_on, due_on)
SELECT *, $9::date, $10::date
  FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::int[], $8::boolean[])
ON CONFLICT (household_id) WHERE cleared_on IS NULL DO NOTHING RETURNING id"""
_ATTACH = """
UPDATE clue SET risk_id = risk.id FROM risk
 WHERE clue.id = ANY($1::uuid[]) AND risk.household_id = clue.household_id AND risk.cleared_on IS NULL
RETURNING clue.id, clue.household_id, clue.area_code, risk.id AS risk_id"""
_CLEAR = """
UPDATE risk SET cleared_on = $2, outcome = $3 WHERE id = $1 AND cleared_on IS NULL RETURNING household_id, area_code"""


@dataclass(frozen=True, slots=True)
class OpenedRisk:
    """A risk that its first clues have just opened; `relapse` when an earlier one was eliminated (M-CLUE-06)."""

    id: UUID
    household_id: UUID
    area: AreaCode
    cause: Cause
    urgency: Urgency
    rule_id: str
    rule_version: int
    sources: tuple[str, ...]
    clue_ids: tuple[UUID, ...]
    relapse: bool


@dataclass(frozen=True, slots=True)
class AttachedClue:
    """A clue that came to a household whose risk is open already (M-CLUE-03, M-CLUE-05)."""

    clue_id: UUID
    household_id: UUID
    area: AreaCode
    risk_id: UUID


@dataclass(frozen=True, slots=True)
class Intake:
    """What a set of clues brought about."""

    opened: tuple[OpenedRisk, ...]
    attached: tuple[AttachedClue, ...]


async def open_risks(tx: Write, ctx: Context, clue_ids: Sequence[UUID], area: AreaCode) -> Intake:
    """Open a risk for each household among these clues that has none, and attach the clues; `area` sets the clock."""
    rows = await tx.raw.fetch(_CLUES, list(clue_ids)) if clue_ids else []
    if not rows:
        return Intake((), ())
    multiple: Fraction = await tx.parameters.get(RED_MULTIPLE, area, ctx.today)
    due_on = last_day(ctx.today, await tx.parameters.get(CHECK_DAYS, area, ctx.today), ctx.calendar)
    found = [_risk(list(clues), multiple) for _, clues in groupby(rows, lambda row: row["household_id"])]
    fresh = await _store(tx, found, ctx.today, due_on)
    opened = tuple(risk for risk in found if risk.id in fresh)
    for risk in opened:
        tx.changed("risk", risk.id, risk.area)
        tx.emit(_detected(risk, ctx.today, due_on))
    linked = await tx.raw.fetch(_ATTACH, [row["id"] for row in rows])
    attached = tuple(
        AttachedClue(row["id"], row["household_id"], AreaCode(row["area_code"]), row["risk_id"])
        for row in linked
        if row["risk_id"] not in fresh
    )
    return Intake(opened, attached)


async def _store(tx: Write, risks: Sequence[OpenedRisk], today: date, due_on: date) -> set[UUID]:
    """The ids of those stored; a household whose risk is open already gets no second one."""
    columns = zip(
        *((r.id, r.household_id, int(r.area), r.cause, r.urgency, r.rule_id, r.rule_version, r.relapse) for r in risks),
        strict=True,
    )
    return {row["id"] for row in await tx.raw.fetch(_OPEN, *map(list, columns), today, due_on)}


def _detected(risk: OpenedRisk, today: date, due_on: date) -> RiskDetected:
    return RiskDetected(
        household_id=risk.household_id,
        area_code=risk.area,
        risk_id=risk.id,
        clue_ids=risk.clue_ids,
        rule_id=risk.rule_id,
        rule_version=risk.rule_version,
        cause=risk.cause,
        sources=risk.sources,
        severity=risk.urgency,
        detected_on=today,
        due_on=due_on,
    )


async def clear_risk(
    tx: Write,
    ctx: Context,
    risk_id: UUID,
    outcome: Outcome,
    case_id: UUID | None = None,
) -> None:
    """Close an open risk and tell it; one that is cleared already stays as it is."""
    row = await tx.raw.fetchrow(_CLEAR, risk_id, ctx.today, outcome)
    if row is None:
        return
    tx.changed("risk", risk_id, row["area_code"])
    tx.emit(
        RiskCleared(
            household_id=row["household_id"],
            area_code=AreaCode(row["area_code"]),
            risk_id=risk_id,
            case_id=case_id,
            outcome=outcome,
            cleared_on=ctx.today,
        ),
    )


def _risk(clues: Sequence[asyncpg.Record], multiple: Fraction) -> OpenedRisk:
    """The risk of one household; the most urgent of its clues names cause and rule."""

    def of(clue: asyncpg.Record) -> Urgency:
        return urgency(Cause(clue["cause"]), clue["amount_fen"], clue["threshold_fen"], multiple)

    gravest = next((clue for clue in clues if of(clue) is Urgency.RED), clues[0])
    return OpenedRisk(
        id=new_id(),
        household_id=gravest["household_id"],
        area=AreaCode(gravest["area_code"]),
        cause=Cause(gravest["cause"]),
        urgency=of(gravest),
        rule_id=gravest["rule_id"],
        rule_version=gravest["rule_version"],
        sources=tuple(sorted({clue["source"] for clue in clues})),
        clue_ids=tuple(clue["id"] for clue in clues),
        relapse=gravest["relapse"],
    )
