"""Loads what the rules of an identification judge, and the forms that its steps ask for."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from services.monitoring.commands import rounds
from services.monitoring.commands.lines import line_test, monitoring_line
from services.monitoring.commands.measures import PlannedMeasure, delivered_count
from services.monitoring.commands.rounds import VillageMeeting
from services.monitoring.domain.assistance import Situation
from services.monitoring.domain.clues import Disposition
from services.monitoring.domain.codes import HouseholdType
from services.monitoring.domain.comparison import Answer, Hit
from services.monitoring.domain.episodes import Past, is_without_labour, snapshot
from services.monitoring.domain.household_check import HouseholdCheck
from services.monitoring.domain.identification import IdentificationFacts, JointSettings, Merging
from services.monitoring.domain.income import Figures, figures
from services.monitoring.domain.lines import MonitorKind, Standing, propose_kind, standing
from services.monitoring.domain.meetings import Finding, JointReview
from services.monitoring.domain.risk import Cause
from services.monitoring.parameters import JOINT_MEMBERS, JOINT_QUORUM, VILLAGE_QUORUM
from services.monitoring.tables.cases import ComparisonRow, HitRow, IdentificationRow, JointReviewRow
from services.monitoring.tables.episodes import EpisodeRow, HelperRow
from services.monitoring.tables.households import HouseholdRow
from shared.cases.binding import CaseRow, Form
from shared.commands.command import Context, Write
from shared.contracts.parts import Code
from shared.kernel.roles import Role

_OPEN_CASE = """
SELECT i.id FROM identification i JOIN case_file f ON f.subject_id = i.id AND f.is_open
 WHERE i.id = $1 AND i.household_id = $2 AND i.id <> $3 FOR UPDATE OF f"""


class MergeInto(Form):
    """The open case of the same household into which this one is merged."""

    into: UUID


class Authorise(Form):
    """The signed authorisation (承诺授权): which sources may be asked, until when; helpers may write it (M-PI-02)."""

    sources: tuple[Code, ...] = Field(min_length=1, max_length=20)
    valid_until: date
    written_by_other: bool = False


class CloseNotRisk(Form):
    """How the clues of a case without risk end."""

    disposition: Disposition = Disposition.NOT_RISK_NORMAL


class ConcludeCheck(Form):
    """The township concludes the check; the line of this day counts (M-LINE-05)."""


class HoldJointReview(Form):
    """A joint review (联审): the offices that sat, their finding and its reason."""

    held_on: date
    members: tuple[Code, ...] = Field(min_length=1, max_length=40)
    finding: Finding
    finding_reason: str = Field(min_length=2, max_length=500)


class Approve(Form):
    """The county confirms the published kind and says why (M-ID-08)."""

    kind: MonitorKind
    kind_reason: str = Field(min_length=2, max_length=500)


class MakePlan(Form):
    """The plan (帮扶计划): its measures."""

    measures: Annotated[tuple[PlannedMeasure, ...], Field(min_length=1, max_length=20)]


async def identification_facts(tx: Write, case: CaseRow, form: Form, ctx: Context) -> IdentificationFacts:
    """Everything the rules may ask of this round; the form's answers stand for what is not stored yet."""
    row = await tx.session.get_one(IdentificationRow, case.subject_id)
    household = await tx.session.get_one(HouseholdRow, row.household_id)
    labour = await rounds.labour_of(tx, row.household_id)
    check_row = await rounds.check_row(tx, case)
    check = rounds.check_of(check_row) if check_row else None
    asked, answered, hits = await _comparison(tx, case)
    kind = MonitorKind(row.proposed_kind) if row.proposed_kind else None
    if isinstance(form, ConcludeCheck | CloseNotRisk) and check is not None:
        kind = proposal(check, household, (await held_against_line(tx, ctx, case, check))[1])
    settings = await tx.parameters.get_many((JOINT_MEMBERS, JOINT_QUORUM, VILLAGE_QUORUM), case.area, ctx.today)
    episode = await tx.session.get(EpisodeRow, row.episode_id)
    return IdentificationFacts(
        household_known=household.closed_on is None and bool(labour),
        members=frozenset(labour),
        merging=await _merging(tx, row, form) if isinstance(form, MergeInto) else None,
        check=check,
        proposed=kind,
        confirmed=form.kind if isinstance(form, Approve) else None,
        kind_reason=form.kind_reason if isinstance(form, Approve) else "",
        sources_asked=asked,
        sources_answered=answered,
        hits=hits,
        joint_review=await _joint_review(tx, case, form),
        joint_settings=JointSettings(settings[JOINT_MEMBERS], settings[JOINT_QUORUM]),
        meeting=form.as_rule() if isinstance(form, VillageMeeting) else await rounds.meeting_of(tx, case),
        village_quorum=settings[VILLAGE_QUORUM],
        objection_founded=await rounds.recheck_of(tx, case),
        is_another_farmer=_is_another_farmer(ctx, row, form),
        actor_helps=await rounds.actor_helps(tx, ctx, row.household_id),
        notice_ran=await rounds.notice_ran(tx, case),
        snapshot=snapshot(check) if check else None,
        earlier=await _earlier(tx, row),
        situation=await _situation(tx, row, check, labour, form) if isinstance(form, MakePlan) else None,
        delivered=await delivered_count(tx, row.episode_id),
        episode_ended_on=episode.eliminated_on if episode else None,
    )


