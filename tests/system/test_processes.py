"""Three services in processes of their own, on real Kafka: they start, an effect crosses, they end without a loss (D3, D5)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio

from services.suite.demo.client import Client
from services.suite.people import VILLAGE
from shared.runtime.postgres_server import Server
from tests.service.monitoring.people import member
from tests.system.processes_kit import NAMES, Town, town

pytestmark = [pytest.mark.asyncio, pytest.mark.kafka, pytest.mark.slow, pytest.mark.commit]

_KNOWN = "SELECT household_id FROM ref_household WHERE household_id = ANY($1::uuid[])"
_PATIENCE_SECONDS = 20
_DAY = date(2023, 1, 12)
_ALL = ("front", *(f"{name} {command}" for name in NAMES for command in ("serve", "worker")))


@pytest_asyncio.fixture(scope="module")
async def running(
    postgres_server: Server, broker: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    """Everything started from nothing."""
    async with town(postgres_server, broker, tmp_path_factory.mktemp("town")) as made:
        outcomes = await asyncio.gather(
            *(made.once(name, command) for name in NAMES for command in ("migrate", "topics"))
        )
        assert [code for code, _ in outcomes] == [0] * len(outcomes), outcomes
        for name in _ALL:
            made.start(name)
        await made.until_ready(*_ALL)
        yield made


@pytest_asyncio.fixture
async def client(running: Town) -> AsyncIterator[Client]:
    """Somebody who knows the front's address only."""
    async with httpx2.AsyncClient(base_url=running.address("front"), timeout=30, trust_env=False) as http:
        made = Client(http)
        made.counts.commands = _used[0]
        yield made
        _used[0] = made.counts.commands


_used = [0]
"""Keys of commands are numbered; tests of one system share the numbers."""


async def report(client: Client, serial: int) -> UUID:
    """A household is registered and a cadre reports its risk; both are events that assets hears."""
    body = {"area_code": str(VILLAGE), "household_type": "ORDINARY", "members": [member(serial)]}
    made = await client.post("village_committee", "/monitoring/v1/households", body)
    clue = {
        "area_code": str(VILLAGE),
        "source": "CADRE",
        "item": "serious_illness",
        "event_on": "2023-01-10",
        "household_id": made["household_id"],
    }
    await client.post("village_committee", "/monitoring/v1/clues", clue)
    return UUID(made["household_id"])


async def until_known(running: Town, *households: UUID) -> None:
    """Return when assets knows these households."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while len(await running.rows("assets", _KNOWN, list(households))) < len(households):
            await asyncio.sleep(0.05)


async def test_a_command_through_the_front_has_its_effect_in_another_service(running: Town, client: Client) -> None:
    await client.turn_clock(_DAY)
    for name in NAMES:
        told = (await client.http.get(f"/{name}/readyz")).json()
        assert told["ready"], told
    await until_known(running, await report(client, 1))
    recorded = await running.rows("assets", "SELECT at FROM journal ORDER BY at DESC LIMIT 1")
    assert {row["at"].date() for row in recorded} == {_DAY}, "the workers run by the turned clock"


async def test_a_worker_tells_how_it_does(running: Town) -> None:
    async with httpx2.AsyncClient(base_url=running.address("assets worker"), trust_env=False, timeout=10) as http:
        told = (await http.get("/readyz")).json()
    assert told["ready"]
    assert set(told["tasks"]) == {"relay", "dispatch", "sweeps"}
    assert all(not task["restarts"] for task in told["tasks"].values()), running.running["assets worker"].said()


async def test_a_service_that_is_down_is_told_as_such(running: Town, client: Client) -> None:
    api = running.running["funds serve"]
    assert await api.end() == 0
    answer = await client.http.get("/funds/v1/projects", headers=await client.login("auditor"))
    assert (answer.status_code, answer.json()["code"]) == (502, "SERVICE_UNREACHABLE")
    assert answer.headers["content-type"] == "application/problem+json"
    running.start("funds serve")
    await running.until_ready("funds serve")
    assert await client.get("auditor", "/funds/v1/projects") is not None


async def test_what_happens_while_workers_are_away_is_not_lost(running: Town, client: Client) -> None:
    assert await running.running["assets worker"].end() == 0
    reported = [await report(client, serial) for serial in range(2, 6)]
    assert await running.running["monitoring worker"].end() == 0
    reported.append(await report(client, 6))
    for name in ("monitoring worker", "assets worker"):
        running.start(name)
    await running.until_ready("monitoring worker", "assets worker")
    await until_known(running, *reported)
    assert await running.rows("assets", "SELECT 1 FROM parked_event") == []


async def test_each_process_ends_well_when_asked(running: Town) -> None:
    codes = await asyncio.gather(*(started.end() for started in running.running.values()))
    assert dict(zip(running.running, codes, strict=True)) == dict.fromkeys(running.running, 0)
    for name, started in running.running.items():
        assert "Traceback" not in started.said(), f"{name}: {started.said()[-2000:]}"
