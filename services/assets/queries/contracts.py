"""Contracts and receipts as they are read: terms, rent calendar with arrears, money that arrived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.assets.domain.rent import Overdue, overdue
from services.assets.queries.shown import Shown, state_of
from services.assets.tables.contracts import IncomeReceipt, OperatingContract, ReceiptAllocation, RentInstalment
from services.assets.workflows.operation import OPERATION
from shared.contracts.wire import Area, Yuan
from shared.db.paging import AnyRow, AnySelect, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found
from shared.parameters.lookup import Parameters


class InstalmentShown(Shown):
    """One instalment; `overdue` tells how late what is unpaid is."""

    no: int
    due_on: date
    amount: Yuan
    paid: Yuan
    overdue: Overdue | None


class ContractShown(Shown):
    """One operating contract (经营合同)."""

    id: UUID
    contract_no: str
    asset_id: UUID
    area_code: Area
    state: str | None
    mode: str
    quantity: str
    lessor_kind: str
    lessor_area: Area
    operator_id: UUID
    operator_name: str
    starts_on: date
    ends_on: date
    rent_total: Yuan
    deposit: Yuan
    late_fee_due: Yuan
    signed_on: date | None
    ended_on: date | None
    instalments: list[InstalmentShown]


class PaidShown(Shown):
    """What a receipt paid of one instalment."""

    no: int
    amount: Yuan


class ReceiptShown(Shown):
    """Money that arrived (到账收益); `undistributed` is what no plan has taken yet."""

    id: UUID
    asset_id: UUID
    contract_id: UUID | None
    area_code: Area
    kind: str
    period: str
    bank_serial: str
    amount: Yuan
    late_fee: Yuan
    unallocated: Yuan
    undistributed: Yuan
    received_on: date
    instalments: list[PaidShown]


@dataclass(frozen=True, slots=True)
class Lateness:
    """The day on which arrears are judged, and where the figures for it are found."""

    today: date
    parameters: Parameters

    async def of(self, area: int, due_on: date) -> Overdue | None:
        """How late something due on `due_on` is by the figures of its area."""
        names = ("rent.overdue.amber_days", "rent.overdue.red_days")
        figures = await self.parameters.get_many(names, area, self.today)
        return overdue(due_on, self.today, *(figures[name] for name in names))


async def show_contract(session: ReadSession, contract_id: UUID, lateness: Lateness) -> ContractShown:
    """One contract; raises NotFound."""
    found = await _contracts(session, lateness, OperatingContract.id == contract_id)
    if not found:
        raise not_found("经营合同", "contract")
    return found[0]


async def list_contracts(
    session: ReadSession,
    page: PageRequest,
    lateness: Lateness,
    *,
    area: AreaCode | None = None,
    asset_id: UUID | None = None,
) -> Page[ContractShown]:
    """The contracts of an area or an asset, the newest first."""
    query = _with_state()
    if area is not None:
        query = query.where(OperatingContract.area_code.between(*area.span))
    if asset_id is not None:
        query = query.where(OperatingContract.asset_id == asset_id)
    keys = (OperatingContract.starts_on, OperatingContract.id)
    found = await fetch_page(session, query, keys, page, lambda row: (row[0], row.state), descending=True)
    return Page(items=await _shown(session, found.items, lateness), next_cursor=found.next_cursor)


async def contracts_of_asset(session: ReadSession, asset_id: UUID, lateness: Lateness) -> list[ContractShown]:
    """The contracts of an asset, the oldest first."""
    return await _contracts(session, lateness, OperatingContract.asset_id == asset_id)


def _with_state() -> AnySelect:
    columns: tuple[Any, ...] = (OperatingContract, state_of(OPERATION, OperatingContract.id).label("state"))
    return select(*columns)


async def _contracts(session: ReadSession, lateness: Lateness, condition: Any) -> list[ContractShown]:
    query = _with_state().where(condition).order_by(OperatingContract.starts_on, OperatingContract.id)
    rows = (await session.session.execute(query)).all()
    return await _shown(session, [(row[0], row.state) for row in rows], lateness)


async def _shown(
    session: ReadSession,
    found: Sequence[tuple[OperatingContract, str | None]],
    lateness: Lateness,
) -> list[ContractShown]:
    calendars = await _calendars(session, [contract.id for contract, _ in found], lateness)
    return [_contract(contract, state, calendars.get(contract.id, [])) for contract, state in found]


async def _calendars(
    session: ReadSession,
    contracts: Sequence[UUID],
    lateness: Lateness,
) -> Mapping[UUID, list[InstalmentShown]]:
    query = (
        select(RentInstalment)
        .where(RentInstalment.contract_id.in_(contracts))
        .order_by(RentInstalment.contract_id, RentInstalment.no)
    )
    found: dict[UUID, list[InstalmentShown]] = {}
    for row in (await session.session.scalars(query)).all():
        found.setdefault(row.contract_id, []).append(
            InstalmentShown(
                no=row.no,
                due_on=row.due_on,
                amount=row.amount_fen,
                paid=row.paid_fen,
                overdue=await lateness.of(row.area_code, row.due_on) if row.paid_fen < row.amount_fen else None,
            ),
        )
    return found


def _contract(row: OperatingContract, state: str | None, instalments: list[InstalmentShown]) -> ContractShown:
    same = ("id", "contract_no", "asset_id", "mode", "lessor_kind", "operator_id", "operator_name", "starts_on")
    return ContractShown(
        **{name: getattr(row, name) for name in (*same, "ends_on", "signed_on", "ended_on")},
        area_code=AreaCode(row.area_code),
        state=state,
        quantity=f"{row.quantity.normalize():f}",
        lessor_area=AreaCode(row.lessor_area),
        rent_total=row.rent_total_fen,
        deposit=row.deposit_fen,
        late_fee_due=row.late_fee_due_fen,
        instalments=instalments,
    )


async def list_receipts(
    session: ReadSession,
    page: PageRequest,
    *,
    area: AreaCode | None = None,
    asset_id: UUID | None = None,
) -> Page[ReceiptShown]:
    """The receipts of an area or an asset, the newest first."""
    query = select(IncomeReceipt)
    if area is not None:
        query = query.where(IncomeReceipt.area_code.between(*area.span))
    if asset_id is not None:
        query = query.where(IncomeReceipt.asset_id == asset_id)
    keys = (IncomeReceipt.received_on, IncomeReceipt.id)
    found = await fetch_page(session, query, keys, page, _bare, descending=True)
    paid = await _paid(session, [receipt.id for receipt in found.items])
    items = [receipt.model_copy(update={"instalments": paid.get(receipt.id, [])}) for receipt in found.items]
    return Page(items=items, next_cursor=found.next_cursor)


async def receipts_of_asset(session: ReadSession, asset_id: UUID, limit: int) -> list[ReceiptShown]:
    """The newest receipts of an asset."""
    query = (
        select(IncomeReceipt)
        .where(IncomeReceipt.asset_id == asset_id)
        .order_by(IncomeReceipt.received_on.desc(), IncomeReceipt.id.desc())
        .limit(limit)
    )
    found = [_bare(row) for row in (await session.session.execute(query)).all()]
    paid = await _paid(session, [receipt.id for receipt in found])
    return [receipt.model_copy(update={"instalments": paid.get(receipt.id, [])}) for receipt in found]


def _bare(row: AnyRow) -> ReceiptShown:
    receipt: IncomeReceipt = row[0]
    same = ("id", "asset_id", "contract_id", "kind", "period", "bank_serial", "received_on")
    return ReceiptShown(
        **{name: getattr(receipt, name) for name in same},
        area_code=AreaCode(receipt.area_code),
        amount=receipt.amount_fen,
        late_fee=receipt.late_fee_fen,
        unallocated=receipt.unallocated_fen,
        undistributed=receipt.amount_fen - receipt.drawn_fen,
        instalments=[],
    )


async def _paid(session: ReadSession, receipts: Sequence[UUID]) -> Mapping[UUID, list[PaidShown]]:
    query = (
        select(ReceiptAllocation.receipt_id, ReceiptAllocation.instalment_no, ReceiptAllocation.amount_fen)
        .where(ReceiptAllocation.receipt_id.in_(receipts))
        .order_by(ReceiptAllocation.receipt_id, ReceiptAllocation.instalment_no)
    )
    found: dict[UUID, list[PaidShown]] = {}
    for receipt, no, amount in await session.session.execute(query):
        found.setdefault(receipt, []).append(PaidShown(no=no, amount=amount))
    return found
