"""Whatever native processes cannot keep of a compose file is refused: else running natively would prove nothing."""

from pathlib import Path
from typing import Any

import pytest

from deploy.native.compose import awake
from deploy.native.problems import BadCompose
from tests.unit.deploy.compose_text import ours, read

CHECK = {
    "test": ["CMD", "true"],
    "interval": "1s",
    "timeout": "1s",
    "retries": 1,
    "start_period": "1s",
    "start_interval": "1s",
}
DONE = {"condition": "service_completed_successfully"}
HEALTHY = {"condition": "service_healthy"}

REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("entrypoint", {"entrypoint": ["sh"]}),
    ("env_file", {"env_file": ".env"}),
    ("network_mode", {"network_mode": "host"}),
    ("working_dir", {"working_dir": "/srv"}),
    ("user", {"user": "0"}),
    ("command", {"command": "python -m services.funds serve"}),
    ("environment", {"environment": ["A=1"]}),
    ("environment", {"environment": {"A": None}}),
    ("environment", {"environment": {"PORT": 8000}}),
    ("deploy", {"deploy": {"replicas": 2}}),
    ("deploy.resources", {"deploy": {"resources": {"reservations": {"memory": "1G"}}}}),
    ("build", {"build": {"context": ".", "target": "test"}}),
    ("ports", {"ports": ["8000:8000"]}),
    ("ports", {"ports": ["0.0.0.0:8000:8000"]}),
    ("8000", {"ports": ["127.0.0.1:8001:8000"]}),
    ("volumes", {"volumes": ["./here:/there"]}),
    ("lost", {"volumes": ["lost:/there"]}),
    ("restart", {"restart": "sometimes"}),
    ("healthcheck", {"healthcheck": {"test": ["CMD-SHELL", "true"]}}),
    ("healthcheck", {"healthcheck": CHECK | {"test": "true"}}),
    ("30", {"stop_grace_period": 30}),
    ("depends_on", {"depends_on": ["other"]}),
    ("depends_on", {"depends_on": {"other": DONE | {"required": False}}}),
    ("nobody", {"depends_on": {"nobody": DONE}}),
    ("healthcheck", {"depends_on": {"other": HEALTHY}}),
]


@pytest.mark.parametrize("says, more", REFUSED)
def test_a_service_is_refused(tmp_path: Path, says: str, more: dict[str, Any]) -> None:
    with pytest.raises(BadCompose, match=says):
        read(tmp_path, {"one": ours(**more), "other": ours()}, {})


@pytest.mark.parametrize("top", [{"networks": {"a": None}}, {"secrets": {"a": {"file": "a"}}}, {"include": ["x"]}])
def test_a_part_of_the_file_is_refused(tmp_path: Path, top: dict[str, Any]) -> None:
    with pytest.raises(BadCompose, match=next(iter(top))):
        read(tmp_path, {"one": ours()}, {}, **top)


def test_waiting_for_the_end_of_what_never_ends_is_refused(tmp_path: Path) -> None:
    services = {"one": ours(depends_on={"other": DONE}), "other": ours(restart="always")}
    with pytest.raises(BadCompose, match="never ends"):
        read(tmp_path, services, {})


def test_a_profile_wakes_its_services_and_no_others(tmp_path: Path) -> None:
    services = read(tmp_path, {"one": ours(), "demo": ours(profiles=["demo"]), "x": ours(profiles=["x"])}, {})
    assert set(awake(services, "")) == {"one"}
    assert set(awake(services, "demo,other")) == {"one", "demo"}


def test_needing_what_sleeps_is_refused(tmp_path: Path) -> None:
    services = read(tmp_path, {"one": ours(depends_on={"demo": DONE}), "demo": ours(profiles=["demo"])}, {})
    with pytest.raises(BadCompose, match="demo"):
        awake(services, "")


def test_fences_are_let_pass(tmp_path: Path) -> None:
    fences = {
        "init": True,
        "read_only": True,
        "tmpfs": ["/tmp"],  # noqa: S108  a path in a container
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "logging": {"driver": "json-file"},
        "deploy": {"resources": {"limits": {"cpus": "1.0"}}},
    }
    service = read(tmp_path, {"one": ours("a", "b", **fences)}, {})["one"]
    assert service.command == ("a", "b")
    assert service.is_once
