"""A library list that was published before it came here (已公布项目库): what its publication has to show (§1.5, §1.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.funds.domain.library import LEVEL_3
from services.funds.domain.negative_list import Verdict
from services.funds.domain.project_content import ProjectContent
from services.funds.domain.refusals import refusal
from shared.kernel.errors import Violation


@dataclass(frozen=True, slots=True)
class Publication:
    """The days of the notice (公示) and of the announcement (公告), as the evidence shows them."""

    hung_from: date
    hung_to: date
    announced_on: date


@dataclass(frozen=True, slots=True)
class PublishedFacts:
    """An entry of a published list: the publication with the last day a county notice begun then runs, the verdicts."""

    content: ProjectContent
    publication: Publication
    runs_until: date
    today: date
    verdicts: Sequence[Verdict]
    accepted: Mapping[str, str]


def publication_proven(facts: PublishedFacts) -> Violation | None:
    """The notice hung its full days, the announcement followed it, and both lie in the past."""
    own = facts.publication
    if facts.runs_until <= own.hung_to <= own.announced_on <= facts.today:
        return None
    return refusal(
        "PUBLICATION_NOT_PROVEN",
        "F-1.5-10",
        f"公示须自 {own.hung_from} 至少挂到 {facts.runs_until}，公告在其后且不晚于今日",
        f"a notice of {own.hung_from} hangs until {facts.runs_until}, and the announcement follows it",
        ("核对公示和公告日期；公示不足的，按程序重新公示", "check the days; what hung too short hangs again"),
        field="/hung_to",
        runs_until=facts.runs_until.isoformat(),
    )


def category_stated(facts: PublishedFacts) -> Violation | None:
    """Which money may pay is asked of the category at level 3, so an entry without it waits as a draft."""
    if len(facts.content.category) == LEVEL_3:
        return None
    return refusal(
        "CATEGORY_LEVEL",
        "F-1.2",
        "项目类别未明确到三级，暂不入库",
        "the category is not stated at level 3",
        ("补充三级类别后入库", "complete the category first"),
        field="/content/category",
        category=facts.content.category,
    )
