"""The demo as `make demo ONCE=1` runs it: the whole story, and once more on the same data."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.suite.embedded import ROOT
from tests.system.kill_kit import free_port

_LAST_LINE = re.compile(
    r"demo ok: steps=(?P<steps>\d+) commands=(?P<commands>\d+) events=(?P<events>\d+) parked=0 violations=0 seconds=\d+"
)
_LONGEST_SECONDS = 300
"""What the issue allows from a clean clone; the story itself is a part of that."""


def _play(state: Path) -> tuple[int, list[str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHOUWANG_")}
    ran = subprocess.run(
        [sys.executable, "-m", "services.suite", "demo", "--once", "--port", str(free_port())],
        cwd=ROOT,
        env=environment | {"SHOUWANG_STATE_DIR": str(state)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_LONGEST_SECONDS,
        check=False,
        text=True,
    )
    return ran.returncode, ran.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.timeout(2 * _LONGEST_SECONDS)
def test_the_story_is_told_and_a_second_run_finds_its_own_answers(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    code, told = _play(tmp_path / "state")
    assert code == 0, "\n".join(told[-20:])
    first = _LAST_LINE.fullmatch(told[-1])
    assert first is not None, told[-1]
    text = "\n".join(told)
    for shown in ("68.44 %", "18 702 345.67", "1 000 000 ppm", "接收 9997 行，退回 3 行", "regular-2026"):
        assert shown in text
    assert text.count("DQ-ID-03") == text.count("M-INC-12") == text.count("M-DIV-06") == 1

    code, again = _play(tmp_path / "state")
    assert code == 0, "\n".join(again[-20:])
    second = _LAST_LINE.fullmatch(again[-1])
    assert second is not None, again[-1]
    assert (second["steps"], second["events"]) == (first["steps"], first["events"])
