"""What pydantic would let through: numbers for texts, blank titles, invisible characters, JSON under another name."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any

import httpx2
import pytest
import pytest_asyncio
from fastapi import Depends
from pydantic import BaseModel, Field

from shared.contracts.wire import Area, Yuan
from shared.http.app import bare_app
from shared.http.bodies import refuse_loose_values
from shared.http.edge import Limits
from shared.http.policy import public

pytestmark = pytest.mark.asyncio


class Line(BaseModel):
    amount: Yuan


class Form(BaseModel):
    title: Annotated[str, Field(min_length=1)] = "村道"
    remark: str = ""
    on: date | None = None
    area_code: Area | None = None
    households: int | None = None
    function: Annotated[str, Field(pattern=r"^\d{3,7}$")] | None = None
    kilometres: str | int = 0
    lines: tuple[Line, ...] = ()


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = bare_app("toy", "toy", version="1", limits=Limits())

    @app.post("/forms", dependencies=[public(), Depends(refuse_loose_values)])
    async def take(form: Form) -> dict[str, str]:
        return {"title": form.title}

    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://toy") as made:
        yield made


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"on": 20230601}, "/on", "FIELD_INVALID"),
        ({"area_code": 230606000000}, "/area_code", "FIELD_INVALID"),
        ({"title": "  \u3000"}, "/title", "FIELD_INVALID"),
        ({"title": "村\u0007道"}, "/title", "FIELD_INVALID"),
        ({"remark": "\ufeff空"}, "/remark", "FIELD_INVALID"),
        ({"title": 7}, "/title", "FIELD_INVALID"),
        ({"lines": [{"amount": "1.00"}, {"amount": 1234}]}, "/lines/1/amount", "AMOUNT_NOT_TEXT"),
        ({"lines": [{"amount": [1]}]}, "/lines/0/amount", "AMOUNT_NOT_TEXT"),
        ({"households": 2**40}, "/households", "FIELD_INVALID"),
        ({"households": -(2**70)}, "/households", "FIELD_INVALID"),
        ({"households": 1e20}, "/households", "FIELD_INVALID"),
        ({"households": "99999999999"}, "/households", "FIELD_INVALID"),
        ({"on": "0001-01-01"}, "/on", "FIELD_INVALID"),
        ({"on": "3000-01-01"}, "/on", "FIELD_INVALID"),
        ({"on": "1685577600"}, "/on", "FIELD_INVALID"),
        ({"function": "٢١٣٠٥٠٥"}, "/function", "FIELD_INVALID"),
    ],
)
async def test_a_loose_value_is_named(
    client: httpx2.AsyncClient, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await client.post("/forms", json=body)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert answer.json()["errors"][0]["remedy"]["zh"]


async def test_what_is_as_described_passes(client: httpx2.AsyncClient) -> None:
    body = {
        "title": "村道",
        "remark": "第一行\n第二行",
        "on": "2023-06-01",
        "area_code": "230606000000",
        "households": 2**31 - 1,
        "function": "2130505",
        "kilometres": 3,
        "lines": [{"amount": "12.50"}],
    }
    assert (await client.post("/forms", json=body)).status_code == 200
    assert (await client.post("/forms", json={"on": None, "remark": ""})).status_code == 200


@pytest.mark.parametrize(("media_type", "status"), [("text/plain", 415), ("application/merge-patch+json", 200)])
async def test_json_comes_as_json(client: httpx2.AsyncClient, media_type: str, status: int) -> None:
    answer = await client.post("/forms", content=b"{}", headers={"content-type": media_type})
    assert answer.status_code == status
