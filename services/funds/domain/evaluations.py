"""The evaluation of a county's linkage money (衔接资金绩效评价): dated weights, figures where data exist (§5.6, §5.7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from services.funds.domain.goal_scores import Grade
from services.funds.domain.refusals import refusal
from shared.kernel.errors import Violation
from shared.kernel.money import Fen


class Figure(StrEnum):
    """Indicators that can be computed from this service's own rows; the others are scored by hand, with a document."""

    DECOMPOSITION = "decomposition"
    LIBRARY = "library"
    PERFORMANCE = "performance"
    RECTIFICATION = "rectification"
    IMPLEMENTATION = "implementation"
    EXECUTION = "execution"
    TASK_BENEFIT = "task_benefit"
    INDUSTRY = "industry"


@dataclass(frozen=True, slots=True)
class Weight:
    """One line of the weights table: at most `points` are won, or with a negative number lost; bonus lines are optional."""

    code: str
    block: str
    zh: str
    points: int
    figure: Figure | None
    is_placeholder: bool

    @property
    def is_optional(self) -> bool:
        """Bonus and malus (加分、减分): without an entry they are zero."""
        return self.block == "D"


@dataclass(frozen=True, slots=True)
class Policy:
    """Numbers that the automatic figures need."""

    late_days_per_point: int
    execution_full: Fraction
    execution_from: Fraction
    least_industry: Fraction | None


@dataclass(frozen=True, slots=True)
class YearFigures:
    """What the rows of a county say of a year; pairs are part and whole.

    `late_fen_days` is each sum times the days it was allocated late, over `received` fen.
    """

    received: Fen
    late_fen_days: int
    complete_workflows: tuple[int, int]
    goals: Sequence[tuple[int, int]]
    alerts: tuple[int, int]
    started_completed: Sequence[tuple[int, int]]
    spent: tuple[Fen, Fen]
    benefit_hundredths: tuple[int, int]
    industry: tuple[Fen, Fen]


def shares(figures: YearFigures, policy: Policy) -> dict[Figure, Fraction | None]:
    """What part of its points each automatic indicator wins; None where there is nothing to measure, never 0 or 1."""
    return {
        Figure.DECOMPOSITION: _decomposition(figures, policy),
        Figure.LIBRARY: _part(figures.complete_workflows),
        Figure.PERFORMANCE: _mean(figures.goals),
        Figure.RECTIFICATION: _part(figures.alerts),
        Figure.IMPLEMENTATION: _mean(figures.started_completed),
        Figure.EXECUTION: _execution(figures.spent, policy),
        Figure.TASK_BENEFIT: _part(figures.benefit_hundredths),
        Figure.INDUSTRY: _industry(figures.industry, policy.least_industry),
    }


def _part(pair: tuple[int, int]) -> Fraction | None:
    return Fraction(*pair) if pair[1] else None


def _mean(pairs: Sequence[tuple[int, int]]) -> Fraction | None:
    if not pairs or any(whole == 0 for _, whole in pairs):
        return None
    return sum((Fraction(*pair) for pair in pairs), Fraction()) / len(pairs)


_POINTS_OF_DECOMPOSITION = 10
"""The points on which the table's "one off per five days" stands."""


def _decomposition(figures: YearFigures, policy: Policy) -> Fraction | None:
    """Full when all is allocated in time; a point of ten off per some days late, weighted by amount."""
    if not figures.received:
        return None
    late = Fraction(figures.late_fen_days, figures.received)
    return max(Fraction(0), 1 - late / policy.late_days_per_point / _POINTS_OF_DECOMPOSITION)


def _execution(spent: tuple[Fen, Fen], policy: Policy) -> Fraction | None:
    """Full from `execution_full` on, nothing up to `execution_from`, linear between (inferred)."""
    rate = _part(spent)
    if rate is None:
        return None
    won = (rate - policy.execution_from) / (policy.execution_full - policy.execution_from)
    return min(Fraction(1), max(Fraction(0), won))


def _industry(pair: tuple[Fen, Fen], least: Fraction | None) -> Fraction | None:
    """The share of industry against its floor of the year."""
    share = _part(pair)
    return None if share is None or not least else min(Fraction(1), share / least)


@dataclass(frozen=True, slots=True)
class EvaluationFacts:
    """The weights of an evaluation, and the score of each line in hundredths; a missing line has no score."""

    weights: Sequence[Weight]
    scores: Mapping[str, int]


def all_scored(facts: EvaluationFacts) -> Violation | None:
    """What cannot be computed is scored by hand before the evaluation is submitted; nothing is guessed."""
    missing = [each.zh for each in facts.weights if not each.is_optional and each.code not in facts.scores]
    if not missing and facts.weights:
        return None
    return refusal(
        "EVALUATION_INCOMPLETE",
        "F-5.6",
        f"尚有 {len(missing)} 项指标未评分",
        f"{len(missing)} indicators have no score",
        ("补录评分及依据文件", "enter their scores with the documents"),
        missing=missing,
    )


def total(scores: Mapping[str, int]) -> int:
    """The sum in hundredths, between 0 and 100 points: a bonus does not lift it above the whole."""
    return min(100_00, max(0, sum(scores.values())))


def within_points(weight: Weight, hundredths: int) -> Violation | None:
    """A score lies between nothing and the points of its line, for a malus below nothing."""
    low, high = sorted((0, weight.points * 100))
    if low <= hundredths <= high:
        return None
    return refusal(
        "SCORE_OUT_OF_RANGE",
        "F-5.6",
        f"“{weight.zh}”得分应在 {low // 100} 至 {high // 100} 之间",
        f"the score lies between {low // 100} and {high // 100}",
        ("核对得分", "check the score"),
        field="/points",
    )


@dataclass(frozen=True, slots=True)
class PerformanceFactor:
    """What the result of a year means for the next one (结果应用): the factor's value, and what part of the money stays.

    `is_placeholder` tells that weights of the evaluation were placeholders (占位), so the figure is not official.
    """

    area: int
    year: int
    score: Fraction
    grade: Grade
    keeps: Fraction
    is_placeholder: bool
