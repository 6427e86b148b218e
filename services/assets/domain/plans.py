"""Rules of a distribution plan (分配方案, domain-funds-assets §7.9): only money received, within the rule, to the eligible."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from services.assets.domain.income import Part
from shared.kernel.errors import Violation
from shared.kernel.money import PPM, Fen, format_yuan


@dataclass(frozen=True, slots=True)
class PlanPart:
    """One part of a plan with what its rule allows."""

    part: str
    share_ppm: int
    amount: Fen
    min_ppm: int
    max_ppm: int


_LEFT = frozenset({"STRUCK", "REVERSED"})
"""Lines that left their plan."""


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One household line."""

    part: str
    household_id: UUID
    basis: str
    amount: Fen
    status: str

    @property
    def stands(self) -> bool:
        """Whether it still belongs to the plan."""
        return self.status not in _LEFT


@dataclass(frozen=True, slots=True)
class Vote:
    """A decision of the representatives (村民代表会议)."""

    entitled: int
    present: int
    in_favour: int


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan with the money and the people it speaks of; `available` is what its receipts still hold for it."""

    total: Fen
    deductions: Fen
    available: Fen
    parts: Sequence[PlanPart]
    lines: Sequence[PlanLine]
    ineligible: Collection[UUID]
    disputed: Collection[UUID]
    blocked: Mapping[str, Violation]


def within_received(facts: PlanFacts) -> Violation | None:
    """Only money that arrived is distributed; forecasts and accrued rent are not (scenario 79)."""
    needed = facts.total + facts.deductions
    if needed <= facts.available:
        return None
    return _plan(
        "BEYOND_RECEIVED",
        f"分配及扣除共 {format_yuan(needed)} 元，到账可用仅 {format_yuan(facts.available)} 元",
        f"{format_yuan(needed)} yuan are planned, {format_yuan(facts.available)} were received and are free",
        "/total",
        "按已到账收益核减方案",
        "plan no more than was received",
        needed=format_yuan(needed),
        available=format_yuan(facts.available),
    )


def right_undisputed(facts: PlanFacts) -> Violation | None:
    """Nothing is distributed from an asset whose right is disputed (§7.5)."""
    if not facts.disputed:
        return None
    return _plan(
        "RIGHT_DISPUTED",
        "资产权属有争议，暂停收益分配",
        "the right to an asset of the plan is disputed",
        "",
        "争议处理后再分配",
        "settle the dispute first",
        rule="F-7.5",
        assets=[str(asset) for asset in facts.disputed],
    )


def recipients_eligible(facts: PlanFacts) -> Violation | None:
    """AR14: who died, left or was removed gets nothing from the next month on (scenario 81)."""
    if not facts.ineligible:
        return None
    return _plan(
        "RECIPIENT_INELIGIBLE",
        f"{len(facts.ineligible)} 户不再符合分配条件",
        f"{len(facts.ineligible)} households may not receive any more",
        "/lines",
        "剔除该户明细，金额退回收益池",
        "strike their lines; the amounts return to the pool",
        rule="AR14",
        households=[str(household) for household in sorted(facts.ineligible)],
    )


def parts_within_rule(facts: PlanFacts) -> Violation | None:
    """Each part keeps to the range of the rule, and together they are the whole."""
    outside = [part.part for part in facts.parts if not part.min_ppm <= part.share_ppm <= part.max_ppm]
    if sum(part.share_ppm for part in facts.parts) == PPM and not outside:
        return None
    return _plan(
        "PART_OUTSIDE_RULE",
        "各部分占比须在分配规则的范围内，合计 100%",
        "each part keeps to the range of the rule, and they make one whole",
        "/parts",
        "按分配规则调整各部分占比",
        "change the shares to fit the rule",
        outside=outside,
    )


def lines_make_total(facts: PlanFacts) -> Violation | None:
    """The parts make the total; where a part has lines, they make the part."""
    wrong = [
        part.part
        for part in facts.parts
        if (own := [line.amount for line in facts.lines if line.part == part.part and line.stands])
        and sum(own) != part.amount
    ]
    if sum(part.amount for part in facts.parts) == facts.total and not wrong:
        return None
    return _plan(
        "LINES_SUM",
        "分配明细合计与方案总额不符",
        "the lines do not make the total of the plan",
        "/parts",
        "重新编制方案",
        "draft the plan anew",
        wrong=wrong,
    )


def flat_split(lines: Sequence[PlanLine], filing_no: str | None) -> Violation | None:
    """AR15: several households, all lines equal, no basis: only a county filing allows it (scenario 78)."""
    own = [line for line in lines if line.part == Part.HOUSEHOLD and line.stands]
    flat = len(own) > 1 and len({line.amount for line in own}) == 1 and all(line.basis == "none" for line in own)
    if not flat or filing_no:
        return None
    return _plan(
        "FLAT_SPLIT",
        f"{len(own)} 户平均分配且无分配依据",
        f"{len(own)} households get equal amounts on no basis",
        "/lines",
        "按劳动、积分或困难程度差异化分配，或报县级备案",
        "distribute by work, points or difficulty, or file it at the county",
        rule="AR15",
    )


def lines_final(facts: PlanFacts) -> Violation | None:
    """Every line was paid or struck; a failed one is paid again first."""
    open_lines = [line for line in facts.lines if line.stands and line.status != "PAID"]
    if not open_lines:
        return None
    return _plan(
        "LINES_OPEN",
        f"尚有 {len(open_lines)} 条明细未发放",
        f"{len(open_lines)} lines are not paid yet",
        "",
        "登记发放结果，失败的更正后重发",
        "record the payouts; correct and repeat the failed ones",
        open=len(open_lines),
    )


def quorum_and_majority(vote: Vote, quorum: Fraction, majority: Fraction) -> Violation | None:
    """Enough representatives are present, and more than the majority of those present agree."""
    if Fraction(vote.present, vote.entitled) < quorum:
        return _plan(
            "QUORUM",
            f"到会 {vote.present} 人，不足应到 {vote.entitled} 人的 {quorum}",
            f"{vote.present} of {vote.entitled} present, {quorum} is needed",
            "/present",
            "依法重新召开村民代表会议",
            "hold the meeting again",
            rule="F-1.5-2",
        )
    if vote.in_favour <= vote.present * majority:
        return _plan(
            "MAJORITY",
            f"同意 {vote.in_favour} 人，未超过到会 {vote.present} 人的 {majority}",
            f"{vote.in_favour} of {vote.present} in favour, more than {majority} is needed",
            "/in_favour",
            "修改方案后重新表决",
            "change the plan and vote again",
            rule="F-1.5-2",
        )
    return None


def _plan(
    code: str,
    zh: str,
    en: str,
    field: str,
    remedy_zh: str,
    remedy_en: str,
    *,
    rule: str = "F-7.9",
    **facts: object,
) -> Violation:
    return Violation(code, zh, en, rule, field, remedy_zh, remedy_en, facts)
