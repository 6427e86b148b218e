"""Eliminations on a real database: conditions, months, labour, snapshot, look-backs, roll-back and marking again."""

from collections.abc import Awaitable
from datetime import UTC, date, datetime

import pytest

from services.monitoring.commands.episodes import ReviewRiskChange
from services.monitoring.commands.identifications import OpenIdentification
from shared.testing.services import Bench
from tests.service.monitoring.people import VILLAGE, bureau, clerk, committee, leader, member
from tests.service.monitoring.verbs import events, fetch, household, one, refusal
from tests.service.monitoring.ways import (
    VISIT,
    Ending,
    Home,
    adopt_line,
    approver,
    at_home,
    declare,
    helper,
    proposed,
    report,
    secretary,
    taken_up,
    town_leader,
)

pytestmark = pytest.mark.asyncio


async def code(attempt: Awaitable[object]) -> str:
    return (await refusal(attempt)).code


async def helped(it: Bench, month: int = 12) -> Home:
    """An enrolled household whose measures are delivered, and whose income has been good until `month` of 2024."""
    home = await at_home(it)
    await home.enrolled()
    for measure in await home.planned():
        await home.deliver(measure)
    later(it, 2024, month, 2)
    await declare(it, home.household_id, {f"2024-{each:02d} wage": "4000.00" for each in range(6, month)})
    return home


BACKSTOP = [{"kind": "medical_relief"}, {"kind": "subsistence"}]


def later(it: Bench, year: int, month: int, day: int) -> None:
    it.clock.set(datetime(year, month, day, 2, tzinfo=UTC))


async def marked(home: Home) -> Ending:
    """Proposed and marked on 2024-12-20."""
    ending = await proposed(home)
    await ending.visited()
    await ending.announced()
    later(home.it, 2024, 12, 20)
    await ending.take(bureau, "mark")
    return ending


async def test_a_household_is_eliminated_and_looked_back_at(monitoring: Bench) -> None:
    home = await helped(monitoring)
    ending = await marked(home)
    (told,) = await events(monitoring, "monitoring.household.eliminated")
    assert (told["mode"], told["eliminated_on"]) == ("by_assistance", "2024-12-20")
    (cleared,) = await events(monitoring, "monitoring.risk.cleared")
    assert cleared["outcome"] == "ELIMINATED"
    (episode,) = await fetch(monitoring, "SELECT * FROM episode")
    assert (episode["identified_on"].month, episode["eliminated_on"]) == (5, date(2024, 12, 20))
    moments = await fetch(monitoring, "SELECT moment, per_capita_fen FROM episode_snapshot ORDER BY taken_on")
    assert [tuple(row) for row in moments] == [("at_identification", 500_000), ("at_elimination", 1_700_000)]
    due = await fetch(monitoring, "SELECT due_on FROM look_back ORDER BY due_on")
    assert [row["due_on"] for row in due] == [date(2025, 3, 20), date(2025, 6, 20)]
    await ending.take(helper, "look_back", "look_back_record", form={"found": "stable"})
    assert await code(ending.take(clerk, "confirm")) == "LOOK_BACKS_OPEN"
    await ending.take(helper, "look_back", "look_back_record", form={"found": "stable"})
    assert (await ending.take(clerk, "confirm")).state == "CONFIRMED"


