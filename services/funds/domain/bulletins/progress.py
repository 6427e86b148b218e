"""Known bulletin 资金进度 (progress): money linked, spent and left by unit, or as a list of named figures (§4.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.funds.domain.bulletins.model import (
    ITEM,
    SUBTOTAL,
    TOTAL,
    Heading,
    Holds,
    Known,
    Line,
    Own,
    Policy,
    Stated,
    Words,
)
from services.funds.domain.bulletins.progress_list import Listed, listed, rows_of_list, scope_remarks
from services.funds.domain.bulletins.tally import slack, stated_in
from shared.bulletins.findings import BulletinKind, Finding
from shared.bulletins.rounding import Agreement, compare
from shared.bulletins.words import Standing
from shared.reports.model import Column, Figure, Kind, Ratio, Sum

HEADINGS = (
    Heading(
        "unit",
        ("指标", "县市区", "县区", "县", "乡镇", "乡镇街道", "部门", "单位", "地区", "名称", "项目"),
        required=True,
    ),
    Heading("group", ("分组", "类别", "板块")),
    Heading("value", ("数值", "数据", "数额"), Holds.NAMED),
    Heading("planned", ("计划整合规模", "计划规模", "整合规模"), Holds.MONEY),
    Heading("planned_before", ("上年实际整合", "上年整合", "上年实际"), Holds.MONEY),
    Heading("planned_change", ("比上年增减", "比上年增加"), Holds.MONEY),
    Heading("linked", ("项目与资金对接", "与项目对接资金", "对接资金", "对接金额"), Holds.MONEY),
    Heading("progress", ("支出进度", "支付进度", "支出率", "支付率", "拨付率", "拨付进度"), Holds.RATE),
    Heading("balance_rate", ("结余率", "结转结余率"), Holds.RATE),
    Heading("balance", ("结余资金", "结余", "未支出", "余额"), Holds.MONEY),
    Heading("part_rate", ("产业占比", "产业资金占比"), Holds.RATE),
    Heading("part", ("用于产业", "产业支出", "产业资金", "其中产业"), Holds.MONEY),
    Heading("spent", ("实际支出", "已支出", "支出金额", "支付金额", "已支付", "已拨付", "支出"), Holds.MONEY),
    Heading(
        "received",
        (
            "到位资金",
            "下达资金",
            "安排资金",
            "资金总额",
            "资金合计",
            "资金规模",
            "指标金额",
            "衔接资金",
            "到位",
            "下达",
        ),
        Holds.MONEY,
    ),
    Heading("rank", ("排名", "名次", "位次"), Holds.COUNT),
)
_RATE, _COUNT, _MONEY = Kind.RATE, Kind.COUNT, Kind.MONEY


def _column(name: str, zh: str, en: str, kind: Kind, formula: Sum | Ratio | None = None) -> Column:
    return Column(name, zh, en, kind, formula, totalled=False)


COLUMNS = (
    Column("key", "代号", "key", Kind.TEXT, totalled=False, hidden=True),
    _column("row", "项目", "what", Kind.TEXT),
    _column("planned", "计划整合规模", "planned integration scale", _MONEY),
    _column("planned_before", "上年实际整合", "integrated last year", _MONEY),
    _column("planned_change", "比上年增减", "change on last year", _MONEY, Sum(("planned",), ("planned_before",))),
    _column("base", "对接或到位资金", "money linked or received", _MONEY),
    _column("spent", "实际支出", "spent", _MONEY),
    _column("progress", "支出进度", "payment progress", _RATE, Ratio(("spent",), ("base",))),
    _column("balance", "结余", "balance", _MONEY, Sum(("base",), ("spent",))),
    _column("balance_rate", "结余率", "balance rate", _RATE, Ratio(("balance",), ("base",))),
    _column("elapsed", "序时进度", "part of the year", _RATE),
    _column("lead", "超序时", "lead over the calendar", Kind.POINTS, Sum(("progress",), ("elapsed",))),
    _column("rank", "位次", "rank", Kind.RANK),
    _column("increase", "比上年增加", "increase on last year", _MONEY),
    _column("before", "上年同期", "last year", _MONEY, Sum(("base",), ("increase",))),
    _column("growth", "增长", "growth", _RATE, Ratio(("increase",), ("before",))),
    _column("growth_lead", "超平均增长", "growth above the average", Kind.POINTS),
    _column("growth_average", "平均增长（推算）", "average growth, implied", _RATE, Sum(("growth",), ("growth_lead",))),
    _column("part", "其中", "of which", _MONEY),
    _column("part_of", "占比基数", "whole of the share", _MONEY),
    _column("part_rate", "占比", "share", _RATE, Ratio(("part",), ("part_of",))),
    _column("floor", "占比下限", "floor of the share", _RATE),
    _column("floor_lead", "超下限", "above the floor", Kind.POINTS, Sum(("part_rate",), ("floor",))),
    _column("each", "标准", "for each", _MONEY),
    _column("number", "个数（推算）", "how many, implied", _COUNT, Ratio(("spent",), ("each",))),
    _column("count", "个数", "how many", _COUNT),
    _column("mean", "平均", "mean", _MONEY, Ratio(("base",), ("count",))),
    _column("base_rate", "占总额", "part of the whole", _RATE),
    _column("whole", "总额（推算）", "the whole, implied", _MONEY, Ratio(("base",), ("base_rate",))),
)
_FACTS = ("planned", "planned_before", "spent", "part")
_STATED = ("planned_change", "progress", "balance", "balance_rate", "part_rate")


def record(_texts: Mapping[str, str], standing: Standing) -> str:
    """What a row is, by its words."""
    return {Standing.GRAND: TOTAL, Standing.SUB: SUBTOTAL}.get(standing, ITEM)


def own(lines: Sequence[Line], _policy: Policy) -> list[Own]:
    """Of a list its rows by what the names say; of a table all units together, then each unit."""
    figures = listed(lines)
    if figures:
        return rows_of_list(figures)
    items = [line for line in lines if line.record == ITEM and line.cells]
    if not any("spent" in line.cells and _has_base(line) for line in items):
        return []
    printed = [names for names in _PRINTED if any(names[0] in line.cells for line in items)]
    bases = _Bases(
        _fitting(items, "spent", "progress", printed or [_LEFT]),
        _fitting(items, "part", "part_rate", [("spent",), *printed]),
    )
    return [_all(items, _totals(lines), bases), *_units(items, bases)]


def _all(items: Sequence[Line], totals: Sequence[Line], bases: "_Bases") -> Own:
    """The sums of all units. Where some units publish nothing, the printed total stands for the sum."""
    columns = {name: (name,) for name in _FACTS} | {"base": bases.base, "part_of": bases.whole}
    facts: dict[str, Figure] = {}
    for column, names in columns.items():
        is_whole = all(name in line.cells for line in items for name in names)
        facts[column] = _sum(items, names) if is_whole else _added(totals[0], names) if totals else None
    if facts["part"] is None:
        facts["part_of"] = None
    loose = {column: _slack(items, names) for column, names in columns.items()}
    stated = stated_in(totals, *_FACTS, *_STATED) | {"base": _stated_base(totals, bases.base)}
    return Own("all", "合计", facts, _sums(len(items)), stated, loose)


@dataclass(frozen=True, slots=True)
class _Bases:
    """What progress, and the share of a part, are measured by: the columns that are added up."""

    base: tuple[str, ...]
    whole: tuple[str, ...]


_LEFT = ("spent", "balance")
_PRINTED = (("linked",), ("received",))
_BASES = (*_PRINTED, _LEFT)
"""Money linked to projects, else received, else what was spent and what is left."""


def _units(items: Sequence[Line], bases: _Bases) -> list[Own]:
    rows = []
    for number, (line, rank) in enumerate(zip(items, _ranks(items, bases), strict=True), 1):
        facts: dict[str, Figure] = {name: line.exact(name) for name in _FACTS}
        facts |= {"base": _added(line, bases.base), "rank": rank}
        facts |= {"part_of": _added(line, bases.whole) if "part" in line.cells else None}
        words = {"rank": Words("按支出进度从高到低", "by payment progress, highest first")}
        loose = {name: cell.slack for name, cell in line.cells.items()}
        loose |= {"base": _slack([line], bases.base), "part_of": _slack([line], bases.whole)}
        stated = stated_in([line], *_STATED, "rank")
        if bases.base == _LEFT:
            stated.pop("balance", None)
        rows.append(Own(f"unit:{number}", line.text("unit") or line.label, facts, words, stated, loose))
    return rows


def _ranks(items: Sequence[Line], bases: _Bases) -> list[int | None]:
    """Ranks by progress, who has no money last; none where a unit does not publish what its rank follows from."""
    rates = [_rate(line, ("spent",), bases.base) for line in items]
    if any(rate is None and _added(line, bases.base) != 0 for line, rate in zip(items, rates, strict=True)):
        return [None] * len(items)
    known = [each for each in rates if each is not None]
    return [len(known) + 1 if each is None else 1 + sum(other > each for other in known) for each in rates]


def _totals(lines: Sequence[Line]) -> list[Line]:
    """The total rows; a single subtotal at the end is one."""
    totals = [line for line in lines if line.record == TOTAL]
    subtotals = [line for line in lines if line.record == SUBTOTAL]
    return totals or (subtotals if subtotals == list(lines[-1:]) else [])


def _has_base(line: Line) -> bool:
    return any(_added(line, names) is not None for names in _BASES)


def _fitting(items: Sequence[Line], above: str, rate: str, candidates: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The denominator by which most of the printed rates come out, else the first that there is."""

    def weight(names: tuple[str, ...]) -> tuple[int, int]:
        fitting = sum(_fits(line, above, rate, names) for line in items)
        return fitting, sum(_added(line, names) is not None for line in items)

    return max(candidates, key=weight)


