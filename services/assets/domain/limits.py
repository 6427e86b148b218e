"""Limits that are not verified (未核实): a warning until a county adopts them, then they block (architecture §6)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Protocol

from shared.kernel.errors import Violation

TERM = "F-7.8-term"
YIELD = "AR09"
QUORUM = "F-1.5-2"
FLAT = "AR15"
USE = "F-7.5-use"
APPRAISER = "F-7.12-appraiser"
TIER = "F-7.12-tier"
PRICE = "F-7.12-price"


class Weighed(Protocol):
    """Facts that carry the limits which were broken and block in this area."""

    @property
    def blocked(self) -> Mapping[str, Violation]: ...


def stands(limit: str) -> Callable[[Weighed], Violation | None]:
    """The guard that lets a step pass unless `limit` is broken and blocks here."""

    def guard(facts: Weighed) -> Violation | None:
        return facts.blocked.get(limit)

    return guard


def unverified(violation: Violation) -> Violation:
    """The same limit as a warning."""
    return replace(violation, zh=f"未核实：{violation.zh}", en=f"not verified: {violation.en}")


def percent(share: Fraction) -> str:
    """A share as percent with two decimals, half-up, for display only."""
    hundredths = (share.numerator * 20_000 + share.denominator) // (2 * share.denominator)
    whole, part = divmod(hundredths, 100)
    return f"{whole}.{part:02d}"
