"""Drafting an operating contract (经营合同草案): parties, term, rent calendar; nothing binds before its case is SIGNED."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.assets.commands.contracts import OPERATION_BINDING
from services.assets.commands.standing import editable, refuse, require
from services.assets.domain.classification import OwnerKind
from services.assets.domain.contracts import Mode
from services.assets.domain.rent import Instalment, equal_instalments
from services.assets.tables.contracts import OperatingContract, RentInstalment
from shared.cases.advance import open_case
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import Count, Label, Measured
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Refused, Violation
from shared.kernel.ids import derived_id, new_id
from shared.kernel.roles import Role

OPERATORS = UUID("5a1d6f2e-7b0c-5c44-9d3e-2f8c61b0a001")
"""Under this name an operator's credit code gives the operator's id, the same in every contract."""


class RentDue(BaseModel):
    """One instalment: its day, and its amount unless all are equal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    due_on: date
    amount: Annotated[Yuan | None, Field(default=None)]


class DraftContract(Command):
    """Draft a contract (起草经营合同). Without `quantity` it is over the whole asset; without amounts rents are equal."""

    ROLES: ClassVar[frozenset[Role]] = frozenset(
        {Role.VILLAGE_COLLECTIVE, Role.VILLAGE_COMMITTEE, Role.SECTOR_CLERK, Role.SECTOR_LEADER},
    )

    asset_id: UUID
    contract_no: str = Field(min_length=2, max_length=60)
    mode: Mode
    quantity: Measured | None = None
    lessor_kind: OwnerKind
    lessor_area: Area
    operator_code: str = Field(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$", description="统一社会信用代码")
    operator_name: Label
    starts_on: date
    ends_on: date
    rent_total: Yuan = Field(gt=0)
    calendar: tuple[RentDue, ...] = Field(min_length=1, max_length=600)
    deposit: Yuan = Field(default=0, ge=0)
    late_fee_daily_ppm: Count = 0


class ContractDrafted(BaseModel):
    """The new contract."""

    contract_id: UUID
    case_id: UUID
    operator_id: UUID
    calendar: tuple[RentDue, ...]


async def draft_contract(tx: Write, command: DraftContract, ctx: Context) -> ContractDrafted:
    """Enter the draft and open its case."""
    asset = await editable(tx, command.asset_id)
    require(ctx, command.ROLES, asset.area_code)
    refuse(_term(command))
    calendar = _calendar(command)
    contract_id = new_id()
    contract = OperatingContract(
        id=contract_id,
        area_code=asset.area_code,
        contract_no=command.contract_no,
        asset_id=asset.id,
        mode=command.mode,
        quantity=asset.quantity if command.quantity is None else Decimal(command.quantity),
        lessor_kind=command.lessor_kind,
        lessor_area=int(command.lessor_area),
        operator_id=derived_id(OPERATORS, command.operator_code),
        operator_code=command.operator_code,
        operator_name=command.operator_name,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        rent_total_fen=command.rent_total,
        deposit_fen=command.deposit,
        late_fee_daily_ppm=command.late_fee_daily_ppm,
        late_fee_due_fen=0,
    )
    tx.session.add(contract)
    await tx.session.flush()
    tx.session.add_all(_rows(contract, calendar))
    case = await open_case(tx, ctx, OPERATION_BINDING, contract_id, AreaCode(asset.area_code))
    return ContractDrafted(
        contract_id=contract_id,
        case_id=case.id,
        operator_id=contract.operator_id,
        calendar=tuple(RentDue(due_on=each.due_on, amount=each.amount) for each in calendar),
    )


def _calendar(command: DraftContract) -> list[Instalment]:
    """The amounts as given, or equal ones."""
    amounts = [each.amount for each in command.calendar if each.amount is not None]
    if len(amounts) == len(command.calendar):
        pairs = zip(command.calendar, amounts, strict=True)
        return [Instalment(no, each.due_on, amount) for no, (each, amount) in enumerate(pairs, 1)]
    if amounts:
        raise _calendar_refused(
            "租金计划须各期都填金额，或都不填而由系统均分", "state the amount of every instalment, or of none"
        )
    try:
        return equal_instalments(command.rent_total, [each.due_on for each in command.calendar])
    except ValueError as error:
        raise _calendar_refused(
            "合同总额过小，无法均分到各期", "the rent is too small for so many instalments"
        ) from error


def _calendar_refused(zh: str, en: str) -> Refused:
    return Refused(
        Violation(
            "RENT_CALENDAR",
            zh,
            en,
            rule="F-7.8",
            field="/calendar",
            remedy_zh="更正租金计划",
            remedy_en="correct the calendar",
        ),
    )


def _rows(contract: OperatingContract, calendar: Sequence[Instalment]) -> list[RentInstalment]:
    return [
        RentInstalment(
            contract_id=contract.id,
            no=each.no,
            due_on=each.due_on,
            amount_fen=each.amount,
            paid_fen=0,
            area_code=contract.area_code,
        )
        for each in calendar
    ]


def _term(command: DraftContract) -> Violation | None:
    within = all(command.starts_on <= each.due_on <= command.ends_on for each in command.calendar)
    if command.starts_on <= command.ends_on and within:
        return None
    return Violation(
        "CONTRACT_TERM",
        "合同期限或租金到期日有误",
        "the term ends before it begins, or rent is due outside it",
        rule="F-7.8",
        field="/ends_on",
        remedy_zh="核对合同期限和各期到期日",
        remedy_en="check the term and the days on which rent is due",
    )


HANDLERS: Mapping[type[Command], Handler] = {DraftContract: draft_contract}
