"""Factor method (因素法): schemes with dated factors, values of the units, runs that are stored as they came out (§2.5)."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy.dialects.postgresql import insert

from services.funds.bulk.factor_values import values_of
from services.funds.domain import factors as method
from services.funds.domain.factors import Measure, Result, Unit, factors_of
from services.funds.domain.hierarchy import targets_below
from services.funds.domain.project_content import Part
from services.funds.domain.refusals import refusal
from services.funds.tables.factors import FactorRun, FactorRunLine, FactorScheme, FactorValue
from services.funds.tables.indicators import Indicator
from services.funds.workflows.factor_scheme import FACTOR_SCHEME
from shared.cases import store
from shared.cases.advance import open_case
from shared.cases.binding import Binding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import Code, Count, DocumentNo, Label, Year
from shared.contracts.wire import Area, Yuan
from shared.kernel.errors import Invalid, Refused, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.workflow.desks import FINANCE_CLERK


def _ratio(text: str) -> str:
    Fraction(text)
    return text


Weight = Annotated[str, Field(pattern=r"^\d{1,9}/[1-9]\d{0,8}$", examples=["3/10"], description="权重，分数形式")]
Value = Annotated[
    str, Field(pattern=r"^\d{1,15}(\.\d{1,6})?$", examples=["21300"], description="因素值"), AfterValidator(_ratio)
]


class FactorFields(Part):
    """One factor of a scheme."""

    code: Code
    label: Label
    measure: Measure
    weight: Weight
    reference: Annotated[Value | None, Field(description="缺口因素的基准值")] = None
    population: Annotated[str, Field(max_length=48, description="缺口因素所乘的人口因素")] = ""


class DraftScheme(Command):
    """Draft a scheme (因素法分配方案) of an area: factors, measures, weights that make exactly one."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_CLERK

    area_code: Area
    title: Label
    document_no: DocumentNo
    effective_from: date
    factors: Annotated[tuple[FactorFields, ...], Field(min_length=1, max_length=30)]


class FactorValueGiven(Part):
    """One unit's value of one factor."""

    target: Area
    code: Code
    value: Value


class RecordFactorValues(Command):
    """Record values of the units for a year, with their source; a later value of the same unit counts instead."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_CLERK

    area_code: Area
    year: Year
    source: Label
    values: Annotated[tuple[FactorValueGiven, ...], Field(min_length=1, max_length=5000)]


class BalancingAdjustment(Part):
    """A signed correction of one unit (综合平衡) and why."""

    target: Area
    amount: Yuan
    reason: Label


class RunFactors(Command):
    """Share a sum of an indicator by an adopted scheme; the run is kept as it came out, and moves nothing."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_CLERK

    area_code: Area
    indicator_id: UUID
    scheme_id: UUID
    year: Year
    total: Annotated[Yuan, Field(gt=0)]
    unit: Unit = Unit.FEN
    targets: Annotated[tuple[Area, ...], Field(min_length=1, max_length=500)]
    adjustments: Annotated[tuple[BalancingAdjustment, ...], Field(max_length=500)] = ()


class SchemeDrafted(BaseModel):
    """The id of a drafted scheme."""

    id: UUID


class ValuesRecorded(BaseModel):
    """How many values were recorded."""

    values: Count


class FactorsRun(BaseModel):
    """The id of a run, what it shares out, and what stays unallocated below one unit."""

    id: UUID
    shared: Yuan
    left: Yuan


async def draft_scheme(tx: Write, command: DraftScheme, ctx: Context) -> SchemeDrafted:
    """Insert the scheme and open its case."""
    kept = [factor.model_dump(mode="json") for factor in command.factors]
    if broken := method.scheme_defect(factors_of(kept)):
        raise Invalid(broken)
    row = FactorScheme(
        id=new_id(),
        area_code=int(command.area_code),
        factors=kept,
        **command.model_dump(include={"title", "document_no", "effective_from"}),
    )
    tx.session.add(row)
    await open_case(tx, ctx, SCHEME_BINDING, row.id, command.area_code)
    return SchemeDrafted(id=row.id)


