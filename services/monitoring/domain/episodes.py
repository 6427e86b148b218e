"""Episodes of monitoring (监测周期): what is frozen at their beginning and end, and how their months are counted."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.monitoring.domain.codes import Labour
from services.monitoring.domain.household_check import Dimension, Guarantee, HouseholdCheck
from services.monitoring.domain.income import IncomeKind, figures


class Mode(StrEnum):
    """风险消除方式."""

    BY_ASSISTANCE = "by_assistance"
    NATURAL = "natural"


class Moment(StrEnum):
    """When a snapshot is taken (识别时, 消除时)."""

    AT_IDENTIFICATION = "at_identification"
    AT_ELIMINATION = "at_elimination"


@dataclass(frozen=True, slots=True)
class Past:
    """An episode of the household before this one."""

    id: UUID
    ended_on: date | None


SNAPSHOT_FIELDS = (
    "dropout",
    "house_damaged",
    "uninsured",
    "water_damaged",
    "wage_fen",
    "property_fen",
    "transfer_fen",
    "business_fen",
    "business_expense_fen",
    "net_fen",
    "per_capita_fen",
    "claims_fen",
    "self_paid_fen",
)
"""The 13 fields of the snapshot (DQ-EL-01)."""

_DAMAGES: Mapping[str, Dimension] = {
    "dropout": Dimension.EDUCATION,
    "house_damaged": Dimension.HOUSING,
    "uninsured": Dimension.MEDICAL,
    "water_damaged": Dimension.WATER,
}


def snapshot(check: HouseholdCheck) -> Mapping[str, Any]:
    """What is frozen of a check; a guarantee nobody knows, and a line left blank, stay blank."""
    found = figures(check.sheet, check.persons)
    damages = {name: _damaged(check.guarantees[dimension]) for name, dimension in _DAMAGES.items()}
    stated = {f"{kind.value}_fen": check.stated[kind] for kind in IncomeKind}
    return {**damages, **stated, "net_fen": found.net, "per_capita_fen": found.per_capita_net}


def _damaged(status: Guarantee) -> bool | None:
    return None if status is Guarantee.UNKNOWN else status is Guarantee.NOT_OK


def missing_fields(taken: Mapping[str, Any]) -> Iterator[str]:
    """The blank ones of the 13 fields (A34)."""
    return (name for name in SNAPSHOT_FIELDS if taken.get(name) is None)


def months_between(start: date, end: date) -> int:
    """Months by their numbers, days not counted: April to October are six (M-EL-08)."""
    return (end.year - start.year) * 12 + end.month - start.month


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def is_without_labour(labour: Collection[str]) -> bool:
    """整户无劳动能力: every active member is LOST or NONE (§1.5.6); a home of nobody is none."""
    return bool(labour) and all(each in {Labour.LOST, Labour.NONE} for each in labour)
