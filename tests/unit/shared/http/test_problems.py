"""How failures are told: status, both languages, pointers; and that no value of the caller comes back."""

from collections.abc import AsyncIterator
from datetime import date
from fractions import Fraction
from typing import Annotated, Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
import structlog
from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import TimeoutError as PoolTimeout
from structlog.testing import capture_logs

from shared.contracts.parts import Label
from shared.contracts.wire import Area, Yuan
from shared.http.app import bare_app
from shared.http.edge import Limits
from shared.http.policy import public
from shared.http.problems import KINDS, MissingHeader, MissingPrecondition, Unauthenticated, prefers_english
from shared.kernel.areas import AreaCode
from shared.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Refused,
    Stale,
    Unavailable,
    Unknown,
    Violation,
)
from shared.parameters.workdays import MissingCalendarYear

pytestmark = pytest.mark.asyncio

OVER = Violation(
    "OVER_ALLOCATED",
    "超出可用额度 0.01 元",
    "0.01 yuan over what is left",
    rule="LM01",
    field="/lines/0/amount",
    remedy_zh="调减金额",
    remedy_en="reduce the amount",
    facts={"over": "0.01", "area_code": AreaCode(230606000000), "on": date(2023, 6, 1), "share": Fraction(1, 3)},
)


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount: Yuan
    note: str = Field("", max_length=5)


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    area_code: Area
    who: UUID
    on: date
    title: Label = "冷库"
    lines: list[Line] = Field(min_length=1)
    marks: dict[str, int] = {}


@pytest.fixture
def app() -> FastAPI:
    app = bare_app("toy", "toy", version="1", limits=Limits(json_body=1000))

    @app.post("/forms", dependencies=[public()])
    async def forms(body: Form, limit: Annotated[int, Query(le=200)] = 1) -> int:
        return limit

    return app


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://toy") as client:
        yield client


def failing(app: FastAPI, fault: Exception) -> None:
    @app.get("/fail", dependencies=[public()])
    async def fail() -> None:
        raise fault


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Invalid(OVER), 422),
        (Refused(OVER), 409),
        (Unknown(OVER), 409),
        (MissingCalendarYear(2027), 409),
        (Conflict(OVER), 409),
        (Stale(OVER), 412),
        (MissingPrecondition(OVER), 428),
        (MissingHeader(OVER), 400),
        (Forbidden(OVER), 403),
        (NotFound(OVER), 404),
        (Unauthenticated(OVER), 401),
        (Unavailable(OVER), 503),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_each_kind_has_its_status(
    app: FastAPI,
    client: httpx2.AsyncClient,
    fault: Problem,
    status: int,
) -> None:
    failing(app, fault)
    answer = await client.get("/fail")
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:shouwang:problem:{fault.code}"
    assert ("retry-after" in answer.headers) == (status == 503)
    assert ("www-authenticate" in answer.headers) == (status == 401)


async def test_every_problem_of_the_kernel_has_a_kind() -> None:
    assert set(Problem.__subclasses__()) <= KINDS.keys()


async def test_the_body_tells_rule_remedy_and_facts_in_wire_form(app: FastAPI, client: httpx2.AsyncClient) -> None:
    second = Violation("TOO_LATE", "已过期限", "too late")
    failing(app, Refused(OVER, second))
    answer = await client.get("/fail", headers={"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"})
    body = answer.json()
    assert body["code"] == "OVER_ALLOCATED"
    assert body["rule"] == "LM01"
    assert body["remedy"] == {"zh": "调减金额", "en": "reduce the amount"}
    assert body["facts"] == {"over": "0.01", "area_code": "230606000000", "on": "2023-06-01", "share": "1/3"}
    assert [error["code"] for error in body["errors"]] == ["OVER_ALLOCATED", "TOO_LATE"]
    assert body["errors"][0]["pointer"] == "/lines/0/amount"
    request = UUID("ab" * 16)
    assert body["instance"] == f"urn:uuid:{request}"
    assert answer.headers["x-request-id"] == str(request)
    assert answer.headers["traceparent"].startswith(f"00-{'ab' * 16}-")
    assert (body["title"], body["detail"]) == ("业务规则不允许", "超出可用额度 0.01 元")
    english = (await client.get("/fail", headers={"accept-language": "en-GB, zh;q=0.5"})).json()
    assert (english["title"], english["detail"]) == ("A rule does not allow this", "0.01 yuan over what is left")
    assert (english["title_zh"], english["detail_zh"]) == (body["title"], body["detail"])


@pytest.mark.parametrize(
    ("header", "english"),
    [("", False), ("en", True), ("zh", False), ("zh,en", False), ("en;q=0.1,zh;q=0.2", False), ("en;q=x", False)],
)
async def test_chinese_comes_first(header: str, english: bool) -> None:
    assert prefers_english(header) is english


