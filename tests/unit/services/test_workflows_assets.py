"""The ways of assets: each workflow walked to its ends, and the rules that its declarations keep."""

import pytest

from services.assets.workflows.custody import CUSTODY
from services.assets.workflows.disposal import DISPOSAL
from services.assets.workflows.distribution import DISTRIBUTION
from services.assets.workflows.handover import HANDOVER
from services.assets.workflows.operation import OPERATION
from services.assets.workflows.right import RIGHT
from services.assets.workflows.use import USE
from shared.kernel.roles import Role
from shared.testing.workflows import Play, settings_of
from shared.workflow.model import Workflow

WAYS = [
    pytest.param(
        RIGHT,
        {},
        """
        propose township_clerk
        post village_collective
        dispute township_clerk
        dismiss_dispute township_leader
        confirm township_leader
        end system
        """,
        "ENDED",
        id="right",
    ),
    pytest.param(
        HANDOVER,
        {},
        """
        hand_over implementing_unit
        hand_over village_collective
        book township_clerk
        """,
        "BOOKED",
        id="handover",
    ),
    pytest.param(
        CUSTODY,
        {},
        """
        assign village_collective
        assign village_collective
        lapse township_clerk
        assign township_clerk
        end system
        """,
        "ENDED",
        id="custody",
    ),
    pytest.param(
        USE,
        {},
        """
        find_idle village_committee
        find_idle township_clerk
        plan_revival village_collective
        revive helper
        revive township_clerk
        find_damaged grid_worker
        find_damaged township_clerk
        repair village_collective
        repair township_clerk
        return_to_use village_collective
        return_to_use township_clerk
        end system
        """,
        "ENDED",
        id="use",
    ),
    pytest.param(
        DISPOSAL,
        {},
        """
        apply village_collective
        appraise sector_clerk
        approve township_leader
        post village_collective
        execute village_collective
        ask_again village_collective
        approve township_leader
        post village_collective
        execute village_collective
        book_income village_collective
        dispose township_leader
        """,
        "DISPOSED",
        id="disposal-below-the-floor-scenario-83",
    ),
    pytest.param(
        DISTRIBUTION,
        {},
        """
        resolve village_collective
        post_plan village_collective
        review_township township_leader
        file_county bureau_clerk
        pay village_collective
        finish_payment township_clerk
        post_result village_committee
        close township_clerk
        """,
        "CLOSED",
        id="distribution",
    ),
    pytest.param(
        OPERATION,
        {},
        """
        decide village_collective
        post village_collective
        approve township_leader
        sign village_collective
        begin system
        mark_overdue system
        clear_overdue system
        end system
        """,
        "ENDED",
        id="operation",
    ),
]


@pytest.mark.parametrize(("workflow", "flags", "steps", "end"), WAYS)
def test_a_case_reaches_its_end(workflow: Workflow, flags: dict[str, bool], steps: str, end: str) -> None:
    play = Play(workflow, settings_of(workflow, flags))
    play.follow(steps)
    assert play.case.state == end
    assert workflow.by_state[end].terminal


def test_one_side_alone_hands_nothing_over() -> None:  # §7.6
    play = Play(HANDOVER, settings_of(HANDOVER))
    given = play.take("hand_over", Role.IMPLEMENTING_UNIT)
    assert (given.complete, given.target) == (False, "PENDING")
    assert play.refused("hand_over", Role.SECTOR_CLERK) == "ALREADY_SIGNED"
    assert play.refused("hand_over", Role.VILLAGE_COLLECTIVE, Role.IMPLEMENTING_UNIT.value) == "SEPARATION_OF_DUTIES"
    assert play.take("hand_over", Role.VILLAGE_COLLECTIVE).target == "HANDED_OVER"


def test_a_change_of_use_is_verified_by_a_second_person() -> None:  # §7.5
    play = Play(USE, settings_of(USE))
    play.take("find_damaged", Role.GRID_WORKER)
    assert play.case.state == "IN_USE"
    assert play.take("find_damaged", Role.TOWNSHIP_CLERK).target == "DAMAGED"


def test_an_upheld_dispute_starts_the_right_anew_and_a_dismissed_one_does_not() -> None:
    play = Play(RIGHT, settings_of(RIGHT))
    play.follow("propose township_clerk\npost village_collective\nconfirm township_leader\ndispute township_clerk")
    assert play.take("dismiss_dispute", Role.TOWNSHIP_LEADER).target == "CONFIRMED"
    play.take("dispute", Role.TOWNSHIP_CLERK)
    upheld = play.take("uphold_dispute", Role.TOWNSHIP_LEADER)
    assert (upheld.target, upheld.round) == ("PENDING", 2)
