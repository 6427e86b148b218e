"""Recoveries of idle money (资金收回, §3.6): what may be taken, and where it goes."""

from dataclasses import dataclass
from enum import StrEnum

from services.funds.domain.postings import QUOTA, SURPLUS, UNALLOCATED
from services.funds.domain.refusals import refusal
from shared.kernel.errors import Violation


class Destination(StrEnum):
    """Used again in the county (统筹再用), or returned to the upper level (上缴)."""

    REUSE = "reuse"
    RETURN = "return"


TAKEN_FROM = {
    Destination.REUSE: (QUOTA, SURPLUS),
    Destination.RETURN: (UNALLOCATED, QUOTA, SURPLUS),
}
"""Nothing that is promised to a contract or under way is recovered; reserved retention is not idle."""


@dataclass(frozen=True, slots=True)
class RecoveryFacts:
    """What the recovery is for."""

    kind: Destination


def meant_for_reuse(facts: RecoveryFacts) -> Violation | None:
    """What was proposed for reuse is not returned, and the other way round."""
    return _meant(facts, Destination.REUSE)


def meant_for_return(facts: RecoveryFacts) -> Violation | None:
    """As meant_for_reuse."""
    return _meant(facts, Destination.RETURN)


def _meant(facts: RecoveryFacts, kind: Destination) -> Violation | None:
    if facts.kind is kind:
        return None
    return refusal(
        "RECOVERY_KIND",
        "F-3.6",
        "与收回意见的去向不一致",
        f"it was proposed for {facts.kind.value}",
        ("按提出的去向办理，或作废后重新提出", "decide as proposed, or cancel and propose anew"),
        kind=facts.kind.value,
    )
