"""Control indicators (控制指标): rates that a county is held to, on exact fractions; 以上 and 以内 include the number itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction


class Verdict(StrEnum):
    """What is said of a rate on a day."""

    MET = "达标"
    MISSED = "不达标"
    NOT_DUE = "未到考核日"
    NOTHING = "无数据"


@dataclass(frozen=True, slots=True)
class Control:
    """One rate: the policy number it is held to, whether that is a floor, and whether it counts for the whole year."""

    name: str
    zh: str
    en: str
    parameter: str
    is_floor: bool = True
    of_year: bool = False

    @property
    def sign(self) -> str:
        return "≥" if self.is_floor else "≤"

    def due_on(self, as_of: date) -> date:
        """From when on the rate must be met; what counts for the year only at its end."""
        return date(as_of.year, 12, 31) if self.of_year else as_of

    def verdict(self, actual: Fraction | None, threshold: Fraction, as_of: date) -> Verdict:
        """A rate of a year that is not over may still be reached: its target and its day are shown, no breach is."""
        if actual is None:
            return Verdict.NOTHING
        if actual >= threshold if self.is_floor else actual <= threshold:
            return Verdict.MET
        return Verdict.MISSED if as_of >= self.due_on(as_of) else Verdict.NOT_DUE


PAID = Control("paid", "年度资金支付率", "paid of the year's money", "payment.year_end_min", of_year=True)
OVERDUE = Control("overdue", "小额信贷逾期率", "overdue small loans", "microcredit.overdue_max", is_floor=False)
ALLOCATED = Control("allocated", "指标分配率", "allocated of what is due", "indicator.allocated_min")
HANDLED = Control("handled", "预警信息处理率", "handled of the alerts that are due", "alert.handled_min")
CONTROLS = (PAID, OVERDUE, ALLOCATED, HANDLED)
BY_NAME: Mapping[str, Control] = {control.zh: control for control in CONTROLS}
