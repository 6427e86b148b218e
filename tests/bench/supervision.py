"""Figure (g): all early-warning rules over a county of 20 000 projects, against counting the same rows once."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from time import perf_counter

import asyncpg

from services.funds.service import SERVICE
from shared.checks.policy import Policy
from shared.checks.run import run_check
from shared.parameters.workdays import WorkdayCalendar
from tests.bench.figure import Figure
from tests.bench.stage import Stage
from tests.bench.supervision_rows import TABLES, TODAY, seed

PROJECTS = 20_000
NOON = datetime.combine(TODAY, time(4), UTC)
RULES = tuple(check for check in SERVICE.checks if check.id.startswith("funds-FW"))
"""Every rule of domain-funds-assets §4.2 with its parts, and those about supervision itself."""
_SLOWEST = 3


async def measure(stage: Stage) -> Sequence[Figure]:
    """Each round is a night: all rules over all rows, findings of the night before standing."""
    seconds: list[float] = []
    limits: list[float] = []
    took: dict[str, float] = {}
    projects = stage.size.of(PROJECTS)
    async with stage.database(SERVICE) as names:
        async with stage.server.admin(names.name) as connection:
            await seed(connection, projects)
        async with stage.system_connection(names.app_dsn) as app:
            calendar = await WorkdayCalendar.from_connection(app)
            await _night(app, Policy(SERVICE.declared_parameters, calendar), took)
            for _ in range(stage.size.rounds):
                before = await _count(app)
                seconds.append(await _night(app, Policy(SERVICE.declared_parameters, calendar), took))
                limits.append((before + await _count(app)) / 2)
            standing = await app.fetchval("SELECT count(*) FROM finding WHERE closed_at IS NULL")
            rows = sum([await app.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES])  # noqa: S608  names of this bench
    slowest = sorted(took.items(), key=lambda each: -each[1])[:_SLOWEST]
    notes = f"{projects} projects, {rows} rows, {len(RULES)} checks, {standing} findings; slowest: " + ", ".join(
        f"{name} {1000 * each:.0f} ms" for name, each in slowest
    )
    return [
        Figure("supervision", "s", seconds, limits, "count(*) of the same tables, behind the same wall", notes=notes)
    ]


async def _night(app: asyncpg.Connection, policy: Policy, took: dict[str, float]) -> float:
    """Seconds that all rules take; each in a transaction of its own here, so that none waits for another's writes."""
    begun = perf_counter()
    for check in RULES:
        one = perf_counter()
        async with app.transaction():
            await run_check(app, check, now=NOON, policy=policy)
        took[check.id] = perf_counter() - one
    return perf_counter() - begun


async def _count(app: asyncpg.Connection) -> float:
    """Seconds to count the rows of every table once."""
    begun = perf_counter()
    for table in TABLES:
        await app.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608  names of this bench
    return perf_counter() - begun
