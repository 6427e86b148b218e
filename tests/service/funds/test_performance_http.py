"""A year of performance management over HTTP: goals to their published result, the evaluation, next year's factor (§5)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.service.funds.county import COUNTY, PEOPLE
from tests.service.funds.door import Door, open_door
from tests.service.funds.goals import ACTUALS, PASS, figures, table
from tests.service.funds.works import Works

pytestmark = pytest.mark.asyncio


@dataclass(frozen=True)
class Desk:
    """Requests that are expected to succeed, with the files that a step brings."""

    door: Door
    works: Works

    async def post(self, who: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = await self.door.send(who, f"/v1{path}", body)
        assert answer.status_code < 300, answer.text
        result: dict[str, Any] = answer.json()["result"]
        return result

    async def step(self, who: str, path: str, *evidence: str, reason: str = "", **form: Any) -> dict[str, Any]:
        answer = await self.attempt(who, path, *evidence, reason=reason, **form)
        assert answer.status_code < 300, answer.text
        result: dict[str, Any] = answer.json()["result"]
        return result

    async def attempt(self, who: str, path: str, *evidence: str, reason: str = "", **form: Any) -> Any:
        files = await self.works.county.bench.evidence(PEOPLE[who], str(PEOPLE[who].grants[0].area), *evidence)
        body = {**form, "evidence": [str(key) for key in files], "reason": reason}
        return await self.door.step(who, f"/v1{path}", body)

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.door.get("auditor", f"/v1{path}", **params)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest_asyncio.fixture
async def desk(works: Works, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_door(works.county, PEOPLE, tmp_path / "evidence") as door:
        yield Desk(door, works)


async def monitored(desk: Desk) -> str:
    """A table from its entry to a monitoring; its project's plan was approved before it."""
    body = {
        "area_code": COUNTY,
        "project_id": str(desk.works.project),
        "year": 2023,
        "title": "冷棚育苗基地绩效目标表",
        "content": table(),
    }
    goal: str = (await desk.post("unit", "/goals", body))["id"]
    again = await desk.door.send("unit", "/v1/goals", body)
    assert again.json()["errors"][0]["code"] == "DUPLICATE_GOALS"
    path = f"/goals/{goal}"
    revision = {"content": table(), "based_on": 1, "reason": "按审核意见完善"}
    assert (await desk.post("unit", f"{path}/revisions", revision))["version_no"] == 2
    await desk.step("unit", f"{path}/declare")
    await desk.step("sector", f"{path}/review-sector", **PASS)
    await desk.step("finance_reviewer", f"{path}/review-finance", **PASS)
    (plan,) = await desk.works.county.look("SELECT DISTINCT plan_id FROM plan_line")
    await desk.step("group", f"{path}/approve", plan_id=str(plan["plan_id"]))
    await desk.step("bureau_head", f"{path}/publish")
    desk.works.county.bench.clock.set(datetime(2023, 7, 31, 2, tzinfo=UTC))
    await desk.step("unit", f"{path}/monitor", as_of="2023-07-31", figures=figures(ACTUALS))
    return goal


async def paid(desk: Desk) -> None:
    """951 234.57 of 1 000 000.00 arrive."""
    works = desk.works
    contract = await works.contract("1000000.00")
    await works.certify(contract, "1000000.00")
    await works.county.adopt({"payment.max_before_acceptance": "1", "progress.max_pay_before_settlement": "1"})
    await works.pay(contract, "progress", "951234.57")


