"""The two regimes (§2.4): coordinated money keeps its use (渠道不乱、用途不变), integrated money follows the filed plan."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.funds.domain.refusals import not_in_library, refusal
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Violation
from shared.kernel.money import PPM, Fen, format_yuan

_EVEN = 3
_LIBRARY = frozenset({"IN_LIBRARY", "PLANNED", "FUNDED", "IMPLEMENTING"})


class Regime(StrEnum):
    """How a county may use what it gets: 统筹安排、统筹整合."""

    COORDINATED = "COORDINATED"
    INTEGRATED = "INTEGRATED"


@dataclass(frozen=True, slots=True)
class IntegrationFacts:
    """A draft plan: its sums, what its indicators may give, where its projects stand, and broken limits that block."""

    regime: Regime
    scale: Fen
    sources: Fen
    projects: Fen
    beyond: Mapping[str, Fen]
    closed_sources: Collection[str]
    states: Mapping[UUID, str]
    blocked: Mapping[str, Violation]


def county_integrates(facts: IntegrationFacts) -> Violation | None:
    """Only a county that is named for it integrates (试点县)."""
    if facts.regime is Regime.INTEGRATED:
        return None
    return refusal(
        "NOT_INTEGRATING",
        "F-2.4",
        "本县当年未纳入统筹整合范围",
        "the county does not integrate its money in this year",
        ("由县按文件采用整合试点参数", "adopt the regime with its document first"),
    )


def sources_equal_projects(facts: IntegrationFacts) -> Violation | None:
    """Planned scale = Σ sources = Σ projects, to the fen."""
    if facts.scale == facts.sources == facts.projects:
        return None
    return refusal(
        "INTEGRATION_SUMS",
        "F-2.4",
        f"计划规模 {format_yuan(facts.scale)}、来源合计 {format_yuan(facts.sources)}、项目合计"
        f" {format_yuan(facts.projects)} 元不一致",
        "planned scale, sum of sources and sum of projects differ",
        ("核对来源和项目金额", "check sources and projects"),
        scale=format_yuan(facts.scale),
        sources=format_yuan(facts.sources),
        projects=format_yuan(facts.projects),
    )


def sources_integratable(facts: IntegrationFacts) -> Violation | None:
    """Each source lies in the range of integration, is confirmed, and gives no more than it has."""
    if not facts.closed_sources and not facts.beyond:
        return None
    return refusal(
        "SOURCE_NOT_INTEGRATABLE",
        "F-2.4",
        "指标不在整合范围内、未确认，或整合金额超过指标",
        "an indicator is outside the range of integration, not confirmed, or gives more than it has",
        ("核对整合来源", "check the sources"),
        closed=sorted(facts.closed_sources),
        beyond={key: format_yuan(fen) for key, fen in facts.beyond.items()},
    )


def binding_first(short: Mapping[str, Fen]) -> Violation | None:
    """NL21: what an indicator's binding tasks (约束性任务) need is not integrated; `short` by indicator."""
    if not short:
        return None
    return refusal(
        "BINDING_TASKS_FIRST",
        "NL21",
        "整合金额占用了约束性任务所需资金",
        "what is integrated takes from the binding tasks of its indicator",
        ("先保障约束性任务，再统筹整合", "provide for the binding tasks first"),
        field="/sources",
        short={key: format_yuan(fen) for key, fen in short.items()},
    )


def levelled_out(amounts: Collection[Fen]) -> Violation | None:
    """NL21: three projects or more that all get the same look like an even hand-out (平均分配)."""
    if len(amounts) < _EVEN or len(set(amounts)) > 1:
        return None
    return refusal(
        "LEVELLED_OUT",
        "NL21-even",
        f"{len(amounts)} 个项目金额完全相同，疑似平均分配",
        f"all {len(amounts)} projects get the same",
        ("按实际需求安排资金", "give what each project needs"),
        field="/projects",
    )


def integrated_in_library(facts: IntegrationFacts) -> Violation | None:
    """Every project of the plan is in the library (NL18)."""
    outside = {str(project): state for project, state in facts.states.items() if state not in _LIBRARY}
    return not_in_library(outside, "/projects") if outside else None


def below_last_year(scale: Fen, last_year: Fen) -> Violation | None:
    """The planned scale is not below last year's actual (S1: 27.34 against 26.82)."""
    if scale >= last_year:
        return None
    return refusal(
        "SCALE_BELOW_LAST_YEAR",
        "F-2.4-scale",
        f"整合规模 {format_yuan(scale)} 元低于上年实际 {format_yuan(last_year)} 元",
        f"the planned scale is below last year's actual of {format_yuan(last_year)} yuan",
        ("补足整合规模", "integrate more"),
        last_year=format_yuan(last_year),
    )


def outside_matrix(fund: str, category: str, source: str) -> Violation:
    """FW40: coordinated money pays only for what its own fund is meant for (scenario 24)."""
    return refusal(
        "CATEGORY_NOT_ALLOWED",
        "FW40",
        f"该类资金（{fund}）不得用于此类项目（{category}）：渠道不乱、用途不变",
        f"money of {fund} is not meant for a project of {category}",
        (
            "改用其他资金来源；试点县先列入整合方案并备案",
            "use another source, or where money is integrated file a plan",
        ),
        field="/lines",
        fund=fund,
        category=category,
        source=source,
    )


def outside_plan(document_no: str, over: Fen | None) -> Violation:
    """FW39: integrated money goes to the projects of the filed plan, and not beyond what it gives them."""
    beyond = {} if over is None else {"over": format_yuan(over)}
    return refusal(
        "OUTSIDE_INTEGRATION_PLAN",
        "FW39",
        f"已整合的指标 {document_no} 用于备案方案之外，或超过方案金额",
        f"{document_no} is integrated, and the project is not in the filed plan or gets more than it gives",
        ("调整整合方案并重新备案", "change the plan and file it again"),
        field="/lines",
        document_no=document_no,
        **beyond,
    )


def outside_restriction(document_no: str, restricted_to: Collection[int], places: Collection[int]) -> Violation | None:
    """Money that its document restricts to areas or villages stays there (§2.1)."""
    areas = [AreaCode(area) for area in restricted_to]
    outside = [f"{place:012d}" for place in places if not any(area.contains(place) for area in areas)]
    if not areas or (places and not outside):
        return None
    return refusal(
        "INDICATOR_RESTRICTED",
        "F-2.1-area",
        f"指标 {document_no} 限定使用区域，项目不在其内",
        f"{document_no} is restricted to other areas than the project's",
        ("改用其他指标", "use another indicator"),
        field="/lines",
        outside=outside,
    )


def team_money(kind: str, village: int, parts: int, limit: Fen) -> Violation | None:
    """FW47: what a resident team gets; `parts` is fen times parts per million, so no share is rounded away."""
    if parts <= limit * PPM:
        return None
    return refusal(
        "TEAM_MONEY_LIMIT",
        "FW47",
        f"驻村经费超过标准 {format_yuan(limit)} 元，或当年无派驻第一书记",
        f"more than {format_yuan(limit)} yuan for the village, or nobody is posted there in the year",
        ("核对派驻人员和金额", "check who is posted, and the amount"),
        field="/lines",
        kind=kind,
        village=f"{village:012d}",
        limit=format_yuan(limit),
    )
