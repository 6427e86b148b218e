"""The book: what an entry's lines are, what they move, and which declarations do not fit together."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from shared.ledger.model import CREDIT, DEBIT, NOWHERE, Account, Amount, Book, Cell, Line, Template

SOURCE, OTHER, PROJECT, CONTRACT = (UUID(int=number) for number in (1, 2, 3, 4))

BOOK = Book(
    name="small",
    group="source_id",
    dimensions=("project_id", "contract_id"),
    accounts=(
        Account("1000", "指标来源", "funding", CREDIT),
        Account("1100", "待分配指标", "unallocated", DEBIT),
        Account("1200", "项目额度", "project quota", DEBIT, ("project_id",)),
        Account("1300", "已签约未付", "committed unpaid", DEBIT, ("project_id", "contract_id")),
    ),
    templates=(
        Template("P01", "1100", "1000", "指标下达", "received"),
        Template("P03", "1200", "1100", "分配", "allocated"),
        Template("P05", "1300", "1200", "签约", "contracted"),
        Template("P25", "1100", "1100", "结转", "carried over"),
    ),
)
BOTH = {"project_id": PROJECT, "contract_id": CONTRACT}


def test_both_sides_carry_the_same_dimensions() -> None:
    assert BOOK.lines("P03", [Amount(5, SOURCE, {"project_id": PROJECT}, 2023)]) == [
        Line("1200", SOURCE, (PROJECT, None), 2023, 5),
        Line("1100", SOURCE, (PROJECT, None), 2023, -5),
    ]


def test_an_entry_balances_for_each_source() -> None:  # L1
    lines = BOOK.lines("P05", [Amount(57, SOURCE, BOTH, 2023), Amount(38, OTHER, BOTH, 2023)])
    for source in (SOURCE, OTHER):
        assert sum(line.signed_fen for line in lines if line.group == source) == 0
    assert len(lines) == 4


def test_each_balance_keeps_only_its_accounts_dimensions() -> None:
    lines = BOOK.lines("P05", [Amount(57, SOURCE, BOTH, 2023)])
    assert BOOK.movements(lines) == {
        Cell("1300", SOURCE, (PROJECT, CONTRACT), 2023): 57,
        Cell("1200", SOURCE, (PROJECT, NOWHERE), 2023): -57,
    }


def test_a_balance_counts_on_its_normal_side() -> None:
    lines = BOOK.lines("P01", [Amount(100, SOURCE, {}, 2023)])
    assert BOOK.movements(lines) == {
        Cell("1100", SOURCE, (NOWHERE, NOWHERE), 2023): 100,
        Cell("1000", SOURCE, (NOWHERE, NOWHERE), 2023): 100,
    }


def test_amounts_for_one_balance_are_added_up() -> None:
    lines = BOOK.lines("P03", [Amount(fen, SOURCE, {"project_id": PROJECT}, 2023) for fen in (1, 2, 3)])
    assert sorted(BOOK.movements(lines).values()) == [-6, 6]


def test_carry_over_moves_between_years() -> None:  # P25
    lines = BOOK.lines("P25", [Amount(40, SOURCE, {}, 2024, credit_fiscal_year=2023)])
    assert BOOK.movements(lines) == {
        Cell("1100", SOURCE, (NOWHERE, NOWHERE), 2024): 40,
        Cell("1100", SOURCE, (NOWHERE, NOWHERE), 2023): -40,
    }


@pytest.mark.parametrize("fen", [0, -1, True, 1.0, "1"])
def test_only_whole_fen_above_zero_are_posted(fen: int) -> None:  # L6
    with pytest.raises(ValueError, match="whole number of fen"):
        Amount(fen, SOURCE, {}, 2023)


@pytest.mark.parametrize(
    ("template", "amounts", "says"),
    [
        ("P03", [], "without amounts"),
        ("P99", [Amount(1, SOURCE, {}, 2023)], "no template 'P99'"),
        ("P03", [Amount(1, SOURCE, {}, 2023)], "P03 needs project_id"),
        ("P05", [Amount(1, SOURCE, {"project_id": PROJECT}, 2023)], "P05 needs contract_id"),
        ("P01", [Amount(1, SOURCE, {"village_id": PROJECT}, 2023)], "no dimension village_id"),
        ("P25", [Amount(1, SOURCE, {}, 2023)], "between years"),
        ("P25", [Amount(1, SOURCE, {}, 2023, credit_fiscal_year=2023)], "between years"),
    ],
)
def test_an_entry_that_does_not_fit_its_template(template: str, amounts: list[Amount], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        BOOK.lines(template, amounts)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda: replace(BOOK, group="source id; DROP"), "is no column name"),
        (lambda: replace(BOOK, dimensions=("project_id", "project_id", "contract_id")), "repeat a name"),
        (lambda: replace(BOOK, dimensions=("project_id",)), "account 1300 keeps contract_id"),
        (lambda: replace(BOOK, accounts=BOOK.accounts * 2), "account is declared twice"),
        (lambda: replace(BOOK, templates=BOOK.templates * 2), "template is declared twice"),
        (lambda: replace(BOOK, accounts=BOOK.accounts[1:]), "template P01 names the unknown account 1000"),
    ],
)
def test_a_book_that_does_not_fit_together(spoil: Callable[[], Book], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        spoil()


def test_an_unknown_account_is_no_zero() -> None:
    with pytest.raises(ValueError, match="no account '1700'"):
        BOOK.account("1700")