async def test_a_table_from_its_entry_to_its_published_result(desk: Desk) -> None:
    """Scenario 66 over the ledger: 951 234.57 of 1 000 000.00 paid → 91.91, 优; finance rechecks what was drawn."""
    await paid(desk)
    goal = await monitored(desk)
    path = f"/goals/{goal}"
    await desk.step("unit", f"{path}/self-evaluate", "self_evaluation_report", figures=figures(ACTUALS))
    shown = await desk.get(path)
    assert (shown["score"], shown["grade_zh"], shown["state"]) == ("91.91", "优", "SELF_EVALUATED")
    (score,) = shown["scores"]
    assert (score["execution"], score["output"], score["benefit"], score["satisfaction"]) == (
        "9.51",
        "45.32",
        "27.30",
        "9.78",
    )
    early = await desk.attempt("finance_leader", f"{path}/conclude")
    assert early.json()["errors"][0]["code"] == "RECHECK_SAMPLE"

    drawn = await desk.post("finance_leader", "/goal-samples", {"area_code": COUNTY, "year": 2023})
    assert (drawn["tables"], drawn["drawn"]) == (1, [goal])
    assert [each["drawn"] for each in (await desk.get("/goal-samples", area_code=COUNTY))["items"]] == [1]
    found = figures(ACTUALS | {"C1": "16"})
    await desk.step("finance_reviewer", f"{path}/recheck", reason="现场核查里程16公里", figures=found)
    await desk.step("finance_leader", f"{path}/conclude-rechecked")
    (told,) = await desk.works.county.events("funds.performance.evaluated")
    assert (told["score_hundredths"], told["grade"], told["subject_id"]) == (8991, "good", str(desk.works.project))
    listed = (await desk.get("/goals", area_code=COUNTY, year=2023))["items"]
    assert [(each["score"], each["grade_zh"], each["state"]) for each in listed] == [("89.91", "良", "FINAL")]

    params = {"area_code": COUNTY, "period_start": "2023-01-01", "as_of": "2023-12-31"}
    report = await desk.get("/report-kinds/funds.performance/preview", **params)
    names = [column["name"] for column in report["columns"]]
    (row,) = report["rows"]
    printed = dict(zip(names, row, strict=True))
    assert (printed["rate"], printed["score"], printed["grade"], printed["kind"]) == (
        "95.12",
        "89.91",
        "良",
        "财政复核",
    )


async def test_the_evaluation_of_a_county_gives_next_years_factor(desk: Desk) -> None:
    """§5.6, §5.7: computed where data exist, placeholders flagged, the rest by hand with its document."""
    await paid(desk)
    await monitored(desk)
    desk.works.county.bench.clock.set(datetime(2024, 1, 10, 2, tzinfo=UTC))
    opened = await desk.post("finance_clerk", "/evaluations", {"area_code": COUNTY, "year": 2023})
    assert opened["is_placeholder"] is True
    path = f"/evaluations/{opened['id']}"
    filled = await desk.post("finance_clerk", f"{path}/figures")
    # 95.12 % spent wins all of C2; the one project is started, not completed; goals lack their self-evaluation.
    scores = filled["scores"]
    assert (scores["C2"], scores["C1"], scores["B2"], scores["B1"], scores["C5"]) == (1000, 500, 750, 1000, 500)
    assert filled["without_data"] == ["B4", "C4"]

    early = await desk.attempt("finance_clerk", f"{path}/submit")
    assert early.json()["errors"][0]["code"] == "EVALUATION_INCOMPLETE"
    own = {"code": "C2", "points": "10", "basis": "自行评定", "document_no": "同财绩〔2024〕1号"}
    wrong = await desk.door.send("finance_clerk", f"/v1{path}/scores", own)
    assert wrong.json()["errors"][0]["code"] == "SCORED_BY_DATA"
    beyond = own | {"code": "D1", "points": "5.01"}
    wrong = await desk.door.send("finance_clerk", f"/v1{path}/scores", beyond)
    assert wrong.json()["errors"][0]["code"] == "SCORE_OUT_OF_RANGE"
    for code, points in {"B3": "9", "B4": "8", "C3": "9.5", "C4": "8", "C6": "4", "D3": "-2"}.items():
        await desk.post("finance_clerk", f"{path}/scores", own | {"code": code, "points": points})
    await desk.step("finance_clerk", f"{path}/submit")
    await desk.step("finance_leader", f"{path}/confirm", "evaluation_report")

    shown = await desk.get(path)
    assert {line["placeholder_zh"] for line in shown["lines"]} == {"占位"}
    whole = sum(scores.values()) + 900 + 800 + 950 + 800 + 400 - 200
    assert shown["score"] == f"{whole // 100}.{whole % 100:02d}"
    factor = await desk.get("/performance-factors", area_code=COUNTY, year=2024)
    assert (factor["score"], factor["grade"], factor["is_placeholder"]) == (shown["score"], shown["grade"], True)
    none = await desk.door.get("auditor", "/v1/performance-factors", area_code=COUNTY, year=2025)
    assert none.status_code == 404
    assert [each["state"] for each in (await desk.get("/evaluations", year=2023))["items"]] == ["CONFIRMED"]
