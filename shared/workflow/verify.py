"""Finds what is wrong with a declaration before any case meets it; services run it at start-up, tests on each one."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations

from shared.kernel.roles import Role
from shared.workflow.model import Step, Target, Workflow

DURATION = "duration"
"""The kind of a clock's parameter."""
FLAG = "flag"
"""The kind of a variant's parameter."""

Edges = list[tuple[str, str, frozenset[str]]]
"""Moves from state to state with the names of the steps that each of them takes for granted."""


def verify(workflow: Workflow, *, guards: Collection[str], parameters: Mapping[str, str]) -> list[str]:
    """The defects, one sentence each; empty when the workflow may run.

    `guards` are the names of rules that the service supplies, `parameters` the kinds of those it declares.
    """
    return [
        *_names(workflow),
        *_moves(workflow),
        *_paths(workflow),
        *_people(workflow),
        *_marks(workflow),
        *_rounds(workflow),
        *(
            f"step {step.name}: no rule is called {name}"
            for step in workflow.steps
            for name in step.guards
            if name not in guards
        ),
        *_parameters(workflow, parameters),
    ]


def _names(workflow: Workflow) -> Iterator[str]:
    for name, count in Counter(state.name for state in workflow.states).items():
        if count > 1:
            yield f"{count} states are called {name}"
    for one, other in combinations(workflow.steps, 2):
        shared = sorted(set(one.source) & set(other.source))
        if one.name == other.name and shared and not _exclusive(one, other):
            yield f"step {one.name} is ambiguous in {', '.join(shared)}"


def _exclusive(one: Step, other: Step) -> bool:
    return bool({one.when} & {other.unless} - {""} or {other.when} & {one.unless} - {""})


def _moves(workflow: Workflow) -> Iterator[str]:
    if workflow.start not in workflow.by_state:
        yield f"the start {workflow.start} is no state"
    for name in workflow.total_until - workflow.by_state.keys():
        yield f"the total clock runs until the unknown state {name}"
    for step in workflow.steps:
        for name in step.source:
            if name not in workflow.by_state:
                yield f"step {step.name} leaves the unknown state {name}"
            elif workflow.by_state[name].terminal:
                yield f"step {step.name} leaves the terminal state {name}"
            if name in workflow.pauses and step.target in workflow.pauses:
                yield f"step {step.name} leads from one pause to another and forgets the way back"
        if step.target not in workflow.by_state and step.target not in set(Target):
            yield f"step {step.name} leads to the unknown state {step.target}"


def _edges(workflow: Workflow) -> Edges:
    """The moves; the way back from a pause is none, for it leads only to where the case has been."""
    return [
        (source, step.target, frozenset({step.name, *_before(workflow, step, set())}))
        for step in workflow.steps
        if step.target not in set(Target)
        for source in step.source
    ]


def _before(workflow: Workflow, step: Step, seen: set[str]) -> set[str]:
    """The parallel steps that must have been taken for the marks that `step` needs."""
    for mark in step.needs:
        leaving = [each for each in workflow.steps if each.marks == mark]
        if len(leaving) == 1 and leaving[0].name not in seen:
            seen.add(leaving[0].name)
            _before(workflow, leaving[0], seen)
    return seen


def _reached(edges: Edges, start: str, without: str = "") -> set[str]:
    """The states to be reached from `start` by moves that do not take the step `without`."""
    reached, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for source, target, taken in edges:
            if source == here and without not in taken and target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def _paths(workflow: Workflow) -> Iterator[str]:
    edges = _edges(workflow)
    reached = _reached(edges, workflow.start)
    for state in workflow.states:
        if state.name not in reached:
            yield f"state {state.name} cannot be reached"
        left = state.name in workflow.pauses or any(source == state.name for source, _, _ in edges)
        if not state.terminal and not left:
            yield f"state {state.name} is a dead end"


def _people(workflow: Workflow) -> Iterator[str]:
    names = {step.name for step in workflow.steps}
    for step in workflow.steps:
        unknown = _unknown({*step.roles, *(role for group in step.signatures for role in group)})
        if unknown:
            yield f"step {step.name} names unknown roles: {', '.join(unknown)}"
        if not step.roles:
            yield f"step {step.name} can be taken by nobody"
        if step.signatures and frozenset().union(*step.signatures) != step.roles:
            yield f"step {step.name}: its roles are not those of its signatures"
        for other in step.different_from:
            if other not in names:
                yield f"step {step.name} must differ from the unknown step {other}"
    for due in (workflow.total, *(state.due for state in workflow.states)):
        if due and _unknown({due.escalate_to}):
            yield f"the clock {due.days} escalates to the unknown role {due.escalate_to}"


def _unknown(roles: Iterable[str]) -> list[str]:
    return sorted(str(role) for role in roles if not isinstance(role, Role))


def _marks(workflow: Workflow) -> Iterator[str]:
    for step in workflow.steps:
        if step.marks and step.target != Target.SAME:
            yield f"step {step.name} leaves the mark {step.marks} and moves on, which clears it"
        for mark in step.needs:
            leaving = {name for each in workflow.steps if each.marks == mark for name in each.source}
            for source in step.source:
                if source not in leaving:
                    yield f"step {step.name} needs the mark {mark}, which nobody leaves in {source}"


def _rounds(workflow: Workflow) -> Iterator[str]:
    """A new round sets people free; it must lead through the steps that bind them once more."""
    edges = _edges(workflow)
    for opening in workflow.steps:
        entered = opening.source if opening.target == Target.SAME else (opening.target,)
        for step in workflow.steps if opening.new_round else ():
            for other in step.different_from:
                bound = set(step.source) - _reached(edges, workflow.start, other)
                loose = {name for state in entered for name in _reached(edges, state, other)}
                if bound & loose and other not in _before(workflow, step, set()):
                    yield f"step {opening.name} opens a round in which {step.name} no longer differs from {other}"


def _parameters(workflow: Workflow, kinds: Mapping[str, str]) -> Iterator[str]:
    clocks = [(state.name, state.due.days) for state in workflow.states if state.due]
    clocks += [(workflow.name, workflow.total.days)] if workflow.total else []
    for state in workflow.states:
        if state.publicity and (state.publicity.days or not state.publicity.permanent):
            clocks.append((state.name, state.publicity.days))
    flags = [(step.name, name) for step in workflow.steps for name in (step.when, step.unless) if name]
    for wanted, used in ((DURATION, clocks), (FLAG, flags)):
        for where, name in used:
            if kinds.get(name) is None:
                yield f"{where}: no parameter is called {name!r}"
            elif kinds[name] != wanted:
                yield f"{where}: {name} is a {kinds[name]}, not a {wanted}"
