"""What happens because time has passed (定时巡查): deadlines of cases, what a service sweeps for, and checks by night."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from shared.cases import deadlines
from shared.checks.commands import RunChecks
from shared.kernel.actors import SYSTEM
from shared.kernel.clock import today
from shared.kernel.days import SHANGHAI
from shared.runtime.assemble import Assembled

_PAUSE_SECONDS = 60.0


async def sweep(assembled: Assembled) -> int:
    """One round through a service; gives how many commands it gave."""
    pipeline = assembled.pipeline
    count = 0
    for each in (deadlines.sweep, *assembled.service.sweeps):
        count += await each(pipeline, today(pipeline.resources.clock))
    return count


async def check_by_night(assembled: Assembled, hour: int) -> bool:
    """Run all checks unless this day's run was made or `hour` o'clock (Shanghai) is still to come; whether it ran."""
    now: datetime = assembled.pipeline.resources.clock.now().astimezone(SHANGHAI)
    if now.hour < hour:
        return False
    key = now.date().isoformat()
    return not (await assembled.pipeline.run(RunChecks(), actor=SYSTEM, scope="nightly", key=key)).replayed


async def keep_sweeping(assembled: Assembled, hour: int, begin: Callable[[], Awaitable[object]]) -> None:
    """A round each minute until cancelled, each after `begin` has returned; checks once a night from `hour` on.

    `begin`: while a demo leaps through years, nobody is late.
    """
    while True:
        await begin()
        await sweep(assembled)
        await check_by_night(assembled, hour)
        await asyncio.sleep(_PAUSE_SECONDS)
