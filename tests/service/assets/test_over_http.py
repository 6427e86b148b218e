"""The register and the thread over HTTP: who reads what, and how document, asset, rent and household hang together."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio

from services.assets.service import SERVICE
from shared.db.migrate import expected_heads
from shared.db.paging import Cursors
from shared.http.app import create_app
from shared.http.dev_issuer import DevIssuer, Persona
from shared.http.edge import Edge
from shared.http.tokens import Verifier
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.testing.services import person
from tests.service.assets.test_formation import entered
from tests.service.assets.village import (
    COUNTY,
    HERE,
    NEXT_DOOR,
    PROJECT,
    Village,
    X,
    bureau,
    clerk,
    collective,
    leader,
    settled,
    stranger,
)

A, B = (UUID(f"019a0000-0000-7000-8000-0000000000a{n}") for n in (1, 2))
PEOPLE = {
    "collective": collective,
    "bureau": bureau,
    "clerk": clerk,
    "leader": leader,
    "stranger": stranger,
    "agency": person("agency", COUNTY, Role.AGENCY),
}


class Door:
    """Requests as one of PEOPLE."""

    def __init__(self, http: httpx2.AsyncClient, tokens: dict[str, str]) -> None:
        self._http, self._tokens = http, tokens

    async def get(self, who: str, path: str, **params: Any) -> httpx2.Response:
        return await self._http.get(path, params=params, headers=self._login(who))

    async def post(self, who: str, path: str, body: Any, **headers: str) -> httpx2.Response:
        keyed = self._login(who) | {"idempotency-key": str(new_id())} | headers
        return await self._http.post(path, json=body, headers=keyed)

    def _login(self, who: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self._tokens[who]}"}


@pytest_asyncio.fixture
async def door(village: Village, tmp_path: Path) -> AsyncIterator[Door]:
    personas = [Persona(name, name, name, actor.id, actor.grants) for name, actor in PEOPLE.items()]
    issuer = DevIssuer("embedded", "http://assets/dev", "shouwang", personas)
    pipeline = village.bench.assembled.pipeline
    edge = Edge(
        pipeline=pipeline,
        database=village.bench.database,
        verifier=Verifier(issuer.issuer, issuer.audience, issuer.keys),
        cursors=Cursors.of(pipeline.resources.keys),
        evidence_dir=tmp_path,
        heads=expected_heads("assets"),
    )
    transport = httpx2.ASGITransport(app=create_app(SERVICE, edge))
    async with httpx2.AsyncClient(transport=transport, base_url="http://assets") as http:
        yield Door(http, {name: issuer.token(name) for name in PEOPLE})


async def story(village: Village) -> tuple[UUID, UUID, UUID]:
    """A leased asset whose rent was distributed to two households: asset, contract, plan."""
    await village.react(entered())
    asset, *_ = await village.form_assets()
    await village.confirm_right(asset)
    contract = await village.lease(asset)
    await village.set_rule()
    receipt = (await village.receive(asset, "20000.00", contract_id=contract)).receipt_id
    plan = (await village.draft_plan([receipt], {A: 3, B: 1})).plan_id
    await village.bring_to_payment(plan)
    await village.pay_out(plan)
    return asset, contract, plan


@pytest.mark.asyncio
async def test_the_thread_runs_from_document_to_household_and_back(village: Village, door: Door) -> None:
    asset, contract, plan = await story(village)
    answer = await door.get("bureau", f"/v1/assets/{asset}/thread")
    assert answer.status_code == 200, answer.text
    thread = answer.json()
    assert thread["project"]["title"] == "鲜食玉米制品生产基地"
    assert thread["project"]["settlement"] == "951234.57"
    assert [source["share_ppm"] for source in thread["asset"]["sources"]] == [581_656, 387_770, 30_574]
    assert thread["asset"]["value"] == "618922.78"
    (lease,) = thread["contracts"]
    assert (lease["id"], lease["state"]) == (str(contract), "SIGNED")
    assert [each["paid"] for each in lease["instalments"]] == ["16666.67", "3333.33", "0.00"]
    (receipt,) = thread["receipts"]
    assert (receipt["amount"], receipt["undistributed"]) == ("20000.00", "0.00")
    assert [(each["id"], each["total"], each["paid"]) for each in thread["plans"]] == [
        (str(plan), "20000.00", "11000.00")
    ]
    lines = [(line["household_id"], line["amount"], line["status"]) for line in thread["household_lines"]]
    assert lines == [(str(A), "8250.00", "PAID"), (str(B), "2750.00", "PAID")]

    back = (await door.get("bureau", f"/v1/households/{A}/income")).json()
    assert back["totals"] == [{"income_kind": "property", "amount": "8250.00"}]
    (line,) = back["lines"]["items"]
    assert line["assets"] == [
        {"asset_id": str(asset), "code": "230606-1-2023-000001", "name": "温室大棚", "project_id": str(PROJECT)}
    ]
    for wanted in ({"project_id": str(PROJECT)}, {"indicator_id": str(X)}):
        found = (await door.get("bureau", "/v1/assets", **wanted)).json()
        assert [each["name"] for each in found["items"]] == ["温室大棚", "供水管网", "冷库"]


@pytest.mark.asyncio
async def test_the_register_is_a_list_by_key_with_filters(village: Village, door: Door) -> None:
    asset, *_ = await village.form_assets()
    await village.confirm_right(asset)
    first = (await door.get("collective", "/v1/assets", limit=2)).json()
    rest = (await door.get("collective", "/v1/assets", limit=2, cursor=first["next_cursor"])).json()
    assert [each["code"][-1] for each in (*first["items"], *rest["items"])] == ["1", "2", "3"]
    assert rest["next_cursor"] is None
    confirmed = (await door.get("bureau", "/v1/assets", right_state="CONFIRMED")).json()["items"]
    assert [(each["id"], each["custody_state"], each["use_state"]) for each in confirmed] == [
        (str(asset), "UNASSIGNED", "IN_USE")
    ]
    assert (await door.get("bureau", "/v1/assets", asset_class="household")).json()["items"] == []
    shown = (await door.get("collective", f"/v1/assets/{asset}")).json()
    assert (shown["transfer_state"], shown["disposal_state"], shown["quantity"]) == ("PENDING", None, "100")


@pytest.mark.asyncio
async def test_arrears_show_by_the_figures_of_their_county(village: Village, door: Door) -> None:
    asset, contract, _ = await story(village)
    village.bench.clock.set(datetime(2025, 7, 10, 2, tzinfo=UTC))  # ten days after the second instalment
    await village.adopt({"rent.overdue.amber_days": "11"})
    (listed,) = (await door.get("collective", "/v1/contracts", asset_id=str(asset))).json()["items"]
    assert [each["overdue"] for each in listed["instalments"]] == [None, "amber", None]
    assert (await door.get("bureau", f"/v1/contracts/{contract}")).json() == listed


@pytest.mark.asyncio
async def test_plans_and_rules_are_listed_by_area(village: Village, door: Door) -> None:
    _, _, plan = await story(village)
    (listed,) = (await door.get("bureau", "/v1/distributions", area_code=HERE)).json()["items"]
    assert (listed["id"], listed["state"], listed["paid"]) == (str(plan), "PAYING", "11000.00")
    assert (await door.get("collective", f"/v1/distributions/{plan}")).json() == listed
    assert (await door.get("bureau", "/v1/distributions", area_code=NEXT_DOOR)).json()["items"] == []
    (rule,) = (await door.get("bureau", "/v1/distribution-rules", area_code=HERE)).json()["items"]
    assert [(part["part"], part["max_ppm"]) for part in rule["parts"]] == [
        ("collective", 450_000),
        ("household", 550_000),
    ]


@pytest.mark.asyncio
async def test_a_foreign_area_sees_nothing_and_agencies_see_no_household(village: Village, door: Door) -> None:
    asset, contract, plan = await story(village)
    assert (await door.get("stranger", "/v1/assets")).json()["items"] == []
    for path in (f"/v1/assets/{asset}", f"/v1/contracts/{contract}", f"/v1/distributions/{plan}"):
        assert (await door.get("stranger", path)).status_code == 404, path
        assert (await door.get("collective", path)).status_code == 200, path
    assert (await door.get("stranger", f"/v1/households/{A}/income")).json()["totals"] == []
    for path in (f"/v1/assets/{asset}/thread", f"/v1/households/{A}/income", f"/v1/distributions/{plan}/lines"):
        assert (await door.get("agency", path)).status_code == 403, path


@pytest.mark.asyncio
async def test_writes_come_with_a_key_a_role_and_amounts_as_text(village: Village, door: Door) -> None:
    asset, *_ = await village.form_assets()
    body = {
        "asset_id": str(asset),
        "kind": "yield",
        "period": "2023",
        "bank_serial": "H-000001",
        "amount": "100.00",
        "received_on": "2023-10-31",
    }
    assert (await door.post("bureau", "/v1/receipts", body)).status_code == 403
    assert (await door.post("stranger", "/v1/receipts", body)).status_code == 404
    assert (await door.post("collective", "/v1/receipts", body | {"amount": 100})).status_code == 422
    made = await door.post("collective", "/v1/receipts", body)
    assert made.status_code == 201, made.text
    twice = await door.post("collective", "/v1/receipts", body)
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (409, "BANK_SERIAL_USED")
    listed = (await door.get("collective", "/v1/receipts", asset_id=str(asset))).json()["items"]
    assert [(each["bank_serial"], each["undistributed"]) for each in listed] == [("H-000001", "100.00")]


@pytest.mark.asyncio
async def test_payouts_strikes_and_reversals_over_http(village: Village, door: Door) -> None:
    _, _, plan = await story(village)
    lines = (await door.get("bureau", f"/v1/distributions/{plan}/lines", limit=1)).json()
    (line,) = lines["items"]
    assert (line["household_id"], line["status"], lines["next_cursor"] is None) == (str(A), "PAID", False)
    way = f"/v1/distributions/{plan}/lines/{line['line_id']}"
    broken = await door.post("leader", f"{way}/reverse", {"reason": "钱退回来了"})
    assert (broken.status_code, broken.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert (await door.post("collective", f"{way}/reverse", {"reason": "wrong_account"})).status_code == 403
    assert (await door.post("leader", f"{way}/reverse", {"reason": "wrong_account"})).json()["result"] == {
        "plan_id": str(plan),
        "line_id": line["line_id"],
        "amount": "8250.00",
    }
    assert (await door.post("collective", f"{way}/strike", {"reason": "已冲回"})).status_code == 404
    payout = {"paid_on": "2023-11-30", "bank_serial": "!"}
    assert (await door.post("clerk", f"/v1/distributions/{plan}/payouts", payout)).status_code == 422
    assert (await door.get("bureau", f"/v1/households/{A}/income")).json()["totals"] == []


@pytest.mark.asyncio
async def test_a_step_is_taken_over_http_with_the_version_it_saw(village: Village, door: Door) -> None:
    await village.react(settled())
    asset = await village.value("SELECT id FROM asset WHERE list_line = 1")
    seen = await door.get("collective", f"/v1/handovers/{asset}/case")
    assert seen.json()["state"] == "PENDING"
    (paper,) = await village.bench.evidence(collective, HERE, "handover_list")
    form = {"list_no": "移交〔2023〕3号", "evidence": [str(paper)]}
    refused = await door.post(
        "collective", f"/v1/handovers/{asset}/hand-over", form, **{"if-match": seen.headers["etag"]}
    )
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "RIGHT_NOT_CONFIRMED")


@pytest.mark.asyncio
async def test_every_route_of_the_service_describes_itself(door: Door) -> None:
    described = (await door.get("bureau", "/openapi.json")).json()
    paths = set(described["paths"])
    assert {
        "/v1/assets/{asset_id}/thread",
        "/v1/households/{household_id}/income",
        "/v1/distributions/{plan_id}/payouts",
        "/v1/rights/{subject_id}/confirm",
        "/v1/contracts/{subject_id}/sign",
        "/v1/distributions/{subject_id}/resolve",
    } <= paths
    assert not any(path.endswith("/mark-overdue") for path in paths)
