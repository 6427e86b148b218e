"""The evaluation of linkage money: what the data win, what a missing figure is, and the bounds of a score (§5.6)."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from services.funds.domain import evaluations
from services.funds.domain.evaluations import EvaluationFacts, Figure, Policy, Weight, YearFigures

POLICY = Policy(5, Fraction(19, 20), Fraction(3, 4), Fraction(3, 5))
NOTHING = YearFigures(0, 0, (0, 0), [(0, 0)] * 4, (0, 0), [(0, 0)] * 2, (0, 0), (0, 0), (0, 0))


def weight(points: int, block: str = "B") -> Weight:
    return Weight("B3", block, "信息公开", points, None, is_placeholder=True)


def test_what_has_no_data_has_no_score() -> None:
    """Never zero and never full: it is scored by hand."""
    assert set(evaluations.shares(NOTHING, POLICY).values()) == {None}


@pytest.mark.parametrize(
    ("changed", "figure", "share"),
    [
        pytest.param({"received": 100}, Figure.DECOMPOSITION, Fraction(1), id="all in time"),
        pytest.param({"received": 100, "late_fen_days": 500}, Figure.DECOMPOSITION, Fraction(9, 10), id="5 days late"),
        pytest.param({"received": 100, "late_fen_days": 250}, Figure.DECOMPOSITION, Fraction(19, 20), id="half of it"),
        pytest.param({"received": 1, "late_fen_days": 900}, Figure.DECOMPOSITION, Fraction(0), id="never below zero"),
        pytest.param({"spent": (95, 100)}, Figure.EXECUTION, Fraction(1), id="full at 95 %"),
        pytest.param({"spent": (85, 100)}, Figure.EXECUTION, Fraction(1, 2), id="half at 85 %"),
        pytest.param({"spent": (75, 100)}, Figure.EXECUTION, Fraction(0), id="nothing at 75 %"),
        pytest.param({"spent": (40, 100)}, Figure.EXECUTION, Fraction(0), id="nothing below"),
        pytest.param({"industry": (60, 100)}, Figure.INDUSTRY, Fraction(1), id="the floor is reached"),
        pytest.param({"industry": (30, 100)}, Figure.INDUSTRY, Fraction(1, 2), id="half of the floor"),
        pytest.param(
            {"goals": [(4, 4), (3, 4), (2, 4), (1, 4)]}, Figure.PERFORMANCE, Fraction(5, 8), id="mean of four"
        ),
        pytest.param({"alerts": (3, 4)}, Figure.RECTIFICATION, Fraction(3, 4), id="handled of due"),
    ],
)
def test_what_the_data_win(changed: dict[str, Any], figure: Figure, share: Fraction) -> None:
    assert evaluations.shares(replace(NOTHING, **changed), POLICY)[figure] == share


@pytest.mark.parametrize(
    ("points", "hundredths", "fits"),
    [(10, 1000, True), (10, 1001, False), (10, -1, False), (-5, -500, True), (-5, 1, False), (-5, -501, False)],
)
def test_a_score_lies_within_its_points(points: int, hundredths: int, fits: bool) -> None:
    assert (evaluations.within_points(weight(points), hundredths) is None) is fits


def test_only_bonus_and_malus_may_be_left_out() -> None:
    lines = [weight(10), replace(weight(5, "D"), code="D1")]
    broken = evaluations.all_scored(EvaluationFacts(lines, {}))
    assert broken is not None
    assert broken.facts["missing"] == ["信息公开"]
    assert evaluations.all_scored(EvaluationFacts(lines, {"B3": 700})) is None


@pytest.mark.parametrize(
    ("scores", "total"),
    [({"A": 9900, "D1": 500}, 10_000), ({"A": 300, "D3": -1000}, 0), ({"A": 9000, "D2": -500}, 8500)],
)
def test_the_sum_stays_between_nothing_and_the_whole(scores: dict[str, int], total: int) -> None:
    assert evaluations.total(scores) == total
