"""Runs the demo: start everything, play the story through HTTP, count, say where to look, keep serving."""

import asyncio
from dataclasses import dataclass

import httpx2

from services.suite.demo import story
from services.suite.demo.client import Client, StoryBroken
from services.suite.demo.teller import Teller
from services.suite.embedded import embedded, listening, serving, stopped_by_signal
from services.suite.people import PERSONAS
from services.suite.system import System
from shared.checks.commands import RunChecks
from shared.checks.model import Severity
from shared.kernel.actors import SYSTEM
from shared.kernel.ids import new_id
from shared.runtime.settings import Settings

_QUIET_SECONDS = 60.0
_EVENTS = "SELECT count(*) FROM outbox"
_COMMANDS = "SELECT count(*) FROM journal"


@dataclass(frozen=True, slots=True)
class Tally:
    """What the last line tells."""

    commands: int
    events: int
    parked: int
    violations: int


async def play(settings: Settings, port: int, *, once: bool) -> int:
    """Play the story; 0 when every step and every invariant held."""
    started = asyncio.get_running_loop().time()
    asked_to_stop = stopped_by_signal()
    print("守望演示：准备数据库与服务 …… / Shouwang demo: preparing the databases and services …", flush=True)
    listener = listening(settings.http.host, port)
    async with embedded(settings, port) as running, serving(running.app, listener):
        teller = Teller()
        telling = asyncio.create_task(_tell(teller, f"http://{settings.http.host}:{port}", running.system))
        stopping = asyncio.create_task(asked_to_stop.wait())
        await asyncio.wait({telling, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not telling.done():
            telling.cancel()
            return 130
        stopping.cancel()
        try:
            tally = telling.result()
        except StoryBroken as broken:
            print(f"demo failed: {broken}", flush=True)
            return 1
        if not once:
            _where_to_look(settings, port)
        seconds = round(asyncio.get_running_loop().time() - started)
        holds = not tally.parked and not tally.violations
        print(
            f"demo {'ok' if holds else 'failed'}: steps={teller.steps} commands={tally.commands} events={tally.events}"
            f" parked={tally.parked} violations={tally.violations} seconds={seconds}",
            flush=True,
        )
        if once or not holds:
            return 0 if holds else 1
        running.sweeping.set()
        await asked_to_stop.wait()
    return 0


async def _tell(teller: Teller, base: str, system: System) -> Tally:
    async with httpx2.AsyncClient(base_url=base, timeout=60, trust_env=False) as http:
        await story.tell(Client(http), teller)
    await _quiet(system)
    return await _tally(system)


async def _quiet(system: System) -> None:
    """Wait until every event has been delivered."""
    end = asyncio.get_running_loop().time() + _QUIET_SECONDS
    while asyncio.get_running_loop().time() < end:
        lags = [await part.dispatch.lag() for part in system.parts.values()]
        backlogs = [await part.relay.backlog() for part in system.parts.values()]
        if not any(lag.events for lag in lags) and not any(backlog.unnumbered for backlog in backlogs):
            return
        await asyncio.sleep(0.1)
    raise StoryBroken("events are still on their way")


async def _tally(system: System) -> Tally:
    commands = events = violations = 0
    for part in system.parts.values():
        outcome = await part.assembled.pipeline.run(RunChecks(), actor=SYSTEM, key=f"checks:{new_id()}")
        violations += sum(run["standing"] for run in outcome.result["runs"] if run["severity"] == Severity.ERROR)
        async with part.assembled.database.read(SYSTEM) as session:
            commands += await session.raw.fetchval(_COMMANDS)
            events += await session.raw.fetchval(_EVENTS)
    return Tally(commands, events, await system.parked(), violations)


def _where_to_look(settings: Settings, port: int) -> None:
    base = f"http://{settings.http.host}:{port}"
    print(f"\n首页 / front page: {base}/")
    print(f"接口文档 / API docs: {base}/funds/docs  {base}/monitoring/docs  {base}/assets/docs  {base}/dev/docs")
    elsewhere = "" if port == settings.http.port else f" PORT={port}"
    print(f"演示角色 / logins: make token ROLE=…{elsewhere}  （{'、'.join(persona.name for persona in PERSONAS)}）")
    print("Ctrl-C 停止 / stops", flush=True)
