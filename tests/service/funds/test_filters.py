"""A list is narrowed to values that exist: one that does not would look like an empty county. Fields that do not fit."""

from typing import Any

import pytest

from tests.service.funds.county import COUNTY
from tests.service.funds.door import Door

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    ("path", "name", "known"),
    [
        ("/alerts", "severity", "red"),
        ("/alerts", "state", "NEW"),
        ("/alerts", "owner", "finance_clerk"),
        ("/alerts", "rule", "FW12"),
        ("/projects", "state", "DRAFT"),
        ("/contracts", "state", "REGISTERED"),
        ("/payments", "state", "RECONCILED"),
        ("/complaints", "state", "RECEIVED"),
        ("/household-batches/019a0000-0000-7000-8000-000000000001/lines", "outcome", "PAID"),
    ],
)
async def test_a_filter_takes_known_values_only(door: Door, path: str, name: str, known: str) -> None:
    assert (await door.get("finance_clerk", f"/v1{path}", **{name: known})).status_code in {200, 404}
    answer = await door.get("finance_clerk", f"/v1{path}", **{name: "purple"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/query/{name}"


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"reserved": "100.01"}, "/reserved"),
        ({"activated_on": "2023-01-02"}, "/activated_on"),
    ],
)
async def test_what_does_not_fit_together_is_named(door: Door, changed: dict[str, Any], pointer: str) -> None:
    body = {"area_code": COUNTY, "unit_name": "区财政局", "year": 2023, "planned": "100.00", "reserved": "30.00"}
    answer = await door.send("finance_clerk", "/v1/consumption-quotas", body | changed)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert error["zh"] != "格式不正确"
