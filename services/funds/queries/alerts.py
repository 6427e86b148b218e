"""Alerts (预警) as they are listed and read, and the rates of their handling."""

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, Select, select

from services.funds.domain.alerts import Handled, rates
from services.funds.domain.early_warnings import RULES
from services.funds.domain.limits import percent
from services.funds.queries.case_rows import CASE, case_of
from services.funds.tables.supervision import Alert
from services.funds.workflows.alert import ALERT
from shared.checks.model import Severity
from shared.contracts.wire import Area, OneOf
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found
from shared.kernel.roles import ROLE_NAMES, Role

# A handled alert counts as handled for a report of the past if it was by then.
_COUNTS = """
WITH counted AS (
  SELECT due_on <= $3 AS due, closed_at IS NOT NULL AND closed_at < $4 AS ended, outcome, reopened, raised_at, closed_at,
         (closed_at AT TIME ZONE 'Asia/Shanghai')::date <= due_on AS in_time
    FROM alert
   WHERE area_code BETWEEN $1 AND $2 AND raised_at < $4 AND ($5::text IS NULL OR rule_id = $5)
)
SELECT count(*) FILTER (WHERE due) AS due, count(*) FILTER (WHERE due AND ended) AS handled,
       count(*) FILTER (WHERE due AND ended AND in_time) AS on_time, count(*) FILTER (WHERE ended) AS ended,
       count(*) FILTER (WHERE ended AND outcome = 'explained') AS explained, count(*) AS raised,
       count(*) FILTER (WHERE reopened > 0) AS reopened,
       coalesce(sum(extract(epoch FROM closed_at - raised_at)) FILTER (WHERE ended), 0)::bigint AS seconds
  FROM counted"""


RuleId = Annotated[str, OneOf(tuple(RULES))]
"""A rule of early warning (预警规则) that is declared."""


class AlertShown(BaseModel):
    """One alert; `due_on` is the end of the whole way, `step_due_on` that of the present state."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    area_code: Area
    rule_id: str
    check_id: str
    zh: str
    en: str
    basis: str
    owner: str
    owner_zh: str
    severity: str
    subject_kind: str
    subject_key: str
    subject_id: UUID
    facts: dict[str, Any]
    raised_at: datetime
    due_on: date
    step_due_on: date | None
    is_overdue: bool
    cleared_on: date | None
    plan: str | None
    plan_until: date | None
    responsible: str | None
    extended_on: date | None
    reopened: int
    escalated: int
    closed_at: datetime | None
    outcome: str | None
    state: str
    version: int


class AlertExplained(AlertShown):
    """An alert with what its check says of the subject now: its facts of today, or nothing when the condition is gone."""

    facts_now: list[dict[str, Any]]


class AlertFilter(BaseModel):
    """What a list of alerts is narrowed to."""

    model_config = ConfigDict(frozen=True)

    area_code: Area | None = None
    rule: RuleId | None = None
    severity: Severity | None = None
    state: Annotated[str, OneOf(tuple(ALERT.by_state))] | None = None
    owner: Role | None = None
    overdue: bool | None = None


class AlertRates(BaseModel):
    """How alerts were handled up to a day; a rate over nothing is None and shown as —, never 0 % or 100 %."""

    model_config = ConfigDict(frozen=True)

    area_code: Area
    as_of: date
    rule: str | None
    raised: int
    due: int
    handled: int
    explained: int
    reopened: int
    rates: dict[str, str | None]
    shown: dict[str, str]


async def list_alerts(session: ReadSession, page: PageRequest, asked: AlertFilter, today: date) -> Page[AlertShown]:
    """A page of alerts, the newest first."""
    statement = _select()
    if asked.area_code is not None:
        statement = statement.where(Alert.area_code.between(*asked.area_code.span))
    for column, value in ((Alert.rule_id, asked.rule), (Alert.severity, asked.severity), (Alert.owner, asked.owner)):
        if value is not None:
            statement = statement.where(column == value)
    if asked.state is not None:
        statement = statement.where(CASE.c.state == asked.state)
    if asked.overdue is not None:
        late = Alert.closed_at.is_(None) & (Alert.due_on < today)
        statement = statement.where(late if asked.overdue else ~late)
    keys = (Alert.raised_at, Alert.id)
    return await fetch_page(session, statement, keys, page, lambda row: _shown(row, today), descending=True)


async def one_alert(session: ReadSession, alert_id: UUID, today: date) -> AlertShown:
    """One alert; raises NotFound."""
    row = (await session.session.execute(_select().where(Alert.id == alert_id))).one_or_none()
    if row is None:
        raise not_found("预警", "alert")
    return _shown(row, today)


async def alert_rates(
    session: ReadSession, area: AreaCode, rule: str | None, as_of: date, until: datetime
) -> AlertRates:
    """The rates for `area` and below as of the end of the day `as_of`, which is the instant `until`."""
    low, high = area.span
    row = await session.raw.fetchrow(_COUNTS, low, high, as_of, until, rule)
    assert row is not None
    counts = Handled(**row)
    exact = rates(counts)
    return AlertRates(
        area_code=area,
        as_of=as_of,
        rule=rule,
        raised=counts.raised,
        due=counts.due,
        handled=counts.handled,
        explained=counts.explained,
        reopened=counts.reopened,
        rates={name: None if value is None else str(value) for name, value in exact.items()},
        shown=_as_shown(exact),
    )


def _as_shown(exact: Mapping[str, Fraction | None]) -> dict[str, str]:
    """Percent half-up, hours with two decimals; nothing is a dash."""
    shown = {}
    for name, value in exact.items():
        if value is None:
            shown[name] = "—"
        else:
            shown[name] = percent(value / 100) if name == "average_hours" else f"{percent(value)}%"
    return shown


def _select() -> Select[Any]:
    joined = case_of(Alert.id, "funds.alert")
    case = (CASE.c.state, CASE.c.version, CASE.c.due_on.label("step_due_on"), CASE.c.escalated)
    return select(Alert, *case).join(CASE, joined)


def _shown(row: Row[Any], today: date) -> AlertShown:
    alert: Alert = row[0]
    rule = RULES[alert.rule_id]
    return AlertShown(
        **{name: getattr(alert, name) for name in AlertShown.model_fields if hasattr(alert, name)},
        zh=rule.zh,
        en=rule.en,
        basis=rule.basis,
        owner_zh=ROLE_NAMES[Role(alert.owner)],
        is_overdue=alert.closed_at is None and alert.due_on < today,
        state=row.state,
        version=row.version,
        step_due_on=row.step_due_on,
        escalated=row.escalated,
    )
