"""How the indicators in a file of the treasury compare with ours: row by row, and what of ours the file does not have."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, case, column, exists, func, select, table

from services.funds.tables.indicators import Indicator
from services.funds.tables.treasury import TreasuryImport, TreasuryIndicator
from shared.contracts.wire import Yuan
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.errors import not_found

CASE = table("case_file", column("workflow"), column("subject_id"), column("state"))
Verdict = Literal["matched", "matched_in_sum", "differs", "unknown", "set_aside"]
"""By document and amount; by the sum of the document's lines; another amount; no such document; put aside by a person."""


class IndicatorRowShown(BaseModel):
    """A row of the file; `our_amount` is what our indicators of this document come to."""

    model_config = ConfigDict(frozen=True)

    row_no: int
    document_no: str
    amount: Yuan
    our_amount: Yuan
    unit: str
    category: str
    origin_year: int | None
    is_direct_fund: bool
    mark_differs: bool
    verdict: str
    set_aside: str


class OurIndicator(BaseModel):
    """A confirmed indicator of ours, of a year that the file is about, whose document the file does not have."""

    model_config = ConfigDict(frozen=True)

    indicator_id: UUID
    document_no: str
    title: str
    fiscal_year: int
    amount: Yuan


async def compared(
    session: ReadSession, request: PageRequest, import_id: UUID, verdict: Verdict | None
) -> Page[IndicatorRowShown]:
    """The rows of a file in its order; raises NotFound."""
    await _found(session, import_id)
    ours, judged, mark = _our_sum(), _verdict().label("verdict"), _mark_differs().label("mark_differs")
    statement = select(TreasuryIndicator, ours.label("ours"), judged, mark).where(
        TreasuryIndicator.import_id == import_id
    )
    if verdict is not None:
        statement = statement.where(_verdict() == verdict)
    return await fetch_page(session, statement, (TreasuryIndicator.row_no,), request, _row)


async def ours_alone(session: ReadSession, request: PageRequest, import_id: UUID) -> Page[OurIndicator]:
    """Our indicators that the file does not have; raises NotFound."""
    found = await _found(session, import_id)
    rows = TreasuryIndicator.import_id == import_id
    years = select(TreasuryIndicator.origin_year).where(rows)
    known = exists().where(rows, TreasuryIndicator.document_no == Indicator.document_no)
    confirmed = (CASE.c.workflow == "funds.indicator") & (CASE.c.subject_id == Indicator.id)
    statement = (
        select(Indicator)
        .join(CASE, confirmed)
        .where(
            CASE.c.state == "CONFIRMED",
            Indicator.area_code == found.area_code,
            Indicator.fiscal_year.in_(years),
            ~known,
        )
    )
    return await fetch_page(session, statement, (Indicator.id,), request, _ours)


def _same_document() -> ColumnElement[bool]:
    return (Indicator.area_code == TreasuryIndicator.area_code) & (
        Indicator.document_no == TreasuryIndicator.document_no
    )


def _our_sum() -> ColumnElement[int]:
    amount = func.coalesce(func.sum(Indicator.amount_fen + Indicator.adjusted_fen), 0)
    return select(amount).where(_same_document()).correlate(TreasuryIndicator).scalar_subquery()


def _verdict() -> ColumnElement[str]:
    other = TreasuryIndicator.__table__.alias("of_document")
    in_file = (
        select(func.sum(other.c.amount_fen))
        .where(
            other.c.import_id == TreasuryIndicator.import_id,
            other.c.document_no == TreasuryIndicator.document_no,
        )
        .correlate(TreasuryIndicator)
        .scalar_subquery()
    )
    amount = Indicator.amount_fen + Indicator.adjusted_fen
    same = exists().where(_same_document(), amount == TreasuryIndicator.amount_fen)
    return case(
        (TreasuryIndicator.set_aside != "", "set_aside"),
        (same, "matched"),
        (~exists().where(_same_document()), "unknown"),
        (in_file == _our_sum(), "matched_in_sum"),
        else_="differs",
    )


def _mark_differs() -> ColumnElement[bool]:
    """The mark of direct funds is never lost on the way (§3.1)."""
    return exists().where(_same_document(), Indicator.is_direct_fund != TreasuryIndicator.is_direct_fund)


async def _found(session: ReadSession, import_id: UUID) -> TreasuryImport:
    row = await session.session.get(TreasuryImport, import_id)
    if row is None:
        raise not_found("导入批次", "import")
    return row


def _row(row: AnyRow) -> IndicatorRowShown:
    found: TreasuryIndicator = row[0]
    names = ("row_no", "document_no", "category", "origin_year", "is_direct_fund", "set_aside")
    own: dict[str, Any] = {name: getattr(found, name) for name in names}
    return IndicatorRowShown(
        **own,
        amount=found.amount_fen,
        our_amount=row.ours,
        unit=found.unit_name,
        mark_differs=row.mark_differs,
        verdict=row.verdict,
    )


def _ours(row: AnyRow) -> OurIndicator:
    found: Indicator = row[0]
    return OurIndicator(
        indicator_id=found.id,
        document_no=found.document_no,
        title=found.title,
        fiscal_year=found.fiscal_year,
        amount=found.amount_fen + found.adjusted_fen,
    )
