"""The register of payees whom policy bars (收款方标注): marked by a document, lifted by a document (NL06, NL07, NL21)."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, or_, select

from services.funds.commands.admission import require
from services.funds.domain.contracts import Procurement
from services.funds.domain.payee_marks import Mark, barred
from services.funds.domain.refusals import refusal
from services.funds.tables.contracts import Contract, Payee
from services.funds.tables.payee_marks import PayeeMark
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import DocumentNo
from shared.kernel.errors import Conflict, Violation, not_found
from shared.kernel.roles import Role
from shared.workflow.desks import FINANCE_LEADER, FINANCE_REVIEWER

MARKERS = FINANCE_REVIEWER | FINANCE_LEADER


class MarkFields(BaseModel):
    """What a payee is known as, and by which document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mark: Mark
    document_no: DocumentNo


class MarkPayee(Command, MarkFields):
    """Mark a payee from today on."""

    ROLES: ClassVar[frozenset[Role]] = MARKERS

    payee_id: UUID


class LiftMark(Command, MarkFields):
    """Lift a payee's mark from today on."""

    ROLES: ClassVar[frozenset[Role]] = MARKERS

    payee_id: UUID


class PayeeMarked(BaseModel):
    """A payee and the marks that stand."""

    id: UUID
    marks: list[Mark]


async def mark_payee(tx: Write, command: MarkPayee, ctx: Context) -> PayeeMarked:
    """Insert the mark; raises Conflict when it stands already."""
    area = await _area(tx, command.payee_id, ctx)
    if await _standing(tx, command.payee_id, command.mark, ctx):
        raise Conflict(_known())
    tx.session.add(
        PayeeMark(
            payee_id=command.payee_id,
            mark=command.mark,
            since=ctx.today,
            area_code=area,
            until=None,
            document_no=command.document_no,
            recorded_by=ctx.actor.id,
            recorded_at=ctx.now,
        ),
    )
    tx.changed("payee", command.payee_id, area)
    return await _marked(tx, command.payee_id, ctx)


async def lift_mark(tx: Write, command: LiftMark, ctx: Context) -> PayeeMarked:
    """End the mark; raises NotFound when none stands."""
    area = await _area(tx, command.payee_id, ctx)
    found = await _standing(tx, command.payee_id, command.mark, ctx)
    if not found:
        raise not_found("收款方标注", "mark")
    for row in found:
        row.until, row.document_no = ctx.today, f"{row.document_no}；{command.document_no}"
    tx.changed("payee", command.payee_id, area)
    return await _marked(tx, command.payee_id, ctx)


async def bars(tx: Write, contract: Contract, payee_id: UUID | None, ctx: Context) -> Mapping[str, Violation | None]:
    """By rule, why money of the contract may not go to the payee today."""
    standing = await tx.session.scalars(_marks(payee_id, ctx))
    return barred([Mark(row.mark) for row in standing], Procurement(contract.procurement))


def _marks(payee_id: UUID | None, ctx: Context) -> Select[PayeeMark]:
    stands = or_(PayeeMark.until.is_(None), PayeeMark.until > ctx.today)
    return select(PayeeMark).where(PayeeMark.payee_id == payee_id, PayeeMark.since <= ctx.today, stands)


async def _standing(tx: Write, payee_id: UUID, mark: Mark, ctx: Context) -> list[PayeeMark]:
    return list(await tx.session.scalars(_marks(payee_id, ctx).where(PayeeMark.mark == mark)))


async def _marked(tx: Write, payee_id: UUID, ctx: Context) -> PayeeMarked:
    await tx.session.flush()
    rows = await tx.session.scalars(_marks(payee_id, ctx).order_by(PayeeMark.mark))
    return PayeeMarked(id=payee_id, marks=[Mark(row.mark) for row in rows])


async def _area(tx: Write, payee_id: UUID, ctx: Context) -> int:
    row = await tx.session.get(Payee, payee_id)
    if row is None:
        raise not_found("收款方", "payee")
    require(ctx, MARKERS, row.area_code)
    return row.area_code


def _known() -> Violation:
    return refusal(
        "MARK_KNOWN",
        "F-1.7",
        "该收款方已有此标注",
        "the payee is marked so already",
        ("无需重复标注", "nothing is left to do"),
        field="/mark",
    )


HANDLERS: Mapping[type[Command], Handler] = {MarkPayee: mark_payee, LiftMark: lift_mark}
