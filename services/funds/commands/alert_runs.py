"""From findings to alerts (预警生成): new ones are assigned, worse ones turn red, those whose condition is gone are told."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.funds.bulk import alerts as sets
from services.funds.bulk.alerts import Known, NewAlert, NewFinding
from services.funds.commands.alerts import ALERT_BINDING, closed, raised
from services.funds.domain.early_warnings import CHECK_PREFIX, RULES, rule_of
from shared.cases.advance import clock_of
from shared.cases.sets import Entry, advance_cases, open_cases
from shared.commands.command import Context, Write
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.days import last_day
from shared.kernel.ids import derived_id, new_ids

_SUBJECTS = UUID("3f6c8a52-9d5e-5b8b-8c11-2b7f1e0c5a77")
"""Namespace of subjects that are no rows: a county's year, a level's money."""


class Clocks:
    """Last days of alerts by county and severity; each is asked for once."""

    def __init__(self, tx: Write, ctx: Context) -> None:
        self._tx, self._ctx = tx, ctx
        self._days: dict[tuple[int, str], tuple[date, date]] = {}

    async def of(self, area: int, severity: str) -> tuple[date, date]:
        """The last day to begin, and of the whole way: to verify and to rectify."""
        county = AreaCode(area).at(AreaLevel.COUNTY)
        if (county, severity) not in self._days:
            self._days[county, severity] = await self._ask(county, severity)
        return self._days[county, severity]

    async def _ask(self, county: AreaCode, severity: str) -> tuple[date, date]:
        tx, today, calendar = self._tx, self._ctx.today, self._ctx.calendar
        names = [clock_of(tx, f"alert.days.{name}", severity) for name in ("accept", "verify", "rectify")]
        found = await tx.parameters.get_many(names, county, today)
        accept, verify, rectify = (found[name] for name in names)
        return last_day(today, accept, calendar), last_day(last_day(today, verify, calendar), rectify, calendar)


async def follow_findings(tx: Write, ctx: Context) -> None:
    """Bring the alerts up to date with the findings that stand, in sets."""
    clocks = Clocks(tx, ctx)
    await sets.relink(tx.raw)
    await _raise(tx, ctx, await sets.new_findings(tx.raw, CHECK_PREFIX), clocks)
    await _worsen(tx, ctx, await sets.worse(tx.raw), clocks)
    gone = await sets.gone(tx.raw, ctx.today)
    await _clear(tx, ctx, [alert for alert in gone if alert.severity != "red"])


async def _raise(tx: Write, ctx: Context, found: Sequence[NewFinding], clocks: Clocks) -> None:
    alerts, begins = [], []
    for finding, alert_id in zip(found, new_ids(len(found)), strict=True):
        begin, end = await clocks.of(finding.area_code, finding.severity)
        alerts.append(_alert(alert_id, finding, end))
        begins.append(begin)
    if not alerts:
        return
    await sets.insert(tx.raw, alerts, ctx.now)
    await open_cases(tx, ctx, ALERT_BINDING, [Entry(alert.id, alert.area_code, None) for alert in alerts])
    entries = [Entry(alert.id, alert.area_code, begin) for alert, begin in zip(alerts, begins, strict=True)]
    await advance_cases(tx, ctx, ALERT_BINDING, "assign", entries)
    for alert in alerts:
        known = Known(alert.id, alert.area_code, alert.rule_id, alert.severity, alert.subject_kind, alert.subject_id)
        tx.emit(raised(known, alert.due_on, ctx.today))


def _alert(alert_id: UUID, finding: NewFinding, due_on: date) -> NewAlert:
    rule = rule_of(finding.check_id)
    return NewAlert(
        id=alert_id,
        area_code=finding.area_code,
        rule_id=rule,
        check_id=finding.check_id,
        finding_id=finding.finding_id,
        subject_kind=finding.subject_kind,
        subject_key=finding.subject_key,
        subject_id=_subject_id(finding.subject_kind, finding.subject_key),
        owner=RULES[rule].owner,
        severity=finding.severity,
        facts=finding.facts,
        due_on=due_on,
    )


async def _worsen(tx: Write, ctx: Context, alerts: Sequence[Known], clocks: Clocks) -> None:
    if not alerts:
        return
    days = [await clocks.of(alert.area_code, "red") for alert in alerts]
    entries = [Entry(alert.id, alert.area_code, begin) for alert, (begin, _) in zip(alerts, days, strict=True)]
    await sets.worsen(tx.raw, [alert.id for alert in alerts], [end for _, end in days])
    await advance_cases(tx, ctx, ALERT_BINDING, "worsen", entries)
    for alert, (_, end) in zip(alerts, days, strict=True):
        tx.emit(raised(alert, end, ctx.today))


async def _clear(tx: Write, ctx: Context, alerts: Sequence[Known]) -> None:
    """Only red ones need a person to close them."""
    if not alerts:
        return
    await sets.close(tx.raw, [alert.id for alert in alerts], ctx.now)
    await advance_cases(tx, ctx, ALERT_BINDING, "clear", [Entry(each.id, each.area_code, None) for each in alerts])
    for alert in alerts:
        tx.emit(closed(alert, "cleared", ctx.today))


def _subject_id(kind: str, key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        return derived_id(_SUBJECTS, f"{kind}/{key}")
