"""Payouts (发放): the bank's result for the lines of a plan, and lines struck because their household may not receive."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select

from services.assets.bulk import income
from services.assets.commands.distributions import plan_of, redraw
from services.assets.commands.receipts import BankSerial
from services.assets.commands.standing import refuse, require, standing
from services.assets.tables.contracts import IncomeReceipt
from services.assets.tables.income import DistributionPlan, PlanLine, PlanReceipt
from services.assets.workflows.distribution import DISTRIBUTION
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.assets import IncomeDistributedToHousehold, IncomeDistributionReversed
from shared.contracts.parts import Code
from shared.contracts.wire import Yuan
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Violation, not_found
from shared.kernel.roles import Role

_DRAWN = frozenset({"RESOLVED", "PUBLICITY_PLAN", "TOWNSHIP_REVIEWED", "COUNTY_FILED", "PAYING"})
"""States in which the plan holds money of its receipts."""


StrikeReason = Annotated[str, Field(min_length=2, max_length=200, description="剔除理由 / why")]
"""Why a line is struck, in words."""


class FailedLine(BaseModel):
    """A line the bank refused, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line_id: UUID
    reason: Code


class ConfirmPayout(Command):
    """Record what the bank paid (登记发放结果): every open line but those that failed."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.TOWNSHIP_CLERK})

    plan_id: UUID
    paid_on: date
    bank_serial: BankSerial
    failed: tuple[FailedLine, ...] = Field(default=(), max_length=5000)


class StrikeLine(Command):
    """Strike a line (剔除明细); its amount returns to the receipts it came from."""

    ROLES: ClassVar[frozenset[Role]] = frozenset(
        {Role.VILLAGE_COLLECTIVE, Role.VILLAGE_COMMITTEE, Role.TOWNSHIP_CLERK},
    )

    plan_id: UUID
    line_id: UUID
    reason: StrikeReason


class ReverseLine(Command):
    """Reverse a paid line (冲回到户明细) whose money came back; the amount returns to the receipts."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.TOWNSHIP_LEADER})

    plan_id: UUID
    line_id: UUID
    reason: Code


class PayoutConfirmed(BaseModel):
    """How many lines were paid and how much, and how many stay open."""

    plan_id: UUID
    paid: int
    amount: Yuan
    open: int


class LineTakenOut(BaseModel):
    """What returned to the pool."""

    plan_id: UUID
    line_id: UUID
    amount: Yuan


async def confirm_payout(tx: Write, command: ConfirmPayout, ctx: Context) -> PayoutConfirmed:
    """Move the lines in one set and tell each household's income."""
    plan = await plan_of(tx, command.plan_id)
    require(ctx, command.ROLES, plan.area_code)
    refuse(
        _is_paying(await standing(tx, DISTRIBUTION, plan.id)),
        _not_ahead(command.paid_on, ctx.today),
        await _all_lines_of(tx, command),
    )
    failed = {each.line_id: each.reason for each in command.failed}
    await income.fail_lines(tx.raw, plan.id, failed)
    paid = await income.pay_lines(tx.raw, plan.id, command.paid_on, command.bank_serial, list(failed))
    asset_id = await _single_asset(tx, plan.id)
    for line in paid:
        tx.emit(
            IncomeDistributedToHousehold(
                area_code=AreaCode(plan.area_code),
                plan_id=plan.id,
                line_id=line.id,
                asset_id=asset_id,
                household_id=line.household_id,
                period=plan.period,
                amount=line.amount,
                income_kind=line.income_kind,
                paid_on=command.paid_on,
            ),
        )
    tx.changed("distribution plan", plan.id, plan.area_code)
    return PayoutConfirmed(
        plan_id=plan.id,
        paid=len(paid),
        amount=sum(line.amount for line in paid),
        open=await _open_lines(tx, plan),
    )


