"""How much evidence makes a relation: bits confirmed by its figures, less the number of relations that were tried."""

from collections.abc import Iterable, Sequence
from math import comb, log2

from shared.bulletins.matrix import Matrix

ENOUGH = 20.0
"""Net bits: a relation of random figures passes once in a million."""
NEEDED = 8.0
"""Bits by which each single input of a relation must be needed."""
REPEATED = 8.0
"""Bits that a relation is worth which holds in the same form elsewhere in the table."""
_PER_FAILURE = 7.0
_MIN_HOLDING = 3


def failures_allowed(samples: int) -> int:
    """One or few: a relation that fails more often is none."""
    return max(1, samples // 6)


def cost_of_choice(width: int, chosen: int, *, is_run: bool) -> float:
    """Bits for naming `chosen` of `width` variables; neighbours in a row are a much smaller choice."""
    free = log2(comb(width, chosen)) + chosen if width >= chosen else float(chosen)
    return min(free, 2 * log2(max(width, 2)) + 2) if is_run else free


def net(confirmed: float, cost: float, holding: int, failing: int) -> float:
    """Net evidence. A relation with failures must hold in several samples, and each failure has to be paid for."""
    if not holding or (failing and (holding < _MIN_HOLDING or failing > failures_allowed(holding + failing))):
        return float("-inf")
    return confirmed - cost - failing * (_PER_FAILURE + log2(holding + failing))


def told(matrix: Matrix, variable: int, samples: Iterable[int]) -> float:
    """Bits that the figures of a variable tell in these samples."""
    bits = matrix.bits[variable]
    return sum(bits[sample] for sample in samples)


def gain(matrix: Matrix, variable: int, samples: Sequence[int]) -> float:
    """Bits that a variable brings to a relation: zeros and blanks count too, when they could have been otherwise."""
    values = matrix.values[variable]
    counts: dict[int, int] = {}
    for sample in samples:
        counts[values[sample] or 0] = counts.get(values[sample] or 0, 0) + 1
    return sum(count * log2(len(samples) / count) for count in counts.values())
