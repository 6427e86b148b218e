"""The ways of funds: each workflow walked to its ends, and the rules that its declarations keep."""

from datetime import date

import pytest

from services.funds.workflows.allocation import ALLOCATION
from services.funds.workflows.annual_plan import ANNUAL_PLAN
from services.funds.workflows.contract import CONTRACT
from services.funds.workflows.household_batch import HOUSEHOLD_BATCH
from services.funds.workflows.payment import PAYMENT
from services.funds.workflows.project import PROJECT
from services.funds.workflows.project_entry import BEFORE_DECISION
from shared.kernel.errors import Refused
from shared.kernel.roles import Role
from shared.testing.workflows import Play, open_guards, person, settings_of
from shared.workflow.decide import Submission, decide
from shared.workflow.model import Workflow

TO_TOWNSHIP = """
resolve village_committee
post_in_village village_committee
apply village_committee
check_on_site township_clerk
approve_township township_leader
"""
TO_COUNTY = """
send_to_county township_leader
appraise sector_clerk
"""
TO_LIBRARY = """
finish_county_review bureau_clerk
finish_county_review finance_clerk
decide leading_group
enter_library bureau_leader
"""
TO_CLOSE = """
plan bureau_clerk
fund finance_clerk
start implementing_unit
report_completion implementing_unit
accept sector_leader
accept finance_clerk
accept township_leader
accept village_committee
settle review_centre
close finance_clerk
"""
TO_INSTRUCTED = """
submit implementing_unit
review_sector sector_clerk
review_finance finance_reviewer
approve finance_leader
instruct treasury
"""

WAYS = [
    pytest.param(PROJECT, {}, TO_TOWNSHIP + TO_COUNTY + TO_LIBRARY + TO_CLOSE, "CLOSED", id="project"),
    pytest.param(
        PROJECT,
        {BEFORE_DECISION: True},
        TO_TOWNSHIP
        + TO_COUNTY
        + """
        finish_county_review bureau_clerk
        finish_county_review finance_clerk
        list_for_meeting bureau_clerk
        enter_library leading_group
        """
        + TO_CLOSE,
        "CLOSED",
        id="project-published-before-decision",
    ),
    pytest.param(
        PROJECT,
        {},
        TO_TOWNSHIP
        + """
        suspend bureau_leader
        resume bureau_leader
        send_to_county township_leader
        send_back sector_clerk
        resubmit_to_county township_leader
        appraise sector_clerk
        """
        + TO_LIBRARY
        + """
        amend bureau_clerk
        reopen_at_township bureau_leader
        """
        + TO_COUNTY
        + """
        finish_county_review bureau_clerk
        finish_county_review finance_clerk
        decide leading_group
        enter_library bureau_leader
        exit leading_group
        """,
        "EXITED",
        id="project-returned-suspended-amended",
    ),
    pytest.param(
        ALLOCATION,
        {},
        """
        submit finance_clerk
        approve leading_group
        post finance_leader
        adjust finance_leader
        close finance_clerk
        """,
        "CLOSED",
        id="allocation",
    ),
    pytest.param(
        ANNUAL_PLAN,
        {},
        """
        propose bureau_clerk
        propose finance_clerk
        approve leading_group
        publish bureau_leader
        """,
        "PUBLISHED",
        id="annual-plan",
    ),
    pytest.param(
        CONTRACT,
        {},
        """
        submit implementing_unit
        send_back sector_clerk
        submit implementing_unit
        register sector_clerk
        begin implementing_unit
        vary implementing_unit
        vary sector_clerk
        vary sector_clerk
        vary implementing_unit
        complete implementing_unit
        review_settlement review_centre
        settle finance_leader
        hold_retention finance_clerk
        close finance_clerk
        """,
        "CLOSED",
        id="contract",
    ),
    pytest.param(
        CONTRACT,
        {},
        """
        submit implementing_unit
        register sector_clerk
        begin implementing_unit
        terminate sector_leader
        review_settlement review_centre
        settle_with_claim finance_leader
        close finance_clerk
        """,
        "CLOSED",
        id="contract-terminated-overpaid-scenario-32",
    ),
    pytest.param(
        PAYMENT,
        {},
        TO_INSTRUCTED
        + """
        confirm_failed treasury
        instruct_again treasury
        confirm_paid system
        reconcile finance_clerk
        """,
        "RECONCILED",
        id="payment-failed-once-scenario-37",
    ),
    pytest.param(
        HOUSEHOLD_BATCH,
        {},
        """
        post_roster township_clerk
        approve sector_leader
        check_finance finance_reviewer
        instruct treasury
        record_part system
        reissue sector_clerk
        reissue finance_clerk
        abandon finance_leader
        finish system
        close finance_clerk
        """,
        "CLOSED",
        id="household-batch-scenario-47",
    ),
]