async def strike_line(tx: Write, command: StrikeLine, ctx: Context) -> LineTakenOut:
    """Lower line, part and total together; what was drawn for the line is free again (scenario 81)."""
    plan = await plan_of(tx, command.plan_id)
    require(ctx, command.ROLES, plan.area_code)
    state = await standing(tx, DISTRIBUTION, plan.id)
    refuse(_is_open(state))
    struck = await income.strike_line(tx.raw, plan.id, command.line_id, command.reason)
    if struck is None:
        raise not_found("未发放的分配明细", "open line")
    if state in _DRAWN:
        await redraw(tx, plan.id)
    tx.changed("distribution plan", plan.id, plan.area_code)
    return LineTakenOut(plan_id=plan.id, line_id=struck.id, amount=struck.amount)


async def reverse_line(tx: Write, command: ReverseLine, ctx: Context) -> LineTakenOut:
    """Take the line out of its plan, free its money, and tell that the household's income is less by it."""
    plan = await plan_of(tx, command.plan_id)
    require(ctx, command.ROLES, plan.area_code)
    line = await income.reverse_line(tx.raw, plan.id, command.line_id, command.reason)
    if line is None:
        raise not_found("已发放的分配明细", "paid line")
    await redraw(tx, plan.id)
    tx.emit(
        IncomeDistributionReversed(
            area_code=AreaCode(plan.area_code),
            plan_id=plan.id,
            line_id=line.id,
            asset_id=await _single_asset(tx, plan.id),
            household_id=line.household_id,
            period=plan.period,
            amount=line.amount,
            income_kind=line.income_kind,
            reason=command.reason,
            reversed_on=ctx.today,
        ),
    )
    tx.changed("distribution plan", plan.id, plan.area_code)
    return LineTakenOut(plan_id=plan.id, line_id=line.id, amount=line.amount)


async def _single_asset(tx: Write, plan_id: UUID) -> UUID | None:
    """The asset the money came from; None when the pool has several."""
    query = (
        select(IncomeReceipt.asset_id)
        .join(PlanReceipt, PlanReceipt.receipt_id == IncomeReceipt.id)
        .where(PlanReceipt.plan_id == plan_id)
        .distinct()
        .limit(2)
    )
    assets = list(await tx.session.scalars(query))
    return assets[0] if len(assets) == 1 else None


async def _open_lines(tx: Write, plan: DistributionPlan) -> int:
    query = select(func.count(PlanLine.id)).where(
        PlanLine.plan_id == plan.id,
        PlanLine.status.in_(("PENDING", "FAILED")),
    )
    return await tx.session.scalar(query) or 0


async def _all_lines_of(tx: Write, command: ConfirmPayout) -> Violation | None:
    named = {each.line_id for each in command.failed}
    query = select(func.count(PlanLine.id)).where(
        PlanLine.plan_id == command.plan_id,
        PlanLine.id.in_(named),
        PlanLine.status.in_(("PENDING", "FAILED")),
    )
    if not named or await tx.session.scalar(query) == len(named):
        return None
    return _payout(
        "LINE_UNKNOWN",
        "失败明细不属于该方案，或已发放",
        "a failed line is not an open line of this plan",
        "/failed",
    )


def _is_paying(state: str) -> Violation | None:
    if state == "PAYING":
        return None
    return _payout("PLAN_NOT_PAYING", "方案不在发放阶段", "the plan is not being paid", "", state=state)


def _is_open(state: str) -> Violation | None:
    if state in _DRAWN or state == "DRAFT":
        return None
    return _payout("PLAN_NOT_OPEN", "方案已发放完毕或已作废", "the plan is paid or cancelled", "", state=state)


def _not_ahead(paid_on: date, today: date) -> Violation | None:
    if paid_on <= today:
        return None
    return _payout("PAYOUT_IN_FUTURE", "发放日期晚于今天", "the day of payment lies ahead", "/paid_on")


def _payout(code: str, zh: str, en: str, field: str, **facts: object) -> Violation:
    return Violation(
        code,
        zh,
        en,
        rule="F-7.9",
        field=field,
        remedy_zh="核对方案和银行回单",
        remedy_en="check plan and bank receipt",
        facts=facts,
    )


HANDLERS: Mapping[type[Command], Handler] = {
    ConfirmPayout: confirm_payout,
    StrikeLine: strike_line,
    ReverseLine: reverse_line,
}
