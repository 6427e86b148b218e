"""Episodes of monitoring: begun by an enrolment, ended by an elimination, opened again by a roll-back."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import select, update

from services.monitoring.commands import rounds
from services.monitoring.commands.dispositions import dispose_clues_of_risk
from services.monitoring.commands.registered import household_of
from services.monitoring.domain.clues import Disposition
from services.monitoring.domain.codes import Overlay
from services.monitoring.domain.episodes import Mode, Moment, is_without_labour, snapshot
from services.monitoring.domain.household_check import bad_risks
from services.monitoring.domain.risk import Cause
from services.monitoring.tables.cases import EliminationRow, HouseholdCheckRow, IdentificationRow
from services.monitoring.tables.episodes import EpisodeRow, HelperRow, SnapshotRow
from services.monitoring.tables.households import HouseholdRow
from services.monitoring.tables.income import ClassificationRow
from shared.cases.binding import CaseRow
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.monitoring import HouseholdEnrolled, HouseholdRemarked
from shared.kernel.errors import Invalid, Refused, Violation
from shared.kernel.ids import new_id
from shared.kernel.money import Fen
from shared.kernel.roles import Role
from shared.vault.seal import seal, unseal
from shared.workflow.desks import FIELD, TOWNSHIP

_REOPEN_RISK = """
UPDATE risk SET cleared_on = NULL, outcome = NULL
 WHERE id = $1 AND NOT EXISTS (SELECT FROM risk o WHERE o.household_id = risk.household_id AND o.cleared_on IS NULL)
RETURNING id"""
_OPEN_RISK = "SELECT id FROM risk WHERE household_id = $1 AND cleared_on IS NULL"
_IDENTIFYING = """
SELECT EXISTS (SELECT FROM identification i JOIN case_file f ON f.subject_id = i.id AND f.is_open
                WHERE i.household_id = $1 AND i.episode_id <> $2)"""


class AssignHelper(Command):
    """Assign a helper (落实帮扶责任人) by the actor's id; a new primary one releases the former (M-AST-01)."""

    ROLES: ClassVar[frozenset[Role]] = TOWNSHIP

    household_id: UUID
    helper: UUID
    is_primary: bool = True


class ReviewRiskChange(Command):
    """Review the clues that came to a monitored household (核实风险变化): its risks as they are now (M-CLUE-05)."""

    ROLES: ClassVar[frozenset[Role]] = FIELD | TOWNSHIP

    household_id: UUID
    risks: tuple[Cause, ...] = Field(min_length=1)
    disaster_subtype: str = Field(default="", pattern=r"^(02\d\d)?$")
    risk_note: str = Field(default="", max_length=200)


class HelperAssigned(BaseModel):
    """An assignment."""

    assignment_id: UUID


class RisksReviewed(BaseModel):
    """The episode, and whether its risks are others than before."""

    episode_id: UUID
    changed: bool


async def begin_episode(
    tx: Write, ctx: Context, case: CaseRow, row: IdentificationRow, signed: HouseholdCheckRow
) -> EpisodeRow:
    """Open the episode of an approved case with its snapshot; told as enrolment, or as marked again after an earlier."""
    household = await tx.session.get_one(HouseholdRow, row.household_id)
    labour = await rounds.labour_of(tx, household.id)
    classification = await tx.session.get_one(ClassificationRow, row.classification_id)
    previous = await _latest(tx, household.id)
    episode = EpisodeRow(
        id=row.episode_id,
        area_code=household.area_code,
        household_id=household.id,
        identification_id=row.id,
        risk_id=row.risk_id,
        previous_id=previous.id if previous else None,
        kind=row.kind,
        risks=list(signed.risks),
        disaster_subtype=signed.disaster_subtype,
        risk_note_sealed=_note_moved(ctx, signed, row.episode_id),
        persons=len(labour),
        identified_on=ctx.today,
        no_labour_backstop=_is_backstop(household, labour),
    )
    tx.session.add(episode)
    await tx.session.flush()
    _take_snapshot(tx, ctx, episode, signed, classification.line_fen)
    tx.changed("episode", episode.id, case.area)
    told: dict[str, Any] = {
        "household_id": household.id,
        "area_code": case.area,
        "episode_id": episode.id,
        "case_id": case.id,
        "kind": episode.kind,
        "persons": episode.persons,
    }
    if previous is None:
        tx.emit(HouseholdEnrolled(**told, enrolled_on=ctx.today))
    else:
        tx.emit(HouseholdRemarked(**told, previous_episode_id=previous.id, remarked_on=ctx.today))
    return episode


