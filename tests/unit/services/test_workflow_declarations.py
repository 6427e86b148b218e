"""Every declared workflow: sound, interpreted exactly as declared, and the same words everywhere."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from services.assets.parameters import PARAMETERS as OF_ASSETS
from services.assets.workflows.custody import CUSTODY
from services.assets.workflows.disposal import DISPOSAL
from services.assets.workflows.distribution import DISTRIBUTION
from services.assets.workflows.handover import HANDOVER
from services.assets.workflows.operation import OPERATION
from services.assets.workflows.right import RIGHT
from services.assets.workflows.use import USE
from services.funds.service import SERVICE as FUNDS
from services.monitoring.parameters import PARAMETERS as OF_MONITORING
from services.monitoring.workflows.elimination import ELIMINATION
from services.monitoring.workflows.identification import IDENTIFICATION
from services.monitoring.workflows.measure import MEASURE
from shared.kernel.areas import NATION
from shared.kernel.errors import Forbidden, Problem, Refused
from shared.kernel.roles import Role
from shared.testing.workflows import evidence_of, open_guards, person, settings_of
from shared.workflow.decide import CaseView, Notice, Submission, allowed, decide, flags_of, parameters_of
from shared.workflow.draw import mermaid, table
from shared.workflow.model import Step, Target, Workflow
from shared.workflow.verify import verify

BY_SERVICE = {
    "funds": (tuple(binding.workflow for binding in FUNDS.bindings), FUNDS.parameters),
    "assets": ((RIGHT, HANDOVER, CUSTODY, USE, DISPOSAL, DISTRIBUTION, OPERATION), OF_ASSETS),
    "monitoring": ((IDENTIFICATION, ELIMINATION, MEASURE), OF_MONITORING),
}
ALL = tuple(workflow for workflows, _ in BY_SERVICE.values() for workflow in workflows)
every = pytest.mark.parametrize("workflow", ALL, ids=lambda workflow: workflow.name)

TODAY = date(2024, 3, 1)
HUNG = Notice(date(2024, 1, 1), date(2024, 1, 11), first_proof=True, last_proof=True, open_objections=0)


# ── soundness ───────────────────────────────────────────────────────────────


def test_no_declaration_is_left_out_of_these_tests() -> None:
    found = set()
    for service in BY_SERVICE:
        rooms = importlib.import_module(f"services.{service}.workflows")
        for room in pkgutil.iter_modules(rooms.__path__, f"{rooms.__name__}."):
            found |= {each.name for each in vars(importlib.import_module(room.name)).values() if type(each) is Workflow}
    assert found == {workflow.name for workflow in ALL}


@pytest.mark.parametrize("service", BY_SERVICE)
def test_declarations_verify_and_use_what_is_declared(service: str) -> None:
    workflows, parameters = BY_SERVICE[service]
    kinds = {parameter.name: parameter.kind.value for parameter in parameters}
    for workflow in workflows:
        assert verify(workflow, guards=open_guards(workflow), parameters=kinds) == []
        assert workflow.name.startswith(f"{service}.")
    for parameter in parameters:
        if parameter.default is not None:  # None: policy must state it, there is no fallback (M-LINE-06)
            parameter.parse(parameter.default)


@every
def test_whatever_is_shown_has_words_and_whatever_is_asked_a_rule(workflow: Workflow) -> None:
    words = [(each.zh, each.en) for each in workflow.states] + [(each.zh, each.en) for each in workflow.steps]
    assert all(zh and en for zh, en in [(workflow.zh, workflow.en), *words])
    for step in workflow.steps:
        assert step.rule, step.name
        assert all(each.zh for each in step.evidence)
    assert workflow.source
    assert workflow.duties


@every
def test_each_service_emits_only_its_own_events(workflow: Workflow) -> None:
    producer = workflow.name.split(".")[0]
    assert {event.TYPE.split(".")[0] for step in workflow.steps for event in step.emits} <= {producer}


@every
def test_it_can_be_drawn(workflow: Workflow) -> None:
    drawn = mermaid(workflow)
    rows = table(workflow).splitlines()
    assert all(f"    {state.name}: {state.zh}" in drawn for state in workflow.states)
    assert len(rows) == len(workflow.steps) + 2
    assert {row.count("|") for row in rows} == {10}


# ── the walk: every state × step × role ─────────────────────────────────────


def settled(workflow: Workflow, state: str) -> CaseView:
    """A case in `state` that lacks nothing: marks left, notice hung, previous known, nobody barred."""
    nobody = person(Role.OPERATOR).id
    marks = {step.marks: nobody for step in workflow.steps if step.marks and state in step.source}
    previous = workflow.start if state in workflow.pauses else ""
    return CaseView(state, previous, 1, NATION, marks, (), HUNG)


def offered(workflow: Workflow, state: str, name: str, flags: dict[str, bool]) -> Step | None:
    """The declared step, found by reading the declaration only."""
    for step in workflow.steps:
        chosen = (not step.when or flags[step.when]) and (not step.unless or not flags[step.unless])
        if step.name == name and state in step.source and chosen:
            return step
    return None


def target_of(step: Step, case: CaseView) -> str:
    if step.target == Target.SAME or len(step.signatures) > 1:
        return case.state  # the first of two signatures moves nothing yet
    return case.previous if step.target == Target.PREVIOUS else step.target


def flag_sets(workflow: Workflow) -> Iterator[dict[str, bool]]:
    names = sorted(flags_of(workflow))
    for values in product((False, True), repeat=len(names)):
        yield dict(zip(names, values, strict=True))


@every
def test_decide_accepts_exactly_what_is_declared(workflow: Workflow) -> None:
    guards = open_guards(workflow)
    names = {step.name for step in workflow.steps}
    evidence = evidence_of(*workflow.steps)
    people = {role: person(role) for role in Role}
    accepted = 0
    for flags in flag_sets(workflow):
        settings = settings_of(workflow, flags)
        for state, name in product(workflow.by_state, names):
            case = settled(workflow, state)
            step = offered(workflow, state, name, flags)
            for role, actor in people.items():
                submission = Submission(name, actor, evidence, "因为")
                if step is not None and role in step.roles:
                    advance = decide(workflow, case, submission, None, guards, settings, TODAY)
                    assert (advance.step, advance.target, advance.role) == (step, target_of(step, case), role)
                    accepted += 1
                else:
                    kind: type[Problem] = Refused if step is None else Forbidden
                    with pytest.raises(kind):
                        decide(workflow, case, submission, None, guards, settings, TODAY)
    assert accepted >= len(workflow.steps)


@every
def test_allowed_offers_exactly_what_decide_accepts(workflow: Workflow) -> None:
    for flags in flag_sets(workflow):
        settings = settings_of(workflow, flags)
        for state, role in product(workflow.by_state, Role):
            found = {step.name for step in allowed(workflow, settled(workflow, state), person(role), settings)}
            declared = {
                name
                for name in {step.name for step in workflow.steps}
                if (step := offered(workflow, state, name, flags)) is not None and role in step.roles
            }
            assert found == declared


@every
def test_no_step_can_do_without_what_it_asks_for(workflow: Workflow) -> None:
    """Each condition is taken away alone, and alone it is what the refusal names."""
    for step in workflow.steps:
        flags = {step.when: True} if step.when else {}
        settings, guards = settings_of(workflow, flags), open_guards(workflow)
        state, role = step.source[0], min(step.roles)
        case, evidence = settled(workflow, state), evidence_of(step)
        lacking = [(case, {**evidence, each.kind: 0}, "因为", "EVIDENCE_MISSING") for each in step.evidence]
        lacking += [(replace(case, marks={}), evidence, "因为", "MARKS_MISSING")] if step.needs else []
        lacking += [(case, evidence, "", "REASON_REQUIRED")] if step.reason else []
        publicity = workflow.by_state[state].publicity
        if publicity and not publicity.permanent and step.forward and step.target != Target.SAME:
            lacking += [(replace(case, notice=replace(HUNG, last_day=TODAY)), evidence, "因为", "PUBLICITY_RUNNING")]
            lacking += [(replace(case, notice=replace(HUNG, open_objections=1)), evidence, "因为", "OPEN_OBJECTION")]
            lacking += [(replace(case, notice=None), evidence, "因为", "PUBLICITY_NOT_POSTED")]
        for poor, files, reason, code in lacking:
            with pytest.raises(Refused) as caught:
                decide(
                    workflow, poor, Submission(step.name, person(role), files, reason), None, guards, settings, TODAY
                )
            assert [each.code for each in caught.value.violations] == [code], step.name


def test_a_closed_case_is_never_touched_again() -> None:  # scenario 87
    for workflow in ALL:
        for state in workflow.states:
            assert bool(workflow.steps_from(state.name)) is not state.terminal


def test_the_parameters_of_all_clocks_are_named_alike() -> None:
    for workflow in ALL:
        assert all(".days." in name or name.startswith("publicity.min_days.") for name in parameters_of(workflow))
