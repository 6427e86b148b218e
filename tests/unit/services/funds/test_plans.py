"""Sums and shares of a plan (domain-funds-assets §1.7, scenarios 8–10), and the taxonomy that they stand on."""

from collections import Counter
from fractions import Fraction
from uuid import UUID

import pytest

from services.funds.bulk.seed import SHIPPED
from services.funds.domain import plans
from services.funds.domain.limits import industry_share, insufficient, management_fee, other_villages, percent
from services.funds.domain.plans import ClassLabel, PlannedLine
from services.funds.domain.project_delivery import Source
from shared.kernel.money import parse_wan, parse_yuan
from shared.parameters.profiles_load import read

CENTRAL = Source("central", "fund.consolidation")


def line(project: int, category: str, fen: int, *, industry: bool = False, other_ppm: int = 0) -> PlannedLine:
    return PlannedLine(UUID(int=project), category, CENTRAL, fen, industry, other_ppm)


@pytest.mark.parametrize(
    ("industry", "total", "least", "code"),
    [
        pytest.param("4999999.99", "9999999.98", Fraction(1, 2), None, id="10: exactly 50 %"),
        pytest.param("4999999.98", "9999999.98", Fraction(1, 2), "INDUSTRY_SHARE", id="10: shown as 50.00 %"),
        pytest.param("0.00", "0.00", Fraction(1, 2), None, id="nothing of nothing"),
    ],
)
def test_the_industry_share_is_a_floor_on_exact_fractions(
    industry: str, total: str, least: Fraction, code: str | None
) -> None:
    found = industry_share(parse_yuan(industry), parse_yuan(total), least)
    assert (found and found.code) == code
    assert percent(Fraction(parse_yuan("4999999.98"), parse_yuan("9999999.98"))) == "50.00"


@pytest.mark.parametrize(
    ("received", "is_well"),
    [
        pytest.param("12590000.00", False, id="8: cap 125 900.00"),
        pytest.param("14000000.00", True, id="8: cap 140 000.00"),
        pytest.param("13999999.99", False, id="8: the cap rounds down to 139 999.99"),
    ],
)
def test_the_management_fee_has_a_ceiling_by_year_and_source(received: str, is_well: bool) -> None:
    found = management_fee(parse_yuan("140000.00"), parse_yuan(received), Fraction(1, 100), "central")
    assert (found is None) == is_well
    assert found is None or found.rule == "NL16"


@pytest.mark.parametrize(
    ("amount", "is_well"),
    [
        pytest.param("3000000.00", True, id="9: exactly 30 %"),
        pytest.param("3000000.01", False, id="9: one fen more"),
    ],
)
def test_villages_that_were_never_poor_have_a_cap(amount: str, is_well: bool) -> None:
    found = other_villages(Fraction(parse_yuan(amount)), parse_yuan("10000000.00"), Fraction(3, 10))
    assert (found is None) == is_well


def test_a_project_in_several_villages_counts_by_its_shares_exactly() -> None:
    lines = [line(1, "030102", 100, other_ppm=333_333), line(2, "030102", 50, other_ppm=1_000_000)]
    assert plans.in_other_villages(lines) == Fraction(833_333, 10_000)


def test_one_fen_beyond_the_unallocated_is_too_much() -> None:
    """LM01."""
    assert insufficient(100, 100, document_no="某〔2023〕1号") is None
    found = insufficient(101, 100, document_no="某〔2023〕1号")
    assert found is not None
    assert (found.code, found.rule) == ("INSUFFICIENT", "LM01")


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        pytest.param(Fraction(4197, 6132), "68.44", id="Datong, industry"),
        pytest.param(Fraction(3174, 6132), "51.76", id="Datong, central money"),
        pytest.param(Fraction(1, 3), "33.33", id="down"),
        pytest.param(Fraction(2, 3), "66.67", id="up"),
        pytest.param(Fraction(12345, 1_000_000), "1.23", id="1.2345"),
        pytest.param(Fraction(12350, 1_000_000), "1.24", id="half goes up"),
        pytest.param(Fraction(1), "100.00", id="all"),
        pytest.param(Fraction(0), "0.00", id="nothing"),
    ],
)
def test_percents_are_half_up(share: Fraction, shown: str) -> None:
    assert percent(share) == shown


LABELS = {
    "01": ClassLabel("产业类", ""),
    "010101": ClassLabel("产业类", "种植类"),
    "03": ClassLabel("基础设施类", ""),
}


@pytest.mark.parametrize(
    ("category", "label"),
    [
        pytest.param("010101", ClassLabel("产业类", "种植类"), id="the longest prefix"),
        pytest.param("010203", ClassLabel("产业类", ""), id="the level above"),
        pytest.param("030102", ClassLabel("基础设施类", ""), id="another class"),
        pytest.param("080101", ClassLabel("080101", ""), id="nothing mapped: the code is shown, never lost"),
    ],
)
def test_a_category_is_called_as_the_county_calls_it(category: str, label: ClassLabel) -> None:
    assert plans.label_of(category, LABELS) == label


def test_sums_count_projects_once_and_lose_no_fen() -> None:
    lines = [
        line(1, "010101", parse_wan("1")),
        PlannedLine(UUID(int=1), "010101", Source("provincial", "fund.consolidation"), parse_wan("2"), True, 0),
        line(2, "030102", parse_wan("3")),
    ]
    found = plans.sums(lines, LABELS)
    assert (found.total, found.projects) == (parse_wan("6"), 2)
    assert {each.label.large: (each.projects, each.fen) for each in found.large} == {
        "产业类": (1, parse_wan("3")),
        "基础设施类": (1, parse_wan("3")),
    }
    assert sum(each.fen for each in found.large) == found.total == sum(found.levels.values())
    assert found.industry_share == Fraction(1, 3)


def test_the_taxonomy_is_whole() -> None:
    """§1.3: eight classes, every code below its parent, no name missing."""
    rows = read(SHIPPED / "categories.csv")
    codes = {row["code"] for row in rows}
    assert Counter(len(code) for code in codes) == {2: 8, 4: 24, 6: 87}
    assert all(len(code) == 2 or code[:-2] in codes for code in codes)
    assert all(row["zh"] and row["valid_from"] for row in rows)
    assert {row["code"][:2] for row in rows if row["counts_as_industry"] == "yes"} == {"01"}
