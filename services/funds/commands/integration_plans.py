"""Integration plans (统筹整合方案): which money a county integrates in a year, for which projects, filed in versions (§2.4)."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

import asyncpg
from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from services.funds.commands.limits import weigh
from services.funds.commands.once import once
from services.funds.commands.project_rows import project_states
from services.funds.domain import integration as rules
from services.funds.domain.integration import IntegrationFacts, Regime
from services.funds.domain.limits import stands
from services.funds.domain.project_content import Part
from services.funds.domain.refusals import refusal
from services.funds.tables.regimes import IntegrationPlan, IntegrationProject, IntegrationSource
from services.funds.workflows.integration_plan import INTEGRATION_PLAN
from shared.cases.advance import open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import Count, DocumentNo, Label, Year
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaLevel
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, FINANCE_CLERK

# What an indicator has, and whether it may be integrated; one that the county cannot see gives nothing.
_SOURCES = """
SELECT source.indicator_id, source.amount_fen, source.binding_fen, coalesce(i.amount_fen + i.adjusted_fen, 0) AS has_fen,
       coalesce(i.is_integratable, false) AND coalesce(c.state = 'CONFIRMED', false) AS open
  FROM integration_source AS source
  LEFT JOIN indicator AS i ON i.id = source.indicator_id AND i.area_code = source.area_code
  LEFT JOIN case_file AS c ON c.workflow = 'funds.indicator' AND c.subject_id = i.id
 WHERE source.plan_id = $1"""


class IntegratedSource(Part):
    """What of one indicator is integrated."""

    indicator_id: UUID
    amount: Annotated[Yuan, Field(gt=0)]
    binding: Annotated[Yuan, Field(ge=0)] = 0
    """What its binding tasks (约束性任务) need, which stays with them (NL21)."""


class IntegratedProject(Part):
    """What a project gets out of it."""

    project_id: UUID
    amount: Annotated[Yuan, Field(gt=0)]


class DraftIntegrationPlan(Command):
    """Draft the plan of a year, or its next version (年中调整)."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_CLERK | BUREAU

    area_code: Area
    year: Year
    title: Label
    planned_scale: Annotated[Yuan, Field(gt=0)]
    last_year_actual: Annotated[Yuan, Field(ge=0)]
    sources: Annotated[tuple[IntegratedSource, ...], Field(min_length=1, max_length=500)]
    projects: Annotated[tuple[IntegratedProject, ...], Field(min_length=1, max_length=2000)]


class IntegrationDrafted(BaseModel):
    """The id and the version of a drafted plan."""

    id: UUID
    plan_version: Count


class Submission(Form):
    """The plan speaks for itself."""


class Filing(Form):
    """Number and day of the filing."""

    filing_no: DocumentNo
    filed_on: date


async def draft_plan(tx: Write, command: DraftIntegrationPlan, ctx: Context) -> IntegrationDrafted:
    """Insert the version with its sources and projects and open the case."""
    sources = {each.indicator_id for each in command.sources}
    projects = {each.project_id: each.amount for each in command.projects}
    if len(sources) < len(command.sources) or len(projects) < len(command.projects):
        raise Invalid(_named_twice())
    if command.area_code.level is not AreaLevel.COUNTY:
        zh, en = "整合方案由县编制", "a plan of integration belongs to a county"
        remedy = ("填写县级代码", "give the county's code")
        raise Invalid(refusal("INTEGRATION_AREA", "F-2.4", zh, en, remedy, field="/area_code"))
    own = (IntegrationPlan.area_code == int(command.area_code), IntegrationPlan.year == command.year)
    newest = await tx.session.scalar(select(func.max(IntegrationPlan.version)).where(*own))
    row = IntegrationPlan(
        id=new_id(),
        area_code=int(command.area_code),
        year=command.year,
        version=(newest or 0) + 1,
        title=command.title,
        planned_scale_fen=command.planned_scale,
        last_year_fen=command.last_year_actual,
        filing_no="",
        filed_on=None,
    )
    async with once("uq_integration_plan_area_code_year_version", _drafted_meanwhile()):
        tx.session.add(row)
        await tx.session.flush()
    common = {"plan_id": row.id, "area_code": row.area_code}
    bound = [
        common | {"indicator_id": each.indicator_id, "amount_fen": each.amount, "binding_fen": each.binding}
        for each in command.sources
    ]
    await tx.session.execute(insert(IntegrationSource), bound)
    given = [common | {"project_id": key, "amount_fen": fen} for key, fen in projects.items()]
    await tx.session.execute(insert(IntegrationProject), given)
    await open_case(tx, ctx, INTEGRATION_BINDING, row.id, command.area_code)
    return IntegrationDrafted(id=row.id, plan_version=row.version)


