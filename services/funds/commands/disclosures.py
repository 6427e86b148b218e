"""Disclosure (公告公示): snapshots published by the catalogue's template, proven by photos, taken back with a reason."""

from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, insert, select

from services.funds.bulk.disclosure_triggers import HAPPENED
from services.funds.commands.admission import require
from services.funds.commands.disclosure_facts import SUBJECTS, Asked, Told
from services.funds.domain import disclosures as rules
from services.funds.domain.disclosures import PUBLISHERS, Hanging
from services.funds.domain.refusals import refusal
from services.funds.tables.disclosures import (
    CONTENT,
    Disclosure,
    DisclosureItem,
    DisclosureLine,
    DisclosureProof,
    DisclosureWithdrawal,
)
from shared.cases.notices import FORBIDDEN_WORDS, refuse_personal
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.funds import DisclosurePublished
from shared.contracts.wire import Area
from shared.kernel.areas import AreaCode
from shared.kernel.days import last_day
from shared.kernel.errors import Invalid, Refused, Violation, not_found
from shared.kernel.ids import derived_id, new_id
from shared.kernel.roles import Role
from shared.vault.seal import seal_bytes
from shared.workflow.desks import BUREAU_HEADS, FINANCE_LEADER

_ALL = frozenset[Role]().union(*PUBLISHERS.values())
_SO_SINCE = (
    f"SELECT since FROM ({HAPPENED.format(today='$4::date')}) AS happened"  # noqa: S608  a constant
    " WHERE trigger = $1 AND subject_id = $2 AND period = $3"
)
_TAKEN_ON = "SELECT taken_on FROM case_evidence WHERE id = $1 AND area_code BETWEEN $2 AND $3"


class Guardian(BaseModel):
    """Whose name hangs instead of a minor's (监护人)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: Annotated[int, Field(ge=1)]
    name: Annotated[str, Field(min_length=1, max_length=40)]


class PublishDisclosure(Command):
    """Publish an item of the catalogue (公开) for a division: the text is taken from the service's own rows.

    `given` are the fields that the catalogue leaves to the publisher; `subject_id` is empty where all are.
    """

    ROLES: ClassVar[frozenset[Role]] = _ALL

    area_code: Area
    item: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=60)]
    subject_id: UUID | None = None
    period: Annotated[str, Field(pattern=r"^(\d{4}(-Q[1-4])?)?$")] = ""
    given: dict[str, Annotated[str, Field(max_length=4000)]] = Field(default_factory=dict)
    guardians: Annotated[tuple[Guardian, ...], Field(max_length=2000)] = ()


class ProveDisclosure(Command):
    """Attach a dated photo (公示照片) of a board that hangs."""

    ROLES: ClassVar[frozenset[Role]] = _ALL

    disclosure_id: UUID
    evidence_id: UUID


class WithdrawDisclosure(Command):
    """Take a snapshot back (撤回) from the public; what is then missing is published anew."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU_HEADS | FINANCE_LEADER

    disclosure_id: UUID
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class DisclosureHangs(BaseModel):
    """What was published: its hash, its version, and how long it stays (`until_on` empty: for good)."""

    id: UUID
    version_no: int
    sha256: str
    objections_until: date | None
    until_on: date | None


class DisclosureChanged(BaseModel):
    """The snapshot that was proven or taken back."""

    id: UUID


async def publish_disclosure(tx: Write, command: PublishDisclosure, ctx: Context) -> DisclosureHangs:
    """Freeze the text and tell everybody; raises Refused for what is not so yet or holds personal data (M-PI-06)."""
    item = await _item(tx, command.item, ctx.today)
    if broken := rules.at_its_level(item.level, command.area_code):
        raise Invalid(broken)
    require(ctx, PUBLISHERS[item.publisher], command.area_code)
    subject = command.subject_id or derived_id(UUID(int=int(command.area_code)), f"{item.code}:{command.period}")
    if item.trigger and not await tx.raw.fetchval(_SO_SINCE, item.trigger, subject, command.period, ctx.today):
        raise Refused(rules.not_due(item.code))
    guardians = {each.seq: each.name for each in command.guardians}
    told = await SUBJECTS[item.subject_kind](tx, Asked(subject, command.area_code, command.period, guardians), ctx)
    if int(command.area_code) not in told.spots:
        raise not_found("该区划的公开对象", "subject of this division")
    objections_until, until_on = await _hangs_until(tx, item, command.area_code, told, ctx)
    common = {
        "supervision_phone": rules.SUPERVISION_PHONE,
        "objections_until": objections_until.isoformat() if objections_until else "",
    }
    if "local_phone" in item.fields:
        common["local_phone"] = await tx.parameters.get("disclosure.local_phone", command.area_code, ctx.today)
    content = rules.filled(
        rules.Template(tuple(item.fields), tuple(item.given)), {**told.text, **common}, command.given
    )
    refuse_personal(content, await tx.parameters.get(FORBIDDEN_WORDS, command.area_code, ctx.today))
    row = await _frozen(tx, ctx, item, command, subject, told, content)
    row |= {"objections_until": objections_until, "until_on": until_on}
    await tx.session.execute(insert(Disclosure).values(row))
    await _keep_lines(tx, row["id"], told, command.area_code)
    _tell(tx, row, command.area_code)
    return DisclosureHangs(
        id=row["id"],
        version_no=row["version_no"],
        sha256=row["content_sha256"].hex(),
        objections_until=objections_until,
        until_on=until_on,
    )


