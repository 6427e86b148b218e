"""Refuses requests that are too large before they fill the memory, and sends the headers that keep browsers careful."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.edge import Limits

_GUARDS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
"""For every answer that does not set its own."""


class Guard:
    """ASGI middleware: size of the body in, protective headers out."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        """`limits`: a JSON body is parsed whole and may be small only; uploads are streamed."""
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = self._limits.json_body if "json" in headers.get("content-type", "json") else self._limits.upload
        announced = headers.get("content-length", "")
        received = 0

        async def counted() -> Message:
            nonlocal received
            if announced.isdecimal() and int(announced) > limit:
                raise HTTPException(413)
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413)
            return message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in _GUARDS.items():
                    answer.setdefault(name, value)
            await send(message)

        await self._app(scope, counted, guarded)
