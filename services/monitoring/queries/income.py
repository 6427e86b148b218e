"""Reads of the income sheet and of the monitoring line."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from services.monitoring.bulk.income_sums import summed
from services.monitoring.domain.income import IncomeKind, Window, annual_window, identification_window
from services.monitoring.tables.households import HouseholdRow
from shared.contracts.wire import Area, Yuan
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found

_LINES = """
SELECT v.area_code, v.effective_from, v.effective_to, v.value, v.document, v.adopted_by IS NOT NULL AS adopted,
       b.basis, b.override_reason
  FROM parameter_value v LEFT JOIN line_basis b USING (area_code, effective_from)
 WHERE v.name = 'monitoring.line' AND v.area_code = ANY($1::bigint[]) AND v.value IS NOT NULL
 ORDER BY v.area_code DESC, v.effective_from DESC LIMIT 200"""


class IncomeSeen(BaseModel):
    """The sheet of a window with both figures side by side (M-INC-04); per-capita ones are empty when nobody is left."""

    household_id: UUID
    first: date
    last: date
    amounts: dict[IncomeKind, Yuan]
    persons: int
    net: Yuan
    monitoring: Yuan
    per_capita_net: Yuan | None
    per_capita_monitoring: Yuan | None


class LineSeen(BaseModel):
    """A monitoring line of the area or of one above it; `in_force` on the day that was asked for."""

    area_code: Area
    effective_from: date
    effective_to: date | None
    amount: Yuan
    basis: str | None
    document: str
    override_reason: str | None
    adopted: bool
    in_force: bool


async def identification_income(session: ReadSession, household_id: UUID, on: date) -> IncomeSeen:
    """The twelve months before the month of `on` (M-INC-05); raises NotFound."""
    return await _income(session, household_id, identification_window(on))


async def annual_income(session: ReadSession, household_id: UUID, year: int) -> IncomeSeen:
    """October to September (M-INC-06); raises NotFound."""
    return await _income(session, household_id, annual_window(year))


async def lines(session: ReadSession, area: AreaCode, on: date) -> list[LineSeen]:
    """All lines for the area, the nearest division first, the newest day first; the first adopted one holds (M-LINE-05)."""
    rows = await session.raw.fetch(_LINES, [int(code) for code in area.ancestry()])
    held = next(
        (row for row in rows if row["adopted"] and _holds(row["effective_from"], row["effective_to"], on)), None
    )
    return [
        LineSeen(
            area_code=AreaCode(row["area_code"]),
            amount=row["value"],
            in_force=row is held,
            **{name: row[name] for name in ("effective_from", "effective_to", "document", "adopted")},
            **{name: row[name] for name in ("basis", "override_reason")},
        )
        for row in rows
    ]


def _holds(first: date, last: date | None, on: date) -> bool:
    return first <= on and (last is None or on <= last)


async def _income(session: ReadSession, household_id: UUID, window: Window) -> IncomeSeen:
    if await session.session.get(HouseholdRow, household_id) is None:
        raise not_found("农户", "household")
    found = (await summed(session.raw, [household_id], window))[household_id]
    return IncomeSeen(
        household_id=household_id,
        first=window.first,
        last=window.last,
        amounts={kind: getattr(found.sheet, kind) for kind in IncomeKind},
        persons=found.figures.persons,
        net=found.figures.net,
        monitoring=found.figures.monitoring,
        per_capita_net=found.figures.per_capita_net,
        per_capita_monitoring=found.figures.per_capita_monitoring,
    )
