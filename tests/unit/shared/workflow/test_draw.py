"""draw: what the documentation shows of a declaration."""

from shared.kernel.roles import Role
from shared.workflow.draw import mermaid, table
from shared.workflow.model import Due, Evidence, Publicity, State, Step, Target, Workflow

CLERK = frozenset({Role.TOWNSHIP_CLERK})
LEADER = frozenset({Role.TOWNSHIP_LEADER})

DRAWN = Workflow(
    "test.drawn",
    "图例",
    "drawn",
    subject="toy",
    start="A",
    states=(
        State("A", "甲", "a"),
        State("B", "乙", "b", Publicity("village", "notice"), Due("days", Role.TOWNSHIP_LEADER)),
        State("C", "丙", "c", terminal=True),
        State("HELD", "中止", "held"),
        *(State(f"S{n}", f"戊{n}", f"s{n}") for n in range(5)),
    ),
    steps=(
        Step("look", "查看", "look", ("A",), Target.SAME, CLERK, marks="looked"),
        Step(
            "go",
            "前往",
            "go",
            ("A",),
            "B",
            CLERK | LEADER,
            evidence=(Evidence("photo", "照片", 2),),
            guards=("tidy",),
            needs=("looked",),
            different_from=("look",),
            signatures=(CLERK, LEADER),
            reason=True,
            when="flag",
            rule="T-1",
        ),
        Step("end", "办结", "end", ("B",), "C", LEADER, new_round=True),
        Step("hold", "中止", "hold", ("A", *(f"S{n}" for n in range(5))), "HELD", LEADER),
        Step("resume", "恢复", "resume", ("HELD",), Target.PREVIOUS, LEADER),
    ),
)


def test_the_diagram_has_its_start_its_moves_and_its_ends() -> None:
    drawn = mermaid(DRAWN).splitlines()
    assert drawn[0] == "stateDiagram-v2"
    assert "    A: 甲<br/>a" in drawn
    assert "    [*] --> A" in drawn
    assert "    A --> A: 查看" in drawn
    assert "    A --> B: 前往" in drawn
    assert "    C --> [*]" in drawn


def test_a_step_from_many_states_is_a_note() -> None:
    drawn = mermaid(DRAWN)
    assert "    note left of HELD: 中止：自甲、戊0、戊1、戊2、戊3、戊4\n" in drawn
    assert "A --> HELD" not in drawn
    assert "    note right of HELD: 恢复：回到原状态\n" in drawn


def test_the_table_tells_who_what_and_when() -> None:
    head, rule, look, go, end, _, resume = table(DRAWN).splitlines()
    assert head.startswith("| 环节 / step | 自 / from |")
    assert rule == "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    assert look == "| 查看 `look` | 甲 | （不变） | 乡镇经办人 |  |  |  |  |  |"
    assert go == (
        "| 前往 `go` | 甲 | 乙 | 乡镇经办人 + 乡镇负责人（非“查看”办理人） | 照片×2 "
        "| 已完成：查看；`tidy`；须写明理由；适用：`flag` | `days`，逾期报乡镇负责人 | 村级 `notice` | T-1 |"
    )
    assert "新一轮" in end
    assert "（中止前状态）" in resume
