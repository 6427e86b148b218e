"""Rent (租金): the payment calendar, what a receipt pays, late fees, and how late is late (domain-funds-assets §7.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.kernel.money import PPM, Fen


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment (期次): when it is due, how much, how much of it is paid."""

    no: int
    due_on: date
    amount: Fen
    paid: Fen = 0

    @property
    def owed(self) -> Fen:
        """What is still unpaid."""
        return self.amount - self.paid


def equal_instalments(total: Fen, due: Sequence[date]) -> list[Instalment]:
    """`total` over the days in equal amounts, rounded half-up; the last takes the remainder (scenario 74).

    Raises ValueError when the total is too small to be divided so.
    """
    count = len(due)
    each = (2 * total + count) // (2 * count)
    last = total - each * (count - 1)
    if last < 0:
        raise ValueError("the rent is smaller than its instalments")
    amounts = [each] * (count - 1) + [last]
    return [Instalment(no, day, amount) for no, (day, amount) in enumerate(zip(due, amounts, strict=True), 1)]


@dataclass(frozen=True, slots=True)
class Allocated:
    """Where a receipt went: instalment numbers with amounts, then late fee, then what is left over (预收)."""

    instalments: tuple[tuple[int, Fen], ...]
    late_fee_accrued: Fen
    late_fee_paid: Fen
    unallocated: Fen


def allocate(
    amount: Fen,
    calendar: Sequence[Instalment],
    received_on: date,
    *,
    late_fee_due: Fen = 0,
    daily_ppm: int = 0,
) -> Allocated:
    """Pay the oldest instalments first, then the late fee, which accrues simply by the day on what is paid late."""
    left, paid, accrued = amount, [], 0
    for instalment in sorted(calendar, key=lambda each: (each.due_on, each.no)):
        taken = min(left, instalment.owed)
        if taken:
            paid.append((instalment.no, taken))
            accrued += _late_fee(taken, instalment.due_on, received_on, daily_ppm)
            left -= taken
    fee = min(left, late_fee_due + accrued)
    return Allocated(tuple(paid), accrued, fee, left - fee)


def _late_fee(amount: Fen, due_on: date, paid_on: date, daily_ppm: int) -> Fen:
    """A ceiling on what the tenant owes beside the rent, so it rounds down."""
    return amount * max((paid_on - due_on).days, 0) * daily_ppm // PPM


class Overdue(StrEnum):
    """How late an unpaid instalment is (AR06)."""

    NOTICE = "notice"
    AMBER = "amber"
    RED = "red"


def overdue(due_on: date, today: date, amber_days: int, red_days: int) -> Overdue | None:
    """Notice from the first day, amber and red after their days; None while it is not late (scenario 75)."""
    days = (today - due_on).days
    if days >= red_days:
        return Overdue.RED
    if days >= amber_days:
        return Overdue.AMBER
    return Overdue.NOTICE if days > 0 else None


def oldest_arrears(calendar: Sequence[Instalment], today: date) -> Instalment | None:
    """The oldest instalment that is past its day and not fully paid."""
    late = [instalment for instalment in calendar if instalment.owed > 0 and instalment.due_on < today]
    return min(late, key=lambda each: (each.due_on, each.no), default=None)
