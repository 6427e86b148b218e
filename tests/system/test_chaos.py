"""T01–T03 over Kafka: `kill -9` of relay, consumer and API under load, twenty times each; nothing is lost or doubled."""

import asyncio
import itertools
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from services.suite.services import SERVICES
from shared.runtime.postgres_server import Server
from tests.system.chaos_kit import Besieged
from tests.system.kill_kit import Stubborn, Witness
from tests.system.kill_story import at_work, nothing_lost_nothing_doubled, set_up
from tests.system.processes_kit import NAMES

KILLS = int(os.environ.get("SHOUWANG_TEST_KILLS", "20"))
"""Of each kind; `make chaos` asks for more."""
_TARGETS = {
    "send": ("monitoring worker", "funds worker"),
    "react": ("assets worker",),
    "answer": ("monitoring serve", "funds serve"),
}
"""Who is killed, by what it does at that moment."""
_LEISURE = {"send": 0.01, "react": 0.1, "answer": 0.003}
"""Seconds that it may go on at most after it was seen at work: about as long as each takes to note or answer that."""
_PEOPLE = 3
_ALL = ("front", *(f"{name} {command}" for name in NAMES for command in ("serve", "worker")))

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.kafka,
    pytest.mark.slow,
    pytest.mark.commit,
    pytest.mark.timeout(240 + 18 * KILLS),
]


@pytest_asyncio.fixture
async def town(postgres_server: Server, broker: str, tmp_path: Path) -> AsyncIterator[Besieged]:
    """Everything started from nothing, ready to be killed."""
    made = Besieged(postgres_server, broker, tmp_path)
    try:
        for name, command in itertools.product(NAMES, ("migrate", "topics")):
            code, said = await made.once(name, command)
            assert code == 0, said
        for process in _ALL:
            made.start(process)
        await made.until_ready(*_ALL)
        yield made
    finally:
        await made.close()


async def test_g1_to_g5_over_kafka_killed_processes_lose_and_double_nothing(town: Besieged) -> None:
    chance, kills, hits = random.Random(5), Counter[str](), Counter[str]()
    limits = httpx2.Limits(max_connections=64)
    witness = Witness(town.server, SERVICES, town.prefix)
    async with (
        httpx2.AsyncClient(base_url=town.address("front"), timeout=30, limits=limits, trust_env=False) as http,
        town.watched(),
    ):
        client = Stubborn(http)
        stage = await set_up(http)
        before = await witness.settled()
        async with at_work(client, stage, people=_PEOPLE):
            turns = itertools.cycle(_TARGETS)
            while any(_goes_on(kills[deed], hits[deed]) for deed in _TARGETS):
                deed = next(turns)
                if _goes_on(kills[deed], hits[deed]):
                    target = _TARGETS[deed][kills[deed] % len(_TARGETS[deed])]
                    await town.until_busy(target, deed)
                    await asyncio.sleep(chance.uniform(0, _LEISURE[deed]))
                    await town.kill(target)
                    town.start(target)
                    kills[deed] += 1
                hits = Counter(send=town.ear.repeated, react=town.doubtful, answer=client.counts.replays)
        account = await nothing_lost_nothing_doubled(client, witness, stage, before)
        await town.ear.until_heard(account.events)
    print(f"kills={dict(kills)} hits={dict(hits)} {client.counts} {account}")  # noqa: T201  the numbers
    assert (len(town.ear.heard), town.ear.breaks) == (account.events, 0)
    assert min(hits.values()) > 0, f"a window that no kill fell into: {hits}"


def _goes_on(kills: int, hit: int) -> bool:
    """Whether there have to be more kills of a kind: as many as asked for, and up to twice that until one has hit."""
    return kills < KILLS or (kills < 2 * KILLS and not hit)
