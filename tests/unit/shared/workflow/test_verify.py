"""verify(): a sound declaration has no defect, and each defect that is planted is found and named."""

from dataclasses import replace
from typing import Any, cast

import pytest

from shared.kernel.roles import Role
from shared.workflow.model import Due, Publicity, State, Step, Target, Workflow
from shared.workflow.verify import verify

CLERK = frozenset({Role.TOWNSHIP_CLERK})
LEADER = frozenset({Role.TOWNSHIP_LEADER})
PARAMETERS = {"notice": "duration", "days": "duration", "flag": "flag"}

SOUND = Workflow(
    "test.sound",
    "无误",
    "sound",
    subject="toy",
    start="A",
    states=(
        State("A", "甲", "a", due=Due("days", Role.TOWNSHIP_LEADER)),
        State("B", "乙", "b", publicity=Publicity("village", "notice")),
        State("C", "丙", "c", terminal=True, publicity=Publicity("village", permanent=True)),
        State("HELD", "中止", "held"),
    ),
    steps=(
        Step("look", "查看", "look", ("A",), Target.SAME, CLERK, marks="looked"),
        Step("go", "前往", "go", ("A",), "B", CLERK, needs=("looked",), guards=("tidy",), unless="flag"),
        Step("go", "直达", "go", ("A",), "C", CLERK, when="flag"),
        Step("end", "办结", "end", ("B",), "C", CLERK | LEADER, signatures=(CLERK, LEADER), different_from=("look",)),
        Step("back", "退回", "back", ("B",), "A", LEADER, new_round=True, forward=False),
        Step("hold", "中止", "hold", ("A", "B"), "HELD", LEADER, forward=False),
        Step("resume", "恢复", "resume", ("HELD",), Target.PREVIOUS, LEADER),
    ),
    total=Due("days", Role.TOWNSHIP_LEADER),
    total_until=frozenset({"B"}),
)


def defects(workflow: Workflow) -> list[str]:
    return verify(workflow, guards={"tidy"}, parameters=PARAMETERS)


def plus(*steps: Step, states: tuple[State, ...] = ()) -> Workflow:
    return replace(SOUND, steps=(*SOUND.steps, *steps), states=(*SOUND.states, *states))


def without(name: str) -> Workflow:
    return replace(SOUND, steps=tuple(step for step in SOUND.steps if step.name != name))


def changed(name: str, **changes: Any) -> Workflow:
    steps = tuple(replace(step, **changes) if step.name == name else step for step in SOUND.steps)
    return replace(SOUND, steps=steps)


def state_changed(name: str, **changes: Any) -> Workflow:
    states = tuple(replace(state, **changes) if state.name == name else state for state in SOUND.states)
    return replace(SOUND, states=states)


def test_a_sound_declaration_has_no_defect() -> None:
    assert defects(SOUND) == []


LOST = State("D", "丁", "d")
FREED = replace(
    SOUND,
    states=(*SOUND.states, LOST),
    steps=(
        *(step for step in SOUND.steps if step.when != "flag"),
        Step("return", "退回", "return", ("B",), "D", LEADER, new_round=True, forward=False),
        Step("again", "再报", "again", ("D",), "B", CLERK),
    ),
)
MAYOR = cast("Role", "mayor")

PLANTED = [
    ("state named twice", replace(SOUND, states=(*SOUND.states, State("A", "甲", "a"))), "2 states are called A"),
    ("start missing", replace(SOUND, start="Z"), "the start Z is no state"),
    ("unknown source", plus(Step("x", "x", "x", ("Z",), "B", CLERK)), "step x leaves the unknown state Z"),
    ("unknown target", plus(Step("x", "x", "x", ("A",), "Z", CLERK)), "step x leads to the unknown state Z"),
    ("unreachable", plus(Step("x", "x", "x", ("D",), "C", CLERK), states=(LOST,)), "state D cannot be reached"),
    ("dead end", plus(Step("x", "x", "x", ("A",), "D", CLERK), states=(LOST,)), "state D is a dead end"),
    (
        "dead end with only a mark",
        plus(
            Step("x", "x", "x", ("A",), "D", CLERK),
            Step("y", "y", "y", ("D",), Target.SAME, CLERK, marks="y"),
            states=(LOST,),
        ),
        "state D is a dead end",
    ),
    ("terminal left", plus(Step("x", "x", "x", ("C",), "A", CLERK)), "step x leaves the terminal state C"),
    ("ambiguous", plus(Step("end", "x", "x", ("B",), "A", CLERK)), "step end is ambiguous in B"),
    ("variants that overlap", changed("go", when="flag", unless=""), "step go is ambiguous in A"),
    ("unknown guard", changed("go", guards=("neat",)), "step go: no rule is called neat"),
    ("unknown role", changed("back", roles=frozenset({MAYOR})), "step back names unknown roles: mayor"),
    ("nobody", changed("back", roles=frozenset()), "step back can be taken by nobody"),
    (
        "roles beside the signatures",
        changed("end", roles=CLERK),
        "step end: its roles are not those of its signatures",
    ),
    ("unknown other step", changed("end", different_from=("sit",)), "step end must differ from the unknown step sit"),
    (
        "mark that nobody leaves",
        changed("back", needs=("looked",)),
        "step back needs the mark looked, which nobody leaves in B",
    ),
    ("mark that is cleared", changed("back", marks="gone"), "step back leaves the mark gone and moves on"),
    (
        "clock without a parameter",
        state_changed("A", due=Due("weeks", Role.TOWNSHIP_LEADER)),
        "A: no parameter is called 'weeks'",
    ),
    (
        "clock of another kind",
        state_changed("A", due=Due("flag", Role.TOWNSHIP_LEADER)),
        "A: flag is a flag, not a duration",
    ),
    (
        "clock that escalates to nobody",
        state_changed("A", due=Due("days", MAYOR)),
        "the clock days escalates to the unknown role mayor",
    ),
    (
        "notice of another kind",
        state_changed("B", publicity=Publicity("village", "flag")),
        "B: flag is a flag, not a duration",
    ),
    (
        "notice that never ends",
        state_changed("B", publicity=Publicity("village")),
        "B: no parameter is called ''",
    ),
    ("variant of another kind", changed("go", when="days", unless=""), "go: days is a duration, not a flag"),
    (
        "total clock without end",
        replace(SOUND, total_until=frozenset({"Z"})),
        "the total clock runs until the unknown state Z",
    ),
    (
        "pause in a pause",
        plus(Step("x", "x", "x", ("HELD",), "HELD", LEADER)),
        "step x leads from one pause to another",
    ),
    (
        "round that frees the one who looked",
        FREED,
        "step return opens a round in which end no longer differs from look",
    ),
]


@pytest.mark.parametrize(("workflow", "told"), [pytest.param(w, told, id=name) for name, w, told in PLANTED])
def test_a_planted_defect_is_found(workflow: Workflow, told: str) -> None:
    found = defects(workflow)
    assert any(each.startswith(told) for each in found), found


def test_without_the_way_back_the_pause_is_a_dead_end() -> None:
    assert defects(without("resume")) == ["state HELD is a dead end"]


def test_the_steps_that_leave_the_start_make_all_the_rest_reachable() -> None:
    assert "state B cannot be reached" in defects(without("go"))
