"""Many cases at once (批量办理): opened, taken one step by the system, or by a person with one set of papers for all."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import asyncpg

from shared.cases import notices
from shared.cases.advance import evidence_kinds
from shared.cases.binding import Binding
from shared.commands.command import Context, Write
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Forbidden, Refused, Violation
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.workflow import refusals
from shared.workflow.model import Publicity, Step, Target

Rows: TypeAlias = list[asyncpg.Record]

_OPEN = """
WITH opened AS (
  INSERT INTO case_file(id, workflow, workflow_version, subject_id, area_code, state, round, marks, version,
                        started_on, entered_at, due_on, is_open)
  SELECT id, $1, $2, subject_id, area_code, $3, 1, '{}', 1, $4, $5, due_on, true
    FROM unnest($6::uuid[], $7::uuid[], $8::bigint[], $9::date[]) AS given(id, subject_id, area_code, due_on)
  RETURNING id, area_code)
INSERT INTO case_step(case_id, version, step, source, target, round, actor, role, at, reason, evidence, area_code)
SELECT id, 1, 'open', '', $3, 1, $10, $11, $5, '', '{}', area_code FROM opened"""
_MOVE = """
WITH given AS (
  SELECT * FROM unnest($1::uuid[], $2::date[]) AS given(subject_id, due_on)
), held AS (
  SELECT c.id, c.state, given.due_on
    FROM case_file AS c JOIN given USING (subject_id)
   WHERE c.workflow = $3 AND c.state = ANY($4::text[]) FOR UPDATE OF c
), moved AS (
  UPDATE case_file AS c SET state = $5, previous = '', round = c.round + $6, marks = '{}', version = c.version + 1,
         entered_at = $7, due_on = held.due_on, escalated = 0, is_open = $8
    FROM held WHERE c.id = held.id
  RETURNING c.id, c.version, c.round, c.area_code, c.subject_id, held.state AS source
), written AS (
  INSERT INTO case_step(case_id, version, step, source, target, round, actor, role, at, reason, evidence, area_code)
  SELECT id, version, $9, source, $5, round, $10, $11, $7, $12, $13::uuid[], area_code FROM moved)
SELECT id, subject_id, round, version, area_code FROM moved"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A case to open or to move: its subject, area, and the last day of the clock of the state it comes to."""

    subject_id: UUID
    area: int
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Submitted:
    """A case in a person's set: what the step's guards judge, and the text of the notice that its new state posts."""

    entry: Entry
    facts: Any
    notice: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """The subjects that moved, and why others did not; who is in neither stood elsewhere."""

    moved: frozenset[UUID]
    refused: Mapping[UUID, tuple[Violation, ...]]


class _Signed(NamedTuple):
    """In which role a step is taken, why, and on which papers."""

    role: Role
    reason: str = ""
    evidence: Sequence[UUID] = ()


async def open_cases(tx: Write, ctx: Context, binding: Binding, entries: Sequence[Entry], *, at_once: str = "") -> None:
    """Begin the workflow for each new subject in its first state.

    One with a total clock is not for sets, unless the caller takes the step `at_once` next, which ends that clock.
    """
    workflow = binding.workflow
    ended = at_once != "" and workflow.by_state[_for_sets(binding, at_once).target].terminal
    if (workflow.total is not None and not ended) or workflow.by_state[workflow.start].publicity is not None:
        message = f"{workflow.name} is opened one case at a time"
        raise ValueError(message)
    await tx.raw.execute(
        _OPEN,
        workflow.name,
        workflow.version,
        workflow.start,
        ctx.today,
        ctx.now,
        [new_id() for _ in entries],
        [entry.subject_id for entry in entries],
        [int(entry.area) for entry in entries],
        [entry.due_on for entry in entries],
        ctx.actor.id,
        Role.SYSTEM,
    )
    for entry in entries:
        tx.changed(workflow.subject, entry.subject_id, entry.area)


async def advance_cases(
    tx: Write,
    ctx: Context,
    binding: Binding,
    step: str,
    entries: Sequence[Entry],
    *,
    reason: str = "",
) -> set[UUID]:
    """Take the system's step for each case that stands where it begins; gives the subjects that moved.

    The caller does what the step does besides moving, and publishes what it declares in `emits`.
    """
    declared = _for_sets(binding, step)
    rows = await _move(tx, ctx, binding, declared, entries, _Signed(Role.SYSTEM, reason))
    return {row["subject_id"] for row in rows}


