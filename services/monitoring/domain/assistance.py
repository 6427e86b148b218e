"""Assistance (帮扶): the catalogue of measures, and what a plan must hold for the risks of a household; domain-monitoring §5."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.monitoring.domain.risk import CAUSE_NAMES, Cause
from shared.kernel.errors import Violation


class Nature(StrEnum):
    """What a kind of measure is good for: earning a living, being kept, or something else."""

    DEVELOPMENT = "development"
    BACKSTOP = "backstop"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class MeasureKind:
    """One of the ten kinds of content (帮扶措施类别); `columns` are those of the national record."""

    zh: str
    en: str
    nature: Nature
    columns: tuple[str, ...]


CATALOGUE: Mapping[str, MeasureKind] = {
    "industry": MeasureKind("产业发展", "industry", Nature.DEVELOPMENT, ("产业帮扶",)),
    "employment": MeasureKind("就业引导", "employment", Nature.DEVELOPMENT, ("就业帮扶", "公益岗位帮扶")),
    "insurance": MeasureKind("保险保障", "insurance", Nature.OTHER, ("综合保障", "健康帮扶")),
    "social_relief": MeasureKind("社会济困", "social relief", Nature.OTHER, ("社会帮扶",)),
    "medical_relief": MeasureKind("医疗减负", "medical relief", Nature.OTHER, ("健康帮扶",)),
    "education_aid": MeasureKind("教育资助", "education aid", Nature.OTHER, ("教育帮扶", "义务教育保障")),
    "housing_water": MeasureKind("住房饮水", "housing and water", Nature.OTHER, ("住房安全保障", "饮水安全保障")),
    "subsistence": MeasureKind("兜底保障", "subsistence", Nature.BACKSTOP, ("综合保障",)),
    "finance": MeasureKind("金融支持", "finance", Nature.OTHER, ("金融帮扶",)),
    "will_and_skill": MeasureKind("扶志扶智", "will and skill", Nature.OTHER, ("社会帮扶", "其他")),
}
"""帮扶措施目录 (§5.2)."""

ANSWERS: Mapping[Cause, frozenset[str]] = {
    Cause.ILLNESS: frozenset({"medical_relief", "insurance", "social_relief", "subsistence"}),
    Cause.SCHOOLING: frozenset({"education_aid", "social_relief"}),
    Cause.DISABILITY: frozenset({"subsistence", "social_relief"}),
    Cause.HOUSING: frozenset({"housing_water"}),
    Cause.WATER: frozenset({"housing_water"}),
    Cause.DROPOUT: frozenset({"education_aid"}),
    Cause.UNINSURED: frozenset({"medical_relief", "insurance", "social_relief"}),
}
"""Which kinds answer a risk (§5.2); a risk that is not listed is answered by any measure."""


class Trigger(StrEnum):
    """预防性 or 触发性 (M-AST-05)."""

    PREVENTIVE = "preventive"
    TRIGGERED = "triggered"


class Effect(StrEnum):
    """What a measure did about the risk (M-AST-09)."""

    SOLVED = "solved"
    EASED = "eased"
    UNCHANGED = "unchanged"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Situation:
    """A household and the kinds of its plan: what the rules of a plan look at."""

    risks: tuple[Cause, ...]
    kinds: tuple[str, ...]
    has_labour: bool
    has_primary_helper: bool


def plan_fits(situation: Situation) -> Violation | None:
    """A cadre, a measure for each risk and none beyond them, development for who can work, a backstop for who cannot.

    M-AST-01 to M-AST-04.
    """
    return next(_faults(situation), None)


def _faults(situation: Situation) -> Iterator[Violation]:
    if not situation.has_primary_helper:
        yield _plan("NO_HELPER", "尚未确定帮扶责任人", "no helper is assigned", "M-AST-01", "先安排一名帮扶责任人")
    if not situation.kinds:
        yield _plan("PLAN_EMPTY", "帮扶计划没有措施", "the plan has no measure", "M-AST-02", "至少列入一项措施")
    unanswered = [cause for cause in situation.risks if not answers(cause) & set(situation.kinds)]
    if unanswered:
        names = "、".join(CAUSE_NAMES[cause] for cause in unanswered)
        zh, en = f"以下风险没有对应措施：{names}", f"no measure answers: {', '.join(unanswered)}"
        yield _plan("RISK_UNANSWERED", zh, en, "M-AST-02", "补充对应措施")
    if situation.has_labour and not _has(situation.kinds, Nature.DEVELOPMENT):
        zh, en = "有劳动力的农户至少需要一项产业或就业措施", "a household with labour needs industry or employment"
        yield _plan("NO_DEVELOPMENT", zh, en, "M-AST-03", "补充产业或就业措施")
    if not situation.has_labour and not _has(situation.kinds, Nature.BACKSTOP):
        zh, en = "无劳动力的农户须落实兜底保障", "a household without labour needs the backstop"
        yield _plan("NO_BACKSTOP", zh, en, "M-AST-04", "补充兜底保障措施")
    surplus = _surplus(situation)
    if surplus:
        zh, en = "措施超出风险需要，不搞叠加帮扶", "measures are stacked beyond the risks"
        yield _plan("PLAN_STACKED", zh, en, "M-AST-02", "删减与风险无关的措施")


def answers(cause: Cause) -> frozenset[str]:
    """The kinds that answer a risk."""
    return ANSWERS.get(cause, frozenset(CATALOGUE))


def _surplus(situation: Situation) -> int:
    """Measures beyond one for each risk and the one that labour, or its absence, asks for: a single risk gets a single
    measure (M-AST-02).
    """
    return max(0, len(situation.kinds) - len(situation.risks) - 1)


def _has(kinds: Collection[str], nature: Nature) -> bool:
    return any(CATALOGUE[kind].nature is nature for kind in kinds)


def _plan(code: str, zh: str, en: str, rule: str, remedy_zh: str) -> Violation:
    return Violation(
        code, zh, en, rule=rule, field="/form/measures", remedy_zh=remedy_zh, remedy_en="change the plan accordingly"
    )


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """What is known of one measure when a step of it is taken."""

    eligible: bool
    paid: bool = False
    effect: Effect | None = None


def household_eligible(facts: MeasureFacts) -> Violation | None:
    """A measure is for a household that is monitored, or in the green channel; none goes by the side (M-ID-03, M-ID-04)."""
    if facts.eligible:
        return None
    return Violation(
        "HOUSEHOLD_NOT_MONITORED",
        "该户不在监测中，也未启动先行帮扶",
        "the household is neither monitored nor in the green channel",
        rule="M-ID-04",
        remedy_zh="先纳入监测，或按先行帮扶办理",
        remedy_en="enrol the household first, or open the green channel",
    )


def payment_on_record(facts: MeasureFacts) -> Violation | None:
    """Only a payment that the bank confirmed delivers a measure by itself (M-AST-08)."""
    if facts.paid:
        return None
    return Violation(
        "NO_PAYMENT",
        "没有与该措施对应的到账记录",
        "no payment of this measure is on record",
        rule="M-AST-08",
        remedy_zh="等待银行回单，或上传落实凭证",
        remedy_en="wait for the bank, or upload another proof",
    )


def effect_recorded(facts: MeasureFacts) -> Violation | None:
    """M-AST-09."""
    if facts.effect is not None:
        return None
    return Violation(
        "EFFECT_MISSING",
        "未填写帮扶成效",
        "the effect is not stated",
        rule="M-AST-09",
        field="/form/effect",
        remedy_zh="填写：已解决、有缓解、无变化或加重",
        remedy_en="state solved, eased, unchanged or worse",
    )


MEASURE_GUARDS = {guard.__name__: guard for guard in (household_eligible, payment_on_record, effect_recorded)}
"""The rules of a measure by the names that the declaration uses."""
