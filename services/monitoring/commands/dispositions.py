"""What becomes of a clue: matched by hand where no number told who it is, and disposed of exactly once (M-CLUE-07)."""

from collections.abc import Mapping, Sequence
from typing import ClassVar
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from services.monitoring.commands.registered import member_of
from services.monitoring.commands.risks import clear_risk, open_risks
from services.monitoring.domain.clues import Disposition, Match, by_hand
from services.monitoring.domain.risk import Outcome
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.monitoring_work import ClueDisposed
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Refused, Violation, not_found
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, TOWNSHIP, VILLAGE

_LOCK = "SELECT id, area_code, match, disposition FROM clue WHERE id = $1 FOR UPDATE"
_OF_RISK = "SELECT id FROM clue WHERE risk_id = $1 AND disposition IS NULL FOR UPDATE"
_MATCH = """
WITH found AS (
  UPDATE clue SET match = 'MATCHED', household_id = $2, member_id = $3, area_code = $4,
         id_number_sealed = NULL, name_sealed = NULL WHERE id = $1)
UPDATE clue_source SET area_code = $4 WHERE clue_id = $1"""
_DISPOSE = "UPDATE clue SET disposition = $2, disposed_on = $3, disposed_by = $4 WHERE id = ANY($1::uuid[])"
_IN_CASE = """
SELECT EXISTS (SELECT FROM clue c JOIN identification i ON i.risk_id = c.risk_id
                 JOIN case_file f ON f.subject_id = i.id AND f.is_open
                WHERE c.id = $1 AND NOT EXISTS (SELECT FROM episode e WHERE e.id = i.episode_id))"""
_LAST_OF_RISK = """
SELECT c.risk_id FROM clue c
 WHERE c.id = $1 AND NOT EXISTS (SELECT FROM clue o WHERE o.risk_id = c.risk_id AND o.disposition IS NULL)
   AND NOT EXISTS (SELECT FROM identification i WHERE i.risk_id = c.risk_id)"""
_SENDERS = """
SELECT s.clue_id, s.source, s.department, s.batch_id, s.row_no, c.area_code, c.item, c.household_id
  FROM clue_source s JOIN clue c ON c.id = s.clue_id WHERE s.clue_id = ANY($1::uuid[]) ORDER BY s.clue_id, s.id"""


class MatchClue(Command):
    """Say to which member a clue belongs that came without a number (人工匹配)."""

    ROLES: ClassVar[frozenset[Role]] = VILLAGE | TOWNSHIP | BUREAU

    clue_id: UUID
    member_id: UUID


class DisposeClue(Command):
    """Dispose of a clue (线索办结); once, and never as ENROLLED, which is what an identification comes to (M-CLUE-07)."""

    ROLES: ClassVar[frozenset[Role]] = TOWNSHIP | BUREAU

    clue_id: UUID
    disposition: Disposition


class ClueKnown(BaseModel):
    """What a clue has become."""

    clue_id: UUID
    match: Match
    disposition: Disposition | None
    risk_id: UUID | None = None


async def match_clue(tx: Write, command: MatchClue, ctx: Context) -> ClueKnown:
    """Raises Refused when the clue has its household already or is disposed of."""
    row = await _locked(tx, ctx, command.clue_id, command.ROLES)
    if row["match"] == Match.MATCHED:
        raise Refused(
            Violation("CLUE_MATCHED", "该线索已匹配到户", "the clue has its household already", rule="M-CLUE-01"),
        )
    member = await member_of(tx, ctx, command.member_id, command.ROLES)
    await tx.raw.execute(_MATCH, command.clue_id, member.household_id, member.id, member.area_code)
    tx.changed("clue", command.clue_id, member.area_code)
    intake = await open_risks(tx, ctx, [command.clue_id], AreaCode(member.area_code))
    risks = [*(risk.id for risk in intake.opened), *(clue.risk_id for clue in intake.attached)]
    return ClueKnown(clue_id=command.clue_id, match=Match.MATCHED, disposition=None, risk_id=next(iter(risks), None))


async def dispose_clue(tx: Write, command: DisposeClue, ctx: Context) -> ClueKnown:
    """Raises Refused for a second disposition, and for one that only a case may give.

    A risk that no clue stands for any more is cleared, unless a case has taken it up.
    """
    row = await _locked(tx, ctx, command.clue_id, command.ROLES)
    if refused := by_hand(command.disposition):
        raise Refused(refused)
    if await tx.raw.fetchval(_IN_CASE, command.clue_id):
        raise Refused(_in_case())
    await _dispose(tx, ctx, [command.clue_id], command.disposition)
    risk_id = await tx.raw.fetchval(_LAST_OF_RISK, command.clue_id)
    if risk_id is not None:
        solved = command.disposition is Disposition.POLICY_SOLVED
        await clear_risk(tx, ctx, risk_id, Outcome.POLICY_SOLVED if solved else Outcome.NOT_RISK)
    return ClueKnown(clue_id=command.clue_id, match=Match(row["match"]), disposition=command.disposition)


async def dispose_clues_of_risk(tx: Write, ctx: Context, risk_id: UUID, disposition: Disposition) -> None:
    """End every open clue of a risk the way its case ended, and tell each sender."""
    open_clues = [row["id"] for row in await tx.raw.fetch(_OF_RISK, risk_id)]
    await _dispose(tx, ctx, open_clues, disposition)


async def _dispose(tx: Write, ctx: Context, clue_ids: Sequence[UUID], disposition: Disposition) -> None:
    await tx.raw.execute(_DISPOSE, list(clue_ids), disposition, ctx.today, ctx.actor.id)
    for row in await tx.raw.fetch(_SENDERS, list(clue_ids)):
        tx.changed("clue", row["clue_id"], row["area_code"])
        tx.emit(
            ClueDisposed(
                area_code=AreaCode(row["area_code"]),
                clue_id=row["clue_id"],
                source=row["source"],
                department=row["department"] or None,
                batch_id=row["batch_id"],
                row=row["row_no"],
                item=row["item"],
                household_id=row["household_id"],
                disposition=disposition,
                disposed_on=ctx.today,
            ),
        )


async def _locked(tx: Write, ctx: Context, clue_id: UUID, roles: frozenset[Role]) -> asyncpg.Record:
    """The open clue; raises NotFound, or Refused when it has its disposition already."""
    row = await tx.raw.fetchrow(_LOCK, clue_id)
    if row is None or not ctx.actor.may(roles, row["area_code"]):
        raise not_found("线索", "clue")
    if row["disposition"] is not None:
        raise Refused(
            Violation(
                "CLUE_DISPOSED",
                "该线索已有处置结果，不得更改",
                "the clue has its disposition already, and it is never changed",
                rule="M-CLUE-07",
                remedy_zh="如出现新情况，请另报线索",
                remedy_en="report a new clue if something new has come up",
            ),
        )
    return row


def _in_case() -> Violation:
    return Violation(
        "CLUE_IN_CASE",
        "该线索正在识别认定中，由办件给出处置结果",
        "an identification has taken up this clue and will dispose of it",
        rule="M-CLUE-07",
        remedy_zh="办结或撤回该识别认定",
        remedy_en="finish or withdraw the identification",
    )


HANDLERS: Mapping[type[Command], Handler] = {MatchClue: match_clue, DisposeClue: dispose_clue}
