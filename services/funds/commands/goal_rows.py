"""Reads and writes of goal tables that several commands share: row, content of versions, money, policy."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from sqlalchemy import func, select

from services.funds.domain.goal_monitoring import Bounds
from services.funds.domain.goal_scores import Scale
from services.funds.domain.goals import Block, GoalContent
from services.funds.domain.postings import ALLOCATED, BOOK, PAID, SOURCE
from services.funds.tables.goals import GoalMeasure, GoalTable, GoalVersion
from shared.commands.command import Context, Write
from shared.db.rows import hold
from shared.kernel.errors import not_found
from shared.kernel.money import Fen
from shared.ledger.balances import balances_by
from shared.parameters.lookup import Parameters


@dataclass(frozen=True, slots=True)
class Money:
    """What a project was given, or an indicator brought, and what of it arrived at payees."""

    budget: Fen
    paid: Fen


async def goal_row(tx: Write, goal_id: UUID) -> GoalTable:
    """The table, locked until the transaction ends; raises NotFound."""
    row = await hold(tx, GoalTable, goal_id)
    if row is None:
        raise not_found("绩效目标表", "goal table")
    return row


async def goal_content(tx: Write, row: GoalTable) -> GoalContent:
    """The newest version."""
    found = await tx.session.get_one(GoalVersion, (row.id, row.version_no))
    return GoalContent.model_validate(found.content)


async def add_goal_version(tx: Write, ctx: Context, row: GoalTable, content: GoalContent, reason: str) -> None:
    """Freeze `content` as the row's present version."""
    tx.session.add(
        GoalVersion(
            goal_id=row.id,
            version_no=row.version_no,
            content=content.model_dump(mode="json"),
            reason=reason,
            changed_by=ctx.actor.id,
            changed_at=ctx.now,
            area_code=row.area_code,
        ),
    )
    await tx.session.flush()


async def money_of(tx: Write, row: GoalTable) -> Money:
    """The budget and what was paid, from the ledger; nobody types it."""
    given: tuple[str, ...] = ALLOCATED if row.project_id else (SOURCE,)
    subject = row.project_id or row.indicator_id
    assert subject is not None, "a table is of one or the other"
    key = {"project_id" if row.project_id else "indicator_id": subject}
    found = await balances_by(tx.raw, BOOK, (*given, *PAID), by=("account",), where=key)
    by_account = {account: fen for (account,), fen in found.items()}
    budget = sum(by_account.get(account, 0) for account in given)
    return Money(budget, sum(by_account.get(account, 0) for account in PAID))


async def standing_measures(tx: Write, goal_id: UUID) -> list[GoalMeasure]:
    """The measures that are not lifted."""
    asked = select(GoalMeasure).where(GoalMeasure.goal_id == goal_id, GoalMeasure.lifted_on.is_(None))
    return list(await tx.session.scalars(asked))


async def payments_are_held(tx: Write, project_id: UUID) -> bool:
    """Whether a deviation from the goals suspends the payments of a project (§5.4)."""
    standing = (
        select(func.count())
        .select_from(GoalMeasure)
        .where(
            GoalMeasure.project_id == project_id,
            GoalMeasure.measure == "suspend_payments",
            GoalMeasure.lifted_on.is_(None),
        )
    )
    return bool(await tx.session.scalar(standing))


async def block_points(parameters: Parameters, area: int, on: date) -> dict[Block, Fraction]:
    """The points of each level."""
    values = await parameters.get_many([f"goal.points.{block}" for block in Block], area, on)
    return {block: Fraction(values[f"goal.points.{block}"]) for block in Block}


async def scale_of(parameters: Parameters, area: int, on: date) -> Scale:
    """The scale by which tables are scored."""
    names = (
        "goal.points.execution",
        "goal.overshoot_from",
        "goal.overshoot_max",
        "goal.grade.excellent",
        "goal.grade.good",
        "goal.grade.fair",
    )
    values = await parameters.get_many(names, area, on)
    execution, since, most, *grades = (values[name] for name in names)
    return Scale(Fraction(execution), since, most, *grades)


async def bounds_of(parameters: Parameters, area: int, on: date) -> Bounds:
    """Where a shortfall becomes amber and red."""
    names = ("goal.deviation_amber", "goal.deviation_red")
    values = await parameters.get_many(names, area, on)
    return Bounds(values[names[0]], values[names[1]])
