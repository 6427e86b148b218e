"""The embedded server: one per state directory, found again after every kind of kill, closed to strangers."""

import asyncio
import contextlib
import os
import shutil
import signal
import stat
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from shared.runtime import postgres, postgres_account
from shared.runtime.postgres import EmbeddedPostgres
from shared.runtime.postgres_account import PostgresUnavailable, default_state_dir
from shared.runtime.postgres_binaries import find_binaries
from shared.runtime.postgres_home import data_of, home_of
from shared.runtime.postgres_process import find_postmaster
from shared.runtime.postgres_server import Server, ensure_database
from shared.runtime.postgres_state import StateFile

pytestmark = [pytest.mark.asyncio, pytest.mark.commit]

ROOT = Path(__file__).resolve().parents[3]
# A process that starts the server, says its number and waits to be killed.
CLIENT = """
import asyncio, sys
from pathlib import Path
from shared.runtime.postgres import EmbeddedPostgres

async def main():
    embedded = EmbeddedPostgres(Path(sys.argv[1]))
    server = await embedded.start()
    print(embedded.pid(), server.port, flush=True)
    try:
        await asyncio.sleep(60)
    finally:
        await embedded.stop()

asyncio.run(main())
"""


@pytest_asyncio.fixture(loop_scope="function")
async def embedded(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A server that is durable, as installations have it, not the fast one of the test run."""
    embedded = EmbeddedPostgres(tmp_path / "state")
    yield embedded
    await embedded.remove()


@pytest_asyncio.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    """One such server for the tests that leave it alone."""
    embedded = EmbeddedPostgres(tmp_path_factory.mktemp("running") / "state")
    await embedded.start()
    yield embedded
    await embedded.remove()


@contextlib.asynccontextmanager
async def client(state_dir: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, int, int]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CLIENT, str(state_dir)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    pid, port = (await process.stdout.readline()).split()
    try:
        yield process, int(pid), int(port)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def value(server: Server, sql: str) -> object:
    async with server.admin() as connection:
        return await connection.fetchval(sql)


async def until_alive(embedded: EmbeddedPostgres, *, other_than: int | None) -> None:
    async with asyncio.timeout(10):
        while embedded.pid() == other_than or not await embedded.is_alive():
            await asyncio.sleep(0.05)


def data(embedded: EmbeddedPostgres) -> Path:
    return data_of(home_of(embedded.state_dir, StateFile(embedded.state_dir / "postgres.json")))


async def test_first_start_is_quick_and_durable(embedded: EmbeddedPostgres) -> None:
    begin = time.monotonic()
    server = await embedded.start()
    assert time.monotonic() - begin < 10
    assert await value(server, "SHOW fsync") == "on"
    assert await value(server, "SHOW data_checksums") == "on"
    assert await value(server, "SHOW server_encoding") == "UTF8"
    assert await value(server, "SHOW listen_addresses") == "127.0.0.1"
    methods = await value(server, "SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules")
    assert methods == ["scram-sha-256"]


async def test_passwords_are_readable_by_their_owner_only(running: EmbeddedPostgres) -> None:
    server = await running.start()
    assert stat.S_IMODE(server.state_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(data(running).parent.stat().st_mode) == 0o700
    assert server.password in await asyncio.to_thread(server.state_file.read_text)
    assert server.password not in repr(server)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.dsn("postgres", "postgres", "guess"))
    assert server.socket_dir
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(host=str(server.socket_dir), port=server.port, user="postgres", password="guess")


async def test_stop_leaves_no_process(embedded: EmbeddedPostgres) -> None:
    server = await embedded.start()
    await embedded.stop()
    assert embedded.pid() is None
    assert not await embedded.is_alive()
    with pytest.raises(ConnectionRefusedError):
        await asyncpg.connect(server.dsn("postgres"))
    assert not (data(embedded) / "postmaster.pid").exists()


async def test_server_of_a_killed_process_is_adopted(embedded: EmbeddedPostgres) -> None:
    async with client(embedded.state_dir) as (process, pid, port):
        process.kill()
        await process.wait()
        server = await embedded.start()
        assert (embedded.pid(), server.port) == (pid, port)
    await embedded.stop()
    assert embedded.pid() is None


async def test_interrupt_ends_the_server(embedded: EmbeddedPostgres) -> None:
    async with client(embedded.state_dir) as (process, pid, _):
        assert embedded.pid() == pid
        process.send_signal(signal.SIGINT)
        await process.wait()
    assert embedded.pid() is None


async def test_last_user_ends_the_server(embedded: EmbeddedPostgres) -> None:
    async with client(embedded.state_dir) as (process, pid, _):
        await embedded.start()
        process.send_signal(signal.SIGINT)
        await process.wait()
        assert embedded.pid() == pid
        assert await embedded.is_alive()
    await embedded.stop()
    assert embedded.pid() is None


async def test_two_starts_give_one_server(embedded: EmbeddedPostgres) -> None:
    async with asyncio.TaskGroup() as tasks:
        mine = tasks.create_task(embedded.start())
        other = EmbeddedPostgres(embedded.state_dir)
        others = tasks.create_task(other.start())
    assert mine.result() == others.result()
    await other.stop()
    assert await embedded.is_alive()


async def test_cancelled_start_leaves_no_process(embedded: EmbeddedPostgres) -> None:
    task = asyncio.create_task(embedded.start())
    while not data(embedded).exists():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert embedded.pid() is None


async def test_committed_rows_survive_a_killed_postmaster(embedded: EmbeddedPostgres) -> None:
    server = await embedded.start()
    await value(server, "CREATE TABLE kept AS SELECT 7 AS fen")
    pid = embedded.pid()
    assert pid
    busy = await asyncpg.connect(server.dsn("postgres"))
    sleep = asyncio.create_task(busy.execute("SELECT pg_sleep(60)"))  # its backend outlives the postmaster
    await asyncio.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    begin = time.monotonic()
    again = await embedded.start()
    assert time.monotonic() - begin < 10
    assert again.port == server.port
    assert embedded.pid() != pid
    assert await value(again, "SELECT fen FROM kept") == 7
    with pytest.raises((asyncpg.PostgresConnectionError, ConnectionError)):
        await sleep


async def test_supervision_restarts_until_stopped(embedded: EmbeddedPostgres) -> None:
    await embedded.start()
    watch = asyncio.create_task(embedded.supervise())
    for _ in range(3):
        pid = embedded.pid()
        assert pid
        os.kill(pid, signal.SIGKILL)
        await until_alive(embedded, other_than=pid)
    await embedded.stop()
    await asyncio.wait_for(watch, 5)
    assert embedded.pid() is None


async def test_pid_file_of_another_process_is_stale(embedded: EmbeddedPostgres) -> None:
    await embedded.start()
    await embedded.stop()
    lines = [str(os.getpid()), str(data(embedded)), "1", "5432", "", "127.0.0.1", "1 1", "ready"]
    await asyncio.to_thread((data(embedded) / "postmaster.pid").write_text, "\n".join(lines) + "\n")
    assert find_postmaster(data(embedded)) is None
    await embedded.start()
    assert embedded.pid() not in (None, os.getpid())


async def test_lost_passwords_are_named(embedded: EmbeddedPostgres) -> None:
    server = await embedded.start()
    content = await asyncio.to_thread(server.state_file.read_text)
    await asyncio.to_thread(server.state_file.write_text, content.replace(server.password, "x" * 32))
    with pytest.raises(PostgresUnavailable, match=r"口令.*/.*passwords"):
        await EmbeddedPostgres(embedded.state_dir).start()


async def test_port_of_another_program_is_left_alone(
    tmp_path: Path,
    running: EmbeddedPostgres,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres, "_PORT_SECONDS", 0.2)
    server = await running.start()
    other = EmbeddedPostgres(tmp_path / "other", port=server.port)
    with pytest.raises(PostgresUnavailable, match=str(server.port)):
        await other.start()
    assert await running.is_alive()
    await other.remove()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to lend the server to another user")
async def test_root_in_a_private_home(tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("PG_BIN", str(await asyncio.to_thread(install_privately, home)))
    modes = {path: path.stat().st_mode for path in (tmp_path, home, home / "site")}
    embedded = EmbeddedPostgres(home / "project" / ".state")
    try:
        server = await embedded.start()
        assert await value(server, "SELECT 1") == 1
        assert {path: path.stat().st_mode for path in modes} == modes
        assert data(embedded).is_relative_to(outside)
        assert data(embedded).stat().st_uid != 0
    finally:
        await embedded.remove()
    assert names_in(outside) == ["postgresql"]  # the copied programs stay for the next start


def names_in(directory: Path) -> list[str]:
    return [path.name.partition("-")[0] for path in directory.iterdir()]


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stands for /var/lib/shouwang."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    monkeypatch.setattr(postgres_account, "_OUTSIDE", (path,))
    yield path
    shutil.rmtree(path)


def install_privately(home: Path) -> Path:
    """The wheel as root would install it below a home that nobody else can enter; returns its programs."""
    install = find_binaries(postgres_account.Account.choose()).directory.parent
    if not (install / "share").is_dir():
        pytest.skip("a system's own PostgreSQL cannot be moved")
    target = home / "site" / install.parent.name / install.name
    for part in ("bin", "lib", "share"):
        shutil.copytree(install / part, target / part, symlinks=True)
    libraries = f"{install.parent.name}.libs"
    shutil.copytree(install.parent.parent / libraries, home / "site" / libraries)
    return target / "bin"


async def test_state_dir_lies_where_the_server_can_be(tmp_path: Path, outside: Path) -> None:
    path = default_state_dir(tmp_path)
    assert path.parent == (outside if os.geteuid() == 0 else tmp_path)
    assert path == default_state_dir(tmp_path) != default_state_dir(tmp_path / "other")


async def test_roles_of_one_service_stay_out_of_another(running: EmbeddedPostgres) -> None:
    server = await running.start()
    funds, assets = await asyncio.gather(ensure_database(server, "funds"), ensure_database(server, "assets"))
    assert await ensure_database(server, "funds") == funds
    for dsn in (funds.owner_dsn, funds.app_dsn):
        for database in (assets.name, "postgres", "template1"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
                await asyncpg.connect(f"{dsn.rpartition('/')[0]}/{database}")
    for dsn in (funds.log_reader_dsn, assets.log_reader_dsn):
        await (await asyncpg.connect(dsn)).close()


async def test_app_role_has_no_rights_of_its_own(running: EmbeddedPostgres) -> None:
    funds = await ensure_database(await running.start(), "funds")
    owner = await asyncpg.connect(funds.owner_dsn)
    await owner.execute("CREATE TABLE payment (fen bigint)")
    for dsn in (funds.app_dsn, funds.log_reader_dsn):
        connection = await asyncpg.connect(dsn)
        for sql in ("CREATE TABLE mine ()", "CREATE TEMP TABLE mine ()", "SELECT * FROM payment", "SET ROLE postgres"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(sql)
        await connection.close()
    attributes = await owner.fetch(
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'shouwang%'"
        " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)",
    )
    assert attributes == []
    await owner.close()
