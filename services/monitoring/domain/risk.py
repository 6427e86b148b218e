"""Risks of falling back into poverty (致贫返贫风险): causes, how urgent a risk is, how it ends."""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction

from shared.kernel.money import Fen


class Cause(StrEnum):
    """致贫返贫风险 (1.5.3)."""

    ILLNESS = "ILLNESS"
    DISASTER = "DISASTER"
    DISABILITY = "DISABILITY"
    NO_LABOUR = "NO_LABOUR"
    ACCIDENT = "ACCIDENT"
    INDUSTRY_FAILED = "INDUSTRY_FAILED"
    UNSTABLE_JOB = "UNSTABLE_JOB"
    SCHOOLING = "SCHOOLING"
    HOUSING = "HOUSING"
    WATER = "WATER"
    DROPOUT = "DROPOUT"
    UNINSURED = "UNINSURED"
    OTHER = "OTHER"


CAUSE_NAMES: Mapping[Cause, str] = {
    Cause.ILLNESS: "因病",
    Cause.DISASTER: "因自然灾害",
    Cause.DISABILITY: "因残",
    Cause.NO_LABOUR: "缺劳动力",
    Cause.ACCIDENT: "因意外事故",
    Cause.INDUSTRY_FAILED: "因产业项目失败",
    Cause.UNSTABLE_JOB: "因务工就业不稳",
    Cause.SCHOOLING: "因学",
    Cause.HOUSING: "因安全住房",
    Cause.WATER: "因安全饮水",
    Cause.DROPOUT: "义务教育阶段失学辍学",
    Cause.UNINSURED: "未参加基本医保",
    Cause.OTHER: "其他",
}


class Urgency(StrEnum):
    """How soon somebody should look; all are due within the same period."""

    RED = "red"
    AMBER = "amber"


class Outcome(StrEnum):
    """How a risk was cleared (风险解除)."""

    NOT_RISK = "NOT_RISK"
    POLICY_SOLVED = "POLICY_SOLVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    ELIMINATED = "ELIMINATED"
    EPISODE_ENDED = "EPISODE_ENDED"


_SUDDEN = frozenset({Cause.DISASTER, Cause.ACCIDENT})


def urgency(cause: Cause, amount: Fen | None, threshold: Fen | None, red_multiple: Fraction) -> Urgency:
    """Red for disaster and accident, and for an amount of at least `red_multiple` times its threshold (inferred)."""
    if cause in _SUDDEN:
        return Urgency.RED
    if amount is not None and threshold and Fraction(amount, threshold) >= red_multiple:
        return Urgency.RED
    return Urgency.AMBER
