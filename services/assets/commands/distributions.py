"""The way of a distribution plan (收益分配): resolved, published, reviewed, filed, paid, published again (§7.9)."""

from collections.abc import Mapping, Sequence
from typing import Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import func, select

from services.assets.bulk import income
from services.assets.commands.recipients import ineligible
from services.assets.commands.standing import states, weigh
from services.assets.domain import plans as rules
from services.assets.domain.income import PART_NAMES, Part, draws
from services.assets.domain.limits import FLAT, QUORUM, stands
from services.assets.domain.plans import PlanFacts, PlanLine, Vote
from services.assets.domain.plans import PlanPart as PartFacts
from services.assets.tables.contracts import IncomeReceipt
from services.assets.tables.income import (
    DistributionPlan,
    DistributionRulePart,
    PlanPart,
    PlanReceipt,
)
from services.assets.tables.income import PlanLine as LineTable
from services.assets.workflows.distribution import DISTRIBUTION
from services.assets.workflows.right import RIGHT
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Context, Write
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Violation, not_found
from shared.kernel.money import Fen, format_yuan


class VillageVote(Form):
    """The vote of the villagers' representatives (村民代表会议表决)."""

    entitled: int = Field(ge=1, le=10_000)
    present: int = Field(ge=0, le=10_000)
    in_favour: int = Field(ge=0, le=10_000)

    @model_validator(mode="after")
    def _counts_fit(self) -> Self:
        if not self.in_favour <= self.present <= self.entitled:
            raise ValueError("in_favour <= present <= entitled")
        return self


async def plan_of(tx: Write, plan_id: UUID) -> DistributionPlan:
    """The plan as the database holds it; raises NotFound."""
    plan = await tx.session.get(DistributionPlan, plan_id, populate_existing=True)
    if plan is None:
        raise not_found("分配方案", "plan")
    return plan


def deductions_of(plan: DistributionPlan) -> Fen:
    """What stays with the owner or goes to tax and operator."""
    return plan.upkeep_fen + plan.tax_fen + plan.operator_fen + plan.loss_fen


async def free_money(tx: Write, plan_id: UUID) -> list[tuple[UUID, UUID, Fen]]:
    """Receipt, asset, and what the receipt still holds for this plan, the oldest first; locked."""
    query = (
        select(
            IncomeReceipt.id,
            IncomeReceipt.asset_id,
            IncomeReceipt.amount_fen - IncomeReceipt.drawn_fen + PlanReceipt.amount_fen,
        )
        .join(PlanReceipt, PlanReceipt.receipt_id == IncomeReceipt.id)
        .where(PlanReceipt.plan_id == plan_id)
        .order_by(IncomeReceipt.received_on, IncomeReceipt.id)
        .with_for_update(of=IncomeReceipt)
    )
    return [(receipt, asset, amount) for receipt, asset, amount in await tx.session.execute(query)]


async def lines_of(tx: Write, plan_id: UUID) -> list[PlanLine]:
    """The household lines."""
    query = select(
        LineTable.part,
        LineTable.household_id,
        LineTable.basis,
        LineTable.amount_fen,
        LineTable.status,
    ).where(LineTable.plan_id == plan_id)
    return [PlanLine(*row) for row in await tx.session.execute(query)]


async def _parts(tx: Write, plan: DistributionPlan) -> list[PartFacts]:
    query = (
        select(
            PlanPart.part,
            PlanPart.share_ppm,
            PlanPart.amount_fen,
            DistributionRulePart.min_ppm,
            DistributionRulePart.max_ppm,
        )
        .join(DistributionRulePart, DistributionRulePart.part == PlanPart.part)
        .where(PlanPart.plan_id == plan.id, DistributionRulePart.rule_id == plan.rule_id)
    )
    return [PartFacts(*row) for row in await tx.session.execute(query)]


