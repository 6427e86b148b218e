"""The comparison (信息比对): its answers, and hits as questions that somebody has to settle; domain-monitoring §4.5."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.monitoring.domain.meetings import Finding, JointReview
from shared.kernel.errors import Violation


class Treatment(StrEnum):
    """What a confirmed hit means: the county decides (HOLD), or enrolment is not allowed (STOP)."""

    HOLD = "HOLD"
    STOP = "STOP"


@dataclass(frozen=True, slots=True)
class HitKind:
    """One situation that a source may report (比对情形)."""

    zh: str
    en: str
    treatment: Treatment


HITS: Mapping[str, HitKind] = {
    "X01": HitKind("家庭成员为财政供养人员", "a member is on the fiscal payroll", Treatment.HOLD),
    "X02": HitKind("购买商品房或自建豪华住房", "a house was bought, or built in luxury", Treatment.HOLD),
    "X03": HitKind("拥有非生产用汽车", "a car that is no working tool", Treatment.HOLD),
    "X04": HitKind("为企业法定代表人、股东或有实际经营的工商登记", "a business in real operation", Treatment.HOLD),
    "X05": HitKind("存款超过规定数额", "deposits above the limit", Treatment.HOLD),
    "X06": HitKind("拒绝授权或拒绝核查", "authorisation or verification was refused", Treatment.STOP),
    "X07": HitKind("虚报瞒报或为纳入而分户", "a false statement, or a household split to qualify", Treatment.STOP),
    "X08": HitKind("有赡养能力的子女分户居住", "children able to support live apart", Treatment.HOLD),
    "X09": HitKind("举家长期外出且无法联系", "the whole family is away and cannot be reached", Treatment.HOLD),
    "X10": HitKind("已享受城市低保或非农村居民", "urban dibao, or no rural resident", Treatment.STOP),
}

NOT_RURAL = "X10"


class Answer(StrEnum):
    """What became of a hit (比对结果核实)."""

    EXPLAINED = "explained"
    CONFIRMED = "confirmed"
    DATA_ERROR = "data_error"


class Result(StrEnum):
    """What one source answered."""

    CLEAR = "clear"
    HIT = "hit"


@dataclass(frozen=True, slots=True)
class Hit:
    """One hit of the round; `source` is the office that produced it."""

    code: str
    source: str
    answer: Answer | None

    @property
    def treatment(self) -> Treatment:
        """What it means when it is confirmed."""
        return HITS[self.code].treatment


def sources_answered(asked: Collection[str], answered: Collection[str]) -> Violation | None:
    """The comparison is on record when every source that was asked has answered."""
    waiting = sorted(set(asked) - set(answered))
    if asked and not waiting:
        return None
    return Violation(
        "COMPARISON_OPEN",
        f"尚有比对单位未答复：{'、'.join(waiting)}",
        f"sources have not answered yet: {', '.join(waiting)}",
        rule="M-4.2",
        remedy_zh="催办比对单位答复，再登记比对结果",
        remedy_en="have the sources answer first",
        facts={"waiting": waiting},
    )


def hits_settled(hits: Collection[Hit], review: JointReview | None) -> Violation | None:
    """Every hit has an answer; a confirmed HOLD goes on only by the county's joint review, a confirmed STOP never."""
    unanswered = [hit for hit in hits if hit.answer is None]
    if unanswered:
        return _hits("HITS_OPEN", "比对情形尚未核实", "hits have not been settled", unanswered, "逐项核实比对情形")
    confirmed = [hit for hit in hits if hit.answer is Answer.CONFIRMED]
    stopped = [hit for hit in confirmed if hit.treatment is Treatment.STOP]
    if stopped:
        zh, en = "存在不得纳入的情形", "a confirmed hit does not allow enrolment"
        return _hits("HIT_STOPS", zh, en, stopped, "提请县级联审作出不予纳入的结论")
    if confirmed and (review is None or review.finding is not Finding.ENROL):
        zh, en = "比对情形已确认，须经县级联审同意纳入", "a confirmed hit needs the county's joint review to enrol"
        return _hits("HIT_NEEDS_REVIEW", zh, en, confirmed, "提请县级联审")
    return None


def rejection_resolved(review: JointReview | None) -> Violation | None:
    """The joint review itself rejects; nobody does so before it (M-ID-11)."""
    if review is not None and review.finding is Finding.REJECT:
        return None
    return Violation(
        "NOT_REJECTED_BY_REVIEW",
        "联审联席会议未作出不予纳入的结论",
        "the joint review has not found that the household be rejected",
        rule="M-ID-11",
        remedy_zh="先召开县级联审并作出结论",
        remedy_en="hold the joint review first",
    )


def _hits(code: str, zh: str, en: str, hits: Collection[Hit], remedy_zh: str) -> Violation:
    """How many, never which: the village learns that there are questions, not what a source said (M-PI-14)."""
    return Violation(
        code,
        f"{zh}（{len(hits)}项）",
        f"{en} ({len(hits)})",
        rule="M-4.5",
        remedy_zh=remedy_zh,
        remedy_en="have the county settle the hits, or bring them to the joint review",
        facts={"hits": len(hits)},
    )
