"""When a changed entry must hang again, and from which level on (domain-funds-assets §1.5 r, §1.6, scenario 6).

Always compared with what hung, not with the last version, so that many small changes do not add up unseen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from services.funds.domain.adjustment import ALWAYS, Window
from services.funds.domain.project_content import ProjectContent
from shared.kernel.errors import Violation


class Level(StrEnum):
    """Whose notice a field belongs to, from the lowest desk up."""

    VILLAGE = "village"
    TOWNSHIP = "township"
    COUNTY = "county"


_VILLAGE_FIELDS = ("name", "category", "places", "content", "quantities", "benefit")
_ZH = {Level.VILLAGE: "村级", Level.TOWNSHIP: "乡镇", Level.COUNTY: "县级"}


@dataclass(frozen=True, slots=True)
class Changes:
    """An entry as it would be, what hung at each level (nothing where none did), and the tolerated change of amount.

    With `may_complete` a field that hung empty may be filled in: of a list published elsewhere, or an urgent entry.
    """

    new: ProjectContent
    hung: Mapping[Level, ProjectContent | None]
    tolerance: Fraction
    window: Window = ALWAYS
    may_complete: bool = False


def changed_fields(old: ProjectContent, new: ProjectContent) -> tuple[str, ...]:
    """Names of the fields that differ."""
    return tuple(name for name in ProjectContent.model_fields if getattr(old, name) != getattr(new, name))


def lowest_level(changes: Changes) -> Level | None:
    """The level from which the entry must hang again; None when all notices stand."""
    return next((level for level in Level if not _stands(changes, level)), None)


def _stands(changes: Changes, level: Level) -> bool:
    hung, new = changes.hung.get(level), changes.new
    if hung is None:
        return False
    match level:
        case Level.VILLAGE:
            changed = [name for name in _VILLAGE_FIELDS if getattr(hung, name) != getattr(new, name)]
            return all(changes.may_complete and _hung_empty(hung, name) for name in changed)
        case Level.TOWNSHIP:
            return abs(new.total - hung.total) <= hung.total * changes.tolerance
        case Level.COUNTY:
            return _sources_stand(hung, new, changes.tolerance)


def _hung_empty(hung: ProjectContent, name: str) -> bool:
    return (name == "quantities" and not hung.quantities) or (name == "benefit" and not hung.benefit.households)


def _sources_stand(hung: ProjectContent, new: ProjectContent, tolerance: Fraction) -> bool:
    """The same sources, and none moved by more than the tolerated part of the whole."""
    before, after = _by_source(hung), _by_source(new)
    return before.keys() == after.keys() and all(
        abs(after[source] - before[source]) <= hung.total * tolerance for source in before
    )


def _by_source(content: ProjectContent) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for line in content.funding:
        key = line.level, line.category
        sums[key] = sums.get(key, 0) + line.amount
    return sums


def _needed(changes: Changes, up_to: Level) -> Violation | None:
    level = lowest_level(changes)
    if level is None or list(Level).index(level) > list(Level).index(up_to):
        return None
    return Violation(
        "REPUBLICITY_NEEDED",
        f"变更须自{_ZH[level]}重新公示",
        f"the change has to hang again from the {level} on",
        rule="F-1.5-r F-1.6",
        remedy_zh=f"自{_ZH[level]}重新办理",
        remedy_en=f"begin again at the {level}",
        facts={"level": str(level)},
    )


def village_publicity_stands(changes: Changes) -> Violation | None:
    """Name, category, place, content and beneficiaries are those that hung in the village."""
    return _needed(changes, Level.VILLAGE)


def township_publicity_stands(changes: Changes) -> Violation | None:
    """Likewise, and the amount is within the tolerance of what hung in the township."""
    return _needed(changes, Level.TOWNSHIP)


def county_publicity_stands(changes: Changes) -> Violation | None:
    """Likewise, and the sources are those that hung in the county."""
    return _needed(changes, Level.COUNTY)
