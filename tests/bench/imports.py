"""Figure (b): a department's file of a million rows, uploaded as a user does, against binary COPY of the same rows."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import asyncpg
import httpx2

from services.monitoring.service import SERVICE
from services.suite.embedded import DIVISIONS
from shared.kernel.clock import SystemClock, today
from shared.runtime.prepare import prepare
from tests.bench.figure import Figure, Gate
from tests.bench.http_server import DSN_FILE, issuer_in
from tests.bench.imports_file import COUNTY, CREATE_PLAIN, PLAIN, Bills, chunks, write_bills, write_register
from tests.bench.server import Served, server
from tests.bench.stage import Stage

ROWS = 1_000_000
REGISTERED = 20_000
"""Households of the county, heads only, so that some bills find one."""
MAX_ROUNDS = 3
_BILLS = "/v1/imports/department/medical_insurance/inpatient_self_paid"
_GLANCE_SECONDS = 0.5


@dataclass(slots=True)
class Ground:
    """The service, and what was seen of it."""

    stage: Stage
    served: Served
    owner: asyncpg.Connection
    glances: list[int] = field(default_factory=list)


async def measure(stage: Stage) -> Sequence[Figure]:
    """Each round takes another year's file and copies its rows before and after."""
    rows, rounds = stage.size.of(ROWS), min(stage.size.rounds, MAX_ROUNDS)
    rates: list[float] = []
    limits: list[float] = []
    async with stage.database(SERVICE) as names:
        await prepare(names.owner_dsn, SERVICE, log_reader=names.log_reader, divisions=[DIVISIONS])
        (stage.directory / DSN_FILE).write_text(names.app_dsn)
        issuer_in(stage.directory)
        owner = await asyncpg.connect(names.owner_dsn)
        try:
            await owner.execute(CREATE_PLAIN)
            async with server(stage, "monitoring") as served:
                ground = Ground(stage, served, owner)
                await _register(ground, stage.size.of(REGISTERED))
                for year in range(today(SystemClock()).year - rounds, today(SystemClock()).year):
                    path = stage.directory / f"bills-{year}.csv"
                    bills = await asyncio.to_thread(write_bills, path, rows, year)
                    before = await _copy(ground, bills)
                    seconds = await _import(ground, bills)
                    limits.append(2 * rows / (before + await _copy(ground, bills)))
                    rates.append(rows / seconds)
                    path.unlink()
                peak = served.peak_mib()
        finally:
            await owner.close()
    notes = f"{rows} rows; peak memory of the server {peak:.0f} MiB; progress seen in {len(set(ground.glances))} states"
    return [
        Figure(
            "import_million",
            "rows/s",
            rates,
            limits,
            "binary COPY of the same rows into a plain table",
            Gate(at_least=0.05),
            notes,
        )
    ]


async def _register(ground: Ground, persons: int) -> None:
    path = ground.stage.directory / "register.csv"
    write_register(path, persons)
    report = await _upload(ground, "bureau_clerk", "/v1/imports/register", path)
    if report["taken"] != persons:
        raise RuntimeError(f"the register was not taken: {report}")


async def _import(ground: Ground, bills: Bills) -> float:
    """Seconds from the first byte sent to the report; raises unless it names the broken rows and no other."""
    watching = asyncio.create_task(_watch(ground))
    started = perf_counter()
    report = await _upload(ground, "sector_clerk", _BILLS, bills.path)
    seconds = perf_counter() - started
    watching.cancel()
    told = tuple((row["row"], row["field"], row["code"]) for row in report["refusals"])
    if told != bills.broken or report["taken"] != bills.rows - len(bills.broken) or not report["clues"]:
        raise RuntimeError(f"the file was not taken as it should: {report}")
    return seconds


async def _copy(ground: Ground, bills: Bills) -> float:
    """Seconds of one COPY into the emptied table."""
    await ground.owner.execute("TRUNCATE bench_plain")
    started = perf_counter()
    await PLAIN.copy(ground.owner, bills.plain)
    return perf_counter() - started


async def _upload(ground: Ground, persona: str, path: str, file: Path) -> dict[str, Any]:
    async def content() -> AsyncIterator[bytes]:
        for piece in chunks(file):
            yield piece

    size = await asyncio.to_thread(lambda: file.stat().st_size)
    async with _client(ground, persona) as client:
        headers = {"idempotency-key": file.name, "content-type": "text/csv", "content-length": str(size)}
        answer = await client.post(path, params={"area_code": COUNTY}, content=content(), headers=headers)
    if answer.status_code != 201:
        raise RuntimeError(f"{answer.status_code}: {answer.text}")
    report: dict[str, Any] = answer.json()["result"]
    return report


async def _watch(ground: Ground) -> None:
    """Look at the running import, as a user does who waits for it."""
    async with _client(ground, "sector_clerk") as client:
        while True:
            await asyncio.sleep(_GLANCE_SECONDS)
            listed = await client.get("/v1/imports", params={"area_code": COUNTY, "limit": 1})
            ground.glances += [item["done"] for item in listed.json()["items"] if item["status"] != "DONE"]


def _client(ground: Ground, persona: str) -> httpx2.AsyncClient:
    token = issuer_in(ground.stage.directory).token(persona)
    base = f"http://127.0.0.1:{ground.served.port}"
    return httpx2.AsyncClient(base_url=base, headers={"authorization": f"Bearer {token}"}, timeout=None)