def _is_another_farmer(ctx: Context, row: IdentificationRow, form: Form) -> bool:
    """Somebody who is nothing but a farmer here, and not the applicant; who applies first becomes that."""
    staff = any(grant.role is not Role.HOUSEHOLD and grant.area.contains(row.area_code) for grant in ctx.actor.grants)
    applies_first = row.applicant is None and isinstance(form, Authorise)
    return not staff and not applies_first and row.applicant != ctx.actor.id


async def held_against_line(tx: Write, ctx: Context, case: CaseRow, check: HouseholdCheck) -> tuple[Figures, Standing]:
    """The figures of the signed sheet, and how they stand against the line of today (M-LINE-05, M-LINE-08)."""
    line = await monitoring_line(tx.parameters, case.area, ctx.today)
    found = figures(check.sheet, check.persons)
    return found, standing(found, line, await line_test(tx.parameters, case.area, ctx.today))


def proposal(check: HouseholdCheck, household: HouseholdRow, held: Standing) -> MonitorKind | None:
    """The kind that the signed check suggests (§1.5.2)."""
    return propose_kind(
        HouseholdType(household.household_type),
        held.position,
        has_risk=bool(check.risks),
        serious_difficulty=check.serious_difficulty,
    )


async def _comparison(tx: Write, case: CaseRow) -> tuple[frozenset[str], frozenset[str], tuple[Hit, ...]]:
    """The sources asked and answered in this round, and the hits among the answers."""
    of_round = (ComparisonRow.identification_id == case.subject_id, ComparisonRow.round == case.round)
    rows = (await tx.session.execute(select(ComparisonRow.source, ComparisonRow.result).where(*of_round))).all()
    hits = await tx.session.execute(
        select(HitRow.code, ComparisonRow.source, HitRow.answer)
        .join(ComparisonRow, ComparisonRow.id == HitRow.comparison_id)
        .where(*of_round),
    )
    return (
        frozenset(source for source, _ in rows),
        frozenset(source for source, result in rows if result is not None),
        tuple(Hit(code, source, Answer(answer) if answer else None) for code, source, answer in hits),
    )


async def _merging(tx: Write, row: IdentificationRow, form: MergeInto) -> Merging:
    return Merging(await tx.raw.fetchval(_OPEN_CASE, form.into, row.household_id, row.id))


async def _joint_review(tx: Write, case: CaseRow, form: Form) -> JointReview | None:
    if isinstance(form, HoldJointReview):
        return JointReview(frozenset(form.members), form.finding)
    row = await tx.session.scalar(
        select(JointReviewRow)
        .where(JointReviewRow.subject_id == case.subject_id, JointReviewRow.round == case.round)
        .order_by(JointReviewRow.id.desc())
        .limit(1),
    )
    return JointReview(frozenset(row.members), Finding(row.finding)) if row else None


async def _earlier(tx: Write, row: IdentificationRow) -> Past | None:
    """The latest episode before the one of this case."""
    before = await tx.session.scalar(
        select(EpisodeRow)
        .where(EpisodeRow.household_id == row.household_id, EpisodeRow.id != row.episode_id)
        .order_by(EpisodeRow.identified_on.desc())
        .limit(1),
    )
    return Past(before.id, before.eliminated_on) if before else None


async def _situation(
    tx: Write,
    row: IdentificationRow,
    check: HouseholdCheck | None,
    labour: Mapping[UUID, str],
    form: MakePlan,
) -> Situation:
    primary = await tx.session.scalar(
        select(HelperRow.id).where(
            HelperRow.household_id == row.household_id, HelperRow.is_primary, HelperRow.until_on.is_(None)
        ),
    )
    risks: tuple[Cause, ...] = check.risks if check else ()
    return Situation(
        risks=risks,
        kinds=tuple(measure.kind for measure in form.measures),
        has_labour=not is_without_labour(tuple(labour.values())),
        has_primary_helper=primary is not None,
    )
