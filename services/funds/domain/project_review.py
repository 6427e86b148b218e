"""The guards of a project's way into the library (domain-funds-assets §1.5 steps 2–10): facts in, violation or nothing out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from uuid import UUID

from services.funds.domain import negative_list
from services.funds.domain.adjustment import ALWAYS, CompletionFacts, Window
from services.funds.domain.library import LEVEL_3, is_industry_category
from services.funds.domain.limits import stands
from services.funds.domain.negative_list import Verdict
from services.funds.domain.project_content import ProjectContent
from services.funds.domain.publication import PublishedFacts
from services.funds.domain.refusals import refusal
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.errors import Violation


@dataclass(frozen=True, slots=True)
class ResolutionFacts:
    """The days of the four discussions (四议), in their order; `blocked` holds quorum and majority."""

    discussions: tuple[date, ...]
    today: date
    blocked: Mapping[str, Violation] = field(default_factory=dict)


def four_discussions_recorded(facts: ResolutionFacts) -> Violation | None:
    """Branch, two committees, party members and representatives met in this order, and none in the future."""
    in_order = all(earlier <= later for earlier, later in pairwise(facts.discussions))
    if in_order and facts.discussions[-1] <= facts.today:
        return None
    return refusal(
        "FOUR_DISCUSSIONS",
        "F-1.5-2",
        "四议日期须依次为支部提议、两委商议、党员大会审议、村民代表会议决议，且不晚于今日",
        "the four discussions follow each other and are not in the future",
        ("核对四次会议的日期", "check the days of the four meetings"),
        field="/form",
    )


@dataclass(frozen=True, slots=True)
class RegisterFigures:
    """What the monitoring register (监测系统) shows for the project's places, read by the township on `as_of`."""

    as_of: date
    monitored_households: int
    monitored_persons: int
    out_of_poverty_households: int
    out_of_poverty_persons: int


@dataclass(frozen=True, slots=True)
class TownshipFacts:
    """The entry, and the register's figures as the site check recorded them."""

    content: ProjectContent
    register: RegisterFigures | None
    home: AreaCode
    window: Window = ALWAYS
    is_urgent: bool = False


def run_by_county(facts: TownshipFacts) -> Violation | None:
    """Only what a sector runs for the whole county skips the village's and the township's desks (step 1)."""
    if facts.home.level is AreaLevel.COUNTY:
        return None
    return refusal(
        "NOT_COUNTY_RUN",
        "F-1.5-1",
        "只有县级统筹项目可由行业部门直接申报",
        "only a county-run project is applied for by the sector itself",
        ("由村级决议后逐级申报", "let the village resolve and apply"),
    )


def fields_complete(facts: TownshipFacts | CompletionFacts) -> Violation | None:
    """What the township publishes is filled in: goals, quantities, beneficiaries; an urgent entry adds the first two later."""
    content, later = facts.content, facts.is_urgent
    missing = [
        name
        for name, filled in (
            ("goals", bool(content.goals) or later),
            ("quantities", bool(content.quantities) or content.is_household_project or later),
            ("benefit", content.benefit.households > 0),
            ("category", len(content.category) == LEVEL_3),
        )
        if not filled
    ]
    if not missing:
        return None
    return refusal(
        "FIELDS_INCOMPLETE",
        "F-1.5-5",
        f"项目信息不完整：{'、'.join(_FIELDS[name] for name in missing)}",
        f"the entry is incomplete: {', '.join(missing)}",
        ("退回补充", "send it back to be completed"),
        missing=missing,
    )


_FIELDS = {"goals": "绩效目标", "quantities": "建设规模", "benefit": "受益对象", "category": "三级类别"}


def beneficiaries_reconciled(facts: TownshipFacts) -> Violation | None:
    """The groups named as beneficiaries are not larger than the register knows them (§1.5 step 5)."""
    if facts.register is None:
        return refusal(
            "REGISTER_NOT_COMPARED",
            "F-1.5-5",
            "尚未与监测系统核对受益人数",
            "the beneficiaries have not been compared with the register",
            ("由乡镇经办人完成实地核查", "have the township clerk finish the site check"),
        )
    more = {
        name: (getattr(facts.content.benefit, name), getattr(facts.register, name))
        for name in (
            "monitored_households",
            "monitored_persons",
            "out_of_poverty_households",
            "out_of_poverty_persons",
        )
        if getattr(facts.content.benefit, name) > getattr(facts.register, name)
    }
    if not more:
        return None
    return refusal(
        "BENEFICIARIES_DIFFER",
        "F-1.5-5",
        "受益对象多于监测系统登记数",
        "more beneficiaries than the register knows",
        ("核对受益对象后修改申报", "check the beneficiaries and correct the entry"),
        field="/content/benefit",
        differences={name: {"entry": pair[0], "register": pair[1]} for name, pair in more.items()},
    )


@dataclass(frozen=True, slots=True)
class AppraisalFacts:
    """The sector's answers (论证意见) by aspect, the entry, and what of its papers is lacking and blocks."""

    content: ProjectContent
    answers: Mapping[str, bool | None]
    blocked: Mapping[str, Violation] = field(default_factory=dict)


