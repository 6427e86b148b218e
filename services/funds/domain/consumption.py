"""Consumption assistance (消费帮扶, §2.2): not money but a quota; shares are exact fractions."""

from collections.abc import Sequence
from fractions import Fraction
from uuid import UUID

from services.funds.domain.refusals import refusal
from shared.kernel.errors import Violation
from shared.kernel.money import Fen, format_yuan


def reserve_ratio(reserved: Fen, planned: Fen) -> Fraction | None:
    """Reserved share (预留比例) of planned purchases; None where nothing is planned."""
    return Fraction(reserved, planned) if planned else None


def completion(bought: Fen, reserved: Fen) -> Fraction | None:
    """Completion (完成率): bought ÷ reserved; None where nothing is reserved, neither 0 % nor 100 %."""
    return Fraction(bought, reserved) if reserved else None


def reserve_too_small(reserved: Fen, planned: Fen, floor: Fraction) -> Violation | None:
    """The reserved share reaches its floor, tested on the exact fraction."""
    if reserved >= planned * floor:
        return None
    return refusal(
        "RESERVE_BELOW_FLOOR",
        "F-2.2-reserve",
        f"预留份额 {format_yuan(reserved)} 元低于计划采购的 {floor}",
        f"less than {floor} of the planned purchases is reserved",
        ("提高预留份额", "reserve more"),
        field="/reserved",
        floor=str(floor),
    )


def earnings_misfit(earned: Sequence[tuple[UUID, Fen]], households: int, sold: Fen) -> Violation | None:
    """What households earn by a sale: each named once, no more of them than are counted, no more than was sold."""
    if len({household for household, _ in earned}) < len(earned):
        words = ("HOUSEHOLD_TWICE", "同一农户重复填报", "a household is named twice", "每户只填一行", "name each once")
    elif len(earned) > households:
        words = (
            *("HOUSEHOLDS_BEYOND_COUNT", "增收农户多于带动户数", "more households earn than are counted"),
            *("核对带动户数", "check the number of households"),
        )
    elif sum(fen for _, fen in earned) > sold:
        words = (
            *("EARNINGS_BEYOND_SALE", "农户增收合计超过销售额", "households earn more than was sold"),
            *("核对增收金额", "check the amounts"),
        )
    else:
        return None
    code, zh, en, remedy_zh, remedy_en = words
    return refusal(code, "F-2.2", zh, en, (remedy_zh, remedy_en), field="/earnings")
