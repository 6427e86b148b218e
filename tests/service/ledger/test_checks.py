"""The ledger's invariants as checks: silent on a sound ledger, and each names the damage it is there for."""

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from shared.checks.run import explain, run_check
from shared.kernel.actors import SYSTEM
from shared.kernel.ids import new_id
from shared.ledger.post import post
from shared.runtime.postgres_server import ServiceDatabase
from tests.service.ledger.book import BOOK, CHECKS, COUNTY, YEAR, Cause, Within, enter, fen, offences

pytestmark = pytest.mark.asyncio

SOURCE, PROJECT = UUID(int=1), UUID(int=2)
NOWHERE = UUID(int=0)
UNALLOCATED = f"{COUNTY:d}/{SOURCE}/1100/{YEAR}/{NOWHERE}/{NOWHERE}"


@pytest_asyncio.fixture
async def owner(ledger: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    """The owner, in a transaction without the walls; 100 received, 60 of it allocated."""
    connection = await asyncpg.connect(ledger.owner_dsn)
    transaction = connection.transaction()
    await transaction.start()
    await enter(connection, SYSTEM)
    tx = Within(connection)
    await post(tx, Cause(), BOOK, "P01", [fen(100, SOURCE)], document="first", area=COUNTY)
    await post(tx, Cause(), BOOK, "P03", [fen(60, SOURCE, {"project_id": PROJECT})], document="second", area=COUNTY)
    await connection.execute(
        "ALTER TABLE ledger_line DISABLE TRIGGER USER; ALTER TABLE ledger_balance DISABLE TRIGGER USER",
    )
    yield connection
    await transaction.rollback()
    await connection.close()


async def test_a_sound_ledger_has_no_offence(owner: asyncpg.Connection) -> None:
    assert await offences(owner) == {}


async def test_l1_an_entry_out_of_balance(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "UPDATE ledger_line SET signed_fen = signed_fen + 1 WHERE account = '1200' AND source_id = $1", SOURCE
    )
    found = await offences(owner)
    entry = await owner.fetchval("SELECT id FROM ledger_entry WHERE document = 'second'")
    assert [offence.subject_key for offence in found["L1"]] == [str(entry)]
    assert set(found) == {"L1", "L4"}
    (offence,) = await explain(owner, CHECKS["L1"], str(entry))
    assert offence.facts == {"document": "second", "template": "P03", "lines": 2}


@pytest.mark.parametrize("accounts", [["1200"], ["1200", "1100"]])
async def test_l1_an_entry_that_lost_lines(owner: asyncpg.Connection, accounts: list[str]) -> None:
    entry = await owner.fetchval("SELECT id FROM ledger_entry WHERE document = 'second'")
    await owner.execute("DELETE FROM ledger_line WHERE entry_id = $1 AND account = ANY($2)", entry, accounts)
    assert [offence.subject_key for offence in (await offences(owner))["L1"]] == [str(entry)]


async def test_l1_two_sources_that_make_up_for_each_other(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "UPDATE ledger_line SET source_id = $1 WHERE account = '1200' AND source_id = $2", new_id(), SOURCE
    )
    assert len((await offences(owner))["L1"]) == 1


async def test_l3_a_balance_below_the_floor(owner: asyncpg.Connection) -> None:
    await owner.execute("UPDATE ledger_balance SET amount_fen = -1 WHERE account = '1100' AND source_id = $1", SOURCE)
    found = await offences(owner)
    assert [(offence.subject_key, offence.area_code) for offence in found["L3"]] == [(UNALLOCATED, COUNTY)]
    assert set(found) == {"L3", "L4", "trial-balance"}
    (offence,) = await explain(owner, CHECKS["L3"], UNALLOCATED)
    assert offence.facts == {"amount_fen": -1, "floor_fen": 0}


async def test_l3_a_floor_that_was_lifted_does_not_hide_it(owner: asyncpg.Connection) -> None:
    await owner.execute("UPDATE ledger_balance SET amount_fen = -1, floor_fen = NULL WHERE account = '1100'")
    assert "L3" in await offences(owner)


async def test_l4_a_balance_that_its_lines_do_not_bear_out(owner: asyncpg.Connection) -> None:
    await owner.execute("UPDATE ledger_balance SET amount_fen = amount_fen + 5 WHERE account = '1100'")
    await owner.execute("UPDATE ledger_balance SET amount_fen = amount_fen + 5 WHERE account = '1000'")
    found = await offences(owner)
    assert set(found) == {"L4"}  # the trial balance does not see two equal mistakes
    assert UNALLOCATED in {offence.subject_key for offence in found["L4"]}
    (offence,) = await explain(owner, CHECKS["L4"], UNALLOCATED)
    assert offence.facts == {"kept_fen": 45, "folded_fen": 40}


async def test_l4_a_balance_that_is_missing(owner: asyncpg.Connection) -> None:
    await owner.execute("DELETE FROM ledger_balance WHERE account = '1100' AND source_id = $1", SOURCE)
    (offence,) = (await offences(owner))["L4"]
    assert offence.subject_key == UNALLOCATED


async def test_l4_a_balance_without_lines(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "INSERT INTO ledger_balance(account, source_id, fiscal_year, amount_fen, area_code)"
        " VALUES ('1100', $1, 2023, 7, $2)",
        *(new_id(), COUNTY),
    )
    assert set(await offences(owner)) == {"L4", "trial-balance"}


async def test_l4_lines_of_an_account_nobody_declared(owner: asyncpg.Connection) -> None:
    await owner.execute("UPDATE ledger_line SET account = '7777' WHERE account = '1100' AND source_id = $1", SOURCE)
    keys = {offence.subject_key.split("/")[2] for offence in (await offences(owner))["L4"]}
    assert keys == {"1100", "7777"}


async def test_the_trial_balance_of_a_source(owner: asyncpg.Connection) -> None:
    await owner.execute("UPDATE ledger_balance SET amount_fen = amount_fen + 3 WHERE source_id = $1", SOURCE)
    key = f"{COUNTY:d}/{SOURCE}"
    (offence,) = await explain(owner, CHECKS["trial-balance"], key)
    assert (offence.subject_key, offence.facts) == (key, {"difference_fen": 3})


async def test_the_checks_run_like_any_other(owner: asyncpg.Connection) -> None:
    await owner.execute("UPDATE ledger_balance SET amount_fen = amount_fen + 5 WHERE account = '1100'")
    runs = [await run_check(owner, check, now=Cause().now) for check in CHECKS.values()]
    assert {run.check_id: run.opened for run in runs}["small-L1"] == 0
    assert {run.check_id: run.opened for run in runs}["small-trial-balance"] >= 1
