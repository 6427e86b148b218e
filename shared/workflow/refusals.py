"""What the engine says when it refuses a step: one function a reason, Chinese first, with a remedy."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from shared.kernel.errors import Violation
from shared.kernel.roles import ROLE_NAMES, Role
from shared.workflow.model import Evidence, State, Step, Workflow


def _states(states: Iterable[State]) -> tuple[str, str]:
    listed = tuple(states)
    return "、".join(state.zh for state in listed), ", ".join(state.en for state in listed)


def unknown_step(workflow: Workflow, step: str) -> Violation:
    """There is no step of that name at all."""
    return Violation(
        "UNKNOWN_STEP",
        f"“{workflow.zh}”没有名为 {step} 的环节",
        f"{workflow.en} has no step {step}",
        field="/step",
        remedy_zh="从可办理环节中选择",
        remedy_en="choose one of the allowed steps",
        facts={"workflow": workflow.name, "step": step},
    )


def not_in_state(workflow: Workflow, steps: Sequence[Step], state: str) -> Violation:
    """The case stands elsewhere; names where it stands and where the step begins."""
    here = workflow.by_state[state]
    sources = [name for step in steps for name in step.source]
    zh, en = _states(workflow.by_state[name] for name in sources)
    return Violation(
        "STEP_NOT_IN_STATE",
        f"当前为“{here.zh}”，“{steps[0].zh}”只能在“{zh}”时办理",
        f"the case is {here.en}; {steps[0].en} is taken from: {en}",
        rule=steps[0].rule,
        remedy_zh="刷新后按当前状态办理",
        remedy_en="reload and take a step of the present state",
        facts={"workflow": workflow.name, "step": steps[0].name, "state": state, "sources": sources},
    )


def not_offered(step: Step) -> Violation:
    """The area has chosen the other variant."""
    return Violation(
        "STEP_NOT_OFFERED_HERE",
        f"按本地区的设置，此处不办理“{step.zh}”",
        f"by the settings of this area {step.en} is not taken here",
        rule=step.rule,
        remedy_zh="按本地区的办理顺序选择环节",
        remedy_en="take the step that this area uses instead",
        facts={"step": step.name, "when": step.when, "unless": step.unless},
    )


def role_required(step: Step, roles: Iterable[Role]) -> Violation:
    """Nobody without one of the roles may take it."""
    wanted = sorted(roles)
    return Violation(
        "ROLE_REQUIRED",
        f"“{step.zh}”须由{'、'.join(ROLE_NAMES[role] for role in wanted)}办理",
        f"{step.en} is taken by: {', '.join(wanted)}",
        rule=step.rule,
        remedy_zh="请有相应职责的人员办理",
        remedy_en="ask somebody who holds one of these roles in this area",
        facts={"step": step.name, "roles": [role.value for role in wanted]},
    )


def same_person(workflow: Workflow, step: Step, earlier: Step) -> Violation:
    """Who took the earlier step may not take this one."""
    return Violation(
        "SEPARATION_OF_DUTIES",
        f"办理过“{earlier.zh}”的人员不得办理“{step.zh}”",
        f"who took the step {earlier.en} may not take {step.en}",
        rule=workflow.duties or step.rule,
        remedy_zh="请另一人办理",
        remedy_en="ask another person",
        facts={"step": step.name, "taken": earlier.name},
    )


def same_signer(workflow: Workflow, step: Step) -> Violation:
    """Two sides sign by two persons."""
    return Violation(
        "SEPARATION_OF_DUTIES",
        f"您已在“{step.zh}”中签字，各方须由不同人员签字",
        f"you have signed {step.en}; each side is signed by another person",
        rule=workflow.duties or step.rule,
        remedy_zh="请另一方人员签字",
        remedy_en="ask somebody of the other side",
        facts={"step": step.name, "taken": step.name},
    )


def signed_already(step: Step) -> Violation:
    """The side for which the actor could sign has signed."""
    return Violation(
        "ALREADY_SIGNED",
        f"“{step.zh}”的这一方已经签字",
        f"this side has already signed: {step.en}",
        rule=step.rule,
        remedy_zh="等待另一方签字",
        remedy_en="wait for the other side",
        facts={"step": step.name},
    )


def marks_missing(workflow: Workflow, step: Step, missing: Sequence[str]) -> Violation:
    """Parallel steps that must come first are not done."""
    leaving = [each for each in workflow.steps if each.marks in missing]
    return Violation(
        "MARKS_MISSING",
        f"办理“{step.zh}”之前须先完成：{'、'.join(each.zh for each in leaving)}",
        f"before {step.en} these must be done: {', '.join(each.en for each in leaving)}",
        rule=step.rule,
        remedy_zh="先完成所列环节",
        remedy_en="finish these steps first",
        facts={"step": step.name, "missing": list(missing)},
    )


def publicity_not_posted(step: Step, state: State) -> Violation:
    """The state stands for a notice, and none is on record."""
    return Violation(
        "PUBLICITY_NOT_POSTED",
        f"“{state.zh}”没有公示记录",
        f"no notice is on record for: {state.en}",
        rule=step.rule,
        remedy_zh="先张贴并登记公示",
        remedy_en="post the notice and record it",
        facts={"step": step.name, "state": state.name},
    )


def publicity_running(step: Step, state: State, last: date) -> Violation:
    """The notice has not run its days; names the first day on which the state may be left (M-CLK-02)."""
    earliest = last + timedelta(days=1)
    return Violation(
        "PUBLICITY_RUNNING",
        f"“{state.zh}”至{last}日终期满，{earliest}起方可办理“{step.zh}”",
        f"the notice runs until the end of {last}; {step.en} is possible from {earliest}",
        rule=step.rule,
        remedy_zh=f"{earliest}起再办理",
        remedy_en=f"come back on {earliest}",
        facts={"step": step.name, "state": state.name, "last_day": str(last), "earliest": str(earliest)},
    )


def proof_missing(step: Step, state: State, *, first: bool, last: bool) -> Violation:
    """The dated photo of the first or last day is not on file."""
    missing = [name for name, wanted in (("first_day", first), ("last_day", last)) if wanted]
    days = "、".join({"first_day": "首日", "last_day": "末日"}[name] for name in missing)
    return Violation(
        "PUBLICITY_PROOF_MISSING",
        f"“{state.zh}”缺少{days}的公示照片",
        f"proof of the notice is missing: {', '.join(missing)}",
        rule=step.rule,
        remedy_zh="补传带日期的公示照片",
        remedy_en="upload the dated photos of the notice",
        facts={"step": step.name, "state": state.name, "missing": missing},
    )


def open_objection(step: Step, state: State, count: int) -> Violation:
    """Somebody objected and has no answer yet."""
    return Violation(
        "OPEN_OBJECTION",
        f"“{state.zh}”有{count}件异议尚未答复",
        f"{count} objections to the notice are open",
        rule=step.rule,
        remedy_zh="核实并答复异议",
        remedy_en="look into the objections and answer them",
        facts={"step": step.name, "state": state.name, "open": count},
    )


def evidence_missing(step: Step, evidence: Evidence, given: int) -> Violation:
    """Too few files of one kind."""
    return Violation(
        "EVIDENCE_MISSING",
        f"“{step.zh}”须附{evidence.zh}至少{evidence.minimum}份，现有{given}份",
        f"{step.en} needs at least {evidence.minimum} of {evidence.kind}, has {given}",
        rule=step.rule,
        field="/evidence",
        remedy_zh=f"上传{evidence.zh}",
        remedy_en=f"upload {evidence.kind}",
        facts={"step": step.name, "kind": evidence.kind, "minimum": evidence.minimum, "given": given},
    )


def reason_required(step: Step) -> Violation:
    """The step tells somebody no, or goes back; it says why."""
    return Violation(
        "REASON_REQUIRED",
        f"“{step.zh}”须写明理由",
        f"{step.en} needs a reason",
        rule=step.rule,
        field="/reason",
        remedy_zh="填写理由",
        remedy_en="give a reason",
        facts={"step": step.name},
    )
