"""Known bulletin 批次调整 (adjustment): money taken back, sources, uses, and what of it is new money (§2.6).

A table tells it by records (调整前, 调整后, 收回, 来源, 安排) or by columns (调整前, 调整后, 增减) for each project.
"""

from collections.abc import Mapping, Sequence
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
from services.funds.domain.bulletins.tally import agrees, one, slack, stated_in, summed, total, unbalanced
from shared.bulletins.findings import BulletinKind, Finding, Severity
from shared.bulletins.words import Standing
from shared.reports.model import Column, Kind, Ratio, Sum

BEFORE, AFTER, BACK, SOURCE, SOURCES, USE, USES = (
    "before",
    "after",
    "back",
    "source",
    "sources",
    "use",
    "uses",
)
_RECORDS = (
    ("调整前", BEFORE),
    ("调整后", AFTER),
    ("收回", BACK),
    ("来源合计", SOURCES),
    ("来源", SOURCE),
    ("安排合计", USES),
    ("安排", USE),
)

HEADINGS = (
    Heading("record", ("记录", "行类型")),
    Heading("level", ("级次", "资金级次", "级别")),
    Heading("document", ("文号", "资金文号", "指标文号")),
    Heading("name", ("名称", "项目名称", "项目"), required=True),
    Heading("before", ("调整前", "原计划", "原安排"), Holds.MONEY),
    Heading("after", ("调整后", "调整后计划", "现安排"), Holds.MONEY),
    Heading("change", ("调整金额", "增减", "调增", "增减额"), Holds.MONEY),
    Heading("amount", ("金额", "资金", "投资"), Holds.MONEY),
)
COLUMNS = (
    Column("key", "代号", "key", Kind.TEXT, totalled=False, hidden=True),
    Column("row", "项目", "what", Kind.TEXT, totalled=False),
    Column("before", "调整前", "before", Kind.MONEY, totalled=False),
    Column("after", "调整后", "after", Kind.MONEY, totalled=False),
    Column("change", "增减", "change", Kind.MONEY, Sum(("after",), ("before",)), totalled=False),
    Column("amount", "金额", "amount", Kind.MONEY, totalled=False),
    Column("whole", "合计金额", "whole", Kind.MONEY, totalled=False, hidden=True),
    Column("share", "占比", "share", Kind.RATE, Ratio(("amount",), ("whole",)), totalled=False),
)


def record(texts: Mapping[str, str], standing: Standing) -> str:
    """What a row is: by the column that says so, else by its words."""
    said = texts.get("record", "")
    for word, meant in _RECORDS:
        if said.startswith(word):
            return meant
    return {Standing.GRAND: TOTAL, Standing.SUB: SUBTOTAL}.get(standing, ITEM)


def own(lines: Sequence[Line], _policy: Policy) -> list[Own]:
    """Each adjusted project, what was taken back, sources against uses, and the new money among the sources."""
    rows = [*_projects(lines), *_cuts(lines)]
    sources, uses, back = _of(lines, SOURCE), _of(lines, USE), _of(lines, BACK)
    if back:
        rows.append(summed("reused", "收回再安排", "taken back", back))
    if sources:
        rows.append(summed("sources", "来源合计", "sources", sources, _of(lines, SOURCES)))
        fresh = (total(sources, "amount") or 0) - (total(back, "amount") or 0)
        rows.append(one("fresh", "扣除收回再安排后的新增资金", "sources less what was taken back", {"amount": fresh}))
    if uses:
        whole = total(uses, "amount")
        rows.append(summed("uses", "安排合计", "uses", uses, _of(lines, USES)))
        rows += [
            Own(f"use:{line.text('name')}", line.text("name"), {"amount": line.exact("amount"), "whole": whole})
            for line in uses
        ]
    if sources and uses:
        gap = (total(sources, "amount") or 0) - (total(uses, "amount") or 0)
        rows.append(one("gap", "来源减安排", "sources less uses", {"amount": gap}))
    return rows


def remarks(lines: Sequence[Line], _policy: Policy) -> list[Finding]:
    """What is given out is what there is: sources and uses of an adjustment are equal."""
    sources, uses = _of(lines, SOURCE), _of(lines, USE)
    received, given = total(sources, "amount"), total(uses, "amount")
    if received is None or given is None or abs(Fraction(received - given)) <= slack([*sources, *uses], "amount"):
        return []
    if not (agrees(uses, _of(lines, USES)) and agrees(sources, _of(lines, SOURCES))):
        return []
    words = Words("安排合计＝来源合计", "uses = sources")
    return [unbalanced([*_of(lines, USES), *uses][0], "安排合计", given, received, words, Severity.ERROR)]


def _projects(lines: Sequence[Line]) -> list[Own]:
    """A table with a column before and one after: each row, and their sums."""
    items = [line for line in _of(lines, ITEM) if "before" in line.cells and "after" in line.cells]
    rows = [
        _project(f"item:{number}", line.text("name") or line.label, [line], [line])
        for number, line in enumerate(items, 1)
    ]
    return [*rows, _project("all", "合计", items, _of(lines, TOTAL))] if items else []


def _project(key: str, zh: str, lines: Sequence[Line], stated: Sequence[Line]) -> Own:
    names = ("before", "after")
    facts = {name: total(lines, name) for name in names}
    words = {name: Words(f"{zh}（{len(lines)}行之和）", f"sum of {len(lines)} rows") for name in names}
    printed = stated_in(stated, "change", *(names if key == "all" else ()))
    return Own(key, zh, facts, words, printed, {name: slack(lines, name) for name in names})


def _cuts(lines: Sequence[Line]) -> list[Own]:
    """What was taken back of each source that has a row before and one after."""
    rows = []
    for before in _of(lines, BEFORE):
        after = [line for line in _of(lines, AFTER) if _same(line, before)]
        if len(after) != 1:
            continue
        cut = (before.exact("amount") or 0) - (after[0].exact("amount") or 0)
        back = [line for line in _of(lines, BACK) if _source(line) == _source(before)]
        printed = tuple(Stated(line, line.cells["amount"]) for line in back if "amount" in line.cells)
        rows.append(
            Own(
                f"cut:{before.text('name')}",
                f"{before.text('name')}收回",
                {"amount": cut},
                {"amount": Words("调整前 − 调整后", "before - after")},
                {"amount": printed} if len(printed) == 1 else {},
                {"amount": slack([before, after[0]], "amount")},
            )
        )
    return rows


def _same(one_line: Line, other: Line) -> bool:
    return one_line.text("name") == other.text("name") and _source(one_line) == _source(other)


def _source(line: Line) -> tuple[str, str]:
    return line.text("level"), line.text("document")


def _of(lines: Sequence[Line], *records: str) -> list[Line]:
    return [line for line in lines if line.record in records]


ADJUSTMENT = Known(BulletinKind.ADJUSTMENT, "adjustment of a batch", HEADINGS, COLUMNS, record, own, remarks)
