"""Indicators (指标): how their document numbers are written, when they must be allocated, and how much is (§2.1, §2.3)."""

import re
import unicodedata
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from shared.kernel.days import Calendar, Duration, last_day
from shared.kernel.money import Fen

_BRACKETS = str.maketrans("[【﹝〖]】﹞〗", "〔" * 4 + "〕" * 4)
_YEAR = re.compile(r"\((\d{4})\)")


def document_no(typed: str) -> str:
    """The document number (文号) with the brackets 〔〕 of official papers, half-width and without blanks (scenario 13)."""
    plain = "".join(unicodedata.normalize("NFKC", typed).split())
    return _YEAR.sub(r"〔\1〕", plain.translate(_BRACKETS))


class BudgetKind(StrEnum):
    """What brings the money: a transfer of an upper level, or the own budget's general or special transfers (§2.3)."""

    TRANSFER = "transfer"
    OWN_GENERAL = "own_general"
    OWN_SPECIAL = "own_special"

    @property
    def clock(self) -> tuple[str, str]:
        """The parameters of its clock: the last day, and from which day on it is amber."""
        if self is BudgetKind.TRANSFER:
            return "indicator.allocate_days", "indicator.amber_days"
        name = self.removeprefix("own_")
        return f"indicator.own_budget_days.{name}", f"indicator.own_amber_days.{name}"


class Light(StrEnum):
    """How an indicator stands with its clock (分配时限)."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


def clock_start(
    received_on: date, fiscal_year: int, *, is_advance_notice: bool, approved_on: date | None = None
) -> date:
    """The day the allocation clock starts: own money from the approval of the budget, any other from its receipt.

    An advance notice (提前下达) waits for its year (scenario 15).
    """
    if approved_on is not None:
        return approved_on
    return max(received_on, date(fiscal_year, 1, 1)) if is_advance_notice else received_on


def due_on(start: date, limit: Duration, calendar: Calendar) -> date:
    """The last day on which it may be unallocated."""
    return last_day(start, limit, calendar)


def light(start: date, due: date, amber_days: int, unallocated: Fen, today: date) -> Light:
    """Red after the last day, amber from day `amber_days` on, as long as one fen is unallocated (scenario 14)."""
    if unallocated == 0:
        return Light.GREEN
    if today > due:
        return Light.RED
    return Light.AMBER if today >= start + timedelta(days=amber_days) else Light.GREEN


def allocation_rate(received: Fen, unallocated: Fen) -> Fraction | None:
    """Allocation rate (指标分配率): allocated ÷ received, exact; None where nothing was received."""
    return Fraction(received - unallocated, received) if received else None


def age(origin_year: int, year: int) -> int:
    """Age of money (资金存续年限): how many fiscal years lie between its own and `year` (§3.6)."""
    return max(0, year - origin_year)


def idle_light(age: int, amber: int, red: int, idle: Fen) -> Light:
    """Idle money (闲置资金) is amber at one age and red from another on; what is reserved as retention is not idle."""
    if idle <= 0 or age < amber:
        return Light.GREEN
    return Light.RED if age >= red else Light.AMBER
