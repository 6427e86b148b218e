"""One household's way (一户的路): from a clue to the register of monitored households, or to a refusal; and out of risk again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.suite.demo.cast import Cast
from services.suite.demo.client import StoryBroken
from services.suite.people import COUNTY, PERSONAS

_SOURCES = ("fiscal", "public_security", "market_supervision", "housing", "social_insurance")
_OFFICES = ("bureau", "civil_affairs", "medical_insurance", "education", "housing", "water")
_VISIT = ("income_sheet", "guarantee_sheet", "visit_photo", "household_signature")
_NIL = ["business", "business_expense", "property", "claims", "self_paid"]
_WELL = {"education": "OK", "medical": "OK", "housing": "OK", "water": "OK"}
_PLAN = [{"kind": "medical_relief", "item": "大病救助"}, {"kind": "industry", "item": "养殖补助"}]
_NOTICE_DAYS = 5


@dataclass(slots=True)
class Way:
    """A household on its way, with the ids of its cases."""

    cast: Cast
    household: str
    members: list[str]
    identification: str
    case: str

    async def take(self, persona: str, step: str, *evidence: str, **asked: Any) -> dict[str, Any]:
        """A step of the identification."""
        return await self.cast.take(
            persona, "monitoring/identifications", self.identification, step, *evidence, **asked
        )

    async def checked(self, hits: Sequence[str] = ()) -> list[str]:
        """Assigned, authorised, visited by two, compared; gives the ids of the hits."""
        await self.take("township_clerk", "assign")
        await self.authorised_and_visited()
        found = await self.compared(hits)
        await self.take("township_clerk", "conclude_check")
        return found

    async def authorised_and_visited(self) -> None:
        """The household signs, two people visit and sign."""
        signed = {"sources": list(_SOURCES), "valid_until": "2027-12-31"}
        await self.take("household", "authorise", "authorisation", form=signed)
        await self.sheet("identifications", self.identification, risks=["ILLNESS"], rigid_spending="open")
        await self.take("village_committee", "visit", *_VISIT)
        await self.take("helper", "visit", *_VISIT)

    async def sheet(self, of: str, subject: str, **changed: Any) -> None:
        """Write the household check (入户核查表)."""
        body = {
            "visited_on": self.cast.client.today.isoformat(),
            "member_ids": self.members,
            "nil": _NIL,
            **_WELL,
            **changed,
        }
        await self.cast.client.post("helper", f"/monitoring/v1/{of}/{subject}/check", body)

    async def compared(self, hits: Sequence[str]) -> list[str]:
        """Five sources are asked; the register of cars reports the hits."""
        client = self.cast.client
        await self.take("bureau_clerk", "request_comparison")
        page = await client.get("bureau_clerk", f"/monitoring/v1/identifications/{self.identification}/comparisons")
        found: list[str] = []
        for comparison in page:
            stated = hits if comparison["source"] == "public_security" else ()
            body = {"hits": [{"code": code, "note": "2021年登记小型轿车"} for code in stated]}
            answered = await client.post("agency", f"/monitoring/v1/comparisons/{comparison['id']}/answer", body)
            found += answered["hit_ids"]
        await self.take("bureau_clerk", "record_comparison")
        return found

    async def enrolled(self) -> None:
        """Reviewed, published, checked by township and county, announced, enrolled."""
        client = self.cast.client
        day = client.today.isoformat()
        vote = {"held_on": day, "entitled": 30, "present": 24, "in_favour": 22, "against": 1, "abstained": 1}
        await self.take("village_committee", "review_village", "review_minutes", "attendance_list", form=vote)
        await self.take("first_secretary", "publicise", form={"contact": "太安村村委会公示栏"})
        refusal = await client.step_refused(
            "township_leader",
            "monitoring/v1/identifications",
            self.identification,
            "check_township",
            "PUBLICITY_RUNNING",
        )
        self.cast.teller.aside(f"提前结束公示被拒：{refusal.get('code')} / the notice cannot end early")
        await self.cast.hang("first_secretary", "monitoring", [self.case], _NOTICE_DAYS)
        await self.take("township_leader", "check_township", "on_site_verification")
        kind = {"kind": "EDGE", "kind_reason": "人均收入低于监测范围，且大额医疗支出"}
        await self.take("bureau_approver", "approve_county", "approval_record", form=kind)
        await self.take("bureau_clerk", "announce")
        await self.take("bureau_clerk", "enrol")

    async def rest(self) -> None:
        """What follows the assignment, up to the enrolment."""
        await self.authorised_and_visited()
        await self.compared(())
        await self.take("township_clerk", "conclude_check")
        await self.enrolled()

    async def refused(self, hit: str) -> dict[str, Any]:
        """The county holds the hit confirmed, the joint review rejects, the applicant is told why."""
        client = self.cast.client
        (paper,) = await client.evidence("bureau_clerk", "monitoring", str(COUNTY), "explanation")
        settled = {"answer": "confirmed", "reason": "非生产用车，家庭有能力负担", "evidence_id": paper}
        await client.post("bureau_clerk", f"/monitoring/v1/comparison-hits/{hit}/settlement", settled)
        review = {
            "held_on": client.today.isoformat(),
            "members": [*_OFFICES, "public_security"],
            "finding": "REJECT",
            "finding_reason": "家庭财产足以应对",
        }
        await self.take("bureau_approver", "hold_joint_review", "joint_review_minutes", form=review)
        reason = "名下有非生产用小汽车，不符合纳入条件；可凭新情况再次申请"
        await self.take("bureau_approver", "reject_joint_review", reason=reason)
        told = {"channel": "visit"}
        await client.post("village_committee", f"/monitoring/v1/identifications/{self.identification}/telling", told)
        shown: dict[str, Any] = await client.get("household", f"/monitoring/v1/identifications/{self.identification}")
        return shown

    async def assisted(self) -> list[str]:
        """A helper, a plan, two measures delivered; gives their ids."""
        client = self.cast.client
        helper = next(str(persona.id) for persona in PERSONAS if persona.name == "helper")
        await client.post("township_clerk", f"/monitoring/v1/households/{self.household}/helpers", {"helper": helper})
        await self.take("helper", "plan", form={"measures": _PLAN})
        page = await client.get("helper", f"/monitoring/v1/households/{self.household}/measures")
        measures = [measure["id"] for measure in page]
        if len(measures) != len(_PLAN):
            raise StoryBroken(f"a plan of {len(_PLAN)} measures made {len(measures)}")
        for measure in measures:
            await self.deliver(measure)
        return measures

    async def deliver(self, measure: str) -> None:
        """One measure from its plan to its effect."""
        plural = "monitoring/measures"
        await self.cast.take("helper", plural, measure, "apply")
        await self.cast.take("township_leader", plural, measure, "approve")
        await self.cast.take("helper", plural, measure, "begin")
        await self.cast.take("helper", plural, measure, "deliver", "delivery_proof", form={"amount": "1200.00"})

    async def eliminated(self) -> None:
        """Proposed by the village, visited, reviewed, published, approved, marked."""
        client = self.cast.client
        body = {"mode": "by_assistance"}
        opened = await client.post(
            "village_committee", f"/monitoring/v1/households/{self.household}/eliminations", body
        )
        subject, plural = opened["elimination_id"], "monitoring/eliminations"
        await self.sheet("eliminations", subject, rigid_spending="solved", stable_months=8)
        await self.cast.take("village_committee", plural, subject, "visit", *_VISIT)
        await self.cast.take("helper", plural, subject, "visit", *_VISIT)
        day = client.today.isoformat()
        vote = {"held_on": day, "entitled": 30, "present": 25, "in_favour": 25, "against": 0, "abstained": 0}
        await self.cast.take(
            "village_committee", plural, subject, "review_village", "review_minutes", "attendance_list", form=vote
        )
        await self.cast.take("first_secretary", plural, subject, "publicise", form={"contact": "太安村村委会公示栏"})
        await self.cast.hang("first_secretary", "monitoring", [opened["case_id"]], _NOTICE_DAYS)
        await self.cast.take("township_leader", plural, subject, "check_township", "on_site_verification")
        await self.cast.take("bureau_approver", plural, subject, "approve_county", "approval_record")
        await self.cast.take("bureau_clerk", plural, subject, "announce")
        await self.cast.take("bureau_clerk", plural, subject, "mark")


async def taken_up(cast: Cast, clue: str) -> Way:
    """The identification that a clue opens."""
    opened = await cast.client.post("township_clerk", "/monitoring/v1/identifications", {"clue_id": clue})
    household = opened["household_id"]
    seen = await cast.client.get("village_committee", f"/monitoring/v1/households/{household}")
    members = sorted(member["id"] for member in seen["members"])
    return Way(cast, household, members, opened["identification_id"], opened["case_id"])


async def declare(cast: Cast, household: str, amounts: dict[str, str]) -> None:
    """Income by month and kind, as `2024-03 wage`."""
    lines = [{"month": key.split()[0], "kind": key.split()[1], "amount": amount} for key, amount in amounts.items()]
    await cast.client.post("helper", f"/monitoring/v1/households/{household}/income", {"lines": lines})
