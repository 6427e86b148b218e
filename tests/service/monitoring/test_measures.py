"""Measures on a real database: from the plan to their effect, in the green channel, and with the end of a household."""

from collections.abc import Awaitable
from datetime import UTC, datetime

import pytest

from services.monitoring.checks.monitored import CHECKS, NO_MEASURE_IN_TIME
from services.monitoring.commands.episodes import AssignHelper
from services.monitoring.commands.measures import PlanMeasure, RequestMeasure
from services.monitoring.commands.members import RemoveMember
from shared.checks.run import explain, run_check
from shared.kernel.actors import SYSTEM
from shared.testing.services import Bench
from tests.service.monitoring.people import VILLAGE, clerk, committee
from tests.service.monitoring.verbs import events, fetch, one, refusal
from tests.service.monitoring.ways import (
    MEASURE,
    PLAN,
    Home,
    at_home,
    farmer,
    helper,
    report,
    second_clerk,
    town_leader,
)

pytestmark = pytest.mark.asyncio


async def code(attempt: Awaitable[object]) -> str:
    return (await refusal(attempt)).code


async def monitored(it: Bench) -> Home:
    home = await at_home(it)
    await home.enrolled()
    return home


async def test_a_measure_is_delivered_with_proof_and_its_effect_checked(monitoring: Bench) -> None:  # M-AST-08 M-AST-09
    home = await monitored(monitoring)
    measure, _ = await home.planned()
    await monitoring.step(helper, MEASURE, measure, "apply")
    assert await code(monitoring.step(helper, MEASURE, measure, "approve")) == "ROLE_REQUIRED"
    await monitoring.step(town_leader, MEASURE, measure, "approve")
    await monitoring.step(helper, MEASURE, measure, "begin")
    assert await code(monitoring.step(helper, MEASURE, measure, "deliver")) == "EVIDENCE_MISSING"
    proof = await monitoring.evidence(helper, VILLAGE, "delivery_proof")
    await monitoring.step(helper, MEASURE, measure, "deliver", evidence=proof)
    photo = await monitoring.evidence(helper, VILLAGE, "visit_photo")
    assert await code(monitoring.step(helper, MEASURE, measure, "check_effect", evidence=photo)) == "EFFECT_MISSING"
    done = await monitoring.step(helper, MEASURE, measure, "check_effect", evidence=photo, form={"effect": "eased"})
    assert done.state == "EFFECT_CHECKED"
    assert await one(monitoring, "SELECT effect FROM measure WHERE id = $1", measure) == "eased"


async def test_the_case_ends_with_the_first_measure_not_before(monitoring: Bench) -> None:  # M-AST-06
    home = await monitored(monitoring)
    first, _ = await home.planned()
    assert await code(home.take(helper, "assist")) == "NO_MEASURE_DELIVERED"
    await home.deliver(first)
    assert (await home.take(helper, "assist")).state == "ASSISTED"


async def test_one_active_primary_helper(monitoring: Bench) -> None:  # M-AST-01
    home = await monitored(monitoring)
    for who in (helper, farmer, helper):
        await monitoring.run(AssignHelper(household_id=home.household_id, helper=who.id), clerk)
    active = "SELECT count(*) FROM helper_assignment WHERE until_on IS NULL AND is_primary"
    assert await one(monitoring, active) == 1
    assert await one(monitoring, "SELECT count(*) FROM helper_assignment") == 3


async def test_no_measure_by_the_side(monitoring: Bench) -> None:  # M-ID-04
    home = await at_home(monitoring)
    plan = PlanMeasure.model_validate({"household_id": home.household_id, "measure": PLAN[0]})
    assert await code(monitoring.run(plan, helper)) == "HOUSEHOLD_NOT_MONITORED"


async def test_the_green_channel_lets_a_measure_start_before_the_procedure(monitoring: Bench) -> None:  # M-ID-03
    home = await at_home(monitoring)
    await home.take(town_leader, "open_green_channel", "incident_report", reason="洪涝灾害")
    plan = PlanMeasure.model_validate({"household_id": home.household_id, "measure": PLAN[0]})
    (measure,) = (await monitoring.run(plan, helper)).result["measure_ids"]
    await home.deliver(measure)
    await home.enrolled()
    (told,) = await events(monitoring, "monitoring.measure.delivered")
    assert told["episode_id"] == str(await one(monitoring, "SELECT id FROM episode"))


