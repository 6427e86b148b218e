"""What the database itself refuses, to any SQL that the application's role can send: L1, L2, L3, L5, other areas."""

from uuid import UUID

import asyncpg
import pytest

from shared.db.sessions import Database
from shared.kernel.actors import SYSTEM, Actor, Grant
from shared.kernel.areas import AreaCode
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.ledger.post import post
from shared.runtime.postgres_server import ServiceDatabase
from tests.service.ledger.book import BOOK, COUNTY, DAY, OTHER_COUNTY, YEAR, Cause, Within, enter, fen

pytestmark = pytest.mark.asyncio


async def insert_entry(raw: asyncpg.Connection, lines: int, area: int = COUNTY) -> UUID:
    entry = new_id()
    await raw.execute(
        "INSERT INTO ledger_entry(id, template, document, at, on_day, line_count, command_id, area_code)"
        " VALUES ($1, 'P03', $2, $3, $4, $5, $1, $6)",
        *(entry, str(entry), Cause().now, DAY, lines, area),
    )
    return entry


async def insert_lines(raw: asyncpg.Connection, entry: UUID, *lines: tuple[UUID, int], after: int = 0) -> None:
    """Lines of (source, signed fen), all in one statement, numbered from `after` on."""
    sources, amounts = zip(*lines, strict=True)
    await raw.execute(
        "INSERT INTO ledger_line(entry_id, line_no, account, source_id, fiscal_year, signed_fen, area_code)"
        " SELECT $1, $2 + no, '1100', source, $3, fen, $4"
        " FROM unnest($5::uuid[], $6::bigint[]) WITH ORDINALITY AS line(source, fen, no)",
        *(entry, after, YEAR, COUNTY, sources, amounts),
    )


async def received(tx: Within, amount: int = 100) -> tuple[UUID, UUID]:
    """A source with `amount` fen, and the entry that brought it."""
    source = new_id()
    return source, await post(tx, Cause(), BOOK, "P01", [fen(amount, source)], document=f"paper {source}", area=COUNTY)


async def test_lines_that_balance_are_taken(tx: Within) -> None:
    one, other = new_id(), new_id()
    await insert_lines(tx.raw, await insert_entry(tx.raw, 4), (one, 5), (one, -5), (other, 7), (other, -7))


@pytest.mark.parametrize(
    "amounts",
    [
        pytest.param([(1, 5), (1, -4)], id="not zero"),
        pytest.param([(1, 5), (2, -5)], id="zero over two sources"),
        pytest.param([(1, 5)], id="one side"),
    ],
)
async def test_l1_unbalanced_lines_are_refused(tx: Within, amounts: list[tuple[int, int]]) -> None:
    entry = await insert_entry(tx.raw, len(amounts))
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await insert_lines(tx.raw, entry, *[(UUID(int=source), amount) for source, amount in amounts])
    assert refused.value.constraint_name == "ledger_balanced"


@pytest.mark.parametrize(
    ("after", "fault", "constraint"),
    [
        (2, asyncpg.CheckViolationError, "ledger_complete"),
        (0, asyncpg.UniqueViolationError, "ledger_line_pkey"),
        (-2, asyncpg.CheckViolationError, "ledger_complete"),
    ],
)
async def test_l1_nothing_is_added_to_an_entry(
    tx: Within, after: int, fault: type[asyncpg.IntegrityConstraintViolationError], constraint: str
) -> None:
    source, entry = await received(tx)
    with pytest.raises(fault) as refused:
        await insert_lines(tx.raw, entry, (source, 5), (source, -5), after=after)
    assert refused.value.constraint_name == constraint


@pytest.mark.parametrize("lines", [0, 1, 3])
async def test_l1_an_entry_says_how_many_lines_it_has(tx: Within, lines: int) -> None:
    source = new_id()
    with pytest.raises(asyncpg.CheckViolationError):
        await insert_lines(tx.raw, await insert_entry(tx.raw, lines), (source, 5), (source, -5))


async def test_l1_lines_belong_to_an_entry_of_their_area(tx: Within) -> None:
    source = new_id()
    entry = await insert_entry(tx.raw, 2, OTHER_COUNTY)
    with pytest.raises(asyncpg.CheckViolationError, match="not complete"):
        await insert_lines(tx.raw, entry, (source, 5), (source, -5))


