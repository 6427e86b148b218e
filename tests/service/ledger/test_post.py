"""Posting: balances follow, refusals leave everything as it was, corrections are linked reversals (L2-L5)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import pytest
import pytest_asyncio

from shared.kernel.errors import NotFound, Refused
from shared.kernel.ids import new_id
from shared.ledger.balances import balance, balances_by
from shared.ledger.model import Amount
from shared.ledger.post import Posting, post, post_many, reverse
from tests.service.ledger.book import BOOK, COUNTY, DEBITS, OTHER_COUNTY, YEAR, Cause, Within, fen, offences

pytestmark = pytest.mark.asyncio


@dataclass(frozen=True, slots=True)
class Books:
    """Two sources, one project and one contract; `x` has received 600.00, `y` 400.00."""

    tx: Within
    x: UUID
    y: UUID
    project: UUID
    contract: UUID

    async def post(self, template: str, *amounts: Amount, document: str = "") -> UUID:
        paper = document or f"paper {new_id()}"
        return await post(self.tx, Cause(), BOOK, template, amounts, document=paper, area=COUNTY)

    def on_project(self, amount: int, source: UUID) -> Amount:
        return fen(amount, source, {"project_id": self.project})

    def on_contract(self, amount: int, source: UUID) -> Amount:
        return fen(amount, source, {"project_id": self.project, "contract_id": self.contract})

    async def standing(self) -> dict[tuple[str, UUID], int]:
        sums = await balances_by(
            self.tx.raw, BOOK, [*DEBITS, "1000"], by=("account", "source_id"), where={"source_id": [self.x, self.y]}
        )
        return {(str(account), source): amount for (account, source), amount in sums.items() if amount}


@pytest_asyncio.fixture
async def books(tx: Within) -> AsyncIterator[Books]:
    books = Books(tx, *(new_id() for _ in range(4)))
    await books.post("P01", fen(60_000, books.x), fen(40_000, books.y))
    yield books
    assert await offences(tx.raw) == {}  # L1, L3, L4 and the trial balance, whatever the test did


async def test_l4_money_moves_through_the_accounts(books: Books) -> None:
    x, y = books.x, books.y
    await books.post("P03", books.on_project(60_000, x), books.on_project(40_000, y))
    await books.post("P05", books.on_contract(57_600, x), books.on_contract(38_400, y))
    await books.post("P09", books.on_contract(17_280, x), books.on_contract(11_520, y))
    expected = {"1000": (60_000, 40_000), "1200": (2_400, 1_600), "1300": (40_320, 26_880), "1600": (17_280, 11_520)}
    assert await books.standing() == {
        (account, source): fen for account, pair in expected.items() for source, fen in zip((x, y), pair, strict=True)
    }
    assert await balance(books.tx.raw, BOOK, "1300", contract_id=books.contract) == 67_200
    assert await balance(books.tx.raw, BOOK, "1600", project_id=books.project, fiscal_year=YEAR) == 28_800


async def test_l3_one_fen_too_much_is_refused_and_changes_nothing(books: Books) -> None:
    await books.post("P03", books.on_project(60_000, books.x))
    before = await books.standing()
    with pytest.raises(Refused) as refused:
        async with books.tx.raw.transaction():
            await books.post("P03", books.on_project(40_001, books.y))
    (violation,) = refused.value.violations
    assert (violation.code, violation.rule) == ("INSUFFICIENT", "LM01")
    assert violation.facts == {
        "account": "1100",
        "source_id": str(books.y),
        "available": "400.00",
        "asked": "400.01",
    }
    assert await books.standing() == before


async def test_l3_what_was_never_there_cannot_be_taken(books: Books) -> None:
    with pytest.raises(Refused) as refused:
        async with books.tx.raw.transaction():
            await books.post("P05", books.on_contract(1, books.x))
    (violation,) = refused.value.violations
    assert (violation.code, violation.rule, violation.facts["available"]) == ("INSUFFICIENT", "L3", "0.00")


async def test_l3_other_sources_do_not_help_out(books: Books) -> None:
    await books.post("P03", books.on_project(60_000, books.x), books.on_project(40_000, books.y))
    with pytest.raises(Refused, match="INSUFFICIENT"):
        async with books.tx.raw.transaction():
            await books.post("P05", books.on_contract(60_001, books.x), books.on_contract(39_999, books.y))


async def test_l3_nor_do_other_projects_years_or_counties(books: Books) -> None:
    await books.post("P03", books.on_project(500, books.x))
    here = books.on_contract(1, books.x)
    for amount, area in (
        (replace(here, dimensions={**here.dimensions, "project_id": new_id()}), COUNTY),
        (replace(here, fiscal_year=YEAR + 1), COUNTY),
        (here, OTHER_COUNTY),
    ):
        with pytest.raises(Refused, match="INSUFFICIENT"):
            async with books.tx.raw.transaction():
                await post(books.tx, Cause(), BOOK, "P05", [amount], document="works", area=area)
    await post(books.tx, Cause(), BOOK, "P05", [here], document="works", area=COUNTY)


async def test_an_account_without_floor_may_be_overdrawn(books: Books) -> None:
    await books.post("X01", fen(70, books.x))
    assert (await books.standing())["9000", books.x] == -70


async def test_a_refusal_cites_the_callers_rule(books: Books) -> None:
    posting = Posting("P03", "paper", [books.on_project(60_001, books.x)])
    with pytest.raises(Refused) as refused:
        async with books.tx.raw.transaction():
            await post_many(books.tx, Cause(), BOOK, [posting], area=COUNTY, rule="LM02")
    assert refused.value.violations[0].rule == "LM02"


async def test_one_command_posts_several_templates_at_once(books: Books) -> None:
    """The contract is covered only by the allocation beside it: a balance counts once, after all of them."""
    first, second = await post_many(
        books.tx,
        Cause(),
        BOOK,
        [
            Posting("P05", "contract", [books.on_contract(900, books.x)]),
            Posting("P03", "allocation", [books.on_project(1_000, books.x)], on=date(2023, 2, 28)),
        ],
        area=COUNTY,
    )
    assert await balance(books.tx.raw, BOOK, "1200", project_id=books.project) == 100
    days = await books.tx.raw.fetch("SELECT id, on_day FROM ledger_entry WHERE id = ANY($1)", [first, second])
    assert {row["id"]: row["on_day"] for row in days} == {first: Cause().today, second: date(2023, 2, 28)}


async def test_several_templates_are_posted_all_or_none(books: Books) -> None:
    before = await books.standing()
    with pytest.raises(Refused, match="INSUFFICIENT"):
        async with books.tx.raw.transaction():
            await post_many(
                books.tx,
                Cause(),
                BOOK,
                [
                    Posting("P03", "allocation", [books.on_project(1_000, books.x)]),
                    Posting("P05", "contract", [books.on_contract(1_001, books.x)]),
                ],
                area=COUNTY,
            )
    assert await books.standing() == before


async def test_nothing_to_post_is_no_entry(books: Books) -> None:
    assert await post_many(books.tx, Cause(), BOOK, [], area=COUNTY) == []


async def test_l5_one_document_is_posted_once(books: Books) -> None:
    await books.post("P03", books.on_project(600, books.x), document="payment 1")
    before = await books.standing()
    with pytest.raises(Refused) as refused:
        async with books.tx.raw.transaction():
            await books.post("P03", books.on_project(60_000, books.x), document="payment 1")
    (violation,) = refused.value.violations  # although there is too little as well
    assert (violation.code, violation.rule) == ("ALREADY_POSTED", "L5")
    assert await books.standing() == before
    await books.post("P05", books.on_contract(600, books.x), document="payment 1")  # its next step


async def test_p25_carries_over_into_the_next_year(books: Books) -> None:
    await books.post("P25", fen(59_999, books.x, year=YEAR + 1, credit_year=YEAR))
    assert await balances_by(books.tx.raw, BOOK, ("1100",), by=("fiscal_year",), where={"source_id": books.x}) == {
        (YEAR,): 1,
        (YEAR + 1,): 59_999,
    }


async def test_l2_a_reversal_is_the_linked_opposite(books: Books) -> None:
    before = await books.standing()
    entry = await books.post("P03", books.on_project(700, books.x), books.on_project(300, books.y))
    back = await reverse(books.tx, Cause(), BOOK, entry, document="correction 1")
    assert await books.standing() == before
    row = await books.tx.raw.fetchrow("SELECT reverses, template, area_code FROM ledger_entry WHERE id = $1", back)
    assert row is not None
    assert tuple(row) == (entry, "P03", COUNTY)


async def test_l2_an_entry_is_reversed_once(books: Books) -> None:
    entry = await books.post("P03", books.on_project(700, books.x))
    await reverse(books.tx, Cause(), BOOK, entry, document="correction 1")
    with pytest.raises(Refused, match="ALREADY_POSTED"):
        async with books.tx.raw.transaction():
            await reverse(books.tx, Cause(), BOOK, entry, document="correction 2")


async def test_l2_a_reversal_can_be_reversed(books: Books) -> None:
    entry = await books.post("P03", books.on_project(700, books.x))
    after = await books.standing()
    back = await reverse(books.tx, Cause(), BOOK, entry, document="correction 1")
    await reverse(books.tx, Cause(), BOOK, back, document="correction 2")
    assert await books.standing() == after


async def test_l3_money_that_went_on_cannot_be_reversed_away(books: Books) -> None:
    entry = await books.post("P03", books.on_project(700, books.x))
    await books.post("P05", books.on_contract(1, books.x))
    with pytest.raises(Refused, match="INSUFFICIENT"):
        async with books.tx.raw.transaction():
            await reverse(books.tx, Cause(), BOOK, entry, document="correction")


async def test_what_is_not_there_cannot_be_reversed(books: Books) -> None:
    with pytest.raises(NotFound):
        await reverse(books.tx, Cause(), BOOK, new_id(), document="correction")


async def test_posting_is_one_statement(books: Books) -> None:
    sent: list[object] = []
    books.tx.raw.add_query_logger(sent.append)
    try:
        await books.post("P03", books.on_project(60_000, books.x), books.on_project(40_000, books.y))
        await asyncio.sleep(0)  # the driver tells its loggers in the next round
    finally:
        books.tx.raw.remove_query_logger(sent.append)
    assert len(sent) == 1
