"""The file of variables: completed once, kept ever after, readable by its owner only."""

from pathlib import Path

import pytest

from deploy.env import complete, completed, names
from deploy.native.variables import read_env_file

EXAMPLE = "# ports\nFRONT_PORT=8000\n\n# secret\nA_PASSWORD=\nB_PASSWORD=\n"


def test_each_password_is_a_word_of_its_own() -> None:
    lines = dict(line.split("=", 1) for line in completed("", EXAMPLE).splitlines() if "=" in line)
    assert lines["FRONT_PORT"] == "8000"
    assert len(lines["A_PASSWORD"]) >= 32
    assert lines["A_PASSWORD"] != lines["B_PASSWORD"]


def test_what_is_set_stays_and_what_lacks_is_added() -> None:
    made = completed("SHOUWANG_LOG_LEVEL=DEBUG\nFRONT_PORT=9000\nA_PASSWORD=chosen\n", EXAMPLE).splitlines()
    assert made[:3] == ["SHOUWANG_LOG_LEVEL=DEBUG", "FRONT_PORT=9000", "A_PASSWORD=chosen"]
    assert made[3].startswith("B_PASSWORD=")
    assert len(made) == 4


def test_a_completed_file_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert complete(file)
    written = file.read_text("utf-8")
    assert file.stat().st_mode & 0o777 == 0o600
    assert not complete(file)
    assert file.read_text("utf-8") == written
    assert set(read_env_file(file)) == names()


def test_no_secret_has_a_value_in_the_example() -> None:
    example = Path(__file__).resolve().parents[3] / "deploy" / "env.example"
    passwords = [line for line in example.read_text("utf-8").splitlines() if "_PASSWORD" in line]
    assert len(passwords) == 7
    assert all(line.endswith("_PASSWORD=") for line in passwords)


@pytest.mark.parametrize("name", sorted(names()))
def test_no_variable_of_the_deployment_is_a_setting_of_a_process(name: str) -> None:
    assert not name.startswith("SHOUWANG_"), "make demo would hand it to the embedded system"
