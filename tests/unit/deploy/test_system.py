"""Services start when what they need is there, and end in the opposite order."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from deploy.native.places import Places
from deploy.native.state import State
from deploy.native.system import System, keep
from tests.unit.deploy.compose_text import ours, read

DONE = {"condition": "service_completed_successfully"}
STARTED = {"condition": "service_started"}


def noting(tmp_path: Path, name: str) -> tuple[str, ...]:
    """A command that notes its start and its end."""
    note = f"open({str(tmp_path / 'notes')!r}, 'a').write"
    wait = "signal.pthread_sigmask(signal.SIG_BLOCK, [15])", f"{note}('+{name}\\n')", "signal.sigwait([15])"
    return "python", "-S", "-c", "; ".join(["import signal", *wait, f"{note}('-{name}\\n')"])


def noted(tmp_path: Path) -> str:
    return (tmp_path / "notes").read_text("utf-8")


def system(tmp_path: Path, services: dict[str, Any]) -> tuple[System, State]:
    found = read(tmp_path, services, {})
    state = State(tmp_path / "state")
    state.prepare()
    return System.of(found, Places(found, state.volumes), state), state


@pytest.mark.asyncio
async def test_order_of_start_and_end(tmp_path: Path) -> None:
    note = f"open({str(tmp_path / 'notes')!r}, 'a').write('once\\n')"
    made, state = system(
        tmp_path,
        {
            "late": ours(*noting(tmp_path, "late"), restart="always", depends_on={"early": STARTED, "once": DONE}),
            "early": ours(*noting(tmp_path, "early"), restart="always"),
            "once": ours("python", "-S", "-c", note, depends_on={"early": STARTED}),
        },
    )
    running = asyncio.create_task(keep(made))
    async with asyncio.timeout(30):
        while state.status().state != "ready" or "+late" not in noted(tmp_path):
            await asyncio.sleep(0.02)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running == 0
    notes = noted(tmp_path).split()
    assert notes.index("once") < notes.index("+late")
    assert notes[-2:] == ["-late", "-early"]
    assert state.status().state == "stopped"


@pytest.mark.asyncio
async def test_a_failed_start_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    made, state = system(
        tmp_path,
        {
            "kept": ours(*noting(tmp_path, "kept"), restart="always"),
            "broken": ours("python", "-S", "-c", "print('no database'); raise SystemExit(1)"),
            "never": ours(*noting(tmp_path, "never"), restart="always", depends_on={"broken": DONE}),
        },
    )
    assert await keep(made) == 1
    told = state.status()
    assert told.state == "failed"
    assert "broken" in told.why
    assert "no database" in state.tail("broken")
    assert all(each.pid is None for each in told.services.values())
    assert told.services["never"].state == "waiting"


def test_one_keeper_a_directory(tmp_path: Path) -> None:
    first, second = State(tmp_path), State(tmp_path)
    assert second.keeper() is None
    assert first.take()
    assert second.keeper() == os.getpid()
    assert not second.take()
    first.release()
    assert second.keeper() is None, "the number that stays in the file says nothing"


def test_variables_are_remembered_while_a_keeper_lives(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert state.take()
    state.remember({"FRONT_PORT": "8123"})
    assert (tmp_path / "variables.json").stat().st_mode & 0o777 == 0o600
    assert State(tmp_path).remembered() == {"FRONT_PORT": "8123"}
    state.release()
    assert State(tmp_path).remembered() == {}
