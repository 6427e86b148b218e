"""Clues one by one: merging, matching, the first risk, dispositions and rates; A16, A18, A19, A52, M-CLUE-01…10."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.monitoring.commands.clues import ClueTaken, ReportClue
from services.monitoring.commands.dispositions import DisposeClue, MatchClue
from services.monitoring.queries.clues import clue, feedback, summary, worklist
from shared.db.paging import Cursors, PageRequest
from shared.kernel.actors import Actor
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Conflict
from shared.testing.services import Bench
from tests.service.monitoring.people import (
    COUNTY,
    NEXT_VILLAGE,
    VILLAGE,
    bureau,
    clerk,
    committee,
    farmer,
    member,
    name,
    neighbour,
    number,
    sector,
    spending,
)
from tests.service.monitoring.verbs import events, fetch, household, imported, one, refusal, refused

pytestmark = pytest.mark.asyncio


def clue_of(source: str, item: str, **more: Any) -> ReportClue:
    return ReportClue.model_validate(
        {"area_code": VILLAGE, "source": source, "item": item, "event_on": "2024-05-10"} | more
    )


async def report(it: Bench, command: ReportClue, actor: Actor = bureau) -> ClueTaken:
    return ClueTaken.model_validate((await it.run(command, actor)).result)


async def test_a16_two_departments_push_the_same_and_it_is_one_clue_with_two_sources(monitoring: Bench) -> None:
    await household(monitoring, member(1))
    about = {"id_number": number(1), "source": "DEPT", "item": "serious_illness"}
    first = await report(monitoring, clue_of(**about, department="medical_insurance", amount="3000.00"), sector)
    second = await report(monitoring, clue_of(**about, department="health", amount="4500.00", event_on="2024-05-19"))
    assert (second.clue_id, second.merged) == (first.clue_id, True)
    async with monitoring.database.read(bureau) as session:
        seen = await clue(session, first.clue_id)
    assert seen.amount == 4_500_00
    assert [(sender.department, sender.amount) for sender in seen.sources] == [
        ("medical_insurance", 3_000_00),
        ("health", 4_500_00),
    ]
    assert len(await events(monitoring, "monitoring.clue.received")) == 2
    assert len(await events(monitoring, "monitoring.risk.detected")) == 1


async def test_the_same_sender_twice_is_one_source_and_another_month_another_clue(monitoring: Bench) -> None:
    await household(monitoring, member(1))
    for event_on, clues in (("2024-05-01", 1), ("2024-05-19", 1), ("2024-04-30", 2)):
        await report(monitoring, clue_of("CADRE", "job_lost", id_number=number(1), event_on=event_on), committee)
        assert await one(monitoring, "SELECT count(*) FROM clue") == clues
        assert await one(monitoring, "SELECT count(*) FROM clue_source") == clues


async def test_m_clue_03_further_clues_of_a_household_join_its_open_risk(monitoring: Bench) -> None:
    made = await household(monitoring, member(1), member(2, "SPOUSE"))
    first = await report(monitoring, clue_of("SELF", "job_lost", id_number=number(2)), committee)
    second = await report(monitoring, clue_of("CADRE", "fire", household_id=made.household_id), committee)
    assert first.risk_id == second.risk_id is not None
    (risk,) = await events(monitoring, "monitoring.risk.detected")
    assert (risk["cause"], risk["severity"], risk["sources"], risk["clue_ids"]) == (
        "UNSTABLE_JOB",
        "amber",
        ["SELF"],
        [str(first.clue_id)],
    )
    assert risk["area_code"] == VILLAGE


async def test_a19_a_clue_of_20_may_is_due_at_the_end_of_4_june_and_its_feedback_in_ten_working_days(
    monitoring: Bench,
) -> None:
    await household(monitoring, member(1))
    taken = await report(monitoring, clue_of("SELF", "job_lost", id_number=number(1)), committee)
    assert await one(monitoring, "SELECT due_on FROM risk") == date(2024, 6, 4)
    assert taken.due_on == date(2024, 6, 3)


async def test_a52_a_person_of_no_household_is_kept_to_be_built(monitoring: Bench) -> None:
    taken = await report(monitoring, clue_of("SOCIAL", "living_difficulty", id_number=number(7), name=name(7)))
    assert (taken.match, taken.household_id, taken.risk_id) == ("TO_BUILD", None, None)
    page = PageRequest(Cursors.of(monitoring.assembled.pipeline.resources.keys))
    async with monitoring.database.read(clerk) as session:
        listed = await worklist(session, page, AreaCode.parse(COUNTY), match="TO_BUILD")
    assert [item.id for item in listed.items] == [taken.clue_id]
    made = await household(monitoring, member(7))
    assert await one(monitoring, "SELECT household_id FROM clue") == made.household_id
    assert len(await events(monitoring, "monitoring.risk.detected")) == 1


async def test_m_clue_01_without_a_number_somebody_says_who_it_is(monitoring: Bench) -> None:
    made = await household(monitoring, member(1), area=NEXT_VILLAGE, actor=neighbour)
    taken = await report(monitoring, clue_of("SELF", "fire", name=name(1), born_on="1950-01-01"), committee)
    assert taken.match == "TO_MATCH"
    match = MatchClue(clue_id=taken.clue_id, member_id=made.member_ids[0])
    assert (await refused(monitoring, match, neighbour))[0] == "NOT_FOUND"
    known = await monitoring.run(match, clerk)
    assert (known.result["match"], known.result["risk_id"] is not None) == ("MATCHED", True)
    assert await one(monitoring, "SELECT area_code FROM clue_source") == int(NEXT_VILLAGE)
    assert (await refused(monitoring, match, clerk))[0] == "CLUE_MATCHED"


async def test_a_clue_that_another_village_holds_is_a_conflict(monitoring: Bench) -> None:
    about = {"id_number": number(7), "source": "SELF", "item": "job_lost"}
    await report(monitoring, clue_of(**about), committee)
    problem = await refusal(monitoring.run(clue_of(**about, area_code=NEXT_VILLAGE), neighbour))
    assert isinstance(problem, Conflict)
    assert problem.code == "CLUE_HELD_ELSEWHERE"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"id_number": "110105194912310021"}, "ID_CHECK_DIGIT"),
        ({"id_number": "999999194912310021"}, "ID_MISSING"),
        ({"id_number": number(1), "event_on": "2024-05-21"}, "DATE_FUTURE"),
        ({"household_id": "00000000-0000-7000-8000-000000000001"}, "NOT_FOUND"),
    ],
)
async def test_a_wrong_clue_is_a_clear_problem(monitoring: Bench, changed: dict[str, str], code: str) -> None:
    assert (await refused(monitoring, clue_of("SELF", "job_lost", **changed), committee))[0] == code
    assert await one(monitoring, "SELECT count(*) FROM clue") == 0


@pytest.mark.parametrize(
    ("actor", "source", "allowed"),
    [
        pytest.param(committee, "DEPT", False, id="a-village-is-no-department"),
        pytest.param(sector, "DEPT", True, id="a-department"),
        pytest.param(farmer, "SELF", True, id="a-household-for-itself"),
        pytest.param(farmer, "CADRE", False, id="a-household-is-no-cadre"),
    ],
)
async def test_3_1_everybody_speaks_for_their_own_office(
    monitoring: Bench,
    actor: Actor,
    source: str,
    allowed: bool,
) -> None:
    await household(monitoring, member(1))
    department = {"department": "health"} if source == "DEPT" else {}
    command = clue_of(source, "serious_illness", id_number=number(1), **department)
    if allowed:
        await report(monitoring, command, actor)
    else:
        assert await refused(monitoring, command, actor) == ("SOURCE_NOT_YOURS", "3.1", "/source")


async def test_m_clue_07_a_disposition_is_set_once_and_told_to_every_sender(monitoring: Bench) -> None:
    await household(monitoring, member(1))
    report_file = await imported(monitoring, [spending(1, "30000.00")])
    taken = await report(
        monitoring,
        clue_of("DEPT", "inpatient_self_paid", department="health", id_number=number(1), event_on="2024-04-20"),
    )
    assert taken.merged
    enrolled = DisposeClue(clue_id=taken.clue_id, disposition="ENROLLED")
    assert (await refused(monitoring, enrolled, clerk))[:2] == ("ENROLLED_BY_CASE_ONLY", "M-CLUE-07")
    solved = DisposeClue(clue_id=taken.clue_id, disposition="POLICY_SOLVED")
    await monitoring.run(solved, clerk)
    assert (await refused(monitoring, solved, clerk))[0] == "CLUE_DISPOSED"
    told = await events(monitoring, "monitoring.clue.disposed")
    assert [(event["department"], event["row"]) for event in told] == [("medical_insurance", 2), ("health", None)]
    page = PageRequest(Cursors.of(monitoring.assembled.pipeline.resources.keys))
    async with monitoring.database.read(sector) as session:  # M-CLUE-08: by file and row
        answered = await feedback(session, page, AreaCode.parse(COUNTY), batch_id=report_file.id)
    assert [(item.row, item.disposition) for item in answered.items] == [(2, "POLICY_SOLVED")]


async def test_a18_rates_count_dispositions_and_enrolments(monitoring: Bench) -> None:
    await imported(monitoring, [spending(serial, "20000.00") for serial in range(800)])
    async with monitoring.database.write(bureau) as tx:  # as 800 steps would leave it
        await tx.raw.execute(
            "UPDATE clue SET disposition = 'NOT_RISK_NORMAL', disposed_on = received_on, disposed_by = $1", bureau.id
        )
        await tx.raw.execute(
            "UPDATE clue SET disposition = 'ENROLLED' WHERE id IN (SELECT id FROM clue ORDER BY id LIMIT 6)",
        )
        await tx.session.commit()
    today = monitoring.clock.now().date()
    async with monitoring.database.read(bureau) as session:
        told = await summary(session, AreaCode.parse(COUNTY), today, today, today)
    assert (told.received, told.enrolled, told.overdue) == (800, 6, 0)
    assert (told.handling_rate, told.conversion) == ("100.00", "0.75")


async def test_m_clue_06_a_clue_after_an_elimination_opens_a_relapse(monitoring: Bench) -> None:
    await household(monitoring, member(1))
    await report(monitoring, clue_of("SELF", "job_lost", id_number=number(1)), committee)
    async with monitoring.database.write(bureau) as tx:  # as an elimination leaves it
        await tx.raw.execute("UPDATE risk SET cleared_on = detected_on, outcome = 'ELIMINATED'")
        await tx.session.commit()
    monitoring.clock.set(datetime(2024, 7, 1, 2, tzinfo=UTC))
    await report(monitoring, clue_of("CADRE", "job_lost", id_number=number(1), event_on="2024-06-30"), committee)
    found = await fetch(monitoring, "SELECT relapse FROM risk ORDER BY detected_on")
    assert [row["relapse"] for row in found] == [False, True]


async def test_the_worklist_pages_by_village_and_due_day(monitoring: Bench) -> None:
    await imported(monitoring, [spending(serial, "20000.00") for serial in range(7)])
    cursors, seen, cursor = Cursors.of(monitoring.assembled.pipeline.resources.keys), [], None
    async with monitoring.database.read(clerk) as session:
        for _ in range(4):
            page = await worklist(session, PageRequest(cursors, 2, cursor), AreaCode.parse(COUNTY))
            seen += [item.id for item in page.items]
            cursor = page.next_cursor
    assert (len(seen), len(set(seen)), cursor) == (7, 7, None)
    async with monitoring.database.read(neighbour) as session:
        assert (await worklist(session, PageRequest(cursors), AreaCode.parse(COUNTY))).items == []
