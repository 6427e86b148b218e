"""Distribution as it is read: rules, plans with their parts, household lines, and what one household received."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.assets.queries.shown import Shown, state_of
from services.assets.tables.contracts import IncomeReceipt
from services.assets.tables.income import (
    DistributionPlan,
    DistributionRule,
    DistributionRulePart,
    PlanLine,
    PlanPart,
    PlanReceipt,
)
from services.assets.tables.register import Asset
from services.assets.workflows.distribution import DISTRIBUTION
from shared.contracts.wire import Area, Yuan
from shared.db.paging import AnyRow, AnySelect, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found


class RulePartShown(Shown):
    """One part of a rule with its range."""

    part: str
    min_ppm: int
    max_ppm: int


class RuleShown(Shown):
    """One distribution rule (分配规则)."""

    id: UUID
    area_code: Area
    valid_from: date
    document_no: str
    parts: list[RulePartShown]


class PartShown(Shown):
    """One part of a plan."""

    part: str
    share_ppm: int
    amount: Yuan


class DrawnShown(Shown):
    """What the plan has taken of one receipt."""

    receipt_id: UUID
    asset_id: UUID
    amount: Yuan


class PlanShown(Shown):
    """One distribution plan (分配方案); its household lines are a list of their own."""

    id: UUID
    area_code: Area
    state: str | None
    rule_id: UUID
    period: str
    upkeep: Yuan
    tax: Yuan
    operator_share: Yuan
    loss: Yuan
    total: Yuan
    paid: Yuan
    resolved_on: date | None
    parts: list[PartShown]
    receipts: list[DrawnShown]


class LineShown(Shown):
    """One household line (到户明细)."""

    line_id: UUID
    plan_id: UUID
    part: str
    household_id: UUID
    income_kind: str
    basis: str
    weight: int
    amount: Yuan
    status: str
    reason: str | None
    paid_on: date | None


class FromAsset(Shown):
    """An asset the money came from, and its project."""

    asset_id: UUID
    code: str
    name: str
    project_id: UUID | None


class IncomeLine(Shown):
    """A paid line as its household sees it."""

    line_id: UUID
    plan_id: UUID
    period: str
    income_kind: str
    amount: Yuan
    paid_on: date
    assets: list[FromAsset]


class KindTotal(Shown):
    """What a household received of one kind."""

    income_kind: str
    amount: Yuan


class HouseholdIncome(Shown):
    """What assets paid to one household: totals over all time, and the lines, the newest first."""

    household_id: UUID
    totals: list[KindTotal]
    lines: Page[IncomeLine]


async def list_rules(session: ReadSession, page: PageRequest, area: AreaCode | None) -> Page[RuleShown]:
    """The rules of an area and below it, the newest first."""
    query = select(DistributionRule)
    if area is not None:
        query = query.where(DistributionRule.area_code.between(*area.span))
    keys = (DistributionRule.valid_from, DistributionRule.id)
    found = await fetch_page(session, query, keys, page, _rule, descending=True)
    parts: dict[UUID, list[RulePartShown]] = {}
    wanted = select(DistributionRulePart).where(DistributionRulePart.rule_id.in_([rule.id for rule in found.items]))
    for row in await session.session.scalars(wanted.order_by(DistributionRulePart.part)):
        shown = RulePartShown(part=row.part, min_ppm=row.min_ppm, max_ppm=row.max_ppm)
        parts.setdefault(row.rule_id, []).append(shown)
    items = [rule.model_copy(update={"parts": parts.get(rule.id, [])}) for rule in found.items]
    return Page(items=items, next_cursor=found.next_cursor)


def _rule(row: AnyRow) -> RuleShown:
    rule: DistributionRule = row[0]
    return RuleShown(
        id=rule.id,
        area_code=AreaCode(rule.area_code),
        valid_from=rule.valid_from,
        document_no=rule.document_no,
        parts=[],
    )


async def show_plan(session: ReadSession, plan_id: UUID) -> PlanShown:
    """One plan; raises NotFound."""
    found = await plans_where(session, DistributionPlan.id == plan_id)
    if not found:
        raise not_found("分配方案", "plan")
    return found[0]


async def plans_of_asset(session: ReadSession, asset_id: UUID) -> list[PlanShown]:
    """The plans that distribute income of an asset, the oldest first."""
    plans = (
        select(PlanReceipt.plan_id)
        .join(IncomeReceipt, IncomeReceipt.id == PlanReceipt.receipt_id)
        .where(IncomeReceipt.asset_id == asset_id)
    )
    return await plans_where(session, DistributionPlan.id.in_(plans))


async def list_plans(session: ReadSession, page: PageRequest, area: AreaCode | None) -> Page[PlanShown]:
    """The plans of an area and below it, the latest period first."""
    query = _with_state_and_paid()
    if area is not None:
        query = query.where(DistributionPlan.area_code.between(*area.span))
    keys = (DistributionPlan.period, DistributionPlan.id)
    found = await fetch_page(session, query, keys, page, _row, descending=True)
    return Page(items=await _shown(session, found.items), next_cursor=found.next_cursor)


async def plans_where(session: ReadSession, condition: Any) -> list[PlanShown]:
    """The plans that fit, with parts and receipts, in three statements."""
    query = _with_state_and_paid().where(condition).order_by(DistributionPlan.period, DistributionPlan.id)
    return await _shown(session, [_row(row) for row in (await session.session.execute(query)).all()])


def _with_state_and_paid() -> AnySelect:
    paid = select(func.coalesce(func.sum(PlanLine.amount_fen), 0)).where(
        PlanLine.plan_id == DistributionPlan.id,
        PlanLine.status == "PAID",
    )
    columns: tuple[Any, ...] = (
        DistributionPlan,
        state_of(DISTRIBUTION, DistributionPlan.id).label("state"),
        paid.scalar_subquery().label("paid"),
    )
    return select(*columns)


def _row(row: AnyRow) -> tuple[DistributionPlan, str | None, int]:
    return row[0], row.state, int(row.paid)


async def _shown(
    session: ReadSession,
    found: Sequence[tuple[DistributionPlan, str | None, int]],
) -> list[PlanShown]:
    ids = [plan.id for plan, _, _ in found]
    parts, receipts = await _parts(session, ids), await _receipts(session, ids)
    return [
        PlanShown(
            id=plan.id,
            area_code=AreaCode(plan.area_code),
            state=state,
            rule_id=plan.rule_id,
            period=plan.period,
            upkeep=plan.upkeep_fen,
            tax=plan.tax_fen,
            operator_share=plan.operator_fen,
            loss=plan.loss_fen,
            total=plan.total_fen,
            paid=paid,
            resolved_on=plan.resolved_on,
            parts=parts.get(plan.id, []),
            receipts=receipts.get(plan.id, []),
        )
        for plan, state, paid in found
    ]


async def _parts(session: ReadSession, plans: Sequence[UUID]) -> dict[UUID, list[PartShown]]:
    query = select(PlanPart).where(PlanPart.plan_id.in_(plans)).order_by(PlanPart.plan_id, PlanPart.part)
    found: dict[UUID, list[PartShown]] = {}
    for row in await session.session.scalars(query):
        shown = PartShown(part=row.part, share_ppm=row.share_ppm, amount=row.amount_fen)
        found.setdefault(row.plan_id, []).append(shown)
    return found


async def _receipts(session: ReadSession, plans: Sequence[UUID]) -> dict[UUID, list[DrawnShown]]:
    query = (
        select(PlanReceipt.plan_id, PlanReceipt.receipt_id, IncomeReceipt.asset_id, PlanReceipt.amount_fen)
        .join(IncomeReceipt, IncomeReceipt.id == PlanReceipt.receipt_id)
        .where(PlanReceipt.plan_id.in_(plans))
        .order_by(IncomeReceipt.received_on, IncomeReceipt.id)
    )
    found: dict[UUID, list[DrawnShown]] = {}
    for plan, receipt, asset, amount in await session.session.execute(query):
        found.setdefault(plan, []).append(DrawnShown(receipt_id=receipt, asset_id=asset, amount=amount))
    return found


async def list_lines(session: ReadSession, plan_id: UUID, page: PageRequest) -> Page[LineShown]:
    """The household lines of a plan by household."""
    query = select(PlanLine).where(PlanLine.plan_id == plan_id)
    return await fetch_page(session, query, (PlanLine.household_id, PlanLine.id), page, _line)


async def lines_of_plans(session: ReadSession, plans: Sequence[UUID], limit: int) -> list[LineShown]:
    """The first lines of several plans by household."""
    query = (
        select(PlanLine)
        .where(PlanLine.plan_id.in_(plans))
        .order_by(PlanLine.plan_id, PlanLine.household_id, PlanLine.id)
        .limit(limit)
    )
    return [_line(row) for row in (await session.session.execute(query)).all()]


def _line(row: AnyRow) -> LineShown:
    line: PlanLine = row[0]
    same = ("plan_id", "part", "household_id", "income_kind", "basis", "weight", "status", "reason", "paid_on")
    return LineShown(line_id=line.id, amount=line.amount_fen, **{name: getattr(line, name) for name in same})


async def household_income(session: ReadSession, household_id: UUID, page: PageRequest) -> HouseholdIncome:
    """What one household was paid, and which assets it came from."""
    paid = (PlanLine.household_id == household_id, PlanLine.status == "PAID")
    sums = select(PlanLine.income_kind, func.sum(PlanLine.amount_fen)).where(*paid).group_by(PlanLine.income_kind)
    totals = (await session.session.execute(sums.order_by(PlanLine.income_kind))).all()
    query = (
        select(PlanLine, DistributionPlan.period)
        .join(DistributionPlan, DistributionPlan.id == PlanLine.plan_id)
        .where(*paid)
    )
    lines = await fetch_page(session, query, (PlanLine.paid_on, PlanLine.id), page, _income_line, descending=True)
    assets = await _assets(session, {line.plan_id for line in lines.items})
    items = [line.model_copy(update={"assets": assets.get(line.plan_id, [])}) for line in lines.items]
    return HouseholdIncome(
        household_id=household_id,
        totals=[KindTotal(income_kind=kind, amount=int(amount)) for kind, amount in totals],
        lines=Page(items=items, next_cursor=lines.next_cursor),
    )


def _income_line(row: AnyRow) -> IncomeLine:
    line: PlanLine = row[0]
    assert line.paid_on is not None, "a paid line has its day"
    return IncomeLine(
        line_id=line.id,
        plan_id=line.plan_id,
        period=row.period,
        income_kind=line.income_kind,
        amount=line.amount_fen,
        paid_on=line.paid_on,
        assets=[],
    )


async def _assets(session: ReadSession, plans: set[UUID]) -> dict[UUID, list[FromAsset]]:
    query = (
        select(PlanReceipt.plan_id, Asset.id, Asset.code, Asset.name, Asset.project_id)
        .join(IncomeReceipt, IncomeReceipt.id == PlanReceipt.receipt_id)
        .join(Asset, Asset.id == IncomeReceipt.asset_id)
        .where(PlanReceipt.plan_id.in_(plans))
        .distinct()
        .order_by(PlanReceipt.plan_id, Asset.code)
    )
    found: dict[UUID, list[FromAsset]] = {}
    for plan, asset, code, name, project in await session.session.execute(query):
        found.setdefault(plan, []).append(FromAsset(asset_id=asset, code=code, name=name, project_id=project))
    return found
