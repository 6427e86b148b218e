"""Eliminations: proposed for an open episode, checked against the conditions, marked, looked back at, or rolled back."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import func, select

from services.monitoring.commands import rounds
from services.monitoring.commands.episodes import (
    end_episode,
    label_backstop,
    open_episode,
    reopen_episode,
)
from services.monitoring.commands.lines import line_test, monitoring_line
from services.monitoring.commands.registered import household_of
from services.monitoring.commands.risks import clear_risk
from services.monitoring.commands.rounds import PostNotice, Recheck, VillageMeeting
from services.monitoring.domain.elimination import GUARDS, EliminationFacts, Measures
from services.monitoring.domain.episodes import Mode, months_later, snapshot
from services.monitoring.domain.income import figures
from services.monitoring.domain.lines import KIND_NAMES, MonitorKind, standing
from services.monitoring.domain.risk import Outcome
from services.monitoring.parameters import LOOK_BACK_MONTHS, MINIMUM_MONTHS, STABLE_MONTHS, VILLAGE_QUORUM
from services.monitoring.tables.cases import EliminationRow
from services.monitoring.tables.episodes import EpisodeRow, LookBackRow
from services.monitoring.tables.measures import MeasureRow
from services.monitoring.workflows.elimination import ELIMINATION
from shared.cases.advance import open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.monitoring import HouseholdEliminated, HouseholdRolledBack
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Refused, Violation
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.workflow.desks import TOWNSHIP, VILLAGE

_RUNNING = """
SELECT EXISTS (SELECT FROM elimination e JOIN case_file f ON f.subject_id = e.id AND f.is_open
                WHERE e.episode_id = $1)"""


class ProposeElimination(Command):
    """Propose that the risk of a household is eliminated (提出风险消除); a natural one says how the cause went."""

    ROLES: ClassVar[frozenset[Role]] = VILLAGE | TOWNSHIP

    household_id: UUID
    mode: Mode
    natural_reason: str = Field(default="", max_length=200)


class EliminationProposed(BaseModel):
    """The new elimination and its case."""

    elimination_id: UUID
    case_id: UUID
    episode_id: UUID


class Mark(Form):
    """What the county states when it marks: why so soon (natural only), or why a household without labour."""

    county_reason: str = Field(default="", max_length=500)
    backstop_override: Literal["", "INCOME_FROM_SUPPORT_STABLE"] = ""


class Found(StrEnum):
    """What a look-back found."""

    STABLE = "stable"
    WEAK = "weak"


class LookBack(Form):
    """One look-back (回头看): the earliest that is due."""

    found: Found


async def propose_elimination(tx: Write, command: ProposeElimination, ctx: Context) -> EliminationProposed:
    """Raises Refused for a household that is not monitored, or whose elimination runs already."""
    household = await household_of(tx, ctx, command.household_id, command.ROLES, lock=True)
    episode = await open_episode(tx, household.id)
    if episode is None or await tx.raw.fetchval(_RUNNING, episode.id):
        raise Refused(_not_open(running=episode is not None))
    if (command.mode is Mode.NATURAL) != bool(command.natural_reason.strip()):
        raise Refused(_natural_reason())
    row = EliminationRow(
        id=new_id(),
        area_code=household.area_code,
        household_id=household.id,
        episode_id=episode.id,
        mode=command.mode,
        natural_reason=command.natural_reason.strip(),
        proposed_on=ctx.today,
    )
    tx.session.add(row)
    case = await open_case(tx, ctx, ELIMINATION_BINDING, row.id, AreaCode(household.area_code))
    return EliminationProposed(elimination_id=row.id, case_id=case.id, episode_id=episode.id)


async def _row(tx: Write, case: CaseRow) -> EliminationRow:
    return await tx.session.get_one(EliminationRow, case.subject_id)


async def _facts(tx: Write, case: CaseRow, form: Form, ctx: Context) -> EliminationFacts:
    row = await _row(tx, case)
    episode = await tx.session.get_one(EpisodeRow, row.episode_id)
    labour = await rounds.labour_of(tx, row.household_id)
    check_row = await rounds.check_row(tx, case)
    check = rounds.check_of(check_row) if check_row else None
    names = (STABLE_MONTHS, MINIMUM_MONTHS, VILLAGE_QUORUM)
    settings = await tx.parameters.get_many(names, case.area, ctx.today)
    line = await monitoring_line(tx.parameters, case.area, ctx.today)  # M-LINE-08: the line in force now
    test = await line_test(tx.parameters, case.area, ctx.today)
    return EliminationFacts(
        mode=Mode(row.mode),
        today=ctx.today,
        identified_on=episode.identified_on,
        members=frozenset(labour),
        check=check,
        standing=standing(figures(check.sheet, check.persons), line, test) if check else None,
        stable_months=settings[STABLE_MONTHS],
        measures=await _measures(tx, row.episode_id),
        meeting=form.as_rule() if isinstance(form, VillageMeeting) else await rounds.meeting_of(tx, case),
        village_quorum=settings[VILLAGE_QUORUM],
        objection_founded=await rounds.recheck_of(tx, case),
        actor_helps=await rounds.actor_helps(tx, ctx, row.household_id),
        notice_ran=await rounds.notice_ran(tx, case),
        snapshot=snapshot(check) if check else None,
        minimum_months=settings[MINIMUM_MONTHS],
        county_reason=form.county_reason if isinstance(form, Mark) else "",
        labour=tuple(labour.values()),
        backstop_override=form.backstop_override if isinstance(form, Mark) else "",
        look_backs_open=await _look_backs_open(tx, row.id),
    )


async def _measures(tx: Write, episode_id: UUID) -> Measures:
    delivered, undelivered = (
        await tx.session.execute(
            select(
                func.count().filter(MeasureRow.delivered_on.is_not(None)),
                func.count().filter(MeasureRow.delivered_on.is_(None), MeasureRow.cancelled_on.is_(None)),
            ).where(MeasureRow.episode_id == episode_id),
        )
    ).one()
    return Measures(delivered, undelivered)


async def _look_backs_open(tx: Write, elimination_id: UUID) -> int:
    count = select(func.count()).where(LookBackRow.elimination_id == elimination_id, LookBackRow.done_on.is_(None))
    return int(await tx.session.scalar(count) or 0)


async def _visit(tx: Write, case: CaseRow, form: Form, ctx: Context) -> None:
    await label_backstop(tx, (await _row(tx, case)).episode_id)


async def _post_notice(tx: Write, case: CaseRow, form: PostNotice, ctx: Context) -> None:
    (await _row(tx, case)).contact = form.contact


async def _mark(tx: Write, case: CaseRow, form: Mark, ctx: Context) -> None:
    row = await _row(tx, case)
    row.county_reason, row.backstop_override = form.county_reason, form.backstop_override
    signed = await rounds.check_row(tx, case)
    assert signed is not None
    line = await monitoring_line(tx.parameters, case.area, ctx.today)
    episode = await end_episode(tx, ctx, row, signed, line)
    await _set_look_backs(tx, ctx, case, row)
    tx.emit(
        HouseholdEliminated(
            area_code=case.area,
            household_id=row.household_id,
            episode_id=episode.id,
            case_id=case.id,
            kind=episode.kind,
            mode=row.mode,
            eliminated_on=ctx.today,
        ),
    )
    await clear_risk(tx, ctx, episode.risk_id, Outcome.ELIMINATED, case.id)


async def _set_look_backs(tx: Write, ctx: Context, case: CaseRow, row: EliminationRow) -> None:
    """Due three and six months from today, unless policy says otherwise (M-6.4)."""
    months: tuple[str, ...] = await tx.parameters.get(LOOK_BACK_MONTHS, case.area, ctx.today)
    tx.session.add_all(
        LookBackRow(
            id=new_id(),
            area_code=int(case.area),
            elimination_id=row.id,
            household_id=row.household_id,
            due_on=months_later(ctx.today, int(after)),
            recorded_at=ctx.now,
        )
        for after in months
    )


async def _look_back(tx: Write, case: CaseRow, form: LookBack, ctx: Context) -> None:
    due = await tx.session.scalar(
        select(LookBackRow)
        .where(LookBackRow.elimination_id == case.subject_id, LookBackRow.done_on.is_(None))
        .order_by(LookBackRow.due_on)
        .limit(1),
    )
    if due is None:
        raise Refused(_nothing_due())
    due.done_on, due.found, due.done_by = ctx.today, form.found, ctx.actor.id


async def _roll_back(tx: Write, case: CaseRow, form: Form, ctx: Context) -> None:
    row = await _row(tx, case)
    row.voided_on = ctx.today
    episode = await reopen_episode(tx, ctx, row)
    tx.emit(
        HouseholdRolledBack(
            area_code=case.area,
            household_id=row.household_id,
            episode_id=episode.id,
            case_id=case.id,
            kind=episode.kind,
            rolled_back_on=ctx.today,
        ),
    )


async def _notice(tx: Write, case: CaseRow, ctx: Context) -> dict[str, Any]:
    """§4.4 and no more."""
    row = await _row(tx, case)
    episode = await tx.session.get_one(EpisodeRow, row.episode_id)
    hangs_for_a_time = case.state == "PUBLICISED"
    return {
        "title": "监测对象风险消除公示" if hangs_for_a_time else "监测对象风险消除公告",
        **await rounds.published_fields(tx, ctx, row.household_id, with_head=hangs_for_a_time),
        "kind": KIND_NAMES[MonitorKind(episode.kind)],
        "contact": row.contact,
    }


ELIMINATION_BINDING = Binding(
    workflow=ELIMINATION,
    plural="eliminations",
    guards=GUARDS,
    facts=_facts,
    notice=_notice,
    steps={
        "visit": StepBinding(perform=_visit),
        "review_village": StepBinding(VillageMeeting, rounds.record_meeting),
        "publicise": StepBinding(PostNotice, _post_notice),
        "recheck": StepBinding(Recheck, rounds.record_recheck),
        "mark": StepBinding(Mark, _mark),
        "look_back": StepBinding(LookBack, _look_back),
        "roll_back": StepBinding(perform=_roll_back),
    },
)


def _not_open(*, running: bool) -> Violation:
    zh, en = ("该户正在办理风险消除", "an elimination of this household is running")
    if not running:
        zh, en = ("该户不在监测中", "the household is not monitored")
    return Violation(
        "EPISODE_NOT_OPEN",
        zh,
        en,
        rule="M-6.2",
        field="/household_id",
        remedy_zh="核对农户及其监测状态",
        remedy_en="check the household and its episode",
    )


def _natural_reason() -> Violation:
    return Violation(
        "NATURAL_REASON",
        "自然消除须说明原因，帮扶消除不填",
        "a natural elimination says how the cause went; one by assistance has no such reason",
        rule="M-EL-09",
        field="/natural_reason",
        remedy_zh="填写自然消除的原因，或改为帮扶消除",
        remedy_en="state the reason, or choose by_assistance",
    )


def _nothing_due() -> Violation:
    return Violation(
        "NO_LOOK_BACK_DUE",
        "没有待办的回头看",
        "no look-back is left",
        rule="M-6.4",
        remedy_zh="办理“回头看完成”",
        remedy_en="take the step `confirm`",
    )


HANDLERS: Mapping[type[Command], Handler] = {ProposeElimination: propose_elimination}
