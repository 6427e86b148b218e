"""Factor-method allocation: the worked example to the fen, ties, failures (domain-funds-assets §2.5, scenarios 18–22)."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.funds.domain.factors import Factor, Measure, Unit, Values, allocate
from shared.kernel.errors import Refused
from shared.kernel.money import parse_yuan

TOTAL = parse_yuan("12345678.90")
A, B, C, D = 430101000000, 430102000000, 430103000000, 430104000000
TABLE = {
    A: {"population": 21300, "income": 14200, "policy": 80, "performance": 92, "capacity": 1200, "gdp": 21000},
    B: {"population": 15480, "income": 15650, "policy": 60, "performance": 88, "capacity": 1500, "gdp": 26000},
    C: {"population": 9960, "income": 16900, "policy": 40, "performance": 95, "capacity": 1800, "gdp": 30500},
    D: {"population": 4110, "income": 18300, "policy": 20, "performance": 75, "capacity": 2600, "gdp": 41000},
}
NATIONAL = (
    Factor("population", Measure.DIRECT, Fraction(3, 10)),
    Factor("income", Measure.INVERSE, Fraction(3, 10)),
    Factor("policy", Measure.DIRECT, Fraction(3, 10)),
    Factor("performance", Measure.DIRECT, Fraction(1, 10)),
)
HUBEI = (
    Factor("population", Measure.DIRECT, Fraction(5, 10)),
    Factor("income", Measure.INVERSE, Fraction(3, 10)),
    Factor("capacity", Measure.INVERSE, Fraction(1, 10)),
    Factor("gdp", Measure.INVERSE, Fraction(1, 10)),
)


def values(table: Mapping[int, Mapping[str, int]]) -> Values:
    return {area: {code: Fraction(value) for code, value in own.items()} for area, own in table.items()}


@pytest.mark.parametrize(
    ("scheme", "unit", "amounts", "left"),
    [
        pytest.param(
            NATIONAL, Unit.FEN, ["4408531.43", "3502757.85", "2684481.83", "1749907.79"], "0.00", id="18: scheme N"
        ),
        pytest.param(
            HUBEI, Unit.FEN, ["4468788.69", "3501651.48", "2655900.41", "1719338.32"], "0.00", id="18: scheme H"
        ),
        pytest.param(
            NATIONAL, Unit.WAN, ["4410000.00", "3500000.00", "2680000.00", "1750000.00"], "5678.90", id="19: 万元"
        ),
        pytest.param(
            NATIONAL, Unit.YUAN, ["4408531.00", "3502758.00", "2684482.00", "1749907.00"], "0.90", id="19: 元"
        ),
    ],
)
def test_the_worked_example(scheme: tuple[Factor, ...], unit: Unit, amounts: list[str], left: str) -> None:
    result = allocate(TOTAL, scheme, values(TABLE), unit)
    assert [line.final for line in result.lines] == [parse_yuan(amount) for amount in amounts]
    assert result.left == parse_yuan(left)
    assert sum(line.raw for line in result.lines) == TOTAL


def test_18_the_exact_column_is_kept() -> None:
    """440 853 143.027 fen before rounding; 35.709105 %."""
    first = allocate(TOTAL, NATIONAL, values(TABLE), Unit.FEN).lines[0]
    assert round(first.raw * 1000) == 440_853_143_027
    assert round(first.share * 10**8) == 35_709_105


def test_20_a_tie_goes_to_the_lower_code() -> None:
    same = {B: {"population": 7}, A: {"population": 7}}
    only = (Factor("population", Measure.DIRECT, Fraction(1)),)
    assert [(line.area, line.final) for line in allocate(3, only, values(same), Unit.FEN).lines] == [(A, 2), (B, 1)]


def test_a_gap_counts_what_is_missing_times_the_people() -> None:
    gap = (Factor("income", Measure.GAP, Fraction(1), Fraction(16_000), "population"),)
    lines = allocate(100_000, gap, values(TABLE), Unit.FEN).lines
    whole = 1800 * 21300 + 350 * 15480
    assert [line.share for line in lines] == [Fraction(1800 * 21300, whole), Fraction(350 * 15480, whole), 0, 0]


def without(area: int, code: str) -> dict[int, dict[str, int]]:
    return {each: {key: n for key, n in own.items() if (each, key) != (area, code)} for each, own in TABLE.items()}


def with_value(code: str, value: int, *areas: int) -> dict[int, dict[str, int]]:
    return {area: own | ({code: value} if area in areas else {}) for area, own in TABLE.items()}


@pytest.mark.parametrize(
    ("table", "scheme", "code"),
    [
        pytest.param(without(C, "income"), NATIONAL, "FACTOR_RUN_FAILED", id="21: no income of one county"),
        pytest.param(with_value("income", 0, B), NATIONAL, "FACTOR_RUN_FAILED", id="an inverse of zero"),
        pytest.param(with_value("policy", 0, A, B, C, D), NATIONAL, "FACTOR_RUN_FAILED", id="a denominator of zero"),
        pytest.param(with_value("policy", -1, A), NATIONAL, "FACTOR_RUN_FAILED", id="less than nothing"),
        pytest.param(TABLE, NATIONAL[:3], "WEIGHTS_NOT_ONE", id="weights of 90 %"),
        pytest.param(TABLE, (*NATIONAL, NATIONAL[0]), "FACTORS_REPEAT", id="one factor twice"),
        pytest.param(
            TABLE, (Factor("income", Measure.GAP, Fraction(1)),), "GAP_INCOMPLETE", id="a gap without reference"
        ),
        pytest.param({}, NATIONAL, "NOTHING_TO_SHARE", id="nobody"),
    ],
)
def test_a_run_fails_whole(table: dict[int, dict[str, int]], scheme: tuple[Factor, ...], code: str) -> None:
    with pytest.raises(Refused) as caught:
        allocate(TOTAL, scheme, values(table), Unit.FEN)
    assert caught.value.code == code


def test_22_adjustments_make_zero() -> None:
    moved = {A: parse_yuan("100000.00"), B: -parse_yuan("99999.99")}
    with pytest.raises(Refused) as caught:
        allocate(TOTAL, NATIONAL, values(TABLE), Unit.FEN, moved)
    assert caught.value.code == "ADJUSTMENTS_NOT_BALANCED"
    assert caught.value.violations[0].facts["off"] == "0.01"

    lines = allocate(TOTAL, NATIONAL, values(TABLE), Unit.FEN, moved | {C: -1}).lines
    assert [line.final - line.formula for line in lines] == [10_000_000, -9_999_999, -1, 0]
    assert sum(line.final for line in lines) == TOTAL


def test_an_adjustment_leaves_nobody_below_zero() -> None:
    everything = parse_yuan("1749907.80")
    with pytest.raises(Refused) as caught:
        allocate(TOTAL, NATIONAL, values(TABLE), Unit.FEN, {D: -everything, A: everything})
    assert caught.value.code == "ADJUSTED_BELOW_ZERO"


@given(
    total=st.integers(1, 10**13),
    unit=st.sampled_from(list(Unit)),
    table=st.lists(st.tuples(st.integers(0, 50_000), st.integers(1, 30_000)), min_size=1, max_size=30),
    weight=st.fractions(Fraction(1, 100), Fraction(99, 100), max_denominator=100),
)
def test_whatever_the_figures_nothing_is_lost_and_ties_are_fair(
    total: int, unit: Unit, table: list[tuple[int, int]], weight: Fraction
) -> None:
    """Σ and rest are the total; within one unit of the exact amount; more by formula never gets less, ties by code."""
    if not any(people for people, _ in table):
        table = [(people + 1, income) for people, income in table]
    given_values = {area: {"p": Fraction(p), "i": Fraction(i)} for area, (p, i) in enumerate(table, A)}
    scheme = (Factor("p", Measure.DIRECT, weight), Factor("i", Measure.INVERSE, 1 - weight))
    result = allocate(total, scheme, given_values, unit)
    assert sum(line.final for line in result.lines) + result.left == total
    assert 0 <= result.left < unit.fen
    assert all(abs(line.formula - line.raw) < unit.fen and line.formula % unit.fen == 0 for line in result.lines)
    ranked = sorted(result.lines, key=lambda line: (-line.raw, line.area))
    assert all(more.formula >= less.formula for more, less in pairwise(ranked))