@pytest.mark.parametrize(("workflow", "flags", "steps", "end"), WAYS)
def test_a_case_reaches_its_end(workflow: Workflow, flags: dict[str, bool], steps: str, end: str) -> None:
    play = Play(workflow, settings_of(workflow, flags))
    play.follow(steps)
    assert play.case.state == end
    assert workflow.by_state[end].terminal


def at(workflow: Workflow, way: str) -> Play:
    play = Play(workflow, settings_of(workflow))
    play.follow(way)
    return play


def emitted(workflow: Workflow, way: str) -> list[str]:
    told = Play(workflow, settings_of(workflow)).follow(way)
    return [event.__name__ for advance in told if advance.complete for event in advance.step.emits]


def test_a_project_tells_its_facts_in_their_order() -> None:
    assert emitted(PROJECT, TO_TOWNSHIP + TO_COUNTY + TO_LIBRARY + TO_CLOSE) == [
        "ProjectEnteredLibrary",
        *["ProjectStatusChanged"] * 4,
        "ProjectAccepted",
        "ProjectSettled",
        "ProjectExitedLibrary",
    ]


def test_money_is_told_only_when_the_bank_confirms() -> None:
    assert emitted(PAYMENT, TO_INSTRUCTED) == []
    assert emitted(PAYMENT, TO_INSTRUCTED + "confirm_paid treasury") == ["PaymentDisbursed"]


def test_village_publicity_from_9_to_19_june_2023() -> None:  # scenario 3
    play = Play(PROJECT, settings_of(PROJECT), date(2023, 6, 9))
    play.take("resolve", Role.VILLAGE_COMMITTEE)
    play.take("post_in_village", Role.VILLAGE_COMMITTEE)
    notice = play.case.notice
    assert notice is not None
    assert notice.last_day == date(2023, 6, 19)
    submission = Submission("apply", person(Role.VILLAGE_COMMITTEE), {"application_form": 1})

    def apply(today: date) -> str:
        settings, guards = settings_of(PROJECT), open_guards(PROJECT)
        return decide(PROJECT, play.case, submission, None, guards, settings, today).target

    with pytest.raises(Refused, match="PUBLICITY_RUNNING"):
        apply(date(2023, 6, 19))
    assert apply(date(2023, 6, 20)) == "TOWNSHIP_REVIEW"


@pytest.mark.parametrize(
    ("before", "step", "role", "who"),
    [
        ("", "review_sector", Role.SECTOR_CLERK, Role.IMPLEMENTING_UNIT),
        ("review_sector sector_clerk", "review_finance", Role.FINANCE_REVIEWER, Role.IMPLEMENTING_UNIT),
        ("review_sector sector_clerk", "review_finance", Role.FINANCE_REVIEWER, Role.SECTOR_CLERK),
        (
            "review_sector sector_clerk\nreview_finance finance_reviewer",
            "approve",
            Role.FINANCE_LEADER,
            Role.FINANCE_REVIEWER,
        ),
        (
            "review_sector sector_clerk\nreview_finance finance_reviewer",
            "approve",
            Role.FINANCE_LEADER,
            Role.IMPLEMENTING_UNIT,
        ),
    ],
)
def test_payment_desks_are_different_persons(before: str, step: str, role: Role, who: Role) -> None:  # scenario 35
    play = at(PAYMENT, f"submit implementing_unit\n{before}")
    assert play.refused(step, role, who.value) == "SEPARATION_OF_DUTIES"


def test_a_change_of_the_setting_does_not_let_a_case_miss_the_decision() -> None:
    play = Play(PROJECT, settings_of(PROJECT, {BEFORE_DECISION: True}))
    play.follow(TO_TOWNSHIP + TO_COUNTY + "finish_county_review bureau_clerk\nfinish_county_review finance_clerk")
    play.settings = settings_of(PROJECT)
    assert play.refused("enter_library", Role.BUREAU_LEADER) == "STEP_NOT_IN_STATE"
    play.take("list_for_meeting", Role.BUREAU_CLERK)
    assert play.take("enter_library", Role.LEADING_GROUP).target == "IN_LIBRARY"


def test_the_unit_takes_no_part_in_acceptance() -> None:  # §3.2 item 2
    before, *_ = TO_CLOSE.partition("accept")
    play = at(PROJECT, TO_TOWNSHIP + TO_COUNTY + TO_LIBRARY + before)
    assert play.refused("accept", Role.IMPLEMENTING_UNIT) == "ROLE_REQUIRED"
    assert play.refused("accept", Role.SECTOR_CLERK, Role.IMPLEMENTING_UNIT.value) == "SEPARATION_OF_DUTIES"


def test_what_was_paid_can_only_be_refunded() -> None:
    play = at(PAYMENT, TO_INSTRUCTED + "confirm_paid treasury")
    assert {step.name for step in PAYMENT.steps_from(play.case.state)} == {"reconcile"}
