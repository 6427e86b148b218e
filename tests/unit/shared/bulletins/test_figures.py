"""Printed numbers: exact, with their decimals, from all the ways to write them; and how they compare with exact ones."""

from fractions import Fraction

import pytest

from shared.bulletins.figures import as_printed, exact_text, is_dash, parse_figure
from shared.bulletins.rounding import Agreement, Rounding, compare, conventions, rounded
from shared.bulletins.units import parse_unit, unit_in, units_of_table


@pytest.mark.parametrize(
    ("text", "value", "places", "unit"),
    [
        ("12", "12", 0, None),
        ("1,234,567.80", "1234567.8", 2, None),
        ("１，２３４．５", "1234.5", 1, None),
        ("17.78%", "17.78", 2, "%"),
        ("8.5‰", "8.5", 1, "‰"),
        ("1.25亿元", "1.25", 2, "亿元"),
        ("3480户", "3480", 0, "户"),
        ("−12.5", "-12.5", 1, None),
        ("△80", "-80", 0, None),
        ("(1,234.50)", "-1234.5", 2, None),
        ("¥ 99.00", "99", 2, None),
        ("56*", "56", 0, None),
        ("3.2个百分点", "3.2", 1, "个百分点"),
    ],
)
def test_figures(text: str, value: str, places: int, unit: str | None) -> None:
    figure = parse_figure(text)
    assert figure is not None
    assert (figure.value, figure.places, figure.unit.text if figure.unit else None) == (Fraction(value), places, unit)


@pytest.mark.parametrize(
    "text", ["", "—", "2021年", "007", "2021-10-31", "甲镇", "(1)", "1,23", "12户30人", "第3批", "1.2.3"]
)
def test_what_is_no_figure(text: str) -> None:
    assert parse_figure(text) is None


@pytest.mark.parametrize("text", ["—", "——", "-", "/", "无", "…"])
def test_dashes(text: str) -> None:
    assert is_dash(text)


def test_a_figure_in_another_unit_keeps_what_it_does_not_know() -> None:
    figure, unit = parse_figure("1.25亿元"), parse_unit("万元")
    assert figure is not None
    assert unit is not None
    same = figure.in_unit(unit)
    assert (same.value, same.places, same.ulp) == (Fraction(12500), -2, Fraction(100))


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("金额(万元)", "万元"),
        ("支出率（%）", None),
        ("支出率(%)", "%"),
        ("面积/亩", "亩"),
        ("增长率%", "%"),
        ("资金 单位:亿元", "亿元"),
        ("总贷款余额户数(户)", "户"),
        ("乡镇(街道)", None),
    ],
)
def test_units_of_headings(heading: str, unit: str | None) -> None:
    found = unit_in(heading)
    assert (found.text if found else None) == unit


def test_units_above_a_table() -> None:
    assert [unit.text for unit in units_of_table("单位:万元、户")] == ["万元", "户"]
    assert units_of_table("填报单位:某县农业农村局") == []


@pytest.mark.parametrize(
    ("value", "places", "how", "text"),
    [
        ("61.656", 1, Rounding.HALF_UP, "61.7"),
        ("61.656", 1, Rounding.TRUNCATE, "61.6"),
        ("2.5", 0, Rounding.HALF_UP, "3"),
        ("2.5", 0, Rounding.HALF_EVEN, "2"),
        ("3.5", 0, Rounding.HALF_EVEN, "4"),
        ("-2.5", 0, Rounding.HALF_UP, "-3"),
        ("2.01", 1, Rounding.UP, "2.1"),
        ("12345", -2, Rounding.HALF_UP, "12300"),
    ],
)
def test_rounding(value: str, places: int, how: Rounding, text: str) -> None:
    assert as_printed(rounded(Fraction(value), places, how), places) == text


@pytest.mark.parametrize("value", ["0", "0.05", "-7.25", "3.333", "61.656", "100"])
@pytest.mark.parametrize("how", list(Rounding))
def test_the_conventions_that_explain_a_figure_include_the_one_that_made_it(value: str, how: Rounding) -> None:
    exact = Fraction(value)
    printed = rounded(exact, 1, how)
    assert how in conventions(int(printed * 1000), 100, exact.numerator * 1000, exact.denominator)


@pytest.mark.parametrize(
    ("printed", "exact", "slack", "agreement"),
    [
        ("88", "88.0486", "0", Agreement.EQUAL),
        ("61.6", "61.6564", "0", Agreement.ROUNDED_OTHERWISE),
        ("0.21", "0.2429", "0", Agreement.DIFFERENT),
        ("77.6", "77.7", "0.1", Agreement.WITHIN_INPUTS),
    ],
)
def test_compare(printed: str, exact: str, slack: str, agreement: Agreement) -> None:
    figure = parse_figure(printed)
    assert figure is not None
    assert compare(figure, Fraction(exact), slack=Fraction(slack)).agreement is agreement


def test_exact_text_shows_as_many_decimals_as_needed() -> None:
    assert exact_text(Fraction("12.345"), 1) == "12.345"
    assert exact_text(Fraction(2345), 0) == "2345"
