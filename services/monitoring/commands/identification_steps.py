"""The identification bound to its rows: what each step leaves behind, and what hangs in the village."""

from typing import Any

from sqlalchemy import select

from services.monitoring.commands import rounds
from services.monitoring.commands.dispositions import dispose_clues_of_risk
from services.monitoring.commands.episodes import begin_episode
from services.monitoring.commands.identification_facts import (
    Approve,
    Authorise,
    CloseNotRisk,
    ConcludeCheck,
    HoldJointReview,
    MakePlan,
    MergeInto,
    held_against_line,
    identification_facts,
    proposal,
)
from services.monitoring.commands.measures import plan_measures
from services.monitoring.commands.risks import clear_risk
from services.monitoring.commands.rounds import PostNotice, Recheck, VillageMeeting
from services.monitoring.domain.clues import Disposition
from services.monitoring.domain.comparison import NOT_RURAL, Answer
from services.monitoring.domain.identification import GUARDS
from services.monitoring.domain.lines import KIND_NAMES, MonitorKind
from services.monitoring.domain.risk import Outcome
from services.monitoring.parameters import COMPARISON_DAYS, COMPARISON_SOURCES, TELL_DAYS
from services.monitoring.tables.cases import (
    AuthorisationRow,
    ComparisonRow,
    HitRow,
    IdentificationRow,
    JointReviewRow,
)
from services.monitoring.tables.households import HouseholdRow
from services.monitoring.tables.income import ClassificationRow
from services.monitoring.workflows.identification import IDENTIFICATION
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Context, Write
from shared.contracts.monitoring_work import ComparisonRequested
from shared.kernel.days import last_day
from shared.kernel.errors import Refused, Violation
from shared.kernel.ids import new_id
from shared.workflow.desks import HOUSEHOLD


async def _row(tx: Write, case: CaseRow) -> IdentificationRow:
    return await tx.session.get_one(IdentificationRow, case.subject_id)


async def _merge(tx: Write, case: CaseRow, form: MergeInto, ctx: Context) -> None:
    row = await _row(tx, case)
    await dispose_clues_of_risk(tx, ctx, row.risk_id, Disposition.DUPLICATE)


async def _open_green_channel(tx: Write, case: CaseRow, form: Form, ctx: Context) -> None:
    (await _row(tx, case)).green_channel_on = ctx.today


async def _authorise(tx: Write, case: CaseRow, form: Authorise, ctx: Context) -> None:
    if ctx.actor.may(HOUSEHOLD, case.area):
        (await _row(tx, case)).applicant = ctx.actor.id
    if form.valid_until < ctx.today:
        raise Refused(_expired())
    tx.session.add(
        AuthorisationRow(
            id=new_id(),
            area_code=int(case.area),
            identification_id=case.subject_id,
            round=case.round,
            purpose="monitoring.identification",
            sources=sorted(set(form.sources)),
            signed_on=ctx.today,
            valid_until=form.valid_until,
            written_by_other=form.written_by_other,
        ),
    )


async def _request_comparison(tx: Write, case: CaseRow, form: Form, ctx: Context) -> None:
    """Ask each source that policy names and the household authorised; the others may not be asked (M-PI-02)."""
    row = await _row(tx, case)
    settings = await tx.parameters.get_many((COMPARISON_SOURCES, COMPARISON_DAYS), case.area, ctx.today)
    due_on = last_day(ctx.today, settings[COMPARISON_DAYS], ctx.calendar)
    authorised = await _authorised(tx, case, ctx)
    for source in settings[COMPARISON_SOURCES]:
        if source not in authorised:
            raise Refused(_not_authorised(source))
        asked = ComparisonRow(
            id=new_id(),
            area_code=int(case.area),
            identification_id=case.subject_id,
            round=case.round,
            household_id=row.household_id,
            source=source,
            requested_on=ctx.today,
            due_on=due_on,
        )
        tx.session.add(asked)
        tx.emit(
            ComparisonRequested(
                area_code=case.area,
                case_id=case.id,
                comparison_id=asked.id,
                department=source,
                household_id=row.household_id,
                requested_on=ctx.today,
                due_on=due_on,
            ),
        )


