"""Measures of assistance: planned with the episode or added later, asked of funds, delivered, and their effect checked."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import exists, func, select

from services.monitoring.commands.episodes import open_episode
from services.monitoring.commands.registered import household_of
from services.monitoring.domain.assistance import (
    CATALOGUE,
    MEASURE_GUARDS,
    Effect,
    MeasureFacts,
    Trigger,
    household_eligible,
)
from services.monitoring.parameters import FIRST_MEASURE_DAYS
from services.monitoring.tables.cases import IdentificationRow
from services.monitoring.tables.episodes import EpisodeRow
from services.monitoring.tables.measures import MeasureRow, PlanRow, ReceiptRow
from services.monitoring.workflows.measure import MEASURE
from shared.cases.advance import open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.monitoring import MeasureDelivered, MeasurePlanned, MeasureRequested
from shared.contracts.parts import Code
from shared.contracts.wire import Yuan
from shared.kernel.areas import AreaCode
from shared.kernel.days import last_day
from shared.kernel.errors import Refused, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.workflow.desks import FIELD, TOWNSHIP


def _in_catalogue(kind: str) -> str:
    if kind not in CATALOGUE:
        raise ValueError("the kind is not in the catalogue of measures")
    return kind


class PlannedMeasure(BaseModel):
    """One measure (帮扶措施); `project_id` or `policy` name the money of funds whose arrival delivers it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Annotated[str, AfterValidator(_in_catalogue), Field(json_schema_extra={"enum": list(CATALOGUE)})]
    item: str = Field(default="", max_length=60)
    trigger: Trigger = Trigger.PREVENTIVE
    project_id: UUID | None = None
    policy: Code | None = None
    amount: Annotated[Yuan, Field(gt=0)] | None = None
    due_on: date | None = None


class PlanMeasure(Command):
    """Add a measure to a monitored household, or to one in the green channel (先行帮扶, M-ID-03)."""

    ROLES: ClassVar[frozenset[Role]] = FIELD | TOWNSHIP

    household_id: UUID
    measure: PlannedMeasure


class RequestMeasure(Command):
    """Ask funds for a measure that has no money yet (提出资金需求)."""

    ROLES: ClassVar[frozenset[Role]] = TOWNSHIP

    measure_id: UUID
    gap: Annotated[Yuan, Field(gt=0)] | None = None


class LinkMeasures(Command):
    """A project that answers requested measures came into the library: its money will deliver them."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    measure_ids: tuple[UUID, ...]
    project_id: UUID


class MeasuresPlanned(BaseModel):
    """The ids of planned measures, in the order stated."""

    measure_ids: list[UUID]


class Linked(BaseModel):
    """How many measures now wait for a project's money."""

    linked: int


class Deliver(Form):
    """A measure is in place (落实): what it was worth, where it is money or goods."""

    amount: Annotated[Yuan, Field(gt=0)] | None = None


class CheckEffect(Form):
    """What the measure did about the risk (M-AST-09)."""

    effect: Effect | None = None


async def plan_measures(
    tx: Write,
    ctx: Context,
    household_id: UUID,
    episode_id: UUID,
    area: AreaCode,
    measures: Sequence[PlannedMeasure],
) -> None:
    """Keep the plan of an episode with its measures (M-AST-01)."""
    tx.session.add(
        PlanRow(
            id=new_id(),
            area_code=int(area),
            episode_id=episode_id,
            made_on=ctx.today,
            made_by=ctx.actor.id,
        ),
    )
    await _add(tx, ctx, household_id, episode_id, area, measures)


async def plan_measure(tx: Write, command: PlanMeasure, ctx: Context) -> MeasuresPlanned:
    """Raises Refused for a household that is not monitored (M-ID-04)."""
    household = await household_of(tx, ctx, command.household_id, command.ROLES, lock=True)
    episode_id = await _eligible_episode(tx, household.id)
    refused = household_eligible(MeasureFacts(eligible=episode_id is not None))
    if refused is not None or episode_id is None:
        assert refused is not None
        raise Refused(refused)
    area = AreaCode(household.area_code)
    return MeasuresPlanned(measure_ids=await _add(tx, ctx, household.id, episode_id, area, [command.measure]))


async def request_measure(tx: Write, command: RequestMeasure, ctx: Context) -> MeasuresPlanned:
    """The command's handler."""
    row = await tx.session.get(MeasureRow, command.measure_id)
    if row is None or not ctx.actor.may(command.ROLES, row.area_code):
        raise not_found("帮扶措施", "measure")
    tx.changed("measure", row.id, row.area_code)
    tx.emit(
        MeasureRequested(
            area_code=AreaCode(row.area_code),
            household_id=row.household_id,
            measure_id=row.id,
            episode_id=row.episode_id,
            measure_kind=row.kind,
            gap=command.gap,
            requested_on=ctx.today,
        ),
    )
    return MeasuresPlanned(measure_ids=[row.id])


