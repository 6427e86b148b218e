"""Dual monitoring (绩效双监控): goals and money against the plan to date, and the measures that follow (§5.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from services.funds.domain.goals import Curve, Direction, GoalContent, GoalItem
from services.funds.domain.indicators import Light
from services.funds.domain.refusals import refusal
from shared.kernel.errors import Violation
from shared.kernel.money import PPM, Fen

_WORST = (Light.GREEN, Light.AMBER, Light.RED)


@dataclass(frozen=True, slots=True)
class Bounds:
    """A shortfall above `amber` is amber, above `red` it is red."""

    amber: Fraction
    red: Fraction


@dataclass(frozen=True, slots=True)
class Observed:
    """What was found of one indicator: its figure so far, None for a judgement, and whether it will be met."""

    code: str
    actual: Fraction | None
    will_be_met: bool


@dataclass(frozen=True, slots=True)
class Monitored:
    """One line: expected to date, deviation (above zero is good), light; None where there is nothing to compare."""

    code: str
    expected: Fraction | None
    actual: Fraction | None
    deviation: Fraction | None
    will_be_met: bool
    light: Light


@dataclass(frozen=True, slots=True)
class Picture:
    """Goals and money on one day; `money` is paid share minus planned share, None without a budget."""

    lines: tuple[Monitored, ...]
    planned_money: Fraction
    money: Fraction | None
    money_light: Light
    light: Light


def elapsed(content: GoalContent, curve: Curve, on: date) -> Fraction:
    """The part of the plan that is due by the end of `on`: even by days, or between the points of the curve."""
    points = [(content.starts_on, 0), *((point.on, point.share_ppm) for point in curve)]
    if not curve:
        points.append((content.ends_on, PPM))
    if on <= points[0][0]:
        return Fraction(0)
    for (since, low), (until, high) in pairwise(points):
        if on <= until:
            return Fraction(low, PPM) + Fraction(high - low, PPM) * Fraction((on - since).days, (until - since).days)
    return Fraction(1)


def monitor(
    content: GoalContent, found: Sequence[Observed], budget: Fen, paid: Fen, on: date, bounds: Bounds
) -> Picture:
    """The picture of a goal table on the day `on`; a forecast that a goal cannot be met is red whatever the figure."""
    by_code = {each.code: each for each in found}
    lines = tuple(_line(content, item, by_code[item.code], on, bounds) for item in content.items)
    planned = elapsed(content, content.money_curve, on)
    money = Fraction(paid, budget) - planned if budget else None
    money_light = _light(money, bounds)
    light = max((money_light, *(line.light for line in lines)), key=_WORST.index)
    return Picture(lines, planned, money, money_light, light)


def _line(content: GoalContent, item: GoalItem, found: Observed, on: date, bounds: Bounds) -> Monitored:
    expected = deviation = None
    if item.direction is not Direction.QUALITATIVE:
        expected = item.aim * elapsed(content, item.curve, on) if item.accrues else item.aim
        deviation = _deviation(item.direction, expected, found.actual)
    light = _light(deviation, bounds) if found.will_be_met else Light.RED
    return Monitored(item.code, expected, found.actual, deviation, found.will_be_met, light)


def _deviation(direction: Direction, expected: Fraction, actual: Fraction | None) -> Fraction | None:
    """(actual − expected) ÷ expected, with the sign that makes a shortfall negative."""
    if actual is None or expected == 0:
        return None
    deviation = (actual - expected) / expected
    if direction is Direction.EQUAL:
        return -abs(deviation)
    return -deviation if direction is Direction.AT_MOST else deviation


def _light(deviation: Fraction | None, bounds: Bounds) -> Light:
    shortfall = -(deviation or Fraction(0))
    if shortfall > bounds.red:
        return Light.RED
    return Light.AMBER if shortfall > bounds.amber else Light.GREEN


@dataclass(frozen=True, slots=True)
class MonitoringFacts:
    """The table, what was filled in, and the days between which a monitoring lies."""

    content: GoalContent
    found: Mapping[str, Fraction | None]
    on: date
    today: date
    last: date | None = None


def figures_complete(facts: MonitoringFacts) -> Violation | None:
    """Each indicator of the table has its figure, and nothing else has one."""
    wanted = {item.code: item.direction is not Direction.QUALITATIVE for item in facts.content.items}
    wrong = list(wanted.keys() ^ facts.found.keys())
    wrong += [code for code, actual in facts.found.items() if wanted.get(code) and actual is None]
    if not wrong:
        return None
    return refusal(
        "FIGURES_INCOMPLETE",
        "F-5.4",
        f"指标完成情况填写不全或有误：{'、'.join(sorted(wrong))}",
        f"figures are missing or unknown: {', '.join(sorted(wrong))}",
        ("逐项填写实际完成值", "state the actual value of each indicator"),
        field="/form/figures",
        codes=sorted(wrong),
    )


def monitored_in_order(facts: MonitoringFacts) -> Violation | None:
    """A monitoring speaks of a day not after today and not before the last one."""
    if facts.on <= facts.today and (facts.last is None or facts.on >= facts.last):
        return None
    return refusal(
        "DATE_ORDER",
        "F-5.4",
        "监控截止日晚于今天或早于上次监控",
        "the day of the monitoring is after today or before the last one",
        ("更正截止日", "correct the day"),
        field="/form/as_of",
    )


class Measure(StrEnum):
    """What follows a deviation: 限期整改、暂停拨付、调整目标、收回资金."""

    RECTIFY = "rectify"
    SUSPEND_PAYMENTS = "suspend_payments"
    ADJUST_GOALS = "adjust_goals"
    RECOVER = "recover"


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """The light of the last monitoring, the measures that stand, and the one that is ordered or lifted."""

    light: Light
    standing: frozenset[Measure]
    unrectified: bool
    measure: Measure
    is_project: bool


def measure_due(facts: MeasureFacts) -> Violation | None:
    """Amber or red → rectify or adjust; red → payments may be suspended; unrectified → money is recovered (§5.4)."""
    allowed = {Light.GREEN: set[Measure](), Light.AMBER: {Measure.RECTIFY, Measure.ADJUST_GOALS}}.get(
        facts.light, {Measure.RECTIFY, Measure.ADJUST_GOALS, Measure.SUSPEND_PAYMENTS}
    )
    if facts.unrectified:
        allowed |= {Measure.RECOVER}
    if facts.measure in allowed and (facts.is_project or facts.measure is not Measure.SUSPEND_PAYMENTS):
        return None
    return refusal(
        "MEASURE_NOT_DUE",
        "F-5.4",
        "监控结果不支持采取该措施",
        f"a {facts.light} result does not call for {facts.measure}",
        ("先完成绩效监控，按偏离程度采取措施", "monitor first, and take the measure that the deviation calls for"),
        field="/form/measure",
        light=facts.light,
    )


def not_ordered_before(facts: MeasureFacts) -> Violation | None:
    """A measure stands once."""
    return None if facts.measure not in facts.standing else _standing("该措施已在执行", "the measure stands already")


def measure_stands(facts: MeasureFacts) -> Violation | None:
    """Only a measure that stands is lifted."""
    return None if facts.measure in facts.standing else _standing("没有正在执行的该项措施", "no such measure stands")


def _standing(zh: str, en: str) -> Violation:
    return refusal("MEASURE_STANDING", "F-5.4", zh, en, ("核对措施", "check the measures"), field="/form/measure")


def payments_held() -> Violation:
    """F-5.4: payments rest until the deviation from the goals is rectified."""
    return refusal(
        "PAYMENTS_HELD_BY_GOALS",
        "F-5.4",
        "项目绩效监控为红色，已暂停拨付",
        "the project is far behind its goals, payments are suspended",
        ("整改后由财政局解除暂停", "rectify, and have finance lift the suspension"),
    )