async def _authorised(tx: Write, case: CaseRow, ctx: Context) -> set[str]:
    """The sources that a valid authorisation of this round names."""
    found = await tx.session.scalars(
        select(AuthorisationRow.sources).where(
            AuthorisationRow.identification_id == case.subject_id,
            AuthorisationRow.round == case.round,
            AuthorisationRow.valid_until >= ctx.today,
        ),
    )
    return {source for sources in found for source in sources}


async def _conclude(tx: Write, case: CaseRow, form: ConcludeCheck, ctx: Context) -> None:
    """Keep the signed sheet against the line of this day, and the kind that follows (M-LINE-05, M-INC-04)."""
    row = await _row(tx, case)
    household = await tx.session.get_one(HouseholdRow, row.household_id)
    signed = await rounds.check_row(tx, case)
    assert signed is not None
    check = rounds.check_of(signed)
    found, held = await held_against_line(tx, ctx, case, check)
    kind = proposal(check, household, held)
    classification = ClassificationRow(
        id=new_id(),
        household_id=row.household_id,
        area_code=int(case.area),
        reference_on=ctx.today,
        window_first=signed.window_first,
        window_last=signed.window_last,
        persons=found.persons,
        net_fen=found.net,
        monitoring_fen=found.monitoring,
        per_capita_net_fen=found.per_capita_net,
        per_capita_monitoring_fen=found.per_capita_monitoring,
        line_test=held.test,
        line_fen=held.line,
        position=held.position,
        proposed_kind=kind,
        recorded_at=ctx.now,
        recorded_by=ctx.actor.id,
    )
    tx.session.add(classification)
    await tx.session.flush()
    row.classification_id, row.concluded_on, row.proposed_kind = classification.id, ctx.today, kind


async def _hold_joint_review(tx: Write, case: CaseRow, form: HoldJointReview, ctx: Context) -> None:
    tx.session.add(
        JointReviewRow(
            id=new_id(),
            area_code=int(case.area),
            subject_id=case.subject_id,
            round=case.round,
            held_on=form.held_on,
            members=sorted(set(form.members)),
            finding=form.finding,
            finding_reason=form.finding_reason,
        ),
    )


async def _post_notice(tx: Write, case: CaseRow, form: PostNotice, ctx: Context) -> None:
    (await _row(tx, case)).contact = form.contact


async def _approve(tx: Write, case: CaseRow, form: Approve, ctx: Context) -> None:
    row = await _row(tx, case)
    row.kind, row.kind_reason = form.kind, form.kind_reason


async def _enrol(tx: Write, case: CaseRow, form: Form, ctx: Context) -> None:
    row = await _row(tx, case)
    signed = await rounds.check_row(tx, case)
    assert signed is not None
    await begin_episode(tx, ctx, case, row, signed)
    await dispose_clues_of_risk(tx, ctx, row.risk_id, Disposition.ENROLLED)


async def _plan(tx: Write, case: CaseRow, form: MakePlan, ctx: Context) -> None:
    row = await _row(tx, case)
    await plan_measures(tx, ctx, row.household_id, row.episode_id, case.area, form.measures)


async def _close_not_risk(tx: Write, case: CaseRow, form: CloseNotRisk, ctx: Context) -> None:
    solved = form.disposition is Disposition.POLICY_SOLVED
    await _end(tx, case, ctx, Outcome.POLICY_SOLVED if solved else Outcome.NOT_RISK, form.disposition)


async def _reject_joint_review(tx: Write, case: CaseRow, form: Form, ctx: Context) -> None:
    not_rural = await tx.session.scalar(
        select(HitRow.id)
        .join(ComparisonRow, ComparisonRow.id == HitRow.comparison_id)
        .where(
            ComparisonRow.identification_id == case.subject_id,
            ComparisonRow.round == case.round,
            HitRow.code == NOT_RURAL,
            HitRow.answer == Answer.CONFIRMED,
        ),
    )
    disposition = Disposition.NOT_RURAL if not_rural else Disposition.NOT_RISK_NORMAL
    await _end(tx, case, ctx, Outcome.REJECTED, disposition)


