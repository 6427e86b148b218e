"""Reads of measures, of a household's income with the source of each entry, and of what a project or asset brought."""

from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel
from sqlalchemy import Select, select

from services.monitoring.domain.assistance import CATALOGUE
from services.monitoring.domain.income import KIND_NAMES, IncomeKind
from services.monitoring.tables.episodes import HelperRow
from services.monitoring.tables.households import HouseholdRow
from services.monitoring.tables.income import IncomeEntryRow
from services.monitoring.tables.measures import ReceiptRow
from services.monitoring.workflows.measure import MEASURE
from shared.contracts.wire import Area, Yuan
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found

_MEASURES = """
SELECT m.*, f.state, f.due_on AS step_due_on FROM measure m JOIN case_file f ON f.subject_id = m.id
 WHERE m.household_id = $1 ORDER BY m.id"""
_MONTHS = """
SELECT month, kind, sum(amount_fen)::bigint AS amount FROM income_entry
 WHERE household_id = $1 AND month BETWEEN $2 AND $3 GROUP BY month, kind HAVING sum(amount_fen) <> 0
 ORDER BY month, kind"""
_THREAD = """
SELECT count(DISTINCT household_id) AS households, count(*) AS lines, coalesce(sum(amount_fen), 0)::bigint AS amount,
       coalesce(sum(returned_fen), 0)::bigint AS returned
  FROM household_receipt
 WHERE ($1::uuid IS NULL OR project_id = $1) AND ($2::uuid IS NULL OR asset_id = $2)"""


class MeasureKindSeen(BaseModel):
    """A kind of the catalogue (§5.2)."""

    code: str
    zh: str
    en: str
    nature: str
    columns: tuple[str, ...]


class MeasureSeen(BaseModel):
    """A measure and where it stands."""

    id: UUID
    episode_id: UUID
    kind: str
    kind_zh: str
    item: str
    trigger: str
    state: str
    state_zh: str
    project_id: UUID | None
    policy: str | None
    planned: Yuan | None
    planned_on: date
    due_on: date
    delivered_on: date | None
    delivered: Yuan | None
    effect: str | None
    cancelled_on: date | None


class HelperSeen(BaseModel):
    """Who helps or helped the household."""

    id: UUID
    helper: UUID
    is_primary: bool
    from_on: date
    until_on: date | None


class Source(BaseModel):
    """Where money came from: the event and its document, the project or asset behind it, and the measure it delivered."""

    event_type: str
    line_id: UUID
    document_id: UUID
    project_id: UUID | None
    asset_id: UUID | None
    measure_id: UUID | None
    paid_on: date


class EntrySeen(BaseModel):
    """One entry of the income sheet; a reversal is a negative amount. `source` is empty for what was declared."""

    id: UUID
    month: str
    kind: IncomeKind
    kind_zh: str
    amount: Yuan
    origin: str
    reverses: UUID | None
    source: Source | None


class MonthSum(BaseModel):
    """What one month holds of one kind."""

    month: str
    kind: IncomeKind
    kind_zh: str
    amount: Yuan


class IncomeThread(BaseModel):
    """The income of a household by month and kind, and a page of the entries behind it."""

    household_id: UUID
    months: list[MonthSum]
    entries: Page[EntrySeen]


class ReceiptSeen(BaseModel):
    """A line that reached a household."""

    line_id: UUID
    area_code: Area
    household_id: UUID
    event_type: str
    document_id: UUID
    project_id: UUID | None
    asset_id: UUID | None
    measure_id: UUID | None
    kind: IncomeKind
    amount: Yuan
    returned: Yuan
    paid_on: date


class ThreadTotal(BaseModel):
    """What a project or an asset brought to how many households; nobody among them is named."""

    households: int
    lines: int
    amount: Yuan
    returned: Yuan


def catalogue() -> list[MeasureKindSeen]:
    """The ten kinds."""
    return [
        MeasureKindSeen(code=code, zh=kind.zh, en=kind.en, nature=kind.nature, columns=kind.columns)
        for code, kind in CATALOGUE.items()
    ]


