"""What offices report for supervision: the bank's day, labour pay of work for relief, the accounts of townships (§4.2)."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.dialects.postgresql import insert

from services.funds.commands.admission import require
from services.funds.commands.once import once
from services.funds.domain.library import county_of
from services.funds.domain.refusals import refusal
from services.funds.tables.library import Project
from services.funds.tables.supervision_reports import BankDay, LabourPay, TownshipBalance
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import DocumentNo, Month
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.errors import Invalid, Violation, not_found
from shared.kernel.ids import derived_id, new_id
from shared.kernel.roles import Role
from shared.workflow.desks import FINANCE, SECTOR, TOWNSHIP, TREASURY, UNIT

_DAYS = UUID("0b3d6f7e-2c1a-5f60-9a35-77c1a4d2e9b8")
"""Namespace of what a day of an area is known by."""

Sum = Annotated[Yuan, Field(ge=0)]


class ReportBankDay(Command):
    """State what the bank's statement of a day says (银行日终对账); stated again, it replaces what was stated (FW42)."""

    ROLES: ClassVar[frozenset[Role]] = TREASURY

    area_code: Area
    on: date
    paid: Annotated[Sum, Field(description="当日支付合计")]
    returned: Annotated[Sum, Field(description="当日退票合计")] = 0
    refunded: Annotated[Sum, Field(description="当日收到退款合计")] = 0
    statement_no: DocumentNo


class LabourPayFields(BaseModel):
    """A roster of labour pay: how many persons, how much in all, paid by the bank on a day."""

    reference: Annotated[str, Field(pattern=r"^[\w-]{4,64}$", description="发放名册编号")]
    period: Month
    persons: Annotated[int, Field(gt=0)]
    amount: Annotated[Yuan, Field(gt=0)]
    paid_on: date


class ReportLabourPay(Command, LabourPayFields):
    """Report a roster of labour pay of a work-for-relief project (以工代赈劳务报酬); each roster counts once (FW46)."""

    ROLES: ClassVar[frozenset[Role]] = UNIT | SECTOR

    project_id: UUID


class ReportTownshipBalance(Command):
    """State what lies on a township's account at the end of a day; stated again, it replaces what was stated (FW48)."""

    ROLES: ClassVar[frozenset[Role]] = TOWNSHIP | FINANCE

    area_code: Annotated[Area, Field(description="乡镇区划代码 / township")]
    as_of: date
    balance: Sum


class SupervisionReported(BaseModel):
    """The area that the report is about, and the roster's id if it is one."""

    area_code: Area
    id: UUID | None = None


async def report_bank_day(tx: Write, command: ReportBankDay, ctx: Context) -> SupervisionReported:
    """Insert or replace the day of the county; raises Invalid for a day to come."""
    _over(command.on, ctx, "/on")
    county = county_of(command.area_code)
    require(ctx, command.ROLES, county)
    sums = {f"{name}_fen": getattr(command, name) for name in ("paid", "returned", "refunded")}
    told = sums | {"statement_no": command.statement_no, "reported_by": ctx.actor.id, "reported_at": ctx.now}
    day = {"area_code": int(county), "on_day": command.on}
    values = insert(BankDay).values(day | told)
    await tx.session.execute(values.on_conflict_do_update(index_elements=list(day), set_=told))
    tx.changed("bank_day", derived_id(_DAYS, f"bank/{county}/{command.on}"), county)
    return SupervisionReported(area_code=county)


async def report_labour_pay(tx: Write, command: ReportLabourPay, ctx: Context) -> SupervisionReported:
    """Append the roster; raises NotFound for a project that is not seen, Refused for a roster reported before."""
    _over(command.paid_on, ctx, "/paid_on")
    project = await tx.session.get(Project, command.project_id)
    if project is None:
        raise not_found("项目", "project")
    require(ctx, command.ROLES, project.area_code)
    row = LabourPay(
        id=new_id(),
        area_code=project.area_code,
        amount_fen=command.amount,
        reported_by=ctx.actor.id,
        **command.model_dump(include={"project_id", "reference", "period", "persons", "paid_on"}),
    )
    async with once("uq_labour_pay_project_id_reference", _reported()):
        tx.session.add(row)
        await tx.session.flush()
    tx.changed("project", project.id, project.area_code)
    return SupervisionReported(area_code=AreaCode(project.area_code), id=row.id)


async def report_township_balance(tx: Write, command: ReportTownshipBalance, ctx: Context) -> SupervisionReported:
    """Insert or replace the day of the township; raises Invalid for another division than a township."""
    _over(command.as_of, ctx, "/as_of")
    if command.area_code.level is not AreaLevel.TOWNSHIP:
        raise Invalid(_no_township())
    told = {"balance_fen": command.balance, "reported_by": ctx.actor.id, "reported_at": ctx.now}
    day = {"area_code": int(command.area_code), "as_of": command.as_of}
    values = insert(TownshipBalance).values(day | told)
    await tx.session.execute(values.on_conflict_do_update(index_elements=list(day), set_=told))
    tx.changed(
        "township_balance", derived_id(_DAYS, f"township/{command.area_code}/{command.as_of}"), command.area_code
    )
    return SupervisionReported(area_code=command.area_code)


def _over(day: date, ctx: Context, field: str) -> None:
    if day > ctx.today:
        raise Invalid(
            refusal(
                "DAY_TO_COME",
                "F-4.2",
                "日期晚于今天",
                "the day is still to come",
                ("核对日期", "check the day"),
                field=field,
            )
        )


def _no_township() -> Violation:
    return refusal(
        "TOWNSHIP_REQUIRED",
        "FW48",
        "须填写乡镇区划代码",
        "give the code of a township",
        ("改为乡镇区划代码", "give the township, not another division"),
        field="/area_code",
    )


def _reported() -> Violation:
    return refusal(
        "REFERENCE_USED",
        "L5",
        "该发放名册已报送",
        "this roster has been reported",
        ("核对名册编号", "check the number"),
        field="/reference",
    )


HANDLERS: dict[type[Command], Handler] = {
    ReportBankDay: report_bank_day,
    ReportLabourPay: report_labour_pay,
    ReportTownshipBalance: report_township_balance,
}
