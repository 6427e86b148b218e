"""Receipts (到账收益): money that arrived, once per bank serial; rent pays the oldest instalment first (§7.8)."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.assets.bulk import income
from services.assets.commands.contracts import IN_FORCE, OPERATION_BINDING, calendar_of, contract_of
from services.assets.commands.standing import as_system, editable, refuse, require, standing
from services.assets.domain.rent import Allocated, allocate, oldest_arrears
from services.assets.tables.contracts import OperatingContract
from services.assets.workflows.operation import OPERATION
from shared.cases.advance import Move, advance
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.assets import IncomeReceived
from shared.contracts.parts import Period
from shared.contracts.wire import Yuan
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Conflict, Refused, Violation
from shared.kernel.ids import new_id
from shared.kernel.roles import Role

BankSerial = Annotated[str, Field(min_length=4, max_length=64, pattern=r"^[0-9A-Za-z-]+$", description="银行流水号")]
"""The bank's own number of a payment or receipt."""

_RENT_ARRIVES = (*IN_FORCE, "ENDED")
"""Arrears may still come after the end."""

_INSERT = """
INSERT INTO income_receipt(id, area_code, asset_id, contract_id, kind, period, bank_serial, amount_fen, late_fee_fen,
                           unallocated_fen, drawn_fen, received_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11)
ON CONFLICT (bank_serial) DO NOTHING RETURNING true"""


class RecordReceipt(Command):
    """Record money that arrived (登记到账). Rent names its contract; `period` is the year or month it is for."""

    ROLES: ClassVar[frozenset[Role]] = frozenset(
        {Role.VILLAGE_COLLECTIVE, Role.VILLAGE_COMMITTEE, Role.TOWNSHIP_CLERK},
    )

    asset_id: UUID
    contract_id: UUID | None = None
    kind: Literal["rent", "dividend", "yield", "sale", "other"]
    period: Period
    bank_serial: BankSerial
    amount: Yuan = Field(gt=0)
    received_on: date


class PaidInstalment(BaseModel):
    """What the receipt paid of one instalment."""

    no: int
    amount: Yuan


class ReceiptRecorded(BaseModel):
    """Where the money went; `unallocated` is kept for later instalments by agreement."""

    receipt_id: UUID
    instalments: tuple[PaidInstalment, ...]
    late_fee: Yuan
    unallocated: Yuan


async def record_receipt(tx: Write, command: RecordReceipt, ctx: Context) -> ReceiptRecorded:
    """Insert the receipt, pay instalments, tell that income arrived, and clear arrears that are gone."""
    asset = await editable(tx, command.asset_id)
    require(ctx, command.ROLES, asset.area_code)
    refuse(_not_yet(command, ctx))
    receipt_id = new_id()
    contract = None if command.contract_id is None else await _paying_contract(tx, command, command.contract_id)
    went = await _went(tx, command, contract)
    inserted = await tx.raw.fetchval(
        _INSERT,
        receipt_id,
        asset.area_code,
        asset.id,
        command.contract_id,
        command.kind,
        command.period,
        command.bank_serial,
        command.amount,
        went.late_fee_paid,
        went.unallocated,
        command.received_on,
    )
    if not inserted:
        raise _serial_used()
    tx.changed("receipt", receipt_id, asset.area_code)
    _tell(tx, command, receipt_id, AreaCode(asset.area_code))
    if contract is not None:
        await income.allocate(tx.raw, receipt_id, contract.id, went.instalments)
        contract.late_fee_due_fen += went.late_fee_accrued - went.late_fee_paid
        await tx.session.flush()
        await _clear_arrears(tx, ctx, contract)
    return ReceiptRecorded(
        receipt_id=receipt_id,
        instalments=tuple(PaidInstalment(no=no, amount=amount) for no, amount in went.instalments),
        late_fee=went.late_fee_paid,
        unallocated=went.unallocated,
    )


async def _went(tx: Write, command: RecordReceipt, contract: OperatingContract | None) -> Allocated:
    if contract is None:
        return Allocated((), 0, 0, 0)
    return allocate(
        command.amount,
        await calendar_of(tx, contract.id),
        command.received_on,
        late_fee_due=contract.late_fee_due_fen,
        daily_ppm=contract.late_fee_daily_ppm,
    )


async def _paying_contract(tx: Write, command: RecordReceipt, contract_id: UUID) -> OperatingContract:
    contract = await contract_of(tx, contract_id, lock=True)
    state = await standing(tx, OPERATION, contract_id)
    if contract.asset_id == command.asset_id and state in _RENT_ARRIVES:
        return contract
    raise Refused(
        Violation(
            "CONTRACT_NOT_IN_FORCE",
            "合同未签订，或不属于该资产",
            "the contract is not signed, or is about another asset",
            rule="F-7.8",
            field="/contract_id",
            remedy_zh="核对合同和资产",
            remedy_en="check contract and asset",
            facts={"state": state},
        ),
    )


async def _clear_arrears(tx: Write, ctx: Context, contract: OperatingContract) -> None:
    """Paid in full, the contract is active again by itself (scenario 75)."""
    if await standing(tx, OPERATION, contract.id) != "OVERDUE":
        return
    if oldest_arrears(await calendar_of(tx, contract.id), ctx.today) is None:
        await advance(tx, as_system(ctx), OPERATION_BINDING, contract.id, Move("clear_overdue"))


def _tell(tx: Write, command: RecordReceipt, receipt_id: UUID, area: AreaCode) -> None:
    tx.emit(
        IncomeReceived(
            area_code=area,
            asset_id=command.asset_id,
            receipt_id=receipt_id,
            contract_id=command.contract_id,
            period=command.period,
            amount=command.amount,
            received_on=command.received_on,
        ),
    )


def _not_yet(command: RecordReceipt, ctx: Context) -> Violation | None:
    if command.received_on <= ctx.today:
        return None
    return Violation(
        "RECEIPT_IN_FUTURE",
        "到账日期晚于今天；只登记已到账的收益",
        "the day lies ahead; only money that arrived is recorded",
        rule="F-7.9",
        field="/received_on",
        remedy_zh="核对银行回单",
        remedy_en="check the bank's receipt",
    )


def _serial_used() -> Conflict:
    return Conflict(
        Violation(
            "BANK_SERIAL_USED",
            "该银行流水号已登记",
            "a receipt with this bank serial is recorded already",
            rule="F-7.9",
            field="/bank_serial",
            remedy_zh="核对是否重复登记",
            remedy_en="check whether it was recorded before",
        ),
    )


HANDLERS: Mapping[type[Command], Handler] = {RecordReceipt: record_receipt}
