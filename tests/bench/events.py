"""Figure (c): from numbering to the effect in another service, over each transport."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from time import perf_counter

import asyncpg

from shared.delivery.dispatch import Dispatch
from shared.messaging.kafka import Broker
from shared.messaging.relay import Relay
from tests.bench.event_services import IGNORING, NOTING, Pair, open_pair
from tests.bench.event_sql import BareLog
from tests.bench.figure import Figure, Gate
from tests.bench.stage import Stage

_LATENCY_RATE = 100
_LATENCY_SECONDS = 10
_REACTIONS, _COMMANDS, _EVENTS = 3000, 3000, 30_000
_AT_A_TIME = 8
_WAIT = 0.25
_QUIET = 1.0
_PROMISE_MS = 500.0

_TIMES = "SELECT id, pg_xact_commit_timestamp(xmin) AS at FROM bench_{0} WHERE pg_xact_commit_timestamp(xmin) > $1"


async def measure(stage: Stage) -> Sequence[Figure]:
    """Over the outbox that is read as a log."""
    return await figures(stage, None, "")


async def figures(stage: Stage, broker: Broker | None, suffix: str) -> list[Figure]:
    """The three figures over one transport; the effects first, then the larger backlogs."""
    async with (
        open_pair(stage, broker) as pair,
        stage.server.admin(pair.funds_names.name) as funds,
        stage.server.admin(pair.assets_names.name) as assets,
    ):
        await pair.tell()
        latency = await _latency(stage, pair, funds, assets)
        reactions, commands = await _reactions(stage, pair, funds)
        delivered, bare = await _without_effect(stage, pair, funds)
        if parked := await assets.fetchval("SELECT count(*) FROM parked_event"):
            raise RuntimeError(f"{parked} events were parked")
    gates = {"react": Gate(at_least=0.5), "deliver": Gate(at_least=10_000, of_value=True)}
    if broker:
        gates = {}  # reported: both ends of Kafka in one process, and the broker beside them
    return [
        Figure(
            f"event-latency-p99{suffix}",
            "ms",
            latency,
            [_PROMISE_MS] * len(latency),
            "promise",
            Gate(at_most=1.0),
            f"commit of the command to commit of the effect at {_LATENCY_RATE} events/s",
        ),
        Figure(
            f"event-react{suffix}",
            "events/s",
            reactions,
            commands,
            f"the same command without events, {_AT_A_TIME} at a time",
            gates.get("react"),
        ),
        Figure(
            f"event-deliver{suffix}",
            "events/s",
            delivered,
            bare,
            "bare SQL: number, read and claim keys in the same batches",
            gates.get("deliver"),
            "numbering, reading and claiming at once, in one process; the reaction gives no command",
        ),
    ]


# ── commit → effect ─────────────────────────────────────────────────────────


async def _latency(stage: Stage, pair: Pair, funds: asyncpg.Connection, assets: asyncpg.Connection) -> list[float]:
    """The 99th percentile of each round, in milliseconds, by the server's own commit times."""
    events = max(20, stage.size.of(_LATENCY_RATE * _LATENCY_SECONDS))
    relay, dispatch = pair.relay(), pair.dispatch("noting", NOTING)
    rounds = []
    async with _running(relay.run, dispatch.run):
        await _until(assets, 1)
        for _ in range(stage.size.rounds):
            begun = await funds.fetchval("SELECT clock_timestamp()")
            before = await assets.fetchval("SELECT count(*) FROM bench_noted")
            await _at_pace(pair.tell, events)
            await _until(assets, before + events)
            told = await funds.fetch(_TIMES.format("told"), begun)
            heard = {row["id"]: row["at"] for row in await assets.fetch(_TIMES.format("noted"), begun)}
            late = sorted((heard[row["id"]] - row["at"]).total_seconds() * 1000 for row in told)
            rounds.append(late[int(len(late) * 0.99)])
    return rounds


async def _at_pace(act: Callable[[], Awaitable[object]], times: int) -> None:
    """Begin one act every hundredth of a second, whether or not the earlier ones have ended."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    async with asyncio.TaskGroup() as tasks:
        for n in range(times):
            await asyncio.sleep(start + n / _LATENCY_RATE - loop.time())
            tasks.create_task(_awaited(act))


async def _awaited(act: Callable[[], Awaitable[object]]) -> None:
    await act()


async def _until(assets: asyncpg.Connection, count: int) -> None:
    while await assets.fetchval("SELECT count(*) FROM bench_noted") < count:
        await asyncio.sleep(0.1)


@asynccontextmanager
async def _running(*loops: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(_awaited(loop)) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


# ── rates ───────────────────────────────────────────────────────────────────


async def _reactions(stage: Stage, pair: Pair, funds: asyncpg.Connection) -> tuple[list[float], list[float]]:
    """Reactions a second from a numbered backlog, and the same commands a second without events."""
    events, commands = stage.size.of(_REACTIONS), stage.size.of(_COMMANDS)
    relay, dispatch = pair.relay(), pair.dispatch("noting", NOTING)
    reacted, commanded = [], []
    async with _closing(relay, dispatch):
        await _empty(relay, dispatch)
        for _ in range(stage.size.rounds):
            commanded.append(await rate(commands, _all(pair.note, commands)))
            await pair.backlog(funds, events)
            while await relay.step():
                pass
            reacted.append(await rate(events, _deliver(dispatch, events)))
    return reacted, commanded


async def _without_effect(stage: Stage, pair: Pair, funds: asyncpg.Connection) -> tuple[list[float], list[float]]:
    """Events a second that are numbered, read and settled at once, and what bare SQL does."""
    events = stage.size.of(_EVENTS)
    bare = await BareLog.create(funds)
    relay, dispatch = pair.relay(), pair.dispatch("ignoring", IGNORING)
    ours, limit = [], []
    async with _closing(relay, dispatch):
        await _empty(relay, dispatch)
        for _ in range(stage.size.rounds):
            await pair.backlog(funds, events)
            await bare.copy_backlog()
            ours.append(await rate(events, _number_and_deliver(relay, dispatch, events)))
            limit.append(await rate(events, bare.move()))
    return ours, limit


async def _number_and_deliver(relay: Relay, dispatch: Dispatch, events: int) -> None:
    async def number() -> None:
        while await relay.step():
            pass

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(number())
        tasks.create_task(_deliver(dispatch, events))


async def _deliver(dispatch: Dispatch, events: int) -> None:
    done = 0
    while done < events:
        done += await dispatch.step(_WAIT)


async def _empty(relay: Relay, dispatch: Dispatch) -> None:
    """Read what lies there already, until nothing has come for a while."""
    while await relay.step() or await dispatch.step(_QUIET) or (await dispatch.lag()).events:
        pass


async def _all(act: Callable[[], Awaitable[object]], times: int) -> None:
    left = iter(range(times))

    async def work() -> None:
        for _ in left:
            await act()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(_AT_A_TIME):
            tasks.create_task(work())


async def rate(count: int, work: Awaitable[None]) -> float:
    """How many of `count` a second `work` gets done."""
    started = perf_counter()
    await work
    return count / (perf_counter() - started)


@asynccontextmanager
async def _closing(relay: Relay, dispatch: Dispatch) -> AsyncIterator[None]:
    """Give back the connections at the end."""
    try:
        yield
    finally:
        await dispatch.close()
        await relay.close()
