"""Routes that declarations ask for: one per step of each workflow, and the case with its actions and history."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, create_model
from starlette.routing import Match
from starlette.types import Scope

from shared.cases.advance import StepTaken
from shared.cases.binding import Binding, Form
from shared.cases.commands import TakeStep
from shared.cases.reading import CaseShown, show_case
from shared.http.auth import Caller, Reading
from shared.http.concurrency import IfMatch, tagged
from shared.http.edge import edge_of
from shared.http.running import Answer, Run, gives
from shared.kernel.clock import today
from shared.kernel.roles import ROLE_NAMES, Role
from shared.parameters.lookup import Parameters
from shared.workflow.model import Step, Target, Workflow

_ENVELOPE = frozenset({"evidence", "reason"})
"""Fields that every step's body has beside those of its form."""
_MOVING: dict[str, str] = {Target.PREVIOUS: "原状态 / the state before", Target.SAME: "不变 / the same"}


class StepRoute(APIRoute):
    """The route of a step, told from a hundred others by how its address ends before anything is matched closely."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As every route; an address that ends otherwise is none of ours."""
        if not scope["path"].endswith(self.path.rpartition("}")[2]):
            return Match.NONE, {}
        return super().matches(scope)


def add_case_routes(router: APIRouter, bindings: Sequence[Binding], prefix: str = "") -> None:
    """The routes of all workflows of a service; steps that only the system takes have none.

    They stand in the application's own router: a route of an included one is looked for twice, among all the others.
    """
    for binding in bindings:
        _add_case(router, binding, prefix)
        for name in dict.fromkeys(step.name for step in binding.workflow.steps):
            steps = binding.workflow.named(name)
            if _takers(steps) - {Role.SYSTEM}:
                _add_step(router, binding, steps, prefix)


def step_path(binding: Binding, step: str) -> str:
    """Where a step is taken, e.g. `/payments/{subject_id}/confirm-paid`."""
    return f"/{binding.plural}/{{subject_id}}/{step.replace('_', '-')}"


def _add_case(router: APIRouter, binding: Binding, prefix: str) -> None:
    async def show(
        subject_id: UUID,
        request: Request,
        response: Response,
        actor: Caller,
        session: Reading,
    ) -> CaseShown:
        resources = edge_of(request).pipeline.resources
        parameters = Parameters(session.raw, resources.parameters)
        day = today(resources.clock)
        case = await show_case(session, binding, subject_id, actor, parameters, resources.calendar, day)
        return tagged(response, case)

    workflow = binding.workflow
    router.add_api_route(
        f"{prefix}/{binding.plural}/{{subject_id}}/case",
        show,
        name=f"{_word(binding)}_case",
        summary=f"{workflow.zh}：办理情况 / {workflow.en}: the case",
        tags=[_tag(workflow)],
    )


def _add_step(router: APIRouter, binding: Binding, steps: Sequence[Step], prefix: str) -> None:
    name = steps[0].name
    form = binding.step(name).form
    body_type = _body(binding, name, form)

    async def take(subject_id: UUID, body: BaseModel, version: IfMatch, run: Run) -> Answer[StepTaken]:
        command = TakeStep(
            workflow=binding.workflow.name,
            subject_id=subject_id,
            step=name,
            form=body.model_dump(mode="json", exclude=set(_ENVELOPE)),
            evidence=getattr(body, "evidence", ()),
            reason=getattr(body, "reason", ""),
            expected_version=version,
        )
        return await run(command)

    take.__annotations__ |= {"body": body_type, "run": Annotated[Run, gives(TakeStep, roles=_takers(steps))]}
    router.add_api_route(
        prefix + step_path(binding, name),
        take,
        methods=["POST"],
        route_class_override=StepRoute,
        name=f"{_word(binding)}_{name}",
        summary=f"{steps[0].zh} / {steps[0].en}",
        description="\n\n".join(_described(binding.workflow, step) for step in steps),
        tags=[_tag(binding.workflow)],
    )


def _body(binding: Binding, step: str, form: type[Form]) -> type[BaseModel]:
    """The form's own fields, and beside them what every step takes."""
    if taken := _ENVELOPE & form.model_fields.keys():
        raise TypeError(
            f"{form.__name__}: {', '.join(sorted(taken))} belongs to every step and cannot be a form's field"
        )
    title = "".join(part.title() for part in f"{_word(binding)}_{step}".split("_"))
    files = Field(default=(), max_length=100, description="佐证材料编号 / ids of uploaded evidence")
    reason = Field(default="", max_length=2000, description="理由 / reason")
    return create_model(f"{title}Step", __base__=form, evidence=(tuple[UUID, ...], files), reason=(str, reason))


def _takers(steps: Sequence[Step]) -> frozenset[Role]:
    return frozenset(role for step in steps for group in (step.roles, *step.signatures) for role in group)


def _described(workflow: Workflow, step: Step) -> str:
    """One declaration of a step as text for the API pages."""
    states = _MOVING | {state.name: f"{state.zh}（{state.name}）" for state in workflow.states}
    lines = [
        f"状态 / states: {'、'.join(states[name] for name in step.source)} → {states[step.target]}",
        f"角色 / roles: {'、'.join(f'{ROLE_NAMES[role]}（{role}）' for role in sorted(_takers((step,))))}",
    ]
    if step.evidence:
        files = "、".join(f"{each.zh}（{each.kind}）≥ {each.minimum}" for each in step.evidence)
        lines.append(f"佐证材料 / evidence: {files}")
    if step.reason:
        lines.append("须说明理由 / a reason is required")
    if step.rule:
        lines.append(f"规则 / rule: {step.rule}")
    return "\n".join(f"- {line}" for line in lines)


def _word(binding: Binding) -> str:
    return binding.plural.replace("-", "_")


def _tag(workflow: Workflow) -> str:
    return f"{workflow.zh} / {workflow.en}"
