"""The self-evaluation score (绩效自评得分): exact fractions, each score rounded half-up to 2 decimals, then summed (§5.5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from services.funds.domain.goals import Block, Direction, GoalContent, GoalItem
from services.funds.domain.refusals import refusal
from shared.kernel.errors import Refused, Violation
from shared.kernel.money import Fen

_HALF = Fraction(1, 2)
_WHOLE = 100
"""A judgement in per cent is at most this."""


class Grade(StrEnum):
    """优、良、中、差."""

    EXCELLENT = "excellent"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"

    @property
    def zh(self) -> str:
        """As tables print it."""
        return dict(zip(Grade, "优良中差", strict=True))[self]


@dataclass(frozen=True, slots=True)
class Scale:
    """Points of execution, where over-shooting begins and what it costs at most, and the least score of each grade."""

    execution: Fraction
    overshoot_from: Fraction
    overshoot_max: Fraction
    excellent: int
    good: int
    fair: int

    def grade(self, hundredths: int) -> Grade:
        """The grade of a score in hundredths of a point."""
        for least, grade in ((self.excellent, Grade.EXCELLENT), (self.good, Grade.GOOD), (self.fair, Grade.FAIR)):
            if hundredths >= least * 100:
                return grade
        return Grade.POOR


@dataclass(frozen=True, slots=True)
class Scored:
    """A scored table in hundredths of a point: execution of the budget, each indicator by code, and the sum."""

    execution: int
    lines: Mapping[str, int]
    total: int
    grade: Grade

    def of(self, content: GoalContent, block: Block) -> int:
        """The sum of one level."""
        return sum(self.lines[item.code] for item in content.items if item.section.block is block)


def half_up(points: Fraction) -> int:
    """Points as hundredths, half up."""
    shifted = points * 100 + _HALF
    return shifted.numerator // shifted.denominator


def execution_score(points: Fraction, paid: Fen, budget: Fen) -> Fraction:
    """Budget execution (预算执行率); raises Refused where there is no budget, for then there is nothing to score."""
    if budget <= 0:
        raise Refused(no_budget())
    return points * min(Fraction(1), Fraction(paid, budget))


def item_score(item: GoalItem, actual: Fraction, scale: Scale) -> Fraction:
    """The exact points of one indicator; a qualitative one is judged in per cent of its weight."""
    points = item.points
    if item.direction is Direction.QUALITATIVE:
        return points * min(Fraction(1), actual / _WHOLE)
    target = item.aim
    if item.direction is Direction.AT_LEAST:
        return points * _reached(actual, target, scale)
    if actual == target or (item.direction is Direction.AT_MOST and actual < target):
        return points
    # `=` is not in the sources: it loses what it is off, to either side (inferred).
    return points * max(Fraction(0), 1 - abs(actual - target) / target) if target else Fraction(0)


def _reached(actual: Fraction, target: Fraction, scale: Scale) -> Fraction:
    """The part of the weight of a ≥ goal; a goal that is far over-shot had been set too low (scenario 68)."""
    if target in (0, actual):
        return Fraction(1)
    ratio = actual / target
    if ratio > scale.overshoot_from:
        return 1 - min(scale.overshoot_max, ratio - scale.overshoot_from)
    return min(Fraction(1), ratio)


def score(content: GoalContent, actuals: Mapping[str, Fraction], paid: Fen, budget: Fen, scale: Scale) -> Scored:
    """The score of a table; raises Refused BUDGET_ZERO (scenario 66)."""
    execution = half_up(execution_score(scale.execution, paid, budget))
    lines = {item.code: half_up(item_score(item, actuals[item.code], scale)) for item in content.items}
    total = execution + sum(lines.values())
    return Scored(execution, lines, total, scale.grade(total))


@dataclass(frozen=True, slots=True)
class ScoringFacts:
    """The table, the figures, the budget, whether it was drawn for the recheck (None: no sample yet), measures that stand."""

    content: GoalContent
    actuals: Mapping[str, Fraction]
    budget: Fen
    drawn: bool | None = None
    standing: int = 0


def measures_done(facts: ScoringFacts) -> Violation | None:
    """What was ordered against a deviation is lifted, or the money recovered, before the year is judged (§5.4)."""
    if not facts.standing:
        return None
    return refusal(
        "MEASURE_STANDING",
        "F-5.4",
        f"尚有 {facts.standing} 项纠偏措施未解除",
        f"{facts.standing} measures still stand",
        ("完成整改并解除措施后自评", "rectify and have them lifted first"),
    )


def actuals_complete(facts: ScoringFacts) -> Violation | None:
    """Each indicator has its actual value; a judgement is at most 100 %."""
    wanted = {item.code: item for item in facts.content.items}
    wrong = set(wanted.keys() ^ facts.actuals.keys())
    wrong |= {
        code
        for code, actual in facts.actuals.items()
        if code in wanted and wanted[code].direction is Direction.QUALITATIVE and actual > _WHOLE
    }
    if not wrong:
        return None
    return refusal(
        "FIGURES_INCOMPLETE",
        "F-5.5",
        f"自评指标填写不全或有误：{'、'.join(sorted(wrong))}",
        f"figures are missing or wrong: {', '.join(sorted(wrong))}",
        ("逐项填写实际完成值；定性指标填写 0–100", "state each actual value, judgements from 0 to 100"),
        field="/form/figures",
        codes=sorted(wrong),
    )


def budget_to_score(facts: ScoringFacts) -> Violation | None:
    """Without a budget the execution score is not applicable and nothing is scored (scenario 66)."""
    return None if facts.budget > 0 else no_budget()


def no_budget() -> Violation:
    """The refusal for a table whose budget is zero."""
    return refusal(
        "BUDGET_ZERO",
        "F-5.5",
        "全年预算数为零，预算执行率不适用，不得评分",
        "the budget of the year is zero, so execution is not applicable and nothing is scored",
        ("核对资金分配", "check what was allocated"),
    )


def drawn_for_recheck(facts: ScoringFacts) -> Violation | None:
    """Finance rechecks what a recorded sample drew."""
    return None if facts.drawn else _sample("未被抽中复核", "the sample did not draw it")


def not_drawn(facts: ScoringFacts) -> Violation | None:
    """What was drawn is rechecked first, and before a sample was drawn nothing is final."""
    if facts.drawn is None:
        return _sample("尚未抽取复核样本", "no sample has been drawn yet")
    return _sample("已抽中，须先复核", "it was drawn, recheck it first") if facts.drawn else None


def _sample(zh: str, en: str) -> Violation:
    return refusal("RECHECK_SAMPLE", "F-5.3", zh, en, ("由财政局抽取样本并复核", "have finance draw a sample"))
