"""A test that has no Kafka fails on a build server, and elsewhere is skipped so that nobody overlooks it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kafka.broker_run import ROOT

NEEDS_A_BROKER = """
import pytest

@pytest.mark.kafka
def test_something(broker: str) -> None: ...
"""
SKIPS_ITSELF = """
import pytest

@pytest.mark.kafka
@pytest.mark.skip(reason="not today")
def test_something() -> None: ...
"""
PASSES_WITHOUT = """
def test_something() -> None: ...
"""


def run(folder: Path, text: str, *, on_build_server: bool) -> tuple[int, str]:
    folder.joinpath("test_probe.py").write_text(text, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-c", "pyproject.toml", "-p", "tests.kafka.broker_plugin"]
    command += ["-p", "no:cacheprovider", "-n", "0", str(folder)]
    given = {name: value for name, value in os.environ.items() if not name.startswith(("SHOUWANG_", "PYTEST_"))}
    given |= {"KAFKA_BOOTSTRAP": "127.0.0.1:9", "CI": "true" if on_build_server else ""}
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_on_a_build_server_it_fails(tmp_path: Path) -> None:
    code, told = run(tmp_path, NEEDS_A_BROKER, on_build_server=True)
    assert (code, "KAFKA_BOOTSTRAP=127.0.0.1:9 does not answer" in told) == (1, True), told


def test_elsewhere_it_is_skipped_loudly(tmp_path: Path) -> None:
    code, told = run(tmp_path, NEEDS_A_BROKER, on_build_server=False)
    assert (code, "1 Kafka tests DID NOT RUN" in told) == (0, True), told


@pytest.mark.parametrize(("text", "code"), [(SKIPS_ITSELF, 1), (PASSES_WITHOUT, 0)])
def test_a_skip_of_its_own_fails_the_build_server_too(tmp_path: Path, text: str, code: int) -> None:
    assert run(tmp_path, text, on_build_server=True)[0] == code
