"""Plays workflow declarations in tests: without a database, one step a line, days passing as notices ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from shared.kernel.actors import Actor, Grant
from shared.kernel.areas import NATION
from shared.kernel.days import Duration
from shared.kernel.errors import Problem, Violation
from shared.kernel.ids import derived_id
from shared.kernel.roles import Role
from shared.workflow.decide import (
    Advance,
    CaseView,
    Guards,
    Notice,
    Past,
    Settings,
    Submission,
    decide,
    flags_of,
    parameters_of,
)
from shared.workflow.model import Step, Workflow


@dataclass(frozen=True, slots=True)
class Weekdays:
    """A calendar of Mondays to Fridays with the given exceptions."""

    holidays: frozenset[date] = frozenset()
    made_up: frozenset[date] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether `day` is worked."""
        return day in self.made_up or (day.weekday() < 5 and day not in self.holidays)  # noqa: PLR2004  Saturday


def person(role: Role, name: str = "") -> Actor:
    """Somebody with one role everywhere; the same role and name are the same person."""
    return Actor(derived_id(UUID(int=1), name or role), (Grant(role, NATION),))


def settings_of(workflow: Workflow, flags: Mapping[str, bool] | None = None) -> Settings:
    """Ten natural days for every clock, all variants off unless `flags` says otherwise."""
    return Settings(
        flags={name: (flags or {}).get(name, False) for name in flags_of(workflow)},
        durations=dict.fromkeys(parameters_of(workflow), Duration(10)),
        calendar=Weekdays(),
    )


def open_guards(workflow: Workflow) -> Guards:
    """Every rule that the declaration names, none of them objecting."""
    return {name: _content for step in workflow.steps for name in step.guards}


def _content(_facts: Any) -> Violation | None:
    return None


def evidence_of(*steps: Step) -> dict[str, int]:
    """Exactly the files that the steps ask for."""
    return {each.kind: each.minimum for step in steps for each in step.evidence}


@dataclass(slots=True)
class Play:
    """One case on its way; `take` waits for a running notice, proves it, and brings the evidence asked for."""

    workflow: Workflow
    settings: Settings
    today: date = date(2024, 3, 1)
    case: CaseView = field(init=False)

    def __post_init__(self) -> None:
        """Begin in the start state."""
        self.case = CaseView(self.workflow.start, "", 1, NATION, {}, (), None)

    def take(self, step: str, role: Role, name: str = "") -> Advance:
        """Take `step` as somebody in `role` and keep what follows."""
        if self.case.notice is not None:
            self.today = max(self.today, self.case.notice.last_day + timedelta(days=1))
        actor = person(role, name)
        here = [each for each in self.workflow.named(step) if self.case.state in each.source]
        advance = decide(
            self.workflow,
            self.case,
            Submission(step, actor, evidence_of(*here), "because"),
            None,
            open_guards(self.workflow),
            self.settings,
            self.today,
        )
        self.case = self._after(advance, actor.id)
        return advance

    def follow(self, way: str) -> "list[Advance]":
        """Take the steps of `way`, one a line: step, role, and a name where the role alone does not tell who."""
        lines = (line.split() for line in way.splitlines() if line.strip())
        return [self.take(step, Role(role), *name) for step, role, *name in lines]

    def refused(self, step: str, role: Role, name: str = "") -> str:
        """The code with which `step` is refused; the case stays as it is."""
        try:
            self.take(step, role, name)
        except Problem as problem:
            return problem.code
        raise AssertionError(f"{step} was not refused")

    def _after(self, advance: Advance, actor: UUID) -> CaseView:
        notice = self.case.notice
        if advance.moved:
            until = advance.notice_until
            notice = Notice(self.today, until, first_proof=True, last_proof=True, open_objections=0) if until else None
        past = Past(advance.step.name, actor, advance.round)
        return CaseView(
            advance.target,
            advance.previous,
            advance.round,
            self.case.area,
            advance.marks,
            (*self.case.history, past),
            notice,
        )
