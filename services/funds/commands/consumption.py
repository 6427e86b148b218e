"""Consumption assistance (消费帮扶): what budget units reserve, what they order, what the area's suppliers sell (§2.2)."""

from datetime import date
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.dialects.postgresql import insert

from services.funds.commands.limits import weigh
from services.funds.commands.once import once
from services.funds.domain.consumption import earnings_misfit, reserve_too_small
from services.funds.domain.refusals import refusal
from services.funds.tables.regimes import ConsumptionEarning, ConsumptionOrder, ConsumptionQuota, ConsumptionSale
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.funds import ConsumptionEarned
from shared.contracts.parts import Count, Label, Year
from shared.contracts.wire import Area, Yuan, unfit
from shared.kernel.errors import Invalid, Refused, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, FINANCE_CLERK

Reference = Annotated[str, Field(pattern=r"^[\w-]{4,64}$", description="平台订单号或销售凭证号")]


class ReserveConsumption(Command):
    """State what a budget unit plans to buy in a year and reserves; stated again, it replaces what was stated."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU | FINANCE_CLERK

    area_code: Area
    year: Year
    unit_name: Label
    planned: Annotated[Yuan, Field(gt=0)]
    reserved: Annotated[Yuan, Field(ge=0)]
    opened_on: Annotated[date | None, Field(description="平台账户开通日期")] = None
    activated_on: Annotated[date | None, Field(description="平台账户激活日期")] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.reserved > self.planned:
            zh, en = "预留份额不得大于计划采购", "no more is reserved than is planned"
            raise unfit("reserve_beyond_plan", "reserved", zh, en)
        if self.activated_on and (self.opened_on is None or self.activated_on < self.opened_on):
            zh, en = "账户激活日不得早于开户日", "an account is opened before it is activated"
            raise unfit("activated_before_opened", "activated_on", zh, en)
        return self


class ReportOrder(Command):
    """Report one order of a budget unit; its number counts once."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU | FINANCE_CLERK

    area_code: Area
    quota_id: UUID
    reference: Reference
    ordered_on: date
    amount: Annotated[Yuan, Field(gt=0)]
    origin: Annotated[Area, Field(description="货源地区划代码")]


class Earning(BaseModel):
    """What one linked household earned by a sale."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    household_id: UUID
    amount: Annotated[Yuan, Field(gt=0)]


class ReportSale(Command):
    """Report what the area's suppliers sold, how many linked households earn by it, and what each earned if known."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU

    area_code: Area
    reference: Reference
    sold_on: date
    product: Label
    amount: Annotated[Yuan, Field(gt=0)]
    households: Count
    earnings: Annotated[tuple[Earning, ...], Field(max_length=1000, description="到户增收，计入农户收入")] = ()


class Reported(BaseModel):
    """The id of what was reported."""

    id: UUID


async def reserve(tx: Write, command: ReserveConsumption, ctx: Context) -> Reported:
    """Insert or replace the unit's year; the floor warns or blocks as the area says."""
    floor = await tx.parameters.get("consumption.reserve_floor", command.area_code, ctx.today)
    broken = {"F-2.2-reserve": reserve_too_small(command.reserved, command.planned, floor)}
    if blocked := await weigh(tx, broken, command.area_code, ctx.today):
        raise Refused(*blocked.values())
    row = command.model_dump(include={"year", "unit_name", "opened_on", "activated_on"}) | {
        "id": new_id(),
        "area_code": int(command.area_code),
        "planned_fen": command.planned,
        "reserved_fen": command.reserved,
    }
    replaced = {name: row[name] for name in ("planned_fen", "reserved_fen", "opened_on", "activated_on")}
    kept = (
        insert(ConsumptionQuota)
        .values(row)
        .on_conflict_do_update(index_elements=["area_code", "year", "unit_name"], set_=replaced)
        .returning(ConsumptionQuota.id)
    )
    quota_id = (await tx.session.execute(kept)).scalar_one()
    tx.changed("consumption_quota", quota_id, command.area_code)
    return Reported(id=quota_id)


async def report_order(tx: Write, command: ReportOrder, ctx: Context) -> Reported:
    """Append the order to its unit's year."""
    quota = await tx.session.get(ConsumptionQuota, command.quota_id)
    if quota is None or quota.area_code != command.area_code:
        raise not_found("预留份额", "reserved share")
    if command.ordered_on.year != quota.year or command.ordered_on > ctx.today:
        raise Invalid(_other_year(quota.year))
    row = ConsumptionOrder(
        id=new_id(),
        area_code=quota.area_code,
        quota_id=quota.id,
        reference=command.reference,
        ordered_on=command.ordered_on,
        amount_fen=command.amount,
        origin_code=int(command.origin),
    )
    async with once("uq_consumption_order_area_code_reference", _reported()):
        tx.session.add(row)
        await tx.session.flush()
    tx.changed("consumption_quota", quota.id, quota.area_code)
    return Reported(id=row.id)


async def report_sale(tx: Write, command: ReportSale, ctx: Context) -> Reported:
    """Append the sale and tell of each household's earning."""
    if command.sold_on > ctx.today:
        raise Invalid(_other_year(ctx.today.year))
    earned = [(each.household_id, each.amount) for each in command.earnings]
    if broken := earnings_misfit(earned, command.households, command.amount):
        raise Invalid(broken)
    row = ConsumptionSale(
        id=new_id(),
        area_code=int(command.area_code),
        amount_fen=command.amount,
        **command.model_dump(include={"reference", "sold_on", "product", "households"}),
    )
    async with once("uq_consumption_sale_area_code_reference", _reported()):
        tx.session.add(row)
        await tx.session.flush()
    for each in command.earnings:
        line_id = ctx.id_for(f"earning {each.household_id}")
        line = ConsumptionEarning(
            id=line_id,
            area_code=row.area_code,
            sale_id=row.id,
            household_id=each.household_id,
            amount_fen=each.amount,
        )
        tx.session.add(line)
        tx.emit(
            ConsumptionEarned(
                area_code=command.area_code,
                line_id=line_id,
                sale_id=row.id,
                household_id=each.household_id,
                amount=each.amount,
                sold_on=command.sold_on,
            )
        )
    tx.changed("consumption_sale", row.id, command.area_code)
    return Reported(id=row.id)


def _other_year(year: int) -> Violation:
    return refusal(
        "CONSUMPTION_DATE",
        "F-2.2",
        f"日期须在 {year} 年内且不晚于今日",
        f"the day lies in {year} and not after today",
        ("核对日期", "check the day"),
        field="/ordered_on",
        year=year,
    )


def _reported() -> Violation:
    return refusal(
        "REFERENCE_USED",
        "L5",
        "该订单号或凭证号已登记",
        "this number has been reported",
        ("核对编号", "check the number"),
        field="/reference",
    )


HANDLERS: dict[type[Command], Handler] = {
    ReserveConsumption: reserve,
    ReportOrder: report_order,
    ReportSale: report_sale,
}