def appraisal_agrees(facts: AppraisalFacts) -> Violation | None:
    """Policy, technique, land and environment, estimate and goals agree; for industry the market too (step 7)."""
    asked = [name for name in facts.answers if name != "market" or is_industry_category(facts.content.category)]
    against = [name for name in asked if not facts.answers[name]]
    if not against:
        return None
    return refusal(
        "APPRAISAL_DISAGREES",
        "F-1.5-7",
        f"论证未通过：{'、'.join(_ASPECTS[name] for name in against)}",
        f"the appraisal does not agree: {', '.join(against)}",
        ("退回修改", "send it back"),
        field="/form",
        against=against,
    )


papers_shown = stands("F-1.2-papers")


def papers_lacking(content: ProjectContent) -> Violation | None:
    """F-1.2: an industry project shows its feasibility analysis or plan, and no pre-check of it is pending."""
    papers = content.compliance
    lacking = [name for name in ("land", "environment", "forest") if papers and getattr(papers, name) == "pending"]
    if is_industry_category(content.category) and not (papers and (papers.feasibility or papers.implementation_plan)):
        lacking.append("feasibility")
    if not lacking:
        return None
    return refusal(
        "PAPERS_LACKING",
        "F-1.2-papers",
        f"前期手续不全：{'、'.join(_PAPERS[name] for name in lacking)}",
        f"papers or pre-checks are lacking: {', '.join(lacking)}",
        ("补齐可行性论证和用地、环保、林地手续", "add the analysis and finish the pre-checks"),
        field="/content/compliance",
        lacking=lacking,
    )


_PAPERS = {"land": "用地预审", "environment": "环境影响", "forest": "林地使用", "feasibility": "可行性论证或实施方案"}
_ASPECTS = {
    "policy": "政策",
    "technique": "技术",
    "land_environment": "用地与环保",
    "market": "市场",
    "estimate": "概算",
    "goals": "绩效目标",
}


@dataclass(frozen=True, slots=True)
class CountyFacts:
    """What the county review judges; `suspects` are entries that look the same, `cleared` those explained."""

    content: ProjectContent
    verdicts: Sequence[Verdict]
    accepted: Mapping[str, str]
    suspects: Sequence[UUID]
    cleared: Mapping[UUID, str]
    sector_agreed: bool
    goals_agreed: bool


def off_negative_list(facts: CountyFacts | PublishedFacts) -> Violation | None:
    """No rule blocks, and each warning has a reason (§1.7)."""
    return negative_list.off_negative_list(facts.verdicts, facts.accepted)


def duplicates_cleared(facts: CountyFacts) -> Violation | None:
    """Each entry of the last years with the same name or content in the same village is explained (step 8, NL20)."""
    left = [str(suspect) for suspect in facts.suspects if not facts.cleared.get(suspect, "").strip()]
    if not left:
        return None
    return refusal(
        "DUPLICATE_SUSPECTED",
        "F-1.5-8 NL20",
        f"疑似重复项目 {len(left)} 个，须逐一说明",
        f"{len(left)} entries look the same and have to be explained",
        ("核实后在 cleared_duplicates 中写明理由", "look into them and give a reason for each in cleared_duplicates"),
        field="/form/cleared_duplicates",
        projects=left,
    )


def goals_reviewed(facts: CountyFacts) -> Violation | None:
    """The sector agreed with the goals in its appraisal, and each reviewer of the county does (step 8)."""
    if facts.sector_agreed and facts.goals_agreed:
        return None
    return refusal(
        "GOALS_NOT_REVIEWED",
        "F-1.5-8",
        "绩效目标尚未经行业部门、主管局和财政部门审核同意",
        "the goals are not agreed by sector, bureau and finance",
        ("审核绩效目标，或退回修改", "review the goals, or send it back"),
        field="/form/goals_agreed",
        sector=facts.sector_agreed,
    )


def benefit_linkage_present(facts: CountyFacts) -> Violation | None:
    """An industry project names how it draws households along, and how that works (step 8)."""
    content = facts.content
    if not is_industry_category(content.category) or (content.linkage and content.linkage_detail.strip()):
        return None
    return refusal(
        "LINKAGE_MISSING",
        "F-1.5-8",
        "产业项目须明确联农带农方式和机制",
        "an industry project needs its benefit linkage",
        ("退回补充联农带农机制", "send it back to add the linkage"),
        field="/content/linkage",
    )


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """The meeting (会议) a decision refers to, nothing when none was given."""

    number: str
    held_on: date | None
    agreed: bool
    today: date


def meeting_recorded(facts: MeetingFacts) -> Violation | None:
    """Number, day and decision of the leading group's meeting; a later day has not happened yet (step 9)."""
    if facts.number and facts.agreed and facts.held_on is not None and facts.held_on <= facts.today:
        return None
    return refusal(
        "MEETING_NOT_RECORDED",
        "F-1.5-9",
        "须登记领导小组会议的文号、日期和同意的决定",
        "number, day and the agreeing decision of the leading group's meeting are needed",
        ("登记会议；未同意的，退回或不予入库", "record the meeting; without agreement send it back or reject it"),
        field="/form",
    )
