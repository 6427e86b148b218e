"""What `python -m services.suite thread` prints: exact sums in both directions, and each posting that goes astray."""

from fractions import Fraction

import pytest

from services.funds.service import SERVICE as FUNDS
from services.suite.__main__ import parser
from services.suite.thread import is_whole, lines, percent
from shared.reports.compute import Computed, compute
from shared.reports.model import Row

(REPORT,) = [report for report in FUNDS.reports if report.id == "funds.traceability"]
ASTRAY: Row = {
    "project": "冷棚",
    "paper": "YK-1",
    "template": "P08",
    "on_day": "2023-03-01",
    "down": "是",
    "back": "否",
    "fen": 288_000_01,
}


def found(*years: tuple[str, int, int, int]) -> Computed:
    """Rows of (year, paid, traced, astray); all is followed down."""
    facts: list[Row] = [
        {"year": year, "paid": paid, "down": paid, "back": traced, "traced": traced, "astray": astray}
        for year, paid, traced, astray in years
    ]
    return compute(REPORT.columns, facts)


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (Fraction(1), "100 %"),
        (Fraction(999_999_999_999, 1_000_000_000_000), "99.9999 %"),
        (Fraction(1, 3), "33.3333 %"),
        (Fraction(0), "0.0000 %"),
        (None, "—"),
    ],
)
def test_one_fen_less_is_never_shown_as_all(rate: Fraction | None, shown: str) -> None:
    assert percent(rate) == shown


def test_all_is_traced() -> None:
    computed = found(("2023", 100, 100, 0), ("2024", 20, 20, 0))
    text = list(lines(computed, []))
    assert is_whole(computed)
    assert text.count("  可追溯率 / fen traceable in both directions ÷ fen paid: 100 ÷ 100 = 100 %") == 1
    assert text[-1].endswith("120 ÷ 120 = 100 %")


def test_what_goes_astray_is_named() -> None:
    computed = found(("2023", 100_000_00, 71_199_99, 28_800_01))
    text = list(lines(computed, [ASTRAY]))
    assert not is_whole(computed)
    assert "  由收款人追回指标 / from the payee back to the document: 71199.99 元" in text
    assert text[-1] == "  2023-03-01 P08 冷棚 YK-1: 288000.01 元，缺 / lacks 向上 back"


def test_a_refund_astray_does_not_hide_a_payment_astray() -> None:
    """They would cancel out in the sum; what is astray is added up without signs."""
    assert not is_whole(found(("2023", 100, 100, 40)))


def test_nothing_paid_proves_nothing() -> None:
    assert not is_whole(found())
    assert list(lines(found(), [])) == ["没有已拨付资金。 / Nothing has been paid."]


def test_one_year_may_be_asked_for() -> None:
    assert parser().parse_args(["thread", "--year", "2023"]).year == 2023
