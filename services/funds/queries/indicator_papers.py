"""What happens to indicators, as it is shown: decompositions, later documents with a proposal, recoveries, idle money."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, Select, column, func, select, table

from services.funds.domain.indicators import Light, age, idle_light
from services.funds.domain.postings import BOOK, COMMITTED, IN_TRANSIT, QUOTA, RETENTION, RETURNED, SURPLUS, UNALLOCATED
from services.funds.domain.purse import proposal
from services.funds.queries.case_rows import CASE, case_of
from services.funds.tables.indicators import (
    Decomposition,
    DecompositionLine,
    Indicator,
    IndicatorChange,
    IndicatorRecovery,
    IndicatorRecoveryLine,
)
from shared.contracts.wire import Area, Yuan
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found
from shared.ledger.balances import balance, balances_by
from shared.parameters.lookup import Parameters


class Shown(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True)


class DecompositionListed(Shown):
    """One decomposition (指标分解)."""

    id: UUID
    area_code: Area
    parent_id: UUID
    title: str
    issuer: str
    document_no: str
    factor_run_id: UUID | None
    issued_on: date | None
    state: str
    version: int


class PassedLineShown(Shown):
    """So much for one area."""

    target: Area
    amount: Yuan
    goal_table: str
    purpose: str
    restricted_to: list[Area]


class DecompositionShown(DecompositionListed):
    """One decomposition with its lines."""

    amount: Yuan
    lines: list[PassedLineShown]


class ChangeShown(Shown):
    """One later document (追加、追减); `short` is what was not there and is owed."""

    id: UUID
    area_code: Area
    indicator_id: UUID
    kind: str
    document_no: str
    issued_on: date
    amount: Yuan
    confirmed_on: date | None
    short: Yuan
    state: str
    version: int


class ProposedQuota(Shown):
    """Uncommitted quota of one project."""

    project_id: UUID
    amount: Yuan


class ProposalShown(Shown):
    """From where the system would take a cut now."""

    unallocated: Yuan
    quota: list[ProposedQuota]
    short: Yuan


class RecoveryListed(Shown):
    """One recovery (收回)."""

    id: UUID
    area_code: Area
    kind: str
    title: str
    document_no: str
    decided_on: date | None
    state: str
    version: int


class RecoveryLineShown(Shown):
    """So much of one indicator."""

    indicator_id: UUID
    account: str
    project_id: UUID | None
    amount: Yuan


class RecoveryShown(RecoveryListed):
    """One recovery with its lines."""

    amount: Yuan
    lines: list[RecoveryLineShown]


class IdleMoney(Shown):
    """What an indicator of an earlier year has unspent; retention that a contract reserves is not idle."""

    indicator_id: UUID
    area_code: Area
    document_no: str
    origin_year: int
    age: int
    unspent: Yuan
    retention: Yuan
    idle: Yuan
    light: Light
    recover: bool


_BALANCE = table("ledger_balance", column("indicator_id"), column("account"), column("amount_fen", BigInteger))
_UNSPENT = (UNALLOCATED, QUOTA, COMMITTED, RETENTION, IN_TRANSIT, RETURNED, SURPLUS)


async def list_decompositions(
    session: ReadSession, request: PageRequest, area: AreaCode | None, parent_id: UUID | None
) -> Page[DecompositionListed]:
    """A page of decompositions, the newest first."""
    statement = _with_case(Decomposition, "funds.decomposition", area)
    if parent_id is not None:
        statement = statement.where(Decomposition.parent_id == parent_id)
    return await fetch_page(
        session, statement, (Decomposition.id,), request, lambda row: DecompositionListed(**_own(row)), descending=True
    )


async def one_decomposition(session: ReadSession, decomposition_id: UUID) -> DecompositionShown:
    """One decomposition; raises NotFound."""
    row = await _one(session, Decomposition, "funds.decomposition", decomposition_id, ("指标分解", "decomposition"))
    asked = select(DecompositionLine).where(DecompositionLine.decomposition_id == decomposition_id)
    lines = (await session.session.scalars(asked.order_by(DecompositionLine.line_no))).all()
    return DecompositionShown(
        **_own(row),
        amount=sum(line.amount_fen for line in lines),
        lines=[
            PassedLineShown(
                target=AreaCode(line.target_code),
                amount=line.amount_fen,
                goal_table=line.goal_table,
                purpose=line.purpose,
                restricted_to=[AreaCode(each) for each in line.restricted_to],
            )
            for line in lines
        ],
    )


async def list_changes(
    session: ReadSession, request: PageRequest, area: AreaCode | None, indicator_id: UUID | None
) -> Page[ChangeShown]:
    """A page of later documents, the newest first."""
    statement = _with_case(IndicatorChange, "funds.indicator_change", area)
    if indicator_id is not None:
        statement = statement.where(IndicatorChange.indicator_id == indicator_id)
    return await fetch_page(session, statement, (IndicatorChange.id,), request, _change, descending=True)


async def one_change(session: ReadSession, change_id: UUID) -> ChangeShown:
    """One document; raises NotFound."""
    return _change(
        await _one(session, IndicatorChange, "funds.indicator_change", change_id, ("追加追减文件", "change"))
    )


async def proposal_of(session: ReadSession, change_id: UUID) -> ProposalShown:
    """What the cut would take now: unallocated money, then uncommitted quota; raises NotFound."""
    change = await session.session.get(IndicatorChange, change_id)
    if change is None or change.kind != "cut":
        raise not_found("追减文件", "cut")
    loose = await balance(session.raw, BOOK, UNALLOCATED, indicator_id=change.indicator_id)
    quota = await balances_by(
        session.raw, BOOK, (QUOTA,), by=("project_id",), where={"indicator_id": change.indicator_id}
    )
    proposed = proposal(change.amount_fen, loose, {project: fen for (project,), fen in quota.items()})
    return ProposalShown(
        unallocated=proposed.unallocated,
        quota=[ProposedQuota(project_id=project, amount=fen) for project, fen in proposed.projects.items()],
        short=proposed.short,
    )


async def list_recoveries(session: ReadSession, request: PageRequest, area: AreaCode | None) -> Page[RecoveryListed]:
    """A page of recoveries, the newest first."""
    statement = _with_case(IndicatorRecovery, "funds.indicator_recovery", area)
    return await fetch_page(
        session, statement, (IndicatorRecovery.id,), request, lambda row: RecoveryListed(**_own(row)), descending=True
    )


async def one_recovery(session: ReadSession, recovery_id: UUID) -> RecoveryShown:
    """One recovery; raises NotFound."""
    row = await _one(session, IndicatorRecovery, "funds.indicator_recovery", recovery_id, ("收回", "recovery"))
    asked = select(IndicatorRecoveryLine).where(IndicatorRecoveryLine.recovery_id == recovery_id)
    lines = (await session.session.scalars(asked.order_by(IndicatorRecoveryLine.line_no))).all()
    shown = [
        RecoveryLineShown(
            indicator_id=line.indicator_id, account=line.account, project_id=line.project_id, amount=line.amount_fen
        )
        for line in lines
    ]
    return RecoveryShown(**_own(row), amount=sum(line.amount_fen for line in lines), lines=shown)


async def idle_money(
    session: ReadSession, request: PageRequest, asked: Parameters, area: AreaCode, year: int, today: date
) -> Page[IdleMoney]:
    """A page of indicators of years before `year` that have unspent money, the oldest first (§3.6)."""
    ages = await asked.get_many(("idle.amber", "idle.red"), area, today)
    fen = func.sum(_BALANCE.c.amount_fen)
    reserved = fen.filter(_BALANCE.c.account == RETENTION)
    kept = (
        select(fen.cast(BigInteger).label("unspent"), func.coalesce(reserved, 0).cast(BigInteger).label("held"))
        .where(_BALANCE.c.indicator_id == Indicator.id, _BALANCE.c.account.in_(_UNSPENT))
        .lateral()
    )
    statement = (
        select(Indicator, kept.c.unspent, kept.c.held)
        .join(kept, kept.c.unspent > 0)
        .where(Indicator.area_code.between(*area.span), Indicator.fiscal_year < year)
    )
    keys = (Indicator.fiscal_year, Indicator.id)
    amber, red = ages["idle.amber"], ages["idle.red"]
    return await fetch_page(session, statement, keys, request, lambda row: _idle(row, year, amber, red))


def _idle(row: Any, year: int, amber: int, red: int) -> IdleMoney:
    indicator: Indicator = row[0]
    idle, old = row.unspent - row.held, age(indicator.fiscal_year, year)
    shown = idle_light(old, amber, red, idle)
    return IdleMoney(
        indicator_id=indicator.id,
        area_code=AreaCode(indicator.area_code),
        document_no=indicator.document_no,
        origin_year=indicator.fiscal_year,
        age=old,
        unspent=row.unspent,
        retention=row.held,
        idle=idle,
        light=shown,
        recover=shown is Light.RED,
    )


def _with_case(rows: Any, workflow: str, area: AreaCode | None) -> Select[Any]:
    statement = select(rows, CASE.c.state, CASE.c.version).join(CASE, case_of(rows.id, workflow))
    return statement if area is None else statement.where(rows.area_code.between(*area.span))


async def _one(session: ReadSession, rows: Any, workflow: str, row_id: UUID, words: tuple[str, str]) -> Any:
    statement = _with_case(rows, workflow, None).where(rows.id == row_id)
    row = (await session.session.execute(statement)).one_or_none()
    if row is None:
        raise not_found(*words)
    return row


def _own(row: Any) -> dict[str, Any]:
    columns = {column.name: getattr(row[0], column.name) for column in row[0].__table__.columns}
    return columns | {"state": row.state, "version": row.version}


def _change(row: Any) -> ChangeShown:
    own = _own(row)
    return ChangeShown(**own, amount=own["amount_fen"], short=own["short_fen"])
