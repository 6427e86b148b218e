"""Contracts, payments and household lines planted for the rules that look at them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from shared.kernel.ids import new_id
from tests.service.funds.ground import FIELD, HOME, NOBODY, Ground, yuan

_MONEY = (
    "amount provisional variation certified advanced recouped worked refunded open_advance open_recoup open_cash"
    " retention retention_used claim"
)


@dataclass(frozen=True)
class WorkGround:
    """Builds on a bare county."""

    ground: Ground

    async def contract(self, project: UUID, state: str = "ACTIVE", **changed: Any) -> UUID:
        """A contract of works signed on 1 April; money by name in yuan, `settlement` among it."""
        contract_id = new_id()
        money = {f"{name}_fen": yuan(changed.pop(name, "0")) for name in _MONEY.split()}
        if "settlement" in changed:
            money["settlement_fen"] = yuan(changed.pop("settlement"))
        fields: dict[str, Any] = {
            "area_code": FIELD,
            "county_code": HOME,
            "project_id": project,
            "payee_id": NOBODY,
            "number": str(contract_id),
            "title": "合同",
            "kind": "works",
            "procurement": "competitive",
            "signed_on": date(2023, 4, 1),
            "defect_months": 12,
            "payment_plan": "NAT",
        }
        await self.ground.put("contract", id=contract_id, **fields | money | changed)
        await self.ground.case("contract", contract_id, state, area=FIELD)
        return contract_id

    async def payment(self, contract: UUID, project: UUID, state: str = "PAID", **changed: Any) -> UUID:
        """A progress payment of 10.00 applied for on 1 June; gives its id."""
        payment_id = new_id()
        since = changed.pop("since", "2023-06-01")
        fields: dict[str, Any] = {
            "area_code": FIELD,
            "county_code": HOME,
            "project_id": project,
            "contract_id": contract,
            "payee_id": NOBODY,
            "stage": "progress",
            "cash_fen": yuan(changed.pop("cash", "10.00")),
            "recoup_fen": 0,
            "reference": str(payment_id),
            "applied_on": date(2023, 6, 1),
            "documents": [],
            "reserved": False,
            "instructions": 1,
        }
        await self.ground.put("payment", id=payment_id, **fields | changed)
        await self.ground.case("payment", payment_id, state, since=since, area=FIELD)
        return payment_id

    async def step(self, subject: UUID, version: int, step: str, actor: UUID) -> None:
        """A row of a case's history."""
        case = await self.ground.raw.fetchval("SELECT id FROM case_file WHERE subject_id = $1", subject)
        await self.ground.put(
            "case_step",
            case_id=case,
            version=version,
            step=step,
            source="A",
            target="IN_LIBRARY" if step == "enter_library" else "B",
            round=1,
            actor=actor,
            role="",
            at=datetime(2023, 6, 1, tzinfo=UTC),
            reason="",
            evidence=[],
            area_code=FIELD,
        )

    async def payee(self, **changed: Any) -> UUID:
        """A confirmed payee."""
        payee_id = new_id()
        fields: dict[str, Any] = {
            "area_code": HOME,
            "name": "某公司",
            "kind": "company",
            "credit_code": str(payee_id)[:18],
            "bank_name": "农商行",
            "account_sealed": b"",
            "account_index": b"",
            "changed_by": NOBODY,
            "confirmed_by": new_id(),
        }
        await self.ground.put("payee", id=payee_id, **fields | changed)
        return payee_id

    async def batch(self, policy: str = "yulu", **changed: Any) -> UUID:
        """A household batch that is not sent yet."""
        batch_id = new_id()
        fields: dict[str, Any] = {
            "area_code": HOME,
            "county_code": HOME,
            "project_id": NOBODY,
            "number": str(batch_id),
            "policy": policy,
            "line_count": 1,
            "total_fen": 1,
            "content_index": batch_id.bytes,
            "instruction_no": 0,
        }
        await self.ground.put("household_batch", id=batch_id, **fields | changed)
        return batch_id

    async def line(self, batch: UUID, outcome: str = "PENDING", **changed: Any) -> UUID:
        """A line of 1 500.00 for May 2023."""
        line_id = new_id()
        fields: dict[str, Any] = {
            "area_code": FIELD,
            "batch_id": batch,
            "seq": changed.pop("seq", 1),
            "household_id": new_id(),
            "name_sealed": b"",
            "id_number_sealed": b"",
            "id_number_index": line_id.bytes,
            "card_sealed": b"",
            "bank_code": "b",
            "policy": "yulu",
            "period": "2023-05",
            "amount_fen": yuan(changed.pop("amount", "1500.00")),
            "basis": "",
            "claimed": False,
            "outcome": outcome,
            "tries": 0,
            "instruction_no": 0,
        }
        await self.ground.put("household_line", id=line_id, **fields | changed)
        return line_id
