"""Year-end carry-over (年终结转, P25): what a year leaves unpaid goes on in the next; the indicator keeps its own year."""

from collections import defaultdict
from datetime import date
from typing import ClassVar

from pydantic import BaseModel

from services.funds.domain.library import county_of
from services.funds.domain.postings import BOOK, CARRIED_OVER
from services.funds.domain.refusals import refusal
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import Count, Year
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaLevel
from shared.kernel.errors import Refused
from shared.kernel.roles import Role
from shared.ledger.model import NOWHERE, Amount
from shared.ledger.post import Posting, post_many
from shared.workflow.desks import FINANCE_LEADER

# Locked in the order in which posting locks, so two runs at once wait, and the second finds nothing.
_CELLS = """
SELECT indicator_id, account, project_id, contract_id, payment_id, household_line_id, amount_fen FROM ledger_balance
 WHERE area_code = $1 AND account = ANY($2::text[]) AND fiscal_year = $3 AND amount_fen > 0
 ORDER BY indicator_id, account, project_id, contract_id, payment_id, household_line_id, fiscal_year FOR UPDATE"""


class CarryOver(Command):
    """Carry what the ledger of an area has unpaid at the end of `year` into the next one; repeated, it does nothing."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_LEADER

    area_code: Area
    year: Year


class CarriedOver(BaseModel):
    """How many balances went on, and their sum."""

    year: Year
    balances: Count
    amount: Yuan


async def carry_over(tx: Write, command: CarryOver, ctx: Context) -> CarriedOver:
    """One entry for each account, on the first day of the new year."""
    if ctx.today <= date(command.year, 12, 31) or command.area_code.level > AreaLevel.COUNTY:
        raise Refused(
            refusal(
                "YEAR_NOT_OVER",
                "F-3.6 P25",
                "年度尚未结束，或不是记账区域",
                "the year is not over, or the area keeps no ledger",
                (
                    "于次年年初由县级及以上财政办理",
                    "do it at the start of the next year, for the area that keeps the ledger",
                ),
                field="/year",
                year=command.year,
            ),
        )
    county = county_of(command.area_code)
    rows = await tx.raw.fetch(_CELLS, int(county), list(CARRIED_OVER), command.year)
    moved: dict[str, list[Amount]] = defaultdict(list)
    for row in rows:
        cells = {name: row[name] for name in BOOK.dimensions if row[name] != NOWHERE}
        amount = Amount(row["amount_fen"], row["indicator_id"], cells, command.year + 1, command.year)
        moved[f"P25.{row['account']}"].append(amount)
    document, on = f"carry_over:{county}:{command.year}:{ctx.id}", date(command.year + 1, 1, 1)
    postings = [Posting(template, document, amounts, on) for template, amounts in moved.items()]
    await post_many(tx, ctx, BOOK, postings, area=county)
    return CarriedOver(year=command.year, balances=len(rows), amount=sum(row["amount_fen"] for row in rows))


HANDLERS: dict[type[Command], Handler] = {CarryOver: carry_over}
