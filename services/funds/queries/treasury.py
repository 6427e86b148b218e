"""What became of the treasury's files: lines with whom they paid, candidates for those unmatched, and what is ours alone."""

import asyncio
import zlib
from datetime import date
from typing import Any, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict
from sqlalchemy import column, exists, func, select, table

from services.funds.bulk.treasury import PAYEE, SEALED
from services.funds.domain.treasury_columns import FileKind, System, columns_known
from services.funds.queries.treasury_sql import CANDIDATES
from services.funds.tables.contracts import Contract
from services.funds.tables.payments import Payment
from services.funds.tables.treasury import TreasuryFault, TreasuryImport, TreasuryLine
from shared.contracts.wire import Area, Yuan
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found
from shared.sheets.files import read_whole
from shared.sheets.headings import find_headings
from shared.sheets.refused import refused_copy
from shared.vault.keys import KeyRing
from shared.vault.seal import unseal, unseal_bytes

CASE = table("case_file", column("workflow"), column("subject_id"), column("state"))
Outcome = Literal["posted", "held", "unmatched", "set_aside"]


class Shown(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True)


class ImportShown(Shown):
    """A file; `from_on` and `until_on` are the days of its payments."""

    id: UUID
    area_code: Area
    kind: str
    rows: int
    repeated: int
    from_on: date | None
    until_on: date | None


class FaultShown(Shown):
    """A refused row of a file."""

    row_no: int
    faults: list[dict[str, str]]


class LineShown(Shown):
    """A payment of the treasury, whom it paid and what was approved there; `reason` and `facts` say why it waits."""

    id: UUID
    import_id: UUID
    row_no: int
    serial: str
    paid_on: date
    document_no: str
    contract_no: str
    payee: str
    payee_known: bool
    amount: Yuan
    purpose: str
    approvals: str
    outcome: str
    reason: str
    facts: dict[str, Any]
    contract_id: UUID | None
    payment_id: UUID | None
    decision: str


class Candidate(Shown):
    """A contract that an unmatched line may be of, and what speaks for it."""

    contract_id: UUID
    number: str
    title: str
    payee_name: str
    bound: Yuan
    due: Yuan
    same_number: bool
    same_payee: bool
    same_document: bool
    same_amount: bool


class OursAlone(Shown):
    """A payment that stands here and is in no file of the days asked for."""

    payment_id: UUID
    contract_id: UUID
    reference: str
    paid_on: date
    amount: Yuan
    state: str


class DueAlone(Shown):
    """A contract with work that is certified, or settled, and not paid by any line of the treasury."""

    contract_id: UUID
    project_id: UUID
    number: str
    title: str
    due: Yuan


async def list_imports(
    session: ReadSession, request: PageRequest, area: AreaCode | None, kind: str | None
) -> Page[ImportShown]:
    """The files of an area, the newest first."""
    statement = select(TreasuryImport)
    if area is not None:
        statement = statement.where(TreasuryImport.area_code.between(*area.span))
    if kind is not None:
        statement = statement.where(TreasuryImport.kind == kind)
    return await fetch_page(session, statement, (TreasuryImport.id,), request, _import, descending=True)


async def list_faults(session: ReadSession, request: PageRequest, import_id: UUID) -> Page[FaultShown]:
    """The refused rows of a file; raises NotFound."""
    await _found(session, import_id)
    statement = select(TreasuryFault).where(TreasuryFault.import_id == import_id)
    return await fetch_page(
        session,
        statement,
        (TreasuryFault.row_no,),
        request,
        lambda row: FaultShown(row_no=row[0].row_no, faults=row[0].faults),
    )


async def copy_with_reasons(session: ReadSession, ring: KeyRing, import_id: UUID) -> tuple[str, bytes]:
    """The form and a copy of the refused rows, with number and reason in front; raises NotFound."""
    row = await _found(session, import_id)
    asked = select(TreasuryFault).where(TreasuryFault.import_id == import_id)
    reasons = {
        each.row_no: "；".join(fault["zh"] for fault in each.faults) for each in await session.session.scalars(asked)
    }
    packed = unseal_bytes(ring, SEALED, row.id, row.content_sealed)

    def written() -> bytes:
        _, rows = read_whole(zlib.decompress(packed))
        own = dict(each.split("=", 1) for each in row.settings["columns"])
        headings = find_headings(rows, columns_known(FileKind(row.kind), System(row.settings["system"]), own), 1)
        above = rows[: headings.first_data_row] if headings else []
        lines = ((number, cells) for number, cells in enumerate(rows, 1) if number in reasons)
        return refused_copy(above, lines, reasons, row.form)

    return row.form, await asyncio.to_thread(written)


