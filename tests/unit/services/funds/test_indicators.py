"""Indicators: numbers, clocks, rates (domain-funds-assets §2.1, §2.3, scenarios 13–15)."""

from datetime import date
from fractions import Fraction

import pytest

from services.funds.domain.indicators import (
    BudgetKind,
    Light,
    age,
    allocation_rate,
    clock_start,
    document_no,
    due_on,
    idle_light,
    light,
)
from shared.kernel.days import Duration


class EveryDay:
    """A calendar for natural days."""

    def is_workday(self, day: date) -> bool:
        raise AssertionError(f"natural days need no calendar, asked for {day}")


@pytest.mark.parametrize(
    "typed",
    [
        "青财农字〔2023〕505号",
        "青财农字[2023]505号",
        "青财农字【2023】505号",
        "青财农字﹝2023﹞505号",
        "青财农字［2023］ 505 号",
        "青财农字（2023）505号",
    ],
)
def test_a_number_is_kept_with_the_brackets_of_official_papers(typed: str) -> None:
    """Scenario 13."""
    assert document_no(typed) == "青财农字〔2023〕505号"


def test_round_brackets_around_words_stay() -> None:
    assert document_no("黑财指（农）[2023]34号") == "黑财指(农)〔2023〕34号"


@pytest.mark.parametrize(
    ("today", "unallocated", "shown"),
    [
        pytest.param(date(2023, 3, 21), 1, Light.GREEN, id="day 20"),
        pytest.param(date(2023, 3, 22), 1, Light.AMBER, id="day 21"),
        pytest.param(date(2023, 3, 31), 1, Light.AMBER, id="14: day 30"),
        pytest.param(date(2023, 4, 1), 1, Light.RED, id="14: day 31"),
        pytest.param(date(2023, 4, 1), 0, Light.GREEN, id="nothing left"),
    ],
)
def test_one_fen_keeps_the_clock_running(today: date, unallocated: int, shown: Light) -> None:
    start = clock_start(date(2023, 3, 1), 2023, is_advance_notice=False)
    due = due_on(start, Duration(30), EveryDay())
    assert light(start, due, 21, unallocated, today) is shown


@pytest.mark.parametrize(
    ("received", "is_advance", "start"),
    [
        pytest.param(date(2022, 12, 20), True, date(2023, 1, 1), id="15: an advance notice waits for its year"),
        pytest.param(date(2023, 2, 3), True, date(2023, 2, 3), id="one that came late"),
        pytest.param(date(2022, 12, 20), False, date(2022, 12, 20), id="any other does not wait"),
    ],
)
def test_the_clock_of_an_advance_notice_starts_with_its_year(received: date, is_advance: bool, start: date) -> None:
    assert clock_start(received, 2023, is_advance_notice=is_advance) == start


@pytest.mark.parametrize(
    ("received", "unallocated", "rate"),
    [
        pytest.param(4566, 32, Fraction(4534, 4566), id="Fuzhou: 99.3 %"),
        pytest.param(100, 0, Fraction(1), id="all"),
        pytest.param(0, 0, None, id="nothing received is neither 0 % nor 100 %"),
    ],
)
def test_the_allocation_rate_is_exact(received: int, unallocated: int, rate: Fraction | None) -> None:
    assert allocation_rate(received, unallocated) == rate


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (BudgetKind.TRANSFER, ("indicator.allocate_days", "indicator.amber_days")),
        (BudgetKind.OWN_GENERAL, ("indicator.own_budget_days.general", "indicator.own_amber_days.general")),
        (BudgetKind.OWN_SPECIAL, ("indicator.own_budget_days.special", "indicator.own_amber_days.special")),
    ],
)
def test_each_kind_of_money_has_its_clock(kind: BudgetKind, names: tuple[str, str]) -> None:
    """§2.3: own general transfers 30 days, special ones 60."""
    assert kind.clock == names


def test_own_money_counts_from_the_approval_of_the_budget() -> None:
    start = clock_start(date(2023, 3, 20), 2023, is_advance_notice=False, approved_on=date(2023, 1, 15))
    assert start == date(2023, 1, 15)
    assert due_on(start, Duration(60), EveryDay()) == date(2023, 3, 16)


@pytest.mark.parametrize(
    ("year", "idle", "shown"),
    [
        pytest.param(2021, 1, Light.GREEN, id="its own year"),
        pytest.param(2022, 1, Light.AMBER, id="age 1"),
        pytest.param(2023, 1, Light.RED, id="53: age 2"),
        pytest.param(2023, 0, Light.GREEN, id="53: all of it is reserved"),
    ],
)
def test_idle_money_ages(year: int, idle: int, shown: Light) -> None:
    assert idle_light(age(2021, year), 1, 2, idle) is shown
