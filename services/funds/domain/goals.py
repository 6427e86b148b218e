"""Goal tables (绩效目标表): the three levels of indicators, what a table has to hold, and how it is reviewed (§5.1, §5.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Self

from pydantic import Field, model_validator

from services.funds.domain.project_content import Part
from services.funds.domain.refusals import refusal
from shared.contracts.parts import Label, Measured, Ppm
from shared.contracts.wire import unfit
from shared.kernel.errors import Violation
from shared.kernel.money import PPM

_RULE = "F-5.2"


class Block(StrEnum):
    """Level 1 (一级指标) with its name."""

    OUTPUT = "output"
    BENEFIT = "benefit"
    SATISFACTION = "satisfaction"

    @property
    def zh(self) -> str:
        """产出、效益、满意度."""
        return {Block.OUTPUT: "产出", Block.BENEFIT: "效益", Block.SATISFACTION: "满意度"}[self]


class Section(StrEnum):
    """Level 2 (二级指标)."""

    QUANTITY = "quantity"
    QUALITY = "quality"
    TIMELINESS = "timeliness"
    COST = "cost"
    ECONOMIC = "economic"
    SOCIAL = "social"
    ECOLOGICAL = "ecological"
    SUSTAINABLE = "sustainable"
    SATISFACTION = "satisfaction"

    @property
    def block(self) -> Block:
        """The level above."""
        return _BLOCKS[self]


_OUTPUT = {Section.QUANTITY: "数量", Section.QUALITY: "质量", Section.TIMELINESS: "时效", Section.COST: "成本"}
_BLOCKS: Mapping[Section, Block] = {
    section: Block.OUTPUT
    if section in _OUTPUT
    else Block.SATISFACTION
    if section is Section.SATISFACTION
    else Block.BENEFIT
    for section in Section
}


class Direction(StrEnum):
    """Which way an indicator is good: ≥, ≤, =, or a judgement (定性)."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EQUAL = "equal"
    QUALITATIVE = "qualitative"


class CurvePoint(Part):
    """By the end of `on` this share of the whole is planned."""

    on: date
    share_ppm: Ppm


Curve = Annotated[tuple[CurvePoint, ...], Field(max_length=24)]


class GoalItem(Part):
    """One indicator (三级指标) with its target and weight in points; a qualitative one has words instead of a target.

    `accrues` tells a figure that grows over the year (千米, 人次) from one that holds at any time (合格率).
    """

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,19}$", examples=["C11"])]
    name: Label
    section: Section
    direction: Direction
    target: Measured | None = None
    wording: Annotated[str, Field(max_length=500)] = ""
    unit: Annotated[str, Field(max_length=20)] = ""
    weight: Annotated[str, Field(pattern=r"^\d{1,2}(\.\d{1,2})?$", examples=["10"])]
    data_source: Label
    verification: Label
    is_core: bool = False
    accrues: bool = True
    curve: Curve = ()

    @property
    def points(self) -> Fraction:
        """The weight as points of 100."""
        return Fraction(self.weight)

    @property
    def aim(self) -> Fraction:
        """The target of an indicator that is measured."""
        assert self.target is not None, "a qualitative indicator has no figure"
        return Fraction(self.target)

    @model_validator(mode="after")
    def _told(self) -> Self:
        if (self.direction is Direction.QUALITATIVE) is (self.target is not None) or not (self.target or self.wording):
            zh, en = "定量指标须有目标值，定性指标须有文字", "a measured goal has a target, a qualitative one has words"
            raise unfit("goal_target", "target", zh, en)
        return self


class GoalContent(Part):
    """A goal table; `money_curve` plans the payments, without one they are planned evenly over the days."""

    starts_on: date
    ends_on: date
    items: Annotated[tuple[GoalItem, ...], Field(min_length=1, max_length=100)]
    money_curve: Curve = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on <= self.starts_on:
            raise unfit("goal_period", "ends_on", "终止日须晚于起始日", "the period ends before it begins")
        if len({item.code for item in self.items}) < len(self.items):
            raise unfit("goal_codes", "items", "指标代码重复", "a code stands twice")
        places = [f"items/{n}/curve" for n in range(len(self.items))]
        curves = (self.money_curve, *(item.curve for item in self.items))
        for place, curve in zip(("money_curve", *places), curves, strict=True):
            days, shares = [point.on for point in curve], [point.share_ppm for point in curve]
            outside = any(not self.starts_on < day <= self.ends_on for day in days)
            if outside or days != sorted(set(days)) or shares != sorted(shares) or (shares and shares[-1] != PPM):
                zh, en = "计划曲线须逐日递增，并以全部收尾", "a curve rises day by day and ends with the whole"
                raise unfit("goal_curve", place, zh, en)
        return self