async def end_episode(
    tx: Write, ctx: Context, elimination: EliminationRow, signed: HouseholdCheckRow, line: Fen
) -> EpisodeRow:
    """Close the episode by its elimination, with the snapshot of the check that was approved."""
    episode = await tx.session.get_one(EpisodeRow, elimination.episode_id)
    episode.eliminated_on, episode.mode, episode.elimination_id = ctx.today, elimination.mode, elimination.id
    _take_snapshot(tx, ctx, episode, signed, line, elimination.id)
    tx.changed("episode", episode.id, episode.area_code)
    return episode


async def reopen_episode(tx: Write, ctx: Context, elimination: EliminationRow) -> EpisodeRow:
    """The elimination was wrong: the same episode is open again, with the day it began (A32).

    A risk that opened since becomes the episode's own, so that its clues are changes of risk. Raises Refused while an
    identification of it is running.
    """
    episode = await tx.session.get_one(EpisodeRow, elimination.episode_id)
    if await tx.raw.fetchval(_IDENTIFYING, episode.household_id, episode.id):
        raise Refused(_identifying())
    episode.eliminated_on, episode.mode, episode.elimination_id = None, None, None
    if await tx.raw.fetchval(_REOPEN_RISK, episode.risk_id) is None:
        episode.risk_id = await tx.raw.fetchval(_OPEN_RISK, episode.household_id)
    tx.changed("episode", episode.id, episode.area_code)
    return episode


async def label_backstop(tx: Write, episode_id: UUID) -> None:
    """Set or take the label of a household without labour that social security keeps (整户无劳动能力兜底保障户, M-NL-02)."""
    episode = await tx.session.get_one(EpisodeRow, episode_id)
    household = await tx.session.get_one(HouseholdRow, episode.household_id)
    episode.no_labour_backstop = _is_backstop(household, await rounds.labour_of(tx, household.id))


async def assign_helper(tx: Write, command: AssignHelper, ctx: Context) -> HelperAssigned:
    """The command's handler."""
    household = await household_of(tx, ctx, command.household_id, command.ROLES, lock=True)
    active = (HelperRow.household_id == household.id, HelperRow.until_on.is_(None))
    if command.is_primary:
        await tx.session.execute(
            update(HelperRow).where(*active, HelperRow.is_primary).values(until_on=ctx.today),
        )
    row = HelperRow(
        id=new_id(),
        area_code=household.area_code,
        household_id=household.id,
        helper=command.helper,
        is_primary=command.is_primary,
        from_on=ctx.today,
    )
    tx.session.add(row)
    tx.changed("helper_assignment", row.id, household.area_code)
    return HelperAssigned(assignment_id=row.id)


