"""What `python -m services.suite thread` prints: exact sums in both directions, and each posting that goes astray."""

from datetime import date

import pytest

from services.funds.queries.strands import Traceability, TracedYear, Untraced
from services.funds.queries.tracing import Tracing
from services.suite.__main__ import parser
from services.suite.thread import lines, percent

ASTRAY = Untraced(
    project="冷棚", paper="YK-1", template="P08", on_day=date(2023, 3, 1), down=True, back=False, fen=288_000_01
)


def year(number: int, paid: int, traced: int) -> TracedYear:
    return TracedYear(year=number, paid=paid, down=paid, back=traced, traced=traced, astray=paid - traced)


@pytest.mark.parametrize(
    ("paid", "traced", "shown"),
    [
        (1, 1, "100 %"),
        (95_123_457, 95_123_457, "100 %"),
        (1_000_000_000_000, 999_999_999_999, "99.9999 %"),
        (3, 1, "33.3333 %"),
        (0, 0, "—"),
    ],
)
def test_one_fen_less_is_never_shown_as_all(paid: int, traced: int, shown: str) -> None:
    assert percent(Traceability(paid=paid, down=paid, back=traced, traced=traced)) == shown


def test_all_is_traced() -> None:
    found = Tracing([year(2023, 100, 100), year(2024, 20, 20)], [])
    text = list(lines(found))
    assert found.is_whole
    assert text.count("  可追溯率 / fen traceable in both directions ÷ fen paid: 100 ÷ 100 = 100 %") == 1
    assert text[-1].endswith("120 ÷ 120 = 100 %")


def test_what_goes_astray_is_named() -> None:
    found = Tracing([year(2023, 100_000_00, 71_199_99)], [ASTRAY])
    text = list(lines(found))
    assert not found.is_whole
    assert "  由收款人追回指标 / from the payee back to the document: 71199.99 元" in text
    assert text[-1] == "  2023-03-01 P08 冷棚 YK-1: 288000.01 元，缺 / lacks 向上 back"


def test_a_refund_astray_does_not_hide_a_payment_astray() -> None:
    """They would cancel out in the sum; what is astray is added up without signs."""
    found = Tracing([TracedYear(year=2023, paid=100, down=100, back=100, traced=100, astray=40)], [ASTRAY])
    assert not found.is_whole


def test_nothing_paid_proves_nothing() -> None:
    assert not Tracing([], []).is_whole
    assert list(lines(Tracing([], []))) == ["没有已拨付资金。 / Nothing has been paid."]


def test_one_year_may_be_asked_for() -> None:
    assert parser().parse_args(["thread", "--year", "2023"]).year == 2023