async def _facts(tx: Write, case: CaseRow, form: Form, ctx: Context) -> IntegrationFacts | None:
    if not isinstance(form, Submission | Filing):
        return None
    row = await tx.session.get_one(IntegrationPlan, case.subject_id)
    sources = await tx.raw.fetch(_SOURCES, row.id)
    asked = select(IntegrationProject.project_id, IntegrationProject.amount_fen)
    rows = await tx.session.execute(asked.where(IntegrationProject.plan_id == row.id))
    projects = {each.project_id: each.amount_fen for each in rows}
    states = await project_states(tx, projects)
    broken = {
        "F-2.4-scale": rules.below_last_year(row.planned_scale_fen, row.last_year_fen),
        "NL21": rules.binding_first(_short(sources)),
        "NL21-even": rules.levelled_out(list(projects.values())),
    }
    return IntegrationFacts(
        regime=Regime(await tx.parameters.get("integration.regime", case.area, ctx.today)),
        scale=row.planned_scale_fen,
        sources=sum(each["amount_fen"] for each in sources),
        projects=sum(projects.values()),
        beyond={
            str(each["indicator_id"]): each["amount_fen"] - each["has_fen"]
            for each in sources
            if each["open"] and each["amount_fen"] > each["has_fen"]
        },
        closed_sources=[str(each["indicator_id"]) for each in sources if not each["open"]],
        states={project: states.get(project, "UNKNOWN") for project in projects},
        blocked=await weigh(tx, broken, case.area, ctx.today),
    )


def _short(sources: Sequence[asyncpg.Record]) -> dict[str, int]:
    """By indicator, how much of what its binding tasks need is integrated."""
    over = {
        str(each["indicator_id"]): each["amount_fen"] + each["binding_fen"] - each["has_fen"]
        for each in sources
        if each["binding_fen"]
    }
    return {key: fen for key, fen in over.items() if fen > 0}


async def _filed(tx: Write, case: CaseRow, form: Filing, _ctx: Context) -> None:
    """From now on this version is the county's plan."""
    row = await tx.session.get_one(IntegrationPlan, case.subject_id)
    row.filing_no, row.filed_on = form.filing_no, form.filed_on


def _named_twice() -> Any:
    return refusal(
        "NAMED_TWICE",
        "F-2.4",
        "同一指标或项目重复列出",
        "an indicator or a project is named twice",
        ("合并后重新填写", "put them together"),
        field="/sources",
    )


def _drafted_meanwhile() -> Any:
    return refusal(
        "VERSION_TAKEN",
        "F-2.4",
        "另一版本刚刚生成，请重试",
        "another version was drafted at the same time",
        ("重新提交", "send it again"),
    )


INTEGRATION_BINDING = Binding(
    workflow=INTEGRATION_PLAN,
    plural="integration-plans",
    guards={
        "county_integrates": rules.county_integrates,
        "sources_equal_projects": rules.sources_equal_projects,
        "scale_not_below_last_year": stands("F-2.4-scale"),
        "binding_tasks_first": stands("NL21"),
        "not_levelled_out": stands("NL21-even"),
        "sources_integratable": rules.sources_integratable,
        "integrated_in_library": rules.integrated_in_library,
    },
    facts=_facts,
    steps={"submit": StepBinding(Submission), "file": StepBinding(Filing, _filed)},
)

HANDLERS: dict[type[Command], Handler] = {DraftIntegrationPlan: draft_plan}
