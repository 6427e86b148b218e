"""Works on their way: contract, valuations, payments by stages, acceptance, settlement; the words of these tests."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.funds.commands.contracts import CertifyValuation, DraftContract, ProposeVariation
from services.funds.commands.payees import ConfirmPayee, RegisterPayee
from services.funds.commands.payments import INVOICE, DraftPayment
from services.funds.commands.projects import RecordAcceptance
from services.funds.domain.payment_limits import Stage
from services.funds.domain.payments import PAPERS
from services.funds.queries.tracing import traceability
from shared.cases.advance import StepTaken
from shared.cases.commands import TakeStep
from shared.commands.command import Outcome
from shared.kernel.actors import SYSTEM, Actor
from shared.kernel.days import local_day
from shared.kernel.errors import Problem
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.testing.services import person
from shared.vault.index import blind_index
from tests.service.funds.county import (
    COUNTY,
    ELSEWHERE,
    FUND,
    County,
    bureau_clerk,
    entry,
    finance_clerk,
    finance_leader,
    finance_reviewer,
    sector,
    town_leader,
    unit,
    village,
)
from tests.service.funds.invariants import found

treasury = person("treasury", COUNTY, Role.TREASURY)
centre = person("review centre", COUNTY, Role.REVIEW_CENTRE)
second_clerk = person("second finance clerk", COUNTY, Role.FINANCE_CLERK)
second_unit = person("second of the unit", COUNTY, Role.IMPLEMENTING_UNIT)
stranger = person("stranger", ELSEWHERE, Role.IMPLEMENTING_UNIT)
finance_acceptor = person("finance at the acceptance", COUNTY, Role.FINANCE_CLERK)

ADOPTED = ("LM03", "LM05", "LM06", "LM07", "LM08", "LM11", "FW32", "F-3.2.3", "F-3.2.6")
"""Limits that the county of these tests lets block."""


async def refused(attempt: Awaitable[object]) -> Problem:
    with pytest.raises(Problem) as caught:
        await attempt
    return caught.value


def rules(problem: Problem) -> list[str]:
    return [violation.rule for violation in problem.violations]


@dataclass(frozen=True)
class Works:
    """One project with its two sources, and what is done for it."""

    county: County
    project: UUID
    central: UUID
    own: UUID

    @property
    def today(self) -> date:
        return local_day(self.county.bench.clock.now())

    # ── contract ────────────────────────────────────────────────────────────

    async def payee(self, credit_code: str = "91230606MA1B2C3D4E", **changed: Any) -> UUID:
        """A confirmed payee."""
        fields = {
            "area_code": COUNTY,
            "name": "大庆市恒远建筑工程有限公司",
            "kind": "company",
            "credit_code": credit_code,
            "bank_name": "农业银行大同支行",
            "account": "6228480000000000001",
        }
        made = await self.county.run(RegisterPayee.model_validate(fields | changed), finance_clerk)
        payee = UUID(made.result["id"])
        await self.county.run(ConfirmPayee(payee_id=payee), finance_reviewer)
        return payee

    async def draft(self, amount: str, payee: UUID | None = None, **changed: Any) -> UUID:
        fields: dict[str, Any] = {
            "project_id": self.project,
            "payee_id": payee or await self.payee(),
            "number": f"同乡建合〔2023〕{new_id().hex[-4:]}号",
            "title": "冷棚工程施工合同",
            "kind": "works",
            "procurement": "competitive",
            "signed_on": self.today,
            "amount": amount,
            "defect_months": 12,
        }
        made = await self.county.run(DraftContract.model_validate(fields | changed), unit)
        return UUID(made.result["id"])

    async def register(self, contract: UUID) -> StepTaken:
        await self.county.take(unit, "contract", contract, "submit", "contract")
        return await self.county.take(sector, "contract", contract, "register")

    async def contract(self, amount: str, payee: UUID | None = None, **changed: Any) -> UUID:
        """A contract under way."""
        contract = await self.draft(amount, payee, **changed)
        await self.register(contract)
        await self.county.take(unit, "contract", contract, "begin")
        return contract

    async def certify(self, contract: UUID, amount: str) -> None:
        fields = {
            "contract_id": contract,
            "amount": amount,
            "certified_on": self.today,
            "document_no": "计量单第1号",
            "supervisor": "大庆市正信监理有限公司",
        }
        await self.county.run(CertifyValuation.model_validate(fields), unit)

    async def vary(self, contract: UUID, delta: str) -> None:
        command = {"contract_id": contract, "delta": delta, "document_no": "变更签证第1号"}
        await self.county.run(ProposeVariation.model_validate(command), unit)
        for actor in (unit, sector):
            await self.county.take(actor, "contract", contract, "vary", "variation_order", reason="地基加深")

    # ── payments ────────────────────────────────────────────────────────────

    async def request(self, contract: UUID, stage: str, amount: str, recoup: str = "0.00", **changed: Any) -> UUID:
        """A drafted payment request with all papers of its stage."""
        papers = await self.county.bench.evidence(unit, COUNTY, *sorted(PAPERS[Stage(stage)]))
        fields: dict[str, Any] = {
            "contract_id": contract,
            "stage": stage,
            "amount": amount,
            "recoup": recoup,
            "reference": f"YK-{new_id().hex}",
            "applied_on": self.today,
            "documents": papers,
            "invoices": [{"number": new_id().hex[-20:], "amount": amount, "issued_on": self.today}],
        }
        made = await self.county.run(DraftPayment.model_validate(fields | changed), unit)
        return UUID(made.result["id"])

    async def submit(self, payment: UUID) -> StepTaken:
        return await self.county.take(unit, "payment", payment, "submit", "payment_application")

    async def approve(self, payment: UUID) -> None:
        """From the draft to the approval, by four persons."""
        await self.submit(payment)
        await self.county.take(sector, "payment", payment, "review_sector")
        await self.county.take(finance_reviewer, "payment", payment, "review_finance")
        form = {"rank": "director", "countersignature": "同政会签〔2023〕1号"}
        await self.county.take(finance_leader, "payment", payment, "approve", form=form)

    def slip(self, amount: str, reference: str = "") -> dict[str, Any]:
        return {"bank_reference": reference or f"BK-{new_id().hex}", "amount": amount, "on": self.today.isoformat()}

    async def instruct(self, payment: UUID) -> StepTaken:
        return await self.county.take(treasury, "payment", payment, "instruct")

    async def confirm(self, payment: UUID, amount: str, reference: str = "") -> StepTaken:
        return await self.county.take(treasury, "payment", payment, "confirm_paid", form=self.slip(amount, reference))

    async def confirm_with_key(self, payment: UUID, slip: Mapping[str, Any], key: str) -> Outcome:
        step = TakeStep(workflow="funds.payment", subject_id=payment, step="confirm_paid", form=dict(slip))
        return await self.county.run(step, treasury, key=key)

    async def pay(self, contract: UUID, stage: str, amount: str, recoup: str = "0.00") -> UUID:
        """A payment that arrived."""
        payment = await self.request(contract, stage, amount, recoup)
        await self.approve(payment)
        await self.instruct(payment)
        await self.confirm(payment, amount)
        return payment

    # ── the end ─────────────────────────────────────────────────────────────

    async def complete(self, contract: UUID) -> None:
        """Works finished, published and accepted by four sides."""
        form = {"completed_on": self.today.isoformat()}
        await self.county.take(unit, "contract", contract, "complete", "completion_report", form=form)
        await self.county.take(unit, "project", self.project, "report_completion", "completion_report")
        await self.county.hang(village, self.project)
        fields = {
            "project_id": self.project,
            "accepted_on": self.today,
            "passed": True,
            "members": [
                {"organisation": name, "person_id": new_id(), "chairs": name == "区农业农村局"}
                for name in ("区农业农村局", "区财政局", "大同镇政府")
            ],
        }
        made = await self.county.run(RecordAcceptance.model_validate(fields), sector)
        signature = {"acceptance_id": made.result["id"]}
        for actor in (sector, finance_acceptor, town_leader, village):
            await self.county.take(
                actor, "project", self.project, "accept", "acceptance_report", "site_photo", form=signature
            )

    async def review(self, contract: UUID, settlement: str) -> None:
        form = {"settlement": settlement}
        await self.county.take(centre, "contract", contract, "review_settlement", "settlement_review", form=form)

    async def settle(self, contract: UUID, retention: str, step: str = "settle", **form: str) -> StepTaken:
        approval = {"retention": retention, "approval_document": "同财评〔2023〕15号"} | form
        return await self.county.take(finance_leader, "contract", contract, step, form=approval)

    # ── around ──────────────────────────────────────────────────────────────

    async def mode(self, rule: str, mode: str) -> None:
        """Let an adopted limit speak differently from now on."""
        await self._as(SYSTEM, "UPDATE parameter_value SET value = $1 WHERE name = $2", mode, f"rule.{rule}.mode")

    async def claim_elsewhere(self, number: str) -> None:
        """Another county pays an invoice with this number."""
        index = blind_index(self.county.bench.assembled.pipeline.resources.keys, INVOICE, number)
        sql = "INSERT INTO payment_invoice VALUES ($1, $2, $3, 1, $4, true, $5)"
        await self._as(stranger, sql, new_id(), number, index, self.today, int(ELSEWHERE))

    async def _as(self, actor: Actor, sql: str, *values: Any) -> None:
        async with self.county.bench.database.write(actor) as tx:
            await tx.raw.execute(sql, *values)
            await tx.session.commit()

    # ── looking ─────────────────────────────────────────────────────────────

    async def by_source(self, account: str, **where: UUID) -> tuple[int, int]:
        """The balance of an account in fen: central, county."""
        where = {"project_id": self.project} | where
        return (
            await self.county.balance(account, indicator_id=self.central, **where),
            await self.county.balance(account, indicator_id=self.own, **where),
        )

    async def all_is_well(self, *, stranger: bool = False) -> None:
        """Every invariant holds, the trial balance among them, and every paid fen is traced both ways: but a stranger's."""
        async with self.county.bench.database.write(SYSTEM) as tx:
            assert await found(tx.raw, self.county.resources, self.county.bench.clock.now()) == {}
            traced = await traceability(tx.raw)
        assert traced.back == traced.paid
        assert traced.down == traced.traced == (0 if stranger else traced.paid)

    async def balances(self) -> Mapping[tuple[str, ...], int]:
        """Every balance there is, to compare before and after."""
        rows = await self.county.look("SELECT ledger_balance::text AS cell FROM ledger_balance ORDER BY 1")
        contracts = await self.county.look("SELECT contract::text AS cell FROM contract ORDER BY 1")
        return {(row["cell"],): place for place, row in enumerate([*rows, *contracts])}


