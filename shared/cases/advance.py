"""The only place where a case moves: load under lock, ask `decide`, write state and history, then do the step's deed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from shared.cases import notices, store
from shared.cases.binding import Binding, CaseRow, Form
from shared.commands.command import Context, Write
from shared.contracts.wire import Area
from shared.kernel.areas import AreaCode
from shared.kernel.days import Duration, last_day
from shared.kernel.errors import Invalid, Stale, Violation
from shared.kernel.ids import new_id
from shared.workflow.decide import Advance, Settings, Submission, decide
from shared.workflow.model import Due, Step, Target, Workflow

_EVIDENCE = "SELECT id, kind FROM case_evidence WHERE id = ANY($1::uuid[])"


@dataclass(frozen=True, slots=True)
class Move:
    """What is asked of a case: a step, its form, the ids of stored evidence, and the version the asker saw."""

    step: str
    form: Form | Mapping[str, Any] | None = None
    evidence: tuple[UUID, ...] = ()
    reason: str = ""
    expected_version: int | None = None


class StepTaken(BaseModel):
    """What a step left behind; `version` is the ETag for the next one."""

    case_id: UUID
    workflow: str
    subject_id: UUID
    area_code: Area
    state: str
    state_zh: str
    version: int
    due_on: date | None
    notice_until: date | None = None


async def open_case(
    tx: Write,
    ctx: Context,
    binding: Binding,
    subject_id: UUID,
    area: AreaCode,
    *,
    since: date | None = None,
) -> CaseRow:
    """Begin the workflow of a new subject in its first state; the opener counts as the taker of step `open`.

    `since` is the day from which its clocks run when that is not today: a clue counts from its receipt.
    """
    workflow = binding.workflow
    began = since or ctx.today
    row = CaseRow(
        id=new_id(),
        workflow=workflow.name,
        subject_id=subject_id,
        area=area,
        state=workflow.start,
        previous="",
        round=1,
        version=1,
        started_on=began,
        due_on=await _due(tx, ctx, workflow.by_state[workflow.start].due, area, began),
        total_due_on=await _due(tx, ctx, workflow.total, area, began),
    )
    role = next((grant.role for grant in ctx.actor.grants if grant.area.contains(area)), "")
    await store.insert(tx.raw, workflow, row, ctx, role)
    tx.changed(workflow.subject, subject_id, area)
    return row


async def advance(tx: Write, ctx: Context, binding: Binding, subject_id: UUID, asked: Move) -> StepTaken:
    """Take the asked step for the case of `subject_id`; raises the Problems of `decide`, Stale, NotFound, Invalid."""
    workflow = binding.workflow
    loaded = await store.load(tx.raw, workflow, subject_id, lock=True)
    case = loaded.row
    if asked.expected_version is not None and asked.expected_version != case.version:
        raise _stale(case.version)
    filled = _parse(binding, asked)
    submission = Submission(asked.step, ctx.actor, await evidence_kinds(tx, asked.evidence), asked.reason)
    settings = await _settings(tx, ctx, binding, case, asked.step)
    facts = await binding.facts(tx, case, filled, ctx)
    decided = decide(workflow, loaded.view, submission, facts, binding.guards, settings, ctx.today)
    version = await store.move(
        tx.raw,
        case.id,
        decided,
        ctx,
        is_open=not workflow.by_state[decided.target].terminal,
        reason=asked.reason,
        evidence=asked.evidence,
    )
    moved = replace(
        case,
        state=decided.target,
        previous=decided.previous,
        round=decided.round,
        version=version,
        due_on=decided.due_on if decided.moved else case.due_on,
    )
    if decided.complete:
        await _deed(tx, ctx, binding, moved, decided, filled)
    await _turn_notice(tx, ctx, binding, moved, decided, loaded.notice_id)
    tx.changed(workflow.subject, subject_id, case.area)
    return _taken(workflow, moved, decided)


async def _deed(tx: Write, ctx: Context, binding: Binding, case: CaseRow, decided: Advance, form: Form) -> None:
    """The step's own work; its events must be exactly those that the step declares.

    A step may move other cases; what they emit is theirs to answer for.
    """
    before = len(tx.events)
    perform = binding.step(decided.step.name).perform
    if perform is not None:
        await perform(tx, case, form, ctx)
    emitted = {type(event) for event in tx.events[before:] if id(event) not in tx.answered}
    tx.answered.update(id(event) for event in tx.events[before:])
    if emitted != set(decided.step.emits):
        raise AssertionError(f"{decided.step.name} declares {decided.step.emits} but emitted {emitted}")


async def _turn_notice(
    tx: Write,
    ctx: Context,
    binding: Binding,
    case: CaseRow,
    decided: Advance,
    running: UUID | None,
) -> None:
    """Leaving a state ends its notice; entering one that stands for a notice posts it."""
    if not decided.moved:
        return
    if running is not None:
        await notices.close(tx, running, ctx.today)
    publicity = binding.workflow.by_state[decided.target].publicity
    if publicity is not None and decided.notice_until is not None:
        await notices.post(tx, ctx, binding, case, publicity, decided.notice_until)


async def _settings(tx: Write, ctx: Context, binding: Binding, case: CaseRow, step: str) -> Settings:
    """The parameters that this one step needs, for the case's area and kind, today."""
    workflow = binding.workflow
    here = [declared for declared in workflow.named(step) if case.state in declared.source]
    flags = {name for declared in here for name in (declared.when, declared.unless) if name}
    clocks = {name for declared in here for name in _durations(workflow, declared, case)}
    kind = await binding.variant(tx, case) if binding.variant and clocks else ""
    durations = {name: clock_of(tx, name, kind) for name in clocks}
    asked = flags | set(durations.values())
    values = await tx.parameters.get_many(asked, case.area, ctx.today) if asked else {}
    return Settings(
        flags={name: values[name] for name in flags},
        durations={name: values[counted] for name, counted in durations.items()},
        calendar=ctx.calendar,
    )


