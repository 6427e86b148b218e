"""The reference (对照): the same payment-confirm as a FastAPI service is usually written, on the ORM, into the same tables.

It checks what any such service would check, keeps the same rows, and caches tokens as ours does; it does less than ours:
no declared workflow, no policy values, no separation of duties beyond one look at the history.
"""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from sqlalchemy import ARRAY, BigInteger, DateTime, Uuid, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.http.tokens import Verifier
from shared.kernel.actors import Actor
from shared.kernel.clock import SystemClock
from shared.kernel.days import local_day
from shared.kernel.ids import new_id
from tests.bench.stage import session_scope


class Base(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy's own word
        int: BigInteger,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[UUID]: ARRAY(Uuid),
    }


class CommandKey(Base):
    __tablename__ = "command_key"
    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    input_hash: Mapped[bytes]
    outcome: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class CaseFile(Base):
    __tablename__ = "case_file"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    workflow: Mapped[str]
    subject_id: Mapped[UUID]
    area_code: Mapped[int]
    state: Mapped[str]
    previous: Mapped[str]
    round: Mapped[int]
    version: Mapped[int]
    entered_at: Mapped[datetime]


class CaseStep(Base):
    __tablename__ = "case_step"
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[str]
    source: Mapped[str]
    target: Mapped[str]
    round: Mapped[int]
    actor: Mapped[UUID]
    role: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str]
    evidence: Mapped[list[UUID]]
    area_code: Mapped[int]


class Payment(Base):
    __tablename__ = "payment"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    area_code: Mapped[int]
    county_code: Mapped[int]
    project_id: Mapped[UUID]
    contract_id: Mapped[UUID]
    payee_id: Mapped[UUID]
    stage: Mapped[str]
    cash_fen: Mapped[int]
    reserved: Mapped[bool]
    instructions: Mapped[int]
    instructed_on: Mapped[date | None]
    bank_reference: Mapped[str | None]
    paid_on: Mapped[date | None]


class Contract(Base):
    __tablename__ = "contract"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    amount_fen: Mapped[int]
    certified_fen: Mapped[int]
    worked_fen: Mapped[int]
    open_cash_fen: Mapped[int]


class Payee(Base):
    __tablename__ = "payee"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    confirmed_by: Mapped[UUID | None]


class Indicator(Base):
    __tablename__ = "indicator"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_no: Mapped[str]


class LedgerEntry(Base):
    __tablename__ = "ledger_entry"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    template: Mapped[str]
    document: Mapped[str]
    at: Mapped[datetime]
    on_day: Mapped[date]
    line_count: Mapped[int]
    command_id: Mapped[UUID]
    area_code: Mapped[int]


class LedgerLine(Base):
    __tablename__ = "ledger_line"
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    indicator_id: Mapped[UUID]
    project_id: Mapped[UUID | None]
    contract_id: Mapped[UUID | None]
    payment_id: Mapped[UUID | None]
    fiscal_year: Mapped[int]
    signed_fen: Mapped[int]
    area_code: Mapped[int]


class LedgerBalance(Base):
    __tablename__ = "ledger_balance"
    indicator_id: Mapped[UUID] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    contract_id: Mapped[UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(primary_key=True)
    household_line_id: Mapped[UUID] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(primary_key=True)
    area_code: Mapped[int] = mapped_column(primary_key=True)
    amount_fen: Mapped[int]
    floor_fen: Mapped[int | None]


class Outbox(Base):
    __tablename__ = "outbox"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    topic: Mapped[str]
    key: Mapped[UUID]
    type: Mapped[str]
    area_code: Mapped[int]
    envelope: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class Journal(Base):
    __tablename__ = "journal"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[UUID]
    command: Mapped[str]
    input_hash: Mapped[bytes]
    correlation: Mapped[UUID]
    area_code: Mapped[int]
    subjects: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


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


async def confirm_paid(  # noqa: PLR0915  written as such a handler usually is: from top to bottom
    subject_id: UUID,
    body: SlipIn,
    request: Request,
    actor: Annotated[Actor, Depends(current_actor)],
    session: Annotated[AsyncSession, Depends(current_session)],
    idempotency_key: Annotated[str, Header()],
    if_match: Annotated[str, Header()],
) -> AnswerOut:
    scope = str(actor.id)
    known = await session.get(CommandKey, (scope, idempotency_key))
    if known is not None:
        return AnswerOut.model_validate(known.outcome)
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
    cash = int(body.amount.replace(".", ""))
    if project is None or contract is None or payee is None or payee.confirmed_by is None or not steps:
        raise HTTPException(409)
    if cash != payment.cash_fen or payment.instructed_on is None or body.on < payment.instructed_on:
        raise HTTPException(422)
    now = datetime.now(UTC)
    today = local_day(SystemClock().now())
    command_id = new_id()

    transit = await session.scalar(
        select(LedgerBalance)
        .where(LedgerBalance.account == "1400", LedgerBalance.payment_id == payment.id)
        .with_for_update(),
    )
    if transit is None or transit.amount_fen < cash or body.on > today:
        raise HTTPException(409)
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
    where = (transit.indicator_id, "1600", payment.project_id, contract.id, _NOWHERE, _NOWHERE, transit.fiscal_year)
    spent = await session.get(LedgerBalance, (*where, payment.county_code), with_for_update=True)
    if spent is None:
        names = (
            "indicator_id",
            "account",
            "project_id",
            "contract_id",
            "payment_id",
            "household_line_id",
            "fiscal_year",
        )
        fields = dict(zip(names, where, strict=True))
        spent = LedgerBalance(**fields, area_code=payment.county_code, amount_fen=0, floor_fen=0)
        session.add(spent)
    spent.amount_fen += cash
    await session.flush()

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
    indicator = await session.get_one(Indicator, transit.indicator_id)
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
    subjects = [
        {"kind": kind, "id": str(id_), "area_code": case.area_code}
        for kind, id_ in (("contract", contract.id), ("payment", payment.id))
    ]
    session.add(
        Journal(
            id=command_id,
            at=now,
            actor=actor.id,
            command="TakeStep",
            input_hash=bytes(32),
            correlation=command_id,
            area_code=case.area_code,
            subjects=subjects,
        ),
    )
    await session.flush()
    answer = AnswerOut(
        result=StepOut(
            case_id=case.id,
            workflow=case.workflow,
            subject_id=subject_id,
            area_code=str(case.area_code),
            state=case.state,
            version=case.version,
        ),
        warnings=[],
    )
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
        connect_args={"server_settings": session_scope()},
    )
    app = FastAPI()
    app.state.verifier = verifier
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    app.post("/v1/payments/{subject_id}/confirm-paid", response_model=AnswerOut)(confirm_paid)
    return app