async def test_l1_lines_without_an_entry_are_refused(tx: Within) -> None:
    source = new_id()
    with pytest.raises(asyncpg.CheckViolationError, match="not complete"):
        await insert_lines(tx.raw, new_id(), (source, 5), (source, -5))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET document = 'another'",
        "UPDATE ledger_entry SET on_day = on_day + 1",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry CASCADE",
        "UPDATE ledger_line SET signed_fen = signed_fen + 1",
        "UPDATE ledger_line SET account = '1200'",
        "DELETE FROM ledger_line",
        "TRUNCATE ledger_line",
        "DELETE FROM ledger_balance",
        "UPDATE ledger_balance SET floor_fen = -1000",
        "ALTER TABLE ledger_line DISABLE TRIGGER ledger_check_lines",
        "DROP TRIGGER ledger_check_floor ON ledger_balance",
    ],
)
async def test_l2_what_is_written_stays(tx: Within, statement: str) -> None:
    await received(tx)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await tx.raw.execute(statement)


async def test_l3_no_balance_is_set_below_its_floor(tx: Within) -> None:
    source, _ = await received(tx)
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await tx.raw.execute("UPDATE ledger_balance SET amount_fen = -1 WHERE source_id = $1", source)
    assert refused.value.constraint_name == "ledger_floor"


async def test_l5_a_document_is_entered_once_per_template(tx: Within) -> None:
    entry = await insert_entry(tx.raw, 2)
    with pytest.raises(asyncpg.UniqueViolationError) as refused:
        await tx.raw.execute(
            "INSERT INTO ledger_entry(id, template, document, at, on_day, line_count, command_id, area_code)"
            " SELECT $2, template, document, at, on_day, 2, command_id, area_code FROM ledger_entry WHERE id = $1",
            *(entry, new_id()),
        )
    assert refused.value.constraint_name == "ledger_entry_document"


async def seen(raw: asyncpg.Connection) -> tuple[int, ...]:
    """How many entries, lines and balances the session sees."""
    counts = await raw.fetchrow(
        "SELECT (SELECT count(*) FROM ledger_entry), (SELECT count(*) FROM ledger_line),"
        " (SELECT count(*) FROM ledger_balance)",
    )
    assert counts is not None
    return tuple(counts)


def actor_of(area: AreaCode) -> Actor:
    return Actor(new_id(), (Grant(Role.FINANCE_CLERK, area),))


async def test_g7_without_a_scope_the_ledger_is_empty(tx: Within) -> None:
    await received(tx)
    await enter(tx.raw, Actor(new_id(), ()))
    assert await seen(tx.raw) == (0, 0, 0)
    await tx.raw.execute("SELECT set_config(name, '', true) FROM unnest('{app.low,app.high,app.scope}'::text[]) name")
    assert await seen(tx.raw) == (0, 0, 0)


async def test_g7_another_county_sees_nothing_and_its_own_county_all(tx: Within) -> None:
    _, entry = await received(tx)
    await enter(tx.raw, actor_of(OTHER_COUNTY))
    assert await seen(tx.raw) == (0, 0, 0)
    await enter(tx.raw, actor_of(COUNTY))
    assert await tx.raw.fetchval("SELECT count(*) FROM ledger_line WHERE entry_id = $1", entry) == 2


async def test_g7_nobody_posts_into_another_county(tx: Within) -> None:
    await enter(tx.raw, actor_of(OTHER_COUNTY))
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await received(tx)


async def test_g7_the_owner_is_inside_the_wall_too(ledger: ServiceDatabase, database: Database) -> None:
    async with database.write(SYSTEM) as session:
        await received(Within(session.raw))
        await session.session.commit()
    owner = await asyncpg.connect(ledger.owner_dsn)
    try:
        assert await seen(owner) == (0, 0, 0)
        async with owner.transaction():
            await enter(owner, SYSTEM)
            assert await owner.fetchval("SELECT count(*) FROM ledger_line") >= 2
    finally:
        await owner.close()
