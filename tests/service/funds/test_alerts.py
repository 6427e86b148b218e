"""Alerts from the night's run to their end, over HTTP: one open alert per cause, clocks, second persons, rates (§4.3)."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from services.funds.checks.supervision import RAISING
from services.funds.domain.early_warnings import CHECK_PREFIX, RULES
from services.funds.reactions import REACTIONS
from services.funds.service import SERVICE
from shared.cases.deadlines import sweep
from shared.checks.commands import RunChecks
from shared.contracts.event import Event
from shared.contracts.monitoring_work import MicrocreditMonthClosed, PostingChanged
from shared.kernel.actors import SYSTEM
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.testing.services import person
from tests.service.funds.county import COUNTY, PEOPLE, VILLAGE, County
from tests.service.funds.door import Door, open_door

pytestmark = pytest.mark.asyncio

CITY = "230600000000"
PAID_LATE = {"received_on": "2023-01-03"}


@pytest_asyncio.fixture
async def desk(county: County, tmp_path: Path) -> AsyncIterator[Door]:
    """The county's people, and a leader of the city above it."""
    people = {**PEOPLE, "city": person("city leader", CITY, Role.FINANCE_LEADER)}
    async with open_door(county, people, tmp_path / "evidence") as opened:
        yield opened


async def night(county: County, on: str) -> None:
    """The checks of one night."""
    county.bench.clock.set(datetime.combine(date.fromisoformat(on), datetime.min.time(), UTC).replace(hour=4))
    await county.run(RunChecks(only=("funds-FW01",)), SYSTEM)


