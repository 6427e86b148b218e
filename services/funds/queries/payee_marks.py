"""The register of payees whom policy bars, as it is shown."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from services.funds.tables.contracts import Payee
from services.funds.tables.payee_marks import PayeeMark
from shared.contracts.wire import Area
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession


class MarkShown(BaseModel):
    """One mark of a payee."""

    model_config = ConfigDict(frozen=True)

    payee_id: UUID
    area_code: Area
    name: str
    mark: str
    since: date
    until: date | None
    document_no: str


async def payee_marks(session: ReadSession, request: PageRequest) -> Page[MarkShown]:
    """A page of marks, by payee."""
    statement = select(PayeeMark, Payee.name).join(Payee, Payee.id == PayeeMark.payee_id)
    return await fetch_page(session, statement, (PayeeMark.payee_id, PayeeMark.mark, PayeeMark.since), request, _shown)


def _shown(row: AnyRow) -> MarkShown:
    found: PayeeMark = row.PayeeMark
    names = ("payee_id", "area_code", "mark", "since", "until", "document_no")
    return MarkShown(**{name: getattr(found, name) for name in names}, name=row.name)
