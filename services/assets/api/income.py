"""Distribution over HTTP: rules, plans, payouts, and the income of one household."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.assets.api.readers import OfficeReading
from services.assets.commands.payouts import (
    ConfirmPayout,
    FailedLine,
    LineTakenOut,
    PayoutConfirmed,
    ReverseLine,
    StrikeLine,
    StrikeReason,
)
from services.assets.commands.plans import DraftPlan, PlanDrafted
from services.assets.commands.receipts import BankSerial
from services.assets.commands.rules import RuleSet, SetDistributionRule
from services.assets.queries.distributions import (
    HouseholdIncome,
    LineShown,
    PlanShown,
    RuleShown,
    household_income,
    list_lines,
    list_plans,
    list_rules,
    show_plan,
)
from shared.contracts.parts import Code
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.running import Answer, Paging, Run, gives

router = APIRouter(tags=["收益分配 / distribution of income"])


class PayoutResult(BaseModel):
    """What the bank paid: every open line but those that failed."""

    model_config = ConfigDict(extra="forbid")

    paid_on: date
    bank_serial: BankSerial
    failed: tuple[FailedLine, ...] = Field(default=(), max_length=5000)


class Strike(BaseModel):
    """Why a line is struck, in words."""

    model_config = ConfigDict(extra="forbid")

    reason: StrikeReason


class Reversal(BaseModel):
    """Why a paid line came back, as a code."""

    model_config = ConfigDict(extra="forbid")

    reason: Code


@router.post("/distribution-rules", status_code=201, summary="制定分配规则 / set a rule")
async def set_rule(
    body: SetDistributionRule,
    run: Annotated[Run, gives(SetDistributionRule)],
) -> Answer[RuleSet]:
    """Set how an area divides income from a day on."""
    return await run(body)


@router.get("/distribution-rules", summary="分配规则 / rules")
async def rules(
    session: Reading,
    page: Paging,
    area_code: Annotated[Area | None, Query(description="区划代码 / area code")] = None,
) -> Page[RuleShown]:
    """The rules of an area and below it, the newest first."""
    return await list_rules(session, page, area_code)


@router.post("/distributions", status_code=201, summary="编制分配方案 / draft a plan")
async def draft_plan(body: DraftPlan, run: Annotated[Run, gives(DraftPlan)]) -> Answer[PlanDrafted]:
    """Draft a plan over receipts; parts and household lines are computed to the fen."""
    return await run(body)


@router.get("/distributions", summary="分配方案列表 / plans")
async def plans(
    session: Reading,
    page: Paging,
    area_code: Annotated[Area | None, Query(description="区划代码 / area code")] = None,
) -> Page[PlanShown]:
    """The plans of an area and below it, the latest period first."""
    return await list_plans(session, page, area_code)


@router.get("/distributions/{plan_id}", summary="分配方案 / one plan")
async def plan(plan_id: UUID, session: Reading) -> PlanShown:
    """One plan with its parts and the receipts it draws from."""
    return await show_plan(session, plan_id)


@router.get("/distributions/{plan_id}/lines", summary="到户明细 / household lines")
async def lines(plan_id: UUID, session: OfficeReading, page: Paging) -> Page[LineShown]:
    """The household lines of a plan."""
    return await list_lines(session, plan_id, page)


@router.post("/distributions/{plan_id}/payouts", summary="登记发放结果 / record the payout")
async def confirm_payout(
    plan_id: UUID,
    body: PayoutResult,
    run: Annotated[Run, gives(ConfirmPayout)],
) -> Answer[PayoutConfirmed]:
    """Record what the bank paid; each paid line is told as income of its household."""
    command = ConfirmPayout(
        plan_id=plan_id,
        paid_on=body.paid_on,
        bank_serial=body.bank_serial,
        failed=body.failed,
    )
    return await run(command)


@router.post("/distributions/{plan_id}/lines/{line_id}/strike", summary="剔除明细 / strike a line")
async def strike_line(
    plan_id: UUID,
    line_id: UUID,
    body: Strike,
    run: Annotated[Run, gives(StrikeLine)],
) -> Answer[LineTakenOut]:
    """Strike a line; its amount returns to the pool."""
    return await run(StrikeLine(plan_id=plan_id, line_id=line_id, reason=body.reason))


@router.post("/distributions/{plan_id}/lines/{line_id}/reverse", summary="冲回明细 / reverse a paid line")
async def reverse_line(
    plan_id: UUID,
    line_id: UUID,
    body: Reversal,
    run: Annotated[Run, gives(ReverseLine)],
) -> Answer[LineTakenOut]:
    """Reverse a paid line whose money came back."""
    return await run(ReverseLine(plan_id=plan_id, line_id=line_id, reason=body.reason))


@router.get("/households/{household_id}/income", summary="农户资产收益 / a household's income from assets")
async def income(household_id: UUID, session: OfficeReading, page: Paging) -> HouseholdIncome:
    """What assets paid to a household, back to the assets and their projects."""
    return await household_income(session, household_id, page)