async def reopened(county: County) -> Works:
    """The works of a copied database, with the clock where their story stopped."""
    (project,) = await county.look("SELECT id FROM project")
    sources = {row["level"]: row["id"] for row in await county.look("SELECT level, id FROM indicator")}
    (last,) = await county.look("SELECT max(at) AS at FROM journal")
    county.bench.clock.set(last["at"])
    return Works(county, project["id"], sources["central"], sources["county"])


async def funded(county: County, central: str = "600000.00", own: str = "400000.00", **changed: Any) -> Works:
    """A project of the library with quota of two sources: the worked example's, unless told otherwise."""
    funding = [
        {"year": 2023, "level": level, "category": FUND, "amount": amount}
        for level, amount in (("central", central), ("county", own))
    ]
    await county.adopt_rules(*ADOPTED)
    await county.adopt({"payment.mode": "INSTRUCT"})
    project = await county.in_library(entry(funding=funding, **changed))
    first = await county.indicator(central)
    second = await county.indicator(own, document_no="同财农〔2023〕3号", level="county", issuer="大同区财政局")
    await county.publish(await county.plan({project: [("central", central), ("county", own)]}))
    await county.take(bureau_clerk, "project", project, "plan", form={"design_ready": True, "land_ready": True})
    await county.allocate((project, first, central), (project, second, own))
    assert await county.state(project) == "FUNDED"
    return Works(county, project, first, second)
