"""Annual plans (年度计划): what may be listed, how much, and the sums a published plan shows (domain-funds-assets §1.5, §1.7)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, TypeVar
from uuid import UUID

from services.funds.domain.limits import percent, stands
from services.funds.domain.project_delivery import Source
from services.funds.domain.refusals import not_in_library, refusal
from shared.kernel.errors import Violation
from shared.kernel.money import PPM, Fen, format_yuan

K = TypeVar("K")

LISTABLE = frozenset({"IN_LIBRARY", "PLANNED", "FUNDED", "IMPLEMENTING"})
"""States in which a project may stand in a plan: in the library, and not finished; later batches may add to it."""

MANAGEMENT_FEE = "07"
"""Level-1 code of the management fee (项目管理费)."""


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """The states of the listed projects, what the year plans by source, and what its indicators gave."""

    states: Mapping[UUID, str]
    planned: Mapping[Source, Fen]
    received: Mapping[Source, Fen]
    blocked: Mapping[str, Violation] = field(default_factory=dict)


def lines_in_library(facts: PlanFacts) -> Violation | None:
    """Only projects of the library are listed (§1.8, scenario 5); a plan without lines is none."""
    outside = {str(project): state for project, state in facts.states.items() if state not in LISTABLE}
    if outside:
        return not_in_library(outside, "/lines")
    if facts.states:
        return None
    return refusal(
        "PLAN_EMPTY",
        "F-1.5-11",
        "计划中没有项目",
        "the plan lists no project",
        ("先列入项目", "add projects first"),
        field="/lines",
    )


def within_indicators(facts: PlanFacts) -> Violation | None:
    """What the year's plans take of a source is at most what the confirmed indicators brought (step 11)."""
    short = {
        f"{source.level}/{source.category}": format_yuan(amount - facts.received.get(source, 0))
        for source, amount in facts.planned.items()
        if amount > facts.received.get(source, 0)
    }
    if not short:
        return None
    return refusal(
        "PLAN_BEYOND_INDICATORS",
        "F-1.5-11",
        "计划安排超过已下达指标",
        "the plan takes more than the indicators brought",
        ("核减计划，或待指标下达", "plan less, or wait for the indicator"),
        field="/lines",
        short=short,
    )


industry_share_reached = stands("FW23")
fee_cap_kept = stands("NL16")
nonpoor_village_cap_kept = stands("NL17")
goals_reviewed = stands("F-5.1")


class PlannedLine(NamedTuple):
    """One amount of a plan: project, its category, the source, and how the rules count it."""

    project_id: UUID
    category: str
    source: Source
    fen: Fen
    is_industry: bool
    other_villages_ppm: int


def by_source(lines: Iterable[PlannedLine]) -> dict[Source, Fen]:
    """Sums by source."""
    return _sums((line.source, line.fen) for line in lines)


def in_other_villages(lines: Iterable[PlannedLine]) -> Fraction:
    """What goes to villages that were never poor, exactly (NL17)."""
    return sum((Fraction(line.fen * line.other_villages_ppm, PPM) for line in lines), Fraction(0))


def fees_by_level(lines: Iterable[PlannedLine]) -> dict[str, Fen]:
    """Management fees by level of the source (NL16)."""
    return _sums((line.source.level, line.fen) for line in lines if line.category.startswith(MANAGEMENT_FEE))


class ClassLabel(NamedTuple):
    """The words of a county's own table for a category: 大类 and 小类, the latter may be empty."""

    large: str
    small: str


@dataclass(frozen=True, slots=True)
class ClassSum:
    """One class of the plan's table: how many projects, how much, and its share of the whole for display."""

    label: ClassLabel
    projects: int
    fen: Fen
    percent: str


@dataclass(frozen=True, slots=True)
class PlanSums:
    """The sums of one plan; shares are exact, percents half-up with two decimals."""

    total: Fen
    projects: int
    large: Sequence[ClassSum]
    small: Sequence[ClassSum]
    levels: Mapping[str, Fen]
    industry: Fen
    industry_share: Fraction


def share(part: Fen, whole: Fen) -> Fraction:
    """A part of the whole, exactly; nothing of nothing is nothing."""
    return Fraction(part, whole) if whole else Fraction(0)


def label_of(category: str, labels: Mapping[str, ClassLabel]) -> ClassLabel:
    """The label of the longest mapped prefix of `category`; the code itself when nothing is mapped."""
    for length in range(len(category), 0, -1):
        if found := labels.get(category[:length]):
            return found
    return ClassLabel(category, "")


def sums(lines: Sequence[PlannedLine], labels: Mapping[str, ClassLabel]) -> PlanSums:
    """The sums of a plan by the county's classes, by level of money, and of industry (Datong 2023 reproduces)."""
    total = sum(line.fen for line in lines)
    industry = sum(line.fen for line in lines if line.is_industry)
    named = [(label_of(line.category, labels), line) for line in lines]
    return PlanSums(
        total=total,
        projects=len({line.project_id for line in lines}),
        large=_classes(((ClassLabel(label.large, ""), line) for label, line in named), total),
        small=_classes(((label, line) for label, line in named if label.small), total),
        levels=_sums((line.source.level, line.fen) for line in lines),
        industry=industry,
        industry_share=share(industry, total),
    )


def _classes(named: Iterable[tuple[ClassLabel, PlannedLine]], total: Fen) -> list[ClassSum]:
    groups: dict[ClassLabel, list[PlannedLine]] = {}
    for label, line in named:
        groups.setdefault(label, []).append(line)
    found = [
        ClassSum(
            label,
            len({line.project_id for line in lines}),
            fen := sum(line.fen for line in lines),
            percent(share(fen, total)),
        )
        for label, lines in groups.items()
    ]
    return sorted(found, key=lambda each: (-each.fen, each.label))


def _sums(pairs: Iterable[tuple[K, Fen]]) -> dict[K, Fen]:
    found: dict[K, Fen] = {}
    for key, fen in pairs:
        found[key] = found.get(key, 0) + fen
    return found
