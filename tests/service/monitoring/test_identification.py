"""Identifications on a real database: the whole way, what each step asks for, and how a household is refused."""

from datetime import UTC, date, datetime

import pytest

from services.monitoring.domain.comparison import Answer
from shared.kernel.errors import Forbidden, NotFound
from shared.testing.services import Bench
from tests.service.monitoring.people import VILLAGE, bureau, clerk, committee, foreign, member, name, number
from tests.service.monitoring.verbs import events, fetch, household, one, refusal
from tests.service.monitoring.ways import (
    IDENTIFICATION,
    PLAN,
    VISIT,
    adopt_line,
    approver,
    at_home,
    authorisation,
    farmer,
    helper,
    report,
    second_clerk,
    secretary,
    taken_up,
    town_leader,
)

pytestmark = pytest.mark.asyncio

PRIVATE = [name(1), name(2), number(1), number(2), "黑B12345", "农用三轮车", "0459-6000000"]


async def code(attempt: object) -> str:
    return (await refusal(attempt)).code  # type: ignore[arg-type]


async def test_one_household_goes_the_whole_way_and_each_fact_is_told_once(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    await home.enrolled()
    first, second = await home.planned()
    await home.deliver(first)
    done = await home.take(helper, "assist")
    assert done.state == "ASSISTED"
    (enrolled,) = await events(monitoring, "monitoring.household.enrolled")
    assert (enrolled["kind"], enrolled["persons"]) == ("EDGE", 2)
    assert enrolled["episode_id"] == str(await home.episode_id)
    (disposed,) = await events(monitoring, "monitoring.clue.disposed")
    assert disposed["disposition"] == "ENROLLED"  # M-CLUE-07
    assert await events(monitoring, "monitoring.risk.cleared") == []  # the risk stands while it is monitored
    assert len(await events(monitoring, "monitoring.comparison.requested")) == 5
    planned = await events(monitoring, "monitoring.measure.planned")
    assert {each["measure_id"] for each in planned} == {str(first), str(second)}
    (delivered,) = await events(monitoring, "monitoring.measure.delivered")
    assert delivered["amount"] == "1200.00"


async def test_the_snapshot_at_identification_is_frozen(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    await home.enrolled()
    (row,) = await fetch(monitoring, "SELECT * FROM episode_snapshot")
    assert (row["moment"], row["wage_fen"], row["transfer_fen"], row["per_capita_fen"]) == (
        "at_identification",
        900_000,
        100_000,
        500_000,
    )
    assert (row["dropout"], row["claims_fen"], row["line_fen"]) == (False, 0, 870_000)
    rights = "SELECT has_table_privilege(current_user, 'episode_snapshot', 'UPDATE, DELETE')"
    assert await one(monitoring, rights) is False


async def test_nothing_personal_leaves_in_events_or_the_journal(monitoring: Bench) -> None:  # M-PI-08
    home = await at_home(monitoring)
    (hit,) = await home.checked(hits=["X03"])
    await home.settle(hit, Answer.EXPLAINED)
    await home.reviewed()
    await home.published()
    await home.approved()
    await home.take(bureau, "enrol")
    told = await one(monitoring, "SELECT string_agg(envelope::text, '') FROM outbox")
    noted = await one(monitoring, "SELECT string_agg(row_to_json(journal)::text, '') FROM journal")
    assert not [each for each in PRIVATE if each in told or each in noted]


async def test_the_notice_shows_what_4_4_allows_and_the_announcement_no_name(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    await home.checked()
    await home.reviewed()
    await home.take(secretary, "publicise", form={"contact": "村委会公示栏"})
    (hanging,) = await fetch(monitoring, "SELECT content FROM case_notice")
    assert set(hanging["content"]) == {"title", "village", "group", "persons", "head", "kind", "contact"}
    assert (hanging["content"]["head"], hanging["content"]["persons"]) == (name(1), 2)
    assert hanging["content"]["kind"] == "边缘易致贫户"
    await monitoring.run_notice(secretary, home.case_id, VILLAGE, last_day_in=5)
    await home.approved()
    (announced,) = await fetch(monitoring, "SELECT content FROM case_notice WHERE permanent")
    assert "head" not in announced["content"]  # M-PI-07: what stays up has no name


async def test_a22_a_notice_with_a_phone_is_not_posted(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    await home.checked()
    await home.reviewed()
    posting = home.take(secretary, "publicise", form={"contact": "13800138000"})
    assert await code(posting) == "PERSONAL_DATA_IN_NOTICE"


async def test_a19_the_clock_runs_from_the_clue(monitoring: Bench) -> None:
    await adopt_line(monitoring)
    made = await household(monitoring, member(1))
    clue = await report(monitoring, made.household_id)  # received on 2024-05-20
    monitoring.clock.set(datetime(2024, 5, 22, 2, tzinfo=UTC))
    home = await taken_up(monitoring, made.household_id, made.member_ids, clue)
    (case,) = await fetch(
        monitoring, "SELECT started_on, total_due_on, due_on FROM case_file WHERE id = $1", home.case_id
    )
    assert (case["started_on"], case["total_due_on"]) == (date(2024, 5, 20), date(2024, 6, 4))
    assert case["due_on"] == date(2024, 5, 22)


async def test_a20_the_publicity_is_not_left_early(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    await home.checked()
    await home.reviewed()
    monitoring.clock.set(datetime(2024, 6, 3, 2, tzinfo=UTC))
    await home.take(secretary, "publicise", form={"contact": "村委会"})
    await monitoring.run_notice(secretary, home.case_id, VILLAGE, last_day_in=5)
    monitoring.clock.set(datetime(2024, 6, 8, 10, tzinfo=UTC))
    check = home.take(town_leader, "check_township", "on_site_verification")
    assert await code(check) == "PUBLICITY_RUNNING"
    monitoring.clock.set(datetime(2024, 6, 8, 16, tzinfo=UTC))  # 2024-06-09 00:00 in Shanghai
    assert (await home.take(town_leader, "check_township", "on_site_verification")).state == "TOWN_CHECKED"


async def test_a23_no_comparison_without_authorisation_nor_beyond_it(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    await home.take(clerk, "assign")
    assert await code(home.take(bureau, "request_comparison")) == "MARKS_MISSING"
    await home.take(farmer, "authorise", "authorisation", form=authorisation(sources=["fiscal", "housing"]))
    assert await code(home.take(bureau, "request_comparison")) == "SOURCE_NOT_AUTHORISED"
    assert await one(monitoring, "SELECT count(*) FROM comparison") == 0


async def test_the_signed_check_stands_and_covers_the_whole_household(monitoring: Bench) -> None:  # M-ID-01 M-ID-10
    home = await at_home(monitoring)
    await home.take(clerk, "assign")
    assert await code(home.take(committee, "visit", *VISIT)) == "CHECK_MISSING"
    await home.check(member_ids=home.member_ids[:1])
    assert await code(home.take(committee, "visit", *VISIT)) == "NOT_WHOLE_HOUSEHOLD"
    await home.check(nil=["claims"])
    assert await code(home.take(committee, "visit", *VISIT)) == "SHEET_INCOMPLETE"
    await home.check()
    await home.take(committee, "visit", *VISIT)
    assert await code(home.check(education="NOT_OK")) == "CHECK_SIGNED"


async def test_a10_no_line_no_conclusion(monitoring: Bench) -> None:
    home = await at_home(monitoring, line=False)
    await home.take(clerk, "assign")
    await home.take(farmer, "authorise", "authorisation", form=authorisation())
    await home.check()
    await home.visit()
    await home.compare()
    assert await code(home.take(clerk, "conclude_check")) == "NO_LINE_CONFIGURED"
    assert await one(monitoring, "SELECT count(*) FROM income_classification") == 0


async def test_m_line_05_the_line_of_the_day_of_conclusion_counts(monitoring: Bench) -> None:
    home = await at_home(monitoring, line=False)
    await adopt_line(monitoring, "4000.00")
    await home.take(clerk, "assign")
    await home.take(farmer, "authorise", "authorisation", form=authorisation())
    await home.check()
    await home.visit()
    await home.compare()
    assert await code(home.take(clerk, "conclude_check")) == "NO_KIND_PROPOSED"
    monitoring.clock.forward(days=3)
    await adopt_line(monitoring, "8700.00")
    await home.take(clerk, "conclude_check")
    row = (await fetch(monitoring, "SELECT line_fen, position, proposed_kind FROM income_classification"))[0]
    assert tuple(row) == (870_000, "below", "EDGE")


async def test_a_correction_keeps_the_publicity_only_if_that_ran_whole(monitoring: Bench) -> None:  # M-CLK-02
    home = await at_home(monitoring)
    await home.checked()
    await home.reviewed()
    await home.take(secretary, "publicise", form={"contact": "村委会"})
    await home.take(town_leader, "send_back", reason="材料不全")
    short = home.take(second_clerk, "resubmit", "on_site_verification")
    assert await code(short) == "PUBLICITY_CUT_SHORT"
    await home.take(clerk, "check_again")
    await home.take(farmer, "authorise", "authorisation", form=authorisation())
    await home.check()
    await home.visit()
    await home.compare()
    await home.take(clerk, "conclude_check")
    await home.reviewed()
    await home.published()
    await home.take(second_clerk, "check_township", "on_site_verification")
    await home.take(bureau, "send_back", reason="补充核实")
    assert (await home.take(town_leader, "resubmit", "on_site_verification")).state == "TOWN_CHECKED"


async def test_the_county_confirms_the_kind_that_hung(monitoring: Bench) -> None:  # M-ID-08
    home = await at_home(monitoring)
    await home.checked()
    await home.reviewed()
    await home.published()
    await home.take(town_leader, "check_township", "on_site_verification")
    form = {"kind": "SUDDEN", "kind_reason": "突发"}
    assert await code(home.take(approver, "approve_county", "approval_record", form=form)) == "KIND_NOT_PUBLISHED"


async def test_the_county_approves_only_a_whole_record(monitoring: Bench) -> None:  # DQ-MO-02, §1.6
    home = await at_home(monitoring)
    await home.checked(water="UNKNOWN")
    await home.reviewed()
    await home.published()
    problem = await refusal(home.approved())
    assert (problem.code, problem.violations[0].facts["missing"]) == ("RECORD_INCOMPLETE", ["water_damaged"])


async def test_a_foreign_office_neither_sees_nor_opens(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    with pytest.raises(NotFound):
        await monitoring.step(foreign, IDENTIFICATION, home.identification_id, "assign")
    with pytest.raises(Forbidden):
        await home.take(committee, "assign")
    async with monitoring.database.read(foreign) as session:
        for table in ("identification", "household_check", "comparison", "case_file", "authorisation"):
            assert await session.raw.fetchval(f"SELECT count(*) FROM {table}") == 0, table  # noqa: S608


async def test_a_plan_answers_the_risks_and_needs_a_helper(monitoring: Bench) -> None:  # M-AST-01 M-AST-02 M-AST-03
    home = await at_home(monitoring)
    await home.enrolled()
    assert await code(home.take(helper, "plan", form={"measures": PLAN})) == "NO_HELPER"
    assert await code(home.planned([{"kind": "industry"}])) == "RISK_UNANSWERED"
    assert await code(home.planned([{"kind": "medical_relief"}])) == "NO_DEVELOPMENT"
    assert await code(home.planned([*PLAN, {"kind": "finance"}])) == "PLAN_STACKED"
    assert len(await home.planned()) == 2
