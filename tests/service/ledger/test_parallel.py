"""Many writers on one balance: never a fen too much, never a deadlock, every document once (scenarios 16, 17; T19)."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import pytest

from shared.db.sessions import Database
from shared.kernel.actors import SYSTEM
from shared.kernel.errors import Refused
from shared.kernel.ids import new_id
from shared.ledger.balances import balance, balances_by
from shared.ledger.model import Amount
from shared.ledger.post import post
from tests.service.ledger.book import BOOK, COUNTY, Cause, fen, offences

pytestmark = [pytest.mark.asyncio, pytest.mark.commit]


async def commit(database: Database, template: str, amounts: Sequence[Amount], document: str = "") -> str:
    """Post in a transaction of its own; POSTED, or the refusal's code."""
    try:
        async with database.write(SYSTEM) as session:
            paper = document or f"paper {new_id()}"
            await post(session, Cause(), BOOK, template, amounts, document=paper, area=COUNTY)
            await session.session.commit()
    except Refused as refusal:
        return refusal.code
    return "POSTED"


async def received(database: Database, amount: int) -> UUID:
    source = new_id()
    assert await commit(database, "P01", [fen(amount, source)]) == "POSTED"
    return source


async def left(database: Database, source: UUID) -> int:
    async with database.read(SYSTEM) as session:
        assert await offences(session.raw) == {}
        return await balance(session.raw, BOOK, "1100", source_id=source)


async def allocate(database: Database, source: UUID, *amounts: int) -> Counter[str]:
    """Each amount to a project of its own, all at once."""
    posts = (commit(database, "P03", [fen(amount, source, {"project_id": new_id()})]) for amount in amounts)
    return Counter(await asyncio.gather(*posts))


async def test_16_one_of_two_allocations_fits(database: Database) -> None:
    source = await received(database, 10_000_000)
    assert await allocate(database, source, 6_000_000, 6_000_000) == {"POSTED": 1, "INSUFFICIENT": 1}
    assert await left(database, source) == 4_000_000


async def test_17_three_allocations_leave_one_fen(database: Database) -> None:
    source = await received(database, 10_000_000)
    assert await allocate(database, source, *[3_333_333] * 3) == {"POSTED": 3}
    assert await left(database, source) == 1


async def test_fifty_allocations_never_exceed_the_source(database: Database) -> None:
    source = await received(database, 10_000_000)
    assert await allocate(database, source, *[333_333] * 50) == {"POSTED": 30, "INSUFFICIENT": 20}
    assert await left(database, source) == 10


async def test_fifty_unequal_allocations_never_exceed_the_source(database: Database) -> None:
    source = await received(database, 1_000)
    wanted = [1 + 7 * number % 97 for number in range(50)]
    outcome = await allocate(database, source, *wanted)
    rest = await left(database, source)
    assert outcome["POSTED"] + outcome["INSUFFICIENT"] == 50
    assert 0 <= rest < max(wanted)  # whoever was refused asked for more than the rest


async def test_l5_twenty_posts_of_one_document_have_one_effect(database: Database) -> None:
    source = await received(database, 100)
    amounts = [fen(60, source, {"project_id": new_id()})]
    outcome = Counter(await asyncio.gather(*(commit(database, "P03", amounts, f"{source}") for _ in range(20))))
    assert outcome == {"POSTED": 1, "ALREADY_POSTED": 19}
    assert await left(database, source) == 40


@pytest.mark.parametrize("known", [True, False], ids=["existing balances", "new balances"])
async def test_t19_writers_in_opposite_order_do_not_lock_each_other_out(database: Database, *, known: bool) -> None:
    """32 writers to the same forty balances, every second one from the other end."""
    source = await received(database, 1_000_000)
    amounts = [fen(1, source, {"project_id": new_id()}) for _ in range(40)]
    if known:
        assert await commit(database, "P03", amounts) == "POSTED"
    orders = [amounts if number % 2 else amounts[::-1] for number in range(32)]
    assert set(await asyncio.gather(*(commit(database, "P03", order) for order in orders))) == {"POSTED"}
    async with database.read(SYSTEM) as session:
        quotas = await balances_by(session.raw, BOOK, ("1200",), by=("project_id",), where={"source_id": source})
    assert set(quotas.values()) == {33 if known else 32}
    assert len(quotas) == 40


async def test_t19_money_running_both_ways_does_not_lock_up(database: Database) -> None:
    """Allocation and its opposite touch the same two balances, the one as a gain and the other as a loss."""
    source = await received(database, 1_000)
    project = {"project_id": new_id()}
    assert await commit(database, "P03", [fen(500, source, project)]) == "POSTED"
    ways = (commit(database, "P03" if number % 2 else "P04", [fen(10, source, project)]) for number in range(32))
    assert set(await asyncio.gather(*ways)) == {"POSTED"}
    assert await left(database, source) == 500
