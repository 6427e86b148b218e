"""The rules of a risk elimination (风险消除): conditions, months, labour, look-backs; domain-monitoring §6."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from services.monitoring.domain import household_check, identification, meetings
from services.monitoring.domain.episodes import Mode, is_without_labour, missing_fields, months_between
from services.monitoring.domain.household_check import DIMENSION_NAMES, HouseholdCheck, RigidSpending
from services.monitoring.domain.lines import Standing, not_above
from services.monitoring.domain.meetings import Meeting
from services.monitoring.domain.risk import CAUSE_NAMES
from shared.kernel.errors import Violation

MONTHS_RULE_SINCE = date(2022, 4, 1)
"""The check on six months holds for eliminations since April 2022 (M-EL-07)."""

SUPPORT_STABLE = "INCOME_FROM_SUPPORT_STABLE"
"""The one reason for which a county may mark a household without labour (M-NL-03)."""


@dataclass(frozen=True, slots=True)
class Measures:
    """How far the measures of the episode have come; cancelled ones are not counted."""

    delivered: int
    undelivered: int


@dataclass(frozen=True, slots=True)
class EliminationFacts:
    """What is known of one elimination in its present round, the form of the step included."""

    mode: Mode
    today: date
    identified_on: date
    members: frozenset[UUID] = frozenset()
    check: HouseholdCheck | None = None
    standing: Standing | None = None
    stable_months: int = 0
    measures: Measures = Measures(0, 0)
    meeting: Meeting | None = None
    village_quorum: Fraction = Fraction(1)
    objection_founded: bool | None = None
    actor_helps: bool = False
    notice_ran: bool = False
    snapshot: Mapping[str, Any] | None = None
    minimum_months: int = 0
    county_reason: str = ""
    labour: tuple[str, ...] = ()
    backstop_override: str = ""
    look_backs_open: int = 0


def whole_household(facts: EliminationFacts) -> Violation | None:
    """M-ID-01."""
    return household_check.covers_household(facts.check, facts.members)


def sheet_complete(facts: EliminationFacts) -> Violation | None:
    """M-4.2."""
    return household_check.is_complete(facts.check)


def income_above_line(facts: EliminationFacts) -> Violation | None:
    """Above the line in force now, and steady for half a year (M-EL-01, M-LINE-07, M-LINE-08).

    Where the cause went by itself this is not asked (M-EL-09); what M-EL-06 forbids is asked always.
    """
    if facts.mode is Mode.NATURAL:
        return None
    assert facts.standing is not None
    if found := not_above(facts.standing):
        return found
    steady = facts.check.stable_months if facts.check else 0
    if steady >= facts.stable_months:
        return None
    return _refuse(
        "INCOME_NOT_STEADY",
        f"收入稳定{steady}个月，不足{facts.stable_months}个月",
        f"income has been steady for {steady} months, fewer than {facts.stable_months}",
        "M-EL-01",
        "继续监测，待收入稳定后再提出",
    )


def rigid_spending_solved(facts: EliminationFacts) -> Violation | None:
    """M-EL-02, M-EL-06."""
    if facts.check is not None and facts.check.rigid_spending is not RigidSpending.OPEN:
        return None
    zh, en = "大额刚性支出尚未解决", "large rigid spending is not solved"
    return _refuse("RIGID_SPENDING_OPEN", zh, en, "M-EL-02", "先解决医疗、教育等刚性支出")


def guarantees_lasting(facts: EliminationFacts) -> Violation | None:
    """Every guarantee is OK; a gap forbids the elimination in any mode, and unknown is a gap (M-EL-03, M-EL-06)."""
    gaps = facts.check.gaps if facts.check else tuple(DIMENSION_NAMES)
    if not gaps:
        return None
    names = "、".join(DIMENSION_NAMES[gap] for gap in gaps)
    zh, en = f"保障未达标或情况不明：{names}", f"guarantees not OK or unknown: {', '.join(gaps)}"
    return _refuse("GUARANTEE_GAP", zh, en, "M-EL-03", "先补齐短板并核实")


def measures_delivered(facts: EliminationFacts) -> Violation | None:
    """By assistance means that there was some, and that it arrived (M-EL-04)."""
    if facts.mode is Mode.NATURAL or (facts.measures.delivered and not facts.measures.undelivered):
        return None
    return _refuse(
        "MEASURES_OPEN",
        f"帮扶措施已落实{facts.measures.delivered}项，未落实{facts.measures.undelivered}项",
        f"{facts.measures.delivered} measures delivered, {facts.measures.undelivered} not",
        "M-EL-04",
        "落实或取消其余措施",
    )


def risks_gone(facts: EliminationFacts) -> Violation | None:
    """Neither an old risk nor a new one (M-EL-05)."""
    risks = facts.check.risks if facts.check else ()
    if facts.check is not None and not risks:
        return None
    names = "、".join(CAUSE_NAMES[cause] for cause in risks)
    return _refuse("RISK_REMAINS", f"风险仍然存在：{names}", "a risk remains", "M-EL-05", "继续帮扶")


def review_quorum(facts: EliminationFacts) -> Violation | None:
    """M-4.2."""
    assert facts.meeting is not None
    return meetings.quorum(facts.meeting, facts.village_quorum)


def vote_in_favour(facts: EliminationFacts) -> Violation | None:
    """M-6.2."""
    return meetings.vote_in_favour(facts.meeting)


def objection_unfounded(facts: EliminationFacts) -> Violation | None:
    """M-ID-07."""
    return identification.recheck_found(facts.objection_founded, founded=False)


def approver_not_helper(facts: EliminationFacts) -> Violation | None:
    """M-ID-09."""
    return identification.not_helper(helps=facts.actor_helps)


def publicity_stands(facts: EliminationFacts) -> Violation | None:
    """M-CLK-02."""
    return identification.notice_stands(ran=facts.notice_ran)


def snapshot_complete(facts: EliminationFacts) -> Violation | None:
    """All 13 fields (DQ-EL-01, A34)."""
    missing = list(missing_fields(facts.snapshot or {}))
    if not missing:
        return None
    return Violation(
        "SNAPSHOT_INCOMPLETE",
        f"风险消除时的13项指标缺少{len(missing)}项",
        f"the elimination snapshot lacks: {', '.join(missing)}",
        rule="DQ-EL-01",
        remedy_zh="退回补充核查；没有的填零，不能留空",
        remedy_en="send it back and state them; zero is a figure, blank is not",
        facts={"missing": missing},
    )


def minimum_months_passed(facts: EliminationFacts) -> Violation | None:
    """Six months by their numbers (M-EL-07, M-EL-08, A29); sooner only a natural one, for the county's reason (A30)."""
    months = months_between(facts.identified_on, facts.today)
    if facts.today < MONTHS_RULE_SINCE or months >= facts.minimum_months:
        return None
    if facts.mode is Mode.NATURAL and facts.county_reason.strip():
        return None
    return _refuse(
        "TOO_SOON",
        f"识别至消除仅{months}个月，不足{facts.minimum_months}个月",
        f"{months} months since the identification, fewer than {facts.minimum_months}",
        "M-EL-07",
        "期满后再标注；自然消除的由县级说明理由",
        facts={"months": months, "minimum": facts.minimum_months},
    )


