"""Factor schemes, values and runs as they are shown; and two sets of weights side by side, without any effect (§2.5)."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from services.funds.bulk.factor_values import values_of
from services.funds.domain import factors as method
from services.funds.domain.factors import Unit as RoundedTo
from services.funds.domain.factors import factors_of
from services.funds.domain.limits import percent
from services.funds.queries.case_rows import CASE, case_of
from services.funds.tables.factors import FactorRun, FactorRunLine, FactorScheme
from shared.contracts.wire import Area, Instant, Yuan
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found
from shared.kernel.money import Fen

Unit: TypeAlias = RoundedTo
"""The unit of a comparison, for its route."""


class Shown(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True)


class FactorShown(Shown):
    """One factor with its weight as a fraction."""

    code: str
    label: str
    measure: str
    weight: str
    reference: str | None = None
    population: str = ""


class SchemeShown(Shown):
    """One scheme (因素法分配方案) and where its case stands."""

    id: UUID
    area_code: Area
    title: str
    document_no: str
    effective_from: date
    factors: list[FactorShown]
    state: str
    version: int


class RunListed(Shown):
    """One run over an indicator."""

    id: UUID
    area_code: Area
    indicator_id: UUID
    scheme_id: UUID
    year: int
    total: Yuan
    unit: str
    left: Yuan
    run_at: Instant


class RunLineShown(Shown):
    """One unit: its inputs; share and amount as exact fractions (of fen); formula, adjustment and final columns."""

    target: Area
    inputs: dict[str, str]
    share: str
    percent: str
    raw: str
    formula: Yuan
    adjustment: Yuan
    reason: str
    final: Yuan


class RunShown(RunListed):
    """A run as it came out."""

    factors: list[FactorShown]
    lines: list[RunLineShown]


class Compared(Shown):
    """One unit under two schemes, and what the second gives it more or less."""

    target: Area
    left_percent: str
    left: Yuan
    right_percent: str
    right: Yuan
    difference: Yuan


class Comparison(Shown):
    """Two schemes over the same sum and the same values; nothing is kept."""

    total: Yuan
    unit: str
    left_scheme: UUID
    right_scheme: UUID
    left_over: Yuan
    right_over: Yuan
    lines: list[Compared]


async def list_schemes(session: ReadSession, request: PageRequest, area: AreaCode | None) -> Page[SchemeShown]:
    """A page of schemes, the newest first."""
    joined = case_of(FactorScheme.id, "funds.factor_scheme")
    statement = select(FactorScheme, CASE.c.state, CASE.c.version).join(CASE, joined)
    if area is not None:
        statement = statement.where(FactorScheme.area_code.between(*area.span))
    keys = (FactorScheme.effective_from, FactorScheme.id)
    return await fetch_page(session, statement, keys, request, _scheme, descending=True)


def _scheme(row: Any) -> SchemeShown:
    scheme: FactorScheme = row[0]
    own = {name: getattr(scheme, name) for name in SchemeShown.model_fields if hasattr(scheme, name)}
    return SchemeShown(**own, state=row.state, version=row.version)


async def list_runs(session: ReadSession, request: PageRequest, indicator_id: UUID | None) -> Page[RunListed]:
    """A page of runs, the newest first."""
    statement = select(FactorRun)
    if indicator_id is not None:
        statement = statement.where(FactorRun.indicator_id == indicator_id)
    return await fetch_page(
        session, statement, (FactorRun.id,), request, lambda row: RunListed(**_run(row[0])), descending=True
    )


def _run(run: FactorRun) -> dict[str, Any]:
    own = {name: getattr(run, name) for name in RunListed.model_fields if hasattr(run, name)}
    return own | {"total": run.total_fen, "left": run.left_fen}


async def one_run(session: ReadSession, run_id: UUID) -> RunShown:
    """A run with its lines; raises NotFound."""
    run = await session.session.get(FactorRun, run_id)
    if run is None:
        raise not_found("因素法测算", "factor run")
    asked = select(FactorRunLine).where(FactorRunLine.run_id == run_id).order_by(FactorRunLine.target_code)
    lines = [
        RunLineShown(
            target=AreaCode(line.target_code),
            inputs=line.inputs,
            share=line.share,
            percent=percent(Fraction(line.share), 6),
            raw=line.raw,
            formula=line.formula_fen,
            adjustment=line.adjustment_fen,
            reason=line.reason,
            final=line.final_fen,
        )
        for line in await session.session.scalars(asked)
    ]
    return RunShown(**_run(run), factors=[FactorShown(**each) for each in run.factors], lines=lines)


async def compare(
    session: ReadSession,
    left: UUID,
    right: UUID,
    total: Fen,
    unit: RoundedTo,
    year: int,
    targets: Sequence[AreaCode],
) -> Comparison:
    """The same sum under two schemes, adopted or not; raises NotFound, and Refused as a run does."""
    first, second = [await _result(session, scheme, total, unit, year, targets) for scheme in (left, right)]
    pairs = zip(first.lines, second.lines, strict=True)
    return Comparison(
        total=total,
        unit=unit,
        left_scheme=left,
        right_scheme=right,
        left_over=first.left,
        right_over=second.left,
        lines=[
            Compared(
                target=AreaCode(one.area),
                left_percent=percent(one.share, 6),
                left=one.final,
                right_percent=percent(other.share, 6),
                right=other.final,
                difference=other.final - one.final,
            )
            for one, other in pairs
        ],
    )


async def _result(
    session: ReadSession, scheme_id: UUID, total: Fen, unit: RoundedTo, year: int, targets: Sequence[AreaCode]
) -> method.Result:
    scheme = await session.session.get(FactorScheme, scheme_id)
    if scheme is None:
        raise not_found("因素法分配方案", "factor scheme")
    factors = factors_of(scheme.factors)
    return method.allocate(total, factors, await values_of(session.raw, factors, targets, year), unit)
