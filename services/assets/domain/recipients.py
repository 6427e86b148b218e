"""Which household may receive (分配对象): it lives with the owner and has not ceased before the period (§7.9)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.kernel.areas import AreaCode

_WHOLE_YEAR = 4
"""Length of a period that is a year and no month."""


@dataclass(frozen=True, slots=True)
class Household:
    """A household as it is known here; `ended_on` when it died out, merged or left."""

    household_id: UUID
    area: int
    ended_on: date | None


def period_month(period: str) -> tuple[int, int]:
    """The first month of `2025` or `2025-06`."""
    return (int(period), 1) if len(period) == _WHOLE_YEAR else (int(period[:4]), int(period[5:]))


def is_eligible(household: Household, owner: AreaCode, period: str) -> bool:
    """Whether a line for `period` may go to it: a household that ceased in May is not paid for June (scenario 81).

    For a whole year it counts that the household had not ceased before the year began.
    """
    if not owner.contains(household.area):
        return False
    if household.ended_on is None:
        return True
    return period_month(period) <= (household.ended_on.year, household.ended_on.month)
