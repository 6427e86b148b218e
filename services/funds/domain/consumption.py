"""Consumption assistance (消费帮扶, §2.2): not money but a quota; shares are exact fractions."""

from fractions import Fraction

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
