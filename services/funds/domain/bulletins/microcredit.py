"""Known bulletin 小额信贷 (microcredit): loans by county or township against its households, goals, arrears, ranks (§4.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
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
from services.funds.domain.bulletins.tally import slack, stated_in, total
from services.funds.domain.limits import percent
from shared.bulletins.findings import BulletinKind, Finding, Severity
from shared.bulletins.words import Standing
from shared.reports.model import Column, Figure, Kind, Ratio, Sum

OVERDUE_MAX = "microcredit.overdue_max"
"""The policy number: the overdue rate of a month that is still let pass (FW50)."""

HEADINGS = (
    Heading(
        "unit", ("县", "县区", "县市区", "乡镇", "乡镇街道", "街道", "单位", "地区", "行政村", "村"), required=True
    ),
    Heading("poor", ("脱贫户数", "脱贫户"), Holds.COUNT),
    Heading("monitored", ("监测户数", "监测户", "监测对象"), Holds.COUNT),
    Heading(
        "balance",
        ("目前总贷款余额户数", "存量户数", "贷款余额户数", "余额户数", "在贷户数", "贷款户数"),
        Holds.COUNT,
    ),
    Heading("new", ("当年新增户数", "新增户数", "新增贷款户数", "发放户数"), Holds.COUNT),
    Heading("new_rate", ("新增占比", "新增户数占比", "总贷款新增户数", "新增贷款率"), Holds.RATE),
    Heading("balance_rate", ("余额占比", "余额户数占比", "总贷款余额户数", "贷款覆盖率", "获贷率"), Holds.RATE),
    Heading("rank", ("排名", "名次", "位次"), Holds.COUNT),
    Heading("balance_amount", ("存量金额", "贷款余额", "余额金额", "在贷金额", "余额"), Holds.MONEY),
    Heading("new_amount", ("新增金额", "当年新增金额", "新增贷款金额", "发放金额"), Holds.MONEY),
    Heading("done", ("完成年度目标任务", "目标完成率", "完成率", "任务完成率"), Holds.RATE),
    Heading("overdue", ("逾期户数",), Holds.COUNT),
    Heading("overdue_amount", ("逾期金额",), Holds.MONEY),
    Heading("overdue_rate", ("逾期率",), Holds.RATE),
)
_RATE, _COUNT, _MONEY = Kind.RATE, Kind.COUNT, Kind.MONEY
COLUMNS = (
    Column("key", "代号", "key", Kind.TEXT, totalled=False, hidden=True),
    Column("row", "单位", "unit", Kind.TEXT, totalled=False),
    Column("poor", "脱贫户数", "households out of poverty", _COUNT, totalled=False),
    Column("monitored", "监测户数", "monitored households", _COUNT, totalled=False),
    Column(
        "households",
        "脱贫户和监测户",
        "households out of poverty and monitored",
        _COUNT,
        Sum(("poor", "monitored")),
        totalled=False,
    ),
    Column("balance", "余额户数", "households with a loan", _COUNT, totalled=False),
    Column("new", "当年新增户数", "households with a loan of this year", _COUNT, totalled=False),
    Column("new_beyond", "新增减余额户数", "new less standing", _COUNT, Sum(("new",), ("balance",)), totalled=False),
    Column(
        "new_rate", "新增户数占比", "share with a new loan", _RATE, Ratio(("new",), ("households",)), totalled=False
    ),
    Column(
        "balance_rate", "余额户数占比", "share with a loan", _RATE, Ratio(("balance",), ("households",)), totalled=False
    ),
    Column("rank", "位次", "rank", Kind.RANK, totalled=False),
    Column("balance_amount", "贷款余额", "standing loans", _MONEY, totalled=False),
    Column("mean", "户均余额", "mean loan", _MONEY, Ratio(("balance_amount",), ("balance",)), totalled=False),
    Column("new_amount", "当年新增金额", "new loans", _MONEY, totalled=False),
    Column("done", "年度目标完成率", "goal reached", _RATE, totalled=False),
    Column("goal", "年度目标（推算）", "goal, implied", _MONEY, Ratio(("new_amount",), ("done",)), totalled=False),
    Column("overdue", "逾期户数", "households in arrears", _COUNT, totalled=False),
    Column("overdue_amount", "逾期金额", "amount in arrears", _MONEY, totalled=False),
    Column(
        "overdue_rate",
        "逾期率",
        "overdue rate",
        _RATE,
        Ratio(("overdue_amount",), ("balance_amount",)),
        totalled=False,
    ),
    Column(
        "overdue_households",
        "逾期户占比",
        "share of households in arrears",
        _RATE,
        Ratio(("overdue",), ("balance",)),
        totalled=False,
    ),
)
_ZH = {column.name: column.zh for column in COLUMNS}
_EN = {column.name: column.en for column in COLUMNS}
_SUMMED = ("poor", "monitored", "balance", "new", "balance_amount", "new_amount", "overdue", "overdue_amount")
_RATES = ("new_rate", "balance_rate", "overdue_rate")


def record(_texts: Mapping[str, str], standing: Standing) -> str:
    """What a row is, by its words."""
    return {Standing.GRAND: TOTAL, Standing.SUB: SUBTOTAL}.get(standing, ITEM)


def own(lines: Sequence[Line], _policy: Policy) -> list[Own]:
    """All units together, the totals as printed, what they leave out, and each unit."""
    items = [line for line in lines if line.record == ITEM and line.cells]
    totals = [line for line in lines if line.record == TOTAL]
    if not any(map(_has_figures, items)):
        return []
    rows = [_all(items, totals)]
    if any(_gap(items, totals, name) for name in _SUMMED):
        rows.append(Own("printed", "合计（按印出的合计数）", _facts(totals[0])))
    missed = left_out(items, totals)
    if missed is not None:
        others = [line for line in items if line is not missed]
        facts = {name: total(others, name) for name in _SUMMED}
        rows.append(Own(f"without:{missed.text('unit')}", f"合计（不含{missed.text('unit')}）", facts))
    return [*rows, *_units(items)]


def left_out(items: Sequence[Line], totals: Sequence[Line]) -> Line | None:
    """The one unit that explains every printed total which is not the sum of all (scenario 62)."""
    gaps = {name: gap for name in _SUMMED if (gap := _gap(items, totals, name))}
    found = [line for line in items if gaps and all(line.exact(name) == gap for name, gap in gaps.items())]
    return found[0] if len(found) == 1 else None


def _gap(items: Sequence[Line], totals: Sequence[Line], name: str) -> int | Fraction:
    """By how much the printed total is below the sum; 0 where it is not printed, or not all units are published."""
    printed = totals[0].exact(name) if totals else None
    whole = total(items, name)
    if printed is None or whole is None or any(name not in line.cells for line in items):
        return 0
    return whole - printed


def _all(items: Sequence[Line], totals: Sequence[Line]) -> Own:
    """The sums of all units. Where some units publish nothing, the printed total stands for the sum."""
    facts: dict[str, Figure] = {name: total(items, name) for name in _SUMMED}
    words = {name: _sum_words(name, items, totals) for name in _SUMMED}
    for name in (*_SUMMED, "done"):
        if any(name not in line.cells for line in items) or name == "done":
            facts[name] = totals[0].exact(name) if totals else None
            words[name] = Words("印出的合计（各单位未全部公布）", "as printed; not published for every unit")
    facts = _with_base(facts, items)
    loose = {name: slack(items, name) for name in _SUMMED}
    return Own("all", "合计", facts, words, stated_in(totals, *_SUMMED, *_RATES), loose)


def _sum_words(name: str, items: Sequence[Line], totals: Sequence[Line]) -> Words:
    """How a total is made; where the printed one is of another set than its neighbours, that is said (SET_MISMATCH)."""
    zh, en = f"各单位{_ZH[name]}之和（{len(items)}行）", f"sum of {_EN[name]} ({len(items)} rows)"
    missed = left_out(items, totals)
    if missed is None or not _gap(items, totals, name):
        return Words(zh, en)
    unit, figure = missed.text("unit"), missed.cells[name].print.text
    whole = [other for other in _SUMMED if other in totals[0].cells and not _gap(items, totals, other)]
    with_zh, with_en = "、".join(_ZH[each] for each in whole), ", ".join(_EN[each] for each in whole)
    if not whole:
        return Words(f"{zh}；未计入{unit}（{figure}）", f"{en}; leaves out {unit} ({figure})")
    return Words(
        f"{zh}；口径不一致：未计入{unit}（{figure}），而{with_zh}已计入",
        f"{en}; set mismatch: leaves out {unit} ({figure}), which {with_en} count",
    )


def _units(items: Sequence[Line]) -> list[Own]:
    basis, ranks = _ranks(items)
    words = Words(f"按{_ZH[basis]}从高到低", f"by {_EN[basis]}, highest first")
    rows = []
    for number, (line, rank) in enumerate(zip(items, ranks, strict=True), 1):
        unit = line.text("unit") or line.label
        facts = {**_with_base(_facts(line), items), "rank": rank}
        loose = {name: line.cells[name].slack for name in line.cells}
        rows.append(Own(f"unit:{unit}", unit, facts, {"rank": words}, stated_in([line], *_RATES, "rank"), loose))
        if any(row.key == rows[-1].key for row in rows[:-1]):
            rows[-1] = replace(rows[-1], key=f"unit:{unit}#{number}")
    return rows


def _ranks(items: Sequence[Line]) -> tuple[str, list[int | None]]:
    """The figure that the printed ranks follow best, else the first there is, and the ranks by it; equals share one."""
    printed = [line.exact("rank") for line in items]
    orders = {name: _rank(figures) for name, figures in _rankable(items).items() if any(figures)}
    if not orders:
        return "balance_rate", [None] * len(items)
    basis = max(orders, key=lambda name: sum(map(_same, orders[name], printed)))
    return basis, orders[basis]


def _same(ours: int | None, printed: Figure) -> bool:
    return ours is not None and ours == printed


def _rankable(items: Sequence[Line]) -> dict[str, list[Fraction | None]]:
    facts = [_with_base(_facts(line), items) for line in items]
    return {
        "balance_rate": [_share(each, "balance") for each in facts],
        "new_rate": [_share(each, "new") for each in facts],
        "done": [None if each["done"] is None else Fraction(each["done"]) for each in facts],
    }


def _share(facts: Mapping[str, Figure], name: str) -> Fraction | None:
    above, poor, monitored = facts[name], facts["poor"], facts["monitored"]
    if not isinstance(above, int) or not isinstance(poor, int) or not isinstance(monitored, int):
        return None
    return Fraction(above, poor + monitored) if poor + monitored else None


def _rank(figures: Sequence[Fraction | None]) -> list[int | None]:
    known = [each for each in figures if each is not None]
    if len(known) < len(figures):
        return [None] * len(figures)  # who does not publish may stand anywhere
    return [1 + sum(other > each for other in known) for each in known]


def _facts(line: Line) -> dict[str, Figure]:
    return {name: line.exact(name) for name in (*_SUMMED, "done")}


def _with_base(facts: Mapping[str, Figure], items: Sequence[Line]) -> dict[str, Figure]:
    """Where the table has one column for both kinds of household, the other is nothing, not unknown."""
    printed = {name for line in items for name in line.cells}
    other = {"poor": "monitored", "monitored": "poor"}
    return {**facts, **{name: 0 for name, has in other.items() if name not in printed and has in printed}}


def _has_figures(line: Line) -> bool:
    return any(name in line.cells for name in ("balance", "new", "balance_amount", "new_amount"))


def remarks(lines: Sequence[Line], policy: Policy) -> list[Finding]:
    """An overdue rate above the control line is to be asked about; exactly on it passes (FW50)."""
    limit = policy.get(OVERDUE_MAX)
    stated = [Stated(line, line.cells["overdue_rate"]) for line in lines if "overdue_rate" in line.cells]
    if limit is None:
        return []
    return [
        Finding(
            line.label,
            cell.heading,
            cell.print.text,
            percent(limit),
            f"逾期率高于控制线{percent(limit)}%（FW50）",
            f"the overdue rate is above the control line of {percent(limit)} % (FW50)",
            Severity.INFO,
            "policy",
            line.number,
            cell.column,
            line.sheet,
        )
        for line, cell in stated
        if _overdue(line) > limit
    ]


def _overdue(line: Line) -> Fraction:
    """The exact overdue rate of a row, or the printed one where its parts are not published."""
    above, below = line.exact("overdue_amount"), line.exact("balance_amount")
    return (
        Fraction(above) / Fraction(below) if above is not None and below else Fraction(line.exact("overdue_rate") or 0)
    )


MICROCREDIT = Known(
    BulletinKind.MICROCREDIT,
    "microcredit by unit",
    HEADINGS,
    COLUMNS,
    record,
    own,
    remarks,
    parameters=(OVERDUE_MAX,),
)
