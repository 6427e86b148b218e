"""Contracts, receipts and disposals over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.assets.api.readers import LatenessToday
from services.assets.commands.contract_drafts import ContractDrafted, DraftContract
from services.assets.commands.disposals import DisposalDrafted, DraftDisposal
from services.assets.commands.receipts import ReceiptRecorded, RecordReceipt
from services.assets.queries.contracts import (
    ContractShown,
    ReceiptShown,
    list_contracts,
    list_receipts,
    show_contract,
)
from services.assets.queries.disposals import DisposalShown, show_disposal
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.running import Answer, Paging, Run, gives

router = APIRouter(tags=["经营与收益 / operation and income"])


@router.post("/contracts", status_code=201, summary="起草经营合同 / draft a contract")
async def draft_contract(body: DraftContract, run: Annotated[Run, gives(DraftContract)]) -> Answer[ContractDrafted]:
    """Draft a contract with its rent calendar; equal instalments where no amounts are given."""
    return await run(body)


@router.get("/contracts", summary="经营合同 / contracts")
async def contracts(
    session: Reading,
    page: Paging,
    lateness: LatenessToday,
    area_code: Annotated[Area | None, Query(description="区划代码 / area code")] = None,
    asset_id: UUID | None = None,
) -> Page[ContractShown]:
    """The contracts of an area or an asset, the newest first."""
    return await list_contracts(session, page, lateness, area=area_code, asset_id=asset_id)


@router.get("/contracts/{contract_id}", summary="合同详情 / one contract")
async def contract(contract_id: UUID, session: Reading, lateness: LatenessToday) -> ContractShown:
    """One contract with what is paid and what is late."""
    return await show_contract(session, contract_id, lateness)


@router.post("/receipts", status_code=201, summary="登记到账 / record money that arrived")
async def record_receipt(body: RecordReceipt, run: Annotated[Run, gives(RecordReceipt)]) -> Answer[ReceiptRecorded]:
    """Record a receipt; rent pays the oldest instalment first."""
    return await run(body)


@router.get("/receipts", summary="到账收益 / receipts")
async def receipts(
    session: Reading,
    page: Paging,
    area_code: Annotated[Area | None, Query(description="区划代码 / area code")] = None,
    asset_id: UUID | None = None,
) -> Page[ReceiptShown]:
    """The receipts of an area or an asset, the newest first."""
    return await list_receipts(session, page, area=area_code, asset_id=asset_id)


@router.post("/disposals", status_code=201, summary="发起处置 / begin a disposal")
async def draft_disposal(body: DraftDisposal, run: Annotated[Run, gives(DraftDisposal)]) -> Answer[DisposalDrafted]:
    """Begin the disposal of an asset."""
    return await run(body)


@router.get("/disposals/{disposal_id}", summary="处置详情 / one disposal")
async def disposal(disposal_id: UUID, session: Reading) -> DisposalShown:
    """One disposal with its value, its deal, and what each owner gets."""
    return await show_disposal(session, disposal_id)
