"""Clues: thresholds, periods, dispositions and rates; M-CLUE-02, 07, 09, 11, and how urgent a risk is."""

from datetime import date
from fractions import Fraction

import pytest

from services.monitoring.bulk.reference import read_rows
from services.monitoring.domain.clues import (
    ITEMS,
    ClueRule,
    Disposition,
    Metric,
    Operator,
    PersonScope,
    broken_rule,
    by_hand,
    conversion,
    event_period,
    handling_rate,
    percent,
    person_scope,
)
from services.monitoring.domain.codes import HouseholdType
from services.monitoring.domain.risk import CAUSE_NAMES, Cause, Urgency, urgency
from shared.kernel.money import parse_yuan


def shipped(item: str) -> list[ClueRule]:
    return [
        ClueRule(
            code=row["code"],
            version=int(row["version"]),
            person_scope=PersonScope(row["person_scope"]),
            metric=Metric(row["metric"]),
            operator=Operator(row["operator"]),
            threshold=parse_yuan(row["threshold"]),
        )
        for row in read_rows("clue_rules.csv")
        if row["item"] == item
    ]


@pytest.mark.parametrize(
    ("item", "household_type", "amount", "code"),
    [
        pytest.param("inpatient_self_paid", "POVERTY_LIFTED", "5000.00", "clue.inpatient.lifted", id="A13-at"),
        pytest.param("inpatient_self_paid", "POVERTY_LIFTED", "4999.99", None, id="A13-below"),
        pytest.param("inpatient_self_paid", "ORDINARY", "19999.99", None, id="A14-below"),
        pytest.param("inpatient_self_paid", "ORDINARY", "20000.00", "clue.inpatient.other", id="A14-at"),
        pytest.param("inpatient_self_paid", None, "20000.00", "clue.inpatient.other", id="of-no-household"),
        pytest.param("senior_school_self_paid", "ORDINARY", "10000.00", None, id="A15-at"),
        pytest.param("senior_school_self_paid", "ORDINARY", "10000.01", "clue.senior_school.year", id="A15-above"),
        pytest.param("outpatient_self_paid", "POVERTY_LIFTED", "500.00", "clue.outpatient.month", id="any-scope"),
    ],
)
def test_shipped_thresholds(item: str, household_type: str | None, amount: str, code: str | None) -> None:
    scope = person_scope(HouseholdType(household_type) if household_type else None)
    found = broken_rule(shipped(item), scope, parse_yuan(amount))
    assert (found and found.code) == code


def test_every_shipped_rule_names_a_known_item_and_one_metric() -> None:
    rows = read_rows("clue_rules.csv")
    assert {row["item"] for row in rows} <= ITEMS.keys()
    assert all(len({row["metric"] for row in rows if row["item"] == item}) == 1 for item in {r["item"] for r in rows})
    assert {item.cause for item in ITEMS.values()} <= CAUSE_NAMES.keys()


@pytest.mark.parametrize(
    ("item", "period"), [("inpatient_self_paid", "2024-06"), ("fire", "2024-06-11"), ("disaster", "2024-06-11")]
)
def test_m_clue_02_the_event_period_is_the_month_and_of_accidents_the_day(item: str, period: str) -> None:
    assert event_period(item, date(2024, 6, 11)) == period


def test_m_clue_07_enrolled_is_never_set_by_hand() -> None:
    refused = by_hand(Disposition.ENROLLED)
    assert refused is not None
    assert refused.rule == "M-CLUE-07"
    assert [each for each in Disposition if by_hand(each) is None] == [
        each for each in Disposition if each != "ENROLLED"
    ]


def test_a18_of_800_clues_all_are_handled_and_six_enrolled() -> None:
    assert percent(handling_rate(800, 800)) == "100.00"
    assert percent(conversion(6, 800)) == "0.75"


@pytest.mark.parametrize(
    ("share", "told"),
    [(Fraction(1, 3), "33.33"), (Fraction(2, 3), "66.67"), (Fraction(1, 20_000), "0.01"), (Fraction(0), "0.00")],
)
def test_per_cent_has_two_decimals_half_up(share: Fraction, told: str) -> None:
    assert percent(share) == told


def test_without_clues_there_is_no_rate() -> None:
    assert percent(handling_rate(0, 0)) is None
    assert percent(conversion(0, 0)) is None


@pytest.mark.parametrize(
    ("cause", "amount", "threshold", "expected"),
    [
        pytest.param(Cause.ILLNESS, 10_000_00, 5_000_00, Urgency.RED, id="twice-the-threshold"),
        pytest.param(Cause.ILLNESS, 9_999_99, 5_000_00, Urgency.AMBER, id="just-less"),
        pytest.param(Cause.ILLNESS, 10_000_00, None, Urgency.AMBER, id="without-threshold"),
        pytest.param(Cause.DISASTER, None, None, Urgency.RED, id="disaster"),
        pytest.param(Cause.ACCIDENT, None, None, Urgency.RED, id="accident"),
        pytest.param(Cause.UNSTABLE_JOB, None, None, Urgency.AMBER, id="job"),
    ],
)
def test_how_urgent_a_risk_is(cause: Cause, amount: int | None, threshold: int | None, expected: Urgency) -> None:
    assert urgency(cause, amount, threshold, Fraction(2)) is expected
