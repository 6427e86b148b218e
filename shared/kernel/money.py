"""Money (金额) is an integer number of fen (分); text in yuan (元) or ten thousand yuan (万元) exists only at the edges."""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

Fen: TypeAlias = int

PPM = 1_000_000
"""One whole in parts per million, the unit of source and owner shares."""

_FEN_PER_YUAN = 100
_FEN_PER_WAN = 1_000_000
_LONGEST = 15
_DECIMAL = re.compile(rf"(?P<sign>-?)(?P<whole>\d{{1,{_LONGEST}}})(?:\.(?P<part>\d+))?\Z", re.ASCII)


def _parse(text: str, places: int) -> int:
    whole, _, part = text.partition(".")
    digits = whole + part
    if len(part) == places and 0 < len(whole) <= _LONGEST and digits.isascii() and digits.isdigit():
        return int(digits)  # as nearly all amounts of a large file are written
    match = _DECIMAL.fullmatch(text.strip().replace(",", ""))
    if match is None:
        message = f"not a decimal amount: {text!r}"
        raise ValueError(message)
    part = match["part"] or ""
    if len(part.rstrip("0")) > places:
        message = f"more than {places} decimals: {text!r}"
        raise ValueError(message)
    value = int(match["whole"] + part[:places].ljust(places, "0"))
    return -value if match["sign"] else value


def _format(fen: Fen, places: int) -> str:
    whole, part = divmod(abs(fen), 10**places)
    return f"{'-' if fen < 0 else ''}{whole}.{part:0{places}d}"


def parse_yuan(text: str) -> Fen:
    """Fen of a decimal text in yuan, at most two decimals; raises ValueError."""
    return _parse(text, 2)


def parse_wan(text: str) -> Fen:
    """Fen of a decimal text in ten thousand yuan, at most six decimals (= 1 fen); raises ValueError."""
    return _parse(text, 6)


def format_yuan(fen: Fen) -> str:
    """Yuan with exactly two decimals, the form of money on the wire."""
    return _format(fen, 2)


def format_wan(fen: Fen) -> str:
    """Ten thousand yuan without trailing zeros, the form of official tables."""
    return _format(fen, 6).rstrip("0").rstrip(".")


def at_most(amount: Fen, share: Fraction) -> Fen:
    """The largest whole fen within the ceiling `amount × share`: ceilings round down."""
    return (amount * share.numerator) // share.denominator


def split(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in proportion to `weights` by largest remainder (最大余数法); ties go to the earlier weight.

    Serves fen as well as ppm. Raises ValueError for a negative total or weight, or when all weights are zero.
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        message = "a split needs a total >= 0 and weights >= 0 with a positive sum"
        raise ValueError(message)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def split_remaining(amount: Fen, balances: Sequence[Fen]) -> list[Fen]:
    """`amount` over sources in proportion to what each still holds (domain-funds-assets §3.8).

    Never overdraws a source, and the last payment empties all of them. Raises ValueError when there is too little.
    """
    if amount > sum(balances):
        message = "more than the remaining balances hold"
        raise ValueError(message)
    return [0] * len(balances) if amount == 0 else split(amount, balances)
