"""Routes of the thread (资金链): from a document down to payees and households, and back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from services.funds.queries import thread, tracing
from services.funds.queries.strands import PaidSource, Thread, Traceability
from shared.http.auth import Reading
from shared.http.edge import edge_of
from shared.vault.keys import KeyRing

router = APIRouter(tags=["资金链 / the thread"])

Lines = Annotated[int, Query(ge=0, le=10_000, description="到户明细最多行数 / household lines shown at most")]


@router.get("/indicators/{indicator_id}/thread", summary="指标资金链 / thread of an indicator")
async def indicator_thread(indicator_id: UUID, request: Request, session: Reading, lines: Lines = 200) -> Thread:
    """Everything that became of a document's money, with amounts at each stage, in one request."""
    return await thread.indicator_thread(session, _keys(request), indicator_id, lines)


@router.get("/projects/{project_id}/thread", summary="项目资金链 / thread of a project")
async def project_thread(project_id: UUID, request: Request, session: Reading, lines: Lines = 200) -> Thread:
    """Which documents bear a project, and where their money went."""
    return await thread.project_thread(session, _keys(request), project_id, lines)


@router.get("/payments/{payment_id}/sources", summary="拨付资金来源 / sources of a payment")
async def payment_sources(payment_id: UUID, session: Reading) -> list[PaidSource]:
    """Back from a payment to the documents that bore it."""
    return await thread.payment_sources(session, payment_id)


@router.get("/household-lines/{line_id}/sources", summary="到户明细资金来源 / sources of a household line")
async def line_sources(line_id: UUID, session: Reading) -> list[PaidSource]:
    """Back from a household line to the documents that bore it."""
    return await thread.line_sources(session, line_id)


@router.get("/reports/traceability", summary="资金可追溯率 / traceability")
async def traceability(session: Reading) -> Traceability:
    """How much of what was paid can be followed down, back and both ways; not what went to the unregistered."""
    return await tracing.traceability(session.raw)


def _keys(request: Request) -> KeyRing:
    return edge_of(request).pipeline.resources.keys