def _fits(line: Line, above: str, rate: str, below: tuple[str, ...]) -> bool:
    ours = _rate(line, (above,), below)
    if ours is None or rate not in line.cells:
        return False
    cell = line.cells[rate]
    return compare(cell.print, ours / cell.scale).agreement is not Agreement.DIFFERENT


def _rate(line: Line, above: tuple[str, ...], below: tuple[str, ...]) -> Fraction | None:
    top, bottom = _added(line, above), _added(line, below)
    return Fraction(top) / Fraction(bottom) if bottom and top is not None else None


def _added(line: Line, names: tuple[str, ...]) -> int | Fraction | None:
    figures = [line.exact(name) for name in names]
    known = [each for each in figures if each is not None]
    return sum(known) if len(known) == len(names) else None


def _sum(lines: Sequence[Line], names: tuple[str, ...]) -> int | Fraction:
    return sum(_added(line, names) or 0 for line in lines)


def _slack(lines: Sequence[Line], names: tuple[str, ...]) -> Fraction:
    return sum((slack(lines, name) for name in names), Fraction(0))


def _stated_base(totals: Sequence[Line], names: tuple[str, ...]) -> tuple[Stated, ...]:
    return stated_in(totals, *names).get(names[0], ()) if len(names) == 1 else ()


def _sums(count: int) -> dict[str, Words]:
    zh = {"planned": "计划整合规模", "planned_before": "上年实际整合", "spent": "实际支出", "part": "其中"}
    zh["base"] = "对接或到位资金"
    return {name: Words(f"各单位{word}之和（{count}行）", f"sum of {name} ({count} rows)") for name, word in zh.items()}


def remarks(lines: Sequence[Line], _policy: Policy) -> list[Finding]:
    """What a list says of the same money twice."""
    figures: Sequence[Listed] = listed(lines)
    return scope_remarks(figures)


PROGRESS = Known(BulletinKind.PROGRESS, "progress of money", HEADINGS, COLUMNS, record, own, remarks)
