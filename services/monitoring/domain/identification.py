"""The rules of an identification (识别认定): what each step of a case judges, as functions of plain facts (§4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from services.monitoring.domain import comparison, household_check, meetings
from services.monitoring.domain.assistance import Situation, plan_fits
from services.monitoring.domain.comparison import Hit
from services.monitoring.domain.episodes import Past, missing_fields
from services.monitoring.domain.household_check import HouseholdCheck
from services.monitoring.domain.lines import MonitorKind
from services.monitoring.domain.meetings import JointReview, Meeting
from shared.kernel.errors import Violation


@dataclass(frozen=True, slots=True)
class Merging:
    """The case into which another is to be merged; None when there is no such open case of the same household."""

    into: UUID | None


@dataclass(frozen=True, slots=True)
class JointSettings:
    """Who sits in the joint review, and which share of them is enough."""

    standing: tuple[str, ...]
    share: Fraction


@dataclass(frozen=True, slots=True)
class IdentificationFacts:
    """What is known of one case in its present round, the form of the step included."""

    household_known: bool
    members: frozenset[UUID] = frozenset()
    merging: Merging | None = None
    check: HouseholdCheck | None = None
    proposed: MonitorKind | None = None
    confirmed: MonitorKind | None = None
    kind_reason: str = ""
    sources_asked: frozenset[str] = frozenset()
    sources_answered: frozenset[str] = frozenset()
    hits: tuple[Hit, ...] = ()
    joint_review: JointReview | None = None
    joint_settings: JointSettings = JointSettings((), Fraction(1))
    meeting: Meeting | None = None
    village_quorum: Fraction = Fraction(1)
    objection_founded: bool | None = None
    actor_helps: bool = False
    is_another_farmer: bool = False
    notice_ran: bool = False
    snapshot: Mapping[str, object] | None = None
    earlier: Past | None = None
    situation: Situation | None = None
    delivered: int = 0
    episode_ended_on: date | None = None


def own_application(facts: IdentificationFacts) -> Violation | None:
    """A farmer applies and withdraws for his own household only; whoever applied first is the applicant (§1.7)."""
    if not facts.is_another_farmer:
        return None
    return _refuse(
        "NOT_YOUR_APPLICATION",
        "只能办理本户的申请和撤回",
        "a farmer acts for his own household only",
        "M-1.7",
        "由本户申请人、村或乡镇办理",
        "have the applicant, the village or the township do it",
    )


def same_open_clue(facts: IdentificationFacts) -> Violation | None:
    """A case is merged only into another open case of the same household (M-4.1)."""
    if facts.merging is not None and facts.merging.into is not None:
        return None
    return _refuse(
        "NO_OPEN_CASE",
        "没有可并入的同户在办核查",
        "there is no other open case of this household",
        "M-4.1",
        "核对并入的办件编号",
        "check the id of the case to merge into",
        field="/form/into",
    )


def household_known(facts: IdentificationFacts) -> Violation | None:
    """Nobody can be sent to a household that is not in the register, or is closed (M-CLUE-04)."""
    if facts.household_known:
        return None
    return _refuse(
        "HOUSEHOLD_UNKNOWN",
        "农户未建档或已销户",
        "the household is not registered, or is closed",
        "M-CLUE-04",
        "先建立农户档案，再派发核查",
        "register the household first",
    )


def whole_household(facts: IdentificationFacts) -> Violation | None:
    """M-ID-01."""
    return household_check.covers_household(facts.check, facts.members)


def sheet_complete(facts: IdentificationFacts) -> Violation | None:
    """M-4.2."""
    return household_check.is_complete(facts.check)


def sources_answered(facts: IdentificationFacts) -> Violation | None:
    """M-4.2."""
    return comparison.sources_answered(facts.sources_asked, facts.sources_answered)


def no_risk_found(facts: IdentificationFacts) -> Violation | None:
    """A case closes as no risk only when the visit found no risk and every guarantee OK, none unknown (§1.6)."""
    check = facts.check
    if check is not None and not check.risks and not check.gaps and facts.proposed is None:
        return None
    return _refuse(
        "RISK_FOUND",
        "核查发现风险，或“三保障”和饮水安全未全部达标",
        "the check found a risk, or a guarantee that is not OK",
        "M-4.1",
        "按程序继续识别，或先解决问题后重新核查",
        "go on with the identification, or settle it and check again",
        facts={"gaps": [] if check is None else [gap.value for gap in check.gaps]},
    )


def risk_shown(facts: IdentificationFacts) -> Violation | None:
    """Only a household for which the figures propose a kind goes on to the village (§1.5.2, M-ID-08)."""
    if facts.proposed is not None:
        return None
    return _refuse(
        "NO_KIND_PROPOSED",
        "核查结果不符合任何一类监测对象条件",
        "the findings fit none of the three kinds",
        "M-1.5.2",
        "核实无风险的，由乡镇负责人终止；有严重困难的，在核查表中注明",
        "have the township close the case, or state the serious difficulty in the check",
    )


def joint_review_quorum(facts: IdentificationFacts) -> Violation | None:
    """M-ID-11."""
    review, settings = facts.joint_review, facts.joint_settings
    assert review is not None
    sources = {hit.source for hit in facts.hits}
    return meetings.joint_quorum(review, settings.standing, settings.share, sources)


def rejection_resolved(facts: IdentificationFacts) -> Violation | None:
    """M-ID-11."""
    return comparison.rejection_resolved(facts.joint_review)


def hits_settled(facts: IdentificationFacts) -> Violation | None:
    """M-4.5."""
    return comparison.hits_settled(facts.hits, facts.joint_review)


def review_quorum(facts: IdentificationFacts) -> Violation | None:
    """M-4.2."""
    assert facts.meeting is not None
    return meetings.quorum(facts.meeting, facts.village_quorum)


def vote_in_favour(facts: IdentificationFacts) -> Violation | None:
    """M-4.2."""
    return meetings.vote_in_favour(facts.meeting)


def vote_against(facts: IdentificationFacts) -> Violation | None:
    """M-4.2."""
    return meetings.vote_against(facts.meeting)


def objection_unfounded(facts: IdentificationFacts) -> Violation | None:
    """M-ID-07."""
    return recheck_found(facts.objection_founded, founded=False)


def objection_founded(facts: IdentificationFacts) -> Violation | None:
    """M-ID-07."""
    return recheck_found(facts.objection_founded, founded=True)


def recheck_found(outcome: bool | None, *, founded: bool) -> Violation | None:  # noqa: FBT001  what the recheck said
    """After an objection the case goes the way that the recheck found (M-ID-07)."""
    if outcome is founded:
        return None
    return _refuse(
        "RECHECK_SAYS_OTHERWISE",
        "与异议复核结论不符",
        "the recheck found otherwise",
        "M-ID-07",
        "按复核结论办理",
        "take the step that the recheck allows",
    )


def kind_confirmed(facts: IdentificationFacts) -> Violation | None:
    """The county confirms the kind that hung in the village, with its reasons; another one must hang anew (M-ID-08)."""
    if facts.confirmed is facts.proposed and facts.kind_reason.strip():
        return None
    return _refuse(
        "KIND_NOT_PUBLISHED",
        "审定的监测对象类别须与公示一致，并说明理由",
        "the kind must be the one that was published, with the reasons for it",
        "M-ID-08",
        "类别不符的退回乡镇重新核查公示",
        "send the case back if another kind is right",
        field="/form/kind",
    )


def approver_not_helper(facts: IdentificationFacts) -> Violation | None:
    """M-ID-09."""
    return not_helper(helps=facts.actor_helps)


def not_helper(*, helps: bool) -> Violation | None:
    """Who helps the household does not decide about it (M-ID-09)."""
    if not helps:
        return None
    return _refuse(
        "APPROVER_IS_HELPER",
        "审定人不得是该户帮扶责任人",
        "the approver may not be the helper of the household",
        "M-ID-09",
        "请由其他审定人办理",
        "have another approver do it",
    )


def publicity_stands(facts: IdentificationFacts) -> Violation | None:
    """M-CLK-02."""
    return notice_stands(ran=facts.notice_ran)


def notice_stands(*, ran: bool) -> Violation | None:
    """A corrected case keeps its publicity only if that ran its whole time, proven and without objection (M-CLK-02)."""
    if ran:
        return None
    return _refuse(
        "PUBLICITY_CUT_SHORT",
        "公示未满期或缺少首末日照片，不能直接补正上报",
        "the notice did not run its whole time, or lacks its proofs",
        "M-CLK-02",
        "重新核查并公示",
        "check again and post the notice again",
    )


def record_complete(facts: IdentificationFacts) -> Violation | None:
    """First risk, income and guarantee fields are there when a household is entered (DQ-MO-01, DQ-MO-02)."""
    missing = list(missing_fields(facts.snapshot or {}))
    if facts.check is None or not facts.check.risks:
        missing.append("risk_1")
    if not missing:
        return None
    return _refuse(
        "RECORD_INCOMPLETE",
        f"监测档案缺少{len(missing)}项必填内容",
        f"the record lacks: {', '.join(missing)}",
        "DQ-MO-02",
        "补全后再录入；需要重新核查的，退回乡镇",
        "complete the record, or send it back for another check",
        facts={"missing": missing},
    )


def first_episode(facts: IdentificationFacts) -> Violation | None:
    """A household that was monitored before is marked again, not enrolled (M-6.4)."""
    if facts.earlier is None:
        return None
    return _refuse(
        "MONITORED_BEFORE",
        "该户曾纳入监测，应办理风险再标注",
        "the household was monitored before; mark it again",
        "M-6.4",
        "改办“风险再标注”",
        "take the step `remark`",
    )


def earlier_episode_eliminated(facts: IdentificationFacts) -> Violation | None:
    """Marking again follows an elimination that stands (M-6.4, A33)."""
    if facts.earlier is not None and facts.earlier.ended_on is not None:
        return None
    return _refuse(
        "NOT_ELIMINATED_BEFORE",
        "该户没有已消除风险的监测记录",
        "the household has no earlier episode that ended",
        "M-6.4",
        "首次纳入的办理录入标注；未消除的在原监测记录中处理",
        "enrol it, or work on the episode that is open",
    )


def plan_fits_risks(facts: IdentificationFacts) -> Violation | None:
    """M-AST-01 to M-AST-04."""
    assert facts.situation is not None
    return plan_fits(facts.situation)


def measure_delivered(facts: IdentificationFacts) -> Violation | None:
    """At least one measure is in place (M-AST-06)."""
    if facts.delivered:
        return None
    return _refuse(
        "NO_MEASURE_DELIVERED",
        "尚无已落实的帮扶措施",
        "no measure is delivered yet",
        "M-AST-06",
        "先落实至少一项帮扶措施并上传凭证",
        "deliver at least one measure with its proof",
    )


def episode_over(facts: IdentificationFacts) -> Violation | None:
    """The case ends with the episode, not before (M-6.5)."""
    if facts.episode_ended_on is not None:
        return None
    return _refuse("EPISODE_OPEN", "监测尚未终止", "the episode is still open", "M-6.5", "", "")


GUARDS = {
    guard.__name__: guard
    for guard in (
        own_application,
        same_open_clue,
        household_known,
        whole_household,
        sheet_complete,
        sources_answered,
        no_risk_found,
        risk_shown,
        joint_review_quorum,
        rejection_resolved,
        hits_settled,
        review_quorum,
        vote_in_favour,
        vote_against,
        objection_unfounded,
        objection_founded,
        kind_confirmed,
        approver_not_helper,
        publicity_stands,
        record_complete,
        first_episode,
        earlier_episode_eliminated,
        plan_fits_risks,
        measure_delivered,
        episode_over,
    )
}
"""The rules by the names that the declaration uses."""


def _refuse(  # noqa: PLR0913  the words of a refusal
    code: str,
    zh: str,
    en: str,
    rule: str,
    remedy_zh: str,
    remedy_en: str,
    *,
    field: str = "",
    facts: Mapping[str, object] | None = None,
) -> Violation:
    return Violation(code, zh, en, rule, field, remedy_zh, remedy_en, facts or {})
