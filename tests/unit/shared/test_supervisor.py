"""Tasks run together, restart alone, and stop together in time (T23)."""

import asyncio

import pytest

from shared.runtime.supervisor import Supervisor

pytestmark = pytest.mark.asyncio


class Broken(RuntimeError):
    pass


async def test_a_failing_task_is_restarted_and_the_others_do_not_notice() -> None:
    starts: list[str] = []
    settled = asyncio.Event()

    async def fragile() -> None:
        starts.append("fragile")
        if len([name for name in starts if name == "fragile"]) < 3:
            raise Broken
        settled.set()
        await asyncio.Event().wait()

    async def steady() -> None:
        starts.append("steady")
        await asyncio.Event().wait()

    supervisor = Supervisor({"fragile": fragile, "steady": steady})
    running = asyncio.create_task(supervisor.run())
    await asyncio.wait_for(settled.wait(), 5)
    assert starts.count("steady") == 1
    assert (supervisor.health["fragile"].restarts, supervisor.health["fragile"].fault) == (2, "Broken")
    assert supervisor.health["steady"].restarts == 0
    supervisor.stop()
    await asyncio.wait_for(running, 5)


async def test_stopping_does_not_wait_for_a_task_that_hangs() -> None:
    released = asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await released.wait()

    ended = asyncio.Event()

    async def orderly() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    supervisor = Supervisor({"stubborn": stubborn, "orderly": orderly}, grace=0.1)
    running = asyncio.create_task(supervisor.run())
    await asyncio.sleep(0)
    supervisor.stop()
    await asyncio.wait_for(running, 2)
    assert ended.is_set()
    released.set()


async def test_cancelling_the_supervisor_stops_its_tasks() -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def task() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    running = asyncio.create_task(Supervisor({"task": task}).run())
    await started.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended.is_set()


async def test_it_ends_when_all_tasks_have_returned() -> None:
    done: list[int] = []

    async def once() -> None:
        done.append(1)

    await asyncio.wait_for(Supervisor({"a": once, "b": once}).run(), 2)
    assert done == [1, 1]
