"""Every route of every service takes whole numbers and days within bounds, and says which value is not."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from shared.db.migrate import expected_heads
from shared.db.paging import Cursors
from shared.http.app import create_app
from shared.http.bounds import options_of
from shared.http.dev_issuer import DevIssuer, Persona
from shared.http.edge import Edge
from shared.http.tokens import Verifier
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.prepare import prepare
from shared.runtime.service import Service
from shared.testing.clocks import SetClock
from shared.testing.services import bench, person
from shared.vault.keys import KeyRing
from tests.migrations.catalogue import SERVICES

pytestmark = pytest.mark.asyncio

COUNTY = "230606000000"
NUMBERS = (2**70, -(2**70), 2**31, 99_999_999_999)
DAYS = ("0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31", "1685577600", "٢٠٢٣-٠٦-٠١")
WITHIN = {"integer": (1949, 2999, 2**31 - 1, 0), "date": ("1900-01-01", "2999-12-31")}


@dataclass(frozen=True)
class Walk:
    """A service behind its edge, asked by somebody who holds every role in a county."""

    service: Service
    http: httpx2.AsyncClient
    described: Mapping[str, Any]
    token: str = field(repr=False)

    def operations(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for path, item in self.described["paths"].items():
            yield from ((method, path, operation) for method, operation in item.items())

    def kinds(self, schema: Mapping[str, Any]) -> set[str]:
        """Whether a whole number or a day stands there."""
        found = {
            "date" if each.get("format") == "date" else each.get("type", "") for each in options_of(schema, self.named)
        }
        return found & {"integer", "date"} if found <= {"integer", "date", "null"} else set()

    @property
    def named(self) -> Mapping[str, Any]:
        schemas: Mapping[str, Any] = self.described["components"]["schemas"]
        return schemas

    def places(self, schema: Mapping[str, Any], seen: tuple[str, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
        """The way to every whole number and day of a body."""
        yield from (((), kind) for kind in self.kinds(schema))
        name = schema.get("$ref", "")
        if name in seen:
            return
        below = (*seen, name) if name else seen
        for option in options_of(schema, self.named):
            for key, inner in option.get("properties", {}).items():
                yield from (((key, *rest), kind) for rest, kind in self.places(inner, below))
            if "items" in option:
                yield from (((0, *rest), kind) for rest, kind in self.places(option["items"], below))

    async def ask(self, method: str, path: str, params: Mapping[str, Any], body: Any = None) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.token}", "idempotency-key": str(new_id()), "if-match": '"1"'}
        report = self.service.reports[0].id if self.service.reports else "none"
        for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
            value = report if name == "report_id" else "3" if name == "row_no" else str(new_id())
            path = path.replace(f"{{{name}}}", value)
        return await self.http.request(method, path, params=params, json=body, headers=headers)

    def asked(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        """A plain value for each parameter of the query that is required."""
        return {
            each["name"]: self.plain(each["schema"])
            for each in operation.get("parameters", ())
            if each["in"] == "query" and each.get("required")
        }

    def plain(self, schema: Mapping[str, Any]) -> Any:
        option = next(options_of(schema, self.named))
        if option.get("type") == "array":
            return [self.plain(option["items"])]
        if "enum" in option:
            return option["enum"][0]
        if option.get("type") == "integer":
            return 2023
        by_format = {"date": "2023-06-01", "uuid": str(new_id())}
        return by_format.get(option.get("format", "")) or (option.get("examples") or [COUNTY])[0]


@pytest_asyncio.fixture(params=SERVICES)
async def walk(
    request: pytest.FixtureRequest,
    fresh_database: Callable[..., Awaitable[ServiceDatabase]],
    tmp_path: Path,
) -> AsyncIterator[Walk]:
    service = SERVICES[request.param]
    names = await fresh_database(service.name, lambda owner_dsn: prepare(owner_dsn, service), "bounds")
    everybody = person("everybody", COUNTY, *Role)
    issuer = DevIssuer(
        "embedded", "http://bounds/dev", "shouwang", [Persona("one", "one", "one", everybody.id, everybody.grants)]
    )
    ring = KeyRing.fresh()
    async with bench(service, names, SetClock(datetime(2023, 6, 9, 2, tzinfo=UTC)), ring) as it:
        edge = Edge(
            pipeline=it.assembled.pipeline,
            database=it.database,
            verifier=Verifier(issuer.issuer, issuer.audience, issuer.keys),
            cursors=Cursors.of(ring),
            evidence_dir=tmp_path / "evidence",
            heads=expected_heads(service.name),
        )
        app = create_app(service, edge)
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://bounds") as http:
            yield Walk(service, http, app.openapi(), issuer.token("one"))


async def test_a_parameter_out_of_bounds_is_named(walk: Walk) -> None:
    tried, wrong = 0, []
    for method, path, operation in walk.operations():
        for each in operation.get("parameters", ()):
            if each["in"] != "query":
                continue
            for kind in walk.kinds(each["schema"]):
                for value in NUMBERS if kind == "integer" else DAYS:
                    tried += 1
                    answer = await walk.ask(method, path, walk.asked(operation) | {each["name"]: value})
                    if answer.status_code != 422 or f"/query/{each['name']}" not in answer.text:
                        wrong.append((method, path, each["name"], value, answer.status_code))
    assert (tried > 40, wrong) == (True, [])


async def test_a_parameter_at_its_bounds_breaks_nothing(walk: Walk) -> None:
    wrong = []
    for method, path, operation in walk.operations():
        if method != "get":
            continue
        for each in operation.get("parameters", ()):
            if each["in"] != "query":
                continue
            for kind in walk.kinds(each["schema"]):
                for value in WITHIN[kind]:
                    answer = await walk.ask(method, path, walk.asked(operation) | {each["name"]: value})
                    if answer.status_code >= 500:
                        wrong.append((path, each["name"], value, answer.status_code))
    assert wrong == []


async def test_a_field_out_of_bounds_is_named(walk: Walk) -> None:
    tried, wrong = 0, []
    for method, path, operation in walk.operations():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        for way, kind in walk.places(content["schema"]) if content else ():
            pointer = "".join(f"/{step}" for step in way)
            for value in NUMBERS if kind == "integer" else DAYS:
                tried += 1
                answer = await walk.ask(method, path, walk.asked(operation), _holding(way, value))
                if answer.status_code != 422 or f'"{pointer}"' not in answer.text:
                    wrong.append((method, path, pointer, value, answer.status_code))
    assert (tried > 40, wrong) == (True, [])


def _holding(way: tuple[Any, ...], value: Any) -> Any:
    """A body that holds nothing but `value` at the end of `way`."""
    for step in reversed(way):
        value = [value] if step == 0 else {step: value}
    return value
