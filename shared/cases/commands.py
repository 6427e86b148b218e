"""Commands that every service has: take a step, record evidence, prove a notice, object, resolve an objection, escalate."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field

from shared.cases import notices
from shared.cases.advance import Move, StepTaken, advance
from shared.cases.binding import Binding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.wire import Area
from shared.kernel.errors import Conflict, Forbidden, Violation, not_found
from shared.kernel.roles import Role

ANYBODY = frozenset(Role)
RESOLVERS = ANYBODY - {Role.HOUSEHOLD, Role.AGENCY, Role.PROVINCE_READER, Role.AUDITOR}

_INSERT_EVIDENCE = """
INSERT INTO case_evidence(id, sha256, kind, media_type, size, taken_on, uploaded_by, uploaded_at, area_code)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""
_NOTICE = """
SELECT n.id, n.case_id, n.area_code FROM case_notice n
 WHERE n.case_id = $1 AND n.closed_on IS NULL AND NOT n.permanent FOR SHARE"""
_OBJECT = """
INSERT INTO case_objection(id, notice_id, case_id, channel, wording, filed_at, filed_by, area_code)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"""
_RESOLVE = """
UPDATE case_objection SET outcome = $2, reply = $3, resolved_at = $4, resolved_by = $5
 WHERE id = $1 AND outcome IS NULL AND filed_by <> $5 RETURNING case_id, area_code"""
_ESCALATE = """
WITH due AS (UPDATE case_file SET escalated = escalated + 1, version = version + 1
              WHERE id = $1 AND is_open AND least(due_on, total_due_on) < $2 RETURNING *)
INSERT INTO case_step(case_id, version, step, source, target, round, actor, role, at, reason, evidence, area_code)
SELECT id, version, 'escalate', state, state, round, $3, 'system', $4, '', '{}', area_code FROM due
RETURNING version, area_code"""


class TakeStep(Command):
    """Take one step of a case (办理环节)."""

    ROLES: ClassVar[frozenset[Role]] = ANYBODY
    PRECONDITIONS: ClassVar[frozenset[str]] = frozenset({"expected_version"})

    workflow: str
    subject_id: UUID
    step: str
    form: dict[str, Any] = Field(default_factory=dict)
    evidence: tuple[UUID, ...] = ()
    reason: str = Field(default="", max_length=2000)
    expected_version: int | None = None

    def label(self) -> str:
        """The journal names the step."""
        return f"{self.workflow}.{self.step}"


class RecordEvidence(Command):
    """File a stored document (佐证材料) by its SHA-256; `taken_on` is the day a photo shows."""

    ROLES: ClassVar[frozenset[Role]] = ANYBODY

    area_code: Area
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    kind: str = Field(pattern=r"^[a-z_]{2,40}$")
    media_type: str = Field(max_length=100)
    size: int = Field(gt=0)
    taken_on: date | None = None


class ProveNotice(Command):
    """Attach a dated photo of the running notice of a case."""

    ROLES: ClassVar[frozenset[Role]] = ANYBODY

    case_id: UUID
    evidence_id: UUID


class FileObjection(Command):
    """Object (异议) to what a running notice announces; it blocks the case until it is resolved."""

    ROLES: ClassVar[frozenset[Role]] = ANYBODY

    case_id: UUID
    channel: str = Field(pattern=r"^(written|phone|online|visit)$")
    wording: str = Field(min_length=1, max_length=2000)


class ResolveObjection(Command):
    """Answer an objection: upheld or not; never by the person who filed it."""

    ROLES: ClassVar[frozenset[Role]] = RESOLVERS

    objection_id: UUID
    upheld: bool
    reply: str = Field(min_length=1, max_length=2000)