async def record_values(tx: Write, command: RecordFactorValues, ctx: Context) -> ValuesRecorded:
    """Append the values."""
    if broken := targets_below(command.area_code, {value.target for value in command.values}):
        raise Invalid(broken)
    common = {"year": command.year, "source": command.source, "recorded_by": ctx.actor.id, "recorded_at": ctx.now}
    rows = [
        common | {"id": new_id(), "area_code": int(each.target), "code": each.code, "value": each.value}
        for each in command.values
    ]
    await tx.session.execute(insert(FactorValue), rows)
    return ValuesRecorded(values=len(rows))


async def run_factors(tx: Write, command: RunFactors, ctx: Context) -> FactorsRun:
    """Compute and keep; a failed run keeps nothing (scenario 21)."""
    indicator = await tx.session.get(Indicator, command.indicator_id)
    if indicator is None or indicator.area_code != command.area_code:
        raise not_found("指标", "indicator")
    if broken := targets_below(command.area_code, command.targets):
        raise Invalid(broken)
    scheme = await _adopted(tx, command, ctx)
    factors = factors_of(scheme.factors)
    values = await values_of(tx.raw, factors, command.targets, command.year)
    moved = {int(each.target): each.amount for each in command.adjustments}
    result = method.allocate(command.total, factors, values, command.unit, moved)
    run = FactorRun(
        id=new_id(),
        area_code=int(command.area_code),
        scheme_id=scheme.id,
        factors=scheme.factors,
        total_fen=command.total,
        left_fen=result.left,
        run_by=ctx.actor.id,
        run_at=ctx.now,
        **command.model_dump(include={"indicator_id", "year", "unit"}),
    )
    tx.session.add(run)
    reasons = {int(each.target): each.reason for each in command.adjustments}
    await tx.session.execute(insert(FactorRunLine), _lines(run, result, values, reasons))
    tx.changed("factor_run", run.id, run.area_code)
    return FactorsRun(id=run.id, shared=command.total - result.left, left=result.left)


def _lines(
    run: FactorRun, result: Result, values: method.Values, reasons: Mapping[int, str]
) -> Sequence[dict[str, Any]]:
    return [
        {
            "run_id": run.id,
            "target_code": line.area,
            "inputs": {code: str(value) for code, value in values[line.area].items()},
            "share": str(line.share),
            "raw": str(line.raw),
            "formula_fen": line.formula,
            "adjustment_fen": line.adjustment,
            "reason": reasons.get(line.area, ""),
            "final_fen": line.final,
            "area_code": run.area_code,
        }
        for line in result.lines
    ]


async def _adopted(tx: Write, command: RunFactors, ctx: Context) -> FactorScheme:
    """The scheme, if two persons stand for it and its day has come."""
    scheme = await tx.session.get(FactorScheme, command.scheme_id)
    if scheme is None or scheme.area_code != command.area_code:
        raise not_found("因素法分配方案", "factor scheme")
    case = (await store.load(tx.raw, FACTOR_SCHEME, scheme.id, lock=False)).row
    if case.state == "ADOPTED" and scheme.effective_from <= ctx.today:
        return scheme
    raise Refused(_not_in_force(case.state, scheme.effective_from))


def _not_in_force(state: str, since: date) -> Violation:
    return refusal(
        "SCHEME_NOT_IN_FORCE",
        "F-2.5",
        "分配方案尚未采用或尚未生效，可先比较测算",
        "the scheme is not adopted or not in force; comparing is possible before",
        ("由另一人采用该方案", "have another person adopt it"),
        field="/scheme_id",
        state=state,
        effective_from=since.isoformat(),
    )


SCHEME_BINDING = Binding(workflow=FACTOR_SCHEME, plural="factor-schemes")

HANDLERS: dict[type[Command], Handler] = {
    DraftScheme: draft_scheme,
    RecordFactorValues: record_values,
    RunFactors: run_factors,
}
