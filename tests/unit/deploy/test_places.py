"""Host names and paths of containers become loopback ports and directories, and nothing else changes."""

from pathlib import Path

import pytest

from deploy.native.places import Places
from deploy.native.problems import BadCompose
from tests.unit.deploy.compose_text import ours, read


def value_of(tmp_path: Path, text: str) -> str:
    services = read(
        tmp_path,
        {
            "postgres": {"image": "postgres:18", "ports": ["127.0.0.1:15432:5432"]},
            "kafka": {"image": "apache/kafka:4.3.1", "ports": ["127.0.0.1:19092:9094"]},
            "funds-api": ours(ports=["127.0.0.1:8001:8001"]),
            "one": ours(environment={"X": text}, volumes=["state:/var/lib/x"]),
        },
        {},
        volumes={"state": None},
    )
    return Places(services, tmp_path / "volumes").environment(services["one"])["X"]


@pytest.mark.parametrize(
    "text, meaning",
    [
        ("postgresql://funds:secret@postgres:5432/funds", "postgresql://funds:secret@127.0.0.1:15432/funds"),
        ("postgresql://postgres:5432@postgres:5432/x", "postgresql://postgres:5432@127.0.0.1:15432/x"),
        ("kafka:9092", "127.0.0.1:19092"),
        ("kafka:9092,kafka:9092", "127.0.0.1:19092,127.0.0.1:19092"),
        ("http://funds-api:8001", "http://127.0.0.1:8001"),
        ("http://funds-api:8001/x?y", "http://127.0.0.1:8001/x?y"),
        ("http://other-funds-api:8001", "http://other-funds-api:8001"),
        ("http://kafka:90x", "http://kafka:90x"),
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104  what a container says
        ("demo", "demo"),
    ],
)
def test_an_address_is_translated(tmp_path: Path, text: str, meaning: str) -> None:
    assert value_of(tmp_path, text) == meaning


def test_a_path_in_a_volume_is_translated(tmp_path: Path) -> None:
    assert value_of(tmp_path, "/var/lib/x/keys.json") == str(tmp_path / "volumes" / "state" / "keys.json")
    assert value_of(tmp_path, "/var/lib/xyz") == "/var/lib/xyz"


def test_a_host_without_port_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCompose, match="postgres"):
        value_of(tmp_path, "postgres")


def test_nothing_of_our_own_environment_comes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/x")
    services = read(tmp_path, {"one": ours(environment={"X": "1"})}, {})
    given = Places(services, tmp_path).environment(services["one"])
    assert set(given) <= {"X", "PATH", "LANG", "PYTHONUNBUFFERED", "HOME", "TERM", "TMPDIR"}
