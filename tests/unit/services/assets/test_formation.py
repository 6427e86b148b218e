"""Values and source shares of assets to the fen: domain-funds-assets §7.4, scenarios 69, 70."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.assets.domain.classification import asset_code, code_prefix, legal_pair
from services.assets.domain.formation import (
    Source,
    adjusted_sources,
    final_values,
    list_makes_settlement,
    provisional_values,
    source_amounts,
    source_shares,
)
from shared.kernel.errors import Refused

GREENHOUSE, PIPES, STORE = 600_000_00, 251_234_57, 100_000_00
X, Y, INDIRECT = 570_740_74, 380_493_83, 30_000_00


def test_scenario_69_values_hold_retention_and_indirect_costs() -> None:
    values = final_values(951_234_57, INDIRECT, [GREENHOUSE, PIPES, STORE])
    assert values == [618_922_78, 259_158_00, 103_153_79]
    assert sum(values) == 981_234_57


def test_scenario_69_source_shares_make_one_whole() -> None:
    shares = source_shares([X, Y, INDIRECT])
    assert shares == [581_656, 387_770, 30_574]
    assert sum(shares) == 1_000_000


def test_scenario_69_every_fen_of_every_source_lies_in_an_asset() -> None:
    values = final_values(951_234_57, INDIRECT, [GREENHOUSE, PIPES, STORE])
    rows = source_amounts(values, [X, Y, INDIRECT])
    assert [sum(row) for row in rows] == values
    assert [sum(column) for column in zip(*rows, strict=True)] == [X, Y, INDIRECT]
    assert all(amount >= 0 for row in rows for amount in row)


def test_scenario_70_three_equal_sources() -> None:
    assert source_shares([333_333, 333_333, 333_333]) == [333_334, 333_333, 333_333]


@pytest.mark.parametrize(
    "total, direct, expected",
    [
        pytest.param(960_000_00, [600_000_00, 360_000_00], [600_000_00, 360_000_00], id="the list makes the total"),
        pytest.param(100_00, [1, 1, 1], [33_34, 33_33, 33_33], id="in proportion, ties to the earlier line"),
        pytest.param(100_01, [0, 0], [50_01, 50_00], id="a list without costs is divided evenly"),
    ],
)
def test_provisional_values(total: int, direct: list[int], expected: list[int]) -> None:
    assert provisional_values(total, direct) == expected


def test_a_settled_list_must_make_the_settlement() -> None:
    assert list_makes_settlement(951_234_57, [GREENHOUSE, PIPES, STORE]) is None
    assert list_makes_settlement(951_234_57, []) is None
    violation = list_makes_settlement(951_234_57, [GREENHOUSE, PIPES, STORE + 1])
    assert violation is not None
    assert violation.code == "ASSET_LIST_SUM"
    assert violation.facts == {"listed": "951234.58", "settlement": "951234.57"}


class TestAudit:
    """A later audit cut falls on the sources by what they bear (§7.4)."""

    first, second = (Source(UUID(int=n), f"财农〔2023〕{n}号", "central", "linkage", 1000 * n) for n in (1, 2))

    def test_each_source_takes_its_own_cut(self) -> None:
        cut = adjusted_sources([self.first, self.second], [replace(self.second, amount=-500)])
        assert [source.amount for source in cut] == [1000, 1500]

    def test_a_new_source_joins(self) -> None:
        third = Source(UUID(int=3), "财农〔2024〕3号", "county", "linkage", 7)
        assert adjusted_sources([self.first], [third]) == [self.first, third]

    def test_no_source_bears_less_than_nothing(self) -> None:
        with pytest.raises(Refused, match="SOURCE_BELOW_ZERO"):
            adjusted_sources([self.first], [replace(self.first, amount=-1001)])


@pytest.mark.parametrize(
    "asset_class, form, legal",
    [
        ("operating", "fixed", True),
        ("operating", "equity", True),
        ("operating", "biological_public", False),
        ("public_welfare", "fixed", True),
        ("public_welfare", "biological_public", True),
        ("public_welfare", "equity", False),
        ("public_welfare", "claim", False),
        ("household", "biological_productive", True),
        ("household", "fixed", True),
        ("household", "intangible", False),
        ("household", "claim", False),
        ("nonsense", "fixed", False),
    ],
)
def test_legal_pairs_of_class_and_form(asset_class: str, form: str, legal: bool) -> None:
    violation = legal_pair(asset_class, form)
    assert (violation is None) == legal
    assert violation is None or violation.rule == "F-7.2"


def test_codes_say_county_class_and_year() -> None:
    assert asset_code(code_prefix(230606101200, "public_welfare", 2023), 7) == "230606-2-2023-000007"
