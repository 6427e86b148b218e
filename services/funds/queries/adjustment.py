"""Dynamic adjustment as it is shown: who left the library and why, who waits in the reserve, which urgent entries are open."""

from datetime import date
from typing import TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from services.funds.domain.adjustment import ExitReason
from services.funds.queries.case_rows import CASE, case_of
from services.funds.queries.projects import PROJECT
from services.funds.tables.adjustment import LibraryExit, UrgentEntry
from services.funds.tables.library import Project
from services.funds.tables.reserve import ProjectWait
from shared.contracts.wire import Area, Yuan
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode

Reason: TypeAlias = ExitReason
"""What exits are narrowed by."""


class ExitShown(BaseModel):
    """One project that left the library (出库记录)."""

    model_config = ConfigDict(frozen=True)

    project_id: UUID
    area_code: Area
    name: str
    reason: ExitReason
    reason_zh: str
    detail: str
    document_no: str
    merged_into: UUID | None
    planned_total: Yuan
    years_waiting: int
    exited_on: date


class ReserveShown(BaseModel):
    """One project of the reserve (储备项目); one that a year's end found waiting is fresh when it was looked at since."""

    model_config = ConfigDict(frozen=True)

    project_id: UUID
    area_code: Area
    name: str
    category: str
    planned_total: Yuan
    years_waiting: int
    is_fresh: bool


class UrgentShown(BaseModel):
    """One urgent entry (应急入库) with what is outstanding."""

    model_config = ConfigDict(frozen=True)

    project_id: UUID
    area_code: Area
    name: str
    state: str
    cause: str
    document_no: str
    grounds: str
    declared_on: date
    complete_by: date
    completed_on: date | None


async def library_exits(
    session: ReadSession, request: PageRequest, area: AreaCode | None, reason: ExitReason | None
) -> Page[ExitShown]:
    """A page of exits, the newest first."""
    statement = select(LibraryExit, Project.name).join(Project, Project.id == LibraryExit.project_id)
    if area is not None:
        statement = statement.where(LibraryExit.area_code.between(*area.span))
    if reason is not None:
        statement = statement.where(LibraryExit.reason == reason)
    keys = (LibraryExit.exited_on, LibraryExit.project_id)
    return await fetch_page(session, statement, keys, request, _exit, descending=True)


async def reserve(session: ReadSession, request: PageRequest, area: AreaCode | None) -> Page[ReserveShown]:
    """A page of the projects that are in the library and in no plan."""
    statement = (
        select(Project, ProjectWait.years_waiting, ProjectWait.fresh_on)
        .join(CASE, case_of(Project.id, PROJECT))
        .outerjoin(ProjectWait, ProjectWait.project_id == Project.id)
        .where(CASE.c.state == "IN_LIBRARY")
    )
    if area is not None:
        statement = statement.where(Project.area_code.between(*area.span))
    return await fetch_page(session, statement, (Project.id,), request, _waiting)


async def urgent_entries(
    session: ReadSession, request: PageRequest, area: AreaCode | None, *, only_open: bool
) -> Page[UrgentShown]:
    """A page of urgent entries, by the day on which they are to be complete."""
    statement = (
        select(UrgentEntry, Project.name, CASE.c.state)
        .join(Project, Project.id == UrgentEntry.project_id)
        .join(CASE, case_of(Project.id, PROJECT))
    )
    if area is not None:
        statement = statement.where(UrgentEntry.area_code.between(*area.span))
    if only_open:
        statement = statement.where(UrgentEntry.completed_on.is_(None))
    return await fetch_page(session, statement, (UrgentEntry.complete_by, UrgentEntry.project_id), request, _urgent)


def _exit(row: AnyRow) -> ExitShown:
    found: LibraryExit = row.LibraryExit
    names = ("project_id", "area_code", "detail", "document_no", "merged_into", "years_waiting", "exited_on")
    return ExitShown(
        **{name: getattr(found, name) for name in names},
        name=row.name,
        reason=ExitReason(found.reason),
        reason_zh=ExitReason(found.reason).zh,
        planned_total=found.planned_total_fen,
    )


def _waiting(row: AnyRow) -> ReserveShown:
    found: Project = row.Project
    return ReserveShown(
        project_id=found.id,
        area_code=AreaCode(found.area_code),
        name=found.name,
        category=found.category,
        planned_total=found.planned_total_fen,
        years_waiting=row.years_waiting or 0,
        is_fresh=row.years_waiting is None or row.fresh_on is not None,
    )


def _urgent(row: AnyRow) -> UrgentShown:
    found: UrgentEntry = row.UrgentEntry
    names = ("project_id", "area_code", "cause", "document_no", "grounds", "declared_on", "complete_by", "completed_on")
    return UrgentShown(**{name: getattr(found, name) for name in names}, name=row.name, state=row.state)
