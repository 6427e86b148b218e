"""Reading the ledger: as it stands, as it stood on a day, source by source, line by line."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
import pytest_asyncio

from shared.db.sessions import Database
from shared.kernel.actors import SYSTEM
from shared.kernel.ids import new_id
from shared.kernel.money import split_remaining
from shared.ledger.balances import Held, balance, balances_as_of, balances_by, remaining, statement
from shared.ledger.model import CREDIT, DEBIT, NOWHERE
from shared.ledger.post import Posting, post_many, reverse
from tests.service.ledger.book import BOOK, COUNTY, YEAR, Cause, Within, fen

pytestmark = pytest.mark.asyncio

JANUARY, FEBRUARY, MARCH = date(2023, 1, 31), date(2023, 2, 28), date(2023, 3, 31)


@dataclass(frozen=True, slots=True)
class Story:
    """600.00 and 400.00 received in January; two projects get 500.00 and 300.00 in February; 96.00 contracted in March."""

    tx: Within
    x: UUID
    y: UUID
    road: UUID
    well: UUID
    contract: UUID
    entries: tuple[UUID, ...]


@pytest_asyncio.fixture
async def story(tx: Within) -> AsyncIterator[Story]:
    x, y, road, well, contract = sorted(new_id() for _ in range(5))
    works = {"project_id": road, "contract_id": contract}
    postings = [
        Posting("P01", "notice", [fen(60_000, x), fen(40_000, y)], JANUARY),
        Posting("P03", "road", [fen(30_000, x, {"project_id": road}), fen(20_000, y, {"project_id": road})], FEBRUARY),
        Posting("P03", "well", [fen(30_000, x, {"project_id": well})], FEBRUARY),
        Posting("P05", "works", [fen(5_760, x, works), fen(3_840, y, works)], MARCH),
    ]
    entries = await post_many(tx, Cause(), BOOK, postings, area=COUNTY)
    yield Story(tx, x, y, road, well, contract, tuple(entries))


async def test_a_balance_adds_up_all_that_matches(story: Story) -> None:
    raw = story.tx.raw
    assert await balance(raw, BOOK, "1200", project_id=story.road) == 40_400
    assert await balance(raw, BOOK, "1200", project_id=story.road, source_id=story.y) == 16_160
    assert await balance(raw, BOOK, "1200", project_id=[story.road, story.well]) == 70_400
    assert await balance(raw, BOOK, "1200", project_id=story.road, fiscal_year=YEAR + 1) == 0
    assert await balance(raw, BOOK, "1000", source_id=story.x) == 60_000


async def test_one_query_answers_for_many_subjects(story: Story) -> None:
    found = await balances_by(
        story.tx.raw,
        BOOK,
        ("1200", "1300"),
        by=("project_id", "account"),
        where={"source_id": [story.x, story.y]},
    )
    assert found == {
        (story.road, "1200"): 40_400,
        (story.road, "1300"): 9_600,
        (story.well, "1200"): 30_000,
    }


async def test_debit_and_credit_accounts_are_not_added_up(story: Story) -> None:
    with pytest.raises(ValueError, match="one side"):
        await balances_by(story.tx.raw, BOOK, ("1000", "1100"), by=("source_id",))


@pytest.mark.parametrize("name", ["village_id", "amount_fen) FROM ledger_balance --"])
async def test_only_known_columns_enter_the_sql(story: Story, name: str) -> None:
    with pytest.raises(ValueError, match="no column"):
        await balances_by(story.tx.raw, BOOK, ("1100",), by=(name,))
    with pytest.raises(ValueError, match="no column"):
        await balance(story.tx.raw, BOOK, "1100", **{name: story.x})


@pytest.mark.parametrize(
    ("day", "unallocated", "quota"),
    [(date(2023, 1, 30), None, None), (JANUARY, 60_000, None), (FEBRUARY, 0, 60_000), (MARCH, 0, 54_240)],
)
async def test_v14_balances_as_they_stood(story: Story, day: date, unallocated: int | None, quota: int | None) -> None:
    accounts = ("1000", "1100", "1200")
    found = await balances_as_of(story.tx.raw, BOOK, accounts, by=("account",), where={"source_id": story.x}, as_of=day)
    expected = {"1000": None if day < JANUARY else 60_000, "1100": unallocated, "1200": quota}
    assert found == {(account,): amount for account, amount in expected.items() if amount is not None}


async def test_sources_in_order_are_what_a_payment_is_split_over(story: Story) -> None:
    where = {"project_id": story.road, "contract_id": story.contract}
    held = await remaining(story.tx.raw, BOOK, "1300", where)
    assert held == [Held(story.x, YEAR, 5_760), Held(story.y, YEAR, 3_840)]
    assert split_remaining(2_880, [source.fen for source in held]) == [1_728, 1_152]


async def test_an_emptied_source_is_no_source(story: Story) -> None:
    works = {"project_id": story.road, "contract_id": story.contract}
    await post_many(story.tx, Cause(), BOOK, [Posting("P09", "last", [fen(5_760, story.x, works)])], area=COUNTY)
    assert await remaining(story.tx.raw, BOOK, "1300", works) == [Held(story.y, YEAR, 3_840)]


async def test_sources_are_asked_for_in_full(story: Story) -> None:
    with pytest.raises(ValueError, match="kept by contract_id"):
        await remaining(story.tx.raw, BOOK, "1300", {"project_id": story.road})


async def test_locked_sources_wait_for_the_first_writer(database: Database) -> None:
    source = new_id()
    async with database.write(SYSTEM) as first:
        await post_many(first, Cause(), BOOK, [Posting("P01", f"{source}", [fen(100, source)])], area=COUNTY)
        await first.session.commit()
    async with database.write(SYSTEM) as first:
        assert await remaining(first.raw, BOOK, "1100", {"source_id": source}, lock=True) == [Held(source, YEAR, 100)]
        second = asyncio.create_task(_held_after_waiting(database, source))
        await asyncio.sleep(0.2)
        assert not second.done()
        taken = Posting("P03", f"{source}", [fen(60, source, {"project_id": new_id()})])
        await post_many(first, Cause(), BOOK, [taken], area=COUNTY)
        await first.session.commit()
    assert await second == [Held(source, YEAR, 40)]


async def _held_after_waiting(database: Database, source: UUID) -> list[Held]:
    async with database.write(SYSTEM) as session:
        return await remaining(session.raw, BOOK, "1100", {"source_id": source}, lock=True)


async def test_a_statement_lists_every_line_of_a_project(story: Story) -> None:
    lines = await statement(story.tx.raw, BOOK, {"project_id": story.road})
    assert [(line.document, line.account, line.side, line.fen, line.group) for line in lines] == [
        ("road", "1200", DEBIT, 30_000, story.x),
        ("road", "1100", CREDIT, 30_000, story.x),
        ("road", "1200", DEBIT, 20_000, story.y),
        ("road", "1100", CREDIT, 20_000, story.y),
        ("works", "1300", DEBIT, 5_760, story.x),
        ("works", "1200", CREDIT, 5_760, story.x),
        ("works", "1300", DEBIT, 3_840, story.y),
        ("works", "1200", CREDIT, 3_840, story.y),
    ]
    assert lines[0].dimensions == {"project_id": story.road}
    assert lines[-1].dimensions == {"project_id": story.road, "contract_id": story.contract}
    assert {line.on for line in lines[4:]} == {MARCH}


async def test_a_statement_ends_on_a_day(story: Story) -> None:
    lines = await statement(story.tx.raw, BOOK, {"project_id": story.road}, until=FEBRUARY)
    assert {line.document for line in lines} == {"road"}


async def test_a_statement_is_paged_by_key(story: Story) -> None:
    whole = await statement(story.tx.raw, BOOK, {"source_id": [story.x, story.y]})
    pages, after = [], (NOWHERE, 0)
    while page := await statement(story.tx.raw, BOOK, {"source_id": [story.x, story.y]}, after=after, limit=3):
        assert len(page) <= 3
        pages += page
        after = (page[-1].entry_id, page[-1].line_no)
    assert pages == whole
    assert len(whole) == 14


async def test_a_statement_shows_what_was_reversed(story: Story) -> None:
    well = story.entries[2]
    back = await reverse(story.tx, Cause(), BOOK, well, document="mistaken")
    lines = await statement(story.tx.raw, BOOK, {"project_id": story.well, "account": "1200"})
    assert [(line.entry_id, line.reverses, line.side, line.fen) for line in lines] == [
        (well, None, DEBIT, 30_000),
        (back, well, CREDIT, 30_000),
    ]
