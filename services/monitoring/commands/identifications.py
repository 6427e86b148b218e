"""Identifications beside their steps: opened from a clue, compared by sources, their hits settled, a rejection told."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from sqlalchemy import select

from services.monitoring.commands.identification_steps import IDENTIFICATION_BINDING
from services.monitoring.commands.registered import household_of
from services.monitoring.domain.comparison import HITS, Answer, Result
from services.monitoring.tables.cases import ComparisonRow, HitRow, IdentificationRow
from services.monitoring.tables.clues import ClueRow, RiskRow
from services.monitoring.tables.episodes import EpisodeRow
from shared.cases.advance import open_case
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.monitoring_work import ComparisonAnswered
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Conflict, Refused, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.vault.seal import seal
from shared.workflow.desks import BUREAU, FIELD, TOWNSHIP, TOWNSHIP_CLERK

_CASE = "SELECT id FROM case_file WHERE workflow = 'monitoring.identification' AND subject_id = $1"

_EVIDENCE = "SELECT EXISTS (SELECT FROM case_evidence WHERE id = $1)"


class OpenIdentification(Command):
    """Take up a clue (受理线索): the identification of its household begins, counted from the clue's receipt."""

    ROLES: ClassVar[frozenset[Role]] = TOWNSHIP_CLERK

    clue_id: UUID


class StatedHit(BaseModel):
    """One hit as a source reports it; the note is for the county alone."""

    code: str = Field(json_schema_extra={"enum": list(HITS)})
    note: str = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _is_known(self) -> "StatedHit":
        if self.code not in HITS:
            raise ValueError("the code is not on the list")
        return self


class AnswerComparison(Command):
    """Answer a comparison (答复信息比对) for one source; once."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU | {Role.AGENCY}

    comparison_id: UUID
    hits: tuple[StatedHit, ...] = Field(default=(), max_length=len(HITS))

    @model_validator(mode="after")
    def _states_each_once(self) -> "AnswerComparison":
        if len({hit.code for hit in self.hits}) < len(self.hits):
            raise ValueError("a hit is stated twice")
        return self


class SettleHit(Command):
    """Settle a hit (核实比对情形): explained, confirmed, or an error of the data; once, with the reason."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU

    hit_id: UUID
    answer: Answer
    reason: str = Field(min_length=2, max_length=500)
    evidence_id: UUID


class Channel(StrEnum):
    """How an applicant was told (告知方式)."""

    VISIT = "visit"
    PHONE = "phone"
    LETTER = "letter"
    ONLINE = "online"


class TellRejection(Command):
    """Note that the applicant was told of the rejection and its reason (告知不予纳入), M-ID-05."""

    ROLES: ClassVar[frozenset[Role]] = FIELD | TOWNSHIP

    identification_id: UUID
    channel: Channel


class TakenUp(BaseModel):
    """What became of the clue: a new case, one that runs already, or a change of risk of a monitored household."""

    identification_id: UUID
    case_id: UUID
    household_id: UUID
    is_new: bool
    is_risk_change: bool
    relapse_of: UUID | None


class Answered(BaseModel):
    """A comparison's answer, and the hits that now have to be settled."""

    comparison_id: UUID
    result: Result
    hit_ids: list[UUID]


class Settled(BaseModel):
    """A settled hit."""

    hit_id: UUID
    answer: Answer


class Told(BaseModel):
    """A rejection that the applicant knows of."""

    identification_id: UUID


async def open_identification(tx: Write, command: OpenIdentification, ctx: Context) -> TakenUp:
    """One case for one risk: a further clue joins it (M-CLUE-03), and while monitored none is opened (M-CLUE-05)."""
    clue = await tx.session.get(ClueRow, command.clue_id, with_for_update=True)
    if clue is None or not ctx.actor.may(command.ROLES, clue.area_code):
        raise not_found("线索", "clue")
    if clue.household_id is None or clue.risk_id is None or clue.disposition is not None:
        raise Refused(_not_open(clue))
    household = await household_of(tx, ctx, clue.household_id, command.ROLES, lock=True)
    running = await tx.session.scalar(select(IdentificationRow).where(IdentificationRow.risk_id == clue.risk_id))
    if running is not None:
        return await _joined(tx, running)
    risk = await tx.session.get_one(RiskRow, clue.risk_id)
    episode = await _episode(tx, household.id)
    if episode is not None and episode.eliminated_on is None:
        # The risk opened between an elimination and its roll-back; the household is monitored again.
        raise Refused(_monitored())
    row = IdentificationRow(
        id=new_id(),
        area_code=household.area_code,
        household_id=household.id,
        risk_id=risk.id,
        episode_id=new_id(),
        relapse_of=episode.id if episode else None,
        opened_on=ctx.today,
    )
    tx.session.add(row)
    area = AreaCode(household.area_code)
    case = await open_case(tx, ctx, IDENTIFICATION_BINDING, row.id, area, since=risk.detected_on)
    return TakenUp(
        identification_id=row.id,
        case_id=case.id,
        household_id=household.id,
        is_new=True,
        is_risk_change=False,
        relapse_of=row.relapse_of,
    )


