"""A village with its offices, and the verbs by which a test carries an asset on its way."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.assets.commands.contract_drafts import ContractDrafted, DraftContract
from services.assets.commands.formation import ProjectAssets
from services.assets.commands.payouts import ConfirmPayout
from services.assets.commands.plans import DraftPlan, PlanDrafted
from services.assets.commands.receipts import ReceiptRecorded, RecordReceipt
from services.assets.commands.rules import SetDistributionRule
from services.assets.reactions import REACTIONS
from services.assets.service import SERVICE
from shared.checks.run import explain, run_check
from shared.commands.command import Outcome
from shared.commands.policy import AdoptParameter, ProposeParameter
from shared.contracts.event import Event
from shared.contracts.funds_project import ProjectAccepted, ProjectSettled
from shared.contracts.parts import AssetDraft, IndirectCost, OwnerShare, SourceAmount
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.kernel.days import local_day
from shared.kernel.errors import Problem
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.testing.services import Bench, person

HERE, NEXT_DOOR, TOWN, COUNTY = "230606101200", "230606101201", "230606101000", "230606000000"

committee = person("committee", HERE, Role.VILLAGE_COMMITTEE)
collective = person("collective", HERE, Role.VILLAGE_COLLECTIVE)
clerk = person("clerk", TOWN, Role.TOWNSHIP_CLERK)
second_clerk = person("second clerk", TOWN, Role.TOWNSHIP_CLERK)
leader = person("leader", TOWN, Role.TOWNSHIP_LEADER)
unit = person("unit", COUNTY, Role.IMPLEMENTING_UNIT)
sector = person("sector", COUNTY, Role.SECTOR_LEADER)
bureau = person("bureau", COUNTY, Role.BUREAU_CLERK)
bureau_leader = person("bureau leader", COUNTY, Role.BUREAU_LEADER)
stranger = person("stranger", "430626100201", Role.VILLAGE_COLLECTIVE, Role.TOWNSHIP_CLERK)

PROJECT = UUID("019a0000-0000-7000-8000-000000000001")
X, Y, FEES = (UUID(f"019a0000-0000-7000-8000-00000000001{n}") for n in range(3))
WHEN = date(2023, 10, 20)


async def codes(attempt: Awaitable[object]) -> set[str]:
    """Why an attempt is refused."""
    with pytest.raises(Problem) as caught:
        await attempt
    return {violation.code for violation in caught.value.violations}


def draft(line: int, label: str, cost: str, quantity: str = "1", **changed: Any) -> AssetDraft:
    """One line of the acceptance list."""
    given = {
        "line": line,
        "label": label,
        "asset_class": "operating",
        "form": "fixed",
        "quantity": quantity,
        "unit": "座",
        "direct_cost": cost,
        "village": HERE,
    }
    return AssetDraft(**given | changed)


LIST = (draft(1, "温室大棚", "600000.00", "100"), draft(2, "供水管网", "251234.57"), draft(3, "冷库", "100000.00"))
OWNER = OwnerShare(owner_kind="village_collective", owner_area=AreaCode.parse(HERE), share_ppm=1_000_000)


def source(indicator: UUID, document: str, level: str, amount: str) -> SourceAmount:
    """One source of a settlement."""
    return SourceAmount(indicator_id=indicator, document_no=document, level=level, category="linkage", amount=amount)


SOURCES = (
    source(X, "黑财指(农)〔2023〕34号", "central", "570740.74"),
    source(Y, "黑财指(农)〔2023〕78号", "county", "380493.83"),
    source(FEES, "同财农〔2023〕5号", "county", "30000.00"),
)


def accepted(**changed: Any) -> ProjectAccepted:
    """The project of domain-funds-assets §3.10 is accepted."""
    given = {
        "area_code": HERE,
        "project_id": PROJECT,
        "asset_forming": True,
        "asset_class": "operating",
        "owners": (OWNER,),
        "accepted_on": WHEN,
        "provisional_value": "960000.00",
        "asset_list_draft": LIST,
    }
    return ProjectAccepted(**given | changed)


def settled(**changed: Any) -> ProjectSettled:
    """Its settlement, with indirect costs and the sources that bear both."""
    given = {
        "area_code": HERE,
        "project_id": PROJECT,
        "asset_forming": True,
        "asset_class": "operating",
        "owners": (OWNER,),
        "settled_on": WHEN,
        "settlement": "951234.57",
        "retention": "28537.03",
        "sources": SOURCES,
        "indirect_costs": (IndirectCost(kind="design", amount="30000.00"),),
        "approval_document": "同财审〔2023〕11号",
        "asset_list": LIST,
    }
    return ProjectSettled(**given | changed)


@dataclass(slots=True)
class Village:
    """The service at work for one village."""

    bench: Bench
    serials: int = 0

    @property
    def today(self) -> date:
        return local_day(self.bench.clock.now())

    async def react(self, event: Event, event_id: UUID | None = None) -> Outcome:
        """Deliver one event, as the dispatch does; the same id is the same event."""
        event_id = event_id or new_id()
        (reaction,) = REACTIONS[type(event)]
        command = reaction(event)
        assert command is not None
        return await self.bench.assembled.pipeline.run(
            command,
            actor=SYSTEM,
            scope="event:assets",
            key=f"{event_id}:{reaction.__name__}",
            cause=event_id,
        )

    async def form_assets(self) -> list[UUID]:
        """Accept and settle the project; its assets in the order of the list."""
        await self.react(accepted())
        outcome = await self.react(settled())
        return list(ProjectAssets.model_validate(outcome.result).asset_ids)

    async def case(self, workflow: str, subject: UUID) -> UUID:
        case: UUID = await self.value(
            "SELECT id FROM case_file WHERE workflow = $1 AND subject_id = $2", f"assets.{workflow}", subject
        )
        return case

    async def state(self, workflow: str, subject: UUID) -> str:
        state: str = await self.value(
            "SELECT state FROM case_file WHERE workflow = $1 AND subject_id = $2", f"assets.{workflow}", subject
        )
        return state

    async def value(self, query: str, *arguments: Any) -> Any:
        """One value of the database, seen with the whole country in scope."""
        async with self.bench.database.read(SYSTEM) as session:
            return await session.raw.fetchval(query, *arguments)

    async def rows(self, query: str, *arguments: Any) -> list[Any]:
        async with self.bench.database.read(SYSTEM) as session:
            return [tuple(row) for row in await session.raw.fetch(query, *arguments)]

    async def told(self, type_: str) -> list[dict[str, Any]]:
        """The data of the events of one type, in their order."""
        rows = await self.rows("SELECT envelope FROM outbox WHERE type = $1 ORDER BY seq", f"{type_}.v1")
        return [row[0]["data"] for row in rows]

    async def adopt(self, values: dict[str, str]) -> None:
        """The county adopts policy values from tomorrow on; it is then tomorrow."""
        tomorrow = self.today + timedelta(days=1)
        for name, value in values.items():
            given = {"name": name, "area_code": COUNTY, "effective_from": tomorrow}
            await self.bench.run(ProposeParameter(**given, value=value, document="同农发〔2023〕9号"), bureau)
            await self.bench.run(AdoptParameter(**given), bureau_leader)
        self.bench.clock.forward(days=1)

    async def confirm_right(self, asset: UUID, owners: Sequence[OwnerShare] = ()) -> None:
        """Propose, decide, publish and confirm the right."""
        bench = self.bench
        proposal = await bench.evidence(clerk, HERE, "right_proposal")
        form = {"owners": [owner.model_dump(mode="json") for owner in owners]}
        await bench.step(clerk, "assets.right", asset, "propose", form=form, evidence=proposal)
        decision = await bench.evidence(collective, HERE, "owner_decision")
        await bench.step(collective, "assets.right", asset, "post", evidence=decision)
        await bench.run_notice(committee, await self.case("right", asset), HERE, last_day_in=10)
        document = await bench.evidence(leader, HERE, "right_document")
        paper = {"document_no": "同政确〔2023〕1号"}
        await bench.step(leader, "assets.right", asset, "confirm", form=paper, evidence=document)

    async def draft_contract(self, asset: UUID, **changed: Any) -> ContractDrafted:
        """Draft a lease of three years over the whole asset."""
        given = {
            "asset_id": asset,
            "contract_no": "同租2023-001",
            "mode": "lease",
            "lessor_kind": "village_collective",
            "lessor_area": HERE,
            "operator_code": "91230606MA1ABCDE0X",
            "operator_name": "大同区某某农业公司",
            "starts_on": "2024-01-01",
            "ends_on": "2026-12-31",
            "rent_total": "50000.00",
            "calendar": [{"due_on": day} for day in ("2024-06-30", "2025-06-30", "2026-06-30")],
        }
        outcome = await self.bench.run(DraftContract.model_validate(given | changed), collective)
        return ContractDrafted.model_validate(outcome.result)

    async def decide_contract(self, contract: UUID) -> None:
        papers = await self.bench.evidence(collective, HERE, "owner_decision", "draft_contract")
        form = {"agreed_by": [HERE]}
        await self.bench.step(collective, "assets.operation", contract, "decide", form=form, evidence=papers)

    async def sign_contract(self, contract: UUID) -> None:
        """Decide, publish, approve and sign."""
        bench = self.bench
        await self.decide_contract(contract)
        await bench.step(collective, "assets.operation", contract, "post")
        await bench.run_notice(committee, await self.case("operation", contract), HERE, last_day_in=10)
        await bench.step(leader, "assets.operation", contract, "approve")
        signed = await bench.evidence(collective, HERE, "signed_contract")
        await bench.step(collective, "assets.operation", contract, "sign", evidence=signed)

    async def lease(self, asset: UUID) -> UUID:
        """A signed lease of a confirmed asset."""
        contract = (await self.draft_contract(asset)).contract_id
        await self.sign_contract(contract)
        return contract

    async def receive(self, asset: UUID, amount: str, **changed: Any) -> ReceiptRecorded:
        """Money arrives."""
        self.serials += 1
        given = {
            "asset_id": asset,
            "kind": "rent",
            "period": "2024",
            "bank_serial": f"SN-{self.serials:06d}",
            "amount": amount,
            "received_on": self.today,
        }
        outcome = await self.bench.run(RecordReceipt.model_validate(given | changed), collective)
        return ReceiptRecorded.model_validate(outcome.result)

    async def set_rule(self, valid_from: str = "2020-01-01", collective_ppm: int = 450_000) -> None:
        """A fixed division between collective and households."""
        households = 1_000_000 - collective_ppm
        parts = [
            {"part": "collective", "min_ppm": collective_ppm, "max_ppm": collective_ppm},
            {"part": "household", "min_ppm": households, "max_ppm": households},
        ]
        command = {"area_code": HERE, "valid_from": valid_from, "document_no": "村决〔2020〕1号", "parts": parts}
        await self.bench.run(SetDistributionRule.model_validate(command), leader)

    async def draft_plan(self, receipts: Sequence[UUID], households: dict[UUID, int], **changed: Any) -> PlanDrafted:
        """Divide what is left 45 to 55, households by days worked."""
        outcome = await self.bench.run(plan_command(receipts, households, **changed), collective)
        return PlanDrafted.model_validate(outcome.result)

    async def resolve(self, plan: UUID, present: int = 12, in_favour: int = 7) -> None:
        minutes = await self.bench.evidence(collective, HERE, "resolution_minutes")
        form = {"entitled": 17, "present": present, "in_favour": in_favour}
        await self.bench.step(collective, "assets.distribution", plan, "resolve", form=form, evidence=minutes)

    async def bring_to_payment(self, plan: UUID) -> None:
        """From DRAFT to PAYING."""
        bench = self.bench
        await self.resolve(plan)
        await bench.step(collective, "assets.distribution", plan, "post_plan")
        await bench.run_notice(committee, await self.case("distribution", plan), HERE, last_day_in=10)
        await bench.step(clerk, "assets.distribution", plan, "review_township")
        await bench.step(bureau, "assets.distribution", plan, "file_county")
        await bench.step(collective, "assets.distribution", plan, "pay")

    async def pay_out(self, plan: UUID, failed: Sequence[tuple[UUID, str]] = ()) -> Outcome:
        """The bank's result for all open lines."""
        self.serials += 1
        given = {
            "plan_id": plan,
            "paid_on": self.today,
            "bank_serial": f"PAY-{self.serials:06d}",
            "failed": [{"line_id": line, "reason": reason} for line, reason in failed],
        }
        return await self.bench.run(ConfirmPayout.model_validate(given), clerk)

    async def findings(self) -> dict[str, int]:
        """The checks that stand open, by id."""
        found = {}
        async with self.bench.database.write(SYSTEM) as session:
            for check in SERVICE.checks:
                run = await run_check(session.raw, check, now=self.bench.clock.now())
                if run.standing:
                    found[check.id] = run.standing
        return found

    async def explains(self, check_id: str, subject: UUID) -> bool:
        """Whether a check objects to one subject now."""
        (check,) = (check for check in SERVICE.checks if check.id == check_id)
        async with self.bench.database.read(SYSTEM) as session:
            return bool(await explain(session.raw, check, str(subject)))


def plan_command(receipts: Sequence[UUID], households: dict[UUID, int], **changed: Any) -> DraftPlan:
    """The command that `Village.draft_plan` gives."""
    given = {
        "area_code": HERE,
        "period": "2024",
        "receipt_ids": list(receipts),
        "upkeep": "0.00",
        "parts": [
            {"part": "collective", "share_ppm": 450_000},
            {"part": "household", "share_ppm": 550_000},
        ],
        "recipients": [
            {"household_id": household, "basis": "days_worked", "weight": weight}
            for household, weight in households.items()
        ],
    }
    return DraftPlan.model_validate(given | changed)
