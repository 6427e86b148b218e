"""How an identification ends without enrolment: hits, votes, objections, no risk; and the clues it disposes of."""

from datetime import date
from uuid import UUID

import pytest

from services.monitoring.commands.dispositions import DisposeClue
from services.monitoring.commands.identifications import OpenIdentification, TellRejection
from services.monitoring.domain.clues import Disposition
from services.monitoring.domain.comparison import Answer
from shared.testing.services import Bench
from tests.service.monitoring.people import clerk, committee, member
from tests.service.monitoring.verbs import events, fetch, household, one, refusal
from tests.service.monitoring.ways import (
    OFFICES,
    VISIT,
    VOTES,
    approver,
    at_home,
    authorisation,
    farmer,
    other_farmer,
    report,
    second_clerk,
    secretary,
    taken_up,
    town_leader,
)

pytestmark = pytest.mark.asyncio


async def code(attempt: object) -> str:
    return (await refusal(attempt)).code  # type: ignore[arg-type]


async def test_a24_a_hit_is_a_question_the_explanation_is_kept(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    (hit,) = await home.checked(hits=["X03"])
    review = home.take(committee, "review_village", "review_minutes", "attendance_list", form=VOTES)
    problem = await refusal(review)
    assert problem.code == "HITS_OPEN"
    assert "X03" not in str(problem)  # M-PI-14: the village does not learn what a source said
    await home.settle(hit, Answer.EXPLAINED)
    form = {
        "held_on": "2024-05-25",
        "members": [*OFFICES, "public_security"],
        "finding": "ENROL",
        "finding_reason": "属实",
    }
    await home.take(approver, "hold_joint_review", "joint_review_minutes", form=form)
    await home.reviewed()
    sealed = await one(monitoring, "SELECT answer_reason_sealed FROM comparison_hit")
    assert "三轮车".encode() not in sealed


async def test_m_id_11_the_office_that_produced_the_hit_sits_in_the_review(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    await home.checked(hits=["X03"])
    form = {"held_on": "2024-05-25", "members": list(OFFICES), "finding": "REJECT", "finding_reason": "属实"}
    review = home.take(approver, "hold_joint_review", "joint_review_minutes", form=form)
    assert await code(review) == "JOINT_REVIEW_QUORUM"


async def test_another_is_refused_at_comparison_and_told_why(monitoring: Bench) -> None:  # X04, M-ID-05
    home = await at_home(monitoring)
    (hit,) = await home.checked(hits=["X04"])
    await home.settle(hit, Answer.CONFIRMED)
    members = [*OFFICES, "public_security"]
    form = {"held_on": "2024-05-25", "members": members, "finding": "REJECT", "finding_reason": "企业实际经营"}
    rejecting = home.take(approver, "reject_joint_review", reason="名下企业正常经营，不符合纳入条件")
    assert await code(rejecting) == "MARKS_MISSING"
    await home.take(approver, "hold_joint_review", "joint_review_minutes", form=form)
    rejected = await home.take(approver, "reject_joint_review", reason="名下企业正常经营，不符合纳入条件")
    assert rejected.state == "REJECTED_COMPARE"
    (row,) = await fetch(monitoring, "SELECT rejected_on, tell_by, told_on FROM identification")
    assert (row["rejected_on"], row["tell_by"], row["told_on"]) == (date(2024, 5, 20), date(2024, 5, 27), None)
    (cleared,) = await events(monitoring, "monitoring.risk.cleared")
    assert (cleared["outcome"], cleared["case_id"]) == ("REJECTED", str(home.case_id))
    (disposed,) = await events(monitoring, "monitoring.clue.disposed")
    assert disposed["disposition"] == "NOT_RISK_NORMAL"
    await monitoring.run(TellRejection(identification_id=home.identification_id, channel="visit"), committee)
    assert await one(monitoring, "SELECT told_on FROM identification") == date(2024, 5, 20)
    again = await report(monitoring, home.household_id, "fire")  # M-ID-06: a new clue, no waiting period
    assert (await taken_up(monitoring, home.household_id, home.member_ids, again)).case_id != home.case_id


async def test_x10_confirmed_stops_and_disposes_as_not_rural(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    (hit,) = await home.checked(hits=["X10"])
    await home.settle(hit, Answer.CONFIRMED)
    form = {
        "held_on": "2024-05-25",
        "members": [*OFFICES, "public_security"],
        "finding": "ENROL",
        "finding_reason": "同意",
    }
    await home.take(approver, "hold_joint_review", "joint_review_minutes", form=form)
    review = home.take(committee, "review_village", "review_minutes", "attendance_list", form=VOTES)
    assert await code(review) == "HIT_STOPS"
    form["finding"] = "REJECT"
    await home.take(approver, "hold_joint_review", "joint_review_minutes", form=form)
    await home.take(approver, "reject_joint_review", reason="非农村居民")
    assert (await events(monitoring, "monitoring.clue.disposed"))[0]["disposition"] == "NOT_RURAL"


async def test_a25_who_visited_or_helps_does_not_approve(monitoring: Bench) -> None:  # M-ID-09
    home = await at_home(monitoring)
    await home.take(clerk, "assign")
    await home.take(farmer, "authorise", "authorisation", form=authorisation())
    await home.check()
    await home.take(committee, "visit", *VISIT)
    await home.take(approver, "visit", *VISIT)
    await home.compare()
    await home.take(clerk, "conclude_check")
    await home.reviewed()
    await home.published()
    await home.take(town_leader, "check_township", "on_site_verification")
    form = {"kind": "EDGE", "kind_reason": "低于监测范围"}
    approving = home.take(approver, "approve_county", "approval_record", form=form)
    assert await code(approving) == "SEPARATION_OF_DUTIES"


async def test_no_risk_closes_only_when_nothing_is_unknown(monitoring: Bench) -> None:  # §1.6
    home = await at_home(monitoring)
    await home.take(clerk, "assign")
    await home.check(risks=[], water="UNKNOWN")
    await home.visit()
    assert await code(home.take(town_leader, "close_not_risk", reason="收入稳定")) == "RISK_FOUND"


async def test_no_risk_closes_with_its_disposition(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    await home.take(clerk, "assign")
    await home.check(risks=[])
    await home.visit()
    form = {"disposition": "POLICY_SOLVED"}
    closed = await home.take(town_leader, "close_not_risk", reason="医保部门已解决", form=form)
    assert closed.state == "CLOSED_NOT_RISK"
    assert (await events(monitoring, "monitoring.clue.disposed"))[0]["disposition"] == "POLICY_SOLVED"
    assert (await events(monitoring, "monitoring.risk.cleared"))[0]["outcome"] == "POLICY_SOLVED"


async def test_the_village_rejects_by_its_vote_and_by_nothing_else(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    await home.checked()
    few = home.take(committee, "review_village", "review_minutes", "attendance_list", form=VOTES | {"entitled": 37})
    assert await code(few) == "QUORUM"
    await home.reviewed(in_favour=12, against=11)  # 12 of 24 is not more than half
    assert await code(home.take(secretary, "publicise", form={"contact": "村委会"})) == "NOT_CARRIED"
    assert (await home.take(committee, "reject_review", reason="家庭条件较好")).state == "REJECTED_REVIEW"


async def test_m_id_07_a_founded_objection_ends_the_case_an_unfounded_one_hangs_it_anew(monitoring: Bench) -> None:
    home = await at_home(monitoring)
    await home.checked()
    await home.reviewed()
    await home.take(secretary, "publicise", form={"contact": "村委会"})
    await home.take(secretary, "object", reason="群众反映其有车")
    report_of = ("recheck_report",)
    await home.take(second_clerk, "recheck", *report_of, form={"founded": False})
    assert await code(home.take(town_leader, "uphold_objection", reason="x")) == "RECHECK_SAYS_OTHERWISE"
    await home.take(secretary, "publicise", form={"contact": "村委会"})
    await home.take(secretary, "object", reason="再次反映")
    await home.take(second_clerk, "recheck", *report_of, form={"founded": True})
    assert await code(home.take(secretary, "publicise", form={"contact": "村委会"})) == "RECHECK_SAYS_OTHERWISE"
    assert (await home.take(town_leader, "uphold_objection", reason="属实")).state == "REJECTED_OBJECTION"


async def test_one_case_for_one_risk_however_many_clues(monitoring: Bench) -> None:  # M-CLUE-03
    home = await at_home(monitoring)
    second = await report(monitoring, home.household_id, "unsafe_house")
    joined = (await monitoring.run(OpenIdentification(clue_id=second), clerk)).result
    assert (UUID(joined["identification_id"]), joined["is_new"]) == (home.identification_id, False)
    await home.enrolled()
    assert len(await events(monitoring, "monitoring.clue.disposed")) == 2


async def test_a_farmer_applies_and_withdraws_for_his_own_household_only(monitoring: Bench) -> None:  # §1.7
    home = await at_home(monitoring)
    await home.take(clerk, "assign")
    paper = ("withdrawal_statement",)
    assert await code(home.take(farmer, "withdraw", *paper, reason="不再申请")) == "NOT_YOUR_APPLICATION"
    await home.take(farmer, "authorise", "authorisation", form=authorisation())
    assert await code(home.take(other_farmer, "withdraw", *paper, reason="代撤")) == "NOT_YOUR_APPLICATION"
    again = home.take(other_farmer, "authorise", "authorisation", form=authorisation())
    assert await code(again) == "NOT_YOUR_APPLICATION"
    assert (await home.take(farmer, "withdraw", *paper, reason="不再申请")).state == "WITHDRAWN"
    assert (await events(monitoring, "monitoring.risk.cleared"))[0]["outcome"] == "WITHDRAWN"


async def test_a_clue_in_a_case_is_disposed_of_by_the_case_alone(monitoring: Bench) -> None:  # M-CLUE-07
    home = await at_home(monitoring)
    clue = await one(monitoring, "SELECT id FROM clue")
    dispose = DisposeClue(clue_id=clue, disposition=Disposition.WRONG_DATA)
    assert await code(monitoring.run(dispose, clerk)) == "CLUE_IN_CASE"
    await home.enrolled()
    later = await report(monitoring, home.household_id, "fire")
    await monitoring.run(DisposeClue(clue_id=later, disposition=Disposition.WRONG_DATA), clerk)
    assert await events(monitoring, "monitoring.risk.cleared") == []  # the household is monitored


async def test_a_risk_ends_with_its_last_clue_where_no_case_took_it_up(monitoring: Bench) -> None:
    made = await household(monitoring, member(1))
    first = await report(monitoring, made.household_id)
    second = await report(monitoring, made.household_id, "fire")
    await monitoring.run(DisposeClue(clue_id=first, disposition=Disposition.WRONG_DATA), clerk)
    assert await events(monitoring, "monitoring.risk.cleared") == []
    await monitoring.run(DisposeClue(clue_id=second, disposition=Disposition.POLICY_SOLVED), clerk)
    assert [told["outcome"] for told in await events(monitoring, "monitoring.risk.cleared")] == ["POLICY_SOLVED"]
