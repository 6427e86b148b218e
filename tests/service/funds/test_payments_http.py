"""A contract from its payee to its refund over HTTP: every route with the body it takes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from shared.kernel.ids import new_id
from shared.kernel.money import parse_yuan
from tests.service.funds.county import COUNTY, PEOPLE, TOWN
from tests.service.funds.door import Door, open_door
from tests.service.funds.households import Households, household, line, sector_leader
from tests.service.funds.works import Works, centre, treasury

pytestmark = pytest.mark.asyncio


@dataclass(frozen=True)
class Desk:
    """HTTP requests that are expected to succeed, and the files they bring."""

    door: Door
    works: Works

    async def post(self, who: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = await self.door.send(who, f"/v1{path}", body)
        assert answer.status_code < 300, answer.text
        result: dict[str, Any] = answer.json()["result"]
        return result

    async def step(self, who: str, path: str, *evidence: str, reason: str = "", **form: Any) -> dict[str, Any]:
        files = await self.works.county.bench.evidence(EVERYBODY[who], area_of(who), *evidence)
        body = {**form, "evidence": [str(key) for key in files], "reason": reason}
        answer = await self.door.step(who, f"/v1{path}", body)
        assert answer.status_code < 300, answer.text
        result: dict[str, Any] = answer.json()["result"]
        return result

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.door.get("auditor", f"/v1{path}", **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def pay(self, contract: str, stage: str, amount: str, *papers: str, recoup: str = "0.00") -> str:
        today = self.works.today.isoformat()
        files = await self.works.county.bench.evidence(PEOPLE["unit"], COUNTY, *papers)
        body = {
            "contract_id": contract,
            "stage": stage,
            "amount": amount,
            "recoup": recoup,
            "reference": f"YK-{new_id().hex}",
            "applied_on": today,
            "documents": [str(key) for key in files],
            "invoices": [{"number": new_id().hex[-20:], "amount": amount, "issued_on": today}],
        }
        payment: str = (await self.post("unit", "/payments", body))["id"]
        path = f"/payments/{payment}"
        await self.step("unit", f"{path}/submit", "payment_application")
        await self.step("sector", f"{path}/review-sector")
        await self.step("finance_reviewer", f"{path}/review-finance")
        await self.step("finance_leader", f"{path}/approve", rank="director", countersignature="同政会签〔2023〕1号")
        await self.step("treasury", f"{path}/instruct")
        slip = {"bank_reference": f"BK-{new_id().hex}", "amount": amount, "on": today}
        await self.step("treasury", f"{path}/confirm-paid", **slip)
        await self.step("finance_clerk", f"{path}/reconcile", **slip, statement_no="对账单2023年第2号")
        return payment


EVERYBODY = {**PEOPLE, "treasury": treasury, "centre": centre, "sector_leader": sector_leader}


def area_of(who: str) -> str:
    return str(EVERYBODY[who].grants[0].area)


@pytest_asyncio.fixture
async def desk(works: Works, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_door(works.county, EVERYBODY, tmp_path / "evidence") as door:
        yield Desk(door, works)


async def entered_payee(desk: Desk) -> str:
    """A payee that another person has confirmed."""
    payee = {
        "area_code": COUNTY,
        "name": "大庆市恒远建筑工程有限公司",
        "kind": "company",
        "credit_code": "91230606MA1B2C3D4E",
        "bank_name": "农业银行大同支行",
        "account": "6228480000000000001",
    }
    payee_id = (await desk.post("finance_clerk", "/payees", payee))["id"]
    assert (await desk.post("finance_reviewer", f"/payees/{payee_id}/confirmation"))["confirmed"] is True
    assert (await desk.post("auditor", f"/payees/{payee_id}/relations"))["id"] == payee_id
    shown = (await desk.get("/payees", area_code=COUNTY))["items"]
    assert [(each["name"], "account" in each) for each in shown] == [(payee["name"], False)]

    return str(payee_id)


async def test_a_contract_from_its_payee_to_its_refund(desk: Desk) -> None:
    today = desk.works.today.isoformat()
    payee_id = await entered_payee(desk)
    draft = {
        "project_id": str(desk.works.project),
        "payee_id": payee_id,
        "number": "同乡建合〔2023〕15号",
        "title": "冷棚工程施工合同",
        "kind": "works",
        "procurement": "competitive",
        "signed_on": today,
        "amount": "900000.00",
        "defect_months": 12,
    }
    contract = (await desk.post("unit", "/contracts", draft))["id"]
    path = f"/contracts/{contract}"
    await desk.step("unit", f"{path}/submit", "contract")
    await desk.step("sector", f"{path}/register")
    await desk.step("unit", f"{path}/begin")
    await desk.post("unit", f"{path}/variations", {"delta": "60000.00", "document_no": "变更签证第1号"})
    for who in ("unit", "sector"):
        await desk.step(who, f"{path}/vary", "variation_order", reason="地基加深")
    valuation = {
        "amount": "960000.00",
        "certified_on": today,
        "document_no": "计量单第1号",
        "supervisor": "大庆市正信监理有限公司",
    }
    assert (await desk.post("unit", f"{path}/valuations", valuation))["certified"] == "960000.00"
    await desk.pay(contract, "advance", "270000.00", "invoice")
    sheets = ("valuation_sheet", "site_photo", "invoice", "wage_proof")
    payment = await desk.pay(contract, "progress", "498000.00", *sheets, recoup="270000.00")
    await desk.works.complete(UUID(contract))
    await desk.step("centre", f"{path}/review-settlement", "settlement_review", settlement="750000.00")
    approval = {"retention": "0.00", "approval_document": "同财评〔2023〕15号"}
    await desk.step("finance_leader", f"{path}/settle-with-claim", **approval)
    cut = {"cut": "1000.01", "adjusted_on": today, "approval_document": "同审报〔2023〕3号"}
    assert (await desk.post("finance_leader", f"{path}/adjustments", cut))["claim"] == "19000.01"
    refund = {
        "payment_id": payment,
        "amount": "19000.01",
        "reason": "overpaid",
        "bank_reference": "BK-REFUND-1",
        "received_on": today,
    }
    booked = await desk.post("treasury", f"{path}/refunds", refund)
    await desk.post("finance_reviewer", f"/refunds/{booked['id']}/release")
    await desk.step("finance_clerk", f"{path}/close")
    one = await desk.get(path)
    assert (one["state"], one["paid"], one["claim"], one["settlement"]) == ("CLOSED", "748999.99", "0.00", "748999.99")
    assert len(one["variations_listed"]) == len(one["valuations"]) == len(one["refunds"]) == 1
    assert [each["id"] for each in (await desk.get("/contracts", state="CLOSED"))["items"]] == [contract]
    account = {"bank_name": "建设银行大同支行", "account": "6217000000000000002"}
    assert (await desk.post("finance_clerk", f"/payees/{payee_id}/account", account))["confirmed"] is False
    await desk.works.all_is_well()


async def test_a_batch_from_its_roster_to_its_recovery(households: Households, tmp_path: Path) -> None:
    async with open_door(households.county, EVERYBODY, tmp_path / "evidence") as door:
        desk = Desk(door, households.works)
        lines = [line(seq, "1500.00") | {"household_id": str(household(seq))} for seq in (1, 2, 3)]
        header = households.header(lines, "4500.00") | {"project_id": str(households.works.project)}
        batch = (await desk.post("town_clerk", "/household-batches", {**header, "lines": lines}))["id"]
        path = f"/household-batches/{batch}"
        await desk.post("town_clerk", f"{path}/removals", {"seq": 3, "reason": "本人放弃"})
        end = {"area_code": TOWN, "subject_id": str(household(3)), "ended_on": "2023-01-31", "reason": "moved_away"}
        await desk.post("town_clerk", "/recipient-ends", end)
        await desk.step("town_clerk", f"{path}/post-roster", "roster")
        await households.county.hang(EVERYBODY["town_clerk"], UUID(batch))
        await desk.step("sector_leader", f"{path}/approve")
        await desk.step("finance_reviewer", f"{path}/check-finance")
        await desk.step("treasury", f"{path}/instruct")
        today = households.works.today.isoformat()
        answer = {
            "instruction_no": 1,
            "results": [
                {"seq": 1, "status": "paid", "bank_serial": "ABC-0001", "on": today},
                {"seq": 2, "status": "failed", "fail_code": "name_mismatch", "on": today},
            ],
        }
        assert (await desk.post("treasury", f"{path}/bank-results", answer))["state"] == "PARTIALLY_DONE"
        (failed,) = (await desk.get(f"{path}/lines", outcome="FAILED"))["items"]
        correction = {"card_number": "6217000000000000002", "bank_code": "CCB"}
        await desk.post("town_clerk", f"/household-lines/{failed['id']}/correction", correction)
        for who in ("sector", "finance_reviewer"):
            await desk.step(who, f"{path}/reissue")
        csv = f"序号,状态,银行流水号,日期\n2,paid,ABC-0002,{today}"
        headers = {"authorization": f"Bearer {door.tokens['treasury']}", "content-type": "text/csv"}
        answered = await door.http.post(
            f"/v1{path}/bank-results/import",
            params={"instruction_no": 2},
            content=csv.encode("gb18030"),
            headers=headers | {"idempotency-key": str(new_id())},
        )
        assert answered.json()["result"]["state"] == "DONE", answered.text
        await desk.post("bureau_head", f"/household-lines/{failed['id']}/recovery")
        back = {"reason": "not_eligible", "bank_reference": "BK-BACK-1", "received_on": today}
        refund = (await desk.post("treasury", f"/household-lines/{failed['id']}/refund", back))["refund_id"]
        await desk.post("finance_leader", f"/refunds/{refund}/release")
        await desk.step("finance_clerk", f"{path}/close")
        shown = await desk.get(path)
        assert [(each["outcome"], each["amount"]) for each in shown["outcomes"]] == [
            ("PAID", "1500.00"),
            ("RECOVERED", "1500.00"),
            ("REMOVED", "1500.00"),
        ]
        assert [each["id"] for each in (await desk.get("/household-batches", area_code=TOWN))["items"]] == [batch]
        sources = await desk.get(f"/household-lines/{failed['id']}/sources")
        assert sum(parse_yuan(each["amount"]) for each in sources) == 150_000
        await households.works.all_is_well()
