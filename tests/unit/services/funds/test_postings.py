"""The book of funds: accounts, postings P01–P25, and what each keeps apart (domain-funds-assets §3.8)."""

from uuid import UUID

import pytest

from services.funds.domain.postings import ALLOCATED, BOOK, DECOMPOSED, DUE_TO_UPPER, UNALLOCATED
from shared.ledger.model import Amount, Side

INDICATOR, PROJECT, CONTRACT, PAYMENT, LINE = (UUID(int=n) for n in range(1, 6))

PUBLISHED = {
    "P01": ("1100", "1000"),
    "P02": ("1000", "1100"),
    "P03": ("1200", "1100"),
    "P04": ("1100", "1200"),
    "P05": ("1300", "1200"),
    "P06": ("1300", "1200"),
    "P06.release": ("1200", "1300"),
    "P07": ("1400", "1300"),
    "P07.retention": ("1400", "1310"),
    "P08": ("1500", "1400"),
    "P09": ("1600", "1400"),
    "P10": ("1600", "1500"),
    "P11": ("1300", "1400"),
    "P11.retention": ("1310", "1400"),
    "P12": ("1200", "1300"),
    "P13": ("1310", "1300"),
    "P14": ("1200", "1310"),
    "P15": ("1400", "1200"),
    "P16": ("1610", "1400"),
    "P17": ("1700", "1400"),
    "P18": ("1400", "1700"),
    "P19": ("1200", "1700"),
    "P20": ("1700", "1600"),
    "P20.household": ("1700", "1610"),
    "P20.advance": ("1700", "1500"),
    "P21": ("1200", "1700"),
    "P22": ("1800", "1200"),
    "P23": ("1100", "1800"),
    "P24": ("1000", "1800"),
    "P24.unallocated": ("1000", "1100"),
}
OURS = {
    "P02.due": ("1000", "2000"),
    "P02.settled": ("2000", "1100"),
    "P26": ("1150", "1100"),
    "P26.back": ("1100", "1150"),
}
"""What a cut leaves owing (scenario 23), and what goes down to lower levels."""


def test_postings_are_those_of_the_table() -> None:
    declared = {each.id: (each.debit, each.credit) for each in BOOK.templates}
    carried = {name: accounts for name, accounts in declared.items() if name.startswith("P25.")}
    assert {name: accounts for name, accounts in declared.items() if name not in carried} == PUBLISHED | OURS
    assert all(debit == credit == name.removeprefix("P25.") for name, (debit, credit) in carried.items())
    assert set(carried) == {f"P25.{code}" for code in ("1100", "1200", "1300", "1310", "1800")}


def test_only_the_source_and_what_is_owed_to_it_are_on_the_credit_side_and_no_account_goes_below_zero() -> None:
    """V02: no debit account below zero in any dimension."""
    assert [each.code for each in BOOK.accounts if each.normal is Side.CREDIT] == ["1000", "2000"]
    assert {each.floor for each in BOOK.accounts} == {0}
    assert BOOK.account(UNALLOCATED).rule == "LM01"


def test_what_is_allocated_and_what_is_not_make_the_source() -> None:
    """V03: 1000 and what is owed = 1100 + what went down + everything that was given to projects."""
    assert {UNALLOCATED, DECOMPOSED, *ALLOCATED, "1000", DUE_TO_UPPER} == {each.code for each in BOOK.accounts}


@pytest.mark.parametrize("template", [each.id for each in BOOK.templates])
def test_every_posting_balances_for_its_indicator(template: str) -> None:
    """V01, by construction, with every dimension given."""
    dimensions = {"project_id": PROJECT, "contract_id": CONTRACT, "payment_id": PAYMENT, "household_line_id": LINE}
    before = 2022 if template.startswith("P25.") else None
    lines = BOOK.lines(template, [Amount(7, INDICATOR, dimensions, 2023, before)])
    assert sum(line.signed_fen for line in lines) == 0
    assert {line.group for line in lines} == {INDICATOR}


def test_quota_is_kept_by_project_commitments_by_contract_and_lines_by_household() -> None:
    kept = {each.code: each.dimensions for each in BOOK.accounts}
    assert kept["1100"] == ()
    assert kept["1200"] == ("project_id",)
    assert kept["1300"] == kept["1310"] == kept["1500"] == kept["1600"] == ("project_id", "contract_id")
    assert kept["1400"] == kept["1700"] == ("project_id", "payment_id")
    assert kept["1610"] == ("project_id", "household_line_id")
