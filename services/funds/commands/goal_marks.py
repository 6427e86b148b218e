"""The four marks of goals (四同步) where money is planned and given, and their approval in the act that approves a plan."""

from collections.abc import Collection, Sequence
from uuid import UUID

from services.funds.commands.goals import GOAL_BINDING
from services.funds.domain.goals import Mark, marks_missing
from shared.cases.sets import Entry, advance_cases
from shared.commands.command import Context, Write
from shared.kernel.days import last_day
from shared.kernel.errors import Violation

# A project may have tables of several years; the one of the plan's year counts.
_MARKS = """
SELECT wanted.project_id, goal.declared_on IS NOT NULL AS declared, goal.reviewed_on IS NOT NULL AS reviewed,
       goal.approved_on IS NOT NULL AS approved, goal.published_on IS NOT NULL AS published
  FROM unnest($1::uuid[]) AS wanted(project_id)
  LEFT JOIN goal_table AS goal ON goal.project_id = wanted.project_id AND goal.year = $2"""
_OF_PLAN = """
SELECT goal.id, goal.area_code FROM goal_table AS goal
 WHERE goal.year = $2 AND goal.project_id IN (SELECT project_id FROM plan_line WHERE plan_id = $1)
 ORDER BY goal.id"""
_APPROVED = "UPDATE goal_table SET approved_on = $2, approved_with = $3, approved_plan = $4 WHERE id = ANY($1::uuid[])"
_BY_PLAN = "SELECT id, area_code FROM goal_table WHERE approved_plan = $1 ORDER BY id"
_WITHDRAWN = """
UPDATE goal_table SET approved_on = NULL, approved_with = '', approved_plan = NULL, published_on = NULL, light = ''
 WHERE id = ANY($1::uuid[])"""


async def lacking_marks(
    tx: Write, projects: Collection[UUID], year: int, wanted: Sequence[Mark], field: str = "/lines"
) -> Violation | None:
    """F-5.1: which of the projects lack which of the wanted marks in the year's goal table."""
    rows = await tx.raw.fetch(_MARKS, list(projects), year)
    missing = {str(row["project_id"]): [mark for mark in wanted if not row[mark.value]] for row in rows}
    return marks_missing(missing, field)


async def approve_goals_with(tx: Write, ctx: Context, plan_id: UUID, year: int, area: int, document: str) -> None:
    """Approve the reviewed goals of a plan's projects in the same act as the plan (§5.1)."""
    rows = await tx.raw.fetch(_OF_PLAN, plan_id, year)
    if not rows:
        return
    duration = await tx.parameters.get("goal.days.publish", area, ctx.today)
    due = last_day(ctx.today, duration, ctx.calendar)
    entries = [Entry(row["id"], row["area_code"], due) for row in rows]
    moved = await advance_cases(tx, ctx, GOAL_BINDING, "approve_with_budget", entries)
    await tx.raw.execute(_APPROVED, list(moved), ctx.today, document, plan_id)


async def withdraw_goals_of(tx: Write, ctx: Context, plan_id: UUID) -> None:
    """Take back the approval that goals got with a plan which is sent back; their review stands (§5.1)."""
    rows = await tx.raw.fetch(_BY_PLAN, plan_id)
    entries = [Entry(row["id"], row["area_code"], None) for row in rows]
    if entries:
        moved = await advance_cases(tx, ctx, GOAL_BINDING, "withdraw_approval", entries)
        await tx.raw.execute(_WITHDRAWN, list(moved))
