"""Known bulletin 项目库汇总 (library): projects and money by class, shares, means, and the fee beside its cap (§1.4)."""

from collections.abc import Mapping, Sequence

from services.funds.domain.bulletins.fees import CAP, fee_rows, is_fee
from services.funds.domain.bulletins.model import ITEM, MEMO, SUBTOTAL, TOTAL, Heading, Holds, Known, Line, Own, Policy
from services.funds.domain.bulletins.tally import by_text, stated_in, summed, total
from shared.bulletins.findings import BulletinKind
from shared.bulletins.words import Standing
from shared.reports.model import Column, Kind, Ratio

HEADINGS = (
    Heading("label", ("类别", "项目类别", "项目类型", "类型", "大类"), required=True, banded=True),
    Heading("name", ("项目名称", "名称")),
    Heading("count", ("个数", "项目个数", "项目数", "数量"), Holds.COUNT),
    Heading("amount", ("金额", "资金规模", "总投资", "投资", "概算", "资金"), Holds.MONEY, required=True),
    Heading("share", ("占比", "比例", "占总投资"), Holds.RATE),
    Heading("mean", ("平均", "均"), Holds.MONEY),
)
COLUMNS = (
    Column("key", "代号", "key", Kind.TEXT, totalled=False, hidden=True),
    Column("row", "项目类别", "class", Kind.TEXT, totalled=False),
    Column("projects", "项目个数", "projects", Kind.COUNT, totalled=False),
    Column("amount", "金额", "amount", Kind.MONEY, totalled=False),
    Column("whole", "项目库总额", "the whole library", Kind.MONEY, totalled=False, hidden=True),
    Column("share", "占比", "share", Kind.RATE, Ratio(("amount",), ("whole",)), totalled=False),
    Column("mean", "平均单个项目", "mean of a project", Kind.MONEY, Ratio(("amount",), ("projects",)), totalled=False),
)


def record(_texts: Mapping[str, str], standing: Standing) -> str:
    """What a row is, by its words."""
    return {Standing.GRAND: TOTAL, Standing.SUB: SUBTOTAL, Standing.PART: MEMO}.get(standing, ITEM)


def own(lines: Sequence[Line], policy: Policy) -> list[Own]:
    """The whole library, then each class; a list of single projects is counted, a table of classes added up."""
    items = [line for line in lines if line.record == ITEM]
    totals = [line for line in lines if line.record == TOTAL]
    whole = total(items, "amount")
    rows = [_with_shares(summed("all", "合计", "projects", items, totals, {"whole": whole}), totals)]
    for label, group in by_text(items, "label").items():
        subtotals = [line for line in lines if line.record == SUBTOTAL and line.text("label").startswith(label)]
        row = summed(f"label:{label}", label, label, group, subtotals, {"whole": whole})
        rows.append(_with_shares(row, group if len(group) == 1 else subtotals))
    return [*rows, *fee_rows([line for line in items if is_fee(line, "label", "name")], whole, policy)]


def _with_shares(row: Own, lines: Sequence[Line]) -> Own:
    """The same row, and where shares and means of it are printed."""
    return Own(row.key, row.zh, row.facts, row.words, {**row.stated, **stated_in(lines, "share", "mean")}, row.slack)


LIBRARY = Known(
    BulletinKind.LIBRARY,
    "library by class",
    HEADINGS,
    COLUMNS,
    record,
    own,
    parameters=(CAP,),
)
