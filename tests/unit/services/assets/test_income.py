"""Distribution of income: domain-funds-assets §7.9, scenarios 76 to 81, and the published case of Lingtai 2020."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest

from services.assets.domain import plans
from services.assets.domain.income import draws, line_amounts, part_amounts, rule_of, upkeep_reserve
from services.assets.domain.plans import PlanFacts, PlanLine, PlanPart, Vote
from services.assets.domain.recipients import Household, is_eligible
from shared.kernel.areas import AreaCode
from shared.kernel.money import parse_wan

A, B, C = (UUID(int=n) for n in (1, 2, 3))


def test_scenario_76_parts_by_the_rule_and_lines_by_days() -> None:
    assert part_amounts(64_000_00, [450_000, 550_000]) == [28_800_00, 35_200_00]
    assert line_amounts(35_200_00, {A: 12, B: 7, C: 5}) == {A: 17_600_00, B: 10_266_67, C: 7_333_33}


def test_scenario_77_a_tie_goes_to_the_lower_household_code() -> None:
    assert line_amounts(10_000_00, {B: 3, A: 3, C: 1}) == {A: 4_285_72, B: 4_285_71, C: 1_428_57}


def test_lingtai_2020_both_rules_make_what_was_published() -> None:
    # 7.3 万元 = 2.3 village + 4.1 households + 0.9 operation, over the rules before and after June 2019 (§7.9).
    received, village, households, operation = (parse_wan(text) for text in ("7.3", "2.3", "4.1", "0.9"))
    assert village + households + operation == received
    old = part_amounts(received, [700_000, 200_000, 100_000])
    assert old == [51_100_00, 14_600_00, 7_300_00]
    new = part_amounts(received - operation, [450_000, 550_000])
    assert new == [28_800_00, 35_200_00]
    assert old[1] < village < new[0]
    assert new[1] < households < old[0]


def test_the_upkeep_reserve_rounds_down() -> None:
    assert upkeep_reserve(100_09, 0, Fraction(1, 10)) == 10_00
    assert upkeep_reserve(100_09, 9, Fraction(1, 10)) == 10_00
    assert upkeep_reserve(100_10, 0, Fraction(1, 10)) == 10_01


def test_scenario_80_a_receipt_keeps_the_rule_of_its_day() -> None:
    rules = [(date(2016, 1, 1), A), (date(2019, 6, 1), B)]
    assert rule_of(date(2019, 5, 31), rules) == A
    assert rule_of(date(2019, 6, 1), rules) == B
    assert rule_of(date(2015, 12, 31), rules) is None


def test_a_plan_draws_from_the_oldest_receipt_first() -> None:
    assert draws(150, [(A, 100), (B, 80), (C, 5)]) == {A: 100, B: 50, C: 0}


def part(amount: int = 100, share: int = 1_000_000, low: int = 0, high: int = 1_000_000) -> PlanPart:
    return PlanPart("household", share, amount, low, high)


def line(household: UUID, amount: int, basis: str = "days_worked", status: str = "PENDING") -> PlanLine:
    return PlanLine("household", household, basis, amount, status)


FACTS = PlanFacts(
    total=100,
    deductions=0,
    available=100,
    parts=(part(),),
    lines=(line(A, 60), line(B, 40)),
    ineligible=frozenset(),
    disputed=frozenset(),
    blocked={},
)


def test_scenario_79_only_money_received_is_distributed() -> None:
    violation = plans.within_received(replace(FACTS, total=30_000_00, available=29_999_99))
    assert violation is not None
    assert (violation.code, violation.facts["available"]) == ("BEYOND_RECEIVED", "29999.99")
    assert plans.within_received(replace(FACTS, total=30_000_00, available=30_000_00)) is None
    assert plans.within_received(replace(FACTS, deductions=1)) is not None


def test_scenario_78_five_equal_lines_on_no_basis_are_flat() -> None:
    flat = [line(UUID(int=n), 20, "none") for n in range(5)]
    violation = plans.flat_split(flat, None)
    assert violation is not None
    assert violation.rule == "AR15"


@pytest.mark.parametrize(
    "lines, filing",
    [
        pytest.param([line(A, 20, "none")], None, id="one household"),
        pytest.param([line(A, 20, "none"), line(B, 21, "none")], None, id="different amounts"),
        pytest.param([line(A, 20), line(B, 20)], None, id="equal work"),
        pytest.param([line(A, 20, "none"), line(B, 20, "none")], "大乡振备〔2024〕3号", id="filed at the county"),
        pytest.param([line(A, 20, "none"), line(B, 20, "none", "STRUCK")], None, id="one is struck"),
        pytest.param([line(A, 20, "none"), line(B, 20, "none", "REVERSED")], None, id="one came back"),
    ],
)
def test_what_is_not_flat(lines: list[PlanLine], filing: str | None) -> None:
    assert plans.flat_split(lines, filing) is None


@pytest.mark.parametrize(
    "parts, fits",
    [
        pytest.param([part(low=550_000)], True, id="within"),
        pytest.param([part(high=999_999)], False, id="above its range"),
        pytest.param([part(share=450_000, low=450_001)], False, id="below its range"),
        pytest.param([part(share=450_000), part(share=549_999)], False, id="not one whole"),
    ],
)
def test_parts_keep_to_the_rule(parts: list[PlanPart], fits: bool) -> None:
    assert (plans.parts_within_rule(replace(FACTS, parts=parts)) is None) == fits


def test_lines_make_their_part_and_parts_the_total() -> None:
    assert plans.lines_make_total(FACTS) is None
    assert plans.lines_make_total(replace(FACTS, total=99)) is not None
    assert plans.lines_make_total(replace(FACTS, lines=(line(A, 60), line(B, 41)))) is not None
    assert plans.lines_make_total(replace(FACTS, lines=())) is None


def test_nothing_is_distributed_from_a_disputed_asset_or_to_the_ineligible() -> None:
    assert plans.right_undisputed(FACTS) is None
    assert plans.right_undisputed(replace(FACTS, disputed={A})) is not None
    assert plans.recipients_eligible(FACTS) is None
    violation = plans.recipients_eligible(replace(FACTS, ineligible={B}))
    assert violation is not None
    assert (violation.rule, violation.facts["households"]) == ("AR14", [str(B)])


def test_a_failed_line_is_not_final() -> None:
    assert plans.lines_final(replace(FACTS, lines=(line(A, 60, status="PAID"), line(B, 40, status="STRUCK")))) is None
    assert plans.lines_final(replace(FACTS, lines=(line(A, 60, status="FAILED"),))) is not None


@pytest.mark.parametrize(
    "present, in_favour, code",
    [(12, 7, ""), (11, 11, "QUORUM"), (12, 6, "MAJORITY")],
)
def test_quorum_and_majority_of_seventeen_representatives(present: int, in_favour: int, code: str) -> None:
    violation = plans.quorum_and_majority(Vote(17, present, in_favour), Fraction(2, 3), Fraction(1, 2))
    assert (violation.code if violation else "") == code


VILLAGE = AreaCode(230606101200)


@pytest.mark.parametrize(
    "household, period, eligible",
    [
        pytest.param(Household(A, VILLAGE, None), "2023-06", True, id="lives here"),
        pytest.param(Household(A, VILLAGE + 1, None), "2023-06", False, id="lives elsewhere"),
        pytest.param(Household(A, VILLAGE, date(2023, 5, 20)), "2023-05", True, id="the month it ended"),
        pytest.param(Household(A, VILLAGE, date(2023, 5, 20)), "2023-06", False, id="scenario 81: the month after"),
        pytest.param(Household(A, VILLAGE, date(2023, 5, 20)), "2023", True, id="ended in the year"),
        pytest.param(Household(A, VILLAGE, date(2022, 12, 31)), "2023", False, id="ended before the year"),
    ],
)
def test_who_may_receive(household: Household, period: str, eligible: bool) -> None:
    assert is_eligible(household, VILLAGE, period) == eligible