async def prove_disclosure(tx: Write, command: ProveDisclosure, ctx: Context) -> DisclosureChanged:
    """Insert the photo; raises Refused for one that was taken before the text hung."""
    row = await _hanging(tx, command.disclosure_id)
    require(ctx, _ALL, row.area_code)
    area = AreaCode(row.area_code)
    taken_on: date | None = await tx.raw.fetchval(_TAKEN_ON, command.evidence_id, *area.span)
    if taken_on is None:
        raise not_found("该区划的佐证照片", "dated photo of this division")
    if taken_on < row.posted_on or taken_on > ctx.today:
        raise Refused(_photo_day(row.posted_on))
    await tx.session.execute(
        insert(DisclosureProof).values(
            disclosure_id=row.id, evidence_id=command.evidence_id, taken_on=taken_on, area_code=row.area_code
        )
    )
    tx.changed("disclosure", row.id, row.area_code)
    return DisclosureChanged(id=row.id)


async def withdraw_disclosure(tx: Write, command: WithdrawDisclosure, ctx: Context) -> DisclosureChanged:
    """Insert the withdrawal; from then on the public finds the snapshot no more."""
    row = await _hanging(tx, command.disclosure_id)
    require(ctx, command.ROLES, row.area_code)
    await tx.session.execute(
        insert(DisclosureWithdrawal).values(
            disclosure_id=row.id,
            reason=command.reason,
            withdrawn_on=ctx.today,
            withdrawn_by=ctx.actor.id,
            area_code=row.area_code,
        )
    )
    tx.changed("disclosure", row.id, row.area_code)
    return DisclosureChanged(id=row.id)


async def _item(tx: Write, code: str, today: date) -> DisclosureItem:
    in_force = (DisclosureItem.valid_to.is_(None)) | (DisclosureItem.valid_to >= today)
    asked = select(DisclosureItem).where(DisclosureItem.code == code, DisclosureItem.valid_from <= today, in_force)
    item = await tx.session.scalar(asked.order_by(DisclosureItem.valid_from.desc()).limit(1))
    if item is None:
        raise not_found("公开目录事项", "item of the catalogue")
    return item


async def _hangs_until(
    tx: Write, item: DisclosureItem, area: AreaCode, told: Told, ctx: Context
) -> tuple[date | None, date | None]:
    level = "county" if item.level in {"upper", "unit"} else item.level
    shortest = await tx.parameters.get(f"publicity.min_days.{level}", area, ctx.today)
    last = last_day(ctx.today, shortest, ctx.calendar)
    return rules.hangs_until(Hanging(item.duration), last, told.works_end)


async def _frozen(
    tx: Write,
    ctx: Context,
    item: DisclosureItem,
    command: PublishDisclosure,
    subject: UUID,
    told: Told,
    content: dict[str, Any],
) -> dict[str, Any]:
    """The row of the snapshot; a text that names persons is sealed."""
    disclosure_id, body = new_id(), rules.canonical(content)
    same = (Disclosure.item == item.code) & (Disclosure.subject_id == subject) & (Disclosure.period == command.period)
    here = same & (Disclosure.area_code == int(command.area_code))
    before = await tx.session.scalar(select(func.max(Disclosure.version_no)).where(here))
    return {
        "id": disclosure_id,
        "area_code": int(command.area_code),
        "item": item.code,
        "level": command.area_code.level.name.lower() if item.level == "upper" else item.level,
        "subject_kind": item.subject_kind,
        "subject_id": subject,
        "period": command.period,
        "version_no": (before or 0) + 1,
        "project_id": told.project_id,
        "policy": told.policy,
        "villages": list(told.villages),
        "title": told.title or command.given.get("title", "") or item.zh,
        "content": None if item.has_persons else content,
        "content_sealed": seal_bytes(ctx.keys, CONTENT, disclosure_id, body) if item.has_persons else None,
        "content_sha256": rules.content_hash(body),
        "posted_on": ctx.today,
        "published_by": ctx.actor.id,
        "published_at": ctx.now,
    }


async def _keep_lines(tx: Write, disclosure_id: UUID, told: Told, area: AreaCode) -> None:
    if not told.lines:
        return
    rows = [
        {
            "disclosure_id": disclosure_id,
            "line_id": line.line_id,
            "household_id": line.household_id,
            "period": line.period,
            "amount_fen": line.fen,
            "paid_on": line.paid_on,
            "area_code": int(area),
        }
        for line in told.lines
    ]
    await tx.session.execute(insert(DisclosureLine), rows)


def _tell(tx: Write, row: dict[str, Any], area: AreaCode) -> None:
    tx.emit(
        DisclosurePublished(
            area_code=area,
            subject_id=row["subject_id"],
            subject_kind=row["subject_kind"],
            disclosure_id=row["id"],
            level=row["level"],
            from_on=row["posted_on"],
            until_on=row["until_on"],
            content_hash=row["content_sha256"].hex(),
        )
    )
    tx.changed("disclosure", row["id"], area)


async def _hanging(tx: Write, disclosure_id: UUID) -> Disclosure:
    """A snapshot that was not taken back, locked; raises NotFound."""
    gone = select(DisclosureWithdrawal).where(DisclosureWithdrawal.disclosure_id == Disclosure.id).exists()
    row = await tx.session.scalar(select(Disclosure).where(Disclosure.id == disclosure_id, ~gone))
    if row is None:
        raise not_found("公开信息", "disclosure")
    return row


def _photo_day(posted_on: date) -> Violation:
    return refusal(
        "PROOF_DATE",
        "F-6",
        f"照片日期须在公示首日（{posted_on}）之后，且不晚于今日",
        f"the photo must be taken from the first day ({posted_on}) on, and not after today",
        ("补拍带日期的照片", "take a dated photo of the board"),
        field="/evidence_id",
    )


HANDLERS: dict[type[Command], Handler] = {
    PublishDisclosure: publish_disclosure,
    ProveDisclosure: prove_disclosure,
    WithdrawDisclosure: withdraw_disclosure,
}
