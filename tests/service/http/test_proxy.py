"""The demo's reverse proxy: what it passes on, that it waits for nobody's last byte, and what it says of a dead service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx2
import pytest
import pytest_asyncio
from starlette.types import Receive, Scope, Send

from services.suite.proxy import Proxy, proxy_client
from shared.http.app import bare_app
from shared.http.edge import Limits
from shared.runtime.serving import listening, serving

pytestmark = pytest.mark.asyncio


@dataclass
class Upstream:
    """A service that notes what reaches it, and answers in two parts, the second when it is told to."""

    scopes: list[Scope] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)
    first_part_came: asyncio.Event = field(default_factory=asyncio.Event)
    may_finish: asyncio.Event = field(default_factory=asyncio.Event)
    breaks: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        more = True
        while more:
            message = await receive()
            self.received.append(message.get("body", b""))
            self.first_part_came.set()
            more = message.get("more_body", False)
        headers = [
            *((b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"content-encoding", b"none-of-ours")),
            *((b"keep-alive", b"timeout=5"), (b"connection", b"x-own"), (b"x-own", b"1"), (b"etag", b'"7"')),
        ]
        await send({"type": "http.response.start", "status": 418, "headers": headers})
        await send({"type": "http.response.body", "body": b"first ", "more_body": True})
        await self.may_finish.wait()
        if self.breaks:
            raise RuntimeError("the service dies in the middle")
        await send({"type": "http.response.body", "body": b"second"})


@dataclass
class Stage:
    """A service, the front before it, and a client that speaks to the front."""

    upstream: Upstream
    http: httpx2.AsyncClient
    stack: AsyncExitStack
    """What serves the service."""


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    async with AsyncExitStack() as outer:
        stack = await outer.enter_async_context(AsyncExitStack())
        upstream, behind, before = Upstream(), listening("127.0.0.1", 0), listening("127.0.0.1", 0)
        await stack.enter_async_context(serving(upstream, behind))  # type: ignore[arg-type]  # any ASGI application
        client = await outer.enter_async_context(proxy_client())
        front = bare_app("front", "front", version="1", limits=Limits())
        front.mount("/funds", Proxy(client, "funds", f"http://127.0.0.1:{behind.getsockname()[1]}"))
        await outer.enter_async_context(serving(front, before))
        address = f"http://127.0.0.1:{before.getsockname()[1]}"
        http = await outer.enter_async_context(httpx2.AsyncClient(base_url=address, trust_env=False, timeout=10))
        yield Stage(upstream, http, stack)
        upstream.may_finish.set()


async def test_everything_but_the_connections_own_headers_passes(stage: Stage) -> None:
    stage.upstream.may_finish.set()
    request = httpx2.Request(
        "PATCH",
        stage.http.base_url.join("/funds/v1/x%2Fy?b=%E5%A4%A7&b=2"),
        headers=[
            ("Authorization", "Bearer t"),
            ("X-Twice", "1"),
            ("X-Twice", "2"),
            ("Connection", "x-drop"),
            ("X-Drop", "1"),
        ],
        content=b"body",
    )
    answer = await stage.http.send(request)
    (scope,) = stage.upstream.scopes
    sent = [(name.decode(), value.decode()) for name, value in scope["headers"]]
    assert (scope["method"], scope["raw_path"], scope["query_string"]) == ("PATCH", b"/v1/x%2Fy", b"b=%E5%A4%A7&b=2")
    assert [value for name, value in sent if name == "x-twice"] == ["1", "2"]
    told = dict(sent)
    assert (told["authorization"], told["content-length"]) == ("Bearer t", "4")
    assert (told["host"], told["x-forwarded-prefix"]) == (request.headers["host"], "/funds")
    assert told["x-request-id"] == answer.headers["x-request-id"]
    assert not {"x-drop", "connection", "accept-encoding", "transfer-encoding"} & told.keys()
    assert stage.upstream.received == [b"body"]

    assert answer.status_code == 418
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["etag"] == '"7"'
    assert not {"x-own", "keep-alive"} & set(answer.headers)
    assert answer.content == b"first second"


async def test_an_upload_arrives_while_it_is_sent_and_an_answer_while_it_is_made(stage: Stage) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"first"
        await asyncio.wait_for(stage.upstream.first_part_came.wait(), 5)
        yield b"second"

    async with stage.http.stream("POST", "/funds/v1/imports", content=body()) as answer:
        parts = answer.aiter_raw()
        assert await anext(parts) == b"first "
        stage.upstream.may_finish.set()
        assert await anext(parts) == b"second"
    assert stage.upstream.received[0] == b"first"
    assert b"".join(stage.upstream.received) == b"firstsecond"


async def test_a_service_that_is_down_is_a_bad_gateway(stage: Stage) -> None:
    await stage.stack.aclose()
    answer = await stage.http.post("/funds/v1/payments", json={}, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (502, "SERVICE_UNREACHABLE")
    assert answer.json()["facts"] == {"service": "funds"}
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "2"


async def test_a_service_that_dies_in_the_middle_gives_no_whole_answer(stage: Stage) -> None:
    stage.upstream.breaks = True
    async with stage.http.stream("GET", "/funds/v1/projects") as answer:
        stage.upstream.may_finish.set()
        with pytest.raises(httpx2.RemoteProtocolError):
            await answer.aread()
