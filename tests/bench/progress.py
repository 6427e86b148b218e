"""Figure (f): progress of a province of 100 counties, read from the facts of the night, and made anew from every posting."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from time import perf_counter

from services.funds.service import SERVICE
from shared.kernel.roles import Role
from shared.testing.clocks import SetClock
from shared.testing.services import Bench, bench, person
from shared.vault.keys import KeyRing
from tests.bench.figure import Figure, Gate
from tests.bench.progress_rows import COUNTIES, PROVINCE, TODAY, seed
from tests.bench.stage import Stage
from tests.service.funds.progress_words import issue, make_facts, read_facts

PROJECTS = 200
"""Of each county."""
_READS = 50
"""A round reads as often, and tells the mean."""
_DAY = TODAY - timedelta(days=1)
_READER = person("province", PROVINCE, Role.PROVINCE_READER)
_PLAIN = "SELECT * FROM progress_fact WHERE fiscal_year = $1 AND as_of = $2"
_SUMS = """
SELECT account, sum(signed_fen) FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id
 GROUP BY account"""


async def measure(stage: Stage) -> Sequence[Figure]:
    """Each round makes the facts anew, reads them, and issues the report with its ranks explained."""
    counties, projects = stage.size.of(COUNTIES), stage.size.of(PROJECTS)
    took: dict[str, list[float]] = {name: [] for name in ("make", "issue", "sums", "read", "plain")}
    async with stage.database(SERVICE) as names:
        async with stage.server.admin(names.name) as connection:
            await seed(connection, counties, projects)
        clock = SetClock(datetime.combine(TODAY, time(4), UTC))
        async with bench(SERVICE, names, clock, KeyRing.fresh()) as it, stage.system_connection(names.app_dsn) as app:
            for number in range(stage.size.rounds):
                before = await _seconds(lambda: app.fetch(_SUMS))
                took["make"].append(await _seconds(lambda: _make(it, counties)))
                took["sums"].append((before + await _seconds(lambda: app.fetch(_SUMS))) / 2)
                took["issue"].append(await _seconds(lambda number=number: _issue(it, number, counties)))  # type: ignore[misc]
                times = stage.size.of(_READS)
                took["plain"].append(1000 * await _seconds(lambda: app.fetch(_PLAIN, _DAY.year, _DAY), times))
                took["read"].append(1000 * await _seconds(lambda: _read(it, counties), times))
            lines = await app.fetchval("SELECT count(*) FROM ledger_line")
    notes = f"{counties} counties, {counties * projects} projects, {lines} lines"
    sums = "one sum over all lines, by account"
    return [
        Figure(
            "progress-read",
            "ms",
            took["read"],
            took["plain"],
            "SELECT of the same rows",
            Gate(at_most=5, of_value=True),
            f"{notes}; with the wall, ranks, rates and the total",
        ),
        Figure("progress-rebuild", "s", took["make"], took["sums"], sums, notes=notes),
        Figure("progress-issue", "s", took["issue"], took["sums"], sums, notes=f"{notes}; ranks explained and frozen"),
    ]


async def _seconds(work: Callable[[], Awaitable[object]], times: int = 1) -> float:
    """The mean of some repetitions."""
    begun = perf_counter()
    for _ in range(times):
        await work()
    return (perf_counter() - begun) / times


async def _make(it: Bench, counties: int) -> None:
    _expect(await make_facts(it, _DAY.year, _DAY), counties)


async def _issue(it: Bench, number: int, counties: int) -> None:
    _expect(await issue(it, _READER, PROVINCE, _DAY, f"第{number}次"), counties)


async def _read(it: Bench, counties: int) -> None:
    _expect(len((await read_facts(it, _READER, PROVINCE, _DAY.year)).units), counties)


def _expect(found: int, counties: int) -> None:
    """Raise unless every county is in it."""
    if found != counties:
        raise RuntimeError(f"{found} of {counties} counties")
