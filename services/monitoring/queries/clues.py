"""Reads of clues: the worklist, one clue with its senders, the feedback to a sender, and how many are handled."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select

from services.monitoring.domain import clues as rules
from services.monitoring.tables.clues import ClueRow, ClueSourceRow
from shared.contracts.wire import Area, Yuan
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found

_SUMMARY = """
SELECT count(*) AS received, count(disposition) AS disposed,
       count(*) FILTER (WHERE disposition = 'ENROLLED') AS enrolled,
       count(*) FILTER (WHERE disposition IS NULL AND due_on < $5) AS overdue
  FROM clue WHERE area_code BETWEEN $1 AND $2 AND received_on BETWEEN $3 AND $4"""


class ClueListed(BaseModel):
    """A line of the worklist; who it is about is the household, or has still to be found out."""

    id: UUID
    area_code: Area
    item: str
    item_zh: str
    period: str
    source: str
    match: str
    household_id: UUID | None
    member_id: UUID | None
    amount: Yuan | None
    threshold: Yuan | None
    rule_id: str
    event_on: date
    received_on: date
    due_on: date
    risk_id: UUID | None
    disposition: str | None
    disposed_on: date | None


class Sender(BaseModel):
    """Who pushed a clue, in which file and row."""

    source: str
    department: str | None
    batch_id: UUID | None
    row: int | None
    amount: Yuan | None
    pushed_on: date


class ClueSeen(ClueListed):
    """A clue with everybody who pushed it."""

    sources: list[Sender]


class Feedback(BaseModel):
    """What a sender learns of its clue (M-CLUE-08): when an answer is due, and the disposition once there is one."""

    clue_id: UUID
    area_code: Area
    department: str | None
    batch_id: UUID | None
    row: int | None
    item: str
    pushed_on: date
    due_on: date
    disposition: str | None
    disposed_on: date | None


class ClueSummary(BaseModel):
    """Clues received in a period (M-CLUE-09, M-CLUE-11); per cent with two decimals, empty without clues."""

    received: int
    disposed: int
    enrolled: int
    overdue: int
    handling_rate: str | None
    conversion: str | None


async def worklist(
    session: ReadSession,
    page: PageRequest,
    area: AreaCode,
    *,
    open_only: bool = True,
    match: str | None = None,
) -> Page[ClueListed]:
    """The clues of an area; open ones by village and the day by which they are due."""
    statement = select(ClueRow).where(ClueRow.area_code.between(*area.span))
    if match is not None:
        statement = statement.where(ClueRow.match == match)
    if not open_only:
        return await fetch_page(session, statement, (ClueRow.area_code, ClueRow.id), page, _listed)
    statement = statement.where(ClueRow.disposition.is_(None))
    return await fetch_page(session, statement, (ClueRow.area_code, ClueRow.due_on, ClueRow.id), page, _listed)


async def clue(session: ReadSession, clue_id: UUID) -> ClueSeen:
    """One clue; raises NotFound."""
    row = await session.session.get(ClueRow, clue_id)
    if row is None:
        raise not_found("线索", "clue")
    senders = select(ClueSourceRow).where(ClueSourceRow.clue_id == clue_id).order_by(ClueSourceRow.id)
    return ClueSeen(**_told(row), sources=[_sender(each) for each in await session.session.scalars(senders)])


async def feedback(
    session: ReadSession,
    page: PageRequest,
    area: AreaCode,
    department: str | None = None,
    batch_id: UUID | None = None,
) -> Page[Feedback]:
    """What was pushed, with what came of it; by department or by file."""
    statement = (
        select(ClueSourceRow, ClueRow.item, ClueRow.due_on, ClueRow.disposition, ClueRow.disposed_on)
        .join(ClueRow, ClueRow.id == ClueSourceRow.clue_id)
        .where(ClueSourceRow.area_code.between(*area.span))
    )
    if department is not None:
        statement = statement.where(ClueSourceRow.department == department)
    if batch_id is not None:
        statement = statement.where(ClueSourceRow.batch_id == batch_id)
    return await fetch_page(session, statement, (ClueSourceRow.area_code, ClueSourceRow.id), page, _feedback)


async def summary(session: ReadSession, area: AreaCode, first: date, last: date, today: date) -> ClueSummary:
    """How many of the clues received between two days have a disposition, and how many led to enrolment (A18)."""
    row = await session.raw.fetchrow(_SUMMARY, *area.span, first, last, today)
    assert row is not None
    return ClueSummary(
        received=row["received"],
        disposed=row["disposed"],
        enrolled=row["enrolled"],
        overdue=row["overdue"],
        handling_rate=rules.percent(rules.handling_rate(row["disposed"], row["received"])),
        conversion=rules.percent(rules.conversion(row["enrolled"], row["received"])),
    )


def _told(row: ClueRow) -> dict[str, Any]:
    plain = ClueListed.model_fields.keys() - {"area_code", "item_zh", "amount", "threshold"}
    return {name: getattr(row, name) for name in plain} | {
        "area_code": AreaCode(row.area_code),
        "item_zh": rules.ITEMS[row.item].zh,
        "amount": row.amount_fen,
        "threshold": row.threshold_fen,
    }


def _listed(row: AnyRow) -> ClueListed:
    return ClueListed(**_told(row.ClueRow))


def _sender(row: ClueSourceRow) -> Sender:
    return Sender(
        source=row.source,
        department=row.department or None,
        batch_id=row.batch_id,
        row=row.row_no,
        amount=row.amount_fen,
        pushed_on=row.pushed_on,
    )


def _feedback(row: AnyRow) -> Feedback:
    sent: ClueSourceRow = row.ClueSourceRow
    return Feedback(
        clue_id=sent.clue_id,
        area_code=AreaCode(sent.area_code),
        department=sent.department or None,
        batch_id=sent.batch_id,
        row=sent.row_no,
        item=row.item,
        pushed_on=sent.pushed_on,
        due_on=row.due_on,
        disposition=row.disposition,
        disposed_on=row.disposed_on,
    )