async def _facts(tx: Write, case: CaseRow, form: Any, ctx: Context) -> PlanFacts:
    plan = await plan_of(tx, case.subject_id)
    free = await free_money(tx, plan.id)
    lines = await lines_of(tx, plan.id)
    open_lines = {line.household_id for line in lines if line.stands}
    rights = await states(tx, RIGHT, {asset for _, asset, _ in free})
    found = await _limits(tx, ctx, case, form, rules.flat_split(lines, plan.flat_filing_no))
    return PlanFacts(
        total=plan.total_fen,
        deductions=deductions_of(plan),
        available=sum(amount for _, _, amount in free),
        parts=await _parts(tx, plan),
        lines=lines,
        ineligible=await ineligible(tx, open_lines, case.area, plan.period),
        disputed=sorted(asset for asset, state in rights.items() if state == "DISPUTED"),
        blocked=await weigh(tx, ctx, case.area, found, tell=True),
    )


async def _limits(
    tx: Write,
    ctx: Context,
    case: CaseRow,
    form: Any,
    flat: Violation | None,
) -> dict[str, Violation | None]:
    """The limits of the vote and of what is voted on; no other step asks for them."""
    if not isinstance(form, VillageVote):
        return {}
    figures = await tx.parameters.get_many(("meeting.quorum", "meeting.majority"), case.area, ctx.today)
    vote = Vote(form.entitled, form.present, form.in_favour)
    return {
        QUORUM: rules.quorum_and_majority(vote, figures["meeting.quorum"], figures["meeting.majority"]),
        FLAT: flat,
    }


async def redraw(tx: Write, plan_id: UUID) -> None:
    """Draw from the receipts what the plan needs now, the oldest receipt first."""
    await income.release(tx.raw, plan_id)
    plan = await plan_of(tx, plan_id)
    free = await free_money(tx, plan_id)
    wanted = draws(plan.total_fen + deductions_of(plan), [(receipt, amount) for receipt, _, amount in free])
    await income.draw(tx.raw, plan_id, wanted)


async def _resolve(tx: Write, case: CaseRow, _form: VillageVote, ctx: Context) -> None:
    plan = await plan_of(tx, case.subject_id)
    plan.resolved_on = ctx.today
    await tx.session.flush()
    await redraw(tx, plan.id)


async def _send_back(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> None:
    plan = await plan_of(tx, case.subject_id)
    plan.resolved_on = None
    await income.release(tx.raw, plan.id)


async def _notice(tx: Write, case: CaseRow, _ctx: Context) -> Mapping[str, Any]:
    """The plan in sums; household by household it hangs at the village board, as evidence."""
    plan = await plan_of(tx, case.subject_id)
    return {
        "village": str(AreaCode(plan.area_code)),
        "period": plan.period,
        "upkeep": format_yuan(plan.upkeep_fen),
        "total": format_yuan(plan.total_fen),
        "parts": await _part_sums(tx, plan.id),
        "households": await _households(tx, plan.id),
    }


async def _part_sums(tx: Write, plan_id: UUID) -> Sequence[Mapping[str, str]]:
    query = select(PlanPart.part, PlanPart.amount_fen).where(PlanPart.plan_id == plan_id).order_by(PlanPart.part)
    return [
        {"part": PART_NAMES[Part(part)], "amount": format_yuan(amount)}
        for part, amount in await tx.session.execute(query)
    ]


async def _households(tx: Write, plan_id: UUID) -> int:
    query = select(func.count(LineTable.household_id.distinct())).where(
        LineTable.plan_id == plan_id,
        LineTable.status.not_in(("STRUCK", "REVERSED")),
    )
    return await tx.session.scalar(query) or 0


DISTRIBUTION_BINDING = Binding(
    DISTRIBUTION,
    "distributions",
    guards={
        "quorum_and_majority": stands(QUORUM),
        "not_flat": stands(FLAT),
        "within_received": rules.within_received,
        "recipients_eligible": rules.recipients_eligible,
        "right_undisputed": rules.right_undisputed,
        "parts_within_rule": rules.parts_within_rule,
        "lines_make_total": rules.lines_make_total,
        "lines_final": rules.lines_final,
    },
    facts=_facts,
    notice=_notice,
    steps={"resolve": StepBinding(VillageVote, _resolve), "send_back": StepBinding(perform=_send_back)},
)
