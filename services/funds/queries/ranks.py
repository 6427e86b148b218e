"""Which projects cost a unit its rank (位次说明): the annex of the progress report (§4.4 c21).

A project holds its unit back when it has paid less than the average: all money spent ÷ all money linked in the report.
What it misses is the smallest amount, in whole fen, with which it would stand at the average. The rank that its unit
would have follows from the unit's progress with this amount added, against the other units as they are.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import asyncpg

from services.funds.bulk.progress_sql import BEHIND
from services.funds.domain.postings import ALLOCATED, PAID
from shared.kernel.areas import AreaLevel
from shared.kernel.money import Fen
from shared.reports.compute import Computed
from shared.reports.model import Column, Kind, Ratio, Row, Unit
from shared.reports.report import Annex, Asked
from shared.reports.show import shown

_NAMED = 5
"""Projects of each unit that are named; the others stand together in one row."""

COLUMNS = (
    Column("unit", "单位", "unit", Kind.TEXT),
    Column("code", "区划代码", "area code", Kind.TEXT, hidden=True),
    Column("rank", "位次", "rank", Kind.COUNT),
    Column("project", "拖后项目", "project behind the average", Kind.TEXT),
    Column("linked", "对接资金", "linked", Kind.MONEY),
    Column("spent", "实际支出", "spent", Kind.MONEY),
    Column("progress", "支出进度", "payment progress", Kind.RATE, Ratio(("spent",), ("linked",))),
    Column("missing", "距平均所差", "missing to the average", Kind.MONEY),
    Column("rank_alone", "该项补足后位次", "rank if this one caught up", Kind.COUNT),
    Column("average", "平均支出进度", "average progress", Kind.RATE, hidden=True),
    Column("unit_progress", "单位支出进度", "progress of the unit", Kind.RATE, hidden=True),
    Column("progress_after", "全部补足后支出进度", "progress if all caught up", Kind.RATE),
    Column("rank_after", "全部补足后位次", "rank if all caught up", Kind.COUNT),
)
_COLUMN = {column.name: column for column in COLUMNS}


def unit_size(asked: Asked) -> int:
    """How many area codes one unit of the report holds: a township of a county, else a county."""
    below = AreaLevel.TOWNSHIP if asked.area.level >= AreaLevel.COUNTY else AreaLevel.COUNTY
    return {AreaLevel.TOWNSHIP: 10**3, AreaLevel.COUNTY: 10**6}[below]


async def gather(raw: asyncpg.Connection, asked: Asked, explained: Computed) -> list[Row]:
    """The projects below the average, of every unit that is not first; the most money missing first."""
    spent, linked = explained.total["spent"], explained.total["linked"]
    units = {int(str(row["code"])): row for row in explained.rows if row["progress"] is not None and row["rank"] != 1}
    if not units or not spent or not linked:
        return []
    records = await raw.fetch(
        BEHIND,
        *asked.area.span,
        asked.start.year,
        asked.as_of,
        unit_size(asked),
        list(ALLOCATED),
        list(PAID),
        spent,
        linked,
        list(units),
        _NAMED,
    )
    missing: dict[int, Fen] = {}
    for record in records:
        missing[record["unit"]] = missing.get(record["unit"], 0) + record["missing"]
    rates = {str(row["code"]): row["progress"] for row in explained.rows}
    average = Fraction(_whole(spent), _whole(linked))
    return [_facts(record, units[record["unit"]], missing[record["unit"]], rates, average) for record in records]


def _facts(record: Any, unit: Row, missing: Fen, rates: dict[str, Any], average: Fraction) -> Row:
    others = [rate for code, rate in rates.items() if code != unit["code"] and rate is not None]
    alone, after = (
        Fraction(_whole(unit["spent"]) + added, _whole(unit["linked"])) for added in (record["missing"], missing)
    )
    count = record["projects"]
    return {
        **{name: unit[name] for name in ("unit", "code", "rank")},
        "project": record["name"] if count == 1 else f"其余{count}个项目",
        **{name: record[name] for name in ("linked", "spent", "missing")},
        "rank_alone": rank_at(alone, others),
        "average": average,
        "unit_progress": unit["progress"],
        "progress_after": after,
        "rank_after": rank_at(after, others),
    }


def rank_at(rate: Fraction, others: Sequence[Fraction]) -> int:
    """The rank of a rate among others: one more than how many are higher (scenario 60)."""
    return 1 + sum(other > rate for other in others)


def _whole(figure: object) -> Fen:
    assert isinstance(figure, int), "money is whole fen"
    return figure


def narrative(computed: Computed, _asked: Asked) -> Sequence[str]:
    """How the ranks are explained, then a sentence for each unit."""
    if not computed.rows:
        return ["各单位位次没有因项目支付低于平均而受影响。"]
    by_unit: dict[str, list[Row]] = {}
    for row in computed.rows:
        by_unit.setdefault(str(row["code"]), []).append(row)
    average = _text(computed.rows[0], "average")
    rule = (
        f"全部单位的平均支出进度为{average}%（实际支出合计÷对接资金合计）。支出进度低于平均的项目列为拖后项目；"
        "“所差”是其达到平均尚须支付的金额，不足一分进为一分；补足后的位次按其他单位不变计算。"
    )
    return [rule, *map(_sentence, by_unit.values())]


def _sentence(rows: Sequence[Row]) -> str:
    first = rows[0]
    named = "、".join(f"{row['project']}（差{_text(row, 'missing')}万元）" for row in rows)
    verb = "仍居" if first["rank_after"] == first["rank"] else "可居"
    return (
        f"{first['unit']}居第{first['rank']}位，支出进度{_text(first, 'unit_progress')}%，拖后项目：{named}；"
        f"全部补足后支出进度{_text(first, 'progress_after')}%，{verb}第{first['rank_after']}位。"
    )


def _text(row: Row, name: str) -> str:
    return shown(_COLUMN[name], Unit.WAN, row[name])


RANKS_EXPLAINED = Annex("位次说明", "ranks explained", COLUMNS, gather, narrative)
