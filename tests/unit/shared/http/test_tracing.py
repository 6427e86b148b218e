"""One request is told once in the log, by the service that answered it, also when it is mounted in another app."""

import httpx2
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from shared.http.tracing import Tracing


@pytest.mark.asyncio
async def test_a_mounted_service_tells_a_request_once() -> None:
    inner, outer = FastAPI(), FastAPI()
    inner.add_middleware(Tracing, service="funds")
    outer.add_middleware(Tracing, service="suite")

    @inner.get("/here")
    async def here() -> str:
        return "ok"

    outer.mount("/funds", inner)
    transport = httpx2.ASGITransport(app=outer)
    with capture_logs() as told:
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:
            assert (await http.get("/funds/here")).status_code == 200
    assert [(line["event"], line["operation"], line["status"]) for line in told] == [("request", "here", 200)]
