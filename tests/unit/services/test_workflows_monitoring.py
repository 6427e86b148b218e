"""The ways of monitoring: each workflow walked to its ends, and the rules that its declarations keep."""

import pytest

from services.monitoring.workflows.elimination import ELIMINATION
from services.monitoring.workflows.identification import IDENTIFICATION
from services.monitoring.workflows.measure import MEASURE
from shared.contracts.monitoring_work import ClueDisposed
from shared.kernel.roles import Role
from shared.testing.workflows import Play, settings_of
from shared.workflow.model import Workflow

TO_COMPARED = """
assign township_clerk
open_green_channel township_leader
authorise household
request_comparison bureau_clerk
visit village_committee visitor
record_comparison bureau_clerk
visit helper
conclude_check township_clerk
"""
TO_NOTICE = """
review_village village_committee
publicise first_secretary
"""
TO_APPROVED = """
check_township township_leader
approve_county bureau_approver
announce bureau_clerk
"""

WAYS = [
    pytest.param(
        IDENTIFICATION,
        {},
        TO_COMPARED
        + TO_NOTICE
        + TO_APPROVED
        + """
        enrol bureau_clerk
        plan helper
        assist township_clerk
        """,
        "ASSISTED",
        id="identification",
    ),
    pytest.param(
        IDENTIFICATION,
        {},
        TO_COMPARED
        + TO_NOTICE
        + """
        object village_committee
        recheck township_clerk
        publicise first_secretary
        check_township township_leader
        send_back bureau_clerk
        check_again township_clerk
        authorise household
        visit first_secretary
        visit township_clerk
        request_comparison system
        record_comparison system
        conclude_check township_clerk
        hold_joint_review bureau_leader
        reject_joint_review bureau_leader
        """,
        "REJECTED_COMPARE",
        id="identification-objected-returned-rejected",
    ),
    pytest.param(
        ELIMINATION,
        {},
        """
        visit village_committee
        visit helper
        """
        + TO_NOTICE
        + TO_APPROVED
        + """
        mark bureau_clerk
        look_back helper
        confirm township_clerk
        """,
        "CONFIRMED",
        id="elimination",
    ),
    pytest.param(
        ELIMINATION,
        {},
        """
        visit village_committee
        visit helper
        """
        + TO_NOTICE
        + TO_APPROVED
        + """
        mark bureau_clerk
        roll_back bureau_leader
        """,
        "ROLLED_BACK",
        id="elimination-rolled-back-A32",
    ),
    pytest.param(
        MEASURE,
        {},
        """
        apply helper
        approve township_leader
        begin helper
        deliver helper
        check_effect helper
        """,
        "EFFECT_CHECKED",
        id="measure",
    ),
]


@pytest.mark.parametrize(("workflow", "flags", "steps", "end"), WAYS)
def test_a_case_reaches_its_end(workflow: Workflow, flags: dict[str, bool], steps: str, end: str) -> None:
    play = Play(workflow, settings_of(workflow, flags))
    play.follow(steps)
    assert play.case.state == end
    assert workflow.by_state[end].terminal


def at(way: str) -> Play:
    play = Play(IDENTIFICATION, settings_of(IDENTIFICATION))
    play.follow(way)
    return play


def test_who_visited_approves_neither_now_nor_after_a_correction() -> None:  # A25 M-ID-09
    play = at(TO_COMPARED + TO_NOTICE + "check_township township_leader")
    assert play.refused("approve_county", Role.BUREAU_APPROVER, "visitor") == "SEPARATION_OF_DUTIES"
    play.follow("send_back bureau_clerk\nresubmit township_clerk")
    assert play.refused("approve_county", Role.BUREAU_APPROVER, "visitor") == "SEPARATION_OF_DUTIES"
    assert play.take("approve_county", Role.BUREAU_APPROVER).target == "COUNTY_APPROVED"


def test_no_comparison_without_authorisation() -> None:  # A23
    play = at("assign township_clerk")
    assert play.refused("request_comparison", Role.BUREAU_CLERK) == "MARKS_MISSING"
    play.take("authorise", Role.HOUSEHOLD)
    assert "comparing" in play.take("request_comparison", Role.BUREAU_CLERK).marks


def test_visit_and_comparison_run_side_by_side() -> None:  # §4.2
    ready = {"visited", "authorised", "compared"}
    for order in (TO_COMPARED, "assign township_clerk\nvisit village_committee\nvisit helper\n"):
        play = at(order.replace("conclude_check township_clerk\n", ""))
        if ready - play.case.marks.keys():
            assert play.refused("conclude_check", Role.TOWNSHIP_CLERK) == "MARKS_MISSING"
            play.follow("authorise household\nrequest_comparison system\nrecord_comparison system")
        assert play.take("conclude_check", Role.TOWNSHIP_CLERK).target == "COMPARED"


def test_two_who_are_not_of_the_village_cannot_make_the_visit() -> None:  # §4.2
    play = at("assign township_clerk\nvisit helper")
    assert play.refused("visit", Role.TOWNSHIP_CLERK) == "ALREADY_SIGNED"
    assert play.take("visit", Role.VILLAGE_COMMITTEE).complete


def test_an_applicant_may_withdraw_until_enrolled_even_while_the_notice_runs() -> None:
    play = at(TO_COMPARED + TO_NOTICE)
    assert play.take("withdraw", Role.HOUSEHOLD).target == "WITHDRAWN"
    enrolled = at(TO_COMPARED + TO_NOTICE + TO_APPROVED + "enrol bureau_clerk")
    assert enrolled.refused("withdraw", Role.HOUSEHOLD) == "STEP_NOT_IN_STATE"


def test_the_total_clock_ends_with_the_announcement() -> None:
    play = at(TO_COMPARED + TO_NOTICE)
    assert [advance.total_met for advance in play.follow(TO_APPROVED)] == [False, False, True]


def test_every_end_disposes_of_the_clues_exactly_once() -> None:  # M-CLUE-07
    after = {"ENROLLED", "PLANNED"}
    ends = {"ENROLLED", *(state.name for state in IDENTIFICATION.states if state.terminal)} - {
        "ASSISTED",
        "EPISODE_ENDED",
    }
    for step in IDENTIFICATION.steps:
        assert (ClueDisposed in step.emits) is (step.target in ends), step.name
        assert not (ClueDisposed in step.emits and after & set(step.source))
