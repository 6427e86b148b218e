"""The income sheet (收入核算表): categories, per-capita figures and the two windows. Amounts in fen, never floats (M-INC-12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from shared.kernel.money import Fen

ANNUAL_START_MONTH = 10


class IncomeKind(StrEnum):
    """Lines of the sheet (收支类别); expense, claims and self-paid spending are stated as positive amounts."""

    WAGE = "wage"
    BUSINESS = "business"
    BUSINESS_EXPENSE = "business_expense"
    PROPERTY = "property"
    TRANSFER = "transfer"
    CLAIMS = "claims"
    SELF_PAID = "self_paid"


KIND_NAMES: Mapping[IncomeKind, str] = {
    IncomeKind.WAGE: "工资性收入",
    IncomeKind.BUSINESS: "生产经营性收入",
    IncomeKind.BUSINESS_EXPENSE: "生产经营性支出",
    IncomeKind.PROPERTY: "财产性收入",
    IncomeKind.TRANSFER: "转移性收入",
    IncomeKind.CLAIMS: "理赔收入",
    IncomeKind.SELF_PAID: "合规自付支出",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sums of a window, in fen."""

    wage: Fen = 0
    business: Fen = 0
    business_expense: Fen = 0
    property: Fen = 0
    transfer: Fen = 0
    claims: Fen = 0
    self_paid: Fen = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """Both figures side by side (M-INC-04); per-capita ones are None when nobody shares the budget."""

    net: Fen
    monitoring: Fen
    persons: int
    per_capita_net: Fen | None
    per_capita_monitoring: Fen | None


@dataclass(frozen=True, slots=True)
class Window:
    """A period of whole months (核算期), both days included."""

    first: date
    last: date


def net_income(sheet: Sheet) -> Fen:
    """家庭纯收入 (M-INC-01)."""
    return sheet.wage + sheet.business - sheet.business_expense + sheet.property + sheet.transfer


def monitoring_income(sheet: Sheet) -> Fen:
    """监测收入: net with claims and without compliant self-paid spending; may be negative (M-INC-03)."""
    return net_income(sheet) + sheet.claims - sheet.self_paid


def per_capita(total: Fen, persons: int) -> Fen | None:
    """`total` by head in fen, half up on the second decimal of the yuan (M-INC-02); None for nobody (A06)."""
    if persons == 0:
        return None
    rounded = (2 * abs(total) + persons) // (2 * persons)
    return rounded if total >= 0 else -rounded


def figures(sheet: Sheet, persons: int) -> Figures:
    """The figures of a sheet for the members who share the budget at the end of its window."""
    net, monitoring = net_income(sheet), monitoring_income(sheet)
    return Figures(net, monitoring, persons, per_capita(net, persons), per_capita(monitoring, persons))


def identification_window(on: date) -> Window:
    """The twelve full months before the month of `on` (M-INC-05): for June 2024, 2023-06-01 to 2024-05-31."""
    first_of_month = on.replace(day=1)
    return Window(first_of_month.replace(year=on.year - 1), first_of_month - timedelta(days=1))


def annual_window(year: int) -> Window:
    """1 October of the year before to 30 September (M-INC-06)."""
    return Window(date(year - 1, ANNUAL_START_MONTH, 1), date(year, ANNUAL_START_MONTH, 1) - timedelta(days=1))


def month_of(day: date) -> date:
    """The first of the day's month, under which income is booked."""
    return day.replace(day=1)
