"""The monitoring line (监测范围): proposed with its document by one person, adopted by another, told to everybody."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, Field

from services.monitoring.domain.lines import Basis, LineTest, below_higher_line, no_line
from services.monitoring.parameters import LINE, LINE_TEST, PARAMETERS
from services.monitoring.tables.income import LineBasisRow
from shared.commands.command import Command, Context, Handler, Write
from shared.commands.policy import ADOPTERS, PROPOSERS, AdoptParameter, PolicyValue, ProposeParameter, policy_handlers
from shared.contracts.monitoring_work import LineChanged
from shared.contracts.parts import DocumentNo
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import NATION, AreaCode
from shared.kernel.errors import Refused, Unknown, Violation
from shared.kernel.money import Fen, format_yuan
from shared.kernel.roles import Role
from shared.parameters.floor import FLOOR_PARAMETERS
from shared.parameters.lookup import Parameters

_POLICY = policy_handlers({parameter.name: parameter for parameter in (*FLOOR_PARAMETERS, *PARAMETERS)})

_ADOPTED = """
SELECT value FROM parameter_value
 WHERE name = $1 AND area_code = $2 AND effective_from = $3 AND adopted_by IS NOT NULL"""
_PROPOSAL = "SELECT value, document FROM parameter_value WHERE name = $1 AND area_code = $2 AND effective_from = $3"


class ProposeLine(Command):
    """Propose a monitoring line for an area from a day on, with the document that states it."""

    ROLES: ClassVar[frozenset[Role]] = PROPOSERS

    area_code: Area
    effective_from: date
    effective_to: date | None = None
    amount: Yuan = Field(gt=0)
    basis: Basis
    document: DocumentNo
    override_reason: str = Field(default="", max_length=500)


class AdoptLine(Command):
    """Adopt a proposed line; only by another person than who proposed it."""

    ROLES: ClassVar[frozenset[Role]] = ADOPTERS

    area_code: Area
    effective_from: date


class LineValue(BaseModel):
    """A line's place and day, and whether it is adopted."""

    area_code: Area
    effective_from: date
    adopted: bool


async def monitoring_line(parameters: Parameters, area: AreaCode, on: date) -> Fen:
    """The line for `area` on the day `on`: nearest division, newest row (M-LINE-05); raises Unknown (M-LINE-06)."""
    try:
        line: Fen = await parameters.get(LINE, area, on)
    except Unknown:
        raise no_line(area, on) from None
    return line


async def line_test(parameters: Parameters, area: AreaCode, on: date) -> LineTest:
    """Which figure the area holds against the line."""
    return LineTest.NET_MINUS_RIGID if await parameters.get(LINE_TEST, area, on) else LineTest.NET


async def propose_line(tx: Write, command: ProposeLine, ctx: Context) -> LineValue:
    """Raises Refused for a line below the one that holds above, unless a reason is given (M-LINE-10)."""
    higher = await _line_above(tx, command.area_code, command.effective_from)
    if refused := below_higher_line(command.amount, higher, command.override_reason):
        raise Refused(refused)
    proposal = ProposeParameter(
        name=LINE,
        area_code=command.area_code,
        effective_from=command.effective_from,
        effective_to=command.effective_to,
        value=format_yuan(command.amount),
        document=command.document,
    )
    proposed = await _POLICY[ProposeParameter](tx, proposal, ctx)
    basis = LineBasisRow(
        area_code=int(command.area_code),
        effective_from=command.effective_from,
        basis=command.basis,
        override_reason=command.override_reason,
    )
    await tx.session.merge(basis)
    return _value(proposed)


async def adopt_line(tx: Write, command: AdoptLine, ctx: Context) -> LineValue:
    """Adopts it and tells it, the first time; later ones change nothing."""
    key = (LINE, int(command.area_code), command.effective_from)
    adopted_before = await tx.raw.fetchval(_ADOPTED, *key)
    adoption = AdoptParameter(name=LINE, area_code=command.area_code, effective_from=command.effective_from)
    adopted = await _POLICY[AdoptParameter](tx, adoption, ctx)
    if adopted_before is None:
        row = await tx.raw.fetchrow(_PROPOSAL, *key)
        assert row is not None
        tx.emit(
            LineChanged(
                area_code=command.area_code,
                year=command.effective_from.year,
                line=row["value"],
                effective_on=command.effective_from,
                document_no=row["document"],
            ),
        )
    return _value(adopted)


async def propose_parameter(tx: Write, command: ProposeParameter, ctx: Context) -> BaseModel:
    """Any parameter but the line, which has its own rules."""
    _refuse_line(command.name)
    return await _POLICY[ProposeParameter](tx, command, ctx)


async def adopt_parameter(tx: Write, command: AdoptParameter, ctx: Context) -> BaseModel:
    """Any parameter but the line, which is told to everybody."""
    _refuse_line(command.name)
    return await _POLICY[AdoptParameter](tx, command, ctx)


async def _line_above(tx: Write, area: AreaCode, on: date) -> Fen | None:
    if area == NATION:
        return None
    try:
        line: Fen = await tx.parameters.get(LINE, area.parent, on)
    except Unknown:
        return None
    return line


def _value(stored: BaseModel) -> LineValue:
    assert isinstance(stored, PolicyValue)
    return LineValue(area_code=stored.area_code, effective_from=stored.effective_from, adopted=stored.adopted)


def _refuse_line(name: str) -> None:
    if name == LINE:
        raise Refused(
            Violation(
                "LINE_HAS_ITS_OWN_FORM",
                "监测范围须按专门事项录入",
                "the monitoring line is proposed and adopted as a line, not as a plain parameter",
                rule="M-LINE-10 M-LINE-11",
                field="/name",
                remedy_zh="使用 /v1/monitoring-lines",
                remedy_en="use /v1/monitoring-lines",
            ),
        )


HANDLERS: Mapping[type[Command], Handler] = {
    ProposeLine: propose_line,
    AdoptLine: adopt_line,
    ProposeParameter: propose_parameter,
    AdoptParameter: adopt_parameter,
}
