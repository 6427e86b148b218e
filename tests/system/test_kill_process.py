"""T01–T03: `kill -9` of the process under load, twenty times: nothing acknowledged is lost, nothing is done twice."""

import asyncio
import random
from pathlib import Path

import pytest

from services.suite.services import SERVICES
from tests.system.kill_kit import under_siege, until_ready
from tests.system.kill_story import at_work, nothing_lost_nothing_doubled, set_up

pytestmark = [pytest.mark.asyncio, pytest.mark.slow, pytest.mark.commit, pytest.mark.timeout(300)]

KILLS = 20


async def test_g1_to_g5_a_killed_process_loses_and_doubles_nothing(tmp_path: Path) -> None:
    chance, kills, again = random.Random(3), 0, 0
    async with under_siege(tmp_path / "state", SERVICES) as (system, client, witness):
        stage = await set_up(client.http)
        before = await witness.settled()
        async with at_work(client, stage):
            while kills < KILLS or (kills < 2 * KILLS and not (client.counts.replays or again)):
                kills += 1
                await asyncio.sleep(chance.uniform(0.1, 0.4))
                await system.kill()
                again += await witness.in_doubt()
                await system.start()
                await until_ready(client.http, SERVICES)
        account = await nothing_lost_nothing_doubled(client, witness, stage, before)
        await system.interrupt()
    print(f"kills={kills} {client.counts} redelivered={again} {account}")  # noqa: T201  the numbers
    assert client.counts.replays + again > 0, "no kill fell between a commit and its answer or its acknowledgement"
