"""When an asset counts as idle or inefficient (闲置、低效; domain-funds-assets §7.5): inferred defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from services.assets.domain.limits import USE
from shared.kernel.errors import Violation
from shared.kernel.money import PPM, Fen


@dataclass(frozen=True, slots=True)
class UseFacts:
    """`unused_since` is the first day without use; `blocked` the limits that are broken and block here."""

    is_disposed: bool
    unused_since: date | None
    has_figures: bool
    blocked: Mapping[str, Violation]


def idle(facts: UseFacts) -> Violation | None:
    """An asset is found idle with the day since when, and for long enough where the county adopted that."""
    if facts.unused_since is None:
        return _use("UNUSED_SINCE_MISSING", "须填写停用日期", "state since when it is not used", "/unused_since")
    return facts.blocked.get(USE)


def inefficient(facts: UseFacts) -> Violation | None:
    """An asset is found inefficient by its income or by its used capacity."""
    if not facts.has_figures:
        return _use("USE_FIGURES_MISSING", "须填写收益或产能利用情况", "state income or used capacity", "/income")
    return facts.blocked.get(USE)


def idle_long_enough(unused_since: date, today: date, days: int) -> Violation | None:
    """Not used for `days` days, today included."""
    if today - unused_since >= timedelta(days=days):
        return None
    return _use(
        "NOT_IDLE_YET", f"停用不足 {days} 天", f"it is unused for fewer than {days} days", "/unused_since", days=days
    )


def inefficient_enough(
    income: Fen | None,
    agreed: Fen | None,
    used_ppm: int | None,
    least_income: Fraction,
    least_capacity: Fraction,
) -> Violation | None:
    """Income of twelve months below its floor of what was agreed, or capacity below its own floor."""
    earns_little = income is not None and agreed is not None and income < agreed * least_income
    stands_still = used_ppm is not None and Fraction(used_ppm, PPM) < least_capacity
    if earns_little or stands_still:
        return None
    return _use(
        "NOT_INEFFICIENT", "收益和产能均未低于标准", "neither income nor capacity is below its floor", "/income"
    )


def _use(code: str, zh: str, en: str, field: str, **facts: object) -> Violation:
    return Violation(
        code,
        zh,
        en,
        rule="F-7.5",
        field=field,
        remedy_zh="按现场查验情况填写",
        remedy_en="fill it in from the inspection",
        facts=facts,
    )
