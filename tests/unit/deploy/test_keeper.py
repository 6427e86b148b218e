"""Real processes are started, asked, restarted and ended as the file says."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from deploy.native.keeper import Keeper
from deploy.native.places import Places
from deploy.native.problems import NativeUnavailable
from tests.unit.deploy.compose_text import ours, read

CHECK = {"interval": "1s", "timeout": "5s", "retries": 1, "start_period": "20s", "start_interval": "0s"}
SLEEP = ("python", "-S", "-c", "import time; time.sleep(60)")


def keeper(tmp_path: Path, *command: str, **more: Any) -> Keeper:
    services = read(tmp_path, {"one": ours(*command, **more)}, {})
    places = Places(services, tmp_path / "volumes")
    return Keeper(services["one"], places.environment(services["one"]), tmp_path / "one.log")


def output(tmp_path: Path) -> str:
    return (tmp_path / "one.log").read_text("utf-8")


async def until(kept: Keeper, state: str) -> None:
    async with asyncio.timeout(20):
        while kept.told.state != state:
            await asyncio.sleep(0.01)


@pytest.mark.asyncio
async def test_a_one_shot_ends_and_its_output_is_kept(tmp_path: Path) -> None:
    kept = keeper(tmp_path, "python", "-S", "-c", "print('did it')")
    await kept.run()
    assert kept.told.state == "done"
    assert output(tmp_path) == "did it\n"


@pytest.mark.asyncio
async def test_a_one_shot_that_fails_fails_the_start(tmp_path: Path) -> None:
    kept = keeper(tmp_path, "python", "-S", "-c", "raise SystemExit(3)")
    with pytest.raises(NativeUnavailable, match="ended with 3"):
        await kept.run()
    assert kept.told.state == "failed"


@pytest.mark.asyncio
async def test_a_killed_service_comes_back(tmp_path: Path) -> None:
    kept = keeper(tmp_path, *SLEEP, restart="unless-stopped")
    task = asyncio.create_task(kept.run())
    await until(kept, "running")
    first = kept.told.pid
    assert first
    os.kill(first, signal.SIGKILL)
    async with asyncio.timeout(20):
        while kept.told.pid in {first, None}:
            await asyncio.sleep(0.01)
    assert kept.told.restarts == 1
    await kept.stop()
    await task


@pytest.mark.asyncio
async def test_failures_are_tried_again_as_often_as_said(tmp_path: Path) -> None:
    kept = keeper(tmp_path, "python", "-S", "-c", "raise SystemExit(1)", restart="on-failure:2")
    with pytest.raises(NativeUnavailable):
        await kept.run()
    assert kept.told.restarts == 2


@pytest.mark.asyncio
async def test_health_is_asked_by_the_command_of_the_file(tmp_path: Path) -> None:
    check = CHECK | {"test": ["CMD", "test", "-e", str(tmp_path / "well")]}
    kept = keeper(tmp_path, *SLEEP, restart="always", healthcheck=check)
    task = asyncio.create_task(kept.run())
    await until(kept, "starting")
    await asyncio.sleep(0.2)
    assert kept.told.state == "starting"
    (tmp_path / "well").touch()
    await until(kept, "healthy")
    (tmp_path / "well").unlink()
    await until(kept, "unhealthy")
    await kept.stop()
    await task


@pytest.mark.asyncio
async def test_a_process_that_does_not_listen_is_ended_after_its_grace(tmp_path: Path) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    kept = keeper(tmp_path, "python", "-S", "-c", deaf, restart="always", stop_grace_period="1s")
    task = asyncio.create_task(kept.run())
    await until(kept, "running")
    async with asyncio.timeout(20):
        while "deaf" not in output(tmp_path):
            await asyncio.sleep(0.01)
    await kept.stop()
    await task
    assert kept.told.code == -signal.SIGKILL
