"""The one interpreter of workflows: from a case and a submitted step to what changes, or to a refusal. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from shared.kernel.actors import Actor
from shared.kernel.areas import AreaCode
from shared.kernel.days import Calendar, Duration, last_day
from shared.kernel.errors import Forbidden, Refused, Violation
from shared.kernel.roles import Role
from shared.workflow import refusals
from shared.workflow.model import State, Step, Target, Workflow


@dataclass(frozen=True, slots=True)
class Past:
    """One taken step of the history; of a co-signed step, one signature."""

    step: str
    actor: UUID
    round: int


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice of the present state: its last full day, proofs on file, and objections without an answer."""

    posted_on: date
    last_day: date
    first_proof: bool
    last_proof: bool
    open_objections: int


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case (办件) as it stands; `marks` tells who did which parallel step since it entered the present state."""

    state: str
    previous: str
    round: int
    area: AreaCode
    marks: Mapping[str, UUID]
    history: tuple[Past, ...]
    notice: Notice | None


@dataclass(frozen=True, slots=True)
class Submission:
    """A step that somebody wants to take, with the number of files by kind."""

    step: str
    actor: Actor
    evidence: Mapping[str, int]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """The parameters of the workflow, resolved for the case's area and day."""

    flags: Mapping[str, bool]
    durations: Mapping[str, Duration]
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Clocks:
    """Last days: of the step clock, of the notice that begins (a permanent one may be left at once)."""

    due_on: date | None
    notice_until: date | None


@dataclass(frozen=True, slots=True)
class Advance:
    """What changes. Without `moved` the state and its clocks stay and only `marks` and `round` count.

    `complete` is false while another side has yet to sign: then nothing is emitted and no effect follows.
    `total_met` stops the total clock: what it measures is reached.
    """

    step: Step
    source: str
    target: str
    moved: bool
    complete: bool
    round: int
    previous: str
    marks: Mapping[str, UUID]
    role: Role
    due_on: date | None
    notice_until: date | None
    total_met: bool


Guards: TypeAlias = Mapping[str, Callable[[Any], Violation | None]]
"""The service's rules by the names that declarations use."""


def parameters_of(workflow: Workflow) -> frozenset[str]:
    """The Duration parameters to resolve before `decide`."""
    names = {state.publicity.days for state in workflow.states if state.publicity}
    names |= {state.due.days for state in workflow.states if state.due}
    names |= {workflow.total.days} if workflow.total else set()
    return frozenset(names - {""})


def flags_of(workflow: Workflow) -> frozenset[str]:
    """The boolean parameters to resolve before `decide`."""
    return frozenset(name for step in workflow.steps for name in (step.when, step.unless) if name)


def clocks(state: State, settings: Settings, today: date) -> Clocks:
    """The clocks that begin when a case enters `state` today."""

    def end(parameter: str) -> date:
        return last_day(today, settings.durations[parameter], settings.calendar) if parameter else today

    return Clocks(end(state.due.days) if state.due else None, end(state.publicity.days) if state.publicity else None)


def allowed(workflow: Workflow, case: CaseView, actor: Actor, settings: Settings) -> tuple[Step, ...]:
    """The steps this actor could try now: by state, variant, role, area and separation of duties."""
    return tuple(
        step
        for step in workflow.steps_from(case.state)
        if _offered(step, settings)
        and _role(step, case, actor) is not None
        and not any(_duties(workflow, step, case, actor))
    )


def decide(
    workflow: Workflow,
    case: CaseView,
    submission: Submission,
    facts: Any,
    guards: Guards,
    settings: Settings,
    today: date,
) -> Advance:
    """What the submitted step changes.

    Who may take a step is settled first, then everything that is missing is told at once. Raises Forbidden
    (ROLE_REQUIRED) and Refused (every other code, and the violations of the guards).
    """
    actor = submission.actor
    step = _find(workflow, case, submission.step, settings)
    role = _role(step, case, actor)
    if role is None:
        raise Forbidden(refusals.role_required(step, step.roles))
    barred = [*_duties(workflow, step, case, actor)] or [
        *_missing(workflow, step, case, submission, today),
        *(found for name in step.guards if (found := guards[name](facts)) is not None),
    ]
    if barred:
        raise Refused(*barred)
    return _advance(workflow, step, case, actor, role, settings, today)


def _find(workflow: Workflow, case: CaseView, name: str, settings: Settings) -> Step:
    named = workflow.named(name)
    if not named:
        raise Refused(refusals.unknown_step(workflow, name))
    here = [step for step in named if case.state in step.source]
    if not here:
        raise Refused(refusals.not_in_state(workflow, named, case.state))
    offered = [step for step in here if _offered(step, settings)]
    if not offered:
        raise Refused(refusals.not_offered(here[0]))
    return offered[0]


