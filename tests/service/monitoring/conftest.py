"""The monitoring service on a fresh database with the demo's divisions, and a clock that the test sets; and its edge."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest_asyncio

from services.monitoring.service import SERVICE
from shared.db.migrate import expected_heads
from shared.db.paging import Cursors
from shared.http.app import create_app
from shared.http.dev_issuer import DevIssuer, Persona
from shared.http.edge import Edge
from shared.http.tokens import Verifier
from shared.kernel.ids import new_id
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.prepare import prepare
from shared.testing.clocks import SetClock
from shared.testing.services import Bench, bench
from shared.vault.keys import KeyRing
from tests.service.monitoring import people, ways

DIVISIONS = Path(__file__).resolve().parents[3] / "services" / "suite" / "data" / "divisions" / "demo.csv"
PEOPLE = {
    name: getattr(people, name)
    for name in ("committee", "neighbour", "clerk", "bureau", "leader", "sector", "foreign", "auditor")
} | {name: getattr(ways, name) for name in ("agency", "farmer", "other_farmer")}


async def build(owner_dsn: str) -> None:
    await prepare(owner_dsn, SERVICE, divisions=[DIVISIONS])


@pytest_asyncio.fixture
async def monitoring(fresh_database: Callable[..., Awaitable[ServiceDatabase]]) -> AsyncIterator[Bench]:
    names = await fresh_database("monitoring", build)
    clock = SetClock(datetime(2024, 5, 20, 2, tzinfo=UTC))
    async with bench(SERVICE, names, clock, KeyRing.fresh()) as it:
        yield it


@dataclass
class Door:
    """The service behind its edge; requests are made as one of PEOPLE."""

    bench: Bench
    http: httpx2.AsyncClient
    tokens: Mapping[str, str] = field(repr=False)

    def login(self, who: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[who]}"}

    async def get(self, who: str, path: str, **params: Any) -> httpx2.Response:
        return await self.http.get(path, params=params, headers=self.login(who))

    async def post(self, who: str, path: str, body: Any, **params: Any) -> httpx2.Response:
        headers = self.login(who) | {"idempotency-key": str(new_id())}
        return await self.http.post(path, json=body, headers=headers, params=params)

    async def upload(
        self, who: str, path: str, content: bytes, media_type: str = "text/csv", **params: Any
    ) -> httpx2.Response:
        headers = self.login(who) | {"idempotency-key": str(new_id()), "content-type": media_type}
        return await self.http.post(path, content=content, headers=headers, params=params)


@pytest_asyncio.fixture
async def door(monitoring: Bench, tmp_path: Path) -> AsyncIterator[Door]:
    personas = [Persona(name, name, name, actor.id, actor.grants) for name, actor in PEOPLE.items()]
    issuer = DevIssuer("embedded", "http://monitoring/dev", "shouwang", personas)
    edge = Edge(
        pipeline=monitoring.assembled.pipeline,
        database=monitoring.database,
        verifier=Verifier(issuer.issuer, issuer.audience, issuer.keys),
        cursors=Cursors.of(monitoring.assembled.pipeline.resources.keys),
        evidence_dir=tmp_path / "evidence",
        heads=expected_heads("monitoring"),
    )
    transport = httpx2.ASGITransport(app=create_app(SERVICE, edge))
    async with httpx2.AsyncClient(transport=transport, base_url="http://monitoring") as http:
        yield Door(monitoring, http, {name: issuer.token(name) for name in PEOPLE})
