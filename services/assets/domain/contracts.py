"""Rules of operating contracts (经营合同, domain-funds-assets §7.8): who lets what to whom, for how long, for how much."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from services.assets.domain.limits import percent
from services.assets.domain.rent import Instalment, oldest_arrears
from shared.kernel.errors import Violation
from shared.kernel.money import Fen, format_yuan

Mode = Literal["contracting", "lease", "share", "entrusted", "cooperation"]
"""Mode of operation (经营方式): 承包、租赁、入股、委托经营、合作; self-run needs no contract."""

_YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Letting:
    """A term and the quantity of the asset it binds."""

    starts_on: date
    ends_on: date
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """A contract, its asset, and the other contracts in force on the asset."""

    right: str
    holder: tuple[str, int] | None
    lessor: tuple[str, int]
    owner_areas: Collection[int]
    agreed_by: Collection[int]
    letting: Letting
    others: Sequence[Letting]
    asset_quantity: Decimal
    rent_total: Fen
    calendar: Sequence[Instalment]
    today: date
    blocked: Mapping[str, Violation]


def holder_of_operation_right(facts: ContractFacts) -> Violation | None:
    """AR08: the lessor is who holds the operation right (经营权)."""
    if facts.holder == facts.lessor:
        return None
    return _contract(
        "NOT_THE_HOLDER",
        "出租方不是该资产经营权的持有人",
        "the lessor does not hold the operation right of the asset",
        "/lessor_kind",
        "由经营权持有人签订合同",
        "have the holder of the operation right sign",
        rule="AR08",
    )


def owners_agree(facts: ContractFacts) -> Violation | None:
    """For a jointly built asset every owning village agrees."""
    missing = sorted(set(facts.owner_areas) - set(facts.agreed_by))
    if not missing:
        return None
    return _contract(
        "OWNERS_DISAGREE",
        f"尚有 {len(missing)} 个权属单位未同意",
        f"{len(missing)} of the owners have not agreed",
        "/agreed_by",
        "取得全部权属单位的民主决策意见",
        "obtain the decision of every owner",
        missing=[f"{area:012d}" for area in missing],
    )


def no_overlap(facts: ContractFacts) -> Violation | None:
    """At no day is more let than there is (scenario 73)."""
    new = facts.letting
    days = {new.starts_on, *(other.starts_on for other in facts.others)}
    for day in sorted(day for day in days if new.starts_on <= day <= new.ends_on):
        let = sum((other.quantity for other in facts.others if other.starts_on <= day <= other.ends_on), Decimal(0))
        if let + new.quantity > facts.asset_quantity:
            return _contract(
                "LEASE_OVERLAP",
                f"{day} 起已出租 {let:f}，再出租 {new.quantity:f} 将超过资产数量 {facts.asset_quantity:f}",
                f"{let:f} is let on {day}; {new.quantity:f} more exceeds the asset's {facts.asset_quantity:f}",
                "/quantity",
                "核对在租合同，或调整租期和数量",
                "check the contracts in force, or change term or quantity",
                on=day.isoformat(),
                let=str(let),
            )
    return None


def rent_calendar_whole(facts: ContractFacts) -> Violation | None:
    """The rent calendar (租金计划) makes the contract's total, within its term."""
    total = sum(instalment.amount for instalment in facts.calendar)
    if facts.calendar and total == facts.rent_total:
        return None
    return _contract(
        "RENT_CALENDAR_SUM",
        f"租金计划合计 {format_yuan(total)} 元，与合同总额 {format_yuan(facts.rent_total)} 元不符",
        f"the rent calendar makes {format_yuan(total)} yuan, the contract {format_yuan(facts.rent_total)}",
        "/calendar",
        "更正各期金额",
        "correct the instalments",
        calendar=format_yuan(total),
        rent_total=format_yuan(facts.rent_total),
    )


def term_begun(facts: ContractFacts) -> Violation | None:
    """A contract is performed from its first day on."""
    if facts.today >= facts.letting.starts_on:
        return None
    return _contract(
        "TERM_NOT_BEGUN",
        f"合同 {facts.letting.starts_on} 起生效",
        f"the term begins on {facts.letting.starts_on}",
        "",
        "到期后办理",
        "wait until then",
    )


def term_over(facts: ContractFacts) -> Violation | None:
    """A contract ends at term when the term is over."""
    if facts.today > facts.letting.ends_on:
        return None
    return _contract(
        "TERM_NOT_OVER",
        f"合同 {facts.letting.ends_on} 到期",
        f"the term runs until {facts.letting.ends_on}",
        "",
        "到期后办理，或凭终止协议提前终止",
        "wait until then, or end it early with an agreement",
    )


def instalment_overdue(facts: ContractFacts) -> Violation | None:
    """AR06: something is past its day and unpaid."""
    if oldest_arrears(facts.calendar, facts.today) is not None:
        return None
    return _contract("NOTHING_OVERDUE", "没有逾期租金", "no instalment is overdue", "", "无须办理", "nothing to do")


def arrears_paid(facts: ContractFacts) -> Violation | None:
    """Nothing is past its day and unpaid any more."""
    late = oldest_arrears(facts.calendar, facts.today)
    if late is None:
        return None
    return _contract(
        "ARREARS_LEFT",
        f"{late.due_on} 到期的租金尚欠 {format_yuan(late.owed)} 元",
        f"{format_yuan(late.owed)} yuan due on {late.due_on} are unpaid",
        "",
        "缴清欠租后办理",
        "pay the arrears first",
        unpaid=format_yuan(late.owed),
    )


def within_years(starts_on: date, ends_on: date, years: int) -> bool:
    """Whether the term is at most `years` years, first and last day included."""
    limit = (starts_on.year + years, starts_on.month, starts_on.day)
    return (ends_on.year, ends_on.month, ends_on.day) < limit


def term_within_limit(letting: Letting, most: int, usual: int) -> Violation | None:
    """A lease of more than `most` years is void beyond them (民法典第七百零五条); more than `usual` asks for a reason."""
    years = most if not within_years(letting.starts_on, letting.ends_on, most) else usual
    if within_years(letting.starts_on, letting.ends_on, years):
        return None
    return _contract(
        "TERM_TOO_LONG" if years == most else "TERM_LONG",
        f"合同期限超过 {years} 年",
        f"the term is longer than {years} years",
        "/ends_on",
        "缩短合同期限",
        "agree on a shorter term",
        years=years,
    )


def yield_within(rent_total: Fen, letting: Letting, value: Fen, least: Fraction, most: Fraction) -> Violation | None:
    """AR09: the agreed yearly yield on the asset's value is neither too low nor suspiciously high."""
    if value == 0:
        return None
    days = (letting.ends_on - letting.starts_on).days + 1
    found = Fraction(rent_total * _YEAR_DAYS, days * value)
    if least <= found <= most:
        return None
    return _contract(
        "YIELD_UNUSUAL",
        f"约定年收益率 {percent(found)}%，不在 {percent(least)}%–{percent(most)}% 之间",
        f"the agreed yield of {percent(found)} % a year is not between {percent(least)} and {percent(most)} %",
        "/rent_total",
        "说明定价依据",
        "explain how the rent was set",
        rule="AR09",
    )


def _contract(
    code: str,
    zh: str,
    en: str,
    field: str,
    remedy_zh: str,
    remedy_en: str,
    *,
    rule: str = "F-7.8",
    **facts: object,
) -> Violation:
    return Violation(code, zh, en, rule, field, remedy_zh, remedy_en, facts)
