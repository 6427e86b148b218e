"""Known bulletin 资金项目计划 (plan): sources, projects by class and kind, shares, and whether both sides meet (§1.9)."""

from collections.abc import Mapping, Sequence

from services.funds.domain.bulletins.fees import CAP, fee_remarks, fee_rows, is_fee
from services.funds.domain.bulletins.model import (
    ITEM,
    MEMO,
    SUBTOTAL,
    TOTAL,
    Heading,
    Holds,
    Known,
    Line,
    Own,
    Policy,
    Words,
)
from services.funds.domain.bulletins.tally import agrees, by_text, one, summed, total, unbalanced
from shared.bulletins.findings import BulletinKind, Finding, Severity
from shared.bulletins.words import Standing
from shared.reports.model import Column, Kind, Ratio

SOURCE, SOURCES = "source", "sources"

HEADINGS = (
    Heading("record", ("记录", "行类型", "分类说明")),
    Heading("document", ("文号", "资金文号", "指标文号")),
    Heading("large", ("大类", "项目类别", "类别", "项目类型", "项目大类"), banded=True),
    Heading("small", ("小类", "子类型", "项目子类型", "二级类别", "细类")),
    Heading("name", ("名称", "项目名称", "项目"), required=True),
    Heading("count", ("个数", "项目个数", "项目数", "数量"), Holds.COUNT),
    Heading(
        "amount", ("金额", "安排资金", "资金规模", "计划资金", "投资", "资金", "总投资"), Holds.MONEY, required=True
    ),
)
COLUMNS = (
    Column("key", "代号", "key", Kind.TEXT, totalled=False, hidden=True),
    Column("row", "项目", "what", Kind.TEXT, totalled=False),
    Column("projects", "个数", "projects", Kind.COUNT, totalled=False),
    Column("amount", "金额", "amount", Kind.MONEY, totalled=False),
    Column("whole", "合计金额", "whole", Kind.MONEY, totalled=False, hidden=True),
    Column("share", "占比", "share", Kind.RATE, Ratio(("amount",), ("whole",)), totalled=False),
)


def record(texts: Mapping[str, str], standing: Standing) -> str:
    """What a row is: by the column that says so, else by its words."""
    said = texts.get("record", "")
    if "来源" in said:
        return SOURCES if standing is Standing.GRAND or said.endswith(("合计", "小计")) else SOURCE
    return {Standing.GRAND: TOTAL, Standing.SUB: SUBTOTAL, Standing.PART: MEMO}.get(standing, ITEM)


def own(lines: Sequence[Line], policy: Policy) -> list[Own]:
    """Sources by level, projects in all, by class and by kind, and the two sides of the plan."""
    items = _of(lines, ITEM)
    sources = _of(lines, SOURCE)
    rows = [*_sources(lines, sources)] if sources else []
    whole = total(items, "amount")
    rows.append(summed("items", "项目合计", "projects", items, _of(lines, TOTAL), {"whole": whole}))
    for large, group in by_text(items, "large").items():
        stated = [line for line in _of(lines, SUBTOTAL) if _speaks_of(line, large, "")]
        rows.append(summed(f"large:{large}", large, large, group, stated, {"whole": whole}))
        for small, part in by_text(group, "small").items():
            stated = [line for line in _of(lines, SUBTOTAL) if _speaks_of(line, large, small)]
            rows.append(summed(f"small:{large}/{small}", f"{large}·{small}", small, part, stated, {"whole": whole}))
    subtotals = [line for line in _of(lines, SUBTOTAL) if not line.text("small")]
    if subtotals:
        rows.append(summed("subtotals", "各小计", "subtotals", subtotals))
    if sources:
        gap = (total(sources, "amount") or 0) - (whole or 0)
        rows.append(one("gap", "来源减安排", "sources less projects", {"amount": gap}))
    return [*rows, *fee_rows(_fees(items), whole, policy)]


def remarks(lines: Sequence[Line], policy: Policy) -> list[Finding]:
    """More arranged than received contradicts itself, less is to be explained; and so is a fee above its cap (NL16)."""
    items = _of(lines, ITEM)
    return [*_unbalanced(lines), *fee_remarks(_fees(items), total(items, "amount"), policy)]


def _fees(items: Sequence[Line]) -> list[Line]:
    return [line for line in items if is_fee(line, "large", "small", "name")]


def _unbalanced(lines: Sequence[Line]) -> list[Finding]:
    sources, items, totals = _of(lines, SOURCE), _of(lines, ITEM), _of(lines, TOTAL)
    received, arranged = total(sources, "amount"), total(items, "amount")
    if received is None or arranged is None or received == arranged:
        return []
    if not (agrees(items, totals) and agrees(sources, _of(lines, SOURCES))):
        return []
    words = Words("安排合计＝来源合计", "arranged = received")
    severity = Severity.ERROR if arranged > received else Severity.WARNING
    return [unbalanced([*totals, *items][0], "安排合计", arranged, received, words, severity)]


def _sources(lines: Sequence[Line], sources: Sequence[Line]) -> list[Own]:
    whole = total(sources, "amount")
    rows = [summed("sources", "来源合计", "sources", sources, _of(lines, SOURCES), {"whole": whole})]
    for level, group in by_text(sources, "large").items():
        rows.append(summed(f"source:{level}", f"{level}资金", f"{level} money", group, (), {"whole": whole}))
    return rows


def _speaks_of(line: Line, large: str, small: str) -> bool:
    """Whether a subtotal is that of a class, or of a kind within it."""
    if line.text("small") != small and not (small and line.text("name") == small):
        return False
    return line.text("large") == large or (not small and not line.text("large") and line.text("name") == large)


def _of(lines: Sequence[Line], *records: str) -> list[Line]:
    return [line for line in lines if line.record in records]


PLAN = Known(
    BulletinKind.PLAN, "plan of money and projects", HEADINGS, COLUMNS, record, own, remarks, parameters=(CAP,)
)
