"""Commands over HTTP: one effect per key, versions, roles and areas (T07, T08; peers #11)."""

import asyncio
from uuid import UUID

import pytest

from tests.service.http.conftest import ELSEWHERE, HERE, PEOPLE, Door

pytestmark = pytest.mark.asyncio

BODY = {"area_code": HERE, "title": "许可"}


async def cases(door: Door) -> int:
    answer = await door.get("village", "/v1/permits", limit=200)
    return len(answer.json()["items"])


async def test_t07_a_thousand_identical_posts_have_one_effect(door: Door) -> None:
    answers = await asyncio.gather(*(door.send("village", "/v1/permits", BODY, key="k-7") for _ in range(1000)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    replayed = [answer.headers.get("idempotency-replayed") for answer in answers]
    assert (replayed.count("true"), replayed.count(None)) == (999, 1)
    assert await cases(door) == 1


async def test_t08_same_key_other_body_is_a_conflict(door: Door) -> None:
    await door.send("village", "/v1/permits", BODY, key="k-8")
    answer = await door.send("village", "/v1/permits", {**BODY, "title": "另一"}, key="k-8")
    assert (answer.status_code, answer.json()["code"], answer.json()["rule"]) == (409, "KEY_REUSED", "G2")
    assert await cases(door) == 1


async def test_t08_another_principal_is_independent(door: Door) -> None:
    first = await door.send("village", "/v1/permits", BODY, key="k-9")
    other = await door.send("second", "/v1/permits", BODY, key="k-9")
    assert (first.status_code, other.status_code) == (201, 201)
    assert first.json()["result"]["id"] != other.json()["result"]["id"]


async def test_t08_a_refused_attempt_keeps_no_key(door: Door) -> None:
    refused = await door.send("village", "/v1/permits", {**BODY, "title": "forbidden"}, key="k-10")
    assert (refused.status_code, refused.json()["code"]) == (409, "TITLE_FORBIDDEN")
    assert (await door.send("village", "/v1/permits", BODY, key="k-10")).status_code == 201


@pytest.mark.parametrize(
    ("key", "status"), [(None, 400), ("", 422), ("with space", 422), ("钥", 422), ("k" * 201, 422)]
)
async def test_a_change_needs_a_key(door: Door, key: str | None, status: int) -> None:
    headers = {b"authorization": door.login("village")["authorization"].encode()}
    if key is not None:
        headers[b"idempotency-key"] = key.encode()
    answer = await door.http.post("/v1/permits", json=BODY, headers=headers)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["pointer"] == "/headers/Idempotency-Key"
    assert (await door.send("village", "/v1/permits", BODY, key="k" * 200)).status_code == 201


async def test_a_dry_run_answers_and_keeps_nothing(door: Door) -> None:
    answer = await door.send("village", "/v1/permits", {**BODY, "fee": "100.01"}, key="dry", dry_run=True)
    assert answer.status_code == 201
    assert "etag" not in answer.headers
    warning = answer.json()["warnings"][0]
    assert (warning["code"], warning["rule"], warning["pointer"]) == ("FEE_HIGH", "T-2", "/fee")
    assert await cases(door) == 0
    assert "idempotency-replayed" not in (await door.send("village", "/v1/permits", BODY, key="dry")).headers


async def test_the_wrong_role_is_forbidden(door: Door) -> None:
    answer = await door.send("town", "/v1/permits", BODY)
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_REQUIRED")
    assert answer.json()["facts"] == {"roles": ["village_committee"]}


async def test_nobody_comes_in_without_login(door: Door) -> None:
    for path in ("/v1/permits", f"/v1/permits/{UUID(int=7)}", f"/v1/permits/{UUID(int=7)}/case", "/v1/audit"):
        assert (await door.http.get(path)).status_code == 401
    answer = await door.http.post("/v1/permits", json=BODY, headers={"idempotency-key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (401, "LOGIN_REQUIRED")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    forged = await door.http.get("/v1/permits", headers={"authorization": "Bearer x.y.z"})
    assert forged.json()["code"] == "TOKEN_REFUSED"


async def test_a_foreign_area_looks_like_nothing(door: Door) -> None:
    there = (await door.permit("stranger", ELSEWHERE))["id"]
    nowhere = UUID(int=7)
    for path in ("/v1/permits/{}", "/v1/permits/{}/case"):
        foreign = await door.get("village", path.format(there))
        missing = await door.get("village", path.format(nowhere))
        assert foreign.status_code == missing.status_code == 404
        assert foreign.json() | {"instance": ""} == missing.json() | {"instance": ""}
    step = await door.send("village", f"/v1/permits/{there}/grant", {"reason": "x"}, etag='"1"')
    assert step.status_code == 404
    assert (await door.get("village", "/v1/permits")).json()["items"] == []
    assert (await door.send("village", "/v1/permits", {**BODY, "area_code": ELSEWHERE})).status_code == 404


async def test_if_match_is_needed_and_must_fit(door: Door) -> None:
    permit = await door.permit()
    path = f"/v1/permits/{permit['id']}/title"
    absent = await door.send("village", path, {"title": "新"}, method="PUT")
    assert (absent.status_code, absent.json()["code"]) == (428, "IF_MATCH_REQUIRED")
    for rubbish in ("*", "1", '"one"', '"01"', '"1", "2"'):
        assert (await door.send("village", path, {"title": "新"}, method="PUT", etag=rubbish)).status_code == 422
    stale = await door.send("village", f"/v1/permits/{permit['id']}/show-all", {"fee": "1"}, etag='"9"')
    assert (stale.status_code, stale.json()["code"], stale.json()["facts"]) == (412, "STALE_VERSION", {"version": 1})


async def test_peers_11_the_etag_of_every_route_fits_every_other(door: Door) -> None:
    made = await door.send("village", "/v1/permits", BODY)
    permit = made.json()["result"]["id"]
    tags = [made.headers["etag"]]
    paths = (f"/v1/permits/{permit}", f"/v1/permits/{permit}/case")
    tags += [(await door.get("village", path)).headers["etag"] for path in paths]
    renamed = await door.send("village", f"/v1/permits/{permit}/title", {"title": "新"}, method="PUT", etag=tags[0])
    tags.append(renamed.headers["etag"])
    assert set(tags) == {'"1"'}
    minutes = (await door.upload("village", "minutes")).json()["result"]["id"]
    weakened = f"W/{tags[2]}"
    taken = await door.send(
        "village", f"/v1/permits/{permit}/show-all", {"fee": "3.00", "evidence": [minutes]}, etag=weakened
    )
    assert taken.status_code == 200, taken.text
    assert taken.headers["etag"] == (await door.get("village", f"/v1/permits/{permit}/case")).headers["etag"] == '"2"'


async def test_the_request_is_the_correlation_of_what_it_causes(door: Door) -> None:
    traced = door.login("village") | {"idempotency-key": "k", "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}
    await door.http.post("/v1/permits", json=BODY, headers=traced)
    async with door.bench.database.read(PEOPLE["village"]) as session:
        assert await session.raw.fetchval("SELECT correlation FROM journal") == UUID("ab" * 16)


@pytest.mark.parametrize("fee", [1234, 12.5, 0])
async def test_l6_a_bare_number_is_no_amount(door: Door, fee: object) -> None:
    answer = await door.send("village", "/v1/permits", {**BODY, "fee": fee})
    told = [(error["code"], error["pointer"]) for error in answer.json()["errors"]]
    assert (answer.status_code, told) == (422, [("AMOUNT_NOT_TEXT", "/fee")])
    assert await cases(door) == 0
    assert (await door.send("village", "/v1/permits", {**BODY, "fee": "12.34"})).status_code == 201
