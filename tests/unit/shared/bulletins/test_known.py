"""Printed figures against our own: the rates of the 商丘 bulletins (domain-funds-assets §4.4), each with its verdict."""

from fractions import Fraction

import pytest

from shared.bulletins.figures import parse_figure
from shared.bulletins.findings import Severity
from shared.bulletins.known import Reckoned, against


def share(top: str, bottom: str) -> Fraction:
    return Fraction(top) / Fraction(bottom) * 100


@pytest.mark.parametrize(
    ("printed", "exact", "recomputed", "severity"),
    [
        ("88", share("13.04", "14.81"), None, None),
        ("77.6", share("19.29", "24.85"), None, None),
        ("61.6", share("8.04", "13.04"), "61.7", Severity.WARNING),
        ("0.21", share("7", "2882"), "0.24", Severity.ERROR),
        ("14.72", share("32504", "225790"), "14.40", Severity.ERROR),
        ("87.34", share("21621.62", "24756.13"), None, None),
    ],
)
def test_a_printed_rate_against_ours(
    printed: str, exact: Fraction, recomputed: str | None, severity: Severity | None
) -> None:
    figure = parse_figure(printed)
    assert figure is not None
    finding = against(figure, Reckoned("商丘市", "支出进度", exact, "支出 ÷ 到位", "spent ÷ in place"))
    assert (finding.recomputed if finding else None, finding.severity if finding else None) == (recomputed, severity)


def test_rounded_inputs_make_a_difference_information() -> None:
    figure = parse_figure("14.81")
    assert figure is not None
    ours = Reckoned("全市", "已落实", Fraction("14.83"), "各级之和", "sum of levels", slack=Fraction("0.02"))
    finding = against(figure, ours, row_number=3, column_number=2)
    assert finding is not None
    assert (finding.severity, finding.row_number) == (Severity.INFO, 3)
    assert "修约范围" in finding.relation_zh