async def _reject(tx: Write, case: CaseRow, form: Form, ctx: Context) -> None:
    await _end(tx, case, ctx, Outcome.REJECTED, Disposition.NOT_RISK_NORMAL)


async def _withdraw(tx: Write, case: CaseRow, form: Form, ctx: Context) -> None:
    row = await _row(tx, case)
    await clear_risk(tx, ctx, row.risk_id, Outcome.WITHDRAWN, case.id)
    await dispose_clues_of_risk(tx, ctx, row.risk_id, Disposition.NOT_RISK_NORMAL)


async def _end(tx: Write, case: CaseRow, ctx: Context, outcome: Outcome, disposition: Disposition) -> None:
    """A case that does not lead to enrolment: the applicant is to be told within the period (M-ID-05)."""
    row = await _row(tx, case)
    days = await tx.parameters.get(TELL_DAYS, case.area, ctx.today)
    row.rejected_on, row.tell_by = ctx.today, last_day(ctx.today, days, ctx.calendar)
    await clear_risk(tx, ctx, row.risk_id, outcome, case.id)
    await dispose_clues_of_risk(tx, ctx, row.risk_id, disposition)


async def _notice(tx: Write, case: CaseRow, ctx: Context) -> dict[str, Any]:
    """§4.4 and no more: never the cause, an amount, or what a source said."""
    row = await _row(tx, case)
    hangs_for_a_time = case.state == "PUBLICISED"
    kind = MonitorKind(row.kind or row.proposed_kind or "")
    return {
        "title": "监测对象识别公示" if hangs_for_a_time else "监测对象识别公告",
        **await rounds.published_fields(tx, ctx, row.household_id, with_head=hangs_for_a_time),
        "kind": KIND_NAMES[kind],
        "contact": row.contact,
    }


_REJECTED = StepBinding(perform=_reject)
_ENROLLED = StepBinding(perform=_enrol)

IDENTIFICATION_BINDING = Binding(
    workflow=IDENTIFICATION,
    plural="identifications",
    guards=GUARDS,
    facts=identification_facts,
    notice=_notice,
    steps={
        "merge": StepBinding(MergeInto, _merge),
        "open_green_channel": StepBinding(perform=_open_green_channel),
        "authorise": StepBinding(Authorise, _authorise),
        "request_comparison": StepBinding(perform=_request_comparison),
        "close_not_risk": StepBinding(CloseNotRisk, _close_not_risk),
        "conclude_check": StepBinding(ConcludeCheck, _conclude),
        "hold_joint_review": StepBinding(HoldJointReview, _hold_joint_review),
        "reject_joint_review": StepBinding(perform=_reject_joint_review),
        "review_village": StepBinding(VillageMeeting, rounds.record_meeting),
        "reject_review": _REJECTED,
        "publicise": StepBinding(PostNotice, _post_notice),
        "recheck": StepBinding(Recheck, rounds.record_recheck),
        "uphold_objection": _REJECTED,
        "approve_county": StepBinding(Approve, _approve),
        "enrol": _ENROLLED,
        "remark": _ENROLLED,
        "plan": StepBinding(MakePlan, _plan),
        "withdraw": StepBinding(perform=_withdraw),
    },
)


def _expired() -> Violation:
    return Violation(
        "AUTHORISATION_EXPIRED",
        "授权有效期早于今天",
        "the authorisation ends before today",
        rule="M-PI-02",
        field="/valid_until",
        remedy_zh="由农户重新签署授权",
        remedy_en="have the household sign again",
    )


def _not_authorised(source: str) -> Violation:
    return Violation(
        "SOURCE_NOT_AUTHORISED",
        f"农户未授权查询：{source}",
        f"the household has not authorised asking {source}",
        rule="M-PI-02",
        remedy_zh="由农户补签授权后再发起比对",
        remedy_en="have the household authorise it first",
        facts={"source": source},
    )
