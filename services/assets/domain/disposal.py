"""Rules of disposal (资产处置, domain-funds-assets §7.12): free of contracts and disputes, appraised, approved by tier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from shared.kernel.errors import Violation
from shared.kernel.money import Fen, format_yuan, split
from shared.kernel.roles import Role

Ground = Literal[
    "disaster",
    "planning",
    "end_of_life",
    "poor_benefit",
    "equity_ended",
    "covered_by_project",
    "other",
]
Way = Literal[
    "auction", "transfer", "change_of_production", "stop", "damage_report", "scrapping", "donation", "exchange"
]

_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class DisposalFacts:
    """A disposal, its asset, and what the step's form says."""

    right: str
    live_contracts: int
    is_pledged: bool
    appraised_on: date | None
    today: date
    report_months: int
    proceeds_fen: Fen | None
    shares: Sequence[Fen]
    blocked: Mapping[str, Violation]


def no_active_contract(facts: DisposalFacts) -> Violation | None:
    """An asset under contract is not disposed of (scenario 83)."""
    if facts.live_contracts == 0:
        return None
    return _disposal(
        "ACTIVE_CONTRACT",
        f"资产尚有 {facts.live_contracts} 份履行中的合同",
        f"{facts.live_contracts} contracts on the asset are in force",
        "先终止合同",
        "end the contracts first",
    )


def no_open_dispute(facts: DisposalFacts) -> Violation | None:
    """Nor one whose right is disputed."""
    if facts.right != "DISPUTED":
        return None
    return _disposal(
        "RIGHT_DISPUTED",
        "资产权属有争议",
        "the right to the asset is disputed",
        "先处理争议",
        "settle the dispute first",
    )


def not_pledged(facts: DisposalFacts) -> Violation | None:
    """Nor a pledged one (AR11)."""
    if not facts.is_pledged:
        return None
    return _disposal("PLEDGED", "资产已抵押", "the asset is pledged", "先解除抵押", "lift the pledge first")


def appraisal_recent(facts: DisposalFacts) -> Violation | None:
    """The appraisal report is no older than its months."""
    on, today = facts.appraised_on, facts.today
    if on is not None and on <= today <= _months_later(on, facts.report_months):
        return None
    return _disposal(
        "APPRAISAL_OLD",
        f"评估报告须在 {facts.report_months} 个月以内",
        f"the appraisal report must be no older than {facts.report_months} months",
        "重新评估",
        "have it appraised again",
        field="/appraised_on",
    )


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    month = day.year * _MONTHS_A_YEAR + day.month - 1 + months
    year, month = divmod(month, _MONTHS_A_YEAR)
    for number in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise ValueError(day)


def appraiser_needed(value: Fen, is_licensed: bool, floor: Fen) -> Violation | None:  # noqa: FBT001  a fact, no switch
    """From `floor` on, the appraiser is licensed."""
    if is_licensed or value < floor:
        return None
    return _disposal(
        "APPRAISER_NOT_LICENSED",
        f"价值 {format_yuan(floor)} 元以上的资产须由具备资质的机构评估",
        f"assets of {format_yuan(floor)} yuan and more are appraised by a licensed appraiser",
        "委托具备资质的机构评估",
        "have a licensed appraiser value it",
        field="/is_licensed",
    )


def within_tier(value: Fen, role: Role | None, township_below: Fen) -> Violation | None:
    """Below `township_below` the township approves, from there on the county."""
    if value < township_below or role is not Role.TOWNSHIP_LEADER:
        return None
    return _disposal(
        "APPROVAL_TIER",
        f"评估价值 {format_yuan(township_below)} 元以上的处置须由县级审批",
        f"disposals of {format_yuan(township_below)} yuan and more are approved by the county",
        "报县级主管部门审批",
        "send it to the county for approval",
    )


def price_floor(price: Fen, appraised: Fen, least: Fraction) -> Violation | None:
    """AR17: a deal below `least` of the appraised value needs a new approval (scenario 83)."""
    if price >= appraised * least:
        return None
    return _disposal(
        "PRICE_BELOW_FLOOR",
        f"成交价 {format_yuan(price)} 元低于评估价的 {least}",
        f"the price of {format_yuan(price)} yuan is below {least} of the appraised value",
        "重新报批",
        "ask for a new approval",
        field="/proceeds",
        rule="AR17",
    )


def owners_proceeds(proceeds: Fen, shares_ppm: Sequence[int]) -> list[Fen]:
    """The proceeds by owner share, never by source share (scenario 84)."""
    return split(proceeds, shares_ppm)


def proceeds_split_by_owner(facts: DisposalFacts) -> Violation | None:
    """What the owners get makes the proceeds."""
    if facts.proceeds_fen is not None and sum(facts.shares) == facts.proceeds_fen:
        return None
    return _disposal(
        "PROCEEDS_NOT_SPLIT",
        "处置收益须按权属份额分配",
        "the proceeds are divided by owner share",
        "核对权属份额",
        "check the owner shares",
        field="/proceeds",
    )


def _disposal(
    code: str,
    zh: str,
    en: str,
    remedy_zh: str,
    remedy_en: str,
    *,
    field: str = "",
    rule: str = "F-7.12",
) -> Violation:
    return Violation(code, zh, en, rule, field, remedy_zh, remedy_en)
