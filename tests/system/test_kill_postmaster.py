"""T10: `kill -9` of the postmaster under load, twenty times: the system recovers by itself and loses nothing."""

import asyncio
import os
import random
import signal
import time
from pathlib import Path

import pytest

from services.suite.services import SERVICES
from shared.runtime.postgres import EmbeddedPostgres
from tests.system.kill_kit import Witness, under_siege
from tests.system.kill_story import at_work, nothing_lost_nothing_doubled, set_up

pytestmark = [pytest.mark.asyncio, pytest.mark.slow, pytest.mark.commit, pytest.mark.timeout(300)]

KILLS, RECOVERY_SECONDS = 20, 10
_BUSY = """
SELECT pid FROM pg_stat_activity
 WHERE datname LIKE 'shouwang%' AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"""
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


async def strike(postgres: EmbeddedPostgres, witness: Witness, *, all_at_once: bool) -> int:
    """Kill the postmaster, and `all_at_once` every backend with it; how many transactions had written by then."""
    pid = postgres.pid()
    assert pid is not None
    async with witness.server.admin() as admin:
        busy = len(await admin.fetch(_BUSY))
        backends = [row["pid"] for row in await admin.fetch(_BACKENDS)] if all_at_once else []
        for victim in (pid, *backends):
            os.kill(victim, signal.SIGKILL)
    return busy


async def test_g1_to_g5_a_killed_postmaster_loses_and_doubles_nothing(tmp_path: Path) -> None:
    chance, kills, cut, again, slowest = random.Random(10), 0, 0, 0, 0.0
    async with under_siege(tmp_path / "state", SERVICES) as (system, client, witness):
        postgres = EmbeddedPostgres(system.state_dir)
        stage = await set_up(client.http)
        before = await witness.settled()
        async with at_work(client, stage):
            while kills < KILLS or (kills < 2 * KILLS and not cut):
                kills += 1
                await asyncio.sleep(chance.uniform(0.1, 0.4))
                again += await witness.in_doubt()
                cut += await strike(postgres, witness, all_at_once=kills % 2 == 0)
                began = time.monotonic()
                async with asyncio.timeout(RECOVERY_SECONDS):
                    while not await postgres.is_alive():
                        await asyncio.sleep(0.02)
                    acknowledged = client.counts.acknowledged
                    while client.counts.acknowledged == acknowledged:
                        await asyncio.sleep(0.02)
                slowest = max(slowest, time.monotonic() - began)
        account = await nothing_lost_nothing_doubled(client, witness, stage, before)
        await system.interrupt()
    print(f"kills={kills} {client.counts} cut={cut} redelivered={again} slowest={slowest:.1f}s {account}")  # noqa: T201  the numbers
    assert client.counts.retries > 0, "no client noticed any kill"
    assert cut > 0, "no kill fell into a transaction"
