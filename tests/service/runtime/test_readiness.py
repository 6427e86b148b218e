"""What keeps a service's process from starting is told in a line, with an exit code, in both languages."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
import structlog

from services.funds.service import SERVICE
from services.suite.__main__ import main as suite
from shared.db.migrate import NewerDatabase, migrate
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.prepare import prepare
from shared.runtime.process import main
from shared.runtime.provision import named_in
from shared.runtime.readiness import NotPrepared, until_prepared
from shared.runtime.settings import BadSettings
from tests.system.kill_kit import free_port

NAME = SERVICE.name
SETTINGS = {
    "MODE": "distributed",
    "DATABASE__APP_DSN": "postgresql://x_app:geheim@127.0.0.1:1/x",
    "OIDC__ISSUER": "https://login.example",
    "OIDC__JWKS_URL": "https://login.example/jwks",
    "KAFKA__BOOTSTRAP": "127.0.0.1:1",
}


async def _prepared(owner_dsn: str) -> None:
    await prepare(owner_dsn, SERVICE)


async def _empty(_owner_dsn: str) -> None:
    pass


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """`settings(NAME=value)`: what a whole process needs, changed; an empty value takes one away."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level

    def given(**changed: str) -> None:
        for name, value in {**SETTINGS, "STATE_DIR": str(tmp_path), "HTTP__PORT": str(free_port()), **changed}.items():
            monkeypatch.setenv(f"SHOUWANG_{name}", value)

    yield given
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.asyncio
async def test_a_migrated_database_will_do(fresh_database: Callable[..., Awaitable[ServiceDatabase]]) -> None:
    names = await fresh_database(NAME, _prepared, "ready")
    await until_prepared(names.app_dsn, NAME, seconds=0)


@pytest.mark.asyncio
async def test_a_database_of_a_later_build_is_told_as_such(
    fresh_database: Callable[..., Awaitable[ServiceDatabase]],
) -> None:
    names = await fresh_database(NAME, _prepared, "ready")
    owner = await asyncpg.connect(names.owner_dsn)
    await owner.execute("DELETE FROM alembic_version; INSERT INTO alembic_version VALUES ('future_0001')")
    await owner.close()
    for refused in (until_prepared(names.app_dsn, NAME, seconds=60), migrate(names.owner_dsn, NAME)):
        with pytest.raises(NewerDatabase, match=r"更新的版本升级（future_0001）.*later build"):
            await refused


@pytest.mark.asyncio
async def test_a_database_before_its_migration_says_what_to_run(
    fresh_database: Callable[..., Awaitable[ServiceDatabase]],
) -> None:
    names = await fresh_database(NAME, _empty, "empty")
    with pytest.raises(NotPrepared, match=r"尚未升级.*services\.funds migrate first"):
        await until_prepared(names.app_dsn, NAME, seconds=0)


@pytest.mark.asyncio
async def test_a_server_that_does_not_answer_is_waited_for_and_then_told() -> None:
    with pytest.raises(NotPrepared, match=r"无法连接.*does not let us in") as caught:
        await until_prepared(SETTINGS["DATABASE__APP_DSN"], NAME, seconds=0)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("serve", ["DATABASE__APP_DSN", "OIDC__ISSUER", "OIDC__JWKS_URL"]),
        ("worker", ["DATABASE__APP_DSN", "KAFKA__BOOTSTRAP"]),
        ("migrate", ["DATABASE__OWNER_DSN", "DATABASE__APP_DSN"]),
        ("topics", ["KAFKA__BOOTSTRAP"]),
    ],
)
def test_each_process_asks_for_its_own_settings_only(
    settings: Callable[..., None], capsys: pytest.CaptureFixture[str], command: str, missing: list[str]
) -> None:
    settings(**dict.fromkeys((name for name in SETTINGS if name != "MODE"), ""))
    assert main(SERVICE, [command]) == 2
    told = capsys.readouterr().err.strip()
    assert told == f"缺少配置 / missing: {', '.join(f'SHOUWANG_{name}' for name in missing)}"


def test_the_front_asks_for_the_services_and_runs_in_a_demo_only(
    settings: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    unset = dict.fromkeys((name for name in SETTINGS if name != "MODE"), "")
    settings(**unset, MODE="demo")
    assert suite(["front"]) == 2
    assert "SHOUWANG_SERVICES__ASSETS__APP_DSN" in capsys.readouterr().err
    for name in ("FUNDS", "MONITORING", "ASSETS"):
        unset |= {f"SERVICES__{name}__URL": "http://127.0.0.1:1", f"SERVICES__{name}__APP_DSN": "postgresql://x@db/x"}
    settings(**{**unset, "OIDC__ISSUER": SETTINGS["OIDC__ISSUER"], "MODE": "distributed"})
    assert suite(["front"]) == 1
    assert "dev issuer" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_lost_key_ring_is_not_made_anew(
    settings: Callable[..., None], capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    settings()
    assert main(SERVICE, [command]) == 1
    assert "keys.json" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_event_log_that_does_not_answer_is_told(
    settings: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    settings()
    assert main(SERVICE, ["topics"]) == 1
    assert "127.0.0.1:1" in capsys.readouterr().err


@pytest.mark.parametrize(
    "app_dsn",
    [
        "postgresql://shouwang_funds_app:a@db/other",
        "postgresql://shouwang_funds_owner:a@db/shouwang_funds",
        "postgresql://shouwang_assets_app:a@db/shouwang_funds",
        "postgresql://app:a@db/shouwang_funds",
    ],
)
def test_migrations_grant_to_the_role_that_serves_or_do_not_run(app_dsn: str) -> None:
    owner_dsn = "postgresql://shouwang_funds_owner:o@db/shouwang_funds"
    with pytest.raises(BadSettings, match="OWNER_DSN"):
        named_in(owner_dsn, app_dsn)
    assert named_in(owner_dsn, "postgresql://shouwang_funds_app:a@db/shouwang_funds").app == "shouwang_funds_app"