@dataclass(frozen=True, slots=True)
class DeclarationFacts:
    """A table about to be declared, and the points that each level has in this area."""

    content: GoalContent
    points: Mapping[Block, Fraction]


def minimum_set(facts: DeclarationFacts) -> Violation | None:
    """At least one indicator of quantity, quality, timeliness, cost, of benefit and of satisfaction (inferred)."""
    sections = {item.section for item in facts.content.items}
    blocks = {section.block for section in sections}
    missing = [zh for section, zh in _OUTPUT.items() if section not in sections]
    missing += [block.zh for block in (Block.BENEFIT, Block.SATISFACTION) if block not in blocks]
    if not missing:
        return None
    return refusal(
        "GOALS_INCOMPLETE",
        _RULE,
        f"绩效指标不完整，缺少：{'、'.join(missing)}",
        f"{len(missing)} kinds of goals are missing",
        ("补齐各类指标", "add an indicator of each kind"),
        field="/items",
        missing=missing,
    )


def weights_complete(facts: DeclarationFacts) -> Violation | None:
    """The weights of each level make its points exactly; execution of the budget has the rest (§5.5)."""
    sums = {
        block: sum((item.points for item in facts.content.items if item.section.block is block), Fraction())
        for block in Block
    }
    wrong = {block.zh: f"{sums[block]}/{facts.points[block]}" for block in Block if sums[block] != facts.points[block]}
    if not wrong:
        return None
    return refusal(
        "GOAL_WEIGHTS",
        "F-5.5",
        f"指标权重合计不符：{wrong}",
        f"the weights do not make the points of their level: {wrong}",
        ("调整各项权重", "change the weights"),
        field="/items",
        sums=wrong,
    )


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What a reviewer found: 完整性、相关性、适当性、可行性."""

    aspects: Mapping[str, bool]


_ASPECTS = {"completeness": "完整性", "relevance": "相关性", "suitability": "适当性", "feasibility": "可行性"}


def review_passed(facts: ReviewFacts) -> Violation | None:
    """A table passes with all four aspects; any other verdict sends it back."""
    failed = [_ASPECTS[name] for name, met in facts.aspects.items() if not met]
    if not failed:
        return None
    return refusal(
        "REVIEW_NOT_PASSED",
        _RULE,
        f"审核未通过：{'、'.join(failed)}",
        f"{len(failed)} aspects were not met",
        ("退回修改", "send it back"),
        field="/form",
    )


def review_failed(facts: ReviewFacts) -> Violation | None:
    """Who sends a table back says which aspect it lacks."""
    if not all(facts.aspects.values()):
        return None
    return refusal(
        "REVIEW_WITHOUT_FAULT",
        _RULE,
        "退回须指明未达到的方面",
        "say which aspect is not met",
        ("在审核表中勾选", "mark it in the review form"),
        field="/form",
    )


class Mark(StrEnum):
    """The four synchronous acts (四同步): 申报、审核、批复、公开."""

    DECLARED = "declared"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    PUBLISHED = "published"

    @property
    def zh(self) -> str:
        """As papers say it."""
        return dict(zip(Mark, ("申报", "审核", "批复", "公开"), strict=True))[self]


BEFORE_PLAN = (Mark.DECLARED, Mark.REVIEWED)
"""What a project brings when it is proposed for the plan; the plan's approval is the third mark."""


def marks_missing(missing: Mapping[str, Sequence[Mark]], field: str) -> Violation | None:
    """F-5.1: a budget line is invalid until its marks are there; project id → the marks that it lacks."""
    lacking = {project: [mark.zh for mark in marks] for project, marks in missing.items() if marks}
    if not lacking:
        return None
    return refusal(
        "GOAL_MARKS_MISSING",
        "F-5.1",
        f"{len(lacking)} 个项目的绩效目标未完成规定环节，预算安排无效",
        f"{len(lacking)} project(s) lack marks of their goals, so their lines are not valid",
        ("先办理绩效目标申报、审核、批复、公开", "declare, review, approve and publish the goals first"),
        field=field,
        missing=lacking,
    )


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """Whether the budget that the goals belong to was approved: the plan that lists the project, or the indicator."""

    budget_approved: bool


def approved_with_budget(facts: ApprovalFacts) -> Violation | None:
    """Goals are approved with the budget, not before it and not without one (§5.1)."""
    if facts.budget_approved:
        return None
    return refusal(
        "BUDGET_NOT_APPROVED",
        "F-5.1",
        "相应年度计划或指标尚未批准，绩效目标不得单独批复",
        "the plan or indicator is not approved, its goals cannot be",
        ("与预算同步批复", "approve them with the budget"),
        field="/form/plan_id",
    )
