"""Projects as they are shown: lists by county, year and state, one project with its entry, its money and its versions."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, select

from services.funds.domain.library import project_code
from services.funds.domain.project_content import ProjectContent
from services.funds.queries.case_rows import CASE, case_of
from services.funds.queries.money import Balances, balances_of
from services.funds.tables.library import Project, ProjectVersion
from services.funds.workflows.project import PROJECT as WORKFLOW
from shared.contracts.wire import Area, OneOf, Yuan
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found

PROJECT = "funds.project"

ProjectState = Annotated[str, OneOf(tuple(WORKFLOW.by_state))]


class ProjectListed(BaseModel):
    """One line of the library's list."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    project_code: str
    area_code: Area
    plan_year: int
    name: str
    category: str
    planned_total: Yuan
    is_industry: bool
    is_household_project: bool
    version_no: int
    state: str


class VersionShown(BaseModel):
    """One version of an entry, without its content."""

    model_config = ConfigDict(frozen=True)

    version_no: int
    changed: list[str]
    reason: str
    changed_at: datetime


class ProjectShown(ProjectListed):
    """One project; `version` is its case's, the ETag for the next step."""

    version: int
    entered_on: date | None
    months: int
    crosses_plan_year: bool
    content: ProjectContent
    balances: Balances
    versions: list[VersionShown]


async def list_projects(
    session: ReadSession,
    request: PageRequest,
    area: AreaCode | None,
    plan_year: int | None,
    state: str | None,
) -> Page[ProjectListed]:
    """A page of projects in the order they were entered."""
    statement = select(Project, CASE.c.state).join(CASE, case_of(Project.id, PROJECT))
    if area is not None:
        statement = statement.where(Project.area_code.between(*area.span))
    if plan_year is not None:
        statement = statement.where(Project.plan_year == plan_year)
    if state is not None:
        statement = statement.where(CASE.c.state == state)
    return await fetch_page(session, statement, (Project.id,), request, _listed)


async def one_project(session: ReadSession, project_id: UUID) -> ProjectShown:
    """One project with everything but its case's history; raises NotFound."""
    asked = select(Project, CASE.c.state, CASE.c.version.label("case_version")).join(CASE, case_of(Project.id, PROJECT))
    row = (await session.session.execute(asked.where(Project.id == project_id))).one_or_none()
    if row is None:
        raise not_found("项目", "project")
    versions = await session.session.scalars(
        select(ProjectVersion).where(ProjectVersion.project_id == project_id).order_by(ProjectVersion.version_no),
    )
    known = list(versions)
    balances = await balances_of(session, "project_id", [project_id])
    content = ProjectContent.model_validate(known[-1].content)
    return ProjectShown(
        **_listed(row).model_dump(),
        version=row.case_version,
        entered_on=row[0].entered_on,
        months=content.months,
        crosses_plan_year=content.crosses_plan_year,
        content=content,
        balances=balances[project_id],
        versions=[VersionShown.model_validate(each, from_attributes=True) for each in known],
    )


def _listed(row: Row[Any]) -> ProjectListed:
    project: Project = row[0]
    return ProjectListed(
        **{name: getattr(project, name) for name in ProjectListed.model_fields if hasattr(project, name)},
        project_code=project_code(project.area_code, project.plan_year, project.seq),
        planned_total=project.planned_total_fen,
        state=row.state,
    )
