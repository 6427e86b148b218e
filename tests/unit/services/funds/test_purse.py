"""What an indicator holds, drawn oldest year first, and where a cut is taken (domain-funds-assets §3.6, scenario 23)."""

from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.funds.domain.purse import Held, Portion, Purse, proposal
from shared.kernel.errors import Refused

INDICATOR, FIRST, SECOND = (UUID(int=n) for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("amount", "unallocated", "quota", "expected"),
    [
        pytest.param(300, 200, {}, (200, {}, 100), id="23: all quota committed, the rest is owed"),
        pytest.param(150, 200, {FIRST: 500}, (150, {}, 0), id="unallocated money first"),
        pytest.param(300, 200, {FIRST: 50, SECOND: 80}, (200, {SECOND: 80, FIRST: 20}, 0), id="then the largest quota"),
        pytest.param(300, 0, {FIRST: 80, SECOND: 80}, (0, {FIRST: 80, SECOND: 80}, 140), id="all of it"),
    ],
)
def test_where_a_cut_is_taken(
    amount: int, unallocated: int, quota: dict[UUID, int], expected: tuple[int, dict[UUID, int], int]
) -> None:
    proposed = proposal(amount, unallocated, quota)
    assert (proposed.unallocated, proposed.projects, proposed.short) == expected


def test_the_oldest_year_goes_first_and_the_source_keeps_its_own() -> None:
    held = [Held("1000", None, 2022, 30), Held("1000", None, 2023, 70), Held("1100", None, 2024, 100)]
    purse = Purse(INDICATOR, "文〔2022〕1号", held)
    amounts = purse.across(purse.draw("1000", 50), purse.draw("1100", 50))
    assert [(each.fen, each.fiscal_year, each.credit_fiscal_year) for each in amounts] == [
        (30, 2022, 2024),
        (20, 2023, 2024),
    ]
    assert (purse.available("1000"), purse.available("1100")) == (50, 50)


def test_what_is_not_there_is_refused_and_nothing_is_drawn() -> None:
    purse = Purse(INDICATOR, "文〔2023〕1号", [Held("1200", FIRST, 2023, 10)])
    with pytest.raises(Refused) as caught:
        purse.draw("1200", 11, FIRST)
    assert caught.value.code == "INSUFFICIENT"
    assert purse.available("1200", FIRST) == 10
    assert purse.available("1200", SECOND) == 0


@given(
    debit=st.dictionaries(st.integers(2015, 2025), st.integers(1, 10**9), min_size=1),
    credit=st.dictionaries(st.integers(2015, 2025), st.integers(1, 10**9), min_size=1),
    size=st.fractions(0, 1),
)
def test_both_sides_lose_exactly_what_is_moved(debit: dict[int, int], credit: dict[int, int], size: Fraction) -> None:
    held = [Held("1000", None, year, fen) for year, fen in debit.items()]
    held += [Held("1100", None, year, fen) for year, fen in credit.items()]
    purse = Purse(INDICATOR, "文〔2023〕1号", held)
    fen = int(min(sum(debit.values()), sum(credit.values())) * size)
    amounts = purse.across(purse.draw("1000", fen), purse.draw("1100", fen))
    assert sum(each.fen for each in amounts) == fen
    for year, own in debit.items():
        assert sum(each.fen for each in amounts if each.fiscal_year == year) <= own
    assert purse.available("1000") == sum(debit.values()) - fen


def test_money_put_back_can_be_drawn_again() -> None:
    purse = Purse(INDICATOR, "文〔2023〕1号", [Held("1200", FIRST, 2023, 10)])
    purse.put("1100", purse.draw("1200", 10, FIRST))
    assert purse.draw("1100", 10) == [Portion(2023, 10)]
