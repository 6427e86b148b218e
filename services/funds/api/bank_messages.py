"""Routes of the bank's messages (银行回执)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.funds.commands.bank_messages import (
    MessageFields,
    MessageResolved,
    MessageTaken,
    ResolutionFields,
    ResolveBankMessage,
    TakeBankMessage,
)
from services.funds.queries import bank_messages as reads
from shared.db.paging import Page
from shared.db.sessions import ReadSession
from shared.http.auth import read_roles
from shared.http.running import Answer, Paging, Run, gives
from shared.kernel.roles import Role
from shared.workflow.desks import FINANCE, TREASURY

router = APIRouter(tags=["合同与拨付 / contracts and payments"])

Readers = Annotated[ReadSession, read_roles(*FINANCE, *TREASURY, Role.AUDITOR)]


@router.post("/payments/{payment_id}/bank-messages", status_code=201, summary="登记银行回执 / take a bank's message")
async def take_bank_message(
    payment_id: UUID, body: MessageFields, run: Annotated[Run, gives(TakeBankMessage)]
) -> Answer[MessageTaken]:
    """The first word is booked, the same again does nothing, another one against it is kept for a person (FW38)."""
    return await run(TakeBankMessage(payment_id=payment_id, **body.model_dump()))


@router.post("/bank-messages/{message_id}/resolve", status_code=201, summary="核实矛盾回执 / resolve a contradiction")
async def resolve_bank_message(
    message_id: UUID, body: ResolutionFields, run: Annotated[Run, gives(ResolveBankMessage)]
) -> Answer[MessageResolved]:
    """What the bank's statement showed; nothing is posted by it."""
    return await run(ResolveBankMessage(message_id=message_id, **body.model_dump()))


@router.get("/bank-messages", summary="银行回执清单 / messages of the bank")
async def bank_messages(
    session: Readers,
    page: Paging,
    effect: Annotated[reads.MessageEffect | None, Query(description="处理结果 / what it did")] = None,
    payment_id: Annotated[UUID | None, Query(description="拨付 / payment")] = None,
) -> Page[reads.MessageShown]:
    """All of them, the newest first."""
    return await reads.bank_messages(session, page, effect, payment_id)