async def alerts(desk: Door, **asked: Any) -> list[dict[str, Any]]:
    answer = await desk.get("finance_clerk", "/v1/alerts", **asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def the_alert(desk: Door) -> dict[str, Any]:
    (alert,) = await alerts(desk)
    return alert


async def take(desk: Door, who: str, alert: dict[str, Any], step: str, **body: Any) -> dict[str, Any]:
    answer = await desk.step(who, f"/v1/alerts/{alert['id']}/{step}", body)
    assert answer.status_code == 200, answer.text
    taken: dict[str, Any] = answer.json()
    return taken


async def refused(desk: Door, who: str, alert: dict[str, Any], step: str, **body: Any) -> str:
    answer = await desk.step(who, f"/v1/alerts/{alert['id']}/{step}", body)
    assert answer.status_code in {403, 409}, answer.text
    code: str = answer.json()["errors"][0]["code"]
    return code


async def proof(county: County, kind: str) -> list[str]:
    return [str(each) for each in await county.bench.evidence(PEOPLE["finance_clerk"], COUNTY, kind)]


async def unallocated(county: County, fen: int, *indicators: UUID) -> None:
    """Let the ledger hold so much unallocated money, as if it had been posted."""
    sql = "UPDATE ledger_balance SET amount_fen = $1 WHERE account = '1100' AND (indicator_id = ANY($2) OR $2 = '{}')"
    async with county.bench.database.write(SYSTEM) as tx:
        await tx.raw.execute(sql, fen, list(indicators))
        await tx.session.commit()


async def test_the_same_cause_raises_one_alert_and_worse_restarts_its_clock(county: County, desk: Door) -> None:
    # scenario 64
    indicator = await county.indicator("100.00", **PAID_LATE)
    await night(county, "2023-01-24")
    first = await the_alert(desk)
    assert (first["rule_id"], first["severity"], first["state"]) == ("FW01", "amber", "ASSIGNED")
    assert first["subject_id"] == str(indicator)
    await night(county, "2023-01-25")
    assert (await the_alert(desk))["due_on"] == first["due_on"]
    await take(desk, "finance_clerk", first, "verify")
    await night(county, "2023-02-03")
    worse = await the_alert(desk)
    assert worse["id"] == first["id"]
    assert (worse["severity"], worse["state"]) == ("red", "ASSIGNED")
    assert worse["step_due_on"] == "2023-02-06"  # one working day from Friday on
    assert worse["due_on"] == "2023-02-23"  # three working days, then fifteen days
    told = await county.events("funds.alert.raised")
    assert [(event["severity"], event["due_on"]) for event in told] == [
        ("amber", first["due_on"]),
        ("red", "2023-02-23"),
    ]


async def test_an_amber_alert_ends_with_its_cause_a_red_one_waits_for_a_person(county: County, desk: Door) -> None:
    indicator = await county.indicator("100.00", **PAID_LATE)
    await night(county, "2023-01-24")
    await unallocated(county, 0)
    await night(county, "2023-01-25")
    ended = await the_alert(desk)
    assert (ended["state"], ended["outcome"], ended["cleared_on"]) == ("CLOSED", "cleared", "2023-01-25")
    assert [event["outcome"] for event in await county.events("funds.alert.closed")] == ["cleared"]
    await unallocated(county, 1)
    await night(county, "2023-02-10")
    again, _ = await alerts(desk)
    assert (again["severity"], again["subject_id"]) == ("red", str(indicator))
    await unallocated(county, 0)
    await night(county, "2023-02-11")
    waiting, _ = await alerts(desk)
    assert (waiting["state"], waiting["cleared_on"], waiting["outcome"]) == ("ASSIGNED", "2023-02-11", None)
    shown = (await desk.get("finance_clerk", f"/v1/alerts/{waiting['id']}")).json()
    assert shown["facts_now"] == []
    # the condition is back before anybody closed it: the same alert goes on
    await unallocated(county, 1)
    await night(county, "2023-02-12")
    same, _ = await alerts(desk)
    assert (same["id"], same["cleared_on"]) == (waiting["id"], None)


async def test_from_verification_over_a_plan_to_the_second_persons_end(county: County, desk: Door) -> None:
    await county.indicator("100.00", **PAID_LATE)
    await night(county, "2023-02-10")
    alert = await the_alert(desk)
    assert await refused(desk, "bureau_clerk", alert, "verify") == "NOT_OWNER"
    await take(desk, "finance_clerk", alert, "verify")
    assert (await the_alert(desk))["step_due_on"] == "2023-02-15"  # red: three working days
    await take(desk, "finance_clerk", alert, "confirm", reason="未及时分解")
    plan = {"measures": "本周完成分解", "until": "2023-02-26", "responsible": "区财政局"}
    assert await refused(desk, "finance_clerk", alert, "plan", **plan) == "PLAN_TOO_LATE"
    await take(desk, "finance_clerk", alert, "plan", **plan | {"until": "2023-02-25"})
    assert await refused(desk, "finance_leader", alert, "extend", reason="忙") == "NEXT_LEVEL_REQUIRED"
    assert (await take(desk, "city", alert, "extend", reason="上级批准"))["result"]["state"] == "EXTENDED"
    assert (await the_alert(desk))["step_due_on"] == "2023-02-25"
    await take(
        desk, "finance_clerk", alert, "submit-rectification", evidence=await proof(county, "rectification_proof")
    )
    await take(desk, "finance_reviewer", alert, "return-rectification", reason="材料不全")
    assert await refused(desk, "city", alert, "extend", reason="再延") == "EXTENDED_BEFORE"
    files = await proof(county, "rectification_proof")
    await take(desk, "finance_reviewer", alert, "submit-rectification", evidence=files)
    assert await refused(desk, "finance_reviewer", alert, "close") == "SEPARATION_OF_DUTIES"
    ended = await take(desk, "finance_leader", alert, "close")
    assert [warning["code"] for warning in ended["warnings"]] == ["CONDITION_STANDS"]
    closed = await the_alert(desk)
    assert (closed["state"], closed["outcome"]) == ("CLOSED", "rectified")
    await night(county, "2023-02-11")
    assert len(await alerts(desk)) == 1  # the same finding is not raised twice
    await take(desk, "auditor", alert, "reopen", reason="审计复查")
    assert (await the_alert(desk))["reopened"] == 1
    await take(desk, "finance_clerk", alert, "verify")


async def test_an_explanation_needs_evidence_and_a_second_person(county: County, desk: Door) -> None:
    await county.indicator("100.00", **PAID_LATE)
    await night(county, "2023-01-24")
    alert = await the_alert(desk)
    await take(desk, "finance_reviewer", alert, "verify")
    assert await refused(desk, "finance_reviewer", alert, "explain", reason="待上级明确") == "EVIDENCE_MISSING"
    files = await proof(county, "alert_explanation")
    await take(desk, "finance_reviewer", alert, "explain", reason="待上级明确", evidence=files)
    assert await refused(desk, "finance_reviewer", alert, "accept-explanation") == "SEPARATION_OF_DUTIES"
    await take(desk, "finance_leader", alert, "accept-explanation")
    assert (await the_alert(desk))["outcome"] == "explained"
    await night(county, "2023-02-03")  # it got worse: what was explained is open again
    worse = await the_alert(desk)
    assert (worse["state"], worse["severity"], worse["reopened"], worse["outcome"]) == ("ASSIGNED", "red", 1, None)


async def test_an_overdue_alert_escalates_and_is_listed(county: County, desk: Door) -> None:
    await county.indicator("100.00", **PAID_LATE)
    await night(county, "2023-01-29")  # between two holidays' ends
    assert await alerts(desk, overdue=True) == []
    county.bench.clock.forward(days=5)
    today = date(2023, 2, 3)
    assert await sweep(county.bench.assembled.pipeline, today) == 1
    (late,) = await alerts(desk, rule="FW01", severity="amber", state="ASSIGNED", area_code=COUNTY, overdue=False)
    assert late["escalated"] == 1
    county.bench.clock.forward(days=60)
    assert [each["id"] for each in await alerts(desk, overdue=True)] == [late["id"]]


async def test_ten_due_and_ten_handled_is_all_and_nothing_due_is_blank(county: County, desk: Door) -> None:
    # scenario 65
    async def rates() -> dict[str, Any]:
        answer: dict[str, Any] = (await desk.get("auditor", "/v1/reports/alert-rates", area_code=COUNTY)).json()
        return answer

    empty = await rates()
    assert empty["rates"]["handled_rate"] is None
    assert empty["shown"]["handled_rate"] == "—"
    for line in range(1, 11):
        await county.indicator("1.00", line_no=line, **PAID_LATE)
    await night(county, "2023-01-24")
    ten = await alerts(desk)
    for alert in ten[:1]:
        await take(desk, "finance_clerk", alert, "verify")
        files = await proof(county, "alert_explanation")
        await take(desk, "finance_clerk", alert, "explain", reason="说明", evidence=files)
        await take(desk, "finance_leader", alert, "accept-explanation")
    gone = [UUID(alert["subject_id"]) for alert in ten[1:9]]
    await unallocated(county, 0, *gone)
    await night(county, "2023-01-25")
    assert (await rates())["rates"]["handled_rate"] is None  # none of them is due yet
    county.bench.clock.forward(days=90)
    open_one = await rates()
    assert (open_one["due"], open_one["handled"], open_one["explained"]) == (10, 9, 1)
    assert open_one["shown"]["handled_rate"] == "90.00%"
    await unallocated(county, 0)
    county.bench.clock.set(datetime(2023, 1, 26, 4, tzinfo=UTC))
    await county.run(RunChecks(), SYSTEM)
    county.bench.clock.forward(days=90)
    done = await rates()
    assert (done["rates"]["handled_rate"], done["shown"]["on_time_rate"]) == ("1", "100.00%")
    assert done["rates"]["explained_share"] == "1/10"


async def test_the_rules_are_shown_with_their_thresholds_here(county: County, desk: Door) -> None:
    await county.adopt({"indicator.amber_days": "15"})
    rules = (await desk.get("auditor", "/v1/warning-rules", area_code=COUNTY)).json()
    (late,) = [rule for rule in rules if rule["rule_id"] == "FW01"]
    assert late["thresholds"]["indicator.amber_days"] == "15"
    assert late["owner"] == "finance_clerk"


async def test_only_operators_run_the_checks_by_hand(desk: Door) -> None:
    assert (await desk.send("finance_clerk", "/v1/alert-runs", {})).status_code == 403


async def told(county: County, event: Event) -> None:
    (react,) = REACTIONS[type(event)]
    command = react(event)
    assert command is not None
    await county.run(command, SYSTEM)


async def test_a_month_of_loans_that_monitoring_closed_raises_an_alert(county: County, desk: Door) -> None:
    month: dict[str, Any] = {"area_code": COUNTY, "month": "2023-01", "households": 9, "balance": "1000000.00"}
    await told(county, MicrocreditMonthClosed(**month, overdue="8000.00"))
    county.bench.clock.set(datetime(2023, 2, 1, 4, tzinfo=UTC))
    await county.run(RunChecks(), SYSTEM)
    assert await alerts(desk, rule="FW50") == []
    await told(county, MicrocreditMonthClosed(**month, overdue="8000.01"))
    await county.run(RunChecks(), SYSTEM)
    (alert,) = await alerts(desk, rule="FW50")
    assert (alert["severity"], alert["subject_key"]) == ("red", f"{COUNTY}/2023-01")
    assert alert["facts"]["overdue_fen"] == 8_000_01


async def test_a_posting_begins_and_ends_as_monitoring_tells(county: County) -> None:
    posting: dict[str, Any] = {"area_code": VILLAGE, "posting_id": new_id(), "role": "first_secretary"}
    for change, day in (("came", "2023-03-01"), ("came", "2023-03-02"), ("left", "2023-05-01")):
        await told(county, PostingChanged(**posting, change=change, changed_on=day))
    (row,) = await county.look("SELECT since, until FROM ref_posting")
    assert (row["since"], row["until"]) == (date(2023, 3, 1), date(2023, 5, 1))


async def test_every_rule_with_a_check_is_in_the_catalogue_and_none_is_left_without() -> None:
    checks = {check.rule for check in SERVICE.checks if check.id.startswith(CHECK_PREFIX)}
    assert checks == set(RULES) == {check.rule for check in RAISING}
