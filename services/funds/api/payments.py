"""Routes of payees, contracts, payments and refunds; the steps of their workflows come from the declarations."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.funds.commands import contracts, payees, payments, refunds, settlements
from services.funds.queries import payments as shown
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.concurrency import tagged
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives
from shared.vault.keys import KeyRing

router = APIRouter(tags=["合同与拨付 / contracts and payments"])

AreaQuery = Annotated[Area | None, Query(description="区划代码 / area code")]


@router.post("/payees", status_code=201, summary="登记收款方 / enter a payee")
async def register_payee(
    body: payees.RegisterPayee,
    run: Annotated[Run, gives(payees.RegisterPayee)],
) -> Answer[payees.PayeeChanged]:
    """Enter who is to be paid; another person confirms it."""
    return await run(body)


@router.post("/payees/{payee_id}/account", summary="变更收款账户 / change an account")
async def change_payee_account(
    payee_id: UUID,
    body: payees.AccountFields,
    run: Annotated[Run, gives(payees.ChangePayeeAccount)],
) -> Answer[payees.PayeeChanged]:
    """Change the account; payments to it rest until it is confirmed, and some working days longer."""
    return await run(payees.ChangePayeeAccount(payee_id=payee_id, **body.model_dump()))


@router.post("/payees/{payee_id}/confirmation", summary="确认收款方 / confirm a payee")
async def confirm_payee(
    payee_id: UUID,
    run: Annotated[Run, gives(payees.ConfirmPayee)],
) -> Answer[payees.PayeeChanged]:
    """Stand for what another person entered or changed."""
    return await run(payees.ConfirmPayee(payee_id=payee_id))


@router.post("/payees/{payee_id}/relations", status_code=201, summary="申报利害关系 / declare a relation")
async def declare_relation(
    payee_id: UUID,
    run: Annotated[Run, gives(payees.DeclareRelation)],
) -> Answer[payees.PayeeChanged]:
    """Declare one's own relation to a payee."""
    return await run(payees.DeclareRelation(payee_id=payee_id))


@router.get("/payees", summary="收款方列表 / payees")
async def list_payees(session: Reading, page: Paging, area_code: AreaQuery = None) -> Page[shown.PayeeShown]:
    """The payees of a county, without their accounts."""
    return await shown.list_payees(session, page, area_code)


@router.post("/contracts", status_code=201, summary="拟定合同 / draft a contract")
async def draft_contract(
    body: contracts.DraftContract,
    run: Annotated[Run, gives(contracts.DraftContract)],
) -> Answer[contracts.Drafted]:
    """Draft a contract of a project; its registration binds the project's quota."""
    return await run(body)


@router.post("/contracts/{contract_id}/variations", status_code=201, summary="登记合同变更 / propose a variation")
async def propose_variation(
    contract_id: UUID,
    body: contracts.VariationFields,
    run: Annotated[Run, gives(contracts.ProposeVariation)],
) -> Answer[contracts.Drafted]:
    """Put a variation on paper; both sides sign it by the step `vary`."""
    return await run(
        contracts.ProposeVariation(contract_id=contract_id, delta=body.delta, document_no=body.document_no)
    )


@router.post("/contracts/{contract_id}/valuations", status_code=201, summary="登记计量 / certify work")
async def certify_valuation(
    contract_id: UUID,
    body: contracts.ValuationFields,
    run: Annotated[Run, gives(contracts.CertifyValuation)],
) -> Answer[contracts.Certified]:
    """Certify the work that unit and supervisor measured since the last valuation."""
    return await run(contracts.CertifyValuation(contract_id=contract_id, **body.model_dump()))


@router.post("/contracts/{contract_id}/adjustments", status_code=201, summary="审计核减 / cut a settlement")
async def adjust_settlement(
    contract_id: UUID,
    body: settlements.CutFields,
    run: Annotated[Run, gives(settlements.AdjustSettlement)],
) -> Answer[settlements.Adjusted]:
    """Cut a settlement after an audit; what is paid already is claimed back from the payee."""
    return await run(settlements.AdjustSettlement(contract_id=contract_id, **body.model_dump()))


@router.post("/contracts/{contract_id}/refunds", status_code=201, summary="登记退款 / book a refund")
async def receive_refund(
    contract_id: UUID,
    body: refunds.RefundFields,
    run: Annotated[Run, gives(refunds.ReceiveRefund)],
) -> Answer[refunds.RefundBooked]:
    """Book what the payee gave back against the claim."""
    return await run(refunds.ReceiveRefund(contract_id=contract_id, **body.model_dump()))


@router.post("/refunds/{refund_id}/release", summary="退款恢复额度 / release a refund")
async def release_refund(
    refund_id: UUID,
    run: Annotated[Run, gives(refunds.ReleaseRefund)],
) -> Answer[refunds.RefundBooked]:
    """Give a refund in hand back to the quota of its project."""
    return await run(refunds.ReleaseRefund(refund_id=refund_id))


@router.get("/contracts", summary="合同列表 / contracts")
async def list_contracts(
    session: Reading,
    page: Paging,
    area_code: AreaQuery = None,
    project_id: Annotated[UUID | None, Query(description="项目 / project")] = None,
    state: Annotated[shown.ContractState | None, Query(description="办理状态 / state of the case")] = None,
) -> Page[shown.ContractListed]:
    """The contracts of an area or a project."""
    return await shown.list_contracts(session, page, area_code, project_id, state)


@router.get("/contracts/{contract_id}", summary="合同详情 / one contract")
async def contract(contract_id: UUID, session: Reading, response: Response) -> shown.ContractShown:
    """One contract with its money, variations, valuations and refunds."""
    return tagged(response, await shown.one_contract(session, contract_id))


@router.post("/payments", status_code=201, summary="拟定用款申请 / draft a payment request")
async def draft_payment(
    body: payments.DraftPayment,
    run: Annotated[Run, gives(payments.DraftPayment)],
) -> Answer[payments.PaymentDrafted]:
    """Draft a payment request; with its submission it takes its sum of the contract."""
    return await run(body)


@router.get("/payments", summary="拨付列表 / payments")
async def list_payments(
    request: Request,
    session: Reading,
    page: Paging,
    *,
    area_code: AreaQuery = None,
    contract_id: Annotated[UUID | None, Query(description="合同 / contract")] = None,
    state: Annotated[shown.PaymentState | None, Query(description="办理状态 / state of the case")] = None,
) -> Page[shown.PaymentListed]:
    """The payments of an area or a contract, the newest first."""
    return await shown.list_payments(
        session, page, _keys(request), area=area_code, contract_id=contract_id, state=state
    )


@router.get("/payments/{payment_id}", summary="拨付详情 / one payment")
async def payment(payment_id: UUID, request: Request, session: Reading, response: Response) -> shown.PaymentShown:
    """One payment request."""
    return tagged(response, await shown.one_payment(session, _keys(request), payment_id))


def _keys(request: Request) -> KeyRing:
    return edge_of(request).pipeline.resources.keys