async def test_funds_is_asked_for_what_has_no_money(monitoring: Bench) -> None:
    home = await monitored(monitoring)
    measure, _ = await home.planned()
    await monitoring.run(RequestMeasure(measure_id=measure, gap="3000.00"), clerk)
    (asked,) = await events(monitoring, "monitoring.measure.requested")
    assert (asked["measure_id"], asked["gap"]) == (str(measure), "3000.00")


async def test_a27_no_measure_a_month_after_the_enrolment(monitoring: Bench) -> None:  # DQ-MS-01
    monitoring.clock.set(datetime(2024, 3, 6, 2, tzinfo=UTC))
    home = await at_home(monitoring, on="2024-03-05")
    await home.checked()
    await home.reviewed()
    await home.published()
    monitoring.clock.set(datetime(2024, 3, 15, 2, tzinfo=UTC))
    await home.approved()
    await home.take(clerk, "enrol")
    assert [await found(monitoring, day) for day in (15, 16)] == [0, 1]
    async with monitoring.database.read(SYSTEM) as session:
        now = datetime(2024, 4, 16, 2, tzinfo=UTC)
        (why,) = await explain(session.raw, NO_MEASURE_IN_TIME, str(await home.episode_id), now=now)
    assert why.facts == {"identified_on": "2024-03-15"}
    monitoring.clock.set(datetime(2024, 4, 16, 2, tzinfo=UTC))
    first, _ = await home.planned()
    await home.deliver(first)
    assert await found(monitoring, 17) == 0


async def found(it: Bench, april: int) -> int:
    """How many findings of DQ-MS-01 stand after a run on that day of April 2024; the other checks find nothing."""
    now = datetime(2024, 4, april, 2, tzinfo=UTC)
    async with it.database.write(SYSTEM) as tx:
        runs = {check.id: await run_check(tx.raw, check, now=now) for check in CHECKS}
        await tx.session.commit()
    assert {runs["DQ-EL-01"].standing, runs["M-ID-04"].standing} == {0}
    return runs["DQ-MS-01"].standing


async def test_a53_everything_ends_with_the_last_member(monitoring: Bench) -> None:
    home = await monitored(monitoring)
    await home.planned()
    waiting = await report(monitoring, home.household_id, "job_lost")
    assert await leaves(home, 1, "MARRIED_OUT") is False
    assert await leaves(home, 0, "DEATH") is True
    assert await one(monitoring, "SELECT close_reason FROM household") == "DECEASED"
    assert await one(monitoring, "SELECT mode FROM episode") == "natural"
    assert await one(monitoring, "SELECT count(*) FROM helper_assignment WHERE until_on IS NULL") == 0
    assert await one(monitoring, "SELECT count(*) FROM case_file WHERE is_open") == 0
    states = await fetch(monitoring, "SELECT workflow, state FROM case_file ORDER BY workflow, state")
    assert {tuple(row) for row in states} == {
        ("monitoring.identification", "EPISODE_ENDED"),
        ("monitoring.measure", "CANCELLED"),
    }
    assert await one(monitoring, "SELECT disposition FROM clue WHERE id = $1", waiting) == "DECEASED_OR_MOVED"
    assert (await events(monitoring, "monitoring.household.closed"))[0]["reason"] == "DECEASED"
    assert (await events(monitoring, "monitoring.risk.cleared"))[0]["outcome"] == "EPISODE_ENDED"


async def leaves(home: Home, place: int, reason: str) -> bool:
    """A member leaves; whether the household is closed then."""
    told = {"member_id": home.member_ids[place], "reason": reason, "left_on": home.it.clock.now().date()}
    return bool((await home.it.run(RemoveMember.model_validate(told), committee)).result["closed"])


async def test_a_measure_is_sent_back_or_cancelled_with_a_reason(monitoring: Bench) -> None:
    home = await monitored(monitoring)
    measure, other = await home.planned()
    await monitoring.step(second_clerk, MEASURE, measure, "apply")
    await monitoring.step(town_leader, MEASURE, measure, "send_back", reason="材料不全")
    await monitoring.step(second_clerk, MEASURE, measure, "apply")
    await monitoring.step(clerk, MEASURE, other, "cancel", reason="改由低保覆盖")
    assert await one(monitoring, "SELECT cancelled_on IS NOT NULL FROM measure WHERE id = $1", other) is True
