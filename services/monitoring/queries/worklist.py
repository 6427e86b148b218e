"""The worklist (待办事项): everything that is due in an area, by its day, whatever kind of work it is."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    FromClause,
    Select,
    Text,
    Uuid,
    cast,
    column,
    func,
    literal,
    null,
    select,
    table,
    union_all,
)

from services.monitoring.tables.cases import IdentificationRow
from services.monitoring.tables.clues import ClueRow
from services.monitoring.tables.episodes import EpisodeRow, LookBackRow
from services.monitoring.workflows.elimination import ELIMINATION
from services.monitoring.workflows.identification import IDENTIFICATION
from services.monitoring.workflows.measure import MEASURE
from shared.contracts.wire import Area
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode

_WORKFLOWS = {each.name: each for each in (IDENTIFICATION, ELIMINATION, MEASURE)}
_CASE = "case"
_KINDS = {
    _CASE: "办件",
    "risk_change": "核实风险变化",
    "look_back": "回头看",
    "tell_rejection": "告知不予纳入",
}

_case = table(
    "case_file",
    column("id", Uuid),
    column("workflow", Text),
    column("subject_id", Uuid),
    column("area_code", BigInteger),
    column("state", Text),
    column("due_on", Date),
    column("total_due_on", Date),
    column("is_open", Boolean),
)


class WorkItem(BaseModel):
    """One thing to do: of a case the step clock and the total clock, of others the day by which it is due."""

    kind: str
    kind_zh: str
    id: UUID
    subject_id: UUID
    area_code: Area
    workflow: str | None
    workflow_zh: str | None
    state: str | None
    state_zh: str | None
    due_on: date
    step_due_on: date | None
    total_due_on: date | None
    days_left: int
    is_overdue: bool


async def worklist(
    session: ReadSession, page: PageRequest, area: AreaCode, today: date, until: date | None
) -> Page[WorkItem]:
    """What is due in `area`, the earliest first; `until` leaves out what is due later."""
    span = area.span
    due = union_all(_cases(span), _risk_changes(span), _look_backs(span), _untold(span)).subquery("due")
    statement: Select[Any] = select(due)
    if until is not None:
        statement = statement.where(due.c.due_on <= until)
    return await fetch_page(session, statement, (due.c.due_on, due.c.id), page, lambda row: _item(row, today))


def _cases(span: tuple[int, int]) -> Select[Any]:
    due_on = func.least(_case.c.due_on, _case.c.total_due_on)
    return select(
        literal(_CASE, Text).label("kind"),
        _case.c.id,
        _case.c.subject_id,
        _case.c.area_code,
        _case.c.workflow,
        _case.c.state,
        cast(due_on, Date).label("due_on"),
        _case.c.due_on.label("step_due_on"),
        _case.c.total_due_on,
    ).where(_case.c.is_open, due_on.is_not(None), _case.c.area_code.between(*span))


def _risk_changes(span: tuple[int, int]) -> Select[Any]:
    """Clues of households that are monitored already (M-CLUE-05)."""
    source = ClueRow.__table__.join(
        EpisodeRow.__table__,
        (EpisodeRow.household_id == ClueRow.household_id) & EpisodeRow.eliminated_on.is_(None),
    )
    return _other("risk_change", ClueRow.id, ClueRow.household_id, ClueRow.area_code, ClueRow.due_on, source).where(
        ClueRow.disposition.is_(None), ClueRow.area_code.between(*span)
    )


def _look_backs(span: tuple[int, int]) -> Select[Any]:
    row = LookBackRow
    return _other("look_back", row.id, row.elimination_id, row.area_code, row.due_on, row.__table__).where(
        row.done_on.is_(None), row.area_code.between(*span)
    )


def _untold(span: tuple[int, int]) -> Select[Any]:
    row = IdentificationRow
    return _other("tell_rejection", row.id, row.id, row.area_code, row.tell_by, row.__table__).where(
        row.tell_by.is_not(None), row.told_on.is_(None), row.area_code.between(*span)
    )


def _other(kind: str, key: Any, subject: Any, area: Any, due_on: Any, source: FromClause) -> Select[Any]:
    return select(
        literal(kind, Text).label("kind"),
        key.label("id"),
        subject.label("subject_id"),
        area.label("area_code"),
        cast(null(), Text).label("workflow"),
        cast(null(), Text).label("state"),
        due_on.label("due_on"),
        cast(null(), Date).label("step_due_on"),
        cast(null(), Date).label("total_due_on"),
    ).select_from(source)


def _item(row: AnyRow, today: date) -> WorkItem:
    workflow = _WORKFLOWS.get(row.workflow) if row.workflow else None
    return WorkItem(
        kind=row.kind,
        kind_zh=_KINDS[row.kind],
        id=row.id,
        subject_id=row.subject_id,
        area_code=AreaCode(row.area_code),
        workflow=row.workflow,
        workflow_zh=workflow.zh if workflow else None,
        state=row.state,
        state_zh=workflow.by_state[row.state].zh if workflow else None,
        due_on=row.due_on,
        step_due_on=row.step_due_on,
        total_due_on=row.total_due_on,
        days_left=(row.due_on - today).days,
        is_overdue=row.due_on < today,
    )
