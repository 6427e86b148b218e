"""Clues (线索): sources, items, thresholds, the period within which two are one, and the dispositions that end them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from services.monitoring.domain.codes import HouseholdType
from services.monitoring.domain.risk import Cause
from shared.kernel.errors import Violation
from shared.kernel.money import Fen


class Source(StrEnum):
    """线索来源 (3.1)."""

    SELF = "SELF"
    CADRE = "CADRE"
    DEPT = "DEPT"
    HIGHER = "HIGHER"
    SOCIAL = "SOCIAL"
    SWEEP = "SWEEP"
    RELAPSE = "RELAPSE"
    DQ = "DQ"


class Department(StrEnum):
    """行业部门 (3.2)."""

    MEDICAL_INSURANCE = "medical_insurance"
    HEALTH = "health"
    EDUCATION = "education"
    HOUSING = "housing"
    WATER = "water"
    CIVIL_AFFAIRS = "civil_affairs"
    DISABLED_FEDERATION = "disabled_federation"
    HUMAN_RESOURCES = "human_resources"
    PUBLIC_SECURITY = "public_security"
    EMERGENCY = "emergency"
    AGRICULTURE = "agriculture"
    FINANCIAL_REGULATOR = "financial_regulator"
    PETITIONS = "petitions"


class Match(StrEnum):
    """Whether the household of a clue is known (M-CLUE-01, M-CLUE-04)."""

    MATCHED = "MATCHED"
    TO_MATCH = "TO_MATCH"
    """Without a number: somebody has to say who it is."""
    TO_BUILD = "TO_BUILD"
    """The person belongs to no household of the register: 待建户."""


class Disposition(StrEnum):
    """线索处置结果 (M-CLUE-07)."""

    ENROLLED = "ENROLLED"
    NOT_RISK_NORMAL = "NOT_RISK_NORMAL"
    POLICY_SOLVED = "POLICY_SOLVED"
    NOT_RURAL = "NOT_RURAL"
    DUPLICATE = "DUPLICATE"
    DECEASED_OR_MOVED = "DECEASED_OR_MOVED"
    WRONG_DATA = "WRONG_DATA"


class Period(StrEnum):
    """The event period of an item (M-CLUE-02)."""

    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Item:
    """What a clue is about (线索事项)."""

    zh: str
    cause: Cause
    period: Period = Period.MONTH


ITEMS: Mapping[str, Item] = {
    "inpatient_self_paid": Item("住院自付费用较高", Cause.ILLNESS),
    "outpatient_self_paid": Item("门诊自付费用较高", Cause.ILLNESS),
    "not_insured": Item("未参加或中断基本医保", Cause.UNINSURED),
    "serious_illness": Item("新增大病专项救治", Cause.ILLNESS),
    "disabling_illness": Item("新增易致残疾病", Cause.ILLNESS),
    "dropout": Item("义务教育阶段失学辍学", Cause.DROPOUT),
    "senior_school_self_paid": Item("高中阶段自付教育支出较高", Cause.SCHOOLING),
    "unsafe_house": Item("住房鉴定为C级或D级", Cause.HOUSING),
    "house_damaged": Item("住房因灾受损", Cause.DISASTER, Period.DAY),
    "unsafe_water": Item("饮水中断或水质不达标", Cause.WATER),
    "relief_changed": Item("新纳入或退出社会救助", Cause.OTHER),
    "new_disability": Item("新办残疾人证或等级提高", Cause.DISABILITY),
    "job_lost": Item("失去务工岗位", Cause.UNSTABLE_JOB),
    "traffic_accident": Item("交通事故", Cause.ACCIDENT, Period.DAY),
    "fire": Item("火灾", Cause.ACCIDENT, Period.DAY),
    "death": Item("主要劳动力死亡", Cause.NO_LABOUR, Period.DAY),
    "disaster": Item("自然灾害", Cause.DISASTER, Period.DAY),
    "industry_failed": Item("产业项目失败", Cause.INDUSTRY_FAILED),
    "price_collapse": Item("农产品价格大幅下跌", Cause.INDUSTRY_FAILED),
    "loan_overdue": Item("小额信贷逾期或展期", Cause.OTHER),
    "living_difficulty": Item("反映生活困难", Cause.OTHER),
    "income_fall": Item("收入骤减", Cause.OTHER),
}


class PersonScope(StrEnum):
    """Whom a threshold is for (人员范围)."""

    POVERTY_LIFTED = "POVERTY_LIFTED"
    OTHER_RURAL = "OTHER_RURAL"
    ALL = "ALL"


class Metric(StrEnum):
    """Which sum is held against a threshold."""

    YEAR_TO_DATE = "year_to_date"
    MONTH = "month"
    SCHOOL_YEAR = "school_year"


class Operator(StrEnum):
    """Whether the threshold itself counts."""

    AT_LEAST = ">="
    MORE_THAN = ">"


@dataclass(frozen=True, slots=True)
class ClueRule:
    """One threshold (线索阈值) in force for an item; `code` and `version` name it in events."""

    code: str
    version: int
    person_scope: PersonScope
    metric: Metric
    operator: Operator
    threshold: Fen
    document: str = ""


def person_scope(household_type: HouseholdType | None) -> PersonScope:
    """The scope of a member of such a household; of somebody in no household: other rural."""
    return PersonScope.POVERTY_LIFTED if household_type is HouseholdType.POVERTY_LIFTED else PersonScope.OTHER_RURAL


def exceeds(rule: ClueRule, amount: Fen) -> bool:
    """Whether the amount makes a clue (A13, A14, A15)."""
    return amount >= rule.threshold if rule.operator is Operator.AT_LEAST else amount > rule.threshold


def broken_rule(rules: Iterable[ClueRule], scope: PersonScope, amount: Fen) -> ClueRule | None:
    """The rule for this scope that the amount exceeds."""
    return next(
        (rule for rule in rules if rule.person_scope in {scope, PersonScope.ALL} and exceeds(rule, amount)), None
    )


def event_period(item: str, on: date) -> str:
    """Two clues of one person and item are one within a month, or on a day for accidents (M-CLUE-02)."""
    return on.isoformat() if ITEMS[item].period is Period.DAY else f"{on:%Y-%m}"


def not_theirs(source: Source, *, of_department: bool, of_household_only: bool) -> Violation | None:
    """Only departments and the county's office speak for a department, and a household only for itself (3.1)."""
    if (source is not Source.DEPT or of_department) and (source is Source.SELF or not of_household_only):
        return None
    return Violation(
        "SOURCE_NOT_YOURS",
        "不得以该来源上报线索",
        "a clue of this source is reported by others",
        rule="3.1",
        field="/source",
        remedy_zh="农户以“SELF”上报，部门线索由行业部门或县级主管部门上报",
        remedy_en="households report as SELF; departments and the county's office report as DEPT",
    )


def by_hand(disposition: Disposition) -> Violation | None:
    """ENROLLED is what an identification comes to; nobody sets it by hand (M-CLUE-07)."""
    if disposition is not Disposition.ENROLLED:
        return None
    return Violation(
        "ENROLLED_BY_CASE_ONLY",
        "“已纳入”由识别认定流程产生，不能直接填写",
        "ENROLLED comes from the identification of the household and cannot be set directly",
        rule="M-CLUE-07",
        field="/disposition",
        remedy_zh="办理识别认定，或选择其他处置结果",
        remedy_en="take the household through its identification, or choose another disposition",
    )


def handling_rate(disposed: int, received: int) -> Fraction | None:
    """Share of clues that have a disposition (M-CLUE-11); None without clues."""
    return Fraction(disposed, received) if received else None


def conversion(enrolled: int, received: int) -> Fraction | None:
    """Share of clues that led to enrolment; low values are normal (M-CLUE-09)."""
    return Fraction(enrolled, received) if received else None


def percent(share: Fraction | None) -> str | None:
    """A share as per cent with two decimals, half up: 3/400 is `0.75`."""
    if share is None:
        return None
    hundredths = (share * 20_000 + 1) // 2
    return f"{hundredths // 100}.{hundredths % 100:02d}"
