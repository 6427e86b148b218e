"""Routes of the register of payees whom policy bars (收款方标注)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from services.funds.commands.payee_marks import LiftMark, MarkFields, MarkPayee, PayeeMarked
from services.funds.queries.payee_marks import MarkShown, payee_marks
from shared.db.paging import Page
from shared.db.sessions import ReadSession
from shared.http.auth import read_roles
from shared.http.running import Answer, Paging, Run, gives
from shared.kernel.roles import Role
from shared.workflow.desks import FINANCE, SECTOR, TREASURY, UNIT

router = APIRouter(tags=["合同与拨付 / contracts and payments"])

Readers = Annotated[ReadSession, read_roles(*FINANCE, *TREASURY, *SECTOR, *UNIT, Role.AUDITOR)]


@router.post("/payees/{payee_id}/marks", status_code=201, summary="标注收款方 / mark a payee")
async def mark_payee(payee_id: UUID, body: MarkFields, run: Annotated[Run, gives(MarkPayee)]) -> Answer[PayeeMarked]:
    """No contract is registered with the payee and no payment goes to it while the mark stands (NL06, NL07, NL21)."""
    return await run(MarkPayee(payee_id=payee_id, **body.model_dump()))


@router.post("/payees/{payee_id}/marks/lift", status_code=201, summary="解除标注 / lift a mark")
async def lift_mark(payee_id: UUID, body: MarkFields, run: Annotated[Run, gives(LiftMark)]) -> Answer[PayeeMarked]:
    """From today on the payee is paid again."""
    return await run(LiftMark(payee_id=payee_id, **body.model_dump()))


@router.get("/payee-marks", summary="收款方标注清单 / marked payees")
async def marks(session: Readers, page: Paging) -> Page[MarkShown]:
    """All marks with their documents, lifted ones too."""
    return await payee_marks(session, page)