async def answer_comparison(tx: Write, command: AnswerComparison, ctx: Context) -> Answered:
    """Raises Conflict when this source has answered already."""
    row = await tx.session.scalar(
        select(ComparisonRow).where(ComparisonRow.id == command.comparison_id).with_for_update(),
    )
    if row is None or not ctx.actor.may(command.ROLES, row.area_code):
        raise not_found("信息比对", "comparison")
    if row.result is not None:
        raise Conflict(_answered_already())
    row.result = Result.HIT if command.hits else Result.CLEAR
    row.answered_on, row.answered_by = ctx.today, ctx.actor.id
    hits = [_hit(row, stated, ctx) for stated in command.hits]
    tx.session.add_all(hits)
    area = AreaCode(row.area_code)
    tx.changed("comparison", row.id, area)
    tx.emit(
        ComparisonAnswered(
            area_code=area,
            case_id=await tx.raw.fetchval(_CASE, row.identification_id),
            comparison_id=row.id,
            department=row.source,
            household_id=row.household_id,
            result=row.result,
            answered_on=ctx.today,
        ),
    )
    return Answered(comparison_id=row.id, result=Result(row.result), hit_ids=[hit.id for hit in hits])


async def settle_hit(tx: Write, command: SettleHit, ctx: Context) -> Settled:
    """Raises Conflict when the hit is settled already."""
    row = await tx.session.scalar(select(HitRow).where(HitRow.id == command.hit_id).with_for_update())
    if row is None or not ctx.actor.may(command.ROLES, row.area_code):
        raise not_found("比对情形", "hit")
    if row.answer is not None:
        raise Conflict(_answered_already())
    if not await tx.raw.fetchval(_EVIDENCE, command.evidence_id):
        raise not_found("佐证材料", "evidence")
    row.answer, row.evidence_id = command.answer, command.evidence_id
    row.answer_reason_sealed = seal(ctx.keys, "comparison_hit.answer_reason", row.id, command.reason)
    row.settled_on, row.settled_by = ctx.today, ctx.actor.id
    tx.changed("comparison_hit", row.id, row.area_code)
    return Settled(hit_id=row.id, answer=command.answer)


async def tell_rejection(tx: Write, command: TellRejection, ctx: Context) -> Told:
    """Raises Refused when there is nothing to tell."""
    row = await tx.session.scalar(
        select(IdentificationRow).where(IdentificationRow.id == command.identification_id).with_for_update(),
    )
    if row is None or not ctx.actor.may(command.ROLES, row.area_code):
        raise not_found("识别认定", "identification")
    if row.rejected_on is None:
        raise Refused(_not_rejected())
    if row.told_on is None:
        row.told_on, row.told_by, row.told_channel = ctx.today, ctx.actor.id, command.channel
        tx.changed("identification", row.id, row.area_code)
    return Told(identification_id=row.id)


async def _joined(tx: Write, running: IdentificationRow) -> TakenUp:
    episode = await tx.session.get(EpisodeRow, running.episode_id)
    return TakenUp(
        identification_id=running.id,
        case_id=await tx.raw.fetchval(_CASE, running.id),
        household_id=running.household_id,
        is_new=False,
        is_risk_change=episode is not None and episode.eliminated_on is None,
        relapse_of=running.relapse_of,
    )


async def _episode(tx: Write, household_id: UUID) -> EpisodeRow | None:
    """The latest episode of the household."""
    found: EpisodeRow | None = await tx.session.scalar(
        select(EpisodeRow)
        .where(EpisodeRow.household_id == household_id)
        .order_by(EpisodeRow.eliminated_on.desc().nulls_first(), EpisodeRow.identified_on.desc())
        .limit(1),
    )
    return found


def _hit(comparison: ComparisonRow, stated: StatedHit, ctx: Context) -> HitRow:
    hit_id = new_id()
    return HitRow(
        id=hit_id,
        area_code=comparison.area_code,
        comparison_id=comparison.id,
        code=stated.code,
        note_sealed=seal(ctx.keys, "comparison_hit.note", hit_id, stated.note) if stated.note else None,
    )


def _not_open(clue: ClueRow) -> Violation:
    if clue.disposition is not None:
        return Violation(
            "CLUE_DISPOSED",
            "该线索已有处置结果",
            "the clue has its disposition already",
            rule="M-CLUE-07",
            remedy_zh="如出现新情况，请另报线索",
            remedy_en="report a new clue if something new has come up",
        )
    return Violation(
        "HOUSEHOLD_TO_BUILD",
        "线索尚未匹配到农户",
        "the household of the clue is not known yet",
        rule="M-CLUE-04",
        field="/clue_id",
        remedy_zh="先匹配线索或建立农户档案",
        remedy_en="match the clue or register the household first",
    )


def _monitored() -> Violation:
    return Violation(
        "HOUSEHOLD_MONITORED",
        "该户正在监测中，按风险变化处理",
        "the household is monitored; this is a change of its risks",
        rule="M-CLUE-05",
        remedy_zh="由帮扶责任人核实风险变化",
        remedy_en="have the helper review the change of risk",
    )


def _answered_already() -> Violation:
    return Violation(
        "ANSWERED_ALREADY",
        "已有答复，不得更改",
        "there is an answer already, and it is never changed",
        rule="M-ID-10",
        remedy_zh="如答复有误，由县级核实为数据错误",
        remedy_en="have the county settle it as an error of the data",
    )


def _not_rejected() -> Violation:
    return Violation(
        "NOT_REJECTED",
        "该识别认定没有不予纳入的结论",
        "this identification was not rejected",
        rule="M-ID-05",
        remedy_zh="核对办件编号",
        remedy_en="check the id",
    )


HANDLERS: Mapping[type[Command], Handler] = {
    OpenIdentification: open_identification,
    AnswerComparison: answer_comparison,
    SettleHit: settle_hit,
    TellRejection: tell_rejection,
}
