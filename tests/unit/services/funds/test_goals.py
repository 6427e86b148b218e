"""Goals: the minimum set, weights, expected to date, lights, and the score of the worked example (§5)."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from services.funds.domain import goal_monitoring as monitoring
from services.funds.domain import goal_scores as scores
from services.funds.domain import goals, subsidies
from services.funds.domain.goal_monitoring import Bounds, Measure, MeasureFacts, Observed
from services.funds.domain.goal_scores import Grade, Scale
from services.funds.domain.goals import Block, DeclarationFacts, GoalContent, GoalItem, Mark
from services.funds.domain.indicators import Light
from services.funds.domain.subsidies import BatchFacts
from shared.kernel.errors import Refused
from shared.kernel.money import parse_yuan

SCALE = Scale(Fraction(10), Fraction(13, 10), Fraction(1, 2), 90, 80, 60)
BOUNDS = Bounds(Fraction(1, 10), Fraction(3, 10))
POINTS = {Block.OUTPUT: Fraction(50), Block.BENEFIT: Fraction(30), Block.SATISFACTION: Fraction(10)}


def item(code: str, section: str, weight: str, target: str | None, **changed: Any) -> dict[str, Any]:
    fields = {
        "code": code,
        "name": f"指标{code}",
        "section": section,
        "direction": "qualitative" if target is None else "at_least",
        "target": target,
        "wording": "持续发挥作用" if target is None else "",
        "weight": weight,
        "data_source": "项目台账",
        "verification": "现场核查",
    }
    return fields | changed


def example() -> dict[str, Any]:
    """The table of the worked example (§5.5)."""
    return {
        "starts_on": "2023-01-01",
        "ends_on": "2023-12-31",
        "items": [
            item("C1", "quantity", "20", "20", unit="km", is_core=True),
            item("C2", "quality", "10", "100", unit="%", accrues=False),
            item("C3", "timeliness", "10", "6", unit="个节点"),
            item("C4", "cost", "10", "48000", unit="元/km", direction="at_most", accrues=False),
            item("X1", "economic", "10", "50000", unit="元"),
            item("X2", "social", "10", "200", unit="户"),
            item("X3", "sustainable", "10", None),
            item("M1", "satisfaction", "10", "90", unit="%", accrues=False),
        ],
    }


ACTUALS = {
    "C1": "18",
    "C2": "100",
    "C3": "5",
    "C4": "52846.37",
    "X1": "41500",
    "X2": "230",
    "X3": "90",
    "M1": "88",
}


def content(**changed: Any) -> GoalContent:
    return GoalContent.model_validate(example() | changed)


def figures(values: Mapping[str, str]) -> dict[str, Fraction]:
    return {code: Fraction(value) for code, value in values.items()}


def test_the_worked_example_is_91_91_and_excellent() -> None:
    """Scenario 66 (§5.5): each score rounded half-up to 2 decimals, then summed."""
    found = scores.score(content(), figures(ACTUALS), parse_yuan("951234.57"), parse_yuan("1000000"), SCALE)
    assert found.execution == 951
    assert dict(found.lines) == {
        "C1": 1800,
        "C2": 1000,
        "C3": 833,
        "C4": 899,
        "X1": 830,
        "X2": 1000,
        "X3": 900,
        "M1": 978,
    }
    assert (found.total, found.grade, found.grade.zh) == (9191, Grade.EXCELLENT, "优")
    assert found.of(content(), Block.OUTPUT) == 4532


def test_a_budget_of_zero_is_not_scored() -> None:
    """Scenario 66: execution is not applicable, so nothing is scored."""
    with pytest.raises(Refused) as refused:
        scores.score(content(), figures(ACTUALS), 0, 0, SCALE)
    assert refused.value.code == "BUDGET_ZERO"


@pytest.mark.parametrize(
    ("direction", "target", "actual", "hundredths"),
    [
        pytest.param("at_least", "100", "135", 1900, id="scenario 68: 135 % → 20 × (1 − 0.05)"),
        pytest.param("at_least", "100", "130", 2000, id="130 % is not above 130 %"),
        pytest.param("at_least", "100", "500", 1000, id="over-shoot costs half at most"),
        pytest.param("at_least", "100", "0", 0, id="nothing done"),
        pytest.param("at_least", "0", "0", 2000, id="nothing was asked"),
        pytest.param("at_most", "100", "60", 2000, id="cheaper than asked"),
        pytest.param("at_most", "100", "150", 1000, id="half as much again"),
        pytest.param("at_most", "100", "250", 0, id="never below zero"),
        pytest.param("at_most", "0", "1", 0, id="one where none was allowed"),
        pytest.param("equal", "100", "100", 2000, id="met exactly"),
        pytest.param("equal", "100", "90", 1800, id="below what was asked"),
        pytest.param("equal", "100", "110", 1800, id="above what was asked"),
        pytest.param("at_least", "3", "1", 667, id="6.666… → 6.67"),
        pytest.param("at_least", "8000", "1", 0, id="0.0025 → 0.00"),
        pytest.param("at_least", "4000", "1", 1, id="0.005 → 0.01, half up"),
    ],
)
def test_one_score(direction: str, target: str, actual: str, hundredths: int) -> None:
    one = GoalItem.model_validate(item("C1", "quantity", "20", target, direction=direction))
    assert scores.half_up(scores.item_score(one, Fraction(actual), SCALE)) == hundredths


@pytest.mark.parametrize(
    ("hundredths", "grade"),
    [(9000, "优"), (8999, "良"), (8000, "良"), (7999, "中"), (6000, "中"), (5999, "差"), (0, "差")],
)
def test_grades(hundredths: int, grade: str) -> None:
    assert SCALE.grade(hundredths).zh == grade


@pytest.mark.parametrize("section", ["quantity", "quality", "timeliness", "cost", "satisfaction"])
def test_a_table_without_a_needed_kind_is_incomplete(section: str) -> None:
    """F-5.2, minimum set."""
    table = content(items=[each for each in example()["items"] if each["section"] != section])
    broken = goals.minimum_set(DeclarationFacts(table, POINTS))
    assert broken is not None
    assert len(broken.facts["missing"]) == 1
    assert goals.minimum_set(DeclarationFacts(content(), POINTS)) is None


def test_the_weights_of_a_level_make_its_points_exactly() -> None:
    """F-5.5: 50, 30, 10; the last 10 are the execution of the budget."""
    assert goals.weights_complete(DeclarationFacts(content(), POINTS)) is None
    items = example()["items"]
    items[0]["weight"] = "19.99"
    broken = goals.weights_complete(DeclarationFacts(content(items=items), POINTS))
    assert broken is not None
    assert list(broken.facts["sums"]) == ["产出"]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"target": None}, id="measured without a target"),
        pytest.param({"direction": "qualitative"}, id="a judgement with a target"),
        pytest.param({"curve": [{"on": "2023-06-30", "share_ppm": 900_000}]}, id="a curve that does not end"),
        pytest.param({"curve": [{"on": "2024-06-30", "share_ppm": 1_000_000}]}, id="a curve that ends later"),
    ],
)
def test_a_goal_that_cannot_be_judged_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        content(items=[item("C1", "quantity", "20", "20") | changed])


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param(date(2023, 1, 1), Fraction(0), id="the first day"),
        pytest.param(date(2023, 7, 31), Fraction(211, 364), id="seven months, even by days"),
        pytest.param(date(2024, 3, 1), Fraction(1), id="after the end"),
    ],
)
def test_the_plan_to_date_is_even_without_a_curve(on: date, expected: Fraction) -> None:
    assert monitoring.elapsed(content(), (), on) == expected


def test_a_curve_is_straight_between_its_points() -> None:
    points = [{"on": "2023-07-01", "share_ppm": 200_000}, {"on": "2023-12-31", "share_ppm": 1_000_000}]
    table = content(money_curve=points)
    assert monitoring.elapsed(table, table.money_curve, date(2023, 7, 1)) == Fraction(1, 5)
    assert monitoring.elapsed(table, table.money_curve, date(2023, 4, 2)) == Fraction(1, 5) * Fraction(91, 181)


@pytest.mark.parametrize(
    ("actual", "met", "light"),
    [
        pytest.param("90", True, Light.GREEN, id="exactly 10 % short is normal"),
        pytest.param("89.99", True, Light.AMBER, id="a little more is amber"),
        pytest.param("70", True, Light.AMBER, id="exactly 30 % short is amber"),
        pytest.param("69.99", True, Light.RED, id="more is red"),
        pytest.param("180", True, Light.GREEN, id="ahead of the plan"),
        pytest.param("100", False, Light.RED, id="on time, but it will not be met"),
    ],
)
def test_lights_of_a_shortfall(actual: str, met: bool, light: Light) -> None:
    """F-5.4, tested on the fraction."""
    table = content(items=[item("C1", "quantity", "20", "100", accrues=False)])
    picture = monitoring.monitor(table, [Observed("C1", Fraction(actual), met)], 0, 0, date(2023, 7, 31), BOUNDS)
    assert (picture.lines[0].light, picture.light) == (light, light)
    assert picture.money is None


def test_the_money_is_monitored_with_the_goals() -> None:
    """§5.4 "dual": paid share minus planned share, in points."""
    table = content(items=[item("X3", "sustainable", "10", None)])
    found = [Observed("X3", None, will_be_met=True)]
    picture = monitoring.monitor(table, found, 1000, 250, date(2023, 7, 31), BOUNDS)
    assert picture.money == Fraction(1, 4) - Fraction(211, 364)
    assert (picture.money_light, picture.light) == (Light.RED, Light.RED)


def test_a_cost_above_its_ceiling_falls_short() -> None:
    table = content(items=[item("C4", "cost", "10", "100", direction="at_most", accrues=False)])
    picture = monitoring.monitor(
        table, [Observed("C4", Fraction(120), will_be_met=True)], 0, 0, date(2023, 7, 31), BOUNDS
    )
    assert (picture.lines[0].deviation, picture.light) == (Fraction(-1, 5), Light.AMBER)


@pytest.mark.parametrize(
    ("light", "unrectified", "measure", "due"),
    [
        (Light.GREEN, False, Measure.RECTIFY, False),
        (Light.AMBER, False, Measure.RECTIFY, True),
        (Light.AMBER, False, Measure.SUSPEND_PAYMENTS, False),
        (Light.RED, False, Measure.SUSPEND_PAYMENTS, True),
        (Light.RED, False, Measure.RECOVER, False),
        (Light.RED, True, Measure.RECOVER, True),
    ],
)
def test_which_measure_follows_which_deviation(light: Light, unrectified: bool, measure: Measure, due: bool) -> None:
    facts = MeasureFacts(light, frozenset(), unrectified, measure, is_project=True)
    assert (monitoring.measure_due(facts) is None) is due


def test_a_project_without_marks_is_named_with_what_it_lacks() -> None:
    """F-5.1."""
    broken = goals.marks_missing({"a": [Mark.REVIEWED, Mark.PUBLISHED], "b": []}, "/lines")
    assert broken is not None
    assert broken.facts["missing"] == {"a": ["审核", "公开"]}
    assert goals.marks_missing({"b": []}, "/lines") is None


@pytest.mark.parametrize("held", [False, True])
def test_household_batches_rest_with_the_payments(held: bool) -> None:
    """F-5.4: a project whose goals hold its payments pays no household either."""
    facts = BatchFacts(1, 100, {}, "policy", 100, [], [], [], "IMPLEMENTING", 100, 0, held_by_goals=held)
    broken = subsidies.project_not_suspended(facts)
    assert (broken.code if broken else None) == ("PAYMENTS_HELD_BY_GOALS" if held else None)
