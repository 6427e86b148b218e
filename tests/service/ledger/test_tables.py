"""A service's migration makes its ledger and takes it back; a ledger may do without dimensions."""

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from shared.checks.ledger import ledger_checks
from shared.checks.run import run_check
from shared.kernel.actors import SYSTEM
from shared.ledger.balances import Held, remaining
from shared.ledger.model import CREDIT, DEBIT, Account, Amount, Book, Template
from shared.ledger.post import post
from shared.runtime.postgres_server import ServiceDatabase
from tests.service.ledger.book import COUNTY, Cause, Within, enter

pytestmark = pytest.mark.asyncio

OWNER = UUID(int=1)
PLAIN = Book(
    name="plain",
    group="owner_id",
    dimensions=(),
    accounts=(Account("101", "银行存款", "bank", DEBIT), Account("501", "经营收入", "income", CREDIT)),
    templates=(Template("A01", "101", "501", "收租", "rent received"),),
)
LEDGER_TABLES = "SELECT count(*) FROM pg_class WHERE relname LIKE 'ledger%'"


@pytest_asyncio.fixture
async def owner(ledger: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(ledger.owner_dsn)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def test_a_ledger_is_taken_back_without_a_trace(owner: asyncpg.Connection) -> None:
    assert await owner.fetchval(LEDGER_TABLES) > 0
    await owner.execute("SELECT floor_drop_ledger()")
    assert await owner.fetchval(LEDGER_TABLES) == 0
    assert await owner.fetchval("SELECT count(*) FROM pg_proc WHERE proname LIKE 'ledger%'") == 0


async def test_a_ledger_without_dimensions(owner: asyncpg.Connection) -> None:
    await owner.execute("SELECT floor_drop_ledger()")
    await owner.execute("SELECT floor_create_ledger('owner_id', ARRAY[]::text[])")
    await enter(owner, SYSTEM)
    await post(Within(owner), Cause(), PLAIN, "A01", [Amount(250, OWNER, {}, 2023)], document="rent", area=COUNTY)
    assert await remaining(owner, PLAIN, "101", {}) == [Held(OWNER, 2023, 250)]
    runs = [await run_check(owner, check, now=Cause().now) for check in ledger_checks(PLAIN)]
    assert [run.standing for run in runs] == [0, 0, 0, 0]
