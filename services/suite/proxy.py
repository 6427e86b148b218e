"""A small reverse proxy (反向代理): shows a service under the front's port, streaming both ways, changing nothing."""

from collections.abc import AsyncIterator, Iterable

import httpx2
import structlog
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from shared.http.problems import Unreachable
from shared.http.tracing import request_id
from shared.kernel.errors import Violation

_HOP_BY_HOP = {
    *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
    *("te", "trailer", "transfer-encoding", "upgrade"),
}
_CONNECT_SECONDS = 5.0
_SILENCE_SECONDS = 600.0
"""An import of a whole county answers late."""
_MAX_CONNECTIONS = 200
_log = structlog.get_logger("proxy")


def proxy_client() -> httpx2.AsyncClient:
    """The connections of all proxies of one process; close it at the end."""
    timeout = httpx2.Timeout(_SILENCE_SECONDS, connect=_CONNECT_SECONDS)
    limits = httpx2.Limits(max_connections=_MAX_CONNECTIONS)
    return httpx2.AsyncClient(timeout=timeout, limits=limits, trust_env=False, follow_redirects=False)


class Proxy:
    """Hands every request below its mount to the service at `url`."""

    def __init__(self, client: httpx2.AsyncClient, service: str, url: str) -> None:
        """`url`: without path."""
        self._client = client
        self._service = service
        self._url = httpx2.URL(url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises Unreachable while nothing has been answered; later the connection breaks, as the service's did."""
        request = self._request(scope, receive)
        try:
            answer = await self._client.send(request, stream=True)
        except httpx2.TransportError as fault:
            _log.warning("service not reached", to=self._service, kind=type(fault).__name__)
            raise _unreachable(self._service) from fault
        try:
            await send(
                {"type": "http.response.start", "status": answer.status_code, "headers": _passed_on(answer.headers.raw)}
            )
            async for part in answer.aiter_raw():
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except httpx2.TransportError as fault:
            _log.warning("service broke off", to=self._service, kind=type(fault).__name__)
        finally:
            await answer.aclose()

    def _request(self, scope: Scope, receive: Receive) -> httpx2.Request:
        mount: str = scope["root_path"]
        whole: bytes = scope.get("raw_path") or scope["path"].encode()
        target = whole.removeprefix(mount.encode()) or b"/"
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        given = Headers(scope=scope)
        headers = [*_passed_on(given.raw), (b"x-forwarded-prefix", mount.encode())]
        if "x-request-id" not in given and "traceparent" not in given:
            headers.append((b"x-request-id", str(request_id(scope)).encode()))
        has_body = "content-length" in given or "transfer-encoding" in given
        return httpx2.Request(
            scope["method"],
            self._url.copy_with(raw_path=target),
            headers=headers,
            content=_body(receive) if has_body else None,
        )


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    """The request's body as it comes in."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise httpx2.ReadError("the client went away")
        if message.get("body"):
            yield message["body"]
        if not message.get("more_body"):
            return


def _passed_on(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """All headers that are not about this one connection."""
    given = [(name.lower(), value) for name, value in headers]
    named = {word.strip() for name, value in given if name == b"connection" for word in value.lower().split(b",")}
    dropped = named | {name.encode() for name in _HOP_BY_HOP}
    return [(name, value) for name, value in given if name not in dropped]


def _unreachable(service: str) -> Unreachable:
    return Unreachable(
        Violation(
            "SERVICE_UNREACHABLE",
            "该服务暂时无法访问",
            "the service behind this address does not answer at present",
            remedy_zh="稍后用同一幂等键重试",
            remedy_en="retry later with the same key",
            facts={"service": service},
        ),
    )
