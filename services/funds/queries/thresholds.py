"""The report of control indicators (控制指标完成情况表): actual rate, threshold, day, verdict (§2.3, §4.2 FW02 FW05 FW50)."""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

import asyncpg

from services.funds.domain.postings import DECOMPOSED, SOURCE
from services.funds.domain.postings import PAID as PAID_ACCOUNTS
from services.funds.domain.thresholds import ALLOCATED, CONTROLS, HANDLED, OVERDUE, PAID
from services.funds.queries.reports import allocation_rate_of
from shared.kernel.days import start_of
from shared.kernel.roles import Role
from shared.reports.model import Column, Kind, Rhythm, Row
from shared.reports.report import Asked, Report
from shared.workflow.desks import BUREAU, BUREAU_HEADS, FINANCE, FINANCE_LEADER, LEADING_GROUP

# What was passed down is in place at the lower level. $1, $2 the span; $3 the year; $4 the last day; $5 the instant after
# it; $6 to $8 accounts. The loans are those of each county's newest month.
_RATES = """
SELECT money.paid, money.in_place, alerts.handled, alerts.due, loans.overdue, loans.balance, loans.month
  FROM (SELECT coalesce(sum(line.signed_fen) FILTER (WHERE line.account = ANY($8::text[])), 0)::bigint AS paid,
               coalesce(-sum(line.signed_fen) FILTER (WHERE line.account IN ($6, $7)), 0)::bigint AS in_place
          FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id
          JOIN indicator ON indicator.id = line.indicator_id
         WHERE line.area_code BETWEEN $1 AND $2 AND indicator.fiscal_year = $3 AND entry.on_day <= $4) AS money,
       (SELECT count(*) FILTER (WHERE closed_at < $5) AS handled, count(*) AS due
          FROM alert WHERE area_code BETWEEN $1 AND $2 AND due_on <= $4 AND raised_at < $5) AS alerts,
       (SELECT sum(overdue_fen)::bigint AS overdue, sum(balance_fen)::bigint AS balance, max(month) AS month
          FROM (SELECT DISTINCT ON (area_code) * FROM ref_microcredit_month
                 WHERE area_code BETWEEN $1 AND $2 AND month <= to_char($4::date, 'YYYY-MM')
                 ORDER BY area_code, month DESC) AS newest) AS loans"""


async def _gather(raw: asyncpg.Connection, asked: Asked) -> Sequence[Row]:
    (row,) = await raw.fetch(
        _RATES,
        *asked.area.span,
        asked.start.year,
        asked.as_of,
        start_of(asked.as_of + timedelta(days=1)),
        SOURCE,
        DECOMPOSED,
        list(PAID_ACCOUNTS),
    )
    due = await allocation_rate_of(raw, asked.parameters, asked.calendar, asked.as_of, asked.area, asked.start.year)
    limits = await asked.parameters.get_many([each.parameter for each in CONTROLS], asked.area, asked.as_of)
    actual = {
        PAID: _rate(row["paid"], row["in_place"]),
        OVERDUE: _rate(row["overdue"], row["balance"]),
        ALLOCATED: None if due.overdue.rate is None else Fraction(due.overdue.rate),
        HANDLED: _rate(row["handled"], row["due"]),
    }
    day = asked.as_of.isoformat()
    return [
        {
            "name": each.zh,
            "actual": actual[each],
            "sign": each.sign,
            "threshold": limits[each.parameter],
            "measured": (row["month"] or "") if each is OVERDUE else day,
            "due": each.due_on(asked.as_of).isoformat(),
            "verdict": each.verdict(actual[each], limits[each.parameter], asked.as_of).value,
        }
        for each in CONTROLS
    ]


def _rate(top: int | None, bottom: int | None) -> Fraction | None:
    return Fraction(top or 0, bottom) if bottom else None


CONTROL_REPORT = Report(
    id="control-indicators",
    version=1,
    zh="控制指标完成情况表",
    en="control indicators",
    rhythm=Rhythm.YEAR,
    columns=(
        Column("name", "指标", "indicator", Kind.TEXT),
        Column("actual", "实际值", "actual", Kind.RATE, totalled=False),
        Column("sign", "比较", "comparison", Kind.TEXT),
        Column("threshold", "控制值", "threshold", Kind.RATE, totalled=False),
        Column("measured", "数据日期", "measured on", Kind.TEXT),
        Column("due", "考核日", "due on", Kind.TEXT),
        Column("verdict", "结论", "verdict", Kind.TEXT),
    ),
    gather=_gather,
    readers=BUREAU | FINANCE | LEADING_GROUP | {Role.AUDITOR},
    issuers=BUREAU_HEADS | FINANCE_LEADER,
    rule="F-4.2",
    foot_zh="按精确值比较，“以上”“以内”含本数；年度资金支付率以12月31日为考核日，之前未达到不作不达标；指标分配率只计分配时限已满的指标。",
)
