"""Loads what the guards of a household batch's steps judge."""

from services.funds.bulk import household_batch as bulk
from services.funds.commands import subsidy_forms as forms
from services.funds.commands.contract_rows import project_state
from services.funds.commands.goal_rows import payments_are_held
from services.funds.domain.postings import BOOK, QUOTA
from services.funds.domain.refusals import refusal
from services.funds.domain.subsidies import BatchFacts, standards
from services.funds.tables.subsidies import HouseholdBatch
from shared.cases.binding import CaseRow, Form
from shared.commands.command import Context, Write
from shared.kernel.errors import Refused, not_found
from shared.kernel.money import Fen
from shared.ledger.balances import remaining


async def batch_row(tx: Write, case: CaseRow) -> HouseholdBatch:
    """The header of a case, which holds its lock; raises NotFound."""
    row = await tx.session.get(HouseholdBatch, case.subject_id, populate_existing=True)
    if row is None:
        raise not_found("补贴批次", "household batch")
    return row


async def batch_facts(tx: Write, case: CaseRow, form: Form, ctx: Context) -> BatchFacts | None:
    """The facts of a step with guards; the others have a plain form."""
    if type(form) is Form:
        return None
    row = await batch_row(tx, case)
    asks_roster, asks_money = isinstance(form, forms.Roster), isinstance(form, forms.BatchMoney)
    state = await project_state(tx, row.project_id, moves=asks_money) if asks_money else ""
    sums = await bulk.sums_of(tx.raw, row.id)
    standard = await _standard(tx, row, ctx) if asks_roster else None
    return BatchFacts(
        line_count=row.line_count,
        total=row.total_fen,
        by_outcome=sums.by_outcome,
        policy=row.policy,
        standard=standard,
        above_standard=[] if standard is None else await bulk.lines_above(tx.raw, row.id, standard),
        twice=await bulk.lines_twice(tx.raw, row.id) if asks_roster else [],
        ended=await bulk.lines_ended(tx.raw, row.id) if asks_roster or asks_money else [],
        project_state=state,
        quota=await _quota(tx, row) if asks_money else 0,
        paid_without_serial=sums.without_serial,
        tries=sums.tries,
        most_tries=await tx.parameters.get("household_subsidy.tries", row.area_code, ctx.today),
        held_by_goals=asks_money and await payments_are_held(tx, row.project_id),
    )


async def _standard(tx: Write, row: HouseholdBatch, ctx: Context) -> Fen | None:
    """LM14: the standard of the batch's policy in force today; raises Refused for a list nobody can read."""
    words = await tx.parameters.get("household_subsidy.standards", row.area_code, ctx.today)
    try:
        return standards(words).get(row.policy)
    except ValueError as error:
        raise Refused(
            refusal(
                "STANDARDS_UNREADABLE",
                "LM14",
                "补贴标准参数格式有误（应为 政策=元,政策=元）",
                "the list of standards is not of the form policy=yuan,policy=yuan",
                ("由两人更正并采用该参数", "have two persons adopt a corrected value"),
            ),
        ) from error


async def _quota(tx: Write, row: HouseholdBatch) -> Fen:
    """What the project has free, held until the transaction ends."""
    held = await remaining(tx.raw, BOOK, QUOTA, {"project_id": row.project_id}, lock=True)
    return sum(each.fen for each in held)
