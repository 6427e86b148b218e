"""Figure (e): a household batch of 100 000 lines, from the roster to the bank's last answer, against the bare rows."""

from collections.abc import Awaitable, Sequence
from datetime import UTC, date, datetime
from time import perf_counter
from typing import TypeVar
from uuid import UUID

import asyncpg

from services.funds.service import SERVICE
from services.suite.embedded import DIVISIONS
from shared.kernel.money import format_yuan
from shared.runtime.prepare import prepare
from shared.testing.clocks import SetClock
from shared.testing.services import bench
from shared.vault.keys import KeyRing
from tests.bench.figure import Figure
from tests.bench.stage import Stage
from tests.service.funds.county import VILLAGE, County, finance_reviewer, town_clerk
from tests.service.funds.households import POLICY, Households, household, id_number, sector_leader
from tests.service.funds.works import funded, treasury

T = TypeVar("T")

LINES = 100_000
_FEN = 12_345
_FAILED = 100
"""One line in so many comes back."""
_CENTRAL, _OWN = 60, 41
"""What of each line the two sources of the project are given, in hundredths: a little is left of both."""
_STEPS = ("roster", "notice and approval", "instruction", "answer")
_WRITTEN = {
    "household_line": "batch_id = $1",
    "household_line_source": "line_id IN (SELECT id FROM household_line WHERE batch_id = $1)",
    "ledger_line": "payment_id = $1",
    "ledger_balance": "payment_id = $1 OR household_line_id IN (SELECT id FROM household_line WHERE batch_id = $1)",
    "outbox": "envelope -> 'data' ->> 'batch_id' = ($1)::text",
}
"""The tables that a batch fills, and its rows in them."""


async def measure(stage: Stage) -> Sequence[Figure]:
    """Each round pays another month; then the rows it wrote are copied into plain tables."""
    lines = stage.size.of(LINES)
    seconds: list[float] = []
    limits: list[float] = []
    steps: list[list[float]] = []
    async with stage.database(SERVICE) as names:
        await prepare(names.owner_dsn, SERVICE, log_reader=names.log_reader, divisions=[DIVISIONS])
        clock = SetClock(datetime(2023, 1, 3, 2, tzinfo=UTC))
        async with bench(SERVICE, names, clock, KeyRing.fresh()) as it, stage.server.admin(names.name) as owner:
            households = await _ground(County(it), lines * stage.size.rounds)
            await _plain_tables(owner)
            for number in range(stage.size.rounds):
                batch, took = await _pay(households, lines, number)
                steps.append(took)
                seconds.append(sum(took))
                limits.append(await _copy(owner, batch))
            await households.works.all_is_well()
    each = [sum(part) / len(part) for part in zip(*steps, strict=True)]
    told = ", ".join(f"{name} {took:.1f} s" for name, took in zip(_STEPS, each, strict=True))
    notes = f"{lines} lines of two sources, one in {_FAILED} failed; {told}"
    return [Figure("household-batch", "s", seconds, limits, "INSERT … SELECT of the same rows", notes=notes)]


async def _ground(county: County, lines: int) -> Households:
    """A household project whose two sources bear all lines together."""
    await county.adopt({"household_subsidy.standards": f"{POLICY}=10000.00"})
    central, own = (format_yuan(lines * _FEN * part // 100 + 100) for part in (_CENTRAL, _OWN))
    return Households(await funded(county, central, own, is_household_project=True))


async def _pay(households: Households, lines: int, number: int) -> tuple[UUID, list[float]]:
    """Import the roster, take it to the bank, import the answer; the seconds of each. The days of the notice are free."""
    took: list[float] = []
    roster = _roster(lines, date(2022 - number, 12, 1))
    batch = await _timed(took, households.import_roster(roster, format_yuan(lines * _FEN), number=f"2023-{number}"))
    await _timed(took, _approved(households, batch))
    await _timed(took, _instructed(households, batch))
    answer = _answer(lines, households.works.today, number)
    taken = await _timed(took, households.import_answer(batch, answer))
    if taken["paid"] + taken["failed"] != lines:
        raise RuntimeError(f"the answer was not taken as it should: {taken}")
    return batch, took


async def _approved(households: Households, batch: UUID) -> None:
    await households.hang(batch)
    await households.county.hang(town_clerk, batch)
    await households.county.take(sector_leader, "household_batch", batch, "approve")


async def _instructed(households: Households, batch: UUID) -> None:
    await households.county.take(finance_reviewer, "household_batch", batch, "check_finance")
    await households.county.take(treasury, "household_batch", batch, "instruct")


async def _timed(took: list[float], work: Awaitable[T]) -> T:
    begun = perf_counter()
    result = await work
    took.append(perf_counter() - begun)
    return result


def _roster(lines: int, month: date) -> list[str]:
    return [
        f"{seq},{household(seq)},,王某,{id_number(seq)},6228480000{seq:08d},ABC,{VILLAGE},{month:%Y-%m},"
        f"{format_yuan(_FEN)},雨露计划"
        for seq in range(1, lines + 1)
    ]


def _answer(lines: int, on: date, number: int) -> list[str]:
    return [
        f"{seq},failed,name_mismatch,,{on}" if seq % _FAILED == 0 else f"{seq},paid,,ABC-{number}-{seq},{on}"
        for seq in range(1, lines + 1)
    ]


async def _plain_tables(owner: asyncpg.Connection) -> None:
    """Without index, wall or check."""
    for table in _WRITTEN:
        await owner.execute(f"CREATE TABLE bench_{table} AS SELECT * FROM {table} LIMIT 0")  # noqa: S608  likewise


async def _copy(owner: asyncpg.Connection, batch: UUID) -> float:
    """Seconds that the bare rows take, one INSERT … SELECT a table; they are looked for beforehand."""
    total = 0.0
    for table, condition in _WRITTEN.items():
        await owner.execute(f"TRUNCATE bench_{table}")
        rows = f"SELECT * FROM {table} WHERE {condition}".replace("$1", f"'{batch}'::uuid")  # noqa: S608  names of this bench
        await owner.execute(f"CREATE TEMP TABLE found AS {rows}")
        begun = perf_counter()
        await owner.execute(f"INSERT INTO bench_{table} SELECT * FROM found")  # noqa: S608  names of this bench
        total += perf_counter() - begun
        await owner.execute("DROP TABLE found")
    return total
