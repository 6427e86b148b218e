"""Which money may pay for what (资金投向矩阵): fund category × project category, as dated rows say (§1.3, §2.4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class EligibilityRow(NamedTuple):
    """A row in force: money of `fund` may, or may not, pay for `prefix` and all categories below it."""

    fund: str
    prefix: str
    area: int
    allowed: bool
    rule: str
    source: str


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The answer with the rule and the paper it rests on; what no row speaks of is not eligible."""

    allowed: bool
    rule: str
    source: str


UNLISTED = Eligibility(allowed=False, rule="F-2.4", source="资金投向矩阵未列")


def judge(rows: Iterable[EligibilityRow], fund: str, category: str) -> Eligibility:
    """The row with the longest prefix; of equal prefixes the one of the nearest area."""
    fitting = [row for row in rows if row.fund == fund and category.startswith(row.prefix)]
    if not fitting:
        return UNLISTED
    row = max(fitting, key=lambda each: (len(each.prefix), each.area))
    return Eligibility(row.allowed, row.rule, row.source)
