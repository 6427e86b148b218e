"""What the steps of an alert (预警处置) do besides moving: the plan, the extension, the end, the reopening; and events."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from services.funds.bulk.alerts import Known
from services.funds.domain.alerts import AlertFacts, by_next_level, is_owner, not_extended_before, plan_in_time
from services.funds.domain.early_warnings import DESKS
from services.funds.tables.supervision import Alert
from services.funds.workflows.alert import ALERT
from shared.cases.advance import clock_of
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Context, Write
from shared.contracts.funds import AlertClosed, AlertRaised
from shared.contracts.parts import Label
from shared.db.rows import hold
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.days import Duration, last_day
from shared.kernel.errors import Violation
from shared.kernel.roles import ROLE_NAMES, Role


class RectificationPlan(Form):
    """What is to be done (整改方案), by when, and which unit answers for it."""

    measures: Annotated[str, Field(min_length=1, max_length=2000, description="整改措施 / measures")]
    until: Annotated[date, Field(description="整改期限 / to be done by")]
    responsible: Annotated[Label, Field(description="责任单位 / unit in charge, never a person")]


async def alert_facts(tx: Write, case: CaseRow, form: Form, ctx: Context) -> AlertFacts:
    """Who acts, and what the plan and the clock say."""
    row = await _row(tx, case)
    owner = Role(row.owner)
    plan = form if isinstance(form, RectificationPlan) else None
    return AlertFacts(
        owner_zh=ROLE_NAMES[owner],
        acts_for_owner=ctx.actor.may(DESKS[owner], case.area),
        is_higher_level=any(
            grant.area.contains(case.area) and grant.area.level < AreaLevel.COUNTY for grant in ctx.actor.grants
        ),
        extended_on=row.extended_on,
        until=plan.until if plan else None,
        latest=(await _ends(tx, ctx, case, row, "rectify")) if plan else None,
    )


async def _plan(tx: Write, case: CaseRow, form: RectificationPlan, _ctx: Context) -> None:
    row = await _row(tx, case)
    row.plan, row.plan_until, row.responsible = form.measures, form.until, form.responsible


async def _extend(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """The extension counts from today; the whole way ends no earlier than it."""
    row = await _row(tx, case)
    row.extended_on = ctx.today
    if case.due_on is not None:
        row.due_on = max(row.due_on, case.due_on)


async def _explained(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    await _end(tx, case, ctx, "explained")


async def _closed(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """Tells the closer when the check still finds the subject: what was rectified should not be found any more."""
    row = await _end(tx, case, ctx, "rectified")
    if row.cleared_on is None:
        tx.warn(_still_found(row))


async def _reopened(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    row = await _row(tx, case)
    row.closed_at = row.outcome = row.plan = row.plan_until = row.responsible = row.extended_on = None
    row.reopened += 1
    verified = await _ends(tx, ctx, case, row, "verify")
    row.due_on = await _ends(tx, ctx, case, row, "rectify", since=verified)
    tx.emit(raised(_known(row), row.due_on, ctx.today))


async def _end(tx: Write, case: CaseRow, ctx: Context, outcome: str) -> Alert:
    row = await _row(tx, case)
    row.closed_at, row.outcome = ctx.now, outcome
    tx.emit(closed(_known(row), outcome, ctx.today))
    return row


async def _ends(tx: Write, ctx: Context, case: CaseRow, row: Alert, clock: str, since: date | None = None) -> date:
    duration: Duration = await tx.parameters.get(
        clock_of(tx, f"alert.days.{clock}", row.severity), case.area, ctx.today
    )
    return last_day(since or ctx.today, duration, ctx.calendar)


async def _row(tx: Write, case: CaseRow) -> Alert:
    row = await hold(tx, Alert, case.subject_id)
    assert row is not None, "an alert's case without its row"
    return row


async def _severity(tx: Write, case: CaseRow) -> str:
    return (await _row(tx, case)).severity


def raised(alert: Known, due_on: date, today: date) -> AlertRaised:
    """The event of an alert that is new, worse, or open again."""
    return AlertRaised(**_named(alert), raised_on=today, due_on=due_on)


def closed(alert: Known, outcome: str, today: date) -> AlertClosed:
    """The event of an alert that ended."""
    return AlertClosed(**_named(alert), outcome=outcome, closed_on=today)


def _named(alert: Known) -> dict[str, Any]:
    named = alert._asdict()
    return named | {"alert_id": named.pop("id"), "area_code": AreaCode(alert.area_code)}


def _known(row: Alert) -> Known:
    return Known(row.id, row.area_code, row.rule_id, row.severity, row.subject_kind, row.subject_id)


def _still_found(row: Alert) -> Violation:
    return Violation(
        "CONDITION_STANDS",
        "预警条件仍然存在，请核对整改是否到位",
        "the check still finds the subject",
        rule=row.rule_id,
        remedy_zh="核对整改结果；如属历史事实不再变化，请在材料中说明",
        remedy_en="look at the rectification again, or say why the fact stays",
        facts={"subject_key": row.subject_key},
    )


ALERT_BINDING = Binding(
    workflow=ALERT,
    plural="alerts",
    guards={
        "is_owner": is_owner,
        "plan_in_time": plan_in_time,
        "by_next_level": by_next_level,
        "not_extended_before": not_extended_before,
    },
    facts=alert_facts,
    variant=_severity,
    steps={
        "plan": StepBinding(form=RectificationPlan, perform=_plan),
        "extend": StepBinding(perform=_extend),
        "accept_explanation": StepBinding(perform=_explained),
        "close": StepBinding(perform=_closed),
        "reopen": StepBinding(perform=_reopened),
    },
)