async def test_the_conditions_are_asked_at_the_review_and_all_told_at_once(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    await home.enrolled()
    await home.planned()
    later(monitoring, 2024, 12, 2)
    ending = await proposed(home)
    await ending.visited(medical="UNKNOWN", risks=["ILLNESS"], rigid_spending="open", stable_months=3)
    problem = await refusal(ending.review())
    assert {each.code for each in problem.violations} == {
        "NOT_ABOVE_LINE",  # M-EL-01, A03
        "RIGID_SPENDING_OPEN",  # M-EL-02
        "GUARANTEE_GAP",  # M-EL-03: unknown is no OK
        "MEASURES_OPEN",  # M-EL-04
        "RISK_REMAINS",  # M-EL-05
    }


async def test_a03_m_el_01_on_the_line_is_not_above_it(monitoring: Bench) -> None:
    home = await helped(monitoring)
    await adopt_line(monitoring, "17000.00")  # M-LINE-08: the line in force now
    ending = await proposed(home)
    await ending.visited()
    assert await code(ending.review()) == "NOT_ABOVE_LINE"


async def test_a29_six_months_by_their_numbers(monitoring: Bench) -> None:
    home = await helped(monitoring, month=10)  # enrolled in May
    ending = await proposed(home)
    await ending.visited()
    await ending.announced()
    later(monitoring, 2024, 10, 31)
    assert await code(ending.take(bureau, "mark")) == "TOO_SOON"
    assert await code(ending.take(bureau, "mark", form={"county_reason": "确已消除"})) == "TOO_SOON"
    later(monitoring, 2024, 11, 1)
    assert (await ending.take(bureau, "mark")).state == "MARKED"


async def test_a30_a_natural_one_may_be_sooner_for_the_countys_reason(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    await home.enrolled()
    await home.planned()
    ending = await proposed(home, "natural", "患病成员去世")
    await ending.visited()
    await ending.announced()  # neither income nor measures are asked, M-EL-09
    assert await code(ending.take(bureau, "mark")) == "TOO_SOON"
    await ending.take(bureau, "mark", form={"county_reason": "致贫原因已自然消失"})
    assert (await events(monitoring, "monitoring.household.eliminated"))[0]["mode"] == "natural"


async def test_a31_a_household_without_labour_is_labelled_and_not_marked(monitoring: Bench) -> None:
    home = await at_home(monitoring, "NONE", "LOST")
    async with monitoring.database.write(bureau) as tx:
        await tx.raw.execute("UPDATE household SET overlays = '{DIBAO}' WHERE id = $1", home.household_id)
        await tx.session.commit()
    await home.enrolled()
    first, second = await home.planned(BACKSTOP)
    await home.deliver(first)
    await home.deliver(second)
    later(monitoring, 2024, 12, 2)
    await declare(monitoring, home.household_id, {f"2024-{month:02d} transfer": "4000.00" for month in range(6, 12)})
    ending = await proposed(home)
    await ending.visited(nil=["wage", "business", "business_expense", "property", "claims", "self_paid"])
    await ending.announced()
    assert await code(ending.take(bureau, "mark")) == "NO_LABOUR"
    assert await one(monitoring, "SELECT no_labour_backstop FROM episode") is True
    assert (await ending.take(leader, "reject", reason="整户无劳动能力，继续兜底监测")).state == "REJECTED"
    again = await proposed(home)
    await again.visited(nil=["wage", "business", "business_expense", "property", "claims", "self_paid"])
    await again.announced()
    form = {"backstop_override": "INCOME_FROM_SUPPORT_STABLE"}
    assert (await again.take(bureau, "mark", form=form)).state == "MARKED"


async def test_a34_a_blank_field_stops_the_county(monitoring: Bench) -> None:
    home = await helped(monitoring)
    ending = await proposed(home)
    await ending.visited(nil=["business", "business_expense", "property", "self_paid"])
    problem = await refusal(ending.announced())
    first = problem.violations[0]
    assert (first.code, first.rule, first.facts["missing"]) == ("SNAPSHOT_INCOMPLETE", "DQ-EL-01", ["claims_fen"])


async def test_a32_a_roll_back_opens_the_same_episode_again(monitoring: Bench) -> None:
    home = await helped(monitoring)
    ending = await marked(home)
    before = await one(monitoring, "SELECT identified_on FROM episode")
    counted = "SELECT count(*) FROM episode WHERE eliminated_on IS NOT NULL"
    assert await one(monitoring, counted) == 1
    later(monitoring, 2025, 3, 20)
    await ending.take(leader, "roll_back", "roll_back_finding", reason="收入大幅下降，自付支出翻倍")
    assert await one(monitoring, counted) == 0
    (episode,) = await fetch(monitoring, "SELECT identified_on, eliminated_on, mode FROM episode")
    assert tuple(episode) == (before, None, None)
    assert await one(monitoring, "SELECT voided_on FROM elimination") == date(2025, 3, 20)
    assert await one(monitoring, "SELECT count(*) FROM risk WHERE cleared_on IS NULL") == 1
    assert len(await events(monitoring, "monitoring.household.rolled_back")) == 1
    assert await one(monitoring, "SELECT count(*) FROM episode_snapshot") == 2  # nothing is taken away
    again = await proposed(home)
    assert again.elimination_id != ending.elimination_id


async def test_a33_a_new_risk_opens_another_episode(monitoring: Bench) -> None:
    home = await helped(monitoring)
    ending = await marked(home)
    later(monitoring, 2025, 6, 3)
    clue = await report(monitoring, home.household_id, "fire", "2025-06-02")
    relapse = await taken_up(monitoring, home.household_id, home.member_ids, clue)
    assert await one(monitoring, "SELECT relapse_of FROM identification WHERE id = $1", relapse.identification_id) == (
        await home.episode_id
    )  # M-CLUE-06
    await declare(monitoring, home.household_id, {f"2024-{month:02d} wage": "0.00" for month in range(6, 12)})
    await declare(monitoring, home.household_id, {"2025-01 wage": "500.00", "2025-02 transfer": "100.00"})
    await relapse.checked(risks=["ACCIDENT"])
    await relapse.reviewed()
    await relapse.published()
    await relapse.approved()
    assert await code(relapse.take(bureau, "enrol")) == "MONITORED_BEFORE"
    identifying = ending.take(leader, "roll_back", "roll_back_finding", reason="收入下降")
    assert await code(identifying) == "IDENTIFICATION_RUNNING"
    await relapse.take(bureau, "remark")
    (told,) = await events(monitoring, "monitoring.household.remarked")
    assert told["previous_episode_id"] == str(await home.episode_id)
    rows = await fetch(monitoring, "SELECT identified_on, eliminated_on FROM episode ORDER BY identified_on")
    assert [(row[0].month, row[1] is None) for row in rows] == [(5, False), (6, True)]
    assert len(await events(monitoring, "monitoring.household.enrolled")) == 1


async def test_a17_a_clue_of_a_monitored_household_is_a_change_of_risk(monitoring: Bench) -> None:  # M-CLUE-05
    home = await at_home(monitoring)
    await home.enrolled()
    clue = await report(monitoring, home.household_id, "unsafe_house")
    taken = (await monitoring.run(OpenIdentification(clue_id=clue), clerk)).result
    assert (taken["is_new"], taken["is_risk_change"]) == (False, True)
    assert await one(monitoring, "SELECT count(*) FROM identification") == 1
    review = ReviewRiskChange.model_validate({"household_id": home.household_id, "risks": ["ILLNESS", "HOUSING"]})
    assert (await monitoring.run(review, helper)).result["changed"] is True
    assert await one(monitoring, "SELECT risks FROM episode") == ["ILLNESS", "HOUSING"]
    dispositions = [event["disposition"] for event in await events(monitoring, "monitoring.clue.disposed")]
    assert dispositions == ["ENROLLED", "ENROLLED"]


async def test_m_id_09_the_helper_does_not_approve(monitoring: Bench) -> None:
    home = await helped(monitoring)
    ending = await proposed(home)
    await ending.visited()
    await ending.review()
    await ending.take(secretary, "publicise", form={"contact": "村委会"})
    await monitoring.run_notice(secretary, ending.case_id, VILLAGE, last_day_in=5)
    await ending.take(town_leader, "check_township", "on_site_verification")
    async with monitoring.database.write(bureau) as tx:
        await tx.raw.execute("UPDATE helper_assignment SET helper = $1", approver.id)
        await tx.session.commit()
    assert await code(ending.take(approver, "approve_county", "approval_record")) == "APPROVER_IS_HELPER"


async def test_only_a_monitored_household_is_proposed_and_only_once(monitoring: Bench) -> None:
    await adopt_line(monitoring)
    made = await household(monitoring, member(7))
    stranger = Home(monitoring, made.household_id, made.member_ids, made.household_id, made.household_id)
    assert await code(proposed(stranger)) == "EPISODE_NOT_OPEN"
    home = await at_home(monitoring, line=False)
    await home.enrolled()
    await proposed(home)
    assert await code(proposed(home)) == "EPISODE_NOT_OPEN"
    assert await code(proposed(home, "natural")) == "EPISODE_NOT_OPEN"


async def test_two_of_one_side_cannot_sign_the_check(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    await home.take(clerk, "assign")
    await home.check()
    await home.take(helper, "visit", *VISIT)
    assert await code(home.take(clerk, "visit", *VISIT)) == "ALREADY_SIGNED"
    assert (await home.take(committee, "visit", *VISIT)).state == "ASSIGNED"
