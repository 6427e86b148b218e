"""The server of a test run: databases are copies of one template, and nothing outlives the run."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from shared.runtime.postgres_server import ServiceDatabase
from shared.testing.postgres import Clones

pytestmark = pytest.mark.asyncio

ROOT = Path(__file__).resolve().parents[3]
# A test run that is killed in the middle.
RUN = """
import asyncio, os
from shared.testing.postgres import RunServer

async def main():
    run = RunServer.create()
    async with run.server() as server:
        print(server.port, os.environ["SHOUWANG_TEST_RUN"], flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def build(owner_dsn: str) -> None:
    connection = await asyncpg.connect(owner_dsn)
    await connection.execute("CREATE TABLE note (word text); INSERT INTO note VALUES ('from the template')")
    app = (await connection.fetchval("SELECT current_user")).replace("_owner", "_app")
    await connection.execute(f"GRANT SELECT, INSERT ON note TO {app}")
    await connection.close()


async def test_copies_are_apart(fresh_database: Callable[..., Awaitable[ServiceDatabase]]) -> None:
    first = await fresh_database("funds", build, "notes")
    second = await fresh_database("funds", build, "notes")
    assert first.name != second.name
    one, two = await asyncpg.connect(first.app_dsn), await asyncpg.connect(second.app_dsn)
    await one.execute("INSERT INTO note VALUES ('mine')")
    assert await two.fetchval("SELECT array_agg(word) FROM note") == ["from the template"]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await two.execute("DELETE FROM note")
    await one.close()
    await two.close()


async def test_template_is_built_once(template_for: Callable[..., Clones]) -> None:
    calls: list[str] = []

    async def count(owner_dsn: str) -> None:
        calls.append(owner_dsn)

    variant = f"counted_{os.getpid()}"
    clones = template_for("assets", count, variant), template_for("assets", count, variant)
    copies = await asyncio.gather(*(one.fresh() for one in clones * 2))
    assert len({copy.name for copy in copies}) == 4
    assert len(calls) == 1
    for copy in copies:
        await clones[0].drop(copy)


async def test_failed_build_leaves_no_template(template_for: Callable[..., Clones]) -> None:
    async def fail(_: str) -> None:
        raise ValueError("broken migration")

    variant = f"broken_{os.getpid()}"
    with pytest.raises(ValueError, match="broken migration"):
        await template_for("assets", fail, variant).fresh()
    async with template_for("assets", build, variant).borrow() as copy:
        connection = await asyncpg.connect(copy.owner_dsn)
        assert await connection.fetchval("SELECT word FROM note") == "from the template"
        await connection.close()


async def test_killed_run_is_cleaned_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RUN),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    port, directory = (await process.stdout.readline()).decode().split()
    _, writer = await asyncio.open_connection("127.0.0.1", int(port))
    writer.close()
    process.kill()
    await process.wait()
    async with asyncio.timeout(15):
        while exists(directory):
            await asyncio.sleep(0.1)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", int(port))


def exists(directory: str) -> bool:
    return Path(directory).exists()
