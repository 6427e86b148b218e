"""Complaints (投诉举报): filed by anybody, taken in by one desk, handled by another than the one complained about."""

from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.funds.commands.admission import require
from services.funds.commands.public_queries import code_index, code_of
from services.funds.domain import complaints as rules
from services.funds.domain.complaints import (
    DESKS,
    HOUSE_OF_INTAKE,
    INTAKE,
    INTAKE_OUTSIDE,
    ComplaintFacts,
    Desk,
    concerns,
    takes_in,
    unit_area,
)
from services.funds.tables.complaints import REPORTER_NAME, REPORTER_PHONE, WORDING, Complaint
from services.funds.workflows.complaint import COMPLAINT
from shared.cases.advance import open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.cases.commands import FileObjection, file_objection
from shared.cases.notices import FORBIDDEN_WORDS, refuse_personal
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.wire import Area, unfit
from shared.db.sessions import ReadSession
from shared.kernel.actors import Actor
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.vault.seal import seal

# The running notice of the thing complained about, if it hangs.
_HANGS = """
SELECT held.id FROM case_file AS held JOIN case_notice AS hung ON hung.case_id = held.id
 WHERE held.subject_id = $1 AND hung.closed_on IS NULL AND NOT hung.permanent LIMIT 1"""
_OPEN = "SELECT EXISTS (SELECT FROM case_objection WHERE id = $1 AND outcome IS NULL)"

Purpose = Literal["satisfaction_call", "clarify", "protect_reporter", "audit"]
"""Why a reporter's identity is looked at."""


class ComplaintFields(BaseModel):
    """What a reporter says; with `is_real_name` name and phone are stated, and sealed at once.

    The title may stand where the handled notice is shown, so it names no person's data.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    area_code: Annotated[Area, Field(description="被投诉事项所在区划 / where")]
    kind: Literal["advice", "investigation"] = "investigation"
    object_kind: Literal["project", "payment", "batch", "asset", "person", "other"]
    object_id: UUID | None = None
    about_desk: Desk
    title: Annotated[str, Field(min_length=2, max_length=80)]
    wording: Annotated[str, Field(min_length=1, max_length=4000)]
    is_real_name: bool = False
    reporter_name: Annotated[str, Field(max_length=40)] = ""
    reporter_phone: Annotated[str, Field(max_length=40)] = ""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.is_real_name and not (self.reporter_name and self.reporter_phone):
            zh, en = "实名举报须填写姓名和电话", "a report by real name states name and phone"
            raise unfit("reporter_missing", "reporter_name" if not self.reporter_name else "reporter_phone", zh, en)
        return self


class FileComplaint(Command, ComplaintFields):
    """File a complaint that arrived by phone, letter, visit or the web; one about an open notice is an objection too."""

    ROLES: ClassVar[frozenset[Role]] = INTAKE | {Role.SYSTEM}

    channel: Literal["hotline", "web", "qr_code", "letter", "visit"]


class RevealReporter(Command):
    """Look at who reported (查看举报人); the look is journalled with its purpose, what was seen is not."""

    ROLES: ClassVar[frozenset[Role]] = INTAKE | INTAKE_OUTSIDE

    complaint_id: UUID
    purpose: Purpose

    def label(self) -> str:
        """The journal names the purpose."""
        return f"RevealReporter.{self.purpose}"


class ComplaintFiled(BaseModel):
    """The complaint's id, and the objection it is if what it is about hangs; the receipt is made from the id."""

    id: UUID
    objection_id: UUID | None


class ReporterRevealed(BaseModel):
    """That the look was noted; the data are read afterwards."""

    id: UUID


class Assignment(Form):
    """Which unit of which division handles it."""

    desk: Desk
    area_code: Area


class Reply(Form):
    """What was found, in words that the reporter may read."""

    finding: Literal["substantiated", "partly", "unfounded", "advised"]
    text: Annotated[str, Field(min_length=1, max_length=4000)]


class Satisfaction(Form):
    """What the reporter says of the answer (满意度); nobody can call an anonymous one."""

    satisfaction: Literal["satisfied", "acceptable", "dissatisfied", "unreachable", "anonymous"]


async def file_complaint(tx: Write, command: FileComplaint, ctx: Context) -> ComplaintFiled:
    """Seal who and what, open the case, object where a notice hangs; raises Refused for personal data in the title."""
    refuse_personal({"title": command.title}, await tx.parameters.get(FORBIDDEN_WORDS, command.area_code, ctx.today))
    complaint_id, area = new_id(), unit_area(command.about_desk, command.area_code)
    objection = await _object(tx, command, ctx)
    tx.session.add(
        Complaint(
            id=complaint_id,
            **command.model_dump(include={"channel", "kind", "is_real_name", "object_kind", "object_id", "title"}),
            area_code=int(area),
            about_desk=command.about_desk.value,
            wording_sealed=seal(ctx.keys, WORDING, complaint_id, command.wording),
            reporter_name_sealed=_sealed(ctx, REPORTER_NAME, complaint_id, command.reporter_name),
            reporter_phone_sealed=_sealed(ctx, REPORTER_PHONE, complaint_id, command.reporter_phone),
            receipt_index=bytes.fromhex(code_index(ctx.keys, code_of(ctx.keys, complaint_id))),
            received_on=ctx.today,
            objection_id=objection,
        )
    )
    await open_case(tx, ctx, COMPLAINT_BINDING, complaint_id, area)
    return ComplaintFiled(id=complaint_id, objection_id=objection)


