"""The API pages load nothing from outside."""

import re
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from shared.http.app import bare_app
from shared.http.edge import Limits

pytestmark = pytest.mark.asyncio

URL = re.compile(rb"https?://([\w.-]*)")
NAMED_NOT_LOADED = {
    b"",  # the beginning of a pattern
    b"base",
    b"example.com",
    *(b"www.w3.org", b"json-schema.org", b"spec.openapis.org", b"swagger.io"),
    *(b"datatracker.ietf.org", b"www.rfc-editor.org", b"spdx.org"),
    *(b"github.com", b"redux.js.org", b"reactjs.org", b"fb.me", b"vladimirgorej.com"),
    *(b"twitter.com", b"instagram.com", b"www.facebook.com", b"soundcloud.com", b"www.tiktok.com"),
    b"validator.swagger.io",  # asked only when validatorUrl is set; start.js sets none
}
"""Hosts that stand in the vendored script as names of schemas, in texts of errors, and as targets of links."""


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    outer = FastAPI()
    outer.mount("/funds", bare_app("toy", "toy", version="1", limits=Limits()))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=outer), base_url="http://toy/funds/") as client:
        yield client


async def test_the_page_asks_only_for_files_beside_it(client: httpx2.AsyncClient) -> None:
    page = await client.get("docs")
    assert not URL.search(page.content)
    asked = re.findall(r'(?:src|href)="([^":]+)"', page.text)
    assert len(asked) == 3
    for name in asked:
        answer = await client.get(name)
        assert answer.status_code == 200
        hosts = {match[1] for match in URL.finditer(answer.content)}
        assert hosts <= (NAMED_NOT_LOADED if name.endswith("bundle.js") else {b"www.w3.org"}), name


async def test_the_browser_is_told_to_load_nothing_else(client: httpx2.AsyncClient) -> None:
    policy = (await client.get("docs")).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "connect-src 'self'" in policy
    assert "http" not in policy
    assert "validatorUrl: null" in (await client.get("docs/start.js")).text


async def test_the_description_knows_where_it_is_mounted(client: httpx2.AsyncClient) -> None:
    assert (await client.get("openapi.json")).json()["servers"] == [{"url": "/funds"}]


@pytest.mark.parametrize("name", ["../app.py", "%2e%2e%2fapp.py", "LICENSE", ""])
async def test_no_other_file_is_served(client: httpx2.AsyncClient, name: str) -> None:
    assert (await client.get(f"docs/{name}", follow_redirects=False)).status_code in {307, 404}
