"""Routes of the factor method (因素法): schemes, values, runs, and two schemes side by side."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.funds.commands.factors import (
    DraftScheme,
    FactorsRun,
    RecordFactorValues,
    RunFactors,
    SchemeDrafted,
    ValuesRecorded,
)
from services.funds.queries import factors as shown
from shared.contracts.parts import Year
from shared.contracts.wire import Area, Yuan
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.running import Answer, Paging, Run, gives

router = APIRouter(tags=["因素法 / factor method"])


@router.post("/factor-schemes", status_code=201, summary="拟定因素法方案 / draft a scheme")
async def draft_factor_scheme(body: DraftScheme, run: Annotated[Run, gives(DraftScheme)]) -> Answer[SchemeDrafted]:
    """Draft factors and weights; another person adopts them."""
    return await run(body)


@router.get("/factor-schemes", summary="因素法方案列表 / schemes")
async def factor_schemes(
    session: Reading,
    page: Paging,
    area_code: Annotated[Area | None, Query(description="区划代码 / area code")] = None,
) -> Page[shown.SchemeShown]:
    """The schemes of an area, the newest first."""
    return await shown.list_schemes(session, page, area_code)


@router.post("/factor-values", status_code=201, summary="登记因素值 / record values")
async def record_factor_values(
    body: RecordFactorValues, run: Annotated[Run, gives(RecordFactorValues)]
) -> Answer[ValuesRecorded]:
    """Record what the units have of each factor in a year."""
    return await run(body)


@router.post("/factor-runs", status_code=201, summary="因素法测算 / run the factors")
async def run_factors(body: RunFactors, run: Annotated[Run, gives(RunFactors)]) -> Answer[FactorsRun]:
    """Share a sum by an adopted scheme; the run is kept, and moves nothing until a decomposition uses it."""
    return await run(body)


@router.get("/factor-runs", summary="因素法测算列表 / runs")
async def factor_runs(
    session: Reading,
    page: Paging,
    indicator_id: Annotated[UUID | None, Query(description="指标 / indicator")] = None,
) -> Page[shown.RunListed]:
    """The runs over indicators, the newest first."""
    return await shown.list_runs(session, page, indicator_id)


@router.get("/factor-runs/{run_id}", summary="因素法测算详情 / one run")
async def factor_run(run_id: UUID, session: Reading) -> shown.RunShown:
    """A run as it came out: inputs, exact amounts, formula, adjustments, final."""
    return await shown.one_run(session, run_id)


@router.get("/factor-comparisons", summary="两套权重比较 / compare two schemes")
async def compare_factor_schemes(
    session: Reading,
    left: Annotated[UUID, Query(description="方案一 / first scheme")],
    right: Annotated[UUID, Query(description="方案二 / second scheme")],
    total: Annotated[Yuan, Query(description="测算总额 / total in yuan")],
    year: Annotated[Year, Query(description="因素值年度 / year of the values")],
    targets: Annotated[list[Area], Query(description="参与单位 / units", min_length=1, max_length=500)],
    unit: Annotated[shown.Unit, Query(description="取整单位 / unit")] = shown.Unit.FEN,
) -> shown.Comparison:
    """The same sum under two schemes side by side, adopted or not; nothing is kept."""
    return await shown.compare(session, left, right, total, unit, year, targets)
