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
    "SHOUWANG_KAFKA__BOOTSTRAP": "kafka-1:9092,kafka-2:9092",
}
NEEDED = [name.removeprefix("SHOUWANG_") for name in DISTRIBUTED][1:]


@pytest.mark.parametrize("mode", ["distributed", "demo"])
def test_a_process_says_all_that_is_missing_at_once(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    for name, value in {**DISTRIBUTED, "SHOUWANG_MODE": mode}.items():
        monkeypatch.setenv(name, value)
    settings = Settings.load()
    settings.need(*NEEDED)
    assert "geheim" not in repr(settings)
    for name in list(DISTRIBUTED)[1:]:
        monkeypatch.delenv(name)
    with pytest.raises(BadSettings) as caught:
        Settings.load().need(*NEEDED)
    assert all(name in str(caught.value) for name in NEEDED)


def test_the_processes_of_services_do_not_run_in_embedded_mode() -> None:
    with pytest.raises(BadSettings, match="SHOUWANG_MODE"):
        Settings.load().need()


@pytest.mark.parametrize(
    ("security", "username", "password", "good"),
    [
        ("PLAINTEXT", "", "", True),
        ("SASL_SSL", "funds", "geheim", True),
        ("SASL_SSL", "funds", "", False),
        ("SASL_PLAINTEXT", "", "geheim", False),
        ("SSL", "funds", "geheim", False),
        ("TLS", "", "", False),
    ],
)
def test_the_log_is_reached_as_its_protocol_says(
    monkeypatch: pytest.MonkeyPatch, security: str, username: str, password: str, good: bool
) -> None:
    for name, value in (("SECURITY", security), ("USERNAME", username), ("PASSWORD", password)):
        monkeypatch.setenv(f"SHOUWANG_KAFKA__{name}", value)
    if good:
        assert Settings.load().kafka.security == security
    else:
        with pytest.raises(BadSettings, match="SHOUWANG_KAFKA") as caught:
            Settings.load()
        assert "geheim" not in str(caught.value)


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
