"""What funds tells of projects (项目): those to expect assets of, and what was paid for them so far."""

from collections.abc import Mapping
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel

from services.assets.bulk.formation import add_paid
from services.assets.tables.ref import RefProject
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import AssetClass, Category, IndicatorAmount, Label, Year
from shared.contracts.wire import Area, Yuan
from shared.kernel.roles import Role


class ExpectAssets(Command):
    """Keep a project that entered the library (项目入库); it may form assets."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    project_id: UUID
    area_code: Area
    title: Label
    category: Category
    plan_year: Year
    planned_total: Yuan
    asset_forming: bool
    asset_class: AssetClass | None


class CountPayment(Command):
    """Count what was paid for a project, or take off what came back (在建价值)."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    project_id: UUID
    area_code: Area
    sign: Literal[1, -1]
    split: tuple[IndicatorAmount, ...]


class ProjectKept(BaseModel):
    """The project whose copy changed."""

    project_id: UUID


async def project_of(tx: Write, project_id: UUID, area: int) -> RefProject:
    """The copy of a project, begun when it is not there yet."""
    project = await tx.session.get(RefProject, project_id, with_for_update=True)
    if project is None:
        project = RefProject(project_id=project_id, area_code=int(area), asset_forming=False)
        tx.session.add(project)
    return project


async def expect_assets(tx: Write, command: ExpectAssets, _ctx: Context) -> ProjectKept:
    """Copy what the library tells."""
    project = await project_of(tx, command.project_id, command.area_code)
    project.title, project.category = command.title, command.category
    project.plan_year, project.planned_fen = command.plan_year, command.planned_total
    project.asset_forming, project.asset_class = command.asset_forming, command.asset_class
    tx.changed("project", command.project_id, command.area_code)
    return ProjectKept(project_id=command.project_id)


async def count_payment(tx: Write, command: CountPayment, _ctx: Context) -> ProjectKept:
    """Add the split to the project's paid totals by indicator."""
    parts = [(part.indicator_id, part.document_no, command.sign * part.amount) for part in command.split]
    await add_paid(tx.raw, command.project_id, int(command.area_code), parts)
    tx.changed("project", command.project_id, command.area_code)
    return ProjectKept(project_id=command.project_id)


HANDLERS: Mapping[type[Command], Handler] = {ExpectAssets: expect_assets, CountPayment: count_payment}
