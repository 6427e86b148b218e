"""The management fee (项目管理费, NL16) as bulletins show it: against the cap of the whole, and against single projects."""

from collections.abc import Sequence
from fractions import Fraction

from services.funds.domain.bulletins.model import Line, Own, Policy
from services.funds.domain.bulletins.tally import one, summed, total
from services.funds.domain.limits import percent
from shared.bulletins.figures import exact_text
from shared.bulletins.findings import Finding, Severity
from shared.kernel.money import at_most

CAP = "mgmt_fee.cap.{level}"
"""The policy number, by level of the money."""
_FEE, _CLASS = "管理费", "项目管理"


def is_fee(line: Line, *names: str) -> bool:
    """Whether a row is money for managing projects: its texts say so, or its class is just that."""
    return any(_FEE in line.text(name) or line.text(name) == _CLASS for name in names)


def fee_rows(fees: Sequence[Line], whole: int | Fraction | None, policy: Policy) -> list[Own]:
    """The fee, what the cap gives of the whole, and by how much the fee is above it."""
    cap = policy.get(CAP)
    if not fees or whole is None:
        return []
    fee = total(fees, "amount") or 0
    rows = [summed("fee", "项目管理费", "management fee", fees, (), {"whole": whole})]
    if cap is not None:
        limit = at_most(int(whole), cap)
        rows.append(one("fee_cap", f"合计的{_short(cap)}%", f"{_short(cap)} % of the whole", {"amount": limit}))
        rows.append(one("fee_above", "管理费超出部分（负数为余量）", "fee above the cap", {"amount": fee - limit}))
    return rows


def fee_remarks(fees: Sequence[Line], whole: int | Fraction | None, policy: Policy) -> list[Finding]:
    """A fee above the cap of this batch is a question: the cap holds for the year's whole allocation (NL16)."""
    cap = policy.get(CAP)
    fee = total(fees, "amount")
    if cap is None or fee is None or whole is None or fee <= at_most(int(whole), cap):
        return []
    line, limit = fees[0], at_most(int(whole), cap)
    cell = line.cells["amount"]
    return [
        Finding(
            line.label,
            cell.heading,
            exact_text(fee / cell.scale, cell.print.places),
            exact_text(limit / cell.scale, cell.print.places),
            f"项目管理费 ≤ 本批合计 × {_short(cap)}%（NL16；上限按全年、分来源计，本批超出须核对全年）",
            f"management fee <= {_short(cap)} % of this batch (NL16; the cap holds for the whole year: to be asked about)",
            Severity.WARNING,
            "policy",
            line.number,
            cell.column,
            line.sheet,
        )
    ]


def _short(share: Fraction) -> str:
    return percent(share).rstrip("0").rstrip(".")
