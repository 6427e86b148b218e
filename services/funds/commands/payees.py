"""Payees (收款方): master data that one person enters or changes and another confirms (§3.2-3)."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.dialects.postgresql import insert

from services.funds.commands.admission import require
from services.funds.domain.library import county_of
from services.funds.domain.refusals import refusal
from services.funds.tables.contracts import Payee, PayeeRelation
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import Label
from shared.contracts.wire import Area
from shared.kernel.errors import Conflict, Refused, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.vault.index import blind_index
from shared.vault.seal import seal
from shared.workflow.desks import FINANCE, SECTOR, UNIT

ACCOUNT = "payee.account"

Account = Annotated[str, Field(pattern=r"^\d{6,32}$", description="bank account", examples=["6222020000000000000"])]


class PayeeKind(StrEnum):
    """What kind of organisation is paid: 公司、合作社、村集体、自建小组；预算单位、乡镇 are paid for self-build alone (FW21)."""

    COMPANY = "company"
    COOPERATIVE = "cooperative"
    VILLAGE_COLLECTIVE = "village_collective"
    SELF_BUILD_GROUP = "self_build_group"
    BUDGET_UNIT = "budget_unit"
    TOWNSHIP = "township"


AccountKind = Literal["corporate", "personal"]
"""Whose account it is (账户性质): 对公、个人."""


class RegisterPayee(Command):
    """Enter a payee; it is paid when another person has confirmed it."""

    ROLES: ClassVar[frozenset[Role]] = UNIT | SECTOR | FINANCE

    area_code: Area
    name: Label
    kind: PayeeKind
    credit_code: Annotated[str, Field(pattern=r"^[0-9A-Z]{18}$", description="统一社会信用代码")]
    bank_name: Label
    account: Account
    account_kind: AccountKind = "corporate"
    is_small_firm: bool = False
    """A small or micro firm (小微企业), which is paid within days (LM15)."""


class AccountFields(BaseModel):
    """An account and its bank."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bank_name: Label
    account: Account
    account_kind: AccountKind = "corporate"


class ChangePayeeAccount(Command, AccountFields):
    """Change a payee's account: payments rest until it is confirmed, and some days longer (scenario 36)."""

    ROLES: ClassVar[frozenset[Role]] = SECTOR | FINANCE

    payee_id: UUID


class ConfirmPayee(Command):
    """Confirm what another person entered or changed."""

    ROLES: ClassVar[frozenset[Role]] = SECTOR | FINANCE

    payee_id: UUID


class DeclareRelation(Command):
    """Declare a relation of one's own to a payee (利害关系申报): the declarer approves nothing for it."""

    ROLES: ClassVar[frozenset[Role]] = frozenset(Role)

    payee_id: UUID


class PayeeChanged(BaseModel):
    """A payee and whether it may be paid."""

    id: UUID
    confirmed: bool


_ENTERED = {"name", "kind", "credit_code", "bank_name", "account_kind", "is_small_firm"}


async def register_payee(tx: Write, command: RegisterPayee, ctx: Context) -> PayeeChanged:
    """Insert the row with a sealed account."""
    county = county_of(command.area_code)
    require(ctx, command.ROLES, county)
    payee_id = new_id()
    row = {
        **command.model_dump(include=_ENTERED),
        **_account(ctx, payee_id, command.account),
        "id": payee_id,
        "area_code": int(county),
        "changed_by": ctx.actor.id,
    }
    made = await tx.session.scalar(insert(Payee).values(row).on_conflict_do_nothing().returning(Payee.id))
    if made is None:
        raise Conflict(
            refusal(
                "PAYEE_KNOWN",
                "F-3.2.3",
                "该单位已登记为收款方",
                "this organisation is entered already",
                ("使用已登记的收款方", "use the entered one"),
                field="/credit_code",
            ),
        )
    tx.changed("payee", payee_id, county)
    return PayeeChanged(id=payee_id, confirmed=False)


async def change_account(tx: Write, command: ChangePayeeAccount, ctx: Context) -> PayeeChanged:
    """Write the new account; it waits for a second person."""
    row = await _payee(tx, command.payee_id)
    require(ctx, command.ROLES, row.area_code)
    for name, value in _account(ctx, row.id, command.account).items():
        setattr(row, name, value)
    row.bank_name, row.account_kind = command.bank_name, command.account_kind
    row.changed_by, row.changed_on = ctx.actor.id, ctx.today
    row.confirmed_by = row.confirmed_on = None
    tx.changed("payee", row.id, row.area_code)
    return PayeeChanged(id=row.id, confirmed=False)


async def confirm_payee(tx: Write, command: ConfirmPayee, ctx: Context) -> PayeeChanged:
    """Stand for the account as the second person."""
    row = await _payee(tx, command.payee_id)
    require(ctx, command.ROLES, row.area_code)
    if row.changed_by == ctx.actor.id:
        raise Refused(
            refusal(
                "SEPARATION_OF_DUTIES",
                "F-3.2.3",
                "录入或变更收款账户的人不得确认",
                "who entered or changed the account may not confirm it",
                ("请另一人确认", "have another person confirm it"),
            ),
        )
    row.confirmed_by, row.confirmed_on = ctx.actor.id, ctx.today
    tx.changed("payee", row.id, row.area_code)
    return PayeeChanged(id=row.id, confirmed=True)


async def declare_relation(tx: Write, command: DeclareRelation, ctx: Context) -> PayeeChanged:
    """Keep the declaration; it is never taken back."""
    row = await _payee(tx, command.payee_id)
    declared = {"payee_id": row.id, "person": ctx.actor.id, "declared_on": ctx.today, "area_code": row.area_code}
    await tx.session.execute(insert(PayeeRelation).values(declared).on_conflict_do_nothing())
    tx.changed("payee", row.id, row.area_code)
    return PayeeChanged(id=row.id, confirmed=row.confirmed_by is not None)


async def _payee(tx: Write, payee_id: UUID) -> Payee:
    row = await tx.session.get(Payee, payee_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise not_found("收款方", "payee")
    return row


def _account(ctx: Context, payee_id: UUID, account: str) -> dict[str, bytes]:
    return {
        "account_sealed": seal(ctx.keys, ACCOUNT, payee_id, account),
        "account_index": blind_index(ctx.keys, ACCOUNT, account),
    }


HANDLERS: dict[type[Command], Handler] = {
    RegisterPayee: register_payee,
    ChangePayeeAccount: change_account,
    ConfirmPayee: confirm_payee,
    DeclareRelation: declare_relation,
}
