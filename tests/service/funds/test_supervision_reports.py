"""What offices report for supervision, over HTTP, and the alerts that come of it (§4.2: FW42, FW46, FW48)."""

from typing import Any
from uuid import UUID

import pytest

from shared.checks.commands import RunChecks
from shared.kernel.actors import SYSTEM
from tests.service.funds.county import COUNTY, PEOPLE, TOWN, VILLAGE, County, entry
from tests.service.funds.door import Door, open_door
from tests.service.funds.works import treasury

pytestmark = pytest.mark.asyncio

DAY: dict[str, Any] = {"area_code": COUNTY, "on": "2023-01-03", "paid": "0.01", "statement_no": "DZ〔2023〕1号"}


@pytest.fixture
def people() -> dict[str, Any]:
    return {**PEOPLE, "treasury": treasury}


async def rules_of(door: Door, *rules: str) -> list[tuple[str, str, str]]:
    listed = (await door.get("auditor", "/v1/alerts")).json()["items"]
    return [(each["rule_id"], each["owner"], each["state"]) for each in listed if each["rule_id"] in rules]


async def test_a_day_of_the_bank_is_reported_corrected_and_compared(
    county: County, people: dict[str, Any], tmp_path: Any
) -> None:
    async with open_door(county, people, tmp_path) as door:
        assert (await door.send("finance_clerk", "/v1/bank-days", DAY)).status_code == 403
        told = await door.send("treasury", "/v1/bank-days", DAY)
        assert (told.status_code, told.json()["result"]["area_code"]) == (201, COUNTY)
        tomorrow = await door.send("treasury", "/v1/bank-days", DAY | {"on": "2023-01-04"})
        assert (tomorrow.status_code, tomorrow.json()["code"]) == (422, "DAY_TO_COME")
        await county.run(RunChecks(), SYSTEM)
        assert await rules_of(door, "FW42") == [("FW42", "treasury", "ASSIGNED")]
        await door.send("treasury", "/v1/bank-days", DAY | {"paid": "0.00"})
        (kept,) = (await door.get("auditor", "/v1/bank-days", area_code=COUNTY)).json()["items"]
        assert (kept["on"], kept["paid"], kept["returned"]) == ("2023-01-03", "0.00", "0.00")
        await county.run(RunChecks(), SYSTEM)
        (alert,) = (await door.get("auditor", "/v1/alerts", rule="FW42")).json()["items"]
        assert (alert["severity"], alert["cleared_on"]) == ("red", "2023-01-03")  # a person still stands for its end


async def test_a_township_tells_what_lies_on_its_account(county: County, people: dict[str, Any], tmp_path: Any) -> None:
    body = {"area_code": TOWN, "as_of": "2023-01-03", "balance": "9.00"}
    async with open_door(county, people, tmp_path) as door:
        assert (await door.send("unit", "/v1/township-balances", body)).status_code == 403
        wrong = await door.send("finance_clerk", "/v1/township-balances", body | {"area_code": VILLAGE})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "TOWNSHIP_REQUIRED")
        assert (await door.send("town_clerk", "/v1/township-balances", body)).status_code == 201
        county.bench.clock.forward(days=16)
        await county.run(RunChecks(), SYSTEM)
        assert await rules_of(door, "FW48") == [("FW48", "township_clerk", "ASSIGNED")]
        now = body | {"as_of": "2023-01-19", "balance": "0.00"}
        assert (await door.send("finance_clerk", "/v1/township-balances", now)).status_code == 201
        listed = (await door.get("auditor", "/v1/township-balances", area_code=COUNTY)).json()["items"]
        assert [each["balance"] for each in listed] == ["0.00", "9.00"]
        await county.run(RunChecks(), SYSTEM)
        assert await rules_of(door, "FW48") == [("FW48", "township_clerk", "CLOSED")]


