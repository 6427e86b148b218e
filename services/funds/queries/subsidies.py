"""Household batches as they are shown: headers with their sums, lines without any personal field."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, Select, column, func, select, table

from services.funds.domain.subsidies import LineOutcome
from services.funds.tables.subsidies import HouseholdBatch, HouseholdLine
from shared.contracts.wire import Area, OneOf, Yuan
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found

CASE = table("case_file", column("workflow"), column("subject_id"), column("state"), column("version"))

OutcomeOf = Annotated[str, OneOf(tuple(outcome.value for outcome in LineOutcome))]
"""What became of a line (明细结果)."""


class Shown(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True)


class BatchListed(Shown):
    """One batch of a list."""

    id: UUID
    area_code: Area
    project_id: UUID
    number: str
    policy: str
    line_count: int
    total: Yuan
    instruction_no: int
    instructed_on: date | None
    state: str


class OutcomeSum(Shown):
    """How many lines came to one outcome, and their sum."""

    outcome: str
    lines: int
    amount: Yuan


class BatchShown(BatchListed):
    """One batch; `version` is its case's, the ETag for the next step."""

    version: int
    outcomes: list[OutcomeSum]


class LineShown(Shown):
    """One line; household and person are the register's opaque ids."""

    id: UUID
    seq: int
    area_code: Area
    household_id: UUID
    person_id: UUID | None
    period: str
    amount: Yuan
    basis: str
    outcome: str
    tries: int
    fail_code: str | None
    paid_on: date | None


async def list_batches(
    session: ReadSession, request: PageRequest, area: AreaCode | None, project_id: UUID | None
) -> Page[BatchListed]:
    """A page of batches in the order they were made."""
    statement = _batches()
    if area is not None:
        statement = statement.where(HouseholdBatch.area_code.between(*area.span))
    if project_id is not None:
        statement = statement.where(HouseholdBatch.project_id == project_id)
    return await fetch_page(session, statement, (HouseholdBatch.id,), request, _batch)


async def one_batch(session: ReadSession, batch_id: UUID) -> BatchShown:
    """One batch with its sums by outcome; raises NotFound."""
    row = (await session.session.execute(_batches().where(HouseholdBatch.id == batch_id))).one_or_none()
    if row is None:
        raise not_found("补贴批次", "household batch")
    sums = await session.session.execute(
        select(HouseholdLine.outcome, func.count(), func.sum(HouseholdLine.amount_fen))
        .where(HouseholdLine.batch_id == batch_id)
        .group_by(HouseholdLine.outcome)
        .order_by(HouseholdLine.outcome),
    )
    outcomes = [OutcomeSum(outcome=outcome, lines=lines, amount=int(fen)) for outcome, lines, fen in sums]
    return BatchShown(**_batch(row).model_dump(), version=row.case_version, outcomes=outcomes)


async def list_lines(
    session: ReadSession, request: PageRequest, batch_id: UUID, outcome: str | None
) -> Page[LineShown]:
    """A page of a batch's lines in their order."""
    statement = select(HouseholdLine).where(HouseholdLine.batch_id == batch_id)
    if outcome is not None:
        statement = statement.where(HouseholdLine.outcome == outcome)
    return await fetch_page(session, statement, (HouseholdLine.seq, HouseholdLine.id), request, _line)


def _batches() -> Select[Any]:
    case = (CASE.c.workflow == "funds.household_batch") & (CASE.c.subject_id == HouseholdBatch.id)
    return select(HouseholdBatch, CASE.c.state, CASE.c.version.label("case_version")).join(CASE, case)


def _batch(row: Row[Any]) -> BatchListed:
    batch: HouseholdBatch = row[0]
    names = ("id", "area_code", "project_id", "number", "policy", "line_count", "instruction_no", "instructed_on")
    return BatchListed(
        **{name: getattr(batch, name) for name in names},
        total=batch.total_fen,
        state=row.state,
    )


def _line(row: Row[Any]) -> LineShown:
    line: HouseholdLine = row[0]
    own = {name: getattr(line, name) for name in LineShown.model_fields if name != "amount"}
    return LineShown(**own, amount=line.amount_fen)
