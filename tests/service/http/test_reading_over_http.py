"""Lists, roles for reading, health, and one process that serves several services."""

import asyncio

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from shared.runtime.clock import OffsetClock
from tests.service.http.conftest import ELSEWHERE, Door

pytestmark = pytest.mark.asyncio


async def test_pages_show_every_row_once(door: Door) -> None:
    made = {(await door.permit())["id"] for _ in range(7)}
    for newest_first in (False, True):
        seen: list[str] = []
        cursor: str | None = None
        while True:
            asked = {"limit": 3, "newest_first": newest_first} | ({"cursor": cursor} if cursor else {})
            page = (await door.get("village", "/v1/permits", **asked)).json()
            assert page.keys() == {"items", "next_cursor"}
            seen += [item["id"] for item in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert seen == sorted(made, reverse=newest_first)


async def test_a_row_that_comes_meanwhile_shifts_nothing(door: Door) -> None:
    made = [(await door.permit())["id"] for _ in range(4)]
    first = (await door.get("village", "/v1/permits", limit=2, newest_first=True)).json()
    await door.permit()
    cursor = first["next_cursor"]
    second = (await door.get("village", "/v1/permits", limit=2, newest_first=True, cursor=cursor)).json()
    assert [item["id"] for item in (*first["items"], *second["items"])] == made[::-1]
    assert second["next_cursor"] is None


async def test_a_cursor_belongs_to_its_query(door: Door) -> None:
    for _ in range(2):
        await door.permit()
    cursor = (await door.get("village", "/v1/permits", limit=1)).json()["next_cursor"]
    for changed in ({"state": "SHOWN"}, {"newest_first": True}, {"cursor": f"{cursor[:-2]}xx"}):
        answer = await door.get("village", "/v1/permits", **{"cursor": cursor, **changed})
        assert (answer.status_code, answer.json()["code"]) == (422, "CURSOR_INVALID"), changed
    for limit in (0, 201, "all"):
        assert (await door.get("village", "/v1/permits", limit=limit)).status_code == 422


async def test_reading_for_a_role_shows_only_what_the_role_was_granted_in(door: Door) -> None:
    await door.permit()
    await door.permit("stranger", ELSEWHERE)
    assert (await door.get("auditor", "/v1/audit")).json() == 1
    answer = await door.get("village", "/v1/audit")
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_REQUIRED")


async def test_health_without_and_with_database(door: Door, owner: asyncpg.Connection) -> None:
    assert (await door.http.get("/healthz")).json() == {"status": "alive"}
    assert (await door.http.get("/version")).json()["service"] == "toy"
    await door.permit()
    answer = await door.http.get("/readyz")
    assert answer.status_code == 200, answer.text
    assert answer.json()["gates"] == {"database": True, "migrations": True, "calendar": True, "keys": True}
    assert answer.json()["backlog"] | {"calendar_until": ""} == {
        "parked": 0, "unpublished": 0, "relay_lag_seconds": 0, "calendar_until": "",
    }  # fmt: skip
    await owner.execute("DELETE FROM workday WHERE day >= '2023-01-01'")
    assert (await door.http.get("/readyz")).json()["gates"]["calendar"] is False
    await owner.execute("UPDATE alembic_version SET version_num = 'older'")
    behind = await door.http.get("/readyz")
    assert (behind.status_code, behind.json()["gates"]["migrations"]) == (503, False)


async def test_health_tells_when_the_database_is_gone(door: Door, owner: asyncpg.Connection) -> None:
    name = await owner.fetchval("SELECT current_database()")
    await owner.execute(f"REVOKE CONNECT ON DATABASE {name} FROM {door.bench.names.app}")
    await door.bench.database.engine.dispose()
    assert (await door.http.get("/healthz")).status_code == 200
    answer = await door.http.get("/readyz")
    assert (answer.status_code, answer.json()["gates"]["database"]) == (503, False)


async def test_services_stand_side_by_side_in_one_process(door: Door) -> None:
    outer = FastAPI()
    outer.mount("/toy", door.app)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=outer), base_url="http://all") as http:
        assert (await http.get("/toy/healthz")).status_code == 200
        assert (await http.get("/toy/v1/permits", headers=door.login("village"))).status_code == 200
        assert (await http.get("/toy/openapi.json")).json()["servers"] == [{"url": "/toy"}]
        assert (await http.get("/toy/v1/nothing")).json()["code"] == "ROUTE_NOT_FOUND"


async def test_a_turned_clock_has_turned_everywhere(door: Door) -> None:
    """D21: the offset lies in the database, and who turns it waits for all who follow and still live."""
    turned, follower, dead = OffsetClock(), OffsetClock(), OffsetClock()
    await turned.keep_in(door.bench.database)
    await follower.keep_in(door.bench.database)
    app_dsn = door.bench.names.app_dsn
    following = asyncio.create_task(follower.follow(app_dsn, every_seconds=60))
    gone = asyncio.create_task(dead.follow(app_dsn, every_seconds=60))
    await asyncio.gather(follower.follows.wait(), dead.follows.wait())
    before = turned.now()
    for seconds in (86_400, -40 * 86_400, 0, 86_400):
        await turned.turn(seconds)
        assert follower.seconds == turned.seconds == seconds
        gone.cancel()
        await asyncio.wait({gone})
    assert (turned.now() - before).days == 1
    restarted = OffsetClock()
    await restarted.keep_in(door.bench.database)
    assert restarted.seconds == 86_400
    following.cancel()
    await asyncio.wait({following})
