"""The parts of a thread (资金链) as they are shown."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.wire import Yuan


class Strand(BaseModel):
    """Base of the parts of a thread."""

    model_config = ConfigDict(frozen=True)


class Sums(Strand):
    """Where the money of a node stands (各环节金额); `paid` is what arrived: advance, works and households."""

    quota: Yuan = 0
    committed: Yuan = 0
    retention: Yuan = 0
    in_transit: Yuan = 0
    advance: Yuan = 0
    spent: Yuan = 0
    households: Yuan = 0
    returned: Yuan = 0
    surplus: Yuan = 0
    paid: Yuan = 0


class DocumentStrand(Strand):
    """An indicator document; within one project, `received` and `unallocated` are not told."""

    indicator_id: UUID
    document_no: str
    title: str
    level: str
    category: str
    fiscal_year: int
    received: Yuan | None
    unallocated: Yuan | None
    sums: Sums


class AllocationStrand(Strand):
    """What an allocation gave a project of an indicator."""

    allocation_id: UUID
    project_id: UUID
    indicator_id: UUID
    posted_on: date
    amount: Yuan


class PaymentStrand(Strand):
    """A payment: `paid` is what this thread bears of its `amount`."""

    payment_id: UUID
    stage: str
    reference: str
    state: str
    paid_on: date | None
    payee_id: UUID | None
    payee_name: str | None
    payee_registered: bool
    """收款方已登记; else the name is that of the treasury's file."""
    amount: Yuan
    paid: Yuan
    in_transit: Yuan
    refunded: Yuan


class ContractStrand(Strand):
    """A contract and its payments."""

    contract_id: UUID
    number: str
    title: str
    state: str
    payee_id: UUID
    payee_name: str
    sums: Sums
    payments: list[PaymentStrand]


class LineStrand(Strand):
    """A household line: `amount` is what one indicator bears of it."""

    line_id: UUID
    indicator_id: UUID
    seq: int
    household_id: UUID
    person_id: UUID | None
    period: str
    outcome: str
    paid_on: date | None
    amount: Yuan


class BatchStrand(Strand):
    """A household batch; `line_count` counts all its parts in this thread, `lines` shows the first of them."""

    batch_id: UUID
    number: str
    policy: str
    state: str
    sums: Sums
    line_count: int
    lines: list[LineStrand]


class ProjectStrand(Strand):
    """A project with its contracts and household batches."""

    project_id: UUID
    name: str
    state: str
    sums: Sums
    contracts: list[ContractStrand]
    batches: list[BatchStrand]


class Thread(Strand):
    """A thread: documents, what they gave, and how far it went; `whole` when every fen is accounted for."""

    documents: list[DocumentStrand]
    allocations: list[AllocationStrand]
    projects: list[ProjectStrand]
    sums: Sums
    whole: bool


class SourceAllocation(Strand):
    """An allocation by which a source came to the project."""

    allocation_id: UUID
    posted_on: date
    amount: Yuan


class PaidSource(Strand):
    """What one indicator document bore of a payment or household line (资金来源)."""

    indicator_id: UUID
    document_no: str
    title: str
    level: str
    category: str
    amount: Yuan
    allocations: list[SourceAllocation]


class Traceability(Strand):
    """All paid money, what of it can be followed from its document to the payee, and back, and both ways (可追溯率)."""

    paid: Yuan
    down: Yuan
    back: Yuan
    traced: Yuan