async def review_risk_change(tx: Write, command: ReviewRiskChange, ctx: Context) -> RisksReviewed:
    """Raises Refused for a household that is not monitored. Its waiting clues are disposed of with the review."""
    household = await household_of(tx, ctx, command.household_id, command.ROLES, lock=True)
    episode = await open_episode(tx, household.id)
    if episode is None:
        raise Refused(_not_monitored())
    wrong = bad_risks(command.risks, command.disaster_subtype, command.risk_note)
    if wrong is not None:
        raise Invalid(wrong)
    changed = list(command.risks) != episode.risks
    episode.risks, episode.disaster_subtype = list(command.risks), command.disaster_subtype
    if command.risk_note:
        episode.risk_note_sealed = seal(ctx.keys, "episode.risk_note", episode.id, command.risk_note)
    disposition = Disposition.ENROLLED if changed else Disposition.NOT_RISK_NORMAL
    await dispose_clues_of_risk(tx, ctx, episode.risk_id, disposition)
    tx.changed("episode", episode.id, episode.area_code)
    return RisksReviewed(episode_id=episode.id, changed=changed)


async def open_episode(tx: Write, household_id: UUID) -> EpisodeRow | None:
    """The household's open episode."""
    found: EpisodeRow | None = await tx.session.scalar(
        select(EpisodeRow).where(EpisodeRow.household_id == household_id, EpisodeRow.eliminated_on.is_(None)),
    )
    return found


async def release_helpers(tx: Write, ctx: Context, household_id: UUID) -> None:
    """Nobody helps the household any more."""
    await tx.session.execute(
        update(HelperRow)
        .where(HelperRow.household_id == household_id, HelperRow.until_on.is_(None))
        .values(until_on=ctx.today),
    )


def end_naturally(episode: EpisodeRow, ctx: Context) -> None:
    """The household ceased to exist (M-EL-09, §6.5): no elimination, no snapshot."""
    episode.eliminated_on, episode.mode = ctx.today, Mode.NATURAL


async def _latest(tx: Write, household_id: UUID) -> EpisodeRow | None:
    found: EpisodeRow | None = await tx.session.scalar(
        select(EpisodeRow)
        .where(EpisodeRow.household_id == household_id)
        .order_by(EpisodeRow.identified_on.desc(), EpisodeRow.id.desc())
        .limit(1),
    )
    return found


def _is_backstop(household: HouseholdRow, labour: Mapping[UUID, str]) -> bool:
    kept = {Overlay.DIBAO, Overlay.TEKUN} & set(household.overlays)
    return bool(kept) and is_without_labour(tuple(labour.values()))


def _take_snapshot(
    tx: Write,
    ctx: Context,
    episode: EpisodeRow,
    signed: HouseholdCheckRow,
    line: Fen,
    elimination_id: UUID | None = None,
) -> None:
    moment = Moment.AT_ELIMINATION if elimination_id else Moment.AT_IDENTIFICATION
    tx.session.add(
        SnapshotRow(
            id=new_id(),
            area_code=episode.area_code,
            episode_id=episode.id,
            moment=moment,
            elimination_id=elimination_id,
            taken_on=ctx.today,
            persons=signed.persons,
            line_fen=line,
            **snapshot(rounds.check_of(signed)),
        ),
    )


def _note_moved(ctx: Context, signed: HouseholdCheckRow, episode_id: UUID) -> bytes | None:
    """The note of the check, sealed anew for the episode's row."""
    if signed.risk_note_sealed is None:
        return None
    note = unseal(ctx.keys, "household_check.risk_note", signed.id, signed.risk_note_sealed)
    return seal(ctx.keys, "episode.risk_note", episode_id, note)


def _identifying() -> Violation:
    return Violation(
        "IDENTIFICATION_RUNNING",
        "该户正在办理新的识别认定，不能回退",
        "another identification of the household is running",
        rule="M-6.4",
        remedy_zh="先办结或撤回该识别认定",
        remedy_en="finish or withdraw that case first",
    )


def _not_monitored() -> Violation:
    return Violation(
        "HOUSEHOLD_NOT_MONITORED",
        "该户不在监测中",
        "the household is not monitored",
        rule="M-CLUE-05",
        remedy_zh="按线索办理识别认定",
        remedy_en="take the clue through an identification",
    )


HANDLERS: Mapping[type[Command], Handler] = {
    AssignHelper: assign_helper,
    ReviewRiskChange: review_risk_change,
}