async def link_measures(tx: Write, command: LinkMeasures, ctx: Context) -> Linked:
    """Only measures that wait for money of no other project."""
    rows = await tx.session.scalars(
        select(MeasureRow)
        .where(MeasureRow.id.in_(command.measure_ids), MeasureRow.project_id.is_(None))
        .where(MeasureRow.delivered_on.is_(None), MeasureRow.cancelled_on.is_(None))
        .order_by(MeasureRow.id)
        .with_for_update(),
    )
    linked = rows.all()
    for row in linked:
        row.project_id = command.project_id
        tx.changed("measure", row.id, row.area_code)
    return Linked(linked=len(linked))


async def delivered_count(tx: Write, episode_id: UUID) -> int:
    """How many measures of the episode are in place."""
    count = select(func.count()).where(MeasureRow.episode_id == episode_id, MeasureRow.delivered_on.is_not(None))
    return int(await tx.session.scalar(count) or 0)


async def _add(
    tx: Write,
    ctx: Context,
    household_id: UUID,
    episode_id: UUID,
    area: AreaCode,
    measures: Sequence[PlannedMeasure],
) -> list[UUID]:
    days = await tx.parameters.get(FIRST_MEASURE_DAYS, area, ctx.today)
    latest = last_day(ctx.today, days, ctx.calendar)
    rows = [
        MeasureRow(
            id=new_id(),
            area_code=int(area),
            household_id=household_id,
            episode_id=episode_id,
            planned_fen=measure.amount,
            planned_on=ctx.today,
            due_on=measure.due_on or latest,
            **measure.model_dump(include={"kind", "item", "trigger", "project_id", "policy"}),
        )
        for place, measure in enumerate(measures)
    ]
    tx.session.add_all(rows)
    for row in rows:
        await open_case(tx, ctx, MEASURE_BINDING, row.id, area)
        tx.emit(
            MeasurePlanned(
                area_code=area,
                household_id=household_id,
                measure_id=row.id,
                episode_id=episode_id,
                measure_kind=row.kind,
                project_id=row.project_id,
                planned_on=ctx.today,
                due_on=row.due_on,
            ),
        )
    return [row.id for row in rows]


async def _eligible_episode(tx: Write, household_id: UUID) -> UUID | None:
    """The open episode, or the one that a case in the green channel will open."""
    episode = await open_episode(tx, household_id)
    if episode is not None:
        return episode.id
    found: UUID | None = await tx.session.scalar(
        select(IdentificationRow.episode_id)
        .where(IdentificationRow.household_id == household_id, IdentificationRow.green_channel_on.is_not(None))
        .where(IdentificationRow.rejected_on.is_(None), ~exists().where(EpisodeRow.id == IdentificationRow.episode_id))
        .order_by(IdentificationRow.id.desc())
        .limit(1),
    )
    return found


async def _facts(tx: Write, case: CaseRow, form: Form, ctx: Context) -> MeasureFacts:
    row = await tx.session.get_one(MeasureRow, case.subject_id)
    paid = await tx.session.scalar(select(func.count()).where(ReceiptRow.measure_id == row.id))
    return MeasureFacts(
        eligible=await _eligible_episode(tx, row.household_id) == row.episode_id,
        paid=bool(paid),
        effect=form.effect if isinstance(form, CheckEffect) else None,
    )


async def _deliver(tx: Write, case: CaseRow, form: Deliver, ctx: Context) -> None:
    await _delivered(tx, case, ctx, form.amount)


async def _deliver_by_payment(tx: Write, case: CaseRow, form: Form, ctx: Context) -> None:
    paid = await tx.session.scalar(
        select(func.sum(ReceiptRow.amount_fen - ReceiptRow.returned_fen)).where(
            ReceiptRow.measure_id == case.subject_id
        ),
    )
    await _delivered(tx, case, ctx, int(paid or 0))


async def _delivered(tx: Write, case: CaseRow, ctx: Context, amount: int | None) -> None:
    row = await tx.session.get_one(MeasureRow, case.subject_id)
    row.delivered_on, row.delivered_fen = ctx.today, amount
    tx.emit(
        MeasureDelivered(
            area_code=case.area,
            household_id=row.household_id,
            measure_id=row.id,
            episode_id=row.episode_id,
            measure_kind=row.kind,
            amount=amount,
            delivered_on=ctx.today,
        ),
    )


async def _check_effect(tx: Write, case: CaseRow, form: CheckEffect, ctx: Context) -> None:
    row = await tx.session.get_one(MeasureRow, case.subject_id)
    row.effect, row.effect_on = form.effect, ctx.today


async def _cancel(tx: Write, case: CaseRow, form: Form, ctx: Context) -> None:
    (await tx.session.get_one(MeasureRow, case.subject_id)).cancelled_on = ctx.today


MEASURE_BINDING = Binding(
    workflow=MEASURE,
    plural="measures",
    guards=MEASURE_GUARDS,
    facts=_facts,
    steps={
        "deliver": StepBinding(Deliver, _deliver),
        "deliver_by_payment": StepBinding(perform=_deliver_by_payment),
        "check_effect": StepBinding(CheckEffect, _check_effect),
        "cancel": StepBinding(perform=_cancel),
    },
)

HANDLERS: Mapping[type[Command], Handler] = {
    PlanMeasure: plan_measure,
    RequestMeasure: request_measure,
    LinkMeasures: link_measures,
}