def _offered(step: Step, settings: Settings) -> bool:
    return (not step.when or settings.flags[step.when]) and not (step.unless and settings.flags[step.unless])


def _signature(step: Step, group: int | str) -> str:
    return f"sign:{step.name}:{group}"


def _unsigned(step: Step, case: CaseView) -> list[int]:
    return [group for group in range(len(step.signatures)) if _signature(step, group) not in case.marks]


def _open_group(step: Step, case: CaseView, actor: Actor) -> int | None:
    return next((n for n in _unsigned(step, case) if actor.may(step.signatures[n], case.area)), None)


def _role(step: Step, case: CaseView, actor: Actor) -> Role | None:
    """The role for the step, of a co-signed step for the side that has not signed yet."""
    group = _open_group(step, case, actor)
    return actor.role_for(step.roles if group is None else step.signatures[group], case.area)


def _duties(workflow: Workflow, step: Step, case: CaseView, actor: Actor) -> Iterator[Violation]:
    """Separation of duties: against earlier steps of this round, and between the sides of a co-signature.

    Only the present round binds. A new round does its work again, so what somebody did in an earlier one no longer
    speaks about this work; counting it would use up the few clerks of a township. The price is that a new round must
    really lead through the earlier step again; `verify` reports one that does not.
    """
    taken = {past.step for past in case.history if past.round == case.round and past.actor == actor.id}
    for name in step.different_from:
        if name in taken:
            yield refusals.same_person(workflow, step, workflow.named(name)[0])
    if step.signatures:
        if actor.id in {case.marks.get(_signature(step, group)) for group in range(len(step.signatures))}:
            yield refusals.same_signer(workflow, step)
        elif _open_group(step, case, actor) is None:
            yield refusals.signed_already(step)


def _missing(
    workflow: Workflow,
    step: Step,
    case: CaseView,
    submission: Submission,
    today: date,
) -> Iterator[Violation]:
    missing = [mark for mark in step.needs if mark not in case.marks]
    if missing:
        yield refusals.marks_missing(workflow, step, missing)
    if step.forward and step.target != Target.SAME:
        yield from _publicity(step, workflow.by_state[case.state], case.notice, today)
    for evidence in step.evidence:
        given = submission.evidence.get(evidence.kind, 0)
        if given < evidence.minimum:
            yield refusals.evidence_missing(step, evidence, given)
    if step.reason and not submission.reason.strip():
        yield refusals.reason_required(step)


def _publicity(step: Step, state: State, notice: Notice | None, today: date) -> Iterator[Violation]:
    if state.publicity is None or state.publicity.permanent:
        return
    if notice is None:
        yield refusals.publicity_not_posted(step, state)
        return
    if today <= notice.last_day:
        yield refusals.publicity_running(step, state, notice.last_day)
    elif not (notice.first_proof and notice.last_proof):
        yield refusals.proof_missing(step, state, first=not notice.first_proof, last=not notice.last_proof)
    if notice.open_objections:
        yield refusals.open_objection(step, state, notice.open_objections)


def _advance(
    workflow: Workflow,
    step: Step,
    case: CaseView,
    actor: Actor,
    role: Role,
    settings: Settings,
    today: date,
) -> Advance:
    marks, group = dict(case.marks), _open_group(step, case, actor)
    complete = len(_unsigned(step, case)) <= 1
    moved = complete and step.target != Target.SAME
    if group is not None:
        marks[_signature(step, group)] = actor.id
    if complete:
        marks = {mark: by for mark, by in marks.items() if not mark.startswith(_signature(step, ""))}
    if complete and step.marks:
        marks[step.marks] = actor.id
    target = case.state
    if moved:
        target = case.previous if step.target == Target.PREVIOUS else step.target
    begun = clocks(workflow.by_state[target], settings, today) if moved else Clocks(None, None)
    return Advance(
        step=step,
        source=case.state,
        target=target,
        moved=moved,
        complete=complete,
        round=case.round + (complete and step.new_round),
        previous=_previous(workflow, case, target) if moved else case.previous,
        marks={} if moved else marks,
        role=role,
        due_on=begun.due_on,
        notice_until=begun.notice_until,
        total_met=moved and (workflow.by_state[target].terminal or target in workflow.total_until),
    )


def _previous(workflow: Workflow, case: CaseView, target: str) -> str:
    return case.state if target in workflow.pauses else ""
