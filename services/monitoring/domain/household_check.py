"""The household check (入户核查): what two people found in a home, and what a complete finding is; domain-monitoring §1.6."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.monitoring.domain.income import KIND_NAMES, IncomeKind, Sheet
from services.monitoring.domain.risk import Cause
from shared.kernel.errors import Violation
from shared.kernel.money import Fen

MAX_RISKS = 5
"""风险1–5: as many as the national record holds."""


class Dimension(StrEnum):
    """三保障和饮水安全."""

    EDUCATION = "education"
    MEDICAL = "medical"
    HOUSING = "housing"
    WATER = "water"


DIMENSION_NAMES: Mapping[Dimension, str] = {
    Dimension.EDUCATION: "义务教育",
    Dimension.MEDICAL: "基本医疗",
    Dimension.HOUSING: "住房安全",
    Dimension.WATER: "饮水安全",
}


class Guarantee(StrEnum):
    """How a guarantee stands; what nobody looked at is UNKNOWN and never counts as OK."""

    OK = "OK"
    AT_RISK = "AT_RISK"
    NOT_OK = "NOT_OK"
    UNKNOWN = "UNKNOWN"


class RigidSpending(StrEnum):
    """大额刚性支出: mainly medical care and schooling (M-EL-02)."""

    NONE = "none"
    SOLVED = "solved"
    OPEN = "open"


Stated = Mapping[IncomeKind, Fen | None]
"""The sums of the window by kind; None where the sheet is blank, which is not zero."""

INCOME_LINES = (
    IncomeKind.WAGE,
    IncomeKind.BUSINESS,
    IncomeKind.BUSINESS_EXPENSE,
    IncomeKind.PROPERTY,
    IncomeKind.TRANSFER,
)
"""What a check must state; claims and self-paid spending are asked for by the elimination snapshot as well."""


@dataclass(frozen=True, slots=True)
class HouseholdCheck:
    """What was found: `seen` are the members it covers, `stable_months` how long income has been steady."""

    seen: frozenset[UUID]
    persons: int
    stated: Stated
    guarantees: Mapping[Dimension, Guarantee]
    risks: tuple[Cause, ...]
    serious_difficulty: bool
    rigid_spending: RigidSpending
    stable_months: int

    @property
    def sheet(self) -> Sheet:
        """The figures to reckon with; what is blank adds nothing."""
        return Sheet(**{kind.value: amount or 0 for kind, amount in self.stated.items()})

    @property
    def gaps(self) -> tuple[Dimension, ...]:
        """The guarantees that are not OK, the unknown ones among them (§1.6)."""
        return tuple(each for each in Dimension if self.guarantees[each] is not Guarantee.OK)


def check_missing() -> Violation:
    """Nobody has written the findings of this round down."""
    return Violation(
        "CHECK_MISSING",
        "本轮入户核查表尚未填写",
        "the household check of this round is not written down",
        rule="M-4.2",
        remedy_zh="先填写入户核查表，再由两名核查人员签认",
        remedy_en="record the household check, then have two people sign it",
    )


def covers_household(check: HouseholdCheck | None, members: Collection[UUID]) -> Violation | None:
    """The unit is the whole household (整户): nobody is left out, nobody else is taken in (M-ID-01)."""
    if check is None:
        return check_missing()
    if check.seen == set(members):
        return None
    return Violation(
        "NOT_WHOLE_HOUSEHOLD",
        "核查须覆盖全部家庭成员，且不含户外人员",
        "the check must cover every member of the household and nobody else",
        rule="M-ID-01",
        remedy_zh="补充核查遗漏的成员，或先更正家庭成员",
        remedy_en="check the missing members, or correct the household first",
        facts={"members": len(members), "missing": len(set(members) - check.seen)},
    )


def is_complete(check: HouseholdCheck | None) -> Violation | None:
    """Every line of the sheet is filled, with zero where there is nothing, and every guarantee was looked at."""
    if check is None:
        return check_missing()
    blank = [kind for kind in INCOME_LINES if check.stated[kind] is None]
    if not blank:
        return None
    return Violation(
        "SHEET_INCOMPLETE",
        f"收入核算表未填：{'、'.join(KIND_NAMES[kind] for kind in blank)}",
        f"the income sheet leaves blank: {', '.join(blank)}",
        rule="M-4.2",
        remedy_zh="补录收入，确无该项收入的在核查表中注明为零",
        remedy_en="record the income, or state that there is none",
        facts={"blank": [kind.value for kind in blank]},
    )


def bad_risks(risks: Collection[Cause], subtype: str, note: str) -> Violation | None:
    """At most five risks, none twice; a disaster says which, and 其他 says what (§1.2)."""
    if len(risks) > MAX_RISKS or len(set(risks)) < len(risks):
        return _risks(
            "RISKS_LIST", f"风险最多{MAX_RISKS}项且不得重复", f"at most {MAX_RISKS} risks, none twice", "risks"
        )
    if Cause.DISASTER in risks and not subtype:
        zh, en = "因自然灾害的须填写灾害子项", "a disaster needs its subtype"
        return _risks("DISASTER_SUBTYPE", zh, en, "disaster_subtype", "DQ-RK-02")
    if Cause.OTHER in risks and not note.strip():
        return _risks("RISK_NOTE", "风险为“其他”的须填写说明", "another risk needs a note", "risk_note", "DQ-RK-01")
    return None


def _risks(code: str, zh: str, en: str, field: str, rule: str = "M-1.2") -> Violation:
    return Violation(
        code, zh, en, rule=rule, field=f"/{field}", remedy_zh="更正后重新提交", remedy_en="correct it and send it again"
    )