SECRET = "110105199003071234"


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"area_code": SECRET}, "/area_code"),
        ({"who": SECRET}, "/who"),
        ({"on": SECRET}, "/on"),
        ({"lines": []}, "/lines"),
        ({"lines": [{"amount": SECRET * 2}]}, "/lines/0/amount"),
        ({"lines": [{"amount": "1", "note": SECRET}]}, "/lines/0/note"),
        ({"lines": [{"amount": "1", SECRET: 1}]}, "/lines/0"),
        ({SECRET: SECRET}, ""),
        ({"marks": {SECRET: "x" + SECRET}}, "/marks"),
        ({"lines": SECRET}, "/lines"),
        ({"lines": [{"amount": "1,000.00"}]}, "/lines/0/amount"),
        ({"lines": [{"amount": None}]}, "/lines/0/amount"),
        ({"title": SECRET}, "/title"),
    ],
    ids=str,
)
async def test_validation_points_at_the_field_and_never_echoes(
    client: httpx2.AsyncClient,
    changed: dict[str, Any],
    pointer: str,
) -> None:
    good = {"area_code": "230606000000", "who": str(UUID(int=7)), "on": "2023-06-01", "lines": [{"amount": "1.00"}]}
    assert (await client.post("/forms", json=good)).status_code == 200
    answer = await client.post("/forms", json={**good, **changed})
    assert answer.status_code == 422
    assert SECRET not in answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert answer.json()["detail_zh"]


async def test_a_parameter_that_nobody_reads_is_refused(client: httpx2.AsyncClient) -> None:
    """A misspelt filter must not answer with everything."""
    good = {"area_code": "230606000000", "who": str(UUID(int=7)), "on": "2023-06-01", "lines": [{"amount": "1.00"}]}
    answer = await client.post(f"/forms?limit=1&{SECRET}=1", json=good)
    assert (answer.status_code, SECRET in answer.text) == (422, False)
    (error,) = answer.json()["errors"]
    assert (error["code"], error["pointer"], error["remedy"]["zh"]) == ("FIELD_INVALID", "/query", "可用参数：limit")
    assert (await client.post("/forms?limit=1", json=good)).status_code == 200


async def test_a_number_that_could_be_a_person_is_refused_in_words(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/forms", json={"title": f"张三{SECRET}"})
    told = {error["pointer"]: error["zh"] for error in answer.json()["errors"]}
    assert told["/title"] == "不得含有连续 9 位以上的数字（疑似证件号码或账号）"


async def test_places_outside_the_body_are_named(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/forms?limit=999", json={})
    pointers = {error["pointer"]: error["zh"] for error in answer.json()["errors"]}
    assert pointers["/query/limit"] == "不得大于 200"
    assert pointers["/area_code"] == "缺少必填项"
    assert answer.json()["errors"][1]["code"] == "FIELD_MISSING"


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"content": b"{broken", "headers": {"content-type": "application/json"}}, 422, "BODY_UNREADABLE"),
        ({"content": b"[" * 900, "headers": {"content-type": "application/json"}}, 422, "BODY_UNREADABLE"),
        ({"content": b"\xff\xfe\x00", "headers": {"content-type": "application/json"}}, 400, "BODY_UNREADABLE"),
        ({"content": b" " * 1001, "headers": {"content-type": "application/json"}}, 413, "BODY_TOO_LARGE"),
        ({"json": None}, 422, "FIELD_MISSING"),
    ],
    ids=["broken", "deep", "encoding", "large", "null"],
)
async def test_unreadable_bodies(client: httpx2.AsyncClient, request_: dict[str, Any], status: int, code: str) -> None:
    answer = await client.post("/forms", **request_)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_body_without_announced_length_is_counted(client: httpx2.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" " * 100

    answer = await client.post("/forms", content=endless(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


async def test_unknown_paths_and_methods_are_problems_too(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/nothing")).json()["code"] == "ROUTE_NOT_FOUND"
    answer = await client.delete("/forms")
    assert (answer.status_code, answer.json()["code"], answer.headers["allow"]) == (405, "METHOD_NOT_ALLOWED", "POST")
    assert answer.json()["remedy"] == {
        "zh": "核对接口文档中的路径和方法",
        "en": "check path and method in the API docs",
    }


async def test_a_fault_of_ours_tells_nothing(app: FastAPI, client: httpx2.AsyncClient) -> None:
    failing(app, RuntimeError(f"no row for {SECRET}"))
    with capture_logs() as logged:
        answer = await client.get("/fail")
    assert answer.status_code == 500
    assert answer.json()["code"] == "INTERNAL"
    assert SECRET not in answer.text
    assert "RuntimeError" not in answer.text
    assert [line for line in logged if line["event"] == "unexpected fault"]


async def test_a_pool_without_free_connection_is_told_to_come_back(app: FastAPI, client: httpx2.AsyncClient) -> None:
    failing(app, PoolTimeout())
    answer = await client.get("/fail")
    assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert answer.headers["retry-after"] == "2"


async def test_the_log_tells_operation_and_status_but_no_content(client: httpx2.AsyncClient) -> None:
    structlog.reset_defaults()
    with capture_logs() as logged:
        await client.post(f"/forms?limit=1&name={SECRET}", json={"who": SECRET})
    (line,) = [line for line in logged if line["event"] == "request"]
    assert (line["method"], line["operation"], line["status"]) == ("POST", "forms", 422)
    assert SECRET not in str(logged)


async def test_every_answer_carries_protective_headers(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/nothing")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
