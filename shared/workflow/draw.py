"""Draws a workflow for the documentation: a Mermaid diagram and a table of its steps, Chinese first."""

from shared.kernel.roles import ROLE_NAMES, Role
from shared.workflow.model import State, Step, Target, Workflow

_HEAD = (
    "环节 / step",
    "自 / from",
    "至 / to",
    "办理人 / who",
    "材料 / evidence",
    "条件 / conditions",
    "时限 / clock",
    "公示 / publicity",
    "依据 / rule",
)

_LEVELS = {"village": "村级", "township": "乡镇级", "county": "县级"}
_MANY = 5
"""A step from more states than this is told in a note, not drawn."""


def mermaid(workflow: Workflow) -> str:
    """A state diagram; parallel steps stand as loops, steps from many states and back to them as notes."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {state.name}: {state.zh}<br/>{state.en}" for state in workflow.states]
    lines.append(f"    [*] --> {workflow.start}")
    for step in workflow.steps:
        lines += _drawn(workflow, step)
    lines += [f"    {state.name} --> [*]" for state in workflow.states if state.terminal]
    return "\n".join(lines) + "\n"


def _drawn(workflow: Workflow, step: Step) -> list[str]:
    if step.target == Target.PREVIOUS:
        return [f"    note right of {source}: {step.zh}：回到原状态" for source in step.source]
    if step.target == Target.SAME:
        return [f"    {source} --> {source}: {step.zh}" for source in step.source]
    if len(step.source) > _MANY:
        names = "、".join(workflow.by_state[source].zh for source in step.source)
        return [f"    note left of {step.target}: {step.zh}：自{names}"]
    return [f"    {source} --> {step.target}: {step.zh}" for source in step.source]


def table(workflow: Workflow) -> str:
    """A markdown table of the steps; the clock and publicity are those of the state that a step enters."""
    rows = [_HEAD, ("---",) * len(_HEAD), *(_row(workflow, step) for step in workflow.steps)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(workflow: Workflow, step: Step) -> tuple[str, ...]:
    entered = workflow.by_state.get(step.target)
    return (
        f"{step.zh} `{step.name}`",
        "、".join(workflow.by_state[name].zh for name in step.source),
        _target(workflow, step),
        _who(workflow, step),
        "、".join(f"{each.zh}×{each.minimum}" if each.minimum > 1 else each.zh for each in step.evidence),
        _conditions(workflow, step),
        _clock(entered),
        _publicity(entered),
        step.rule,
    )


def _target(workflow: Workflow, step: Step) -> str:
    if step.target == Target.PREVIOUS:
        return "（中止前状态）"
    return "（不变）" if step.target == Target.SAME else workflow.by_state[step.target].zh


def _names(roles: frozenset[Role]) -> str:
    return "、".join(ROLE_NAMES[role] for role in Role if role in roles)


def _who(workflow: Workflow, step: Step) -> str:
    who = " + ".join(_names(group) for group in step.signatures) if step.signatures else _names(step.roles)
    others = "、".join(dict.fromkeys(each.zh for name in step.different_from for each in workflow.named(name)))
    return f"{who}（非“{others}”办理人）" if others else who


def _conditions(workflow: Workflow, step: Step) -> str:
    marked = [each.zh for mark in step.needs for each in workflow.steps if each.marks == mark]
    notes = [f"已完成：{'、'.join(marked)}"] if marked else []
    notes += [f"`{name}`" for name in step.guards]
    notes += ["须写明理由"] if step.reason else []
    notes += ["新一轮"] if step.new_round else []
    notes += [f"适用：`{step.when}`"] if step.when else []
    notes += [f"不适用：`{step.unless}`"] if step.unless else []
    return "；".join(notes)


def _clock(state: State | None) -> str:
    return f"`{state.due.days}`，逾期报{ROLE_NAMES[state.due.escalate_to]}" if state and state.due else ""


def _publicity(state: State | None) -> str:
    if not state or not state.publicity:
        return ""
    days = "长期" if state.publicity.permanent else f"`{state.publicity.days}`"
    return f"{_LEVELS[state.publicity.level]} {days}"
