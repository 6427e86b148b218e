"""What commands read of the money of projects: published plans, and balances of the ledger."""

from collections.abc import Collection, Iterable
from uuid import UUID

import asyncpg

from services.funds.domain.postings import (
    ALLOCATED,
    BOOK,
    COMMITTED,
    IN_TRANSIT,
    QUOTA,
    RETENTION,
    SPENT,
    SPENT_ON_HOUSEHOLDS,
    UNALLOCATED,
)
from services.funds.domain.project_delivery import Source, Undertaking
from shared.commands.command import Write
from shared.kernel.money import Fen
from shared.ledger.balances import balances_by

_PLANNED = """
SELECT line.project_id, line.level, line.category, sum(line.amount_fen)::bigint AS fen
  FROM plan_line AS line JOIN case_file AS c ON c.workflow = 'funds.annual_plan' AND c.subject_id = line.plan_id
 WHERE line.project_id = ANY($1::uuid[]) AND c.state = 'PUBLISHED'
 GROUP BY line.project_id, line.level, line.category"""
_UNALLOCATED = """
SELECT i.level, i.category, coalesce(sum(b.amount_fen), 0)::bigint AS fen
  FROM indicator AS i JOIN ledger_balance AS b ON b.indicator_id = i.id AND b.account = $3 AND b.fiscal_year = $2
 WHERE i.area_code = $1
 GROUP BY i.level, i.category"""
# What the year's documents bring, and what earlier years left unallocated or gave back to use in it.
_RECEIVED = """
SELECT level, category, sum(fen)::bigint AS fen FROM (
  SELECT i.level, i.category, i.amount_fen + i.adjusted_fen AS fen
    FROM indicator AS i JOIN case_file AS c ON c.workflow = 'funds.indicator' AND c.subject_id = i.id
   WHERE i.area_code = $1 AND i.fiscal_year = $2 AND c.state = 'CONFIRMED'
  UNION ALL
  SELECT i.level, i.category, line.signed_fen
    FROM indicator AS i
    JOIN ledger_line AS line ON line.indicator_id = i.id AND line.account = $3 AND line.fiscal_year = $2
    JOIN ledger_entry AS entry ON entry.id = line.entry_id AND entry.template IN ('P25.1100', 'P23')
   WHERE i.area_code = $1 AND i.fiscal_year < $2 AND line.signed_fen > 0) AS brought
 GROUP BY level, category"""
_HELD_IN = """
SELECT indicator_id, max(fiscal_year) AS year FROM ledger_balance
 WHERE indicator_id = ANY($1::uuid[]) AND account = ANY($2::text[]) AND amount_fen > 0 GROUP BY indicator_id
UNION ALL
SELECT id, fiscal_year FROM indicator WHERE id = ANY($1::uuid[]) ORDER BY year"""
_UNDERTAKINGS = """
SELECT 'contract' AS kind, c.state FROM contract AS one
  JOIN case_file AS c ON c.workflow = 'funds.contract' AND c.subject_id = one.id WHERE one.project_id = $1
UNION ALL
SELECT 'household_batch', c.state FROM household_batch AS one
  JOIN case_file AS c ON c.workflow = 'funds.household_batch' AND c.subject_id = one.id WHERE one.project_id = $1"""


async def planned_by_source(tx: Write, projects: Collection[UUID]) -> dict[UUID, dict[Source, Fen]]:
    """What the published plans give each project, by source."""
    found: dict[UUID, dict[Source, Fen]] = {}
    for row in await tx.raw.fetch(_PLANNED, list(projects)):
        found.setdefault(row["project_id"], {})[Source(row["level"], row["category"])] = row["fen"]
    return found


async def unallocated_by_source(tx: Write, county: int, year: int) -> dict[Source, Fen]:
    """What the year's indicators of the county still have unallocated, by source."""
    rows = await tx.raw.fetch(_UNALLOCATED, county, year, UNALLOCATED)
    return {Source(row["level"], row["category"]): row["fen"] for row in rows}


async def received_by_source(tx: Write, county: int, year: int) -> dict[Source, Fen]:
    """What the year's confirmed indicators brought the county, by source."""
    rows = await tx.raw.fetch(_RECEIVED, county, year, UNALLOCATED)
    return {Source(row["level"], row["category"]): row["fen"] for row in rows}


async def held_in(raw: asyncpg.Connection, indicators: Collection[UUID]) -> dict[UUID, int]:
    """The fiscal year to which each indicator's money is carried; its own while nothing was."""
    rows = await raw.fetch(_HELD_IN, list(indicators), (UNALLOCATED, QUOTA))
    return {row["indicator_id"]: row["year"] for row in rows}


async def undertakings(tx: Write, project_id: UUID) -> list[Undertaking]:
    """The contracts and household batches of a project, with the states of their cases."""
    return [Undertaking(row["kind"], row["state"]) for row in await tx.raw.fetch(_UNDERTAKINGS, project_id)]


async def balances_of(tx: Write, project_id: UUID, accounts: Iterable[str] = ALLOCATED) -> dict[str, Fen]:
    """The project's balance on each account, over all indicators."""
    found = await balances_by(tx.raw, BOOK, list(accounts), by=("account",), where={"project_id": project_id})
    return {account: fen for (account,), fen in found.items()}


async def allocated_to(tx: Write, projects: Collection[UUID]) -> dict[UUID, Fen]:
    """What each project was given and still has, spent or not."""
    found = await balances_by(tx.raw, BOOK, ALLOCATED, by=("project_id",), where={"project_id": projects})
    return {project: fen for (project,), fen in found.items()}


async def settled_by_indicator(tx: Write, project_id: UUID) -> dict[UUID, Fen]:
    """What each indicator bears of a settled project, retention and unpaid balance included (V06, V16)."""
    accounts = (SPENT, SPENT_ON_HOUSEHOLDS, RETENTION, COMMITTED, IN_TRANSIT)
    found = await balances_by(tx.raw, BOOK, accounts, by=("indicator_id",), where={"project_id": project_id})
    return {indicator: fen for (indicator,), fen in found.items() if fen}
