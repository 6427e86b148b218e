"""Figure (a): confirming a payment over HTTP, against one database function and against a typical ORM service."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson

from services.funds.service import SERVICE
from shared.kernel.clock import SystemClock, today
from shared.kernel.money import format_yuan
from tests.bench.figure import Figure, Gate
from tests.bench.http_server import DSN_FILE, issuer_in
from tests.bench.machine import ROOT
from tests.bench.payment_limit import confirm_by_function, create_function
from tests.bench.payment_rows import CASH_FEN, id_of, seed
from tests.bench.server import Served, server
from tests.bench.stage import Stage

CONNECTIONS = 16
_OURS, _ORM, _FUNCTION = 800, 270, 2700
"""Payments that one turn confirms: two or three seconds each on two cores."""
_TURNS = 3
"""Turns of each contender in a round: the shorter they are, the better noise is shared."""
_WARM_UP = 200
_COMPARED = 8
_WRITTEN = ("command_key", "case_step", "ledger_entry", "ledger_line", "ledger_balance", "outbox", "journal")


@dataclass(slots=True)
class Ground:
    """The database, and which payments have not been confirmed yet."""

    stage: Stage
    app_dsn: str
    connection: asyncpg.Connection
    next_payment: int = 1
    latency: list[tuple[float, float]] = field(default_factory=list)
    cpu_ms: dict[str, list[float]] = field(default_factory=lambda: {"ours": [], "orm": []})

    def take(self, count: int) -> int:
        """The first of `count` payments that nobody else gets."""
        first = self.next_payment
        self.next_payment += count
        return first


async def measure(stage: Stage) -> Sequence[Figure]:
    """Both figures of one run: the three contenders take turns."""
    size = stage.size
    ours, orm = size.of(_OURS), size.of(_ORM)
    function = max(8, size.of(_FUNCTION) // 8 * 8)
    warm_up = size.of(_WARM_UP)
    turns = _TURNS * size.rounds
    total = (ours + orm + function) * turns + 2 * warm_up + 3 * _COMPARED
    async with stage.database(SERVICE) as names, stage.server.admin(names.name) as connection:
        await seed(connection, total, today(SystemClock()))
        (stage.directory / DSN_FILE).write_text(names.app_dsn)
        issuer_in(stage.directory)
        ground = Ground(stage, names.app_dsn, connection)
        async with server(stage, "ours") as our_server, server(stage, "orm") as orm_server:
            await _over_http(ground, our_server, warm_up)
            await create_function(connection)
            await _over_http(ground, orm_server, warm_up)
            rates: dict[str, list[float]] = {"ours": [], "function": [], "orm": []}
            for _ in range(turns):
                rates["function"].append(await _by_function(ground, function))
                rates["ours"].append(await _over_http(ground, our_server, ours, "ours"))
                rates["orm"].append(await _over_http(ground, orm_server, orm, "orm"))
            await _compare_rows(ground, our_server, orm_server)
    return _figures(ground, rates)


def _figures(ground: Ground, rates: dict[str, list[float]]) -> list[Figure]:
    p50, p99 = (sorted(part)[len(part) // 2] for part in zip(*ground.latency, strict=True))
    caller = "pgbench -M prepared -c 8, one function" if ground.stage.pgbench else "asyncpg, 8 tasks, one function"
    notes = f"{CONNECTIONS} connections, one server process, pool 8; p50 {p50:.1f} ms, p99 {p99:.1f} ms"
    return [
        Figure(
            "payment-confirm", "req/s", rates["ours"], rates["function"], caller, Gate(at_least=0.08, aim=0.15), notes
        ),
        Figure(
            "payment-confirm-orm",
            "req/s",
            rates["ours"],
            rates["orm"],
            "typical FastAPI + SQLAlchemy ORM handler",
            Gate(at_least=2.5),
            notes,
        ),
        Figure(
            "payment-confirm-cpu",
            "ms",
            ground.cpu_ms["ours"],
            ground.cpu_ms["orm"],
            "typical FastAPI + SQLAlchemy ORM handler",
            notes="processor time of the server process for each request; noise of the machine hardly touches it",
        ),
    ]


async def _by_function(ground: Ground, count: int) -> float:
    return await confirm_by_function(ground.stage, ground.app_dsn, ground.take(count), count)


async def _over_http(ground: Ground, served: Served, count: int, who: str = "") -> float:
    """Confirm `count` payments by a load generator of its own process; requests per second.

    What it took is kept for `who`.
    """
    first = ground.take(count)
    file = ground.stage.directory / "requests.jsonl"
    token = issuer_in(ground.stage.directory).token("treasury")
    file.write_bytes(b"\n".join(orjson.dumps(_request(n, token)) for n in range(first, first + count)))
    connections = min(CONNECTIONS, count)
    before = served.cpu_seconds()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.http_load", str(served.port), str(connections), str(file)),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    result: dict[str, Any] = orjson.loads((await process.communicate())[0])
    if result["statuses"] != {"200": count}:
        raise RuntimeError(f"{result['statuses']}: {result['fault']}")
    if who:
        ground.cpu_ms[who].append((served.cpu_seconds() - before) * 1000 / count)
    if who == "ours":
        ground.latency.append((result["p50_ms"], result["p99_ms"]))
    return count / float(result["seconds"])


def _request(n: int, token: str) -> str:
    slip = {
        "bank_reference": f"BK-{n:08d}",
        "amount": format_yuan(CASH_FEN),
        "on": today(SystemClock()).isoformat(),
    }
    body = orjson.dumps(slip).decode()
    head = (
        f"POST /v1/payments/{id_of('payment', n)}/confirm-paid HTTP/1.1",
        "Host: bench",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"Idempotency-Key: confirm-{n}",
        'If-Match: "6"',
    )
    return "\r\n".join((*head, "", body))


async def _compare_rows(ground: Ground, our_server: Served, orm_server: Served) -> None:
    """Raise unless all contenders write the same number of rows into each table."""
    written = {}
    for who, confirm in (
        ("function", _by_function(ground, _COMPARED)),
        ("ours", _over_http(ground, our_server, _COMPARED)),
        ("orm", _over_http(ground, orm_server, _COMPARED)),
    ):
        before = await _counts(ground.connection)
        await confirm
        after = await _counts(ground.connection)
        written[who] = {table: after[table] - before[table] for table in before}
    if len({tuple(rows.values()) for rows in written.values()}) > 1:
        raise RuntimeError(f"the contenders do not write the same rows: {written}")


async def _counts(connection: asyncpg.Connection) -> dict[str, int]:
    rows = {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in _WRITTEN}  # noqa: S608
    return rows | {"paid": await connection.fetchval("SELECT count(*) FROM payment WHERE paid_on IS NOT NULL")}
