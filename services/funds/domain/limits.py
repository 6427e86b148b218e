"""Limits (限额, LM…, NL…, FW…): pure arithmetic that ends in a violation or in nothing, and who may only warn.

A limit that is not verified speaks as a warning labelled 未核实 until a county adopts it (architecture §6).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Protocol

from shared.kernel.errors import Violation
from shared.kernel.money import Fen, at_most, format_yuan


class Weighed(Protocol):
    """Facts that carry the limits which were broken and block in this area."""

    @property
    def blocked(self) -> Mapping[str, Violation]: ...


def stands(rule: str) -> Callable[[Weighed], Violation | None]:
    """The guard that lets a step pass unless limit `rule` is broken and blocks here."""

    def guard(facts: Weighed) -> Violation | None:
        return facts.blocked.get(rule)

    return guard


def unverified(violation: Violation) -> Violation:
    """The same limit as a warning."""
    return replace(violation, zh=f"未核实：{violation.zh}", en=f"not verified: {violation.en}")


def percent(share: Fraction, decimals: int = 2) -> str:
    """A share as percent, half-up, for display only; rules are tested on the fraction (§0.2-3)."""
    scale = 10**decimals
    hundredths = (share.numerator * 100 * scale * 2 + share.denominator) // (2 * share.denominator)
    whole, part = divmod(hundredths, scale)
    return f"{whole}.{part:0{decimals}d}" if decimals else str(whole)


def insufficient(asked: Fen, available: Fen, *, document_no: str, field: str = "") -> Violation | None:
    """LM01: what is allocated of an indicator is at most what it has unallocated."""
    if asked <= available:
        return None
    return Violation(
        "INSUFFICIENT",
        f"指标{document_no}待分配余额不足：可用 {format_yuan(available)} 元，需要 {format_yuan(asked)} 元",
        f"{document_no}: {format_yuan(available)} yuan unallocated, {format_yuan(asked)} yuan asked",
        rule="LM01",
        field=field,
        remedy_zh="核减分配金额，或改用其他指标",
        remedy_en="allocate less, or use another indicator",
        facts={"available": format_yuan(available), "asked": format_yuan(asked), "document_no": document_no},
    )


def industry_share(industry: Fen, total: Fen, least: Fraction) -> Violation | None:
    """FW23: the industry share of linkage money reaches its floor, tested on exact fractions (§0.3, scenario 10)."""
    if total == 0 or Fraction(industry, total) >= least:
        return None
    share = Fraction(industry, total)
    return Violation(
        "INDUSTRY_SHARE",
        f"产业占比 {percent(share)}% 未达到 {percent(least)}%（差 {format_yuan(_missing(industry, total, least))} 元）",
        f"the industry share {percent(share)} % does not reach {percent(least)} %",
        rule="FW23",
        remedy_zh="增加产业项目资金后重新提出计划",
        remedy_en="plan more money for industry projects",
        facts={"industry": format_yuan(industry), "total": format_yuan(total), "least": str(least)},
    )


def _missing(industry: Fen, total: Fen, least: Fraction) -> Fen:
    """How many fen of the total industry lacks; a floor rounds up."""
    wanted = total * least
    return -(-wanted.numerator // wanted.denominator) - industry


def management_fee(fee: Fen, received: Fen, cap: Fraction, level: str) -> Violation | None:
    """NL16: fee lines of a fiscal year and source stay within floor(cap × what that source gave) (scenario 8)."""
    limit = at_most(received, cap)
    if fee <= limit:
        return None
    return Violation(
        "MANAGEMENT_FEE_CAP",
        f"项目管理费 {format_yuan(fee)} 元超过上限 {format_yuan(limit)} 元（{level}，年度指标的 {percent(cap)}%）",
        f"management fee {format_yuan(fee)} yuan is more than {format_yuan(limit)} ({percent(cap)} % of {level} money)",
        rule="NL16",
        remedy_zh="核减项目管理费",
        remedy_en="plan less for management fees",
        facts={"fee": format_yuan(fee), "limit": format_yuan(limit), "level": level},
    )


def other_villages(amount: Fraction, total: Fen, cap: Fraction) -> Violation | None:
    """NL17: villages that were never poor get at most `cap` of the plan (scenario 9)."""
    if amount <= total * cap:
        return None
    return Violation(
        "NONPOOR_VILLAGE_CAP",
        f"非脱贫村安排资金超过计划总额的 {percent(cap)}%",
        f"villages that were never poor get more than {percent(cap)} % of the plan",
        rule="NL17",
        remedy_zh="调整项目地点或金额",
        remedy_en="change places or amounts",
        facts={"amount_fen": str(amount), "total": format_yuan(total), "cap": str(cap)},
    )


def quorum_and_majority(
    entitled: int,
    present: int,
    in_favour: int,
    quorum: Fraction,
    majority: Fraction,
) -> Violation | None:
    """Enough of the entitled are present, and more than the majority of those present agree (scenarios 1, 2)."""
    if Fraction(present, entitled) < quorum:
        return _meeting(
            "QUORUM",
            f"到会 {present} 人，不足应到 {entitled} 人的 {quorum}",
            f"{present} of {entitled} present, {quorum} is needed",
            "/form/present",
        )
    if in_favour <= present * majority:
        return _meeting(
            "MAJORITY",
            f"同意 {in_favour} 人，未超过到会 {present} 人的 {majority}",
            f"{in_favour} of {present} in favour, more than {majority} is needed",
            "/form/in_favour",
        )
    return None


def _meeting(code: str, zh: str, en: str, field: str) -> Violation:
    return Violation(
        code,
        zh,
        en,
        rule="F-1.5-2",
        field=field,
        remedy_zh="依法重新召开村民代表会议",
        remedy_en="hold the meeting of representatives again",
    )
