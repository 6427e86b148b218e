"""Rules of an identification as scenario tables: the check, the hits, the votes, and what leads to enrolment."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest

from services.monitoring.domain import comparison, household_check, identification, meetings
from services.monitoring.domain.comparison import HITS, Answer, Hit
from services.monitoring.domain.episodes import SNAPSHOT_FIELDS, Past, snapshot
from services.monitoring.domain.household_check import (
    INCOME_LINES,
    Dimension,
    Guarantee,
    HouseholdCheck,
    RigidSpending,
)
from services.monitoring.domain.identification import IdentificationFacts, Merging
from services.monitoring.domain.income import IncomeKind
from services.monitoring.domain.lines import MonitorKind
from services.monitoring.domain.meetings import Finding, JointReview, Meeting
from services.monitoring.domain.risk import Cause
from services.monitoring.workflows.identification import IDENTIFICATION
from shared.kernel.errors import Violation

ONE, TWO = UUID(int=1), UUID(int=2)
CHECK = HouseholdCheck(
    seen=frozenset({ONE, TWO}),
    persons=2,
    stated=dict.fromkeys(IncomeKind, 100_00),
    guarantees=dict.fromkeys(Dimension, Guarantee.OK),
    risks=(Cause.ILLNESS,),
    serious_difficulty=False,
    rigid_spending=RigidSpending.OPEN,
    stable_months=0,
)
WHOLE = IdentificationFacts(household_known=True, members=frozenset({ONE, TWO}), check=CHECK)


def code(found: Violation | None) -> str | None:
    return found.code if found else None


def with_guarantee(status: Guarantee) -> HouseholdCheck:
    return replace(CHECK, guarantees={**CHECK.guarantees, Dimension.WATER: status})


def test_every_rule_that_the_declaration_names_is_here() -> None:
    assert {name for step in IDENTIFICATION.steps for name in step.guards} == set(identification.GUARDS)


@pytest.mark.parametrize(
    ("members", "expected"),
    [({ONE, TWO}, None), ({ONE}, "NOT_WHOLE_HOUSEHOLD"), ({ONE, TWO, UUID(int=3)}, "NOT_WHOLE_HOUSEHOLD")],
)
def test_m_id_01_the_check_covers_the_household_and_nobody_else(members: set[UUID], expected: str | None) -> None:
    assert code(household_check.covers_household(CHECK, members)) == expected


def test_the_sheet_is_complete_when_no_line_is_blank_zero_is_a_figure() -> None:
    assert household_check.is_complete(replace(CHECK, stated=dict.fromkeys(IncomeKind, 0))) is None
    for line in INCOME_LINES:
        blank = replace(CHECK, stated={**CHECK.stated, line: None})
        found = household_check.is_complete(blank)
        assert found is not None
        assert found.facts["blank"] == [line.value]
    assert household_check.is_complete(replace(CHECK, stated={**CHECK.stated, IncomeKind.CLAIMS: None})) is None


@pytest.mark.parametrize("status", [Guarantee.AT_RISK, Guarantee.NOT_OK, Guarantee.UNKNOWN])
def test_unknown_never_counts_as_ok(status: Guarantee) -> None:  # §1.6
    check = replace(with_guarantee(status), risks=())
    assert check.gaps == (Dimension.WATER,)
    assert code(identification.no_risk_found(replace(WHOLE, check=check))) == "RISK_FOUND"


@pytest.mark.parametrize(
    ("check", "proposed", "expected"),
    [
        pytest.param(replace(CHECK, risks=()), None, None, id="nothing-found"),
        pytest.param(CHECK, None, "RISK_FOUND", id="a-risk"),
        pytest.param(replace(CHECK, risks=()), MonitorKind.EDGE, "RISK_FOUND", id="below-the-line"),
        pytest.param(None, None, "RISK_FOUND", id="nobody-looked"),
    ],
)
def test_a_case_closes_only_without_any_risk(
    check: HouseholdCheck | None, proposed: MonitorKind | None, expected: str | None
) -> None:
    facts = replace(WHOLE, check=check, proposed=proposed)
    assert code(identification.no_risk_found(facts)) == expected
    assert code(identification.risk_shown(facts)) == (None if proposed else "NO_KIND_PROPOSED")


@pytest.mark.parametrize(
    ("risks", "subtype", "note", "expected"),
    [
        ((Cause.ILLNESS, Cause.SCHOOLING), "", "", None),
        (tuple(Cause)[:6], "0201", "x", "RISKS_LIST"),
        ((Cause.ILLNESS, Cause.ILLNESS), "", "", "RISKS_LIST"),
        ((Cause.DISASTER,), "", "", "DISASTER_SUBTYPE"),
        ((Cause.DISASTER,), "0201", "", None),
        ((Cause.OTHER,), "", " ", "RISK_NOTE"),
        ((Cause.OTHER,), "", "婚丧", None),
    ],
)
def test_risks_are_at_most_five_with_what_they_ask_for(
    risks: tuple[Cause, ...], subtype: str, note: str, expected: str | None
) -> None:
    assert code(household_check.bad_risks(risks, subtype, note)) == expected


ENROL = JointReview(frozenset({"bureau"}), Finding.ENROL)
REJECT = JointReview(frozenset({"bureau"}), Finding.REJECT)


@pytest.mark.parametrize(
    ("kind", "answer", "review", "expected"),
    [
        pytest.param("X03", None, ENROL, "HITS_OPEN", id="a-question-needs-an-answer"),
        pytest.param("X03", Answer.EXPLAINED, None, None, id="A24-explained"),
        pytest.param("X01", Answer.DATA_ERROR, None, None, id="data-error"),
        pytest.param("X03", Answer.CONFIRMED, None, "HIT_NEEDS_REVIEW", id="hold-without-review"),
        pytest.param("X03", Answer.CONFIRMED, REJECT, "HIT_NEEDS_REVIEW", id="hold-rejected"),
        pytest.param("X03", Answer.CONFIRMED, ENROL, None, id="hold-the-county-decides"),
        pytest.param("X06", Answer.CONFIRMED, ENROL, "HIT_STOPS", id="X06-stops-whatever-the-review"),
        pytest.param("X07", Answer.CONFIRMED, ENROL, "HIT_STOPS", id="X07"),
        pytest.param("X10", Answer.CONFIRMED, ENROL, "HIT_STOPS", id="X10"),
        pytest.param("X10", Answer.EXPLAINED, None, None, id="X10-relocated"),
    ],
)
def test_hits(kind: str, answer: Answer | None, review: JointReview | None, expected: str | None) -> None:  # M-4.5
    assert code(comparison.hits_settled((Hit(kind, "fiscal", answer),), review)) == expected


def test_a_refusal_over_hits_never_says_which() -> None:  # M-PI-14
    for kind in HITS:
        found = comparison.hits_settled((Hit(kind, "fiscal", None),), None)
        assert found is not None
        assert kind not in f"{found.zh}{found.en}{found.facts}"


@pytest.mark.parametrize(
    ("answered", "waiting"),
    [({"fiscal", "housing"}, None), ({"fiscal"}, ["housing"]), (set(), ["fiscal", "housing"])],
)
def test_the_comparison_waits_for_every_source(answered: set[str], waiting: list[str] | None) -> None:
    found = comparison.sources_answered({"fiscal", "housing"}, answered)
    assert (found and found.facts["waiting"]) == waiting
    assert code(comparison.sources_answered(set(), set())) == "COMPARISON_OPEN"


@pytest.mark.parametrize(
    ("present", "votes", "expected"),
    [
        pytest.param(20, (20, 0, 0), None, id="two-thirds-of-30-exactly"),
        pytest.param(19, (19, 0, 0), "QUORUM", id="one-fewer"),
        pytest.param(20, (19, 0, 0), "VOTES_DO_NOT_ADD_UP", id="a-vote-is-missing"),
        pytest.param(31, (31, 0, 0), "VOTES_DO_NOT_ADD_UP", id="more-than-entitled"),
    ],
)
def test_the_quorum_of_the_village_review(present: int, votes: tuple[int, int, int], expected: str | None) -> None:
    assert code(meetings.quorum(Meeting(30, present, *votes), Fraction(2, 3))) == expected


@pytest.mark.parametrize(("favour", "carried"), [(13, True), (12, False), (11, False)])
def test_more_than_half_of_those_present(favour: int, *, carried: bool) -> None:
    meeting = Meeting(30, 24, favour, 24 - favour, 0)
    assert (code(meetings.vote_in_favour(meeting)) is None) is carried
    assert (code(meetings.vote_against(meeting)) is None) is not carried


def test_nobody_publishes_or_rejects_without_a_vote() -> None:
    assert (code(meetings.vote_in_favour(None)), code(meetings.vote_against(None))) == ("NOT_CARRIED", "CARRIED")


STANDING = ("bureau", "civil_affairs", "housing")


@pytest.mark.parametrize(
    ("members", "of_hits", "expected"),
    [
        pytest.param({"bureau", "housing"}, (), None, id="two-of-three"),
        pytest.param({"civil_affairs", "housing"}, (), "JOINT_REVIEW_QUORUM", id="without-the-chair"),
        pytest.param({"bureau"}, (), "JOINT_REVIEW_QUORUM", id="too-few"),
        pytest.param({"bureau", "housing"}, ("fiscal",), "JOINT_REVIEW_QUORUM", id="without-the-source-of-the-hit"),
        pytest.param({"bureau", "housing", "fiscal"}, ("fiscal",), None, id="with-it"),
        pytest.param({"bureau", "fiscal", "police"}, (), "JOINT_REVIEW_QUORUM", id="guests-do-not-count"),
    ],
)
def test_m_id_11_who_sits_in_the_joint_review(
    members: set[str], of_hits: tuple[str, ...], expected: str | None
) -> None:
    review = JointReview(frozenset(members), Finding.ENROL)
    assert code(meetings.joint_quorum(review, STANDING, Fraction(2, 3), of_hits)) == expected


def test_only_the_joint_review_itself_rejects() -> None:
    for review, expected in ((None, True), (ENROL, True), (REJECT, False)):
        assert (comparison.rejection_resolved(review) is not None) is expected


@pytest.mark.parametrize(
    ("proposed", "confirmed", "reason", "expected"),
    [
        (MonitorKind.EDGE, MonitorKind.EDGE, "低于监测范围", None),
        (MonitorKind.EDGE, MonitorKind.SUDDEN, "低于监测范围", "KIND_NOT_PUBLISHED"),
        (MonitorKind.EDGE, MonitorKind.EDGE, " ", "KIND_NOT_PUBLISHED"),
    ],
)
def test_m_id_08_the_county_confirms_what_hung(
    proposed: MonitorKind, confirmed: MonitorKind, reason: str, expected: str | None
) -> None:
    facts = replace(WHOLE, proposed=proposed, confirmed=confirmed, kind_reason=reason)
    assert code(identification.kind_confirmed(facts)) == expected


def test_the_record_is_whole() -> None:  # DQ-MO-01 DQ-MO-02
    whole = replace(WHOLE, snapshot=snapshot(CHECK))
    assert identification.record_complete(whole) is None
    without_risk = replace(whole, check=replace(CHECK, risks=()))
    assert code(identification.record_complete(without_risk)) == "RECORD_INCOMPLETE"
    unknown = replace(whole, snapshot=snapshot(with_guarantee(Guarantee.UNKNOWN)))
    assert code(identification.record_complete(unknown)) == "RECORD_INCOMPLETE"


def test_the_snapshot_has_the_13_fields_and_says_blank_for_unknown() -> None:  # DQ-EL-01
    taken = snapshot(with_guarantee(Guarantee.NOT_OK))
    assert set(taken) == set(SNAPSHOT_FIELDS)
    assert len(SNAPSHOT_FIELDS) == 13
    assert (taken["water_damaged"], taken["dropout"]) == (True, False)
    assert snapshot(with_guarantee(Guarantee.UNKNOWN))["water_damaged"] is None
    assert snapshot(with_guarantee(Guarantee.AT_RISK))["water_damaged"] is False
    assert (taken["net_fen"], taken["per_capita_fen"]) == (300_00, 150_00)


@pytest.mark.parametrize(
    ("earlier", "enrols", "remarks"),
    [
        pytest.param(None, True, False, id="first"),
        pytest.param(Past(ONE, date(2023, 1, 5)), False, True, id="A33-after-an-elimination"),
        pytest.param(Past(ONE, None), False, False, id="still-monitored"),
    ],
)
def test_enrol_or_mark_again(earlier: Past | None, *, enrols: bool, remarks: bool) -> None:  # M-6.4
    facts = replace(WHOLE, earlier=earlier)
    assert (identification.first_episode(facts) is None) is enrols
    assert (identification.earlier_episode_eliminated(facts) is None) is remarks


@pytest.mark.parametrize(("outcome", "way"), [(True, "founded"), (False, "unfounded"), (None, "")])
def test_after_an_objection_the_recheck_decides(outcome: bool | None, way: str) -> None:  # M-ID-07
    facts = replace(WHOLE, objection_founded=outcome)
    assert (identification.objection_founded(facts) is None) is (way == "founded")
    assert (identification.objection_unfounded(facts) is None) is (way == "unfounded")


def test_the_small_ones() -> None:
    assert code(identification.household_known(replace(WHOLE, household_known=False))) == "HOUSEHOLD_UNKNOWN"
    assert identification.household_known(WHOLE) is None
    assert code(identification.same_open_clue(replace(WHOLE, merging=Merging(None)))) == "NO_OPEN_CASE"
    assert identification.same_open_clue(replace(WHOLE, merging=Merging(ONE))) is None
    assert code(identification.approver_not_helper(replace(WHOLE, actor_helps=True))) == "APPROVER_IS_HELPER"
    assert code(identification.publicity_stands(WHOLE)) == "PUBLICITY_CUT_SHORT"
    assert identification.publicity_stands(replace(WHOLE, notice_ran=True)) is None
    assert code(identification.measure_delivered(WHOLE)) == "NO_MEASURE_DELIVERED"
    assert identification.measure_delivered(replace(WHOLE, delivered=1)) is None
    assert code(identification.episode_over(WHOLE)) == "EPISODE_OPEN"
    assert identification.episode_over(replace(WHOLE, episode_ended_on=date(2024, 5, 3))) is None
