"""Reads and writes of one case: the row under its lock, its history, its running notice."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from shared.cases.binding import CaseRow
from shared.commands.command import Context
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found
from shared.workflow.decide import Advance, CaseView, Notice, Past
from shared.workflow.model import Workflow

_LOCK = "SELECT * FROM case_file WHERE workflow = $1 AND subject_id = $2 FOR UPDATE"
_PEEK = "SELECT * FROM case_file WHERE workflow = $1 AND subject_id = $2"
_PAST = """
SELECT (SELECT coalesce(json_agg(json_build_array(step, actor, round) ORDER BY version), '[]')
          FROM case_step WHERE case_id = $1) AS history,
       (SELECT json_build_object('id', id, 'posted_on', posted_on, 'last_day', last_day,
               'first_proof', first_proof IS NOT NULL, 'last_proof', last_proof IS NOT NULL)
          FROM case_notice WHERE case_id = $1 AND closed_on IS NULL AND NOT permanent) AS notice,
       (SELECT count(*) FROM case_objection WHERE case_id = $1 AND outcome IS NULL) AS objections"""
_MOVE = """
WITH moved AS (
  UPDATE case_file SET state = $2, previous = $3, round = $4, marks = $5::text::jsonb, version = version + 1,
         entered_at = CASE WHEN state = $2 THEN entered_at ELSE $6 END,
         due_on = CASE WHEN state = $2 THEN due_on ELSE $7 END, escalated = CASE WHEN state = $2 THEN escalated ELSE 0 END,
         is_open = $8, total_due_on = CASE WHEN $16 THEN NULL ELSE total_due_on END
   WHERE id = $1 RETURNING version, area_code)
INSERT INTO case_step(case_id, version, step, source, target, round, actor, role, at, reason, evidence, area_code)
SELECT $1, version, $9, $10, $2, $11, $12, $13, $6, $14, $15, area_code FROM moved RETURNING version"""
_OPEN = """
WITH opened AS (
  INSERT INTO case_file(id, workflow, workflow_version, subject_id, area_code, state, round, marks, version,
                        started_on, entered_at, due_on, total_due_on, is_open)
  VALUES ($1, $2, $3, $4, $5, $6, 1, '{}', 1, $7, $8, $9, $10, true) RETURNING id)
INSERT INTO case_step(case_id, version, step, source, target, round, actor, role, at, reason, evidence, area_code)
SELECT id, 1, 'open', '', $6, 1, $11, $12, $8, '', '{}', $5 FROM opened"""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A case with what `decide` wants to see of it; `notice_id` is the running notice."""

    row: CaseRow
    view: CaseView
    notice_id: UUID | None


async def load(raw: asyncpg.Connection, workflow: Workflow, subject_id: UUID, *, lock: bool) -> Loaded:
    """The case of `subject_id`; raises NotFound. With `lock` until the end of the transaction."""
    found = await raw.fetchrow(_LOCK if lock else _PEEK, workflow.name, subject_id)
    if found is None:
        raise not_found(workflow.zh, workflow.en)
    row = case_row(found)
    # A second statement: the first may have waited for the lock, and its snapshot is older than what it waited for.
    past = await raw.fetchrow(_PAST, row.id)
    assert past is not None
    notice: dict[str, Any] | None = past["notice"]
    view = CaseView(
        state=row.state,
        previous=row.previous,
        round=row.round,
        area=row.area,
        marks={mark: UUID(actor) for mark, actor in found["marks"].items()},
        history=tuple(Past(step, UUID(actor), turn) for step, actor, turn in past["history"]),
        notice=_notice(notice, past["objections"]),
    )
    return Loaded(row, view, UUID(notice["id"]) if notice else None)


def _notice(notice: dict[str, Any] | None, objections: int) -> Notice | None:
    if notice is None:
        return None
    return Notice(
        posted_on=date.fromisoformat(notice["posted_on"]),
        last_day=date.fromisoformat(notice["last_day"]),
        first_proof=notice["first_proof"],
        last_proof=notice["last_proof"],
        open_objections=objections,
    )


def case_row(found: asyncpg.Record) -> CaseRow:
    """The row as a value."""
    return CaseRow(
        id=found["id"],
        workflow=found["workflow"],
        subject_id=found["subject_id"],
        area=AreaCode(found["area_code"]),
        state=found["state"],
        previous=found["previous"],
        round=found["round"],
        version=found["version"],
        started_on=found["started_on"],
        due_on=found["due_on"],
        total_due_on=found["total_due_on"],
    )


async def insert(raw: asyncpg.Connection, workflow: Workflow, row: CaseRow, ctx: Context, role: str) -> None:
    """A new case in its first state, and the first row of its history."""
    await raw.execute(
        _OPEN,
        row.id,
        workflow.name,
        workflow.version,
        row.subject_id,
        int(row.area),
        row.state,
        row.started_on,
        ctx.now,
        row.due_on,
        row.total_due_on,
        ctx.actor.id,
        role,
    )


async def move(
    raw: asyncpg.Connection,
    case_id: UUID,
    advance: Advance,
    ctx: Context,
    *,
    is_open: bool,
    reason: str,
    evidence: tuple[UUID, ...],
) -> int:
    """Write what was decided and its history in one statement; gives the new version."""
    marks = {mark: str(actor) for mark, actor in advance.marks.items()}
    version: int = await raw.fetchval(
        _MOVE,
        case_id,
        advance.target,
        advance.previous,
        advance.round,
        orjson.dumps(marks).decode(),
        ctx.now,
        advance.due_on,
        is_open,
        advance.step.name,
        advance.source,
        advance.round,
        ctx.actor.id,
        advance.role,
        reason,
        list(evidence),
        advance.total_met,
    )
    return version
