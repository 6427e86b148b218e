"""Locks indicators and what they hold, in one order for all who move their money."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from services.funds.domain.postings import DECOMPOSED, DUE_TO_UPPER, QUOTA, SOURCE, SURPLUS, UNALLOCATED
from services.funds.domain.purse import Held, Portion, Purse
from services.funds.domain.refusals import refusal
from services.funds.tables.indicators import Indicator
from shared.commands.command import Context, Write
from shared.db.rows import hold
from shared.kernel.errors import Refused, not_found
from shared.kernel.money import Fen
from shared.kernel.roles import Role
from shared.ledger.model import NOWHERE, Amount

_DRAWN_FROM = (SOURCE, UNALLOCATED, DECOMPOSED, QUOTA, SURPLUS, DUE_TO_UPPER)
_CELLS = """
SELECT account, project_id, fiscal_year, amount_fen FROM ledger_balance
 WHERE indicator_id = $1 AND account = ANY($2::text[]) AND amount_fen > 0
 ORDER BY indicator_id, account, project_id, contract_id, payment_id, household_line_id, fiscal_year FOR UPDATE"""
_CONFIRMED = """
SELECT state = 'CONFIRMED' FROM case_file WHERE workflow = 'funds.indicator' AND subject_id = $1"""


async def locked_indicator(tx: Write, indicator_id: UUID) -> Indicator:
    """The row, held until the end; documents on one indicator wait for each other. Raises NotFound."""
    row = await hold(tx, Indicator, indicator_id)
    if row is None:
        raise not_found("指标", "indicator")
    return row


async def is_confirmed(tx: Write, indicator_id: UUID) -> bool:
    """Whether the indicator's money counts."""
    return bool(await tx.raw.fetchval(_CONFIRMED, indicator_id))


async def purse_of(tx: Write, row: Indicator) -> Purse:
    """What the indicator holds, locked until the end."""
    cells = await tx.raw.fetch(_CELLS, row.id, list(_DRAWN_FROM))
    held = [
        Held(cell["account"], None if cell["project_id"] == NOWHERE else cell["project_id"], *tuple(cell)[2:])
        for cell in cells
    ]
    return Purse(row.id, row.document_no, held)


async def upper_of(tx: Write, ctx: Context, row: Indicator, roles: Collection[Role]) -> Indicator | None:
    """The indicator that `row` comes from; raises Refused unless the actor decides for that level."""
    if row.parent_id is None:
        return None
    parent = await hold(tx, Indicator, row.parent_id)
    if parent is None or not ctx.actor.may(roles, parent.area_code):
        raise Refused(
            refusal(
                "DECIDED_ABOVE",
                "F-2.1",
                "该指标由上级分解下达，追加、追减和上缴由上级财政办理",
                "an upper level passed it down; what is added, cut or returned is posted there",
                ("请上级财政部门办理", "have the finance department of that level do it"),
            ),
        )
    return parent


def booking_year(row: Indicator, today: date) -> int:
    """The fiscal year in which money that comes today is booked: never a year that may be closed already."""
    return max(row.fiscal_year, today.year)


async def given_back(tx: Write, upper: Indicator, fen: Fen, today: date) -> list[Amount]:
    """What of the money it passed down the upper indicator has unallocated again (P26.back)."""
    purse = await purse_of(tx, upper)
    return purse.across([Portion(booking_year(upper, today), fen)], purse.draw(DECOMPOSED, fen))
