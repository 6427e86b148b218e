"""What happens because a day has passed (定时巡查): deadlines of cases, and what each service sweeps for."""

import asyncio

from services.suite.system import System
from shared.cases import deadlines
from shared.kernel.clock import today

_PAUSE_SECONDS = 60.0


async def sweep_all(system: System) -> int:
    """One round through all services; gives how many commands it gave."""
    count = 0
    for part in system.parts.values():
        pipeline = part.assembled.pipeline
        for sweep in (deadlines.sweep, *part.assembled.service.sweeps):
            count += await sweep(pipeline, today(pipeline.resources.clock))
    return count


async def keep_sweeping(system: System, begin: asyncio.Event) -> None:
    """Rounds until cancelled, once `begin` is set: while the demo leaps through years, nobody is late."""
    await begin.wait()
    while True:
        await sweep_all(system)
        await asyncio.sleep(_PAUSE_SECONDS)