async def reveal_reporter(tx: Write, command: RevealReporter, ctx: Context) -> ReporterRevealed:
    """Note who looks and why; raises NotFound outside the actor's area, and for what is said of the actor's own house."""
    row = await _row(tx, command.complaint_id)
    if not takes_in(Desk(row.about_desk), AreaCode(row.area_code), ctx.actor.grants):
        if Desk(row.about_desk) not in HOUSE_OF_INTAKE:
            require(ctx, INTAKE, row.area_code)
        raise not_found("投诉件", "complaint")
    tx.changed("complaint_reporter", row.id, row.area_code)
    return ReporterRevealed(id=row.id)


async def _object(tx: Write, command: FileComplaint, ctx: Context) -> UUID | None:
    if command.object_id is None:
        return None
    case_id = await tx.raw.fetchval(_HANGS, command.object_id)
    if case_id is None:
        return None
    channel = {"hotline": "phone", "letter": "written", "visit": "visit"}.get(command.channel, "online")
    objection = FileObjection(case_id=case_id, channel=channel, wording=f"投诉举报：{command.title}")
    return (await file_objection(tx, objection, ctx)).id


def _sealed(ctx: Context, field: str, row_id: UUID, value: str) -> bytes | None:
    return seal(ctx.keys, field, row_id, value) if value else None


async def _row(tx: Write, complaint_id: UUID) -> Complaint:
    row = await tx.session.get(Complaint, complaint_id)
    if row is None:
        raise not_found("投诉件", "complaint")
    return row


async def _reads(session: ReadSession, complaint_id: UUID, actor: Actor) -> bool:
    """The case tells who moved it and why: it is for those whom the complaint concerns."""
    row = await session.session.get(Complaint, complaint_id)
    if row is None:
        return False
    handled_by = (Desk(row.desk), AreaCode(row.handler_code)) if row.desk and row.handler_code else None
    return concerns(Desk(row.about_desk), AreaCode(row.area_code), handled_by, actor.grants)


async def _facts(tx: Write, case: CaseRow, form: Any, ctx: Context) -> ComplaintFacts:
    row = await _row(tx, case.subject_id)
    about, about_area = Desk(row.about_desk), AreaCode(row.area_code)
    desk = Desk(row.desk) if row.desk else None
    handler = None if row.handler_code is None else AreaCode(row.handler_code)
    if isinstance(form, Assignment):
        desk, handler = form.desk, form.area_code
    return ComplaintFacts(
        about=about,
        about_area=about_area,
        desk=desk,
        handler_area=handler,
        acts_for_desk=any(
            desk is not None and grant.area == handler and grant.role in DESKS[desk] for grant in ctx.actor.grants
        ),
        acts_for_about=any(grant.area == about_area and grant.role in DESKS[about] for grant in ctx.actor.grants),
        objection_open=row.objection_id is not None and await tx.raw.fetchval(_OPEN, row.objection_id),
        is_intake=takes_in(about, about_area, ctx.actor.grants),
    )


async def _assigned(tx: Write, case: CaseRow, form: Assignment, _ctx: Context) -> None:
    row = await _row(tx, case.subject_id)
    row.desk, row.handler_code = form.desk.value, int(form.area_code)


async def _handed_back(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> None:
    row = await _row(tx, case.subject_id)
    row.desk = row.handler_code = None


async def _replied(tx: Write, case: CaseRow, form: Reply, ctx: Context) -> None:
    refuse_personal({"form": {"text": form.text}}, await tx.parameters.get(FORBIDDEN_WORDS, case.area, ctx.today))
    row = await _row(tx, case.subject_id)
    row.finding, row.reply = form.finding, form.text


async def _closed(tx: Write, case: CaseRow, form: Satisfaction, _ctx: Context) -> None:
    row = await _row(tx, case.subject_id)
    row.satisfaction = form.satisfaction


async def _kind(tx: Write, case: CaseRow) -> str:
    return (await _row(tx, case.subject_id)).kind


COMPLAINT_BINDING = Binding(
    workflow=COMPLAINT,
    plural="complaints",
    guards={
        "stands_outside": rules.stands_outside,
        "of_the_territory": rules.of_the_territory,
        "of_another_unit": rules.of_another_unit,
        "is_assigned_desk": rules.is_assigned_desk,
        "not_complained_about": rules.not_complained_about,
        "no_objection_open": rules.no_objection_open,
    },
    facts=_facts,
    steps={
        "assign": StepBinding(Assignment, _assigned),
        "hand_back": StepBinding(perform=_handed_back),
        "reply": StepBinding(Reply, _replied),
        "close": StepBinding(Satisfaction, _closed),
    },
    variant=_kind,
    reads=_reads,
)

HANDLERS: dict[type[Command], Handler] = {
    FileComplaint: file_complaint,
    RevealReporter: reveal_reporter,
}
