"""The language of cases (办理流程): states, steps, and what a step asks for. Declared by services, interpreted once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.contracts.event import Event
from shared.kernel.roles import Role


class Target(StrEnum):
    """Targets of a step that are not fixed names."""

    PREVIOUS = "*previous*"
    """The state in which the case was suspended."""
    SAME = "*same*"
    """Stay; used by parallel steps, which only leave a mark."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document (佐证材料) a step asks for: stored files of `kind`, at least `minimum` of them."""

    kind: str
    zh: str
    minimum: int = 1


@dataclass(frozen=True, slots=True)
class Publicity:
    """A public notice (公示) that a state stands for: `days` names the Duration parameter of its shortest run.

    The state cannot be left forward early, nor without proof of the first and last day, nor with an open objection.
    A permanent notice is an announcement (公告): it stays, blocks nothing, and needs no `days`.
    """

    level: str
    days: str = ""
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """A clock (办理时限): `days` names a Duration parameter; when it runs out the case escalates, it never closes."""

    days: str
    escalate_to: Role


@dataclass(frozen=True, slots=True)
class State:
    """A state with its names, its notice, and its clock."""

    name: str
    zh: str
    en: str
    publicity: Publicity | None = None
    due: Due | None = None
    terminal: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One legal move (办理环节).

    `guards` are names of rules that the service supplies; `different_from` names steps whose takers may not take this
    one; `needs` names marks that parallel steps must have left; `marks` is the mark this step leaves; `signatures`
    asks one signature of each group of roles before the move happens (both sides of a hand-over); `when` names a
    boolean parameter without which the step does not exist in an area; `new_round` returns with version + 1;
    `forward` steps obey the notice of the state they leave, others (return, object, suspend) do not.
    Steps may share a name (send back, from several desks) as long as state and variant tell them apart.
    """

    name: str
    zh: str
    en: str
    source: tuple[str, ...]
    target: str
    roles: frozenset[Role]
    evidence: tuple[Evidence, ...] = ()
    guards: tuple[str, ...] = ()
    different_from: tuple[str, ...] = ()
    reason: bool = False
    emits: tuple[type[Event], ...] = ()
    marks: str = ""
    needs: tuple[str, ...] = ()
    signatures: tuple[frozenset[Role], ...] = ()
    when: str = ""
    unless: str = ""
    new_round: bool = False
    forward: bool = True
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A declaration: the case begins in `start`; `total` is the clock of the whole way, or until `total_until`.

    `source` is where the field asks for it, `duties` the rule behind its separation of duties (不相容岗位分离).
    """

    name: str
    zh: str
    en: str
    subject: str
    start: str
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    version: int = 1
    total: Due | None = None
    total_until: frozenset[str] = frozenset()
    source: str = ""
    duties: str = ""
    by_state: Mapping[str, State] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index states by name; `verify` reports doubles."""
        object.__setattr__(self, "by_state", {state.name: state for state in self.states})

    def named(self, step: str) -> tuple[Step, ...]:
        """The steps called `step`."""
        return tuple(each for each in self.steps if each.name == step)

    def steps_from(self, state: str) -> tuple[Step, ...]:
        """The steps that leave `state` (or mark it)."""
        return tuple(step for step in self.steps if state in step.source)

    @property
    def pauses(self) -> frozenset[str]:
        """States that remember where the case came from, because a step leads back there (中止)."""
        return frozenset(state for step in self.steps if step.target == Target.PREVIOUS for state in step.source)
