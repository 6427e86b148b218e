"""Figures over many indicators: the allocation rate (指标分配率) of a county and year, exact, shown half-up (§2.3)."""

from datetime import date
from fractions import Fraction

import asyncpg
from pydantic import BaseModel, ConfigDict

from services.funds.domain.indicators import BudgetKind, allocation_rate, clock_start, due_on
from services.funds.domain.limits import percent
from services.funds.domain.postings import UNALLOCATED
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaCode
from shared.kernel.days import Calendar
from shared.parameters.lookup import Parameters

# What was passed down within the area was received once; what is unallocated of it is so at the lower level.
_INDICATORS = """
SELECT i.level, i.received_on, i.fiscal_year, i.is_advance_notice, i.is_direct_fund, i.budget_kind, i.approved_on,
       CASE WHEN EXISTS (SELECT FROM indicator AS upper WHERE upper.id = i.parent_id
                            AND upper.area_code BETWEEN $1 AND $2)
            THEN 0 ELSE i.amount_fen + i.adjusted_fen END AS received_fen,
       coalesce((SELECT sum(b.amount_fen) FROM ledger_balance AS b
                  WHERE b.indicator_id = i.id AND b.account = $4), 0)::bigint AS unallocated_fen
  FROM indicator AS i JOIN case_file AS c ON c.workflow = 'funds.indicator' AND c.subject_id = i.id
 WHERE i.area_code BETWEEN $1 AND $2 AND i.fiscal_year = $3 AND c.state = 'CONFIRMED'"""


class Rate(BaseModel):
    """Received, unallocated, and the rate; None where nothing was received, never 0 % or 100 %."""

    model_config = ConfigDict(frozen=True)

    received: Yuan
    unallocated: Yuan
    rate: str | None
    percent: str | None


class AllocationRate(BaseModel):
    """The rate over all indicators, over those whose time has run out, over direct funds, and by level of government."""

    model_config = ConfigDict(frozen=True)

    area_code: Area
    fiscal_year: int
    as_of: date
    all: Rate
    overdue: Rate
    direct_funds: Rate
    levels: dict[str, Rate]


async def allocation_rate_of(
    raw: asyncpg.Connection,
    asked: Parameters,
    calendar: Calendar,
    today: date,
    area: AreaCode,
    fiscal_year: int,
) -> AllocationRate:
    """The report for the indicators of `area` and its counties as of today."""
    low, high = area.span
    rows = await raw.fetch(_INDICATORS, low, high, fiscal_year, UNALLOCATED)
    clocks = {kind: kind.clock[0] for kind in BudgetKind}
    limits = await asked.get_many(tuple(clocks.values()), area, today)
    everything: list[tuple[int, int]] = []
    overdue: list[tuple[int, int]] = []
    direct: list[tuple[int, int]] = []
    levels: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        pair = row["received_fen"], row["unallocated_fen"]
        start = clock_start(
            row["received_on"],
            row["fiscal_year"],
            is_advance_notice=row["is_advance_notice"],
            approved_on=row["approved_on"],
        )
        everything.append(pair)
        levels.setdefault(row["level"], []).append(pair)
        if due_on(start, limits[clocks[BudgetKind(row["budget_kind"])]], calendar) < today:
            overdue.append(pair)
        if row["is_direct_fund"]:
            direct.append(pair)
    return AllocationRate(
        area_code=area,
        fiscal_year=fiscal_year,
        as_of=today,
        all=_rate(everything),
        overdue=_rate(overdue),
        direct_funds=_rate(direct),
        levels={level: _rate(pairs) for level, pairs in sorted(levels.items())},
    )


def _rate(pairs: list[tuple[int, int]]) -> Rate:
    received, unallocated = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    rate: Fraction | None = allocation_rate(received, unallocated)
    return Rate(
        received=received,
        unallocated=unallocated,
        rate=None if rate is None else str(rate),
        percent=None if rate is None else percent(rate),
    )