async def measures(session: ReadSession, household_id: UUID) -> list[MeasureSeen]:
    """The measures of a household in the order they were planned; raises NotFound."""
    await _known(session, household_id)
    plain = MeasureSeen.model_fields.keys() - {"kind_zh", "state_zh", "planned", "delivered"}
    return [
        MeasureSeen(
            **{name: row[name] for name in plain},
            kind_zh=CATALOGUE[row["kind"]].zh,
            state_zh=MEASURE.by_state[row["state"]].zh,
            planned=row["planned_fen"],
            delivered=row["delivered_fen"],
        )
        for row in await session.raw.fetch(_MEASURES, household_id)
    ]


async def helpers(session: ReadSession, household_id: UUID) -> list[HelperSeen]:
    """Who helps the household, and who did; raises NotFound."""
    await _known(session, household_id)
    rows = await session.session.scalars(
        select(HelperRow)
        .where(HelperRow.household_id == household_id)
        .order_by(HelperRow.until_on.desc().nulls_first(), HelperRow.id),
    )
    return [HelperSeen(**{name: getattr(row, name) for name in HelperSeen.model_fields}) for row in rows]


async def income(session: ReadSession, page: PageRequest, household_id: UUID, first: date, last: date) -> IncomeThread:
    """Sums and entries of the months from `first` to `last`, each entry with what it came from; raises NotFound."""
    await _known(session, household_id)
    span = (first.replace(day=1), last)
    statement = (
        select(IncomeEntryRow, ReceiptRow)
        .outerjoin(ReceiptRow, ReceiptRow.line_id == IncomeEntryRow.source_id)
        .where(IncomeEntryRow.household_id == household_id, IncomeEntryRow.month.between(*span))
    )
    return IncomeThread(
        household_id=household_id,
        months=[_month(row) for row in await session.raw.fetch(_MONTHS, household_id, *span)],
        entries=await fetch_page(session, statement, (IncomeEntryRow.month, IncomeEntryRow.id), page, _entry),
    )


async def receipts(
    session: ReadSession, page: PageRequest, project_id: UUID | None, asset_id: UUID | None
) -> Page[ReceiptSeen]:
    """The lines that a project or an asset brought to households of the caller's area."""
    statement: Select[Any] = select(ReceiptRow)
    if project_id is not None:
        statement = statement.where(ReceiptRow.project_id == project_id)
    if asset_id is not None:
        statement = statement.where(ReceiptRow.asset_id == asset_id)
    return await fetch_page(session, statement, (ReceiptRow.line_id,), page, _receipt)


async def thread_total(session: ReadSession, project_id: UUID | None, asset_id: UUID | None) -> ThreadTotal:
    """The same, summed."""
    row = await session.raw.fetchrow(_THREAD, project_id, asset_id)
    assert row is not None
    return ThreadTotal(**row)


async def _known(session: ReadSession, household_id: UUID) -> None:
    if await session.session.get(HouseholdRow, household_id) is None:
        raise not_found("农户", "household")


def _month(row: asyncpg.Record) -> MonthSum:
    kind = IncomeKind(row["kind"])
    return MonthSum(month=f"{row['month']:%Y-%m}", kind=kind, kind_zh=KIND_NAMES[kind], amount=row["amount"])


def _entry(row: AnyRow) -> EntrySeen:
    entry: IncomeEntryRow = row.IncomeEntryRow
    receipt: ReceiptRow | None = row.ReceiptRow
    kind = IncomeKind(entry.kind)
    return EntrySeen(
        id=entry.id,
        month=f"{entry.month:%Y-%m}",
        kind=kind,
        kind_zh=KIND_NAMES[kind],
        amount=entry.amount_fen,
        origin=entry.origin,
        reverses=entry.reverses,
        source=Source(**{name: getattr(receipt, name) for name in Source.model_fields}) if receipt else None,
    )


def _receipt(row: AnyRow) -> ReceiptSeen:
    receipt: ReceiptRow = row.ReceiptRow
    plain = ReceiptSeen.model_fields.keys() - {"area_code", "amount", "returned"}
    return ReceiptSeen(
        **{name: getattr(receipt, name) for name in plain},
        area_code=AreaCode(receipt.area_code),
        amount=receipt.amount_fen,
        returned=receipt.returned_fen,
    )
