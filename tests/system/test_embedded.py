"""The system in one process, as people start and stop it: `python -m services.suite serve` and Ctrl-C."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from services.suite.services import SERVICES
from shared.runtime.postgres import EmbeddedPostgres
from tests.system.embedded_kit import START_SECONDS, ended, serving, started
from tests.system.kill_kit import free_port

pytestmark = [pytest.mark.asyncio, pytest.mark.slow, pytest.mark.commit]

TURNED = -40 * 86_400


async def is_ready(http: httpx2.AsyncClient) -> bool:
    answers = [await http.get(f"/{service.name}/readyz") for service in SERVICES]
    return all(answer.json()["ready"] for answer in answers)


@pytest_asyncio.fixture(scope="module")
async def state(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """A state directory that does not exist yet."""
    path = tmp_path_factory.mktemp("embedded") / "state"
    yield path
    await EmbeddedPostgres(path).remove()


async def test_from_nothing_to_ready_side_by_side_and_back_to_nothing(state: Path) -> None:
    postgres, first, second = EmbeddedPostgres(state), free_port(), free_port()
    async with AsyncExitStack() as stack:
        process, http = await stack.enter_async_context(serving(state, first))
        assert await is_ready(http)
        assert (await http.get("/")).headers["content-type"].startswith("text/html")
        turned = await http.post("/dev/clock", json={"advance_days": TURNED // 86_400})
        assert turned.json()["offset_seconds"] == TURNED

        # The port is taken: the second one says so at once, in two languages, and touches nothing.
        async with started(state, first) as refused:
            _, told = await asyncio.wait_for(refused.communicate(), START_SECONDS)
            assert refused.returncode == 2
            assert f"端口 {first} 已被占用" in told.decode()
            assert f"Port {first} is taken" in told.decode()
            assert "Traceback" not in told.decode()
        assert await is_ready(http)

        # On another port it shares the server, and outlives the first one.
        other, beside = await stack.enter_async_context(serving(state, second))
        assert await is_ready(beside)
        assert (await beside.get("/dev/clock")).json()["offset_seconds"] == TURNED
        pid = postgres.pid()
        assert await ended(process) == 0
        assert await is_ready(beside)
        assert postgres.pid() == pid
        assert await ended(other, signal.SIGTERM) == 0
    assert postgres.pid() is None
    assert processes_of(state) == []


async def test_a_second_start_finds_the_data_of_the_first(state: Path) -> None:
    async with serving(state, free_port()) as (process, http):
        assert await is_ready(http)
        assert (await http.get("/dev/clock")).json()["offset_seconds"] == TURNED
        assert await ended(process) == 0
    assert EmbeddedPostgres(state).pid() is None


async def test_ctrl_c_in_the_middle_of_a_start_leaves_nothing(state: Path) -> None:
    postgres = EmbeddedPostgres(state)
    async with started(state, free_port()) as process:
        async with asyncio.timeout(START_SECONDS):
            while postgres.pid() is None:
                await asyncio.sleep(0.01)
        assert await ended(process) == 0
    assert postgres.pid() is None
    assert processes_of(state) == []


async def test_a_start_that_fails_leaves_no_server_behind(state: Path) -> None:
    postgres = EmbeddedPostgres(state)
    await future_revision(postgres)
    async with started(state, free_port()) as process:
        _, told = await asyncio.wait_for(process.communicate(), START_SECONDS)
    assert process.returncode == 1
    assert "由更新的版本升级（future_0001）" in told.decode()
    assert "Traceback" not in told.decode()
    assert postgres.pid() is None


async def future_revision(postgres: EmbeddedPostgres) -> None:
    """Let the database name a migration that this build does not know."""
    server = await postgres.start()
    try:
        async with server.admin(f"shouwang_{SERVICES[0].name}") as connection:
            await connection.execute("DELETE FROM alembic_version; INSERT INTO alembic_version VALUES ('future_0001')")
    finally:
        await postgres.stop()


def processes_of(state_dir: Path) -> Sequence[str]:
    """Processes that name the state directory."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(state_dir) in command:
                found.append(command)
    return found