class EscalateCase(Command):
    """Note that a case ran over its clock (M-CLK-06); it stays open."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    case_id: UUID


class Created(BaseModel):
    """The id of what a command created."""

    id: UUID


class Proven(BaseModel):
    """Which day of the notice a photo proves: `first_day` or `last_day`."""

    proves: str


async def record_evidence(tx: Write, command: RecordEvidence, ctx: Context) -> Created:
    """Insert the file's row; the bytes lie in the content-addressed store already."""
    evidence_id = ctx.id_for("evidence")
    await tx.raw.execute(
        _INSERT_EVIDENCE,
        evidence_id,
        bytes.fromhex(command.sha256),
        command.kind,
        command.media_type,
        command.size,
        command.taken_on,
        ctx.actor.id,
        ctx.now,
        int(command.area_code),
    )
    tx.changed("evidence", evidence_id, command.area_code)
    return Created(id=evidence_id)


async def prove_notice(tx: Write, command: ProveNotice, _ctx: Context) -> Proven:
    """Attach the photo to the day it was taken on."""
    return Proven(proves=await notices.prove(tx, command.case_id, command.evidence_id))


async def file_objection(tx: Write, command: FileObjection, ctx: Context) -> Created:
    """Insert an open objection to the running notice."""
    notice = await tx.raw.fetchrow(_NOTICE, command.case_id)
    if notice is None:
        raise not_found("正在进行的公示", "running notice")
    objection_id = ctx.id_for("objection")
    await tx.raw.execute(
        _OBJECT,
        objection_id,
        notice["id"],
        command.case_id,
        command.channel,
        command.wording,
        ctx.now,
        ctx.actor.id,
        notice["area_code"],
    )
    tx.changed("objection", objection_id, notice["area_code"])
    return Created(id=objection_id)


async def resolve_objection(tx: Write, command: ResolveObjection, ctx: Context) -> Created:
    """Write the outcome once."""
    outcome = "UPHELD" if command.upheld else "NOT_UPHELD"
    row = await tx.raw.fetchrow(_RESOLVE, command.objection_id, outcome, command.reply, ctx.now, ctx.actor.id)
    if row is None:
        raise await _why_not(tx, command, ctx)
    if not ctx.actor.may(RESOLVERS, row["area_code"]):
        raise Forbidden(Violation("ROLE_REQUIRED", "无权处理该异议", "you may not resolve this objection"))
    tx.changed("objection", command.objection_id, row["area_code"])
    return Created(id=command.objection_id)


async def _why_not(tx: Write, command: ResolveObjection, ctx: Context) -> Exception:
    found = await tx.raw.fetchrow("SELECT filed_by, outcome FROM case_objection WHERE id = $1", command.objection_id)
    if found is None:
        return not_found("异议", "objection")
    if found["filed_by"] == ctx.actor.id:
        return Forbidden(
            Violation(
                "SEPARATION_OF_DUTIES",
                "提出异议的人不得处理该异议",
                "who filed the objection may not resolve it",
                rule="M-ID-07",
                remedy_zh="请由其他人员复核",
                remedy_en="have another person recheck it",
            ),
        )
    return Conflict(Violation("ALREADY_RESOLVED", "该异议已处理", "this objection is resolved already"))


async def escalate_case(tx: Write, command: EscalateCase, ctx: Context) -> Created:
    """Raise the escalation level of a case that is still overdue."""
    row = await tx.raw.fetchrow(_ESCALATE, command.case_id, ctx.today, ctx.actor.id, ctx.now)
    if row is not None:
        tx.changed("case", command.case_id, row["area_code"])
    return Created(id=command.case_id)


def case_handlers(bindings: Sequence[Binding]) -> Mapping[type[Command], Handler]:
    """The handlers of these commands for a service with `bindings`."""
    by_name = {binding.workflow.name: binding for binding in bindings}

    async def take_step(tx: Write, command: TakeStep, ctx: Context) -> StepTaken:
        binding = by_name.get(command.workflow)
        if binding is None:
            raise not_found("流程", "workflow")
        asked = Move(command.step, command.form, command.evidence, command.reason, command.expected_version)
        return await advance(tx, ctx, binding, command.subject_id, asked)

    return {
        TakeStep: take_step,
        RecordEvidence: record_evidence,
        ProveNotice: prove_notice,
        FileObjection: file_objection,
        ResolveObjection: resolve_objection,
        EscalateCase: escalate_case,
    }
