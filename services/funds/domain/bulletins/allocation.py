"""Known bulletin 资金分配 (allocation): money by group, unit, village and kind of work, its subtotals, and the fee (§2.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

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
from services.funds.domain.bulletins.tally import by_text, one, summed, total
from shared.bulletins.figures import exact_text
from shared.bulletins.findings import BulletinKind, Finding, Severity
from shared.bulletins.words import Standing
from shared.reports.model import Column, Figure, Kind, Ratio

GOAL = "goal"
"""The sum that the table of performance goals repeats."""

HEADINGS = (
    Heading("serial", ("序号", "编号", "行次")),
    Heading("category", ("类别", "项目类别", "项目类型", "大类"), banded=True),
    Heading("group", ("组", "分组", "组别", "片区"), banded=True),
    Heading("unit", ("单位", "县区", "县(市、区)", "县市区", "地区", "市县", "乡镇", "预算单位"), banded=True),
    Heading("village", ("村名", "村", "实施村", "村别")),
    Heading("nature", ("建设性质", "性质")),
    Heading("name", ("项目", "项目名称", "名称", "建设内容")),
    Heading(
        "amount", ("金额", "资金", "投资", "分配资金", "下达资金", "安排资金", "总投资"), Holds.MONEY, required=True
    ),
    Heading("disaster", ("其中灾情因素", "灾情因素", "灾情"), Holds.MONEY),
)
_BY = (("category", "类别"), ("group", "组"), ("unit", "单位"), ("village", "村"), ("nature", "建设性质"))
COLUMNS = (
    Column("key", "代号", "key", Kind.TEXT, totalled=False, hidden=True),
    Column("row", "项目", "what", Kind.TEXT, totalled=False),
    Column("projects", "个数", "projects", Kind.COUNT, totalled=False),
    Column("amount", "金额", "amount", Kind.MONEY, totalled=False),
    Column("disaster", "其中灾情因素", "of which for disaster", Kind.MONEY, totalled=False),
    Column("whole", "合计金额", "whole", Kind.MONEY, totalled=False, hidden=True),
    Column("share", "占比", "share", Kind.RATE, Ratio(("amount",), ("whole",)), totalled=False),
    Column("fee", "管理费", "management fee", Kind.MONEY, totalled=False, hidden=True),
    Column(
        "fee_rate",
        "管理费相当于本项",
        "management fee of this item",
        Kind.RATE,
        Ratio(("fee",), ("amount",)),
        totalled=False,
    ),
)


def record(texts: Mapping[str, str], standing: Standing) -> str:
    """What a row is: the goals' sum, a total, a subtotal, a part of the row above, or an item."""
    if any("绩效目标" in text for text in texts.values()):
        return GOAL
    return {Standing.GRAND: TOTAL, Standing.SUB: SUBTOTAL, Standing.PART: MEMO}.get(standing, ITEM)


def own(lines: Sequence[Line], policy: Policy) -> list[Own]:
    """All items, then by each heading that groups them, then the fee and the single items beside it."""
    items, subtotals = _of(lines, ITEM), _of(lines, SUBTOTAL)
    totals, goals = _of(lines, TOTAL), _of(lines, GOAL)
    whole = total(items, "amount")
    rows = [
        summed("all", "合计", "items", items, totals + goals, {"whole": whole, "disaster": total(items, "disaster")})
    ]
    for name, zh in _BY:
        for text, group in by_text(items, name).items():
            stated = [line for line in subtotals if _speaks_of(line, name, text, group)]
            rows.append(
                summed(
                    f"{name}:{text}",
                    f"{zh}·{text}",
                    text,
                    group,
                    stated,
                    {"whole": whole, "disaster": total(group, "disaster")},
                )
            )
    if goals:
        rows.append(
            one("goal_gap", "绩效目标表减分配合计", "goals less allocation", {"amount": _gap(goals, totals, items)})
        )
    fees = [line for line in items if is_fee(line, "category", "name")]
    fee = total(fees, "amount")
    if fee is not None:
        rows += fee_rows(fees, whole, policy)
        rows += [_item(number, line, whole, fee) for number, line in enumerate(items, 1)]
    return rows


def remarks(lines: Sequence[Line], policy: Policy) -> list[Finding]:
    """A part beyond its whole is wrong; a fee above the cap is to be asked about."""
    items = _of(lines, ITEM)
    fees = [line for line in items if is_fee(line, "category", "name")]
    return [*_parts_beyond(lines), *fee_remarks(fees, total(items, "amount"), policy)]


def _parts_beyond(lines: Sequence[Line]) -> list[Finding]:
    """Rows in which the money for disaster is more than the money it is part of."""
    found = []
    for line in lines:
        whole, part = line.cells.get("amount"), line.cells.get("disaster")
        if whole and part and part.exact > whole.exact:
            zh, en = f"{part.heading} ≤ {whole.heading}", f"{part.heading} is part of {whole.heading}"
            right = exact_text(whole.exact / part.scale, part.print.places)
            one_part = Finding(line.label, part.heading, part.print.text, right, zh, en, Severity.ERROR, "part")
            found.append(replace(one_part, row_number=line.number, column_number=part.column, sheet=line.sheet))
    return found


def _speaks_of(line: Line, name: str, text: str, group: Sequence[Line]) -> bool:
    """Whether a subtotal is that of a group: whatever else it names is the same in all of the group."""
    filled = {each: line.text(each) for each, _ in _BY if line.text(each)}
    return line.text(name) == text and all(item.text(each) == own for item in group for each, own in filled.items())


def _gap(goals: Sequence[Line], totals: Sequence[Line], items: Sequence[Line]) -> int | Fraction:
    """The sum of the goals less the printed total, or less the items where no total is printed."""
    return (total(goals, "amount") or 0) - (total(totals[:1] or items, "amount") or 0)


def _item(number: int, line: Line, whole: Figure, fee: Figure) -> Own:
    """A single project beside the fee."""
    facts = {"amount": line.exact("amount"), "whole": whole, "fee": fee}
    words = {"amount": Words("印出的金额", "as printed")}
    return Own(f"item:{number}", line.text("name") or line.label, facts, words)


def _of(lines: Sequence[Line], *records: str) -> list[Line]:
    return [line for line in lines if line.record in records]


ALLOCATION = Known(
    BulletinKind.ALLOCATION,
    "allocation of money",
    HEADINGS,
    COLUMNS,
    record,
    own,
    remarks,
    parameters=(CAP,),
)
