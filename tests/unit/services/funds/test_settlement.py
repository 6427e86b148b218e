"""Settlements by scenario: retention by the contract's day, overpayment, the end (domain-funds-assets §3.5, §9)."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from services.funds.domain import settlement as rules
from services.funds.domain.contracts import ContractMoney
from services.funds.domain.settlement import Closing, SettlementFacts, closing, months_after
from shared.kernel.money import parse_yuan

TODAY = date(2024, 6, 1)
PAID = ContractMoney(
    amount=parse_yuan("960000.00"),
    certified=parse_yuan("960000.00"),
    advanced=parse_yuan("288000.00"),
    recouped=parse_yuan("288000.00"),
    worked=parse_yuan("480000.00"),
)
FACTS = SettlementFacts(
    contract_state="COMPLETED",
    project_state="ACCEPTED",
    money=PAID,
    settlement=parse_yuan("951234.57"),
    retention=parse_yuan("28537.03"),
    has_guarantee=False,
    cap=Fraction(3, 100),
    committed=parse_yuan("192000.00"),
    held=0,
    defects_until=date(2024, 5, 31),
    today=TODAY,
)


@pytest.mark.parametrize(
    ("cap", "retention", "passes"),
    [
        pytest.param(Fraction(3, 100), "28537.03", True, id="28 floor of 28537.0371"),
        pytest.param(Fraction(3, 100), "28537.04", False, id="28 half-up would allow it"),
        pytest.param(Fraction(5, 100), "47561.72", True, id="29 a contract of 2016, floor of 47561.7285"),
        pytest.param(Fraction(5, 100), "47561.73", False, id="29 one fen more"),
    ],
)
def test_lm09_retention_is_a_floor_of_the_settlement(cap: Fraction, retention: str, passes: bool) -> None:
    facts = replace(FACTS, cap=cap, retention=parse_yuan(retention))
    assert (rules.retention_within_cap(facts) is None) is passes


def test_30_a_guarantee_stands_in_place_of_a_retention() -> None:
    assert rules.retention_within_cap(replace(FACTS, has_guarantee=True, retention=0)) is None
    assert rules.retention_within_cap(replace(FACTS, has_guarantee=True, retention=1)) is not None


def test_lm10_nothing_is_retained_that_is_paid_out_already() -> None:
    facts = replace(FACTS, settlement=parse_yuan("768000.00"), retention=1)
    assert rules.retention_within_cap(facts) is not None
    assert rules.retention_within_cap(replace(facts, retention=0)) is None


def test_27_steps_5_and_6_of_the_worked_example() -> None:
    settlement, retention, committed = parse_yuan("951234.57"), parse_yuan("28537.03"), parse_yuan("192000.00")
    assert closing(PAID, settlement, retention, committed) == Closing(0, parse_yuan("8765.43"), retention, 0)


def test_32_a_settlement_below_what_was_paid_opens_a_claim() -> None:
    facts = replace(FACTS, settlement=parse_yuan("750000.00"), retention=0)
    assert rules.nothing_overpaid(facts) is not None
    assert rules.overpaid(facts) is None
    moved = closing(PAID, parse_yuan("750000.00"), 0, parse_yuan("192000.00"))
    assert moved == Closing(0, parse_yuan("192000.00"), 0, parse_yuan("18000.00"))


def test_v07_an_advance_outstanding_is_made_good_by_the_settled_work() -> None:
    money = replace(PAID, recouped=parse_yuan("144000.00"))
    moved = closing(money, parse_yuan("951234.57"), 0, parse_yuan("192000.00"))
    assert moved.recouped == parse_yuan("144000.00")


def test_a_settlement_that_pays_all_has_nothing_to_claim() -> None:
    assert rules.overpaid(FACTS) is not None
    assert rules.nothing_overpaid(FACTS) is None


@pytest.mark.parametrize(
    ("settlement", "variations", "passes"),
    [
        pytest.param("960000.00", 0, True, id="the contract"),
        pytest.param("960000.01", 0, False, id="LM08 one fen beyond"),
        pytest.param("1056000.00", 9_600_000, True, id="with its variations"),
    ],
)
def test_lm08_a_settlement_stays_within_contract_and_variations(settlement: str, variations: int, passes: bool) -> None:
    facts = replace(FACTS, settlement=parse_yuan(settlement), money=replace(PAID, variations=variations))
    assert (rules.within_contract_and_variations(facts) is None) is passes


@pytest.mark.parametrize(
    ("guard", "changed", "code"),
    [
        (rules.within_contract_and_variations, {"settlement": None}, "SETTLEMENT_MISSING"),
        (rules.accepted_or_terminated, {"project_state": "COMPLETED"}, "NOT_ACCEPTED"),
        (rules.no_payment_open, {"money": replace(PAID, open_cash=1)}, "PAYMENT_IN_FLIGHT"),
        (rules.balance_paid, {}, "BALANCE_OPEN"),
        (rules.retention_held, {}, "NO_RETENTION"),
        (rules.no_retention_held, {"held": 1}, "RETENTION_HELD"),
        (rules.retention_released, {"held": 1}, "RETENTION_HELD"),
        (rules.defect_period_over, {"defects_until": TODAY}, "DEFECT_PERIOD_RUNNING"),
        (rules.defect_period_over, {"defects_until": None}, "DEFECT_PERIOD_RUNNING"),
        (rules.claim_settled, {"money": replace(PAID, claim=1), "committed": 0}, "CLAIM_OPEN"),
    ],
)
def test_each_guard_refuses_what_it_is_for(guard: object, changed: dict[str, object], code: str) -> None:
    assert callable(guard)
    found = guard(replace(FACTS, **changed))  # type: ignore[arg-type]
    assert found is not None
    assert found.code == code


def test_each_guard_lets_the_other_case_pass() -> None:
    ended = replace(FACTS, committed=0)
    assert rules.accepted_or_terminated(replace(FACTS, contract_state="TERMINATED", project_state="COMPLETED")) is None
    for guard in (rules.balance_paid, rules.retention_released, rules.defect_period_over, rules.claim_settled):
        assert guard(ended) is None
    assert rules.retention_held(replace(ended, held=1)) is None


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2023, 10, 31), 4, date(2024, 2, 29)),
        (date(2023, 12, 15), 12, date(2024, 12, 15)),
        (date(2023, 6, 30), 6, date(2023, 12, 30)),
        (date(2023, 11, 30), 1, date(2023, 12, 30)),
        (date(2023, 5, 20), 0, date(2023, 5, 20)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_the_month(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected
