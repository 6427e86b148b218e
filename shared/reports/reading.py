"""Reads issued reports: a list by area, and one with its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, Date, DateTime, Integer, LargeBinary, Text, Uuid, column, select, table
from sqlalchemy.dialects.postgresql import JSONB

from shared.contracts.wire import Area
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found
from shared.reports.model import Rhythm
from shared.reports.periods import due_on, is_late
from shared.reports.printed import Printed, from_content

_issue = table(
    "report_issue",
    column("id", Uuid),
    column("report_id", Text),
    column("version", Integer),
    column("area_code", BigInteger),
    column("period_start", Date),
    column("issue_no", Integer),
    column("as_of", Date),
    column("content", JSONB),
    column("content_sha256", LargeBinary),
    column("note", Text),
    column("issued_at", DateTime(timezone=True)),
)
Rhythms: TypeAlias = Mapping[str, Rhythm]
"""How often each report of the service is due, by id."""
_LISTED = ("id", "report_id", "version", "area_code", "period_start", "issue_no", "as_of", "note", "issued_at")


class IssueListed(BaseModel):
    """One issue of a report, without its figures; `sha256` stands for them.

    `is_late`: the first issue came after `due_on`; a correction is never late.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    report_id: str
    version: int
    area_code: Area
    period_start: date
    issue_no: int
    as_of: date
    note: str
    issued_at: datetime
    sha256: str
    due_on: date | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Issue:
    """An issued report with its figures."""

    listed: IssueListed
    paper: Printed


async def list_issues(
    session: ReadSession, page: PageRequest, area: AreaCode, report_id: str, rhythms: Rhythms
) -> Page[IssueListed]:
    """The issues of `area` and below it, the latest period first."""
    low, high = area.span
    statement = select(*(_issue.c[name] for name in (*_LISTED, "content_sha256"))).where(
        _issue.c.area_code.between(low, high),
    )
    if report_id:
        statement = statement.where(_issue.c.report_id == report_id)
    keys = (_issue.c.period_start, _issue.c.issue_no, _issue.c.id)
    return await fetch_page(session, statement, keys, page, lambda row: _listed(row, rhythms), descending=True)


async def one_issue(session: ReadSession, issue_id: UUID, rhythms: Rhythms) -> Issue:
    """One issue; raises NotFound."""
    wanted = (*_LISTED, "content_sha256", "content")
    row = (
        await session.session.execute(select(*(_issue.c[name] for name in wanted)).where(_issue.c.id == issue_id))
    ).first()
    if row is None:
        raise not_found("该报表", "report")
    return Issue(_listed(row, rhythms), from_content(row.report_id, row.version, row.content))


def _listed(row: AnyRow, rhythms: Rhythms) -> IssueListed:
    found = row._mapping  # noqa: SLF001  SQLAlchemy's public name for a row as a mapping
    rhythm, start = rhythms.get(found["report_id"], Rhythm.ONCE), found["period_start"]
    return IssueListed(
        **{name: found[name] for name in _LISTED if name != "area_code"},
        area_code=AreaCode(found["area_code"]),
        sha256=found["content_sha256"].hex(),
        due_on=due_on(rhythm, start),
        is_late=found["issue_no"] == 1 and is_late(rhythm, start, found["issued_at"]),
    )
