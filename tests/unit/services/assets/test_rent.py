"""Rent calendars, receipts, arrears and contracts: domain-funds-assets §7.8, scenarios 73, 74, 75."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from services.assets.domain import contracts
from services.assets.domain.contracts import ContractFacts, Letting
from services.assets.domain.limits import unverified
from services.assets.domain.rent import Instalment, Overdue, allocate, equal_instalments, oldest_arrears, overdue

DUE = [date(2024, 6, 30), date(2025, 6, 30), date(2026, 6, 30)]


def test_scenario_74_the_last_instalment_takes_the_remainder() -> None:
    calendar = equal_instalments(50_000_00, DUE)
    assert [each.amount for each in calendar] == [16_666_67, 16_666_67, 16_666_66]
    assert [each.due_on for each in calendar] == DUE


@pytest.mark.parametrize(
    "total, count, amounts",
    [
        pytest.param(100_00, 3, [33_33, 33_33, 33_34], id="rounded down, the last is larger"),
        pytest.param(12_00, 4, [3_00] * 4, id="no remainder"),
        pytest.param(7, 1, [7], id="one instalment"),
    ],
)
def test_equal_instalments_make_the_total(total: int, count: int, amounts: list[int]) -> None:
    due = [date(2024, 1, 1) + timedelta(days=31 * n) for n in range(count)]
    assert [each.amount for each in equal_instalments(total, due)] == amounts


def test_a_rent_smaller_than_its_instalments_is_refused() -> None:
    with pytest.raises(ValueError, match="smaller"):
        equal_instalments(6, [date(2024, 1, 1)] * 12)


def test_scenario_74_a_receipt_pays_the_oldest_first() -> None:
    went = allocate(20_000_00, equal_instalments(50_000_00, DUE), date(2024, 6, 1))
    assert went.instalments == ((1, 16_666_67), (2, 3_333_33))
    assert (went.late_fee_paid, went.unallocated) == (0, 0)


def test_late_fee_comes_after_all_instalments_and_the_rest_is_kept() -> None:
    late = allocate(100_00, [Instalment(1, date(2024, 1, 1), 80_00)], date(2024, 1, 11), daily_ppm=500)
    assert late.instalments == ((1, 80_00),)
    assert late.late_fee_accrued == 40  # 80.00 × 10 days × 0.05 %
    assert (late.late_fee_paid, late.unallocated) == (40, 19_60)


def test_a_late_fee_that_is_not_paid_stays_due() -> None:
    exact = allocate(80_00, [Instalment(1, date(2024, 1, 1), 80_00)], date(2024, 1, 11), daily_ppm=500)
    assert (exact.late_fee_accrued, exact.late_fee_paid) == (40, 0)
    later = allocate(50, [], date(2024, 2, 1), late_fee_due=40)
    assert (later.late_fee_paid, later.unallocated) == (40, 10)


@pytest.mark.parametrize(
    "today, level",
    [
        (date(2023, 6, 30), None),
        (date(2023, 7, 1), Overdue.NOTICE),
        (date(2023, 7, 29), Overdue.NOTICE),
        (date(2023, 7, 30), Overdue.AMBER),
        (date(2023, 9, 27), Overdue.AMBER),
        (date(2023, 9, 28), Overdue.RED),
    ],
)
def test_scenario_75_how_late_is_late(today: date, level: Overdue | None) -> None:
    assert overdue(date(2023, 6, 30), today, 30, 90) is level


def test_oldest_arrears_ignore_what_is_paid_or_not_due() -> None:
    calendar = [
        Instalment(1, date(2023, 1, 1), 10, 10),
        Instalment(2, date(2023, 2, 1), 10, 9),
        Instalment(3, date(2023, 3, 1), 10),
    ]
    assert oldest_arrears(calendar, date(2023, 2, 1)) is None
    assert oldest_arrears(calendar, date(2023, 4, 1)) == calendar[1]


VILLAGE = ("village_collective", 230606101200)
FACTS = ContractFacts(
    right="CONFIRMED",
    holder=VILLAGE,
    lessor=VILLAGE,
    owner_areas={230606101200},
    agreed_by={230606101200},
    letting=Letting(date(2024, 1, 1), date(2024, 12, 31), Decimal(41)),
    others=(),
    asset_quantity=Decimal(100),
    rent_total=100,
    calendar=(Instalment(1, date(2024, 6, 30), 100),),
    today=date(2024, 1, 1),
    blocked={},
)


def test_scenario_73_a_second_lease_may_not_overlap() -> None:
    first = Letting(date(2024, 6, 1), date(2025, 5, 31), Decimal(60))
    violation = contracts.no_overlap(replace(FACTS, others=(first,)))
    assert violation is not None
    assert (violation.code, violation.facts["on"]) == ("LEASE_OVERLAP", "2024-06-01")
    fits = replace(FACTS, letting=replace(FACTS.letting, quantity=Decimal(40)), others=(first,))
    assert contracts.no_overlap(fits) is None


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([(date(2023, 1, 1), date(2023, 12, 31), 100)], id="over before it begins"),
        pytest.param([(date(2025, 1, 1), date(2025, 12, 31), 100)], id="begins after it is over"),
        pytest.param(
            [(date(2023, 1, 1), date(2024, 5, 31), 59), (date(2024, 6, 1), date(2025, 1, 1), 59)],
            id="one after the other, never both",
        ),
    ],
)
def test_leases_beside_each_other_do_not_overlap(others: list[tuple[date, date, int]]) -> None:
    lettings = tuple(Letting(first, last, Decimal(quantity)) for first, last, quantity in others)
    assert contracts.no_overlap(replace(FACTS, others=lettings)) is None


def test_ar08_only_the_holder_of_the_operation_right_signs() -> None:
    assert contracts.holder_of_operation_right(FACTS) is None
    other = contracts.holder_of_operation_right(replace(FACTS, lessor=("township", 230606101000)))
    assert other is not None
    assert other.rule == "AR08"
    assert contracts.holder_of_operation_right(replace(FACTS, holder=None)) is not None


def test_every_owner_of_a_joint_asset_agrees() -> None:
    joint = replace(FACTS, owner_areas={230606101200, 230606101201})
    violation = contracts.owners_agree(joint)
    assert violation is not None
    assert violation.facts == {"missing": ["230606101201"]}
    assert contracts.owners_agree(replace(joint, agreed_by={230606101200, 230606101201})) is None


def test_the_rent_calendar_makes_the_contract_total() -> None:
    assert contracts.rent_calendar_whole(FACTS) is None
    assert contracts.rent_calendar_whole(replace(FACTS, rent_total=101)) is not None
    assert contracts.rent_calendar_whole(replace(FACTS, calendar=(), rent_total=0)) is not None


@pytest.mark.parametrize(
    "ends_on, code",
    [
        (date(2033, 12, 31), ""),
        (date(2034, 1, 1), "TERM_LONG"),
        (date(2043, 12, 31), "TERM_LONG"),
        (date(2044, 1, 1), "TERM_TOO_LONG"),
    ],
)
def test_a_term_is_usual_long_or_void(ends_on: date, code: str) -> None:
    letting = Letting(date(2024, 1, 1), ends_on, Decimal(1))
    violation = contracts.term_within_limit(letting, 20, 10)
    assert (violation.code if violation else "") == code


@pytest.mark.parametrize("rent, usual", [(2_99, False), (3_00, True), (15_00, True), (15_01, False)])
def test_ar09_a_yield_out_of_the_ordinary(rent: int, usual: bool) -> None:
    year = Letting(date(2023, 1, 1), date(2023, 12, 31), Decimal(1))
    violation = contracts.yield_within(rent, year, 100_00, Fraction(3, 100), Fraction(15, 100))
    assert (violation is None) == usual
    assert violation is None or unverified(violation).zh.startswith("未核实：")


def test_terms_begin_end_and_fall_into_arrears_on_their_days() -> None:
    before, after = date(2023, 12, 31), date(2025, 1, 1)
    assert contracts.term_begun(replace(FACTS, today=before)) is not None
    assert contracts.term_begun(FACTS) is None
    assert contracts.term_over(replace(FACTS, today=date(2024, 12, 31))) is not None
    assert contracts.term_over(replace(FACTS, today=after)) is None
    assert contracts.instalment_overdue(FACTS) is not None
    assert contracts.arrears_paid(FACTS) is None
    assert contracts.instalment_overdue(replace(FACTS, today=after)) is None
    owed = contracts.arrears_paid(replace(FACTS, today=after))
    assert owed is not None
    assert owed.facts == {"unpaid": "1.00"}
