"""Routes of projects (项目): entered, revised, accepted, listed; the steps of their workflow come from the declaration."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.funds.commands.projects import (
    AcceptanceFields,
    EnterProject,
    ProjectEntered,
    ProjectRevised,
    RecordAcceptance,
    Recorded,
    ReviseProject,
    RevisionFields,
)
from services.funds.queries.projects import ProjectListed, ProjectShown, ProjectState, list_projects, one_project
from shared.contracts.parts import Year
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.concurrency import tagged
from shared.http.running import Answer, Paging, Run, gives

router = APIRouter(tags=["项目库 / project library"])


@router.post("/projects", status_code=201, summary="申报项目 / enter a project")
async def enter_project(
    body: EnterProject,
    run: Annotated[Run, gives(EnterProject)],
) -> Answer[ProjectEntered]:
    """Enter a draft; the village resolves on it, or a sector applies for what it runs for the whole county."""
    return await run(body)


@router.post("/projects/{project_id}/revisions", status_code=201, summary="修改项目 / revise a project")
async def revise_project(
    project_id: UUID,
    body: RevisionFields,
    run: Annotated[Run, gives(ReviseProject)],
) -> Answer[ProjectRevised]:
    """Write a new version; in the library the change decides from which level on the project hangs again (§1.6)."""
    return await run(
        ReviseProject(project_id=project_id, content=body.content, based_on=body.based_on, reason=body.reason)
    )


@router.post("/projects/{project_id}/acceptances", status_code=201, summary="登记验收 / record an acceptance")
async def record_acceptance(
    project_id: UUID,
    body: AcceptanceFields,
    run: Annotated[Run, gives(RecordAcceptance)],
) -> Answer[Recorded]:
    """Record what the joint acceptance found; the four sides then sign it by the step `accept`."""
    return await run(
        RecordAcceptance(
            project_id=project_id,
            accepted_on=body.accepted_on,
            passed=body.passed,
            members=body.members,
            deliverables=body.deliverables,
        )
    )


@router.get("/projects", summary="项目列表 / projects")
async def projects(
    session: Reading,
    page: Paging,
    area_code: Annotated[Area | None, Query(description="区划代码 / area code")] = None,
    plan_year: Annotated[Year | None, Query(description="计划年度 / plan year")] = None,
    state: Annotated[ProjectState | None, Query(description="办理状态 / state of the case")] = None,
) -> Page[ProjectListed]:
    """The projects of an area in the order they were entered."""
    return await list_projects(session, page, area_code, plan_year, state)


@router.get("/projects/{project_id}", summary="项目详情 / one project")
async def project(project_id: UUID, session: Reading, response: Response) -> ProjectShown:
    """One project: its entry, its versions, its money; the case with its history lies under `/case`."""
    return tagged(response, await one_project(session, project_id))