async def list_lines(
    session: ReadSession,
    request: PageRequest,
    ring: KeyRing,
    *,
    area: AreaCode | None,
    import_id: UUID | None,
    outcome: Outcome | None,
) -> Page[LineShown]:
    """Lines in the order in which they came."""
    statement = select(TreasuryLine)
    if area is not None:
        statement = statement.where(TreasuryLine.area_code.between(*area.span))
    if import_id is not None:
        statement = statement.where(TreasuryLine.import_id == import_id)
    if outcome is not None:
        statement = statement.where(TreasuryLine.outcome == outcome)
    return await fetch_page(session, statement, (TreasuryLine.id,), request, lambda row: _line(row[0], ring))


async def one_line(session: ReadSession, ring: KeyRing, line_id: UUID) -> LineShown:
    """One line; raises NotFound."""
    row = await session.session.get(TreasuryLine, line_id)
    if row is None:
        raise not_found("国库支付明细", "line of the treasury")
    return _line(row, ring)


async def candidates(session: ReadSession, line_id: UUID) -> list[Candidate]:
    """The contracts of the county that have most in common with a line, the best first; raises NotFound."""
    if await session.session.get(TreasuryLine, line_id) is None:
        raise not_found("国库支付明细", "line of the treasury")
    return [Candidate(**dict(row)) for row in await session.raw.fetch(CANDIDATES, line_id)]


async def ours_alone(
    session: ReadSession, request: PageRequest, area: AreaCode, from_on: date, until_on: date
) -> Page[OursAlone]:
    """Payments that arrived in these days as our books have it, and that no file of the treasury shows."""
    in_file = exists().where(TreasuryLine.payment_id == Payment.id)
    case = (CASE.c.workflow == "funds.payment") & (CASE.c.subject_id == Payment.id)
    day = func.coalesce(Payment.paid_on, Payment.instructed_on).label("day")
    statement = (
        select(Payment, day, CASE.c.state)
        .join(CASE, case)
        .where(
            Payment.area_code.between(*area.span),
            day.between(from_on, until_on),
            CASE.c.state.in_(("INSTRUCTED", "PAID", "RECONCILED")),
            ~in_file,
        )
    )
    return await fetch_page(session, statement, (Payment.id,), request, _alone)


async def due_alone(session: ReadSession, request: PageRequest, area: AreaCode) -> Page[DueAlone]:
    """Contracts of an area that are owed money as our books have it: certified and not paid, retention left out."""
    spent = Contract.worked_fen + Contract.recouped_fen - Contract.refunded_fen
    due = (Contract.certified_fen - spent - Contract.retention_fen + Contract.retention_used_fen).label("due")
    statement = select(Contract, due).where(Contract.area_code.between(*area.span), due > 0)
    return await fetch_page(session, statement, (Contract.id,), request, _due)


def _due(row: AnyRow) -> DueAlone:
    contract: Contract = row[0]
    names = ("project_id", "number", "title")
    return DueAlone(contract_id=contract.id, due=row.due, **{name: getattr(contract, name) for name in names})


def _alone(row: AnyRow) -> OursAlone:
    payment: Payment = row[0]
    return OursAlone(
        payment_id=payment.id,
        contract_id=payment.contract_id,
        reference=payment.reference,
        paid_on=row.day,
        amount=payment.cash_fen,
        state=row.state,
    )


async def _found(session: ReadSession, import_id: UUID) -> TreasuryImport:
    row = await session.session.get(TreasuryImport, import_id)
    if row is None:
        raise not_found("导入批次", "import")
    return row


def _import(row: AnyRow) -> ImportShown:
    found: TreasuryImport = row[0]
    names = ("id", "area_code", "kind", "rows", "repeated", "from_on", "until_on")
    return ImportShown(**{name: getattr(found, name) for name in names})


def _line(found: TreasuryLine, ring: KeyRing) -> LineShown:
    said = orjson.loads(unseal(ring, PAYEE, found.id, found.payee_sealed))
    names = (
        "id import_id row_no serial paid_on document_no contract_no purpose outcome reason facts contract_id payment_id"
        " decision"
    )
    return LineShown(
        **{name: getattr(found, name) for name in names.split()},
        payee=said["name"],
        payee_known=found.payee_id is not None,
        amount=found.amount_fen,
        approvals=said["approvals"],
    )
