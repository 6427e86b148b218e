"""The reserve (项目储备): the year's roll-over, the fresh look that it asks for, and the money areas may plan with (§1.6)."""

from collections.abc import Mapping
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.funds.commands.admission import require
from services.funds.domain.refusals import refusal
from services.funds.tables.reserve import PlanningEnvelope, ProjectWait
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import DocumentNo, Year
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaLevel
from shared.kernel.errors import Invalid, Refused, Violation, not_found
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, BUREAU_HEADS, SECTOR

_DECEMBER = 12

# One statement for the whole library: in it, without a place in the year's published plans, and not rolled for the year.
_ROLL = """
WITH waiting AS (
  SELECT project.id, project.area_code FROM project
    JOIN case_file AS c ON c.workflow = 'funds.project' AND c.subject_id = project.id AND c.state = 'IN_LIBRARY'
   WHERE project.area_code BETWEEN $1 AND $2 AND project.plan_year <= $3 AND project.entered_on <= make_date($3, 12, 31)
     AND NOT EXISTS (SELECT FROM plan_line AS line JOIN plan ON plan.id = line.plan_id
                      WHERE line.project_id = project.id AND plan.year = $3 AND plan.published_on IS NOT NULL))
INSERT INTO project_wait(project_id, area_code, years_waiting, rolled_year)
SELECT id, area_code, 1, $3 FROM waiting
ON CONFLICT (project_id) DO UPDATE SET years_waiting = project_wait.years_waiting + 1, rolled_year = excluded.rolled_year,
  fresh_on = NULL, confirmed_by = NULL
 WHERE project_wait.rolled_year < excluded.rolled_year
RETURNING project_id, years_waiting"""


class RollOver(Command):
    """Roll a county's reserve over at the end of a year (结转储备): each waiting project has waited one year more."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU_HEADS

    area_code: Area
    year: Year


class FreshnessFields(BaseModel):
    """That estimate and beneficiaries were looked at again, and still hold; what does not is revised first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    estimate_holds: bool
    beneficiaries_hold: bool


class ConfirmFreshness(Command, FreshnessFields):
    """Confirm a rolled-over project (储备项目复核), without which no plan lists it."""

    ROLES: ClassVar[frozenset[Role]] = SECTOR | BUREAU

    project_id: UUID


class SetEnvelope(Command):
    """Say what an area may plan with in a year (资金盘子), by its document; a later word replaces it."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU

    area_code: Area
    year: Year
    amount: Annotated[Yuan, Field(gt=0)]
    document_no: DocumentNo


class RolledOver(BaseModel):
    """How many projects waited one year more, and the longest wait among them."""

    projects: int
    longest: int


class Waiting(BaseModel):
    """A project of the reserve."""

    project_id: UUID
    years_waiting: int


class EnvelopeSet(BaseModel):
    """What the area may plan with."""

    area_code: Area
    year: int
    amount: Yuan


async def roll_over(tx: Write, command: RollOver, ctx: Context) -> RolledOver:
    """Count the year for each waiting project, once; raises Refused before its December."""
    if command.area_code.level is not AreaLevel.COUNTY:
        raise Invalid(_not_a_county())
    if (ctx.today.year, ctx.today.month) < (command.year, _DECEMBER):
        raise Refused(_too_early(command.year))
    rows = await tx.raw.fetch(_ROLL, *command.area_code.span, command.year)
    tx.changed("reserve", ctx.id_for(f"reserve:{command.year}"), command.area_code)
    return RolledOver(projects=len(rows), longest=max((row["years_waiting"] for row in rows), default=0))


async def confirm_freshness(tx: Write, command: ConfirmFreshness, ctx: Context) -> Waiting:
    """Note the day; raises Refused while estimate or beneficiaries do not hold."""
    row = await tx.session.get(ProjectWait, command.project_id)
    if row is None:
        raise not_found("储备项目", "project of the reserve")
    require(ctx, ConfirmFreshness.ROLES, row.area_code)
    if not (command.estimate_holds and command.beneficiaries_hold):
        raise Refused(_revise_first())
    row.fresh_on, row.confirmed_by = ctx.today, ctx.actor.id
    tx.changed("project", row.project_id, row.area_code)
    return Waiting(project_id=row.project_id, years_waiting=row.years_waiting)


async def set_envelope(tx: Write, command: SetEnvelope, ctx: Context) -> EnvelopeSet:
    """Insert or replace."""
    values = {
        "area_code": int(command.area_code),
        "year": command.year,
        "amount_fen": command.amount,
        "document_no": command.document_no,
        "set_by": ctx.actor.id,
        "set_at": ctx.now,
    }
    statement = insert(PlanningEnvelope).values(values)
    changed = {name: statement.excluded[name] for name in ("amount_fen", "document_no", "set_by", "set_at")}
    await tx.session.execute(statement.on_conflict_do_update(index_elements=["area_code", "year"], set_=changed))
    tx.changed("planning_envelope", ctx.id_for(f"envelope:{command.year}"), command.area_code)
    return EnvelopeSet(area_code=command.area_code, year=command.year, amount=command.amount)


async def not_fresh(tx: Write, project_id: UUID) -> Violation | None:
    """That the project waited over a year's end and nobody has looked at it since (§1.6)."""
    asked = select(ProjectWait.years_waiting).where(
        ProjectWait.project_id == project_id, ProjectWait.fresh_on.is_(None)
    )
    years = await tx.session.scalar(asked)
    if years is None:
        return None
    return refusal(
        "FRESHNESS_NEEDED",
        "F-1.6",
        f"项目已结转储备 {years} 年，须先复核概算和受益对象",
        f"the project has waited {years} year(s): look at estimate and beneficiaries again",
        ("复核后再列入计划；不再符合的，修改或出库", "confirm it first; revise it or take it out if it does not hold"),
        field="/project_id",
        years_waiting=years,
    )


def _not_a_county() -> Violation:
    told = ("储备以县为单位结转", "a county rolls its reserve over")
    return refusal("NOT_A_COUNTY", "F-1.6", *told, ("填写县级区划代码", "name a county"), field="/area_code")


def _too_early(year: int) -> Violation:
    told = (f"{year}年度储备自12月起结转", f"the reserve of {year} is rolled over from December on")
    return refusal("YEAR_NOT_OVER", "F-1.6", *told, ("年末再办理", "do it at the end of the year"), field="/year")


def _revise_first() -> Violation:
    told = ("概算或受益对象已变化", "estimate or beneficiaries no longer hold")
    return refusal("REVISION_NEEDED", "F-1.6", *told, ("先办理动态调整", "revise the project first"))


HANDLERS: Mapping[type[Command], Handler] = {
    RollOver: roll_over,
    ConfirmFreshness: confirm_freshness,
    SetEnvelope: set_envelope,
}
