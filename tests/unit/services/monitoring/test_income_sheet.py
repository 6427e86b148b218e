"""The income sheet: figures and windows; M-INC-01…06, 12, 13."""

from datetime import date

import pytest

from services.monitoring.domain.income import (
    Sheet,
    annual_window,
    figures,
    identification_window,
    monitoring_income,
    month_of,
    net_income,
    per_capita,
)
from shared.kernel.money import format_yuan

EXAMPLE = Sheet(
    wage=18_000_00,
    business=9_600_00,
    business_expense=3_100_00,
    property=800_00,
    transfer=2_940_00,
    claims=1_000_00,
    self_paid=4_000_00,
)


def test_m_inc_13_the_worked_example_holds_to_the_fen() -> None:
    found = figures(EXAMPLE, 4)
    assert (net_income(EXAMPLE), monitoring_income(EXAMPLE)) == (28_240_00, 25_240_00)
    assert (found.per_capita_net, found.per_capita_monitoring) == (7_060_00, 6_310_00)


@pytest.mark.parametrize(
    ("total", "persons", "yuan"),
    [
        pytest.param(29_999_00, 4, "7499.75", id="A04"),
        pytest.param(28_240_00, 3, "9413.33", id="A05"),
        pytest.param(100, 8, "0.13", id="half-up"),
        pytest.param(-100, 8, "-0.13", id="half-away-from-zero"),
        pytest.param(-4_000_00, 1, "-4000.00", id="M-INC-03-negative-is-kept"),
    ],
)
def test_per_capita_has_two_decimals_half_up(total: int, persons: int, yuan: str) -> None:
    found = per_capita(total, persons)
    assert found is not None
    assert format_yuan(found) == yuan


def test_a06_nobody_has_no_figure() -> None:
    found = figures(EXAMPLE, 0)
    assert (found.per_capita_net, found.per_capita_monitoring) == (None, None)


def test_rigid_spending_beyond_income_stays_negative() -> None:
    assert monitoring_income(Sheet(wage=1_000_00, self_paid=5_000_00)) == -4_000_00


@pytest.mark.parametrize(
    ("on", "first", "last"),
    [
        pytest.param(date(2024, 6, 1), date(2023, 6, 1), date(2024, 5, 31), id="A12"),
        pytest.param(date(2024, 6, 30), date(2023, 6, 1), date(2024, 5, 31), id="A12-last-day"),
        pytest.param(date(2024, 1, 15), date(2023, 1, 1), date(2023, 12, 31), id="january"),
        pytest.param(date(2024, 3, 31), date(2023, 3, 1), date(2024, 2, 29), id="leap-year"),
        pytest.param(date(2024, 2, 29), date(2023, 2, 1), date(2024, 1, 31), id="leap-day"),
    ],
)
def test_m_inc_05_the_identification_window(on: date, first: date, last: date) -> None:
    window = identification_window(on)
    assert (window.first, window.last) == (first, last)


def test_m_inc_06_the_annual_window() -> None:
    window = annual_window(2024)
    assert (window.first, window.last) == (date(2023, 10, 1), date(2024, 9, 30))


def test_income_is_booked_under_its_month() -> None:
    assert month_of(date(2024, 2, 29)) == date(2024, 2, 1)