def labour_not_missing(facts: EliminationFacts) -> Violation | None:
    """A household without any labour is not marked for the time being (暂不标注), unless the county says why (M-NL-03, A31)."""
    if not is_without_labour(facts.labour) or facts.backstop_override == SUPPORT_STABLE:
        return None
    return Violation(
        "NO_LABOUR",
        "整户无劳动能力，暂不标注风险消除",
        "a household without labour is not marked eliminated for the time being",
        rule="M-NL-03",
        field="/form/backstop_override",
        remedy_zh=f"继续兜底监测；收入稳定来自保障的，由县级注明 {SUPPORT_STABLE}",
        remedy_en=f"keep monitoring, or let the county state {SUPPORT_STABLE}",
    )


def look_backs_done(facts: EliminationFacts) -> Violation | None:
    """M-6.4."""
    if not facts.look_backs_open:
        return None
    zh, en = f"还有{facts.look_backs_open}次回头看未完成", f"{facts.look_backs_open} look-backs are open"
    return _refuse("LOOK_BACKS_OPEN", zh, en, "M-6.4", "完成全部回头看后再确认")


GUARDS = {
    guard.__name__: guard
    for guard in (
        whole_household,
        sheet_complete,
        income_above_line,
        rigid_spending_solved,
        guarantees_lasting,
        measures_delivered,
        risks_gone,
        review_quorum,
        vote_in_favour,
        objection_unfounded,
        approver_not_helper,
        publicity_stands,
        snapshot_complete,
        minimum_months_passed,
        labour_not_missing,
        look_backs_done,
    )
}
"""The rules by the names that the declaration uses."""


def _refuse(
    code: str, zh: str, en: str, rule: str, remedy_zh: str, *, facts: Mapping[str, object] | None = None
) -> Violation:
    return Violation(code, zh, en, rule, "", remedy_zh, "go on monitoring until the condition holds", facts or {})
