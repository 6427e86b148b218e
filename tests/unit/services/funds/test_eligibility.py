"""Which money may pay for what: the matrix as shipped (domain-funds-assets §1.3, §2.4, scenario 24)."""

import pytest

from services.funds.bulk.seed import SHIPPED
from services.funds.domain.eligibility import UNLISTED, EligibilityRow, judge
from shared.parameters.profiles_load import read

COUNTY = 230606000000


def shipped() -> list[EligibilityRow]:
    return [
        EligibilityRow(
            row["fund_category"], row["prefix"], int(row["area"]), row["allowed"] == "yes", row["rule"], row["source"]
        )
        for row in read(SHIPPED / "fund_eligibility.csv")
    ]


@pytest.mark.parametrize(
    ("fund", "category", "allowed", "rule"),
    [
        pytest.param("fund.consolidation", "010101", True, "F-2.2", id="the general task pays for a greenhouse"),
        pytest.param("fund.consolidation", "030302", False, "NL12", id="and not for a clinic"),
        pytest.param("fund.consolidation", "050401", False, "NL13", id="nor for income support"),
        pytest.param("fund.ethnic", "080101", True, "F-2.2", id="24: a village of a minority"),
        pytest.param("fund.ethnic", "050201", False, "F-2.4", id="24: not in the matrix of the ethnic task"),
        pytest.param("fund.ethnic", "030301", False, "NL12", id="the longer prefix counts"),
        pytest.param("fund.work_relief", "010101", False, "F-2.4", id="work for relief builds"),
        pytest.param("sector", "030302", True, "F-2.4", id="a sector pays for its own"),
        pytest.param("unheard_of", "010101", False, "F-2.4", id="money that nobody listed"),
    ],
)
def test_what_the_shipped_matrix_says(fund: str, category: str, allowed: bool, rule: str) -> None:
    found = judge(shipped(), fund, category)
    assert (found.allowed, found.rule) == (allowed, rule)


def test_the_nearest_area_counts_for_one_prefix_and_a_longer_prefix_for_all_areas() -> None:
    rows = [*shipped(), EligibilityRow("fund.ethnic", "0302", COUNTY, False, "F-2.4", "县文件")]
    assert not judge(rows, "fund.ethnic", "030201").allowed
    assert judge(rows, "fund.ethnic", "030102").allowed
    assert judge([], "fund.ethnic", "010101") == UNLISTED
