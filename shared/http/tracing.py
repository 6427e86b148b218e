"""One id per request: taken from W3C `traceparent`, else from `X-Request-Id`, else made here; and the line in the log.

It is the correlation of every command, event and log line that the request causes.
"""

import re
from time import perf_counter
from uuid import UUID

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.ids import new_id

_KEY = "shouwang.request_id"
_TOLD = "shouwang.request_told"
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_log = structlog.get_logger("http")


def request_id(scope: Scope) -> UUID:
    """The id of the running request."""
    if _KEY not in scope:
        scope[_KEY] = _given(Headers(scope=scope)) or new_id()
    found = scope[_KEY]
    assert isinstance(found, UUID)
    return found


def _given(headers: Headers) -> UUID | None:
    traced = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    named = headers.get("x-request-id", "")
    text = traced[1] if traced else named if _UUID.fullmatch(named) else ""
    return UUID(text) if text.strip("0-") else None


class Tracing:
    """ASGI middleware: names the request in log and answer, and logs operation, status and time, never its content."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        """`service`: bound to every log line of the request."""
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = request_id(scope)
        status = 500

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = str(identity)
                headers["traceparent"] = f"00-{identity.hex}-{new_id().hex[16:]}-01"
            await send(message)

        started = perf_counter()
        with structlog.contextvars.bound_contextvars(service=self._service, correlation=str(identity)):
            try:
                await self._app(scope, receive, named)
            finally:
                if not scope.get(_TOLD):
                    scope[_TOLD] = True  # the app around a mounted service stays silent
                    milliseconds = round((perf_counter() - started) * 1000, 1)
                    operation = getattr(scope.get("route"), "name", "")
                    _log.info("request", operation=operation, method=scope["method"], status=status, ms=milliseconds)
