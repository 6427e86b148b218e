"""The thread (资金链): every fen from the document that brought it to the payee, and from the payee back to the document."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import asyncpg

from services.funds.domain.postings import (
    ADVANCE,
    COMMITTED,
    IN_TRANSIT,
    PAID,
    QUOTA,
    RETENTION,
    RETURNED,
    SOURCE,
    SPENT,
    SPENT_ON_HOUSEHOLDS,
    SURPLUS,
    UNALLOCATED,
)
from services.funds.queries.strands import (
    AllocationStrand,
    BatchStrand,
    ContractStrand,
    DocumentStrand,
    LineStrand,
    PaidSource,
    PaymentStrand,
    ProjectStrand,
    SourceAllocation,
    Sums,
    Thread,
)
from services.funds.queries.thread_sql import SOURCES, THREAD
from services.funds.queries.unregistered import named
from shared.db.sessions import ReadSession
from shared.kernel.errors import not_found
from shared.kernel.money import Fen
from shared.vault.keys import KeyRing


async def indicator_thread(session: ReadSession, ring: KeyRing, indicator_id: UUID, lines: int) -> Thread:
    """The way of an indicator's money down to payees and households; raises NotFound. One statement."""
    return await _thread(session, ring, "indicator_id", indicator_id, lines, ("指标", "indicator"))


async def project_thread(session: ReadSession, ring: KeyRing, project_id: UUID, lines: int) -> Thread:
    """Where a project's money came from and went; raises NotFound. One statement."""
    return await _thread(session, ring, "project_id", project_id, lines, ("项目", "project"))


async def payment_sources(session: ReadSession, payment_id: UUID) -> list[PaidSource]:
    """Back from a payment to the documents that bore it; empty while nothing arrived."""
    return await _sources(session, "payment_id", payment_id)


async def line_sources(session: ReadSession, line_id: UUID) -> list[PaidSource]:
    """Back from a household line to the documents that bore it; empty while nothing arrived."""
    return await _sources(session, "household_line_id", line_id)


async def _sources(session: ReadSession, scope: str, subject: UUID) -> list[PaidSource]:
    rows = await session.raw.fetch(SOURCES.format(scope=scope), subject)
    return [
        PaidSource(
            **{name: row[name] for name in ("indicator_id", "document_no", "title", "level", "category")},
            amount=row["fen"],
            allocations=[_with_amount(SourceAllocation, each) for each in row["allocations"]],
        )
        for row in rows
    ]


