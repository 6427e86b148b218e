"""The thread (脉络) of an asset: from the documents and the project behind it to the households that live on it."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from services.assets.queries.contracts import (
    ContractShown,
    Lateness,
    ReceiptShown,
    contracts_of_asset,
    receipts_of_asset,
)
from services.assets.queries.distributions import LineShown, PlanShown, lines_of_plans, plans_of_asset
from services.assets.queries.register import AssetShown, show_asset
from services.assets.queries.shown import Shown
from services.assets.tables.ref import RefProject, RefProjectPaid
from shared.contracts.wire import Yuan
from shared.db.sessions import ReadSession

MOST = 500
"""How many receipts and lines a thread shows; the lists show all."""


class PaidByDocument(Shown):
    """What one document has paid for the project."""

    indicator_id: UUID
    document_no: str
    paid: Yuan


class ProjectShown(Shown):
    """The project behind an asset, as funds told of it."""

    project_id: UUID
    title: str | None
    category: str | None
    plan_year: int | None
    accepted_on: date | None
    settled_on: date | None
    settlement: Yuan | None
    indirect: Yuan | None
    retention: Yuan | None
    paid: list[PaidByDocument]


class AssetThread(Shown):
    """Everything that hangs on one asset; `project` is empty outside the reader's area."""

    asset: AssetShown
    project: ProjectShown | None
    contracts: list[ContractShown]
    receipts: list[ReceiptShown]
    plans: list[PlanShown]
    household_lines: list[LineShown]


async def asset_thread(session: ReadSession, asset_id: UUID, lateness: Lateness) -> AssetThread:
    """The thread; raises NotFound."""
    asset = await show_asset(session, asset_id)
    plans = await plans_of_asset(session, asset_id)
    return AssetThread(
        asset=asset,
        project=None if asset.project_id is None else await _project(session, asset.project_id),
        contracts=await contracts_of_asset(session, asset_id, lateness),
        receipts=await receipts_of_asset(session, asset_id, MOST),
        plans=plans,
        household_lines=await lines_of_plans(session, [plan.id for plan in plans], MOST),
    )


async def _project(session: ReadSession, project_id: UUID) -> ProjectShown | None:
    project = await session.session.get(RefProject, project_id)
    if project is None:
        return None
    query = select(RefProjectPaid).where(RefProjectPaid.project_id == project_id).order_by(RefProjectPaid.document_no)
    paid = [
        PaidByDocument(indicator_id=row.indicator_id, document_no=row.document_no, paid=row.paid_fen)
        for row in await session.session.scalars(query)
    ]
    same = ("project_id", "title", "category", "plan_year", "accepted_on", "settled_on")
    return ProjectShown(
        **{name: getattr(project, name) for name in same},
        settlement=project.settlement_fen,
        indirect=project.indirect_fen,
        retention=project.retention_fen,
        paid=paid,
    )