def clock_of(tx: Write, name: str, kind: str) -> str:
    """The parameter that counts for the clock `name` of a case of this kind."""
    return f"{name}.{kind}" if kind and tx.parameters.declares(f"{name}.{kind}") else name


def _durations(workflow: Workflow, step: Step, case: CaseRow) -> list[str]:
    target = case.previous if step.target == Target.PREVIOUS else step.target
    state = workflow.by_state.get(target)
    if state is None:
        return []
    clocks = (state.publicity and state.publicity.days, state.due and state.due.days)
    return [name for name in clocks if name]


async def _due(tx: Write, ctx: Context, due: Due | None, area: AreaCode, began: date) -> date | None:
    if due is None:
        return None
    duration: Duration = await tx.parameters.get(due.days, area, began)
    return last_day(began, duration, ctx.calendar)


async def evidence_kinds(tx: Write, evidence: tuple[UUID, ...]) -> dict[str, int]:
    """How many stored files of each kind were handed in; raises Invalid for a file nobody stored."""
    kinds: dict[str, int] = {}
    if not evidence:
        return kinds
    found = {row["id"]: row["kind"] for row in await tx.raw.fetch(_EVIDENCE, list(evidence))}
    unknown = [item for item in evidence if item not in found]
    if unknown:
        raise Invalid(
            Violation(
                "EVIDENCE_UNKNOWN",
                "佐证材料尚未上传",
                "this evidence has not been uploaded",
                field="/evidence",
                remedy_zh="先上传佐证材料，再办理本环节",
                remedy_en="upload the file first, then take the step",
                facts={"ids": [str(item) for item in unknown]},
            ),
        )
    for item in set(evidence):
        kinds[found[item]] = kinds.get(found[item], 0) + 1
    return kinds


def _parse(binding: Binding, asked: Move) -> Form:
    if isinstance(asked.form, Form):
        return asked.form
    try:
        return binding.step(asked.step).form.model_validate(asked.form or {})
    except ValidationError as error:
        raise Invalid(
            *(
                Violation(
                    "FIELD_INVALID",
                    "字段不符合要求",
                    f"the field does not fit: {problem['type']}",
                    field="/" + "/".join(str(part) for part in ("form", *problem["loc"])),
                    remedy_zh="按接口说明填写该字段",
                    remedy_en="fill in the field as the API describes",
                )
                for problem in error.errors(include_input=False, include_url=False)
            ),
        ) from error


def _stale(version: int) -> Stale:
    return Stale(
        Violation(
            "STALE_VERSION",
            "办件已被他人更新，请刷新后重试",
            "somebody else has moved this case since you read it",
            field="/headers/If-Match",
            remedy_zh="重新读取办件，核对后用新的 ETag 提交",
            remedy_en="read the case again and send its new ETag",
            facts={"version": version},
        ),
    )


def _taken(workflow: Workflow, case: CaseRow, decided: Advance) -> StepTaken:
    return StepTaken(
        case_id=case.id,
        workflow=workflow.name,
        subject_id=case.subject_id,
        area_code=case.area,
        state=case.state,
        state_zh=workflow.by_state[case.state].zh,
        version=case.version,
        due_on=case.due_on,
        notice_until=decided.notice_until,
    )