async def test_a_roster_of_labour_pay_counts_once(county: County, people: dict[str, Any], tmp_path: Any) -> None:
    project = await county.enter(entry())
    body = {"reference": "LW-0001", "period": "2022-12", "persons": 12, "amount": "36000.00", "paid_on": "2023-01-03"}
    async with open_door(county, people, tmp_path) as door:
        path = f"/v1/projects/{project}/labour-pay"
        assert (await door.send("village", path, body)).status_code == 403
        assert (await door.send("unit", path, body)).status_code == 201
        again = await door.send("unit", path, body | {"amount": "1.00"})
        assert (again.status_code, again.json()["code"]) == (409, "REFERENCE_USED")
        (roster,) = (await door.get("auditor", "/v1/labour-pay", project_id=str(project))).json()["items"]
        assert (roster["amount"], roster["persons"]) == ("36000.00", 12)


async def test_the_field_tells_how_far_works_are_and_the_unit_does_not(
    county: County, people: dict[str, Any], tmp_path: Any
) -> None:
    project = await county.enter(entry())
    (photo,) = await county.bench.evidence(PEOPLE["village"], VILLAGE, "site_photo")
    body = {"progress_ppm": 250_000, "evidence_id": str(photo)}
    async with open_door(county, people, tmp_path) as door:
        path = f"/v1/projects/{project}/site-progress"
        assert (await door.send("unit", path, body)).status_code == 403
        assert (await door.send("village", path, body | {"evidence_id": str(project)})).status_code == 404
        assert (await door.send("village", path, body)).status_code == 201
        (shown,) = (await door.get("auditor", "/v1/site-progress", project_id=str(project))).json()["items"]
        assert (shown["seen_on"], shown["progress_ppm"]) == ("2023-01-03", 250_000)


async def in_state(county: County, project: UUID, state: str) -> None:
    """As if the project had come so far: the steps to it are tested where they are taken."""
    async with county.bench.database.write(SYSTEM) as tx:
        await tx.raw.execute("UPDATE case_file SET state = $1 WHERE subject_id = $2", state, project)
        await tx.session.commit()


async def test_a_final_account_is_approved_once_for_completed_works_by_a_number_of_its_own(
    county: County, people: dict[str, Any], tmp_path: Any
) -> None:
    project, other = [await county.enter(entry(name=name)) for name in ("育苗棚建设项目", "冷库建设项目")]
    body = {"document_no": "同财决〔2023〕1号", "approved_on": "2023-01-03", "amount": "951234.57"}
    async with open_door(county, people, tmp_path) as door:
        path = f"/v1/projects/{project}/final-account"
        assert (await door.send("unit", path, body)).status_code == 403
        early = await door.send("finance_clerk", path, body | {"approved_on": "2023-01-04"})
        assert (early.status_code, early.json()["code"]) == (422, "DAY_TO_COME")
        for state in ("IMPLEMENTING", "SUSPENDED", "EXITED"):
            await in_state(county, project, state)
            undone = await door.send("finance_clerk", path, body)
            assert (undone.status_code, undone.json()["code"]) == (409, "NOT_COMPLETED")
        await in_state(county, project, "COMPLETED")
        await in_state(county, other, "SETTLED")
        assert (await door.send("finance_clerk", path, body)).status_code == 201
        again = await door.send("sector", path, body)
        assert (again.status_code, again.json()["code"]) == (409, "FINAL_ACCOUNT_KNOWN")
        path = f"/v1/projects/{other}/final-account"
        used = await door.send("finance_clerk", path, body)
        assert (used.status_code, used.json()["code"]) == (409, "DOCUMENT_USED")
        (shown,) = (await door.get("auditor", "/v1/final-accounts", area_code=COUNTY)).json()["items"]
        assert (shown["project_id"], shown["amount"]) == (str(project), "951234.57")
        assert (await door.send("finance_clerk", path, body | {"document_no": "同财决〔2023〕2号"})).status_code == 201
