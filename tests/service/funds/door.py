"""The funds service behind its edge: requests as one of the county's people."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from services.funds.service import SERVICE
from shared.db.migrate import expected_heads
from shared.db.paging import Cursors
from shared.http.app import create_app
from shared.http.dev_issuer import DevIssuer, Persona
from shared.http.edge import Edge
from shared.http.tokens import Verifier
from shared.kernel.actors import Actor
from shared.kernel.ids import new_id
from shared.vault.keys import KeyRing
from tests.service.funds.county import County


@dataclass(frozen=True)
class Door:
    """HTTP to the service; `send` gives a fresh key unless one is named."""

    http: httpx2.AsyncClient
    tokens: Mapping[str, str] = field(repr=False)

    async def get(self, who: str, path: str, **params: Any) -> httpx2.Response:
        return await self.http.get(path, params=params, headers=self._login(who))

    async def send(self, who: str, path: str, body: Any, *, key: str = "", etag: str = "") -> httpx2.Response:
        headers = self._login(who) | {"idempotency-key": key or str(new_id())} | ({"if-match": etag} if etag else {})
        return await self.http.post(path, json=body, headers=headers)

    async def step(self, who: str, path: str, body: Any) -> httpx2.Response:
        """Take a step with the version that the case has now."""
        case = await self.get(who, f"{path.rsplit('/', 1)[0]}/case")
        return await self.send(who, path, body, etag=case.headers["etag"])

    def _login(self, who: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[who]}"}


@asynccontextmanager
async def open_door(county: County, people: Mapping[str, Actor], evidence_dir: Path) -> AsyncIterator[Door]:
    """The app of the service on the county's database."""
    personas = [Persona(name, name, name, actor.id, actor.grants) for name, actor in people.items()]
    issuer = DevIssuer("embedded", "http://funds/dev", "shouwang", personas)
    edge = Edge(
        pipeline=county.bench.assembled.pipeline,
        database=county.bench.database,
        verifier=Verifier(issuer.issuer, issuer.audience, issuer.keys),
        cursors=Cursors.of(KeyRing.fresh()),
        evidence_dir=evidence_dir,
        heads=expected_heads("funds"),
    )
    transport = httpx2.ASGITransport(app=create_app(SERVICE, edge))
    async with httpx2.AsyncClient(transport=transport, base_url="http://funds") as http:
        yield Door(http, {name: issuer.token(name) for name in people})
