"""Variables of docker-compose.yml mean natively what they mean to Compose."""

from pathlib import Path

import pytest

from deploy.native.problems import BadCompose
from deploy.native.variables import interpolated, read_env_file

GIVEN = {"A": "1", "EMPTY": ""}


@pytest.mark.parametrize(
    "text, meaning",
    [
        ("no variable", "no variable"),
        ("$A-${A}", "1-1"),
        ("$$A costs $$", "$A costs $"),
        ("${LACKS}|${EMPTY}|$LACKS", "||"),
        ("${LACKS:-x}${EMPTY:-y}${A:-z}", "xy1"),
        ("${LACKS-x}${EMPTY-y}", "x"),
        ("${LACKS:-http://h:${A}/p}", "http://h:1/p"),
        ("${A:?must be there}${EMPTY?may be empty}", "1"),
    ],
)
def test_a_form_is_carried_out(text: str, meaning: str) -> None:
    assert interpolated(text, GIVEN) == meaning


@pytest.mark.parametrize(
    "text", ["${A:+x}", "${A", "${}", "${A/x/y}", "$(A)", "${LACKS:?say}", "${EMPTY:?say}", "${LACKS?say}"]
)
def test_any_other_form_and_a_lacking_value_are_refused(text: str) -> None:
    with pytest.raises(BadCompose):
        interpolated(text, GIVEN)


def test_a_required_variable_is_named_with_its_message() -> None:
    with pytest.raises(BadCompose, match=r"LACKS.*run make up"):
        interpolated("${LACKS:?run make up}", GIVEN)


def test_the_file_is_read_by_line(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# comment\n\nA=1\nB=x=y\nC=\n", "utf-8")
    assert read_env_file(file) == {"A": "1", "B": "x=y", "C": ""}


@pytest.mark.parametrize("line", ['A="x"', "A='x'", "A=${B}", "A=x # why", "export A=1", "A=x\\n", "A=x "])
def test_what_compose_would_read_differently_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"OK=1\n{line}\n", "utf-8")
    with pytest.raises(BadCompose, match="line 2"):
        read_env_file(file)
