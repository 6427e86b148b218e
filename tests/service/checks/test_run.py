"""A run opens what is new and closes what is gone, in one statement; a subject can be explained at any time."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
import pytest_asyncio

from shared.checks.model import Check, Severity
from shared.checks.run import CheckRun, Offence, explain, run_check
from shared.db.sessions import Database, scope_settings
from shared.kernel.actors import SYSTEM, Actor, Grant
from shared.kernel.areas import AreaCode
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.runtime.postgres_server import ServiceDatabase

pytestmark = pytest.mark.asyncio

COUNTY, OTHER_COUNTY = AreaCode.parse("140212"), AreaCode.parse("140213")
NOON = datetime(2023, 3, 1, 4, tzinfo=UTC)
TOMORROW = NOON + timedelta(days=1)
DRY, POOR, GOOD = (UUID(int=number) for number in (1, 2, 3))

WEAK = Check(
    id="W1",
    severity=Severity.AMBER,
    subject="well",
    zh="出水不足",
    en="too little water",
    select="""SELECT id::text AS subject_key, area_code, jsonb_build_object('litres', litres) AS facts FROM well
              WHERE litres < 20 AND (:subject::text IS NULL OR id = :subject::uuid)""",
)
UNFILTERED = replace(
    WEAK, id="W2", select="SELECT id::text AS subject_key, area_code, jsonb_build_object() AS facts FROM well"
)


async def enter(raw: asyncpg.Connection, actor: Actor) -> None:
    settings = scope_settings(actor)
    for name in ("low", "high", "scope"):
        await raw.execute("SELECT set_config($1, $2, true)", f"app.{name}", settings[name])


async def put(raw: asyncpg.Connection, *wells: tuple[UUID, int], area: int = COUNTY) -> None:
    await raw.executemany(
        "INSERT INTO well VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET litres = excluded.litres",
        [(well, litres, area) for well, litres in wells],
    )


def counts(run: CheckRun) -> tuple[int, int, int]:
    return run.opened, run.closed, run.standing


async def open_findings(raw: asyncpg.Connection) -> dict[UUID, Any]:
    rows = await raw.fetch("SELECT subject_key, facts::text FROM finding WHERE closed_at IS NULL")
    return {UUID(row["subject_key"]): orjson.loads(row["facts"]) for row in rows}


@pytest_asyncio.fixture
async def three(raw: asyncpg.Connection) -> asyncpg.Connection:
    """Three wells of one county, two of them weak."""
    await enter(raw, SYSTEM)
    await put(raw, (DRY, 0), (POOR, 19), (GOOD, 20))
    return raw


async def test_a_first_run_opens_every_offence(three: asyncpg.Connection) -> None:
    run = await run_check(three, WEAK, now=NOON)
    assert counts(run) == (2, 0, 2)
    assert await open_findings(three) == {DRY: {"litres": 0}, POOR: {"litres": 19}}
    row = await three.fetchrow("SELECT check_id, severity, subject_kind, area_code, opened_at FROM finding LIMIT 1")
    assert row is not None
    assert tuple(row) == ("W1", "amber", "well", COUNTY, NOON)
    kept = await three.fetchrow("SELECT id, check_id, at, opened, closed, standing FROM check_run")
    assert kept is not None
    assert tuple(kept) == (run.id, "W1", NOON, 2, 0, 2)


async def test_a_run_without_change_leaves_findings_alone(three: asyncpg.Connection) -> None:
    await run_check(three, WEAK, now=NOON)
    await put(three, (POOR, 5))
    assert counts(await run_check(three, WEAK, now=TOMORROW)) == (0, 0, 2)
    assert (await open_findings(three))[POOR] == {"litres": 19}  # the day it was opened; explain() gives today
    assert await explain(three, WEAK, str(POOR)) == [Offence(str(POOR), COUNTY, {"litres": 5})]


async def test_a_finding_closes_when_its_cause_is_gone_and_opens_anew(three: asyncpg.Connection) -> None:
    await run_check(three, WEAK, now=NOON)
    await put(three, (DRY, 30), (GOOD, 1))
    assert counts(await run_check(three, WEAK, now=TOMORROW)) == (1, 1, 2)
    assert set(await open_findings(three)) == {POOR, GOOD}
    await put(three, (DRY, 0))
    assert counts(await run_check(three, WEAK, now=TOMORROW)) == (1, 0, 3)
    history = await three.fetch("SELECT opened_at, closed_at FROM finding WHERE subject_key = $1 ORDER BY id", str(DRY))
    assert [tuple(row) for row in history] == [(NOON, TOMORROW), (TOMORROW, None)]


async def test_checks_do_not_touch_each_others_findings(three: asyncpg.Connection) -> None:
    await run_check(three, UNFILTERED, now=NOON)
    await put(three, (DRY, 30), (POOR, 30))
    assert counts(await run_check(three, WEAK, now=NOON)) == (0, 0, 0)
    assert set(await open_findings(three)) == {DRY, POOR, GOOD}


async def test_a_key_found_twice_is_one_finding(three: asyncpg.Connection) -> None:
    twice = replace(WEAK, select=f"{WEAK.select} UNION ALL {WEAK.select}")
    assert counts(await run_check(three, twice, now=NOON)) == (2, 0, 2)
    assert counts(await run_check(three, twice, now=NOON)) == (0, 0, 2)


async def test_a_run_of_one_county_leaves_the_others_findings(three: asyncpg.Connection) -> None:
    await put(three, (UUID(int=9), 3), area=OTHER_COUNTY)
    assert counts(await run_check(three, WEAK, now=NOON)) == (3, 0, 3)
    await put(three, (DRY, 30))
    await enter(three, Actor(new_id(), (Grant(Role.BUREAU_CLERK, COUNTY),)))
    assert counts(await run_check(three, WEAK, now=TOMORROW)) == (0, 1, 1)
    await enter(three, SYSTEM)
    assert set(await open_findings(three)) == {POOR, UUID(int=9)}


async def test_ids_sort_by_run_and_are_uuids_of_version_7(three: asyncpg.Connection) -> None:
    first = await run_check(three, WEAK, now=NOON)
    await asyncio.sleep(0.002)
    await put(three, (GOOD, 1))
    second = await run_check(three, WEAK, now=NOON)
    rows = await three.fetch("SELECT id FROM finding ORDER BY id")
    ids = [UUID(str(row["id"])) for row in rows]
    assert {found.version for found in ids} == {7}
    assert [found.int >> 80 for found in ids] == [first.id.int >> 80] * 2 + [second.id.int >> 80]


@pytest.mark.parametrize("check", [WEAK, UNFILTERED])
async def test_one_subject_is_explained_alone(three: asyncpg.Connection, check: Check) -> None:
    assert [offence.subject_key for offence in await explain(three, check, str(POOR))] == [str(POOR)]
    assert await explain(three, check, str(UUID(int=7))) == []
    assert await three.fetchval("SELECT count(*) FROM finding") == 0


async def test_one_subject_is_explained_without_reading_the_others(three: asyncpg.Connection) -> None:
    """Dividing by the good well's litres minus twenty fails as soon as it is read."""
    brittle = replace(WEAK, select=WEAK.select.replace("litres < 20", "100 / (litres - 20) < 0"))
    assert len(await explain(three, brittle, str(POOR))) == 1
    with pytest.raises(asyncpg.DivisionByZeroError):
        await run_check(three, brittle, now=NOON)


