"""Routes of supervision (资金监管): alerts listed and explained, the rates of their handling, the rules, and runs."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.funds.checks.explained import RuleShown, facts_now, rules_on
from services.funds.queries.alerts import (
    AlertExplained,
    AlertFilter,
    AlertRates,
    AlertShown,
    RuleId,
    alert_rates,
    list_alerts,
    one_alert,
)
from shared.checks.commands import ChecksRun, RunChecks
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.concurrency import tagged
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives
from shared.kernel.clock import today
from shared.kernel.days import start_of

router = APIRouter(tags=["资金监管 / supervision"])


@router.get("/alerts", summary="预警列表 / alerts")
async def alerts(
    request: Request,
    session: Reading,
    page: Paging,
    asked: Annotated[AlertFilter, Query()],
) -> Page[AlertShown]:
    """The alerts of an area, the newest first; by rule, severity, state, owner, and whether they are overdue."""
    return await list_alerts(session, page, asked, today(edge_of(request).pipeline.resources.clock))


@router.get("/alerts/{alert_id}", summary="预警详情 / one alert")
async def alert(alert_id: UUID, request: Request, response: Response, session: Reading) -> AlertExplained:
    """One alert with what its check says of the subject at this moment."""
    resources = edge_of(request).pipeline.resources
    found = await one_alert(session, alert_id, today(resources.clock))
    facts = await facts_now(session.raw, found.check_id, found.subject_key, resources)
    return tagged(response, AlertExplained(**found.model_dump(), facts_now=facts))


@router.get("/reports/alert-rates", summary="预警处置率 / how alerts were handled")
async def handled(
    request: Request,
    session: Reading,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    rule: Annotated[RuleId | None, Query(description="规则编号 / rule id")] = None,
    as_of: Annotated[date | None, Query(description="截止日 / cut-off day")] = None,
) -> AlertRates:
    """Handled, on-time, reopen rate, average hours, explained share; nothing due is blank, not 100 %."""
    day = as_of or today(edge_of(request).pipeline.resources.clock)
    return await alert_rates(session, area_code, rule, day, start_of(day + timedelta(days=1)))


@router.get("/warning-rules", summary="预警规则 / early-warning rules")
async def warning_rules(
    request: Request,
    session: Reading,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
) -> list[RuleShown]:
    """Each rule with owner, basis, and the thresholds in force in the area today."""
    return await rules_on(session.raw, area_code, edge_of(request).pipeline.resources)


@router.post("/alert-runs", status_code=201, summary="立即巡检 / run the checks now")
async def run_now(run: Annotated[Run, gives(RunChecks)]) -> Answer[ChecksRun]:
    """Run all checks of the service and bring the alerts up to date; by night this happens by itself."""
    return await run(RunChecks())
