"""decide(): each refusal with its code and words, and each feature of the language, on a small workflow."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.actors import Actor, Grant
from shared.kernel.areas import NATION, AreaCode
from shared.kernel.days import DayKind, Duration, Roll
from shared.kernel.errors import Forbidden, Problem, Refused, Violation
from shared.kernel.roles import Role
from shared.testing.workflows import Weekdays, person
from shared.workflow.decide import (
    Advance,
    CaseView,
    Notice,
    Past,
    Settings,
    Submission,
    allowed,
    decide,
    flags_of,
    parameters_of,
)
from shared.workflow.model import Due, Evidence, Publicity, State, Step, Target, Workflow

CLERK = frozenset({Role.TOWNSHIP_CLERK})
LEADER = frozenset({Role.TOWNSHIP_LEADER})
TODAY = date(2024, 6, 3)

TOY = Workflow(
    "test.toy",
    "玩具",
    "toy",
    subject="toy",
    start="OPEN",
    states=(
        State("OPEN", "待办", "open", due=Due("toy.days.open", Role.TOWNSHIP_LEADER)),
        State("SEEN", "已看", "seen", due=Due("toy.days.seen", Role.TOWNSHIP_LEADER)),
        State("POSTED", "公示", "posted", publicity=Publicity("village", "toy.days.notice")),
        State("DONE", "办结", "done", terminal=True, publicity=Publicity("village", permanent=True)),
        State("HELD", "中止", "held"),
        State("BACK", "退回", "back"),
    ),
    steps=(
        Step("look", "查看", "look", ("OPEN",), Target.SAME, CLERK, marks="looked"),
        Step("measure", "测量", "measure", ("OPEN",), Target.SAME, CLERK, marks="measured"),
        Step("finish_looking", "看毕", "finish", ("OPEN",), "SEEN", CLERK, needs=("looked", "measured")),
        Step("skip", "免查", "skip", ("OPEN",), "SEEN", CLERK, when="toy.may_skip"),
        Step("ask", "请示", "ask", ("OPEN",), "POSTED", CLERK, unless="toy.may_skip"),
        Step("ask", "请示（免公示）", "ask", ("OPEN",), "DONE", CLERK, when="toy.may_skip"),
        Step(
            "post",
            "公示",
            "post",
            ("SEEN",),
            "POSTED",
            CLERK | LEADER,
            evidence=(Evidence("photo", "照片", 2), Evidence("minutes", "纪要")),
            guards=("tidy", "paid"),
            reason=True,
        ),
        Step("close", "办结", "close", ("POSTED",), "DONE", LEADER, different_from=("look", "ask"), rule="T-1"),
        Step(
            "share",
            "共同签字",
            "share",
            ("SEEN",),
            "DONE",
            CLERK | LEADER,
            signatures=(CLERK, LEADER),
        ),
        Step("hold", "中止", "hold", ("OPEN", "SEEN", "POSTED"), "HELD", LEADER, forward=False),
        Step("resume", "恢复", "resume", ("HELD",), Target.PREVIOUS, LEADER),
        Step("send_back", "退回", "send back", ("POSTED",), "BACK", LEADER, forward=False),
        Step("redo", "重办", "redo", ("BACK",), "OPEN", CLERK, new_round=True),
    ),
    total=Due("toy.days.total", Role.TOWNSHIP_LEADER),
    total_until=frozenset({"POSTED"}),
    duties="T-9",
)
SETTINGS = Settings(
    flags={"toy.may_skip": False},
    durations={
        "toy.days.open": Duration(3),
        "toy.days.seen": Duration(2, DayKind.WORKING),
        "toy.days.notice": Duration(10),
        "toy.days.total": Duration(30),
    },
    calendar=Weekdays(holidays=frozenset({date(2024, 6, 10)})),
)
OPEN = CaseView("OPEN", "", 1, AreaCode.parse("230606"), {}, (), None)
FILES = {"photo": 2, "minutes": 1}
CLERK_A = person(Role.TOWNSHIP_CLERK)
LEADER_A = person(Role.TOWNSHIP_LEADER)


def tidy(facts: Any) -> Violation | None:
    return None if facts.get("tidy", True) else Violation("UNTIDY", "不整洁", "untidy", rule="T-2")


def paid(facts: Any) -> Violation | None:
    return None if facts.get("paid", True) else Violation("UNPAID", "未付", "unpaid", rule="T-3")


def take(case: CaseView, step: str, actor: Actor, **given: Any) -> Advance:
    submission = Submission(step, actor, given.get("evidence", FILES), given.get("reason", "因为"))
    return decide(
        TOY,
        case,
        submission,
        given.get("facts", {}),
        {"tidy": tidy, "paid": paid},
        given.get("settings", SETTINGS),
        given.get("today", TODAY),
    )


def refusal(kind: type[Problem], case: CaseView, step: str, actor: Actor, **given: Any) -> tuple[Violation, ...]:
    with pytest.raises(kind) as caught:
        take(case, step, actor, **given)
    for each in caught.value.violations:
        assert each.zh
        assert each.en
        assert each.remedy_zh or each.code in {"UNTIDY", "UNPAID"}
    return caught.value.violations


def posted(last: date, *, first: bool = True, proof: bool = True, objections: int = 0) -> CaseView:
    return replace(OPEN, state="POSTED", notice=Notice(TODAY, last, first, proof, objections))


# ── refusals ────────────────────────────────────────────────────────────────


def test_a_step_that_the_workflow_does_not_know() -> None:
    (told,) = refusal(Refused, OPEN, "fly", CLERK_A)
    assert told.code == "UNKNOWN_STEP"


def test_a_step_of_another_state_names_both_states() -> None:
    (told,) = refusal(Refused, OPEN, "close", LEADER_A)
    assert told.code == "STEP_NOT_IN_STATE"
    assert "待办" in told.zh
    assert "公示" in told.zh
    assert told.facts["state"] == "OPEN"
    assert told.facts["sources"] == ["POSTED"]


def test_a_role_that_is_missing_is_named() -> None:
    (told,) = refusal(Forbidden, OPEN, "look", LEADER_A)
    assert told.code == "ROLE_REQUIRED"
    assert "乡镇经办人" in told.zh
    assert told.facts["roles"] == ["township_clerk"]


def test_a_role_in_another_area_does_not_count() -> None:
    elsewhere = Actor(CLERK_A.id, (Grant(Role.TOWNSHIP_CLERK, AreaCode.parse("230605")),))
    (told,) = refusal(Forbidden, OPEN, "look", elsewhere)
    assert told.code == "ROLE_REQUIRED"


def test_the_person_of_an_earlier_step_is_refused() -> None:
    both = Actor(UUID(int=7), (Grant(Role.TOWNSHIP_CLERK, NATION), Grant(Role.TOWNSHIP_LEADER, NATION)))
    case = replace(posted(date(2024, 6, 1)), history=(Past("look", both.id, 1),))
    (told,) = refusal(Refused, case, "close", both)
    assert (told.code, told.rule, told.facts["taken"]) == ("SEPARATION_OF_DUTIES", "T-9", "look")
    assert take(case, "close", LEADER_A).target == "DONE"


def test_everything_that_is_missing_is_told_at_once() -> None:
    case = replace(OPEN, state="SEEN")
    given = {"evidence": {"photo": 1}, "reason": "  ", "facts": {"tidy": False, "paid": False}}
    told = refusal(Refused, case, "post", CLERK_A, **given)
    assert [each.code for each in told] == [
        "EVIDENCE_MISSING",
        "EVIDENCE_MISSING",
        "REASON_REQUIRED",
        "UNTIDY",
        "UNPAID",
    ]
    assert told[0].facts == {"step": "post", "kind": "photo", "minimum": 2, "given": 1}
    assert "照片至少2份，现有1份" in told[0].zh
    assert take(case, "post", CLERK_A).target == "POSTED"


def test_parallel_steps_that_are_not_done_are_named() -> None:
    (told,) = refusal(Refused, replace(OPEN, marks={"looked": CLERK_A.id}), "finish_looking", CLERK_A)
    assert told.code == "MARKS_MISSING"
    assert told.facts["missing"] == ["measured"]
    assert "测量" in told.zh


def test_a_notice_nobody_posted() -> None:
    (told,) = refusal(Refused, replace(OPEN, state="POSTED"), "close", LEADER_A)
    assert told.code == "PUBLICITY_NOT_POSTED"


@pytest.mark.parametrize(
    ("first", "last", "missing"),
    [(False, True, ["first_day"]), (True, False, ["last_day"]), (False, False, ["first_day", "last_day"])],
)
def test_a_notice_without_its_photos(first: bool, last: bool, missing: list[str]) -> None:
    (told,) = refusal(Refused, posted(date(2024, 6, 1), first=first, proof=last), "close", LEADER_A)
    assert told.code == "PUBLICITY_PROOF_MISSING"
    assert told.facts["missing"] == missing


def test_an_open_objection_blocks_until_it_is_answered() -> None:  # scenario 4
    (told,) = refusal(Refused, posted(date(2024, 6, 1), objections=1), "close", LEADER_A)
    assert told.code == "OPEN_OBJECTION"
    assert take(posted(date(2024, 6, 1)), "close", LEADER_A).target == "DONE"


def test_the_variant_that_the_area_has_not_chosen() -> None:
    (told,) = refusal(Refused, OPEN, "skip", CLERK_A)
    assert told.code == "STEP_NOT_OFFERED_HERE"
    chosen = replace(SETTINGS, flags={"toy.may_skip": True})
    assert take(OPEN, "skip", CLERK_A, settings=chosen).target == "SEEN"


# ── features ────────────────────────────────────────────────────────────────


def test_steps_of_one_name_are_told_apart_by_the_variant() -> None:
    chosen = replace(SETTINGS, flags={"toy.may_skip": True})
    assert take(OPEN, "ask", CLERK_A).target == "POSTED"
    assert take(OPEN, "ask", CLERK_A, settings=chosen).target == "DONE"


def test_parallel_steps_leave_marks_and_moving_clears_them() -> None:
    looked = take(OPEN, "look", CLERK_A)
    assert not looked.moved
    assert looked.complete
    assert looked.marks == {"looked": CLERK_A.id}
    assert (looked.target, looked.due_on) == ("OPEN", None)
    measured = take(replace(OPEN, marks=looked.marks), "measure", CLERK_A)
    finished = take(replace(OPEN, marks=measured.marks), "finish_looking", CLERK_A)
    assert finished.moved
    assert finished.marks == {}


def test_clocks_begin_with_the_state() -> None:
    seen = take(replace(OPEN, marks={"looked": CLERK_A.id, "measured": CLERK_A.id}), "finish_looking", CLERK_A)
    assert seen.due_on == date(2024, 6, 5)
    friday = take(
        replace(OPEN, marks={"looked": CLERK_A.id, "measured": CLERK_A.id}),
        "finish_looking",
        CLERK_A,
        today=date(2024, 6, 7),
    )
    assert friday.due_on == date(2024, 6, 12)  # Monday is a holiday
    assert not seen.total_met


def test_the_total_clock_stops_where_it_is_met() -> None:
    assert take(OPEN, "ask", CLERK_A).total_met
    assert take(posted(date(2024, 6, 1)), "close", LEADER_A).total_met


def test_a_permanent_notice_blocks_nothing_and_has_no_last_day_to_wait_for() -> None:
    assert take(posted(date(2024, 6, 1)), "close", LEADER_A).notice_until == TODAY


def test_two_sides_sign_by_two_persons_and_the_last_one_moves() -> None:
    case = replace(OPEN, state="SEEN")
    first = take(case, "share", LEADER_A)
    assert (first.moved, first.complete, first.target, first.role) == (False, False, "SEEN", Role.TOWNSHIP_LEADER)
    signed = replace(case, marks=first.marks)
    (again,) = refusal(Refused, signed, "share", person(Role.TOWNSHIP_LEADER, "another leader"))
    assert again.code == "ALREADY_SIGNED"
    both_roles = Actor(LEADER_A.id, (*LEADER_A.grants, Grant(Role.TOWNSHIP_CLERK, NATION)))
    (told,) = refusal(Refused, signed, "share", both_roles)
    assert told.code == "SEPARATION_OF_DUTIES"
    last = take(signed, "share", CLERK_A)
    assert (last.moved, last.complete, last.target, last.role) == (True, True, "DONE", Role.TOWNSHIP_CLERK)
    assert last.marks == {}


def test_a_finished_co_signed_step_that_stays_can_be_taken_again() -> None:
    vary = Step(
        "vary",
        "变更",
        "vary",
        ("OPEN",),
        Target.SAME,
        CLERK | LEADER,
        marks="varied",
        signatures=(CLERK, LEADER),
    )
    workflow = replace(TOY, steps=(vary,))
    case = OPEN
    for actor, done in ((CLERK_A, False), (LEADER_A, True), (LEADER_A, False), (CLERK_A, True)):
        advance = decide(workflow, case, Submission("vary", actor, {}), None, {}, SETTINGS, TODAY)
        assert advance.complete is done
        case = replace(case, marks=advance.marks)
    assert case.marks == {"varied": CLERK_A.id}


def test_a_suspended_case_returns_to_where_it_was() -> None:
    running = posted(date(2024, 6, 13))
    held = take(running, "hold", LEADER_A)  # suspending does not wait for the notice
    assert (held.target, held.previous, held.notice_until) == ("HELD", "POSTED", None)
    resumed = take(replace(OPEN, state="HELD", previous="POSTED"), "resume", LEADER_A, today=date(2024, 6, 20))
    assert (resumed.target, resumed.previous) == ("POSTED", "")
    assert resumed.notice_until == date(2024, 6, 30)  # the notice hangs its days anew


def test_a_new_round_counts_up_and_frees_the_persons_of_the_last() -> None:
    sent_back = take(posted(date(2024, 6, 13), objections=3), "send_back", LEADER_A)
    assert (sent_back.target, sent_back.round) == ("BACK", 1)
    again = take(replace(OPEN, state="BACK"), "redo", CLERK_A)
    assert (again.target, again.round) == ("OPEN", 2)
    case = replace(posted(date(2024, 6, 1)), round=2, history=(Past("look", LEADER_A.id, 1),))
    assert take(case, "close", LEADER_A).target == "DONE"
    bound = replace(case, history=(*case.history, Past("look", LEADER_A.id, 2)))
    (told,) = refusal(Refused, bound, "close", LEADER_A)
    assert told.code == "SEPARATION_OF_DUTIES"


def test_the_role_under_which_a_step_is_taken_is_recorded() -> None:
    assert take(replace(OPEN, state="SEEN"), "post", LEADER_A).role == Role.TOWNSHIP_LEADER


def test_allowed_is_what_this_person_could_try_now() -> None:
    assert [step.name for step in allowed(TOY, OPEN, CLERK_A, SETTINGS)] == ["look", "measure", "finish_looking", "ask"]
    assert [step.name for step in allowed(TOY, OPEN, LEADER_A, SETTINGS)] == ["hold"]
    barred = replace(posted(date(2024, 6, 13)), history=(Past("ask", LEADER_A.id, 1),))
    assert [step.name for step in allowed(TOY, barred, LEADER_A, SETTINGS)] == ["hold", "send_back"]
    signed = replace(OPEN, state="SEEN", marks=take(replace(OPEN, state="SEEN"), "share", CLERK_A).marks)
    assert "share" not in {step.name for step in allowed(TOY, signed, CLERK_A, SETTINGS)}
    assert "share" in {step.name for step in allowed(TOY, signed, LEADER_A, SETTINGS)}


def test_what_must_be_resolved_before() -> None:
    assert parameters_of(TOY) == {"toy.days.open", "toy.days.seen", "toy.days.notice", "toy.days.total"}
    assert flags_of(TOY) == {"toy.may_skip"}


# ── notices day by day ──────────────────────────────────────────────────────

DRAGON_BOAT = Weekdays(holidays=frozenset({date(2024, 6, 8), date(2024, 6, 9), date(2024, 6, 10)}))


@pytest.mark.parametrize(
    ("posted_on", "duration", "last", "first_free"),
    [
        pytest.param(date(2023, 6, 9), Duration(10), date(2023, 6, 19), date(2023, 6, 20), id="scenario-3"),
        pytest.param(date(2024, 6, 3), Duration(5), date(2024, 6, 8), date(2024, 6, 9), id="A20 M-CLK-02"),
        pytest.param(
            date(2024, 6, 3),
            Duration(5, DayKind.NATURAL, Roll.NEXT_WORKING),
            date(2024, 6, 11),
            date(2024, 6, 12),
            id="A20 extended M-CLK-04",
        ),
        pytest.param(
            date(2024, 6, 3),
            Duration(5, DayKind.WORKING),
            date(2024, 6, 11),
            date(2024, 6, 12),
            id="A21 M-CLK-03",
        ),
    ],
)
def test_a_notice_is_left_on_the_day_after_its_last(
    posted_on: date, duration: Duration, last: date, first_free: date
) -> None:
    settings = replace(SETTINGS, durations={**SETTINGS.durations, "toy.days.notice": duration}, calendar=DRAGON_BOAT)
    until = take(OPEN, "ask", CLERK_A, settings=settings, today=posted_on).notice_until
    assert until == last
    (told,) = refusal(Refused, posted(last), "close", LEADER_A, today=last)
    assert told.code == "PUBLICITY_RUNNING"
    assert told.facts["earliest"] == str(first_free)
    assert take(posted(last), "close", LEADER_A, today=first_free).target == "DONE"
