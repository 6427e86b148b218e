"""Factor-method allocation (因素法, §2.5): shares from dated factors and weights, exact fractions, largest remainder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from services.funds.domain.refusals import refusal
from shared.kernel.errors import Refused, Violation
from shared.kernel.money import Fen, format_yuan

_RULE = "F-2.5"


class Measure(StrEnum):
    """How a factor's value becomes a share: 正向、反向、缺口."""

    DIRECT = "direct"
    INVERSE = "inverse"
    GAP = "gap"


class Unit(StrEnum):
    """The unit to which results are rounded: 分、元、万元."""

    FEN = "fen"
    YUAN = "yuan"
    WAN = "wan"

    @property
    def fen(self) -> Fen:
        """The unit in fen."""
        return {Unit.FEN: 1, Unit.YUAN: 100, Unit.WAN: 1_000_000}[self]


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor (因素) and its weight; a gap needs the reference value and the factor that counts the population."""

    code: str
    measure: Measure
    weight: Fraction
    reference: Fraction | None = None
    population: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What one unit gets: the exact share and amount, after rounding, the balancing adjustment (综合平衡), and the end."""

    area: int
    share: Fraction
    raw: Fraction
    formula: Fen
    adjustment: Fen
    final: Fen


@dataclass(frozen=True, slots=True)
class Result:
    """One run: a line for each unit in the order of the codes, and what is below one unit and stays unallocated."""

    lines: tuple[Share, ...]
    left: Fen


Values = Mapping[int, Mapping[str, Fraction]]
"""Area code to its value of each factor."""


def factors_of(kept: Sequence[Mapping[str, Any]]) -> list[Factor]:
    """The factors of a stored scheme."""
    return [
        Factor(
            each["code"],
            Measure(each["measure"]),
            Fraction(each["weight"]),
            Fraction(each["reference"]) if each.get("reference") else None,
            each.get("population", ""),
        )
        for each in kept
    ]


def scheme_defect(factors: Sequence[Factor]) -> Violation | None:
    """What is wrong with a set of factors: weights make exactly one, codes are different, a gap is complete."""
    codes = [factor.code for factor in factors]
    if len(set(codes)) < len(codes) or any(factor.weight <= 0 for factor in factors):
        return _defect(
            "FACTORS_REPEAT", "因素重复，或权重不大于零", "a factor repeats, or its weight is not above zero"
        )
    if sum((factor.weight for factor in factors), Fraction()) != 1:
        return _defect("WEIGHTS_NOT_ONE", "权重合计须为 100%", "the weights must make exactly one")
    if any(factor.measure is Measure.GAP and (factor.reference is None or not factor.population) for factor in factors):
        return _defect("GAP_INCOMPLETE", "缺口因素须有基准值和人口因素", "a gap needs its reference and population")
    return None


def allocate(
    total: Fen,
    factors: Sequence[Factor],
    values: Values,
    unit: Unit,
    adjustments: Mapping[int, Fen] | None = None,
) -> Result:
    """Share `total` among the units of `values`; raises Refused when the run fails, and then there is no result.

    A missing value is not zero (scenario 21); ties of the largest remainder go to the lower code (scenario 20);
    adjustments make zero together and leave nobody below zero (scenario 22).
    """
    if broken := scheme_defect(factors):
        raise Refused(broken)
    areas = sorted(values)
    if total <= 0 or not areas:
        raise Refused(_defect("NOTHING_TO_SHARE", "没有可分配的金额或单位", "no amount or no units to share"))
    by_factor = {factor.code: _of_factor(factor, areas, values) for factor in factors}
    shares = [
        sum((factor.weight * by_factor[factor.code][i] for factor in factors), Fraction()) for i in range(len(areas))
    ]
    raws = [total * share for share in shares]
    formula = _rounded(raws, total, unit)
    moved = _balanced(areas, formula, adjustments or {})
    lines = zip(areas, shares, raws, formula, moved, strict=True)
    return Result(
        tuple(Share(area, share, raw, fen, delta, fen + delta) for area, share, raw, fen, delta in lines),
        total - sum(formula),
    )


def _of_factor(factor: Factor, areas: Sequence[int], values: Values) -> list[Fraction]:
    """The units' shares of one factor; they make one."""
    measured = [_measured(factor, area, values[area]) for area in areas]
    whole = sum(measured, Fraction())
    if whole == 0:
        raise Refused(_failed(factor.code, areas, "分母为零", "its denominator is zero"))
    return [part / whole for part in measured]


def _measured(factor: Factor, area: int, own: Mapping[str, Fraction]) -> Fraction:
    value = _value(factor.code, area, own)
    if factor.measure is Measure.DIRECT:
        return value
    if factor.measure is Measure.INVERSE:
        if value == 0:
            raise Refused(_failed(factor.code, [area], "反向因素值为零", "an inverse factor is zero"))
        return 1 / value
    assert factor.reference is not None, "judged with the scheme"
    return max(Fraction(), factor.reference - value) * _value(factor.population, area, own)


def _value(code: str, area: int, own: Mapping[str, Fraction]) -> Fraction:
    found = own.get(code)
    if found is None:
        raise Refused(_failed(code, [area], "缺少因素值", "a value is missing"))
    if found < 0:
        raise Refused(_failed(code, [area], "因素值为负", "a value is negative"))
    return found


def _rounded(raws: Sequence[Fraction], total: Fen, unit: Unit) -> list[Fen]:
    """Whole units by largest remainder (最大余数法)."""
    exact = [raw / unit.fen for raw in raws]
    whole = [amount.numerator // amount.denominator for amount in exact]
    by_remainder = sorted(range(len(raws)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_remainder[: total // unit.fen - sum(whole)]:
        whole[i] += 1
    return [units * unit.fen for units in whole]


def _balanced(areas: Sequence[int], formula: Sequence[Fen], adjustments: Mapping[int, Fen]) -> list[Fen]:
    strange = set(adjustments) - set(areas)
    off = sum(adjustments.values())
    if strange or off:
        raise Refused(
            refusal(
                "ADJUSTMENTS_NOT_BALANCED",
                _RULE,
                f"综合平衡调整合计须为零且只涉及参与分配的单位，现差 {format_yuan(off)} 元",
                f"adjustments must make zero among the units that take part, they are off by {format_yuan(off)} yuan",
                ("核对调整金额", "check the adjustments"),
                field="/adjustments",
                off=format_yuan(off),
            ),
        )
    moved = [adjustments.get(area, 0) for area in areas]
    below = [area for area, fen, delta in zip(areas, formula, moved, strict=True) if fen + delta < 0]
    if below:
        raise Refused(_defect("ADJUSTED_BELOW_ZERO", "调整后金额为负", "an adjustment leaves less than nothing"))
    return moved


def _defect(code: str, zh: str, en: str) -> Violation:
    return refusal(code, _RULE, zh, en, ("核对因素、权重和调整", "check factors, weights and adjustments"))


def _failed(factor: str, areas: Sequence[int], zh: str, en: str) -> Violation:
    return refusal(
        "FACTOR_RUN_FAILED",
        _RULE,
        f"测算未完成：因素 {factor} {zh}",
        f"the run failed: factor {factor}, {en}",
        ("补齐该因素的数据后重新测算", "complete the factor's data and run again"),
        field="/values",
        factor=factor,
        areas=[f"{area:012d}" for area in areas],
    )
