"""The ways of a household through its cases: from a clue to enrolment, plan and elimination, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.monitoring.commands.clues import ReportClue
from services.monitoring.commands.eliminations import ProposeElimination
from services.monitoring.commands.episodes import AssignHelper
from services.monitoring.commands.household_checks import RecordHouseholdCheck
from services.monitoring.commands.identifications import AnswerComparison, OpenIdentification, SettleHit
from services.monitoring.commands.income import DeclareIncome
from services.monitoring.commands.lines import AdoptLine, ProposeLine
from services.monitoring.domain.comparison import Answer
from shared.cases.advance import StepTaken
from shared.kernel.roles import Role
from shared.testing.services import Bench, person
from tests.service.monitoring.people import COUNTY, TOWN, VILLAGE, bureau, clerk, committee, leader, member
from tests.service.monitoring.verbs import fetch, household, one

IDENTIFICATION, ELIMINATION, MEASURE = "monitoring.identification", "monitoring.elimination", "monitoring.measure"

secretary = person("secretary", VILLAGE, Role.FIRST_SECRETARY)
helper = person("helper", VILLAGE, Role.HELPER)
town_leader = person("town leader", TOWN, Role.TOWNSHIP_LEADER)
second_clerk = person("second clerk", TOWN, Role.TOWNSHIP_CLERK)
approver = person("approver", COUNTY, Role.BUREAU_APPROVER)
agency = person("agency", COUNTY, Role.AGENCY)
farmer = person("farmer", VILLAGE, Role.HOUSEHOLD)
other_farmer = person("other farmer", VILLAGE, Role.HOUSEHOLD)

SOURCES = ("fiscal", "public_security", "market_supervision", "housing", "social_insurance")
OFFICES = ("bureau", "civil_affairs", "medical_insurance", "education", "housing", "water")
VOTES = {"held_on": "2024-05-27", "entitled": 30, "present": 24, "in_favour": 22, "against": 1, "abstained": 1}
VISIT = ("income_sheet", "guarantee_sheet", "visit_photo", "household_signature")
PLAN = [{"kind": "medical_relief", "item": "大病救助"}, {"kind": "industry", "item": "养殖补助"}]
NOTHING_WRONG = {"education": "OK", "medical": "OK", "housing": "OK", "water": "OK"}


@dataclass
class Home:
    """A household on its way, with the ids of its cases."""

    it: Bench
    household_id: UUID
    member_ids: tuple[UUID, ...]
    identification_id: UUID
    case_id: UUID

    async def take(self, actor: Any, step: str, *kinds: str, **asked: Any) -> StepTaken:
        """A step of the identification, with evidence of the given kinds."""
        evidence = await self.it.evidence(actor, VILLAGE, *kinds)
        return await self.it.step(actor, IDENTIFICATION, self.identification_id, step, evidence=evidence, **asked)

    @property
    async def episode_id(self) -> UUID:
        """The id that the episode has, or will have."""
        query = "SELECT episode_id FROM identification WHERE id = $1"
        return UUID(str(await one(self.it, query, self.identification_id)))

    async def check(self, **changed: Any) -> None:
        """Write the household check of the identification."""
        command = {
            "of": "identification",
            "subject_id": self.identification_id,
            "visited_on": self.it.clock.now().date(),
            "member_ids": self.member_ids,
            "nil": ["business", "business_expense", "property", "claims", "self_paid"],
            **NOTHING_WRONG,
            "risks": ["ILLNESS"],
            "rigid_spending": "open",
            **changed,
        }
        await self.it.run(RecordHouseholdCheck.model_validate(command), helper)

    async def visit(self) -> None:
        """Two people sign the check; the second one completes it."""
        await self.take(committee, "visit", *VISIT)
        await self.take(helper, "visit", *VISIT)

    async def compare(self, hits: Sequence[str] = (), source: str = "public_security") -> list[UUID]:
        """Ask every source; `source` reports the hits, the others nothing. Gives the ids of the hits."""
        await self.take(bureau, "request_comparison")
        asked = await fetch(
            self.it,
            "SELECT id, source FROM comparison WHERE identification_id = $1 AND result IS NULL",
            self.identification_id,
        )
        found: list[str] = []
        for row in asked:
            stated = [{"code": code, "note": "黑B12345"} for code in hits] if row["source"] == source else []
            command = AnswerComparison.model_validate({"comparison_id": row["id"], "hits": stated})
            found += (await self.it.run(command, agency)).result["hit_ids"]
        await self.take(bureau, "record_comparison")
        return [UUID(hit) for hit in found]

    async def settle(self, hit: UUID, answer: Answer) -> None:
        """The county settles a hit."""
        (paper,) = await self.it.evidence(bureau, COUNTY, "explanation")
        command = SettleHit(hit_id=hit, answer=answer, reason="农用三轮车，用于生产运输", evidence_id=paper)
        await self.it.run(command, bureau)

    async def checked(self, hits: Sequence[str] = (), **found: Any) -> list[UUID]:
        """From RECEIVED to COMPARED."""
        await self.take(clerk, "assign")
        await self.take(farmer, "authorise", "authorisation", form=authorisation())
        await self.check(**found)
        await self.visit()
        settled = await self.compare(hits)
        await self.take(clerk, "conclude_check")
        return settled

    async def reviewed(self, **votes: int) -> None:
        """The village review."""
        form = VOTES | votes
        await self.take(committee, "review_village", "review_minutes", "attendance_list", form=form)

    async def published(self) -> None:
        """The notice hangs its time and is proven."""
        await self.take(secretary, "publicise", form={"contact": "村委会公示栏，0459-6000000"})
        await self.it.run_notice(secretary, self.case_id, VILLAGE, last_day_in=5)

    async def approved(self) -> None:
        """Township and county agree, and it is announced."""
        await self.take(town_leader, "check_township", "on_site_verification")
        form = {"kind": "EDGE", "kind_reason": "人均收入低于监测范围且因病支出"}
        await self.take(approver, "approve_county", "approval_record", form=form)
        await self.take(bureau, "announce")

    async def enrolled(self, step: str = "enrol") -> None:
        """The whole way from RECEIVED to ENROLLED."""
        await self.checked()
        await self.reviewed()
        await self.published()
        await self.approved()
        await self.take(bureau, step)

    async def planned(self, measures: Sequence[dict[str, Any]] = tuple(PLAN)) -> list[UUID]:
        """A helper and a plan; gives the ids of the measures."""
        await self.it.run(AssignHelper(household_id=self.household_id, helper=helper.id), clerk)
        await self.take(helper, "plan", form={"measures": measures})
        rows = await fetch(
            self.it, "SELECT id FROM measure WHERE household_id = $1 ORDER BY due_on, id", self.household_id
        )
        return [row["id"] for row in rows]

    async def deliver(self, measure_id: UUID) -> None:
        """One measure from PLANNED to DELIVERED."""
        await self.it.step(helper, MEASURE, measure_id, "apply")
        await self.it.step(town_leader, MEASURE, measure_id, "approve")
        await self.it.step(helper, MEASURE, measure_id, "begin")
        proof = await self.it.evidence(helper, VILLAGE, "delivery_proof")
        await self.it.step(helper, MEASURE, measure_id, "deliver", form={"amount": "1200.00"}, evidence=proof)


@dataclass
class Ending:
    """The elimination of a household on its way."""

    home: Home
    elimination_id: UUID
    case_id: UUID

    async def take(self, actor: Any, step: str, *kinds: str, **asked: Any) -> StepTaken:
        """A step of the elimination, with evidence of the given kinds."""
        it = self.home.it
        evidence = await it.evidence(actor, VILLAGE, *kinds)
        return await it.step(actor, ELIMINATION, self.elimination_id, step, evidence=evidence, **asked)

    async def visited(self, **changed: Any) -> None:
        """The check of the elimination, signed by two."""
        command = {
            "of": "elimination",
            "subject_id": self.elimination_id,
            "visited_on": self.home.it.clock.now().date(),
            "member_ids": self.home.member_ids,
            "nil": ["business", "business_expense", "property", "claims", "self_paid"],
            **NOTHING_WRONG,
            "rigid_spending": "solved",
            "stable_months": 8,
            **changed,
        }
        await self.home.it.run(RecordHouseholdCheck.model_validate(command), helper)
        await self.take(committee, "visit", *VISIT)
        await self.take(helper, "visit", *VISIT)

    async def review(self) -> None:
        """The village review."""
        await self.take(committee, "review_village", "review_minutes", "attendance_list", form=VOTES)

    async def announced(self) -> None:
        """From VISITED to ANNOUNCED."""
        await self.review()
        await self.take(secretary, "publicise", form={"contact": "村委会公示栏"})
        await self.home.it.run_notice(secretary, self.case_id, VILLAGE, last_day_in=5)
        await self.take(town_leader, "check_township", "on_site_verification")
        await self.take(approver, "approve_county", "approval_record")
        await self.take(bureau, "announce")


def authorisation(**changed: Any) -> dict[str, Any]:
    """What a household signs."""
    return {"sources": list(SOURCES), "valid_until": "2025-12-31", **changed}


async def adopt_line(it: Bench, amount: str = "8700.00") -> None:
    """A line for the county, in force from the next day on; the clock steps there and back to the morning after."""
    day = it.clock.now().date()
    it.clock.forward(days=-30)
    proposed = ProposeLine.model_validate(
        {"area_code": COUNTY, "effective_from": day, "amount": amount, "basis": "flat", "document": "庆农发〔2024〕1号"}
    )
    await it.run(proposed, bureau)
    await it.run(AdoptLine.model_validate({"area_code": COUNTY, "effective_from": day}), leader)
    it.clock.forward(days=30)


async def declare(it: Bench, household_id: UUID, amounts: dict[str, str]) -> None:
    """Income of one kind by month, as `2024-03 wage`."""
    lines = [{"month": key.split()[0], "kind": key.split()[1], "amount": amount} for key, amount in amounts.items()]
    await it.run(DeclareIncome.model_validate({"household_id": household_id, "lines": lines}), helper)


async def report(it: Bench, household_id: UUID, item: str = "inpatient_self_paid", on: str = "2024-05-18") -> UUID:
    """A clue on the household."""
    command = ReportClue.model_validate(
        {"area_code": VILLAGE, "source": "CADRE", "item": item, "event_on": on, "household_id": household_id}
    )
    return UUID((await it.run(command, committee)).result["clue_id"])


async def at_home(it: Bench, *labour: str, line: bool = True, on: str = "2024-05-18") -> Home:
    """A household of as many members as labour codes, with low income and a clue that is taken up."""
    if line:
        await adopt_line(it)
    relations = ("HEAD", "SPOUSE", "SON", "DAUGHTER")
    members = [member(1 + place, relations[place], code) for place, code in enumerate(labour or ("NORMAL", "WEAK"))]
    made = await household(it, *members)
    await declare(it, made.household_id, {"2024-01 wage": "9000.00", "2024-02 transfer": "1000.00"})
    clue = await report(it, made.household_id, on=on)
    return await taken_up(it, made.household_id, made.member_ids, clue)


async def taken_up(it: Bench, household_id: UUID, member_ids: tuple[UUID, ...], clue: UUID) -> Home:
    """The identification that a clue opens."""
    opened = (await it.run(OpenIdentification(clue_id=clue), clerk)).result
    return Home(it, household_id, member_ids, UUID(opened["identification_id"]), UUID(opened["case_id"]))


async def proposed(home: Home, mode: str = "by_assistance", reason: str = "") -> Ending:
    """The elimination of an enrolled household, proposed."""
    command = ProposeElimination.model_validate(
        {"household_id": home.household_id, "mode": mode, "natural_reason": reason}
    )
    opened = (await home.it.run(command, committee)).result
    return Ending(home, UUID(opened["elimination_id"]), UUID(opened["case_id"]))
