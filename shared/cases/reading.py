"""A case as it is shown: where it stands, what its reader may do now, what happened so far."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.cases import store
from shared.cases.binding import Binding
from shared.contracts.wire import Area
from shared.db.sessions import ReadSession
from shared.kernel.actors import Actor
from shared.kernel.days import Calendar
from shared.kernel.errors import not_found
from shared.kernel.roles import ROLE_NAMES, Role
from shared.parameters.lookup import Parameters
from shared.workflow.decide import Settings, allowed, flags_of
from shared.workflow.model import Step, Workflow

_HISTORY = """
SELECT version, step, source, target, round, actor, role, at, reason, evidence
  FROM case_step WHERE case_id = $1 ORDER BY version"""
_NOTICE = """
SELECT id, level, posted_on, last_day, first_proof IS NOT NULL AS first_day_proven,
       last_proof IS NOT NULL AS last_day_proven
  FROM case_notice WHERE id = $1"""
_OBJECTIONS = """
SELECT id, channel, wording, filed_at FROM case_objection WHERE case_id = $1 AND outcome IS NULL ORDER BY filed_at, id"""
_FLOOR_STEPS = {"open": ("立案", "opened"), "escalate": ("超期升级", "escalated")}
"""Rows of the history that no declaration names."""


class Shown(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True)


class EvidenceAsked(Shown):
    """Which files a step asks for."""

    kind: str
    zh: str
    minimum: int


class Action(Shown):
    """A step that this reader may try now; rules of the field may still refuse it."""

    step: str
    zh: str
    en: str
    reason_required: bool
    evidence: list[EvidenceAsked]
    rule: str


class Happened(Shown):
    """One row of the history: the role that acted, and the actor as an opaque id."""

    version: int
    step: str
    zh: str
    en: str
    source: str
    target: str
    round: int
    role: str
    role_zh: str
    actor: UUID
    at: datetime
    reason: str
    evidence: list[UUID]


class OpenObjection(Shown):
    """An objection (异议) that waits for its answer."""

    id: UUID
    channel: str
    wording: str
    filed_at: datetime


class NoticeShown(Shown):
    """The running notice (公示) and what it still lacks."""

    id: UUID
    level: str
    posted_on: date
    last_day: date
    first_day_proven: bool
    last_day_proven: bool
    open_objections: list[OpenObjection]


class CaseShown(Shown):
    """A case (办件) with all that a desk needs for the next step; `version` is its ETag."""

    id: UUID
    workflow: str
    workflow_zh: str
    workflow_en: str
    subject_id: UUID
    area_code: Area
    state: str
    state_zh: str
    state_en: str
    is_open: bool
    round: int
    version: int
    started_on: date
    due_on: date | None
    total_due_on: date | None
    is_overdue: bool
    marks: list[str]
    notice: NoticeShown | None
    actions: list[Action]
    history: list[Happened]


_OFFICES = frozenset(Role) - {Role.HOUSEHOLD, Role.AGENCY}
"""Who sees a case's history: the reasons in it may be about somebody else's household."""


async def show_case(
    session: ReadSession,
    binding: Binding,
    subject_id: UUID,
    actor: Actor,
    parameters: Parameters,
    calendar: Calendar,
    today: date,
) -> CaseShown:
    """The case of `subject_id` as `actor` sees it; raises NotFound."""
    workflow = binding.workflow
    if binding.reads is not None and not await binding.reads(session, subject_id, actor):
        raise not_found(workflow.zh, workflow.en)
    loaded = await store.load(session.raw, workflow, subject_id, lock=False)
    case, view = loaded.row, loaded.view
    names = flags_of(workflow)
    flags = await parameters.get_many(names, case.area, today) if names else {}
    steps = allowed(workflow, view, actor, Settings(flags, {}, calendar))
    state = workflow.by_state[case.state]
    days = [day for day in (case.due_on, case.total_due_on) if day is not None]
    return CaseShown(
        id=case.id,
        workflow=workflow.name,
        workflow_zh=workflow.zh,
        workflow_en=workflow.en,
        subject_id=subject_id,
        area_code=case.area,
        state=case.state,
        state_zh=state.zh,
        state_en=state.en,
        is_open=not state.terminal,
        round=case.round,
        version=case.version,
        started_on=case.started_on,
        due_on=case.due_on,
        total_due_on=case.total_due_on,
        is_overdue=not state.terminal and any(day < today for day in days),
        marks=sorted(view.marks),
        notice=await _notice(session, case.id, loaded.notice_id),
        actions=[_action(step) for step in steps],
        history=await _history(session, workflow, case.id) if actor.may(_OFFICES, case.area) else [],
    )


def _action(step: Step) -> Action:
    return Action(
        step=step.name,
        zh=step.zh,
        en=step.en,
        reason_required=step.reason,
        evidence=[EvidenceAsked(kind=each.kind, zh=each.zh, minimum=each.minimum) for each in step.evidence],
        rule=step.rule,
    )


async def _history(session: ReadSession, workflow: Workflow, case_id: UUID) -> list[Happened]:
    names = {step.name: (step.zh, step.en) for step in workflow.steps} | _FLOOR_STEPS
    roles = {role.value: name for role, name in ROLE_NAMES.items()}
    shown = []
    for row in await session.raw.fetch(_HISTORY, case_id):
        zh, en = names.get(row["step"], (row["step"], row["step"]))
        shown.append(Happened(**row, zh=zh, en=en, role_zh=roles.get(row["role"], "")))
    return shown


async def _notice(session: ReadSession, case_id: UUID, notice_id: UUID | None) -> NoticeShown | None:
    if notice_id is None:
        return None
    row = await session.raw.fetchrow(_NOTICE, notice_id)
    assert row is not None
    objections = await session.raw.fetch(_OBJECTIONS, case_id)
    return NoticeShown(**row, open_objections=[OpenObjection(**each) for each in objections])
