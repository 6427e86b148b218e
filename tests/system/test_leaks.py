"""T29, small: personal data told to every service is nowhere in the clear: tables, files, logs, events, refusals (G8)."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from services.suite.demo.client import Client
from services.suite.services import SERVICES
from shared.runtime.postgres import EmbeddedPostgres
from tests.system.kill_kit import Witness, under_siege
from tests.system.leaks_canaries import (
    STEMS,
    disguises,
    found_in,
    found_in_files,
    found_in_tables,
    id_number,
    name,
    phone,
)
from tests.system.leaks_story import TODAY, Teller, in_assets, in_funds, in_monitoring

pytestmark = [pytest.mark.asyncio, pytest.mark.slow, pytest.mark.commit]


@dataclass(frozen=True)
class Haul:
    """What is left after personal data went through every door, and everything was killed."""

    witness: Witness
    log: Path
    state_dir: Path
    data_dir: Path
    problems: list[tuple[str, int, bytes]]
    revealed: str


@pytest_asyncio.fixture(scope="module")
async def haul(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Haul]:
    state_dir = tmp_path_factory.mktemp("leaks") / "state"
    async with under_siege(state_dir, SERVICES, log_level="DEBUG") as (system, client, witness):
        await Client(client.http).turn_clock(TODAY)
        teller = Teller(client, witness)
        household = await in_monitoring(teller)
        await in_funds(teller)
        await in_assets(teller)
        revealed = await client.post(
            "village_committee", f"/monitoring/v1/households/{household}/reveal", {"purpose": "visit"}
        )
        assert (await witness.settled()).parked == 0
        postgres = EmbeddedPostgres(state_dir)
        pid = postgres.pid()
        assert pid is not None
        await system.kill()
        os.kill(pid, signal.SIGKILL)
        async with postgres as server:
            async with server.admin() as admin:
                await admin.execute("CHECKPOINT")
            assert server.data_dir is not None
            eyes = Witness(server, SERVICES)
            yield Haul(eyes, system.log, state_dir, server.data_dir, teller.problems, str(revealed))


FILLED = {
    "monitoring": ("household_member", "clue", "import_file", "spending_entry", "import_refusal"),
    "funds": ("payee", "household_line"),
    "assets": ("asset_custody",),
}
"""Tables that the story must have filled, lest the search be for nothing."""


async def test_t29_the_data_were_stored_and_are_shown_to_those_who_may_see_them(haul: Haul) -> None:
    assert all(found in haul.revealed for found in (name(0), id_number(0), phone(0)))
    for service, tables in FILLED.items():
        for table in tables:
            rows = await haul.witness.fetch(service, f"SELECT FROM {table}")
            assert rows, table


async def test_t29_no_table_holds_them(haul: Haul) -> None:
    for service in SERVICES:
        async with haul.witness.server.admin(f"shouwang_{service.name}") as connection:
            assert await found_in_tables(connection) == {}


async def test_t29_no_file_of_the_database_holds_them(haul: Haul) -> None:
    files = [path for path in haul.data_dir.parent.rglob("*") if path.is_file()]
    assert sum("pg_wal" in str(path) for path in files) > 0
    assert found_in_files(files) == {}


async def test_t29_no_other_file_and_no_log_holds_them(haul: Haul) -> None:
    written = await asyncio.to_thread(haul.log.read_bytes)
    assert b'"event": "request"' in written.replace(b'":"', b'": "')
    assert found_in_files([haul.log, *haul.state_dir.rglob("*")]) == {}


async def test_t29_no_refusal_repeats_them(haul: Haul) -> None:
    assert len(haul.problems) > 30
    assert {asked: kinds for asked, _, body in haul.problems if (kinds := found_in(body))} == {}


async def test_a_leak_would_be_seen(haul: Haul, tmp_path: Path) -> None:
    for kind, stem in STEMS.items():
        for form in disguises(f"x{stem}y"[1:-1]):
            assert found_in(b"before" + form + b"after") == [kind]
    async with haul.witness.server.admin("shouwang_funds") as connection:
        await connection.execute("BEGIN; CREATE TABLE careless(a bytea, b jsonb)")
        await connection.execute(
            "INSERT INTO careless VALUES ($1, $2)", STEMS["note"].encode(), f'{{"p": "{phone(0)}"}}'
        )
        assert await found_in_tables(connection) == {"careless": ["phone", "note"]}
