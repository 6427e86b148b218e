"""The reference (对照): the same payment-confirm as a FastAPI service is usually written, on the ORM, into the same tables.

It checks what any such service would check, keeps the same rows, and caches tokens as ours does; it does less than ours:
no declared workflow, no policy values, no separation of duties beyond one look at the history.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from sqlalchemy import insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from shared.db.sessions import session_settings
from shared.http.tokens import Verifier
from shared.kernel.actors import SYSTEM, Actor
from shared.kernel.clock import SystemClock, today
from shared.kernel.ids import new_id
from tests.bench.payment_orm_rows import (
    CaseFile,
    CaseStep,
    CommandKey,
    Contract,
    Indicator,
    Journal,
    LedgerBalance,
    LedgerEntry,
    LedgerLine,
    Outbox,
    Payee,
    Payment,
)


class SlipIn(BaseModel):
    bank_reference: str
    amount: str
    on: date


class StepOut(BaseModel):
    case_id: UUID
    workflow: str
    subject_id: UUID
    area_code: str
    state: str
    version: int


class AnswerOut(BaseModel):
    result: StepOut
    warnings: list[str]


_bearer = HTTPBearer()
_NOWHERE = UUID(int=0)


async def current_actor(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials, Depends(_bearer)]
) -> Actor:
    verifier: Verifier = request.app.state.verifier
    return await verifier.verify(credentials.credentials)


async def current_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


@dataclass(slots=True)
class Loaded:
    """What the handler has read under lock."""

    case: CaseFile
    payment: Payment
    contract: Contract
    transit: LedgerBalance


async def confirm_paid(
    subject_id: UUID,
    body: SlipIn,
    actor: Annotated[Actor, Depends(current_actor)],
    session: Annotated[AsyncSession, Depends(current_session)],
    idempotency_key: Annotated[str, Header()],
    if_match: Annotated[str, Header()],
) -> AnswerOut:
    scope = str(actor.id)
    known = await session.get(CommandKey, (scope, idempotency_key))
    if known is not None:
        return AnswerOut.model_validate(known.outcome)
    loaded = await _load(session, subject_id, if_match)
    cash = int(body.amount.replace(".", ""))
    _check(loaded, body, cash)
    now = SystemClock().now()
    command_id = new_id()
    await _book(session, loaded, body, cash, now, command_id)
    await _move(session, loaded, body, actor, cash, now)
    await _tell(session, loaded, body, actor, now, command_id)
    answer = _answer(loaded.case)
    session.add(
        CommandKey(
            scope=scope,
            key=idempotency_key,
            input_hash=bytes(32),
            outcome=answer.model_dump(mode="json"),
            created_at=now,
        ),
    )
    await session.commit()
    return answer


async def _load(session: AsyncSession, subject_id: UUID, if_match: str) -> Loaded:
    case = await session.scalar(
        select(CaseFile)
        .where(CaseFile.workflow == "funds.payment", CaseFile.subject_id == subject_id)
        .with_for_update(),
    )
    payment = await session.get(Payment, subject_id)
    if case is None or payment is None:
        raise HTTPException(404)
    if case.state != "INSTRUCTED" or f'"{case.version}"' != if_match:
        raise HTTPException(409)
    steps = (await session.scalars(select(CaseStep).where(CaseStep.case_id == case.id))).all()
    project = await session.scalar(
        select(CaseFile)
        .where(CaseFile.workflow == "funds.project", CaseFile.subject_id == payment.project_id)
        .with_for_update(read=True),
    )
    contract = await session.get(Contract, payment.contract_id, with_for_update=True)
    payee = await session.get(Payee, payment.payee_id)
    transit = await session.scalar(
        select(LedgerBalance)
        .where(LedgerBalance.account == "1400", LedgerBalance.payment_id == payment.id)
        .with_for_update(),
    )
    if not steps or project is None or contract is None or payee is None or payee.confirmed_by is None:
        raise HTTPException(409)
    if transit is None:
        raise HTTPException(409)
    return Loaded(case, payment, contract, transit)


def _check(loaded: Loaded, body: SlipIn, cash: int) -> None:
    payment = loaded.payment
    if cash != payment.cash_fen or payment.instructed_on is None or body.on < payment.instructed_on:
        raise HTTPException(422)
    if loaded.transit.amount_fen < cash or body.on > today(SystemClock()):
        raise HTTPException(409)


async def _book(
    session: AsyncSession, loaded: Loaded, body: SlipIn, cash: int, now: datetime, command_id: UUID
) -> None:
    payment, transit = loaded.payment, loaded.transit
    entry = LedgerEntry(
        id=new_id(),
        template="P09",
        document=f"payment:{payment.id}:{payment.instructions}",
        at=now,
        on_day=body.on,
        line_count=2,
        command_id=command_id,
        area_code=payment.county_code,
    )
    session.add(entry)
    await session.flush()
    cells = {
        "indicator_id": transit.indicator_id,
        "project_id": payment.project_id,
        "contract_id": payment.contract_id,
        "payment_id": payment.id,
        "fiscal_year": transit.fiscal_year,
        "area_code": payment.county_code,
        "entry_id": entry.id,
    }
    await session.execute(  # both lines at once: the database wants a whole entry
        insert(LedgerLine).values(
            [
                {**cells, "line_no": 1, "account": "1600", "signed_fen": cash},
                {**cells, "line_no": 2, "account": "1400", "signed_fen": -cash},
            ],
        ),
    )
    transit.amount_fen -= cash
    await session.flush()
    spent = await _spent(session, loaded)
    spent.amount_fen += cash
    await session.flush()


async def _spent(session: AsyncSession, loaded: Loaded) -> LedgerBalance:
    payment, transit = loaded.payment, loaded.transit
    where = (transit.indicator_id, "1600", payment.project_id, payment.contract_id, _NOWHERE, _NOWHERE)
    key = (*where, transit.fiscal_year, payment.county_code)
    spent = await session.get(LedgerBalance, key, with_for_update=True)
    if spent is None:
        names = [column.name for column in inspect(LedgerBalance).primary_key]
        spent = LedgerBalance(**dict(zip(names, key, strict=True)), amount_fen=0, floor_fen=0)
        session.add(spent)
    return spent


async def _move(session: AsyncSession, loaded: Loaded, body: SlipIn, actor: Actor, cash: int, now: datetime) -> None:
    case, payment, contract = loaded.case, loaded.payment, loaded.contract
    payment.paid_on, payment.reserved, payment.bank_reference = body.on, False, body.bank_reference
    await session.flush()
    contract.worked_fen += cash
    contract.open_cash_fen -= cash
    await session.flush()
    case.previous, case.state, case.version, case.entered_at = case.state, "PAID", case.version + 1, now
    await session.flush()
    session.add(
        CaseStep(
            case_id=case.id,
            version=case.version,
            step="confirm_paid",
            source="INSTRUCTED",
            target="PAID",
            round=case.round,
            actor=actor.id,
            role="treasury",
            at=now,
            reason="",
            evidence=[],
            area_code=case.area_code,
        ),
    )
    await session.flush()


async def _tell(
    session: AsyncSession, loaded: Loaded, body: SlipIn, actor: Actor, now: datetime, command_id: UUID
) -> None:
    case, payment = loaded.case, loaded.payment
    indicator = await session.get_one(Indicator, loaded.transit.indicator_id)
    event_id = new_id()
    session.add(
        Outbox(
            id=event_id,
            topic="funds.project.v1",
            key=payment.project_id,
            type="funds.payment.disbursed.v1",
            area_code=case.area_code,
            envelope=_envelope(event_id, payment, indicator, body, now, command_id),
            at=now,
        ),
    )
    await session.flush()
    changed = (("contract", payment.contract_id), ("payment", payment.id))
    session.add(
        Journal(
            id=command_id,
            at=now,
            actor=actor.id,
            command="TakeStep",
            input_hash=bytes(32),
            correlation=command_id,
            area_code=case.area_code,
            subjects=[{"kind": kind, "id": str(key), "area_code": case.area_code} for kind, key in changed],
        ),
    )
    await session.flush()


def _answer(case: CaseFile) -> AnswerOut:
    result = StepOut(
        case_id=case.id,
        workflow=case.workflow,
        subject_id=case.subject_id,
        area_code=str(case.area_code),
        state=case.state,
        version=case.version,
    )
    return AnswerOut(result=result, warnings=[])


def _envelope(
    event_id: UUID, payment: Payment, indicator: Indicator, body: SlipIn, now: datetime, command_id: UUID
) -> dict[str, Any]:
    return {
        "id": str(event_id),
        "specversion": "1.0",
        "source": "funds",
        "type": "funds.payment.disbursed.v1",
        "time": now.isoformat(),
        "subject": str(payment.project_id),
        "datacontenttype": "application/json",
        "regioncode": str(payment.area_code),
        "correlationid": str(command_id),
        "causationid": str(command_id),
        "data": {
            "area_code": str(payment.area_code),
            "project_id": str(payment.project_id),
            "payment_id": str(payment.id),
            "contract_id": str(payment.contract_id),
            "amount": body.amount,
            "split": [
                {"indicator_id": str(indicator.id), "document_no": indicator.document_no, "amount": body.amount},
            ],
            "stage": payment.stage,
            "paid_on": body.on.isoformat(),
        },
    }


def create_reference(dsn: str, verifier: Verifier, pool_size: int) -> FastAPI:
    """The reference's application; its sessions have the scope of the system for their whole life, in its favour."""
    engine = create_async_engine(
        dsn.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"server_settings": session_settings(SYSTEM)},
    )
    app = FastAPI()
    app.state.verifier = verifier
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    app.post("/v1/payments/{subject_id}/confirm-paid", response_model=AnswerOut)(confirm_paid)
    return app
