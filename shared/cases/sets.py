"""Many cases at once (批量办理): opened, or taken one step by the system, each in one statement; never for persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.cases.binding import Binding
from shared.commands.command import Context, Write
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.workflow.model import Step, Target

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
  SELECT id, version, $9, source, $5, round, $10, $11, $7, $12, '{}', area_code FROM moved)
SELECT subject_id FROM moved"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A case to open or to move: its subject, area, and the last day of the clock of the state it comes to."""

    subject_id: UUID
    area: int
    due_on: date | None


async def open_cases(tx: Write, ctx: Context, binding: Binding, entries: Sequence[Entry]) -> None:
    """Begin the workflow for each new subject in its first state; one with a total clock is not for sets."""
    workflow = binding.workflow
    if workflow.total is not None or workflow.by_state[workflow.start].publicity is not None:
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
    target = binding.workflow.by_state[declared.target]
    rows = await tx.raw.fetch(
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
        Role.SYSTEM,
        reason,
    )
    moved = {row["subject_id"] for row in rows}
    for entry in entries:
        if entry.subject_id in moved:
            tx.changed(binding.workflow.subject, entry.subject_id, entry.area)
    return moved


def _for_sets(binding: Binding, name: str) -> Step:
    """The step `name`, if nothing about it asks for one case at a time."""
    (step,) = binding.workflow.named(name)
    states = [binding.workflow.by_state[state] for state in step.source]
    asks = (
        step.guards or step.evidence or step.needs or step.marks or step.signatures or step.when or step.unless,
        step.target in set(Target),
        Role.SYSTEM not in step.roles,
        any(state.publicity for state in (*states, binding.workflow.by_state.get(step.target)) if state),
    )
    if any(asks):
        message = f"{binding.workflow.name}.{name} is taken one case at a time"
        raise ValueError(message)
    return step
