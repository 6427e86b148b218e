"""The dev issuer exists in the demo's modes only; its tokens pass the same verifier as any other."""

import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from shared.http.dev_app import dev_app
from shared.http.dev_issuer import DevIssuer, NotForProduction, Persona
from shared.http.jwks import RemoteKeys
from shared.http.tokens import Verifier
from shared.kernel.actors import Grant
from shared.kernel.areas import AreaCode
from shared.kernel.roles import Role

ISSUER = "http://127.0.0.1:8000/dev"
CLERK = Persona(
    "clerk",
    "乡镇经办人",
    "township clerk",
    UUID("6f0c3a52-3f6a-5d3c-9a51-0f7d8b1c2e01"),
    (Grant(Role.TOWNSHIP_CLERK, AreaCode(230606101000)),),
)


class Watch:
    def __init__(self) -> None:
        self.seconds = 0
        self.real = datetime(2026, 3, 2, tzinfo=UTC)

    def now(self) -> datetime:
        return self.real + timedelta(seconds=self.seconds)

    async def turn(self, seconds: int) -> None:
        self.seconds = seconds


@pytest.fixture
def issuer() -> DevIssuer:
    return DevIssuer("embedded", ISSUER, "shouwang", (CLERK,))


@pytest.fixture
def app(issuer: DevIssuer) -> FastAPI:
    return dev_app(issuer, Watch())


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://dev") as client:
        yield client


@pytest.mark.parametrize("mode", ["distributed", "production", "", "EMBEDDED", "demonstration"])
def test_outside_the_demo_there_is_no_dev_issuer(mode: str, tmp_path: Path) -> None:
    with pytest.raises(NotForProduction):
        DevIssuer(mode, ISSUER, "shouwang", (CLERK,), key_file=tmp_path / "key.json")
    assert not list(tmp_path.iterdir())


@pytest.mark.asyncio
async def test_a_persona_logs_in(issuer: DevIssuer, client: httpx2.AsyncClient) -> None:
    token = (await client.post("/token", json={"persona": "clerk"})).json()["access_token"]
    actor = await Verifier(ISSUER, "shouwang", issuer.keys).verify(token)
    assert (actor.id, actor.grants) == (CLERK.id, CLERK.grants)


@pytest.mark.asyncio
async def test_other_processes_verify_by_the_published_keys(
    app: FastAPI,
    issuer: DevIssuer,
    client: httpx2.AsyncClient,
) -> None:
    discovery = (await client.get("/.well-known/openid-configuration")).json()
    assert discovery["issuer"] == ISSUER
    assert discovery["jwks_uri"] == f"{ISSUER}/jwks"
    assert "d" not in (await client.get("/jwks")).json()["keys"][0]
    keys = RemoteKeys("http://dev/jwks", transport=httpx2.ASGITransport(app=app))
    assert (await Verifier(ISSUER, "shouwang", keys).verify(issuer.token("clerk"))).id == CLERK.id


@pytest.mark.asyncio
async def test_nobody_else_logs_in(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/token", json={"persona": "emperor"})
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert (await client.get("/personas")).json()[0]["grants"] == ["township_clerk@230606101000"]


def test_the_key_survives_a_restart_and_is_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "state" / "dev-issuer.json"
    first, second = (DevIssuer("embedded", ISSUER, "shouwang", (CLERK,), key_file=path) for _ in range(2))
    assert first.published() == second.published()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.asyncio
async def test_the_clock_turns_to_an_instant_and_by_days(client: httpx2.AsyncClient) -> None:
    to = "2023-06-09T10:00:00+08:00"
    turned = (await client.post("/clock", json={"now": to})).json()
    assert datetime.fromisoformat(turned["now"]) == datetime.fromisoformat(to)
    later = (await client.post("/clock", json={"advance_days": 11})).json()
    assert datetime.fromisoformat(later["now"]) == datetime.fromisoformat(to) + timedelta(days=11)
    assert (await client.get("/clock")).json() == later


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "body", [{}, {"now": "2023-06-09T10:00:00"}, {"now": "2023-06-09T10:00:00Z", "advance_days": 1}]
)
async def test_the_clock_wants_one_clear_word(client: httpx2.AsyncClient, body: dict[str, object]) -> None:
    assert (await client.post("/clock", json=body)).status_code == 422
