"""Guards of right, hand-over, custody, use and disposal: domain-funds-assets §7.5–7.7, 7.12, scenarios 71, 83, 84, 87."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from services.assets.domain import disposal, rights, use
from services.assets.domain.disposal import DisposalFacts
from services.assets.domain.rights import CustodyFacts, HandoverFacts, RightFacts
from services.assets.domain.use import UseFacts
from shared.kernel.roles import Role

LEAST = Fraction(90, 100)


@pytest.mark.parametrize(
    "shares, whole",
    [
        ((1_000_000,), True),
        ((600_000, 400_000), True),
        ((600_000, 399_999), False),
        ((1_000_001, -1), False),
        ((), False),
    ],
)
def test_scenario_71_shares_make_exactly_one_whole(shares: tuple[int, ...], whole: bool) -> None:
    facts = RightFacts(source_ppm=shares, owner_ppm=shares, is_disposed=False)
    assert (rights.source_shares_whole(facts) is None) == whole
    assert (rights.owner_shares_whole(facts) is None) == whole


def test_scenario_87_a_disposed_asset_is_history() -> None:
    assert rights.not_disposed(None) is None
    violation = rights.not_disposed(date(2024, 1, 1))
    assert violation is not None
    assert violation.code == "ASSET_DISPOSED"
    assert rights.asset_disposed(RightFacts((), (), is_disposed=True)) is None
    assert rights.asset_disposed(RightFacts((), (), is_disposed=False)) is not None


HANDOVER = HandoverFacts("CONFIRMED", False, date(2024, 3, 1), "记字第12号", date(2024, 3, 1))


def test_handed_over_is_what_is_confirmed_and_valued() -> None:
    assert rights.right_confirmed(HANDOVER) is None
    assert rights.right_confirmed(replace(HANDOVER, right="PUBLICITY")) is not None
    assert rights.value_final(HANDOVER) is None
    assert rights.value_final(replace(HANDOVER, is_provisional=True)) is not None


@pytest.mark.parametrize(
    "entry_no, booked_on, made",
    [
        ("记字第12号", date(2024, 3, 1), True),
        (" ", date(2024, 3, 1), False),
        ("记字第12号", date(2024, 2, 29), False),
        ("记字第12号", None, False),
    ],
)
def test_the_books_have_an_entry_after_the_hand_over(entry_no: str, booked_on: date | None, made: bool) -> None:
    facts = replace(HANDOVER, entry_no=entry_no, booked_on=booked_on)
    assert (rights.book_entry_made(facts) is None) == made


def test_ar03_custody_names_body_person_phone_and_money() -> None:
    whole = CustodyFacts("村委会", "某某", "0459-6100000", "村集体收入", is_disposed=False)
    assert rights.custody_complete(whole) is None
    violation = rights.custody_complete(replace(whole, phone=" ", money_source=""))
    assert violation is not None
    assert violation.facts == {"missing": ["phone", "money_source"]}


def test_idle_and_inefficient_by_their_figures() -> None:
    assert use.idle_long_enough(date(2024, 1, 1), date(2024, 6, 29), 180) is None
    assert use.idle_long_enough(date(2024, 1, 1), date(2024, 6, 28), 180) is not None
    floors = (Fraction(60, 100), Fraction(50, 100))
    assert use.inefficient_enough(59, 100, None, *floors) is None
    assert use.inefficient_enough(60, 100, None, *floors) is not None
    assert use.inefficient_enough(None, None, 499_999, *floors) is None
    assert use.inefficient_enough(None, None, 500_000, *floors) is not None


def test_a_change_of_use_states_its_figures() -> None:
    bare = UseFacts(is_disposed=False, unused_since=None, has_figures=False, blocked={})
    assert use.idle(bare) is not None
    assert use.inefficient(bare) is not None
    assert use.idle(replace(bare, unused_since=date(2024, 1, 1))) is None
    assert use.inefficient(replace(bare, has_figures=True)) is None


FACTS = DisposalFacts(
    right="CONFIRMED",
    live_contracts=0,
    is_pledged=False,
    appraised_on=date(2023, 2, 28),
    today=date(2024, 2, 28),
    report_months=12,
    proceeds_fen=36_000_00,
    shares=(21_600_00, 14_400_00),
    blocked={},
)


def test_scenario_83_no_disposal_under_contract_dispute_or_pledge() -> None:
    assert disposal.no_active_contract(FACTS) is None
    assert disposal.no_active_contract(replace(FACTS, live_contracts=1)) is not None
    assert disposal.no_open_dispute(FACTS) is None
    assert disposal.no_open_dispute(replace(FACTS, right="DISPUTED")) is not None
    assert disposal.not_pledged(FACTS) is None
    assert disposal.not_pledged(replace(FACTS, is_pledged=True)) is not None


def test_scenario_83_a_price_below_nine_tenths_needs_a_new_approval() -> None:
    assert disposal.price_floor(36_000_00, 40_000_00, LEAST) is None
    violation = disposal.price_floor(35_999_99, 40_000_00, LEAST)
    assert violation is not None
    assert violation.rule == "AR17"


def test_scenario_84_proceeds_go_by_owner_share() -> None:
    assert disposal.owners_proceeds(36_000_00, [600_000, 400_000]) == [21_600_00, 14_400_00]
    assert disposal.proceeds_split_by_owner(FACTS) is None
    assert disposal.proceeds_split_by_owner(replace(FACTS, shares=(21_600_00,))) is not None


@pytest.mark.parametrize(
    "today, recent",
    [
        (date(2024, 2, 28), True),
        (date(2024, 2, 29), False),
        (date(2023, 2, 27), False),
    ],
)
def test_an_appraisal_is_good_for_twelve_months(today: date, recent: bool) -> None:
    assert (disposal.appraisal_recent(replace(FACTS, today=today)) is None) == recent


def test_an_appraisal_of_a_leap_day_runs_to_the_end_of_february() -> None:
    leap = replace(FACTS, appraised_on=date(2024, 2, 29), today=date(2025, 2, 28))
    assert disposal.appraisal_recent(leap) is None
    assert disposal.appraisal_recent(replace(leap, today=date(2025, 3, 1))) is not None


@pytest.mark.parametrize(
    "value, licensed, fits",
    [(49_999_99, False, True), (50_000_00, False, False), (50_000_00, True, True)],
)
def test_valuable_assets_are_appraised_by_a_licensed_appraiser(value: int, licensed: bool, fits: bool) -> None:
    assert (disposal.appraiser_needed(value, licensed, 50_000_00) is None) == fits


@pytest.mark.parametrize(
    "value, role, fits",
    [
        (499_999_99, Role.TOWNSHIP_LEADER, True),
        (500_000_00, Role.TOWNSHIP_LEADER, False),
        (500_000_00, Role.BUREAU_LEADER, True),
    ],
)
def test_who_approves_a_disposal_of_what_value(value: int, role: Role, fits: bool) -> None:
    assert (disposal.within_tier(value, role, 500_000_00) is None) == fits
