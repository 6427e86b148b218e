"""The day as of whose end a report is made (截止日): in its period, and over (§4.4)."""

from datetime import date, timedelta

from shared.kernel.errors import Invalid, Violation
from shared.reports.periods import begins_period, last_day_of
from shared.reports.report import Report


def cut_off(report: Report, start: date, given: date | None, today: date) -> date:
    """The day given, else yesterday or the period's last day, whichever is earlier.

    Raises Invalid when no period begins on `start`, or the day lies before the period or after its end. What happens
    after the end belongs to a later period; a report that `runs_on` is also made from what comes after.
    """
    if not begins_period(report.rhythm, start):
        raise Invalid(_no_period(report))
    end = None if report.runs_on else last_day_of(report.rhythm, start)
    yesterday = today - timedelta(days=1)
    as_of = given or (yesterday if end is None else min(yesterday, end))
    if as_of < start:
        raise Invalid(outside())
    if end is not None and as_of > end:
        raise Invalid(_after(end))
    return as_of


def outside() -> Violation:
    """The cut-off is before the period or not over."""
    return Violation(
        "CUT_OFF",
        "截止日须在统计期开始之后、今天之前",
        "the cut-off lies between the period's first day and yesterday",
        rule="§4.4",
        field="/as_of",
        remedy_zh="以前一日24时的数据为准",
        remedy_en="take the state at the end of a day that is over",
    )


def _after(end: date) -> Violation:
    return Violation(
        "CUT_OFF_AFTER_PERIOD",
        "截止日在统计期结束之后，其后发生的数计入以后各期",
        "the cut-off lies after the period's end; what came later belongs to later periods",
        rule="§4.4",
        field="/as_of",
        remedy_zh=f"截止日不晚于{end}，或不填",
        remedy_en=f"give a day not after {end}, or none",
        facts={"period_end": end.isoformat()},
    )


def _no_period(report: Report) -> Violation:
    return Violation(
        "PERIOD_START",
        "统计期起始日不符合该报表的周期",
        "no period of this report begins on that day",
        rule="D18",
        field="/period_start",
        remedy_zh="填写该期第一天",
        remedy_en="give the first day of the period",
        facts={"rhythm": report.rhythm.value},
    )
