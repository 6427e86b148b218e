"""Settings: wrong ones stop the start and say which; the example file is fresh."""

from pathlib import Path

import pytest

from shared.runtime.settings import BadSettings, Mode, Settings, env_example

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for line in env_example().splitlines():
        if "=" in line and not line.startswith("#"):
            monkeypatch.delenv(line.partition("=")[0], raising=False)


def test_the_example_file_is_fresh() -> None:
    assert (ROOT / ".env.example").read_text("utf-8") == env_example()


def test_every_key_is_explained_in_both_languages() -> None:
    lines = env_example().splitlines()
    keys = [number for number, line in enumerate(lines) if line.startswith("SHOUWANG_")]
    assert len(keys) > 10
    assert all(lines[number - 1].startswith("# ") and " / " in lines[number - 1] for number in keys)


def test_the_example_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = Settings.load()
    for line in env_example().splitlines():
        if line.startswith("SHOUWANG_"):
            monkeypatch.setenv(*line.split("=", 1))
    assert Settings.load() == defaults
    assert defaults.mode is Mode.EMBEDDED


def test_nested_names_reach_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_HTTP__PORT", "9000")
    monkeypatch.setenv("SHOUWANG_STATE_DIR", "/var/lib/shouwang")
    settings = Settings.load()
    assert settings.http.port == 9000
    assert settings.evidence_dir == Path("/var/lib/shouwang/evidence")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SHOUWANG_HTTP__PORT", "99999"),
        ("SHOUWANG_MODE", "production"),
        ("SHOUWANG_HTTP__PROT", "8000"),
        ("SHOUWANG_DATABSE__APP_DSN", "postgresql://app:geheim@db/funds"),
        ("SHOUWANG_DATABASE__POOL_SIZE", "postgresql://app:geheim@db/funds"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings, match=name) as caught:
        Settings.load()
    assert "geheim" not in str(caught.value)


DISTRIBUTED = {
    "SHOUWANG_MODE": "distributed",
    "SHOUWANG_DATABASE__APP_DSN": "postgresql://app:geheim@db/funds",
    "SHOUWANG_OIDC__ISSUER": "https://login.example",
    "SHOUWANG_OIDC__JWKS_URL": "https://login.example/jwks",
}


@pytest.mark.parametrize("missing", list(DISTRIBUTED)[1:])
def test_a_distributed_process_is_complete_or_does_not_start(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name, value in DISTRIBUTED.items():
        monkeypatch.setenv(name, value)
    settings = Settings.load()
    assert "geheim" not in repr(settings)
    monkeypatch.delenv(missing)
    with pytest.raises(BadSettings, match=missing):
        Settings.load()


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("http://login.example/jwks", False),
        ("http://127.0.0.1:8000/dev/jwks", True),
        ("http://keycloak:8080/jwks", True),
        ("http://10.0.0.1/jwks", False),
        ("ftp://login.example/jwks", False),
        ("https:///jwks", False),
    ],
)
def test_keys_come_over_a_trusted_way(monkeypatch: pytest.MonkeyPatch, url: str, trusted: bool) -> None:
    for name, value in {**DISTRIBUTED, "SHOUWANG_OIDC__JWKS_URL": url}.items():
        monkeypatch.setenv(name, value)
    if trusted:
        assert Settings.load().oidc.jwks_url == url
    else:
        with pytest.raises(BadSettings, match="https"):
            Settings.load()
