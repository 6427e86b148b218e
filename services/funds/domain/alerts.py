"""Rules of alert handling (预警处置, §4.3): who may act, plans in time, one extension, and the rates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from services.funds.domain.refusals import refusal
from shared.kernel.errors import Violation


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What the guards judge. `latest` is the last day a rectification may take, `until` what the plan says."""

    owner_zh: str
    acts_for_owner: bool
    is_higher_level: bool
    extended_on: date | None
    until: date | None
    latest: date | None


def is_owner(facts: AlertFacts) -> Violation | None:
    """Only the desk that the rule names handles its alerts."""
    if facts.acts_for_owner:
        return None
    return refusal(
        "NOT_OWNER",
        "F-4.3",
        f"该预警由{facts.owner_zh}处置",
        "this alert belongs to another desk",
        ("请由责任岗位办理", "have the desk in charge do it"),
    )


def plan_in_time(facts: AlertFacts) -> Violation | None:
    """The plan ends within the rectification period."""
    if facts.until is None or facts.latest is None or facts.until <= facts.latest:
        return None
    return refusal(
        "PLAN_TOO_LATE",
        "F-4.3",
        f"整改期限不得晚于 {facts.latest}",
        f"the rectification has to end by {facts.latest}",
        ("提前整改期限；确需延期由上一级批准", "end it earlier; the next level may extend once"),
        field="/form/until",
        latest=facts.latest.isoformat(),
    )


def by_next_level(facts: AlertFacts) -> Violation | None:
    """The level that owns the alert does not extend it for itself."""
    if facts.is_higher_level:
        return None
    return refusal(
        "NEXT_LEVEL_REQUIRED",
        "F-4.3",
        "延期须由上一级批准",
        "an extension is for the next level to give",
        ("报市级或省级批准", "ask the city or the province"),
    )


def not_extended_before(facts: AlertFacts) -> Violation | None:
    """Once only."""
    if facts.extended_on is None:
        return None
    return refusal(
        "EXTENDED_BEFORE",
        "F-4.3",
        f"该预警已于 {facts.extended_on} 延期一次",
        f"it was extended on {facts.extended_on} already",
        ("按现有期限完成整改", "rectify within the present period"),
    )


@dataclass(frozen=True, slots=True)
class Handled:
    """Counts of alerts up to a day: due by it, of those handled and handled in time; raised, reopened, ended."""

    due: int
    handled: int
    on_time: int
    ended: int
    explained: int
    raised: int
    reopened: int
    seconds: int


def rates(counts: Handled) -> Mapping[str, Fraction | None]:
    """Exact rates; None where nothing is counted: blank (—), never 0 % or 100 % (scenario 65)."""
    return {
        "handled_rate": _share(counts.handled, counts.due),
        "on_time_rate": _share(counts.on_time, counts.due),
        "explained_share": _share(counts.explained, counts.ended),
        "reopen_rate": _share(counts.reopened, counts.raised),
        "average_hours": _share(counts.seconds, counts.ended * 3600),
    }


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None