async def test_a_run_is_one_statement_however_much_it_finds(three: asyncpg.Connection) -> None:
    await put(three, *((UUID(int=number), 1) for number in range(100, 5_100)))
    sent: list[object] = []
    three.add_query_logger(sent.append)
    try:
        run = await run_check(three, WEAK, now=NOON)
        await asyncio.sleep(0)  # the driver tells its loggers in the next round
    finally:
        three.remove_query_logger(sent.append)
    assert (counts(run), len(sent)) == ((5_002, 0, 5_002), 1)


@pytest.mark.commit
async def test_runs_at_the_same_time_open_a_finding_once(wells: ServiceDatabase) -> None:
    database = Database(wells.app_dsn)

    async def in_its_own_transaction(checks: Iterable[Check]) -> int:
        async with database.write(SYSTEM) as session:
            opened = sum([(await run_check(session.raw, check, now=NOON)).opened for check in checks])
            await session.session.commit()
        return opened

    try:
        async with database.write(SYSTEM) as session:
            await put(session.raw, (DRY, 0), (POOR, 19))
            await session.session.commit()
        assert sum(await asyncio.gather(*(in_its_own_transaction([WEAK]) for _ in range(8)))) == 2
        async with database.write(SYSTEM) as session:
            assert set(await open_findings(session.raw)) == {DRY, POOR}
            await session.raw.execute("DELETE FROM finding; DELETE FROM well")
            await session.session.commit()
    finally:
        await database.close()