async def take_together(
    tx: Write, ctx: Context, binding: Binding, step: str, cases: Sequence[Submitted], evidence: Sequence[UUID]
) -> Taken:
    """Take a person's step for many cases of one area, with the same papers; each is judged by the step's guards.

    What a guard or the text of its notice bars stays where it is and is told; the others move in one statement. Raises
    Forbidden, and Refused when papers are missing. The caller does what the step does besides, as in `advance_cases`.
    """
    declared = _for_persons(binding, step)
    role = _role_for(declared, ctx, cases)
    given = await evidence_kinds(tx, tuple(evidence))
    missing = [asked for asked in declared.evidence if given.get(asked.kind, 0) < asked.minimum]
    if missing:
        raise Refused(*(refusals.evidence_missing(declared, asked, given.get(asked.kind, 0)) for asked in missing))
    publicity = binding.workflow.by_state[declared.target].publicity
    words: tuple[str, ...] | None = None
    if publicity is not None and cases:
        words = await tx.parameters.get(notices.FORBIDDEN_WORDS, cases[0].entry.area, ctx.today)
    refused = await asyncio.to_thread(_judge, binding, declared, cases, words)
    signed = _Signed(role, evidence=evidence)
    good = {case.entry.subject_id: case for case in cases if case.entry.subject_id not in refused}
    rows = await _move(tx, ctx, binding, declared, [case.entry for case in good.values()], signed)
    if publicity is not None:
        await _post(tx, ctx, rows, good, declared.target, publicity)
    return Taken(frozenset(row["subject_id"] for row in rows), refused)


def _role_for(declared: Step, ctx: Context, cases: Sequence[Submitted]) -> Role:
    roles = {ctx.actor.role_for(declared.roles, area) for area in {AreaCode(case.entry.area) for case in cases}}
    role = next(iter(roles), None)
    if role is None or None in roles:
        raise Forbidden(refusals.role_required(declared, declared.roles))
    return role


def _judge(
    binding: Binding, declared: Step, cases: Sequence[Submitted], words: tuple[str, ...] | None
) -> dict[UUID, tuple[Violation, ...]]:
    """What bars each case: its guards, and with `words` the text of its notice. Work for a thread."""
    refused: dict[UUID, tuple[Violation, ...]] = {}
    for case in cases:
        judged = (binding.guards[name](case.facts) for name in declared.guards)
        broken = tuple(violation for violation in judged if violation is not None)
        if words is not None:
            broken += notices.personal_data(case.notice, words)
        if broken:
            refused[case.entry.subject_id] = broken
    return refused


async def _post(
    tx: Write, ctx: Context, rows: Rows, cases: Mapping[UUID, Submitted], state: str, publicity: Publicity
) -> None:
    posted = [
        notices.Posting(row["id"], row["version"], row["round"], row["area_code"], cases[row["subject_id"]].notice)
        for row in rows
    ]
    await notices.post_announcements(tx, ctx, posted, state, publicity)


async def _move(
    tx: Write, ctx: Context, binding: Binding, declared: Step, entries: Sequence[Entry], signed: _Signed
) -> Rows:
    target = binding.workflow.by_state[declared.target]
    rows: Rows = await tx.raw.fetch(
        _MOVE,
        [entry.subject_id for entry in entries],
        [entry.due_on for entry in entries],
        binding.workflow.name,
        list(declared.source),
        target.name,
        int(declared.new_round),
        ctx.now,
        not target.terminal,
        declared.name,
        ctx.actor.id,
        signed.role,
        signed.reason,
        list(signed.evidence),
    )
    moved = {row["subject_id"] for row in rows}
    for entry in entries:
        if entry.subject_id in moved:
            tx.changed(binding.workflow.subject, entry.subject_id, entry.area)
    return rows


def _for_sets(binding: Binding, name: str) -> Step:
    """The step `name`, if nothing about it asks for one case at a time."""
    (step,) = binding.workflow.named(name)
    entered = binding.workflow.by_state.get(step.target)
    asks = (
        step.guards or step.evidence,
        Role.SYSTEM not in step.roles,
        entered is not None and entered.publicity,
    )
    return _alike(binding, step, one_by_one=any(asks))


def _for_persons(binding: Binding, name: str) -> Step:
    """The step `name`, if all that it asks for may be the same for many cases."""
    (step,) = binding.workflow.named(name)
    entered = binding.workflow.by_state.get(step.target)
    notice = entered.publicity if entered else None
    asks = (
        step.reason or step.different_from,
        entered is not None and entered.due,
        notice is not None and not (notice.permanent and binding.notice),
    )
    return _alike(binding, step, one_by_one=any(asks))


def _alike(binding: Binding, step: Step, *, one_by_one: bool) -> Step:
    """Neither marks, variants and co-signatures nor a notice that has to run its days are for sets."""
    left = [binding.workflow.by_state[state].publicity for state in step.source]
    asks = (
        step.needs or step.marks or step.signatures or step.when or step.unless,
        step.target in set(Target),
        any(publicity and not publicity.permanent for publicity in left),
    )
    if one_by_one or any(asks):
        message = f"{binding.workflow.name}.{step.name} is taken one case at a time"
        raise ValueError(message)
    return step