async def _thread(
    session: ReadSession, ring: KeyRing, scope: str, subject: UUID, lines: int, what: tuple[str, str]
) -> Thread:
    rows = await session.raw.fetch(THREAD.format(scope=scope), subject, lines)
    nodes: dict[str, list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        nodes[row["kind"]].append(row)
    if not nodes["indicator"]:
        raise not_found(*what)
    documents = [_document(row, whole=scope == "indicator_id") for row in nodes["indicator"]]
    projects = _projects(nodes, ring)
    return Thread(
        documents=documents,
        allocations=[
            _with_amount(
                AllocationStrand,
                row["facts"],
                allocation_id=row["id"],
                project_id=row["parent"],
                indicator_id=row["place"],
            )
            for row in nodes["allocation"]
        ],
        projects=projects,
        sums=_total(document.sums for document in documents),
        whole=_is_whole(documents, projects),
    )


def _is_whole(documents: list[DocumentStrand], projects: list[ProjectStrand]) -> bool:
    """The parts make the whole: projects what their documents gave them, payments and batches what their projects paid."""
    given = sum(_all(document.sums) for document in documents)
    complete = all(
        each.received is None or each.received == (each.unallocated or 0) + _all(each.sums) for each in documents
    )
    return complete and given == sum(_all(project.sums) for project in projects) and all(map(_adds_up, projects))


def _adds_up(project: ProjectStrand) -> bool:
    """What arrived from a project is what its contracts' payments, less refunds, and its batches show."""
    payments = [payment for contract in project.contracts for payment in contract.payments]
    arrived = sum(payment.paid - payment.refunded for payment in payments)
    batches = sum(batch.sums.households for batch in project.batches)
    return project.sums.paid == arrived + batches


def _all(sums: Sums) -> Fen:
    """All that was given to projects, wherever it stands."""
    return sum(value for name, value in sums if name != "paid")


def _projects(nodes: dict[str, list[asyncpg.Record]], ring: KeyRing) -> list[ProjectStrand]:
    payments, lines = _under(nodes["payment"]), _under(nodes["line"])
    contracts, batches = _under(nodes["contract"]), _under(nodes["batch"])
    return [
        ProjectStrand(
            project_id=row["id"],
            **row["facts"],
            sums=_sums(row["sums"]),
            contracts=[_contract(each, payments[each["id"]], ring) for each in contracts[row["id"]]],
            batches=[_batch(each, lines[each["id"]]) for each in batches[row["id"]]],
        )
        for row in nodes["project"]
    ]


def _under(rows: Iterable[asyncpg.Record]) -> dict[UUID, list[asyncpg.Record]]:
    found: dict[UUID, list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        found[row["parent"]].append(row)
    return found


def _document(row: asyncpg.Record, *, whole: bool) -> DocumentStrand:
    kept = row["sums"]
    return DocumentStrand(
        indicator_id=row["id"],
        **row["facts"],
        received=-kept.get(SOURCE, 0) if whole else None,
        unallocated=kept.get(UNALLOCATED, 0) if whole else None,
        sums=_sums(kept),
    )


def _contract(row: asyncpg.Record, payments: list[asyncpg.Record], ring: KeyRing) -> ContractStrand:
    return ContractStrand(
        contract_id=row["id"],
        **row["facts"],
        sums=_sums(row["sums"]),
        payments=[_payment(each, ring) for each in payments],
    )


def _payment(row: asyncpg.Record, ring: KeyRing) -> PaymentStrand:
    facts = dict(row["facts"])
    line, sealed = facts.pop("line_id"), facts.pop("payee_sealed")
    if line is not None:
        facts["payee_name"] = named(ring, UUID(line), bytes.fromhex(sealed))
    facts["payee_registered"] = facts["payee_id"] is not None
    strand: PaymentStrand = _with_amount(PaymentStrand, facts, payment_id=row["id"], **row["sums"])
    return strand


def _batch(row: asyncpg.Record, lines: list[asyncpg.Record]) -> BatchStrand:
    facts = dict(row["facts"])
    return BatchStrand(
        batch_id=row["id"],
        line_count=facts.pop("lines"),
        **facts,
        sums=_sums(row["sums"]),
        lines=[
            _with_amount(LineStrand, each["facts"], line_id=each["id"], indicator_id=each["place"]) for each in lines
        ],
    )


def _sums(kept: dict[str, Fen] | None) -> Sums:
    """Balances by account under the names of the stages."""
    by = kept or {}
    return Sums(
        quota=by.get(QUOTA, 0),
        committed=by.get(COMMITTED, 0),
        retention=by.get(RETENTION, 0),
        in_transit=by.get(IN_TRANSIT, 0),
        advance=by.get(ADVANCE, 0),
        spent=by.get(SPENT, 0),
        households=by.get(SPENT_ON_HOUSEHOLDS, 0),
        returned=by.get(RETURNED, 0),
        surplus=by.get(SURPLUS, 0),
        paid=sum(by.get(account, 0) for account in PAID),
    )


def _total(parts: Iterable[Sums]) -> Sums:
    listed = list(parts)
    return Sums(**{name: sum(getattr(each, name) for each in listed) for name in Sums.model_fields})


def _with_amount(kind: Any, facts: dict[str, Any], **ids: Any) -> Any:
    """A part whose facts give their amount in fen."""
    rest = {name: value for name, value in facts.items() if name != "fen"}
    return kind(**ids, **rest, amount=facts["fen"])
