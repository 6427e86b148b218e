"""The progress report of the 15th and 30th (项目资金进度半月报): linked, spent, lead over the calendar, rank (§4.4)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import asyncpg

from services.funds.bulk.progress_sql import PROGRESS
from services.funds.domain.postings import ALLOCATED, PAID
from services.funds.queries.ranks import RANKS_EXPLAINED, unit_size
from shared.kernel.areas import AreaCode
from shared.kernel.days import start_of
from shared.kernel.money import Fen
from shared.kernel.roles import Role
from shared.reports.compute import Computed
from shared.reports.model import Column, Kind, Rank, Ratio, Rhythm, Row, Sum, Unit
from shared.reports.periods import period_of
from shared.reports.report import Asked, Report
from shared.reports.show import shown

_TEXT, _MONEY, _RATE, _COUNT = Kind.TEXT, Kind.MONEY, Kind.RATE, Kind.COUNT
_MONTHS = 12

COLUMNS = (
    Column("unit", "单位", "unit", _TEXT),
    Column("code", "区划代码", "area code", _TEXT, hidden=True),
    Column("planned", "计划整合规模", "planned integration scale", _MONEY),
    Column("planned_before", "上年实际整合", "integrated last year", _MONEY),
    Column("planned_change", "比上年增减", "change on last year", _MONEY, Sum(("planned",), ("planned_before",))),
    Column("received", "到位资金", "received", _MONEY),
    Column("linked", "与项目对接资金", "linked to projects", _MONEY),
    Column("linked_in_all", "对接合计", "linked by the unit and below it", _MONEY, hidden=True),
    Column("planned_rate", "计划对接率", "linked of what is planned", _RATE, Ratio(("linked_in_all",), ("planned",))),
    Column("linking_rate", "对接率", "linking rate", _RATE, Ratio(("linked_in_all",), ("received",))),
    Column("spent", "实际支出", "spent", _MONEY),
    Column("progress", "支出进度", "payment progress", _RATE, Ratio(("spent",), ("linked",))),
    Column("linkage_linked", "衔接资金", "linkage money", _MONEY),
    Column("linkage_central", "其中中央", "of which central", _MONEY),
    Column("linkage_provincial", "省级", "provincial", _MONEY),
    Column("linkage_city", "市级", "city", _MONEY),
    Column("linkage_county", "县级", "county", _MONEY),
    Column("linkage_spent", "衔接资金支出", "linkage money spent", _MONEY),
    Column(
        "linkage_progress",
        "衔接资金支出进度",
        "linkage progress",
        _RATE,
        Ratio(("linkage_spent",), ("linkage_linked",)),
    ),
    Column("industry_spent", "用于产业", "spent on industry", _MONEY),
    Column("industry_share", "产业占比", "industry share", _RATE, Ratio(("industry_spent",), ("linkage_spent",))),
    Column("projects", "项目", "projects", _COUNT),
    Column("started", "开工", "started", _COUNT),
    Column("completed", "完工", "completed", _COUNT),
    Column("accepted", "验收", "accepted", _COUNT),
    Column("start_rate", "开工率", "start rate", _RATE, Ratio(("started",), ("projects",))),
    Column("completion_rate", "完工率", "completion rate", _RATE, Ratio(("completed",), ("projects",))),
    Column("balance", "结余", "balance", _MONEY, Sum(("linked",), ("spent",))),
    Column("balance_rate", "结余率", "balance rate", _RATE, Ratio(("balance",), ("linked",))),
    Column("elapsed", "序时进度", "part of the year", _RATE, hidden=True),
    Column("lead", "超序时", "lead over the calendar", Kind.POINTS, Sum(("progress",), ("elapsed",))),
    Column("spent_before", "上期支出", "spent by the report before", _MONEY, hidden=True),
    Column("increase", "本期新增支出", "increase", _MONEY, Sum(("spent",), ("spent_before",))),
    Column("rank", "位次", "rank", Kind.RANK, Rank("progress")),
    Column("alerts_open", "未办结预警", "open alerts", _COUNT),
    Column("alerts_due", "到期预警", "alerts due", _COUNT, hidden=True),
    Column("alerts_handled", "已办预警", "alerts handled", _COUNT, hidden=True),
    Column("handled_rate", "预警处置率", "handled rate", _RATE, Ratio(("alerts_handled",), ("alerts_due",))),
)


def elapsed(year: int, as_of: date) -> Fraction:
    """The part of a fiscal year that has passed, by whole months as the circulars count: all of it once over (§4.4 c19)."""
    if as_of.year != year:
        return Fraction(int(as_of.year > year))
    whole = as_of.month if (as_of + timedelta(days=1)).day == 1 else as_of.month - 1
    return Fraction(whole, _MONTHS)


def _scope(asked: Asked) -> str:
    return f"{asked.start.year}年度资金"


async def gather(raw: asyncpg.Connection, asked: Asked) -> list[Row]:
    """One row for each county of a city or province, or each township of a county, that has money of the year."""
    before = period_of(Rhythm.FORTNIGHT, asked.start) - timedelta(days=1)
    records = await raw.fetch(
        PROGRESS,
        *asked.area.span,
        asked.start.year,
        asked.as_of,
        unit_size(asked),
        before,
        start_of(asked.as_of + timedelta(days=1)),
        list(ALLOCATED),
        list(PAID),
    )
    rows = [dict(record) for record in records]
    return [_facts(row, asked, sum(each["linked"] for each in rows)) for row in rows]


def _facts(row: Mapping[str, Any], asked: Asked, linked_in_all: Fen) -> Row:
    """Money comes to the county: beside its townships its own row says how much of it is linked in all."""
    is_own = row["unit"] == int(asked.area)
    given = [column.name for column in COLUMNS if column.formula is None and column.name in row]
    return {
        **{name: row[name] for name in given},
        "unit": f"{row['name'] or str(AreaCode(row['unit']))}{'本级' if is_own else ''}",
        "code": str(AreaCode(row["unit"])),
        "linked_in_all": linked_in_all if is_own else row["linked"] if row["received"] or row["planned"] else 0,
        "elapsed": elapsed(asked.start.year, asked.as_of),
    }


def narrative(computed: Computed, asked: Asked) -> Sequence[str]:
    """The circular's paragraph: the whole, who leads, and who is behind the calendar."""
    column = {each.name: each for each in COLUMNS}

    def text(row: Row, name: str) -> str:
        return shown(column[name], Unit.WAN, row[name])

    if not computed.rows:
        return ["本期没有资金数据。"]
    total = computed.total
    words = [
        (
            f"截至{asked.as_of.year}年{asked.as_of.month}月{asked.as_of.day}日，"
            f"{_scope(asked)}与项目对接{text(total, 'linked')}万元，"
            f"实际支出{text(total, 'spent')}万元，支出进度{text(total, 'progress')}%；"
            f"其中衔接资金{text(total, 'linkage_linked')}万元，支出{text(total, 'linkage_spent')}万元，"
            f"用于产业占{text(total, 'industry_share')}%。"
        ),
    ]
    first = [row["unit"] for row in computed.rows if row["rank"] == 1 and row["progress"] is not None]
    if first:
        words.append(f"支出进度居首：{'、'.join(map(str, first))}。")
    behind = [
        f"{row['unit']}（{text(row, 'lead')}个百分点）"
        for row in computed.rows
        if isinstance(row["lead"], int | Fraction) and row["lead"] < 0
    ]
    if behind:
        words.append(f"落后于序时进度：{'、'.join(behind)}。")
    return words


PROGRESS_REPORT = Report(
    id="funds.progress",
    version=3,
    zh="项目资金进度半月报",
    en="progress of projects and money, twice a month",
    rhythm=Rhythm.FORTNIGHT,
    columns=COLUMNS,
    gather=gather,
    narrative=narrative,
    readers=frozenset(
        {
            *(Role.FINANCE_CLERK, Role.FINANCE_REVIEWER, Role.FINANCE_LEADER, Role.BUREAU_CLERK, Role.BUREAU_LEADER),
            *(Role.LEADING_GROUP, Role.PROVINCE_READER, Role.AUDITOR),
        }
    ),
    issuers=frozenset({Role.FINANCE_LEADER, Role.BUREAU_LEADER, Role.PROVINCE_READER}),
    rule="§4.4",
    foot_zh="统计期所在年度的指标口径；超序时为支出进度减该年度已过月份÷12，年度终了后按100%；计划整合规模取截止日已备案的最新方案；比率由合计数重新计算，不取平均；分母为零者不列进度，排在最后。",
    annexes=(RANKS_EXPLAINED,),
    scope=_scope,
)
"""Table and circular; a unit without linked money is blank and last, equal progress shares a rank (scenarios 60, 61)."""
